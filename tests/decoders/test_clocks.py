"""The clocks of packets' sources: which drift, and which do not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.clocks import ClockWatch
from decoders.packet import PacketBytes
from decoders.profile.columns import Column, Columns

RATE_HZ = 1000
EPOCH = 1_700_000_000
HOST, METER = 1, 2
Said = tuple[float, int, int]
"""When a packet began in seconds, its source, and its header's time."""


def told(said: list[Said], cuts: list[int] | None = None, relayed: frozenset[int] = frozenset()) -> list[tuple[int, str]]:
    """Number and text of each finding; the packets come in batches cut at `cuts`."""
    watch = ClockWatch(RATE_HZ)
    findings = []
    borders = sorted({0, len(said), *(cut for cut in cuts or [] if cut < len(said))})
    for begin, end in itertools.pairwise(borders):
        findings += watch.feed(*batch(said[begin:end], begin + 1, relayed))
    return [(finding.record or 0, finding.text) for finding in findings]


def batch(said: list[Said], first_no: int, relayed: frozenset[int]) -> tuple[PacketBytes, Columns]:
    count = len(said)
    yes, nothing = np.ones(count, np.bool_), np.zeros(count, np.int64)
    start = np.array([round(at * RATE_HZ) for at, _, _ in said], np.int64)
    is_relayed = np.array([first_no + place in relayed for place in range(count)], np.bool_)
    packets = PacketBytes(first_no, np.empty(0, np.uint8), nothing, nothing, yes, yes, ~yes, is_relayed, start, start + 5, nothing)
    numbers: dict[str, Column] = {
        "source": np.array([source for _, source, _ in said], np.uint64),
        "time": np.array([time for _, _, time in said], np.uint32),
    }
    return packets, Columns(numbers, {}, yes, nothing)


def clock(seconds: int, rate: float, source: int = HOST, *, every: float = 1.0, ahead: float = 0.3) -> list[Said]:
    """Packets of a clock that gains `rate` of the time that passes."""
    times = [place * every for place in range(round(seconds / every))]
    return [(at, source, int(EPOCH + ahead + at * (1 + rate))) for at in times]


@pytest.mark.parametrize(("rate", "way"), [(0.05, "fast"), (-0.05, "slow"), (0.004, "fast"), (-0.1, "slow")])
def test_a_clock_that_drifts_is_told_once_with_its_rate(rate: float, way: str) -> None:
    found = told(clock(1200, rate))
    assert len(found) == 1
    ppm = float(found[0][1].split(" about ")[1].split()[0])
    assert ppm == pytest.approx(abs(rate) * 1e6, rel=0.2)
    assert found[0][1].startswith("the clock of 0000000000000001 runs about ")
    assert found[0][1].endswith(f" ppm too {way}")


def test_the_more_packets_the_sooner_a_drift_is_seen() -> None:
    dense, sparse = (told(clock(200, 0.05, every=every))[0][0] * every for every in (0.05, 1.0))
    assert dense < 15
    assert sparse > dense


@given(
    st.floats(-1e6, 1e6),
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 0.24)), min_size=1, max_size=200),
)
def test_a_clock_that_is_right_is_never_told_whatever_its_packets_wait(ahead: float, packets: list[tuple[float, float]]) -> None:
    said = sorted((round(at + wait, 3), HOST, int(EPOCH + ahead + at)) for at, wait in packets)
    assert told(said) == []


@pytest.mark.parametrize("step", [-86_400, -3.0, 1.0, 3.0, 3600])
def test_a_clock_that_is_set_once_does_not_drift(step: float) -> None:
    later = [(at + 100, source, int(time + 100 + step)) for at, source, time in clock(100, 0)]
    assert told(clock(100, 0) + later) == []


def test_a_clock_that_stands_or_jumps_about_does_not_drift() -> None:
    assert told([(at, HOST, EPOCH) for at in np.arange(0, 500, 0.5).tolist()]) == []
    random = np.random.default_rng(1)
    assert told([(float(at), HOST, EPOCH + int(random.integers(0, 1000))) for at in range(500)]) == []


def test_time_0_is_no_time() -> None:
    assert told([(at, source, 0) for at, source, _ in clock(200, 0.05)]) == []
    mixed = [packet for at, source, time in clock(200, 0) for packet in ((at, source, time), (at + 0.1, source, 0))]
    assert told(mixed) == []


def test_each_source_has_a_clock_of_its_own() -> None:
    both = sorted(clock(300, 0.05, HOST) + clock(300, 0, METER, every=0.7))
    assert [text.split()[3] for _, text in told(both)] == ["0000000000000001"]
    assert len(told(sorted(clock(300, 0.05, HOST) + clock(300, -0.05, METER)))) == 2


def test_what_was_seen_only_as_the_host_sent_it_on_says_nothing_of_its_source_s_clock() -> None:
    said = clock(300, 0.05)
    assert told(said, relayed=frozenset(range(1, len(said) + 1))) == []


@given(st.sampled_from([0.0, 0.05, -0.02]), st.lists(st.integers(1, 400), max_size=20))
def test_batches_do_not_matter(rate: float, cuts: list[int]) -> None:
    said = sorted(clock(300, rate, HOST) + clock(100, 0.1, METER))
    assert sorted(told(said, cuts)) == sorted(told(said))
