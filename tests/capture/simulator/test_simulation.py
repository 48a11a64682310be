"""The capture of a simulated system: the same however it is taken, and with what was lost left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from capture.simulator import simulation
from capture.simulator.faults import known
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.ledger import Entry
from capture.simulator.scenario import FaultPlan, load_scenario
from capture.simulator.simulation import Simulation, part_of
from decoders.core.chunk import LogicChunk, Lost, Runs
from tests.capture.simulator.live import HEAD, port, task

TEXT = (
    HEAD
    + port(1, "gas-index")
    + port(2, "valve", 'power = "high"')
    + task("clock", 0.4, "port = 1")
    + task("read", 0.5, "port = 2\ncodes = [0x0043_0500]\nevery_s = 0.07")
)
SCENARIO = load_scenario(TEXT, "small", known())
SECONDS = 1.5
NOISE = FaultPlan("bit-noise", 600 * NS_PER_MS)
GAP = FaultPlan("capture-gap", 700 * NS_PER_MS)


@dataclass(frozen=True)
class Whole:
    """Everything that a simulation gave, joined."""

    ticks: NDArray[np.int64]
    words: NDArray[np.uint64]
    analog: list[NDArray[np.float32]]
    ledger: list[Entry]
    lost: list[tuple[int, int]]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Whole)
            and np.array_equal(self.ticks, other.ticks)
            and np.array_equal(self.words, other.words)
            and all(np.array_equal(one, two) for one, two in zip(self.analog, other.analog, strict=True))
            and (self.ledger, self.lost) == (other.ledger, other.lost)
        )

    __hash__ = None  # type: ignore[assignment]  # compared, never kept by its value


def whole(seed: int = 0, faults: tuple[FaultPlan, ...] = (NOISE,), seconds: float = SECONDS) -> Whole:
    run = Simulation(SCENARIO, seconds, seed, faults)
    pieces = list(run.pieces())
    chunks = [chunk for piece in pieces for chunk in piece.logic]
    ticks, words = joined(chunks)
    analog = [np.concatenate([piece.analog[place] for piece in pieces]) for place in range(len(run.analog_channels))]
    lost: list[tuple[int, int]] = []
    for chunk in chunks:
        if isinstance(chunk, Lost):
            begin = lost.pop()[0] if lost and lost[-1][1] == chunk.start else chunk.start
            lost.append((begin, chunk.end))
    return Whole(ticks, words, analog, [entry for piece in pieces for entry in piece.ledger], lost)


def joined(chunks: list[LogicChunk]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Runs of chunks that follow each other, where the level changes."""
    at = 0
    for chunk in chunks:
        assert chunk.start == at
        at = chunk.end
    assert at == int(SECONDS * 4_000_000)
    runs = [chunk for chunk in chunks if isinstance(chunk, Runs)]
    ticks = np.concatenate([run.ticks for run in runs])
    words = np.concatenate([run.words for run in runs]).astype(np.uint64)
    changed = np.append(True, words[1:] != words[:-1])
    return ticks[changed], words[changed]


def test_the_same_arguments_give_the_same_bit_for_bit() -> None:
    assert whole() == whole()


def test_another_seed_gives_another_run() -> None:
    assert not np.array_equal(whole(0).ticks, whole(1).ticks)
    assert not np.array_equal(whole(0).analog[1], whole(1).analog[1])


@pytest.mark.parametrize("step_ns", [NS_PER_MS // 3, 7 * NS_PER_MS, 1_000 * NS_PER_MS])
def test_the_size_of_the_pieces_does_not_matter(step_ns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = whole(faults=(NOISE, GAP))
    monkeypatch.setattr(simulation, "STEP_NS", step_ns)
    monkeypatch.setattr(simulation, "FEW_RUNS", 0)
    odd = whole(faults=(NOISE, GAP))
    energies = [[entry for entry in run.ledger if entry["kind"] == "energy"] for run in (usual, odd)]
    for one, other in zip(*energies, strict=True):
        assert one["energy_j"] == pytest.approx(other["energy_j"], rel=1e-9)
        assert one["charge_c"] == pytest.approx(other["charge_c"], rel=1e-9)
    plain = [[entry for entry in run.ledger if entry["kind"] != "energy"] for run in (usual, odd)]
    assert plain[0] == plain[1]
    assert Whole(usual.ticks, usual.words, usual.analog, [], usual.lost) == Whole(odd.ticks, odd.words, odd.analog, [], odd.lost)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = Simulation(SCENARIO, 1.0, faults=(NOISE,)), Simulation(SCENARIO, SECONDS, faults=(NOISE,))
    some, more = (joined_until(run, 4_000_000) for run in (short, long))
    assert np.array_equal(some[0], more[0])
    assert np.array_equal(some[1], more[1])


def joined_until(run: Simulation, tick: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    runs = [chunk for piece in run.pieces() for chunk in piece.logic if isinstance(chunk, Runs)]
    ticks = np.concatenate([one.ticks for one in runs])
    words = np.concatenate([one.words for one in runs]).astype(np.uint64)
    changed = np.append(True, words[1:] != words[:-1]) & (ticks < tick)
    return ticks[changed], words[changed]


def test_a_gap_is_left_out_and_nothing_else() -> None:
    with_gap, without = whole(faults=(GAP,)), whole(faults=())
    first, end = 700 * 4_000, 750 * 4_000
    assert with_gap.lost == [(first, end)]
    for outside in (without.ticks < first, without.ticks >= end):
        assert np.isin(without.ticks[outside], with_gap.ticks).all()
    assert not ((with_gap.ticks >= first) & (with_gap.ticks < end)).any()
    assert all(np.array_equal(one, two) for one, two in zip(with_gap.analog, without.analog, strict=True))
    kinds = [entry for entry in with_gap.ledger if entry["kind"] != "fault"]
    assert kinds == without.ledger
    assert [entry["findings"] for entry in with_gap.ledger if entry["kind"] == "fault"] == [["gap"]]


def test_there_is_a_sample_of_each_trace_for_every_step() -> None:
    run = Simulation(SCENARIO, SECONDS)
    assert run.analog_channels == ("voltage1", "current1", "voltage2", "current2", "voltage2_12v", "current2_12v")
    assert run.analog_step == 4_000_000 // 20_000
    assert [len(trace) for trace in whole().analog] == [30_000] * 6


def test_without_an_analogue_rate_there_are_no_traces_and_no_energies() -> None:
    run = Simulation(SCENARIO, 1.0, analog_rate_hz=0)
    pieces = list(run.pieces())
    assert (run.analog_channels, [piece.analog for piece in pieces]) == ((), [[]] * len(pieces))
    assert not [entry for piece in pieces for entry in piece.ledger if entry["kind"] == "energy"]


def test_the_energies_are_those_of_the_traces() -> None:
    run = whole(seconds=1.5)
    energies = {(entry["port"], entry["rail"]): entry for entry in run.ledger if entry["kind"] == "energy"}
    assert set(energies) == {(1, "low"), (2, "low"), (2, "high")}
    for place, ends in enumerate([(1, "low"), (2, "low"), (2, "high")]):
        volts, amps = (run.analog[2 * place + side].astype(np.float64) for side in (0, 1))
        assert energies[ends]["charge_c"] == pytest.approx(float(amps.sum()) / 20_000, rel=0.01, abs=1e-7)
        assert energies[ends]["energy_j"] == pytest.approx(float((volts * amps).sum()) / 20_000, rel=0.02, abs=1e-6)


def test_the_ledger_tells_nothing_of_after_the_end() -> None:
    for seconds in (0.505, 0.5055, 0.506, 0.5065, 0.507):
        run = Simulation(SCENARIO, seconds, analog_rate_hz=0)
        entries = [entry for piece in run.pieces() for entry in piece.ledger]
        assert all(max(entry["time_ns"], entry.get("end_ns", 0)) <= run.end_ns for entry in entries)


RUNS = Runs(100, 200, np.array([100, 110, 150, 151], np.int64), np.array([1, 2, 3, 4], np.uint8))


@given(st.integers(100, 200), st.integers(100, 200))
@settings(max_examples=200)
def test_a_part_of_runs_has_the_levels_of_the_whole(one: int, other: int) -> None:
    start, end = min(one, other), max(one, other)
    part = part_of(RUNS, start, end)
    assert (part.start, part.end) == (start, end)
    levels = np.repeat(RUNS.words, np.diff(RUNS.ticks, append=200))[start - 100 : end - 100]
    assert np.array_equal(np.repeat(part.words, np.diff(part.ticks, append=end)), levels)
    assert RUNS.ticks.tolist() == [100, 110, 150, 151]
