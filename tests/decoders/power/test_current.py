"""The current of one rail: over the limit, where the rail is off, and on average."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from decoders.power.current import BLOCK, CurrentSeen, CurrentWatch, Stretch, samples_in
from tests.decoders.power.near import near

SAMPLE_NS = 100_000
"""Ten samples in a millisecond."""
LIMIT_A = 0.05


def seen(*parts: NDArray[np.float32], off: list[tuple[int, int]] | None = None) -> CurrentSeen:
    watch = CurrentWatch(SAMPLE_NS, LIMIT_A, off or [])
    for part in parts:
        watch.feed(part)
    return watch.finish()


def drawn(length: int, **amps: float) -> NDArray[np.float32]:
    """Samples of 1 µA with stretches of more, written as from_to=ampere."""
    trace = np.full(length, 1e-6, np.float32)
    for stretch, value in amps.items():
        first, last = map(int, stretch.removeprefix("a").split("_"))
        trace[first:last] = value
    return trace


def test_what_is_short_of_the_limit_is_none() -> None:
    assert seen(drawn(2000, a100_1100=0.0499)).over == []


def test_an_episode_of_too_much_has_its_length_mean_and_peak() -> None:
    trace = drawn(3000, a100_600=0.08)
    trace[300] = 0.2
    (over,) = seen(trace).over
    assert (over.first, over.last) == (97, 603)
    assert over.peak == near(0.2)
    assert over.mean == near((499 * 0.08 + 0.2 + 6e-6) / 506)


def test_less_than_a_millisecond_is_forgiven_where_the_mean_over_it_is() -> None:
    assert seen(drawn(2000, a100_106=0.08)).over == []
    assert len(seen(drawn(2000, a100_107=0.08)).over) == 1


def test_three_samples_count_at_least_however_long_they_are() -> None:
    watch = CurrentWatch(50_000_000, LIMIT_A)
    watch.feed(drawn(20, a5_6=0.14))
    watch.feed(drawn(20, a5_6=0.16))
    assert [(one.first, one.last) for one in watch.finish().over] == [(23, 28)]


def test_a_leak_is_looked_for_where_the_rail_is_off() -> None:
    trace = drawn(6000, a0_6000=4e-4)
    (leak,) = seen(trace, off=[(1000, 3000), (4000, 4900)]).leaks
    assert (leak.first, leak.last) == (1000, 3000)
    assert leak.mean == near(4e-4)


def test_five_microamperes_are_no_leak() -> None:
    assert seen(drawn(3000, a0_3000=4.99e-6), off=[(0, 3000)]).leaks == []


def test_a_gap_ends_everything() -> None:
    trace = drawn(4000, a1000_1006=0.08, a1007_1013=0.08)
    trace[1006] = np.nan
    assert seen(trace).over == []
    trace = drawn(4000, a0_4000=4e-4)
    trace[900] = np.inf
    assert [(one.first, one.last) for one in seen(trace, off=[(0, 1800)]).leaks] == []


def test_the_longest_stretch_is_averaged() -> None:
    trace = drawn(5000, a0_5000=2e-6)
    trace[3000:] = 6e-6
    trace[2000] = np.nan
    assert seen(trace).longest == Stretch(2001, 5000, near((999 * 2e-6 + 2000 * 6e-6) / 2999))
    assert seen().longest is None
    assert seen(np.full(10, np.nan, np.float32)).longest is None


def test_a_trace_in_other_units_is_scaled() -> None:
    watch = CurrentWatch(SAMPLE_NS, LIMIT_A, (), 1e-3, -0.01)
    watch.feed(np.full(100, 60.0, np.float32))
    assert watch.finish() == CurrentSeen([], [], Stretch(0, 100, near(0.05)))


def test_so_many_samples_last_for_a_duration() -> None:
    assert samples_in(1_000_000, 100_000) == 10
    assert samples_in(1_000_001, 100_000) == 11
    assert samples_in(1_000_000, 41.6666) == 24_001
    assert samples_in(10, 1e9, 3) == 3


levels = st.sampled_from([1e-6, 4e-6, 1e-5, 0.04, 0.06, 0.2, float("nan")])


@settings(max_examples=40)
@given(st.lists(st.tuples(levels, st.integers(1, 1500)), max_size=12), st.data())
def test_the_same_is_seen_however_the_samples_are_cut(runs: list[tuple[float, int]], data: st.DataObject) -> None:
    trace = np.repeat(np.array([level for level, _ in runs], np.float32), [length for _, length in runs])
    trace = np.tile(trace, BLOCK // max(1, len(trace)) + 2) if data.draw(st.booleans()) else trace
    cuts = sorted(data.draw(st.lists(st.integers(0, len(trace)), max_size=8)))
    off = [(100, len(trace) // 2), (len(trace) // 2 + 500, len(trace))]
    assert seen(*np.split(trace, cuts), off=off) == seen(trace, off=off)
