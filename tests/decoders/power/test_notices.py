"""The host's notices of power, and who sends on a port that is off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.power.codes import FALL_NS
from decoders.power.notices import NoticeWatch
from tests.decoders.bus.drawing import split
from tests.helpers.umi import PROFILES, RATE_HZ, Bench, decoded, dense, shipped, without

FALL = FALL_NS * RATE_HZ // 10**9
LIMITS_MA = {"off": 0, "low": 50, "high": 1000}


@pytest.fixture(params=PROFILES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(shipped(request.param))


def tell(bench: Bench, rail: str, port: int = 1) -> None:
    layout = bench.profile.frame_payloads["power"]
    bench.frame(port, "power", (0, port), layout.write({"port": port, "rail": rail, "limit_ma": LIMITS_MA[rail]}))


def idle(bench: Bench, port: int = 1) -> None:
    """A frame of the device's."""
    bench.frame(port, "idle", (port, 0))


def poll(bench: Bench, port: int = 1) -> None:
    """A frame of the host's."""
    bench.frame(port, "poll", (0, port))


def wait(bench: Bench) -> None:
    """Until the supply is gone."""
    bench.wave.wait(FALL)


def watched(bench: Bench, watch: NoticeWatch | None = None) -> tuple[NoticeWatch, list[int | None]]:
    watch = watch or NoticeWatch(bench.profile, RATE_HZ)
    pieces = decoded(bench.chunks(), bench.profile, bench.wiring)
    found = [finding.record for piece in pieces for finding in watch.feed(piece.frames)]
    watch.finish(bench.chunks()[-1].end)
    return watch, found


def test_nobody_sends_on_a_port_that_is_off(bench: Bench) -> None:
    tell(bench, "low")
    idle(bench)
    tell(bench, "off")
    wait(bench)
    idle(bench)
    poll(bench)
    idle(bench, 2)
    assert watched(bench)[1] == [4, 5]


def test_the_supply_may_last_for_a_moment_after_the_notice(bench: Bench) -> None:
    tell(bench, "off")
    idle(bench)
    assert watched(bench)[1] == []


@pytest.mark.parametrize("again", ["reset", "low", "high"])
def test_a_reset_or_another_notice_ends_it(bench: Bench, again: str) -> None:
    tell(bench, "off")
    wait(bench)
    if again == "reset":
        bench.frame(1, "reset", (0, 1))
    else:
        tell(bench, again)
    idle(bench)
    watch, found = watched(bench)
    assert found == []
    assert len(watch.said[0, 1].off) == 1


def test_a_device_that_powers_itself_may_send(bench: Bench) -> None:
    tell(bench, "off")
    wait(bench)
    idle(bench)
    watch = NoticeWatch(bench.profile, RATE_HZ)
    watch.self_powered.add((0, 1))
    assert watched(bench, watch)[1] == []


def test_what_the_host_said_before_a_gap_is_forgotten(bench: Bench) -> None:
    tell(bench, "off")
    start = bench.chunks()[-1].end + FALL
    bench.wave.wait(2 * FALL)
    idle(bench)
    watch = NoticeWatch(bench.profile, RATE_HZ)
    found = []
    for piece in decoded(without(dense(bench.wave.runs()), start, start + 5), bench.profile, bench.wiring):
        for gap in piece.gaps:
            watch.gap(gap.start)
        found += watch.feed(piece.frames)
    assert found == []
    assert watch.said[0, 1].off_since is None


def test_the_rails_of_which_the_host_spoke_are_known(bench: Bench) -> None:
    tell(bench, "low")
    tell(bench, "high")
    tell(bench, "low", 2)
    assert {place: said.rails for place, said in watched(bench)[0].said.items()} == {(0, 1): {"low", "high"}, (0, 2): {"low"}}


@given(st.lists(st.sampled_from(["off", "low", "reset", "idle", "poll", "wait", "other port"]), max_size=12), st.data())
def test_the_same_is_found_however_the_recording_is_cut(acts: list[str], data: st.DataObject) -> None:
    bench = Bench(shipped("reference-1"))
    for act in acts:
        match act:
            case "off" | "low":
                tell(bench, act)
            case "reset":
                bench.frame(1, "reset", (0, 1))
            case "wait":
                wait(bench)
            case "poll":
                poll(bench)
            case _:
                idle(bench, 1 if act == "idle" else 2)
    (whole,) = bench.chunks()
    cuts = sorted(data.draw(st.sets(st.integers(1, whole.end - 1), max_size=5)))
    found, said = [], []
    for chunks in ([whole], split(whole, cuts)):
        watch = NoticeWatch(bench.profile, RATE_HZ)
        pieces = decoded(chunks, bench.profile, bench.wiring)
        found.append([finding for piece in pieces for finding in watch.feed(piece.frames)])
        said.append(watch.said)
    assert found[0] == found[1]
    assert said[0] == said[1]
    assert [one.record for one in found[0]] == by_hand(acts)


def by_hand(acts: list[str]) -> list[int]:
    """Act by act: each but a wait is one frame."""
    found, no = [], 0
    off = gone = False
    for act in acts:
        if act == "wait":
            gone |= off
            continue
        no += 1
        if act in {"off", "low", "reset"}:
            off, gone = act == "off", False
        elif gone and act != "other port":
            found.append(no)
    return found
