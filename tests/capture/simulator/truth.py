"""A simulated run beside what the decoder makes of it, both as plain values in ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording
from app.analysis.records import packet_record
from app.analysis.wiring.power import with_power
from app.analysis.wiring.wiring import wiring_from_names
from capture.simulator.faults import fault_plan, known
from capture.simulator.ledger import Entry
from capture.simulator.logic_recorder import tick_of
from capture.simulator.scenario import Scenario, load_scenario
from capture.simulator.simulation import Piece, Simulation
from decoders.core.chunk import LogicChunk
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop
from tests.conftest import ROOT
from tests.helpers.umi import shipped

SCENARIOS = ROOT / "resources" / "scenarios"
FIELDS = (
    "port", "source", "destination", "service", "operation", "response", "status", "transaction", "counter", "time_utc", "payload",
)  # fmt: skip
EDGE_NS = 20_000_000
"""Nothing is said of packets so near to a gap or to the end of the recording: a part of their transfer may be missing."""
PROFILE = shipped("reference-1")
Row = tuple[Any, ...]


LEAST_PAUSE_NS = 200_000_000
"""Between two times that a host does the same: fewer packets say as much of a decoder."""


@cache
def scenario(name: str) -> Scenario:
    """A shipped scenario, whose host is in no hurry."""
    shipped = load_scenario((SCENARIOS / f"{name}.toml").read_text(encoding="utf-8"), name, known())
    tasks = tuple(
        task if task.every_ns is None else replace(task, every_ns=max(task.every_ns, LEAST_PAUSE_NS)) for task in shipped.tasks
    )
    return replace(shipped, tasks=tasks)


@dataclass(frozen=True)
class Taken:
    """A simulated capture in memory, read like a recording; `ledger` tells what truly happened."""

    simulation: Simulation
    pieces: list[Piece]
    name: str = "simulated"
    notes: tuple[str, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        return self.simulation.channels

    @property
    def analog_channels(self) -> tuple[str, ...]:
        return self.simulation.analog_channels

    @property
    def analog_steps(self) -> tuple[int, ...]:
        return (self.simulation.analog_step,) * len(self.analog_channels)

    @property
    def rate_hz(self) -> int:
        return self.simulation.rate_hz

    @property
    def length(self) -> int:
        return tick_of(self.simulation.end_ns, self.rate_hz)

    @property
    def ledger(self) -> list[Entry]:
        return [entry for piece in self.pieces for entry in piece.ledger]

    def chunks(self) -> Iterator[LogicChunk]:
        return (chunk for piece in self.pieces for chunk in piece.logic)

    def window(self, start: int, end: int) -> list[LogicChunk]:
        raise NotImplementedError

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        return (piece.analog[channel] for piece in self.pieces)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Run:
    """What the ledger tells of a run, and what was decoded of it."""

    simulation: Simulation
    ledger: list[Entry]
    capture: Capture


def run(name: str, seconds: float, faults: Iterable[str] = (), *, analog_rate_hz: int = 0, seed: int = 0) -> Run:
    """Simulate a shipped scenario and decode it."""
    return decoded(Simulation(scenario(name), seconds, seed, tuple(map(fault_plan, faults)), analog_rate_hz=analog_rate_hz))


def decoded(simulation: Simulation) -> Run:
    """Run a simulation and decode what it gives, the supply as well where it is measured."""
    taken = Taken(simulation, list(simulation.pieces()))
    wiring = with_power(wiring_from_names(taken.channels), [], taken.analog_channels)
    return Run(simulation, taken.ledger, decode_recording(taken, PROFILE, wiring, Timebase(taken.rate_hz)))


class Truth:
    """What the ledger tells, in ticks; what is so near to a gap or the end that nobody can see it whole is left out."""

    def __init__(self, run: Run) -> None:
        self._run, self._rate_hz = run, run.simulation.rate_hz
        self._hidden = [(start - EDGE_NS, end + EDGE_NS) for start, end in run.simulation.gaps]
        self._hidden.append((run.simulation.end_ns - EDGE_NS, run.simulation.end_ns))

    def tick(self, time_ns: int) -> int:
        return tick_of(time_ns, self._rate_hz)

    def is_seen(self, start: int, end: int) -> bool:
        """Whether ticks lie apart from every gap and the end."""
        return all(end < self.tick(a) or start > self.tick(b) for a, b in self._hidden)

    def _entries(self, *kinds: str) -> list[Entry]:
        return [entry for entry in self._run.ledger if entry["kind"] in kinds]

    @cached_property
    def packets(self) -> dict[int, Row]:
        """Rows of whole packets by their number."""
        rows = {
            entry["no"]: (self.tick(entry["time_ns"]), self.tick(entry["end_ns"]), *(entry[name] for name in FIELDS))
            for entry in self._entries("packet")
        }
        return {no: row for no, row in rows.items() if self.is_seen(row[0], row[1])}

    def transactions(self) -> Counter[Row]:
        """Command, response and latency."""
        packets = self.packets
        return Counter(
            (packets[entry["command"]], packets[entry["response"]], packets[entry["response"]][0] - packets[entry["command"]][1])
            for entry in self._entries("transaction")
            if entry["command"] in packets and entry["response"] in packets
        )

    def broken(self) -> Counter[Row]:
        """Where parts of packets are."""
        return self._spans("broken-packet")

    def link_events(self, kind: str) -> Counter[Row]:
        """Where refusals or repeated frames are."""
        return self._spans(kind)

    def findings(self) -> Counter[str]:
        """The codes that should be told, as often as they should."""
        return Counter(code for entry in self._run.ledger for code in entry.get("findings", []))

    def _spans(self, kind: str) -> Counter[Row]:
        spans = [(self.tick(entry["time_ns"]), self.tick(entry["end_ns"])) for entry in self._entries(kind)]
        return Counter(span for span in spans if self.is_seen(*span))


class Seen:
    """The same of what was decoded."""

    def __init__(self, run: Run, truth: Truth) -> None:
        self._capture, self._truth = run.capture, truth

    @cached_property
    def packets(self) -> dict[int, Row]:
        rows = {}
        for packet in self._capture.packets():
            if packet.ending is Ending.WHOLE and self._is_settled(packet.hop, packet.start, packet.end):
                record = packet_record(self._capture, packet)
                rows[packet.no] = (packet.start, packet.end, *(record[name] for name in FIELDS))
        return rows

    def _is_settled(self, hop: Hop, start: int, end: int) -> bool:
        """What became of a forwarded packet may be hidden."""
        return hop is not Hop.UNKNOWN and self._truth.is_seen(start, end)

    def transactions(self) -> Counter[Row]:
        packets = self.packets
        return Counter(
            (packets[one.command.no], packets[one.response.no], one.latency)
            for one in self._capture.transactions
            if one.command and one.response and one.command.no in packets and one.response.no in packets
        )

    def broken(self) -> Counter[Row]:
        return Counter(
            (packet.start, packet.end)
            for packet in self._capture.packets()
            if packet.ending not in {Ending.WHOLE, Ending.GAP, Ending.END} and self._truth.is_seen(packet.start, packet.end)
        )

    def link_events(self, kind: str) -> Counter[Row]:
        spans = [(one.span.start, one.span.end - 1) for one in self._capture.findings if one.code.name == kind]
        return Counter(span for span in spans if self._truth.is_seen(*span))

    def findings(self) -> Counter[str]:
        return Counter(one.code.name for one in self._capture.findings if one.code.severity >= Severity.WARNING)
