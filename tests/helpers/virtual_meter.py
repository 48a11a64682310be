"""Runs of the virtual meter, and what the decoder makes of them beside what truly happened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.analysis.capture import Capture
from app.analysis.material import read_profile
from app.analysis.records import packet_record, transaction_record
from app.analysis.wiring.wiring import wiring_from_names
from capture.simulator.faults import known
from capture.simulator.ledger import Entry
from capture.simulator.logic_recorder import tick_of
from capture.simulator.scenario import Scenario, load_scenario
from capture.simulator.simulation import Simulation
from decoders.core.finding import Finding
from decoders.core.span import Timebase
from decoders.stack import Stack

SCENARIOS = Path(__file__).resolve().parents[2] / "resources" / "scenarios"
NAMES = sorted(path.stem for path in SCENARIOS.glob("*.toml"))
TOLD_ALIKE = (
    "port", "source", "destination", "service", "operation", "response", "status", "transaction", "counter", "time_utc", "payload",
)  # fmt: skip
"""Fields of a packet that the ledger and the decoder both tell."""


def text_of(name: str) -> str:
    """A shipped scenario."""
    return (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")


@cache
def shipped(name: str) -> Scenario:
    """A shipped scenario, read."""
    return load_scenario(text_of(name), name, known())


@dataclass(frozen=True, slots=True)
class Run:
    """What a decoder made of a run, and its ledger."""

    capture: Capture
    ledger: list[Entry]
    rate_hz: int

    def entries(self, kind: str) -> list[Entry]:
        """What the ledger has of a kind."""
        return [entry for entry in self.ledger if entry["kind"] == kind]

    def findings(self) -> list[Finding]:
        """All that the decoder noticed."""
        return list(self.capture.findings)

    def told_packets(self) -> list[dict[str, object]]:
        """The ledger's packets in order of their beginning, with ticks for times."""
        found = [
            {name: entry[name] for name in TOLD_ALIKE}
            | {"start": tick_of(entry["time_ns"], self.rate_hz), "end": tick_of(entry["end_ns"], self.rate_hz)}
            for entry in self.entries("packet")
        ]
        return sorted(found, key=_by_start)

    def decoded_packets(self) -> list[dict[str, object]]:
        """The decoder's packets in the same form."""
        found: list[dict[str, object]] = []
        for packet in self.capture.packets():
            record = packet_record(self.capture, packet)
            found.append({name: record[name] for name in TOLD_ALIKE} | {"start": packet.start, "end": packet.end})
        return sorted(found, key=_by_start)

    def decoded_pairs(self) -> int:
        """Transactions that have both command and response."""
        records = (transaction_record(self.capture, transaction) for transaction in self.capture.transactions)
        return sum(record["command"] is not None and record["response"] is not None for record in records)


def _by_start(packet: dict[str, object]) -> tuple[object, ...]:
    return packet["start"], packet["port"], packet["counter"]


def run(scenario: Scenario, seconds: float, seed: int = 0) -> Run:
    """Simulate and decode, without analogue traces."""
    simulation = Simulation(scenario, seconds, seed, analog_rate_hz=0)
    profile, wiring = read_profile("reference-1"), wiring_from_names(simulation.channels)
    stack = Stack(profile, wiring, simulation.rate_hz)
    capture = Capture(profile, wiring, Timebase(simulation.rate_hz))
    ledger: list[Entry] = []
    for piece in simulation.pieces():
        ledger += piece.ledger
        for chunk in piece.logic:
            for decoded in stack.feed(chunk):
                capture.add(decoded)
    for decoded in stack.finish():
        capture.add(decoded)
    capture.finish()
    return Run(capture, ledger, simulation.rate_hz)
