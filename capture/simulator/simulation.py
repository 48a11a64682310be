"""The capture of a simulated system, piece by piece: logic, analogue traces, and the ledger of what truly happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.simulator.faults import arm, check_struck
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.ledger import Entry
from capture.simulator.logic_recorder import tick_of
from capture.simulator.rails import Rail
from capture.simulator.scenario import FaultPlan, Scenario
from capture.simulator.system import System
from decoders.core.chunk import LogicChunk, Lost, Runs

STEP_NS = 100 * NS_PER_MS
LONGEST_STEP_NS = 60 * NS_PER_S
FEW_RUNS, MANY_RUNS = 1 << 14, 1 << 18
"""Steps grow while they hold fewer runs than this, and shrink where they hold more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one stretch of simulated time gave; `analog` has the samples of each trace, in the order of their names."""

    logic: list[LogicChunk]
    analog: list[NDArray[np.float32]]
    ledger: list[Entry]


class Simulation:
    """One run of a scenario. `channels` names the logic lines and `analog_channels` the traces, one sample every `analog_step` ticks;
    without analogue rate there are none. The same arguments give the same pieces, bit for bit.
    """

    def __init__(
        self, scenario: Scenario, seconds: float, seed: int = 0, faults: tuple[FaultPlan, ...] = (),
        rate_hz: int | None = None, analog_rate_hz: int | None = None,
    ) -> None:  # fmt: skip
        self.rate_hz = rate_hz or scenario.rate_hz
        analog_rate = scenario.analog_rate_hz if analog_rate_hz is None else analog_rate_hz
        self.analog_step = self.rate_hz // analog_rate if analog_rate else 0
        self.system = System(scenario, seed, self.rate_hz)
        self.channels = self.system.recorder.channels
        self._rails = _rails(self.system) if analog_rate else {}
        self.analog_channels = tuple(name for rail in self._rails for name in rail)
        self.end_ns = round(seconds * NS_PER_S)
        self.gaps: list[tuple[int, int]] = []
        own = (plan for plan in scenario.faults if plan.at_ns is None or plan.at_ns < self.end_ns)
        self._chances = arm(self.system, self.gaps, (*own, *faults), self.end_ns)
        self._samples = 0

    def pieces(self) -> Iterator[Piece]:
        """Run to the end; UsageError, after the last piece, for a fault that never had its chance."""
        kernel, step = self.system.kernel, STEP_NS
        while kernel.now_ns < self.end_ns:
            kernel.run(min(kernel.now_ns + step, self.end_ns))
            runs = self.system.recorder.drain(kernel.now_ns)
            if len(runs.ticks) < FEW_RUNS:
                step = min(step * 2, LONGEST_STEP_NS)
            elif len(runs.ticks) > MANY_RUNS:
                step = max(step // 2, NS_PER_MS)
            analog = self._measured()
            if kernel.now_ns == self.end_ns:
                self._close()
            yield Piece(self._cut(runs), analog, self._told())
        check_struck(self._chances)

    def _told(self) -> list[Entry]:
        """What the ledger tells of the time of the capture; of a transfer that goes on behind its end it knows more."""
        return [entry for entry in self.system.ledger.take() if max(entry["time_ns"], entry.get("end_ns", 0)) <= self.end_ns]

    def _measured(self) -> list[NDArray[np.float32]]:
        if not self.analog_step:
            return []
        count = tick_of(self.system.kernel.now_ns, self.rate_hz) // self.analog_step
        ticks = np.arange(self._samples, count + 1, dtype=np.int64) * self.analog_step
        self._samples = count
        seconds, rest = np.divmod(ticks, self.rate_hz)
        edges = seconds * NS_PER_S + rest * NS_PER_S // self.rate_hz
        empty = np.empty(0, np.float32)
        measured = [rail.measure(edges) if len(edges) > 1 else (empty, empty) for rail in self._rails.values()]
        return [trace for pair in measured for trace in pair]

    def _close(self) -> None:
        """State what each rail has given, where it was measured."""
        for number, port in self.system.ports.items():
            for rail in filter(None, (port.low, port.high) if self._rails else ()):
                self.system.ledger.energy(self.end_ns, number, rail.kind.name, rail.charge_c, rail.energy_j)

    def _cut(self, runs: Runs) -> list[LogicChunk]:
        """Leave out what the capture lost."""
        chunks: list[LogicChunk] = []
        at = runs.start
        for start_ns, end_ns in self.gaps:
            start, end = (min(max(tick_of(time, self.rate_hz), at), runs.end) for time in (start_ns, end_ns))
            if start < end:
                chunks += [part_of(runs, at, start), Lost(start, end, "the logic analyser could not keep up")]
                at = end
        chunks.append(part_of(runs, at, runs.end))
        return [chunk for chunk in chunks if chunk.end > chunk.start]


def part_of(runs: Runs, start: int, end: int) -> Runs:
    """The runs within [start, end) of others."""
    if (start, end) == (runs.start, runs.end):
        return runs
    first = max(int(np.searchsorted(runs.ticks, start, "right")) - 1, 0)
    last = int(np.searchsorted(runs.ticks, end, "left"))
    ticks = runs.ticks[first:last].copy()
    if len(ticks):
        ticks[0] = max(ticks[0], start)
    return Runs(start, end, ticks if end > start else ticks[:0], runs.words[first:last] if end > start else runs.words[:0])


def _rails(system: System) -> dict[tuple[str, str], Rail]:
    """The rails by the names of their two traces."""
    rails: dict[tuple[str, str], Rail] = {}
    for number, port in system.ports.items():
        rails[f"voltage{number}", f"current{number}"] = port.low
        if port.high is not None:
            rails[f"voltage{number}_12v", f"current{number}_12v"] = port.high
    return rails
