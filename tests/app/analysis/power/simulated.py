"""Simulated recordings with their traces, decoded and judged as the command line does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording
from app.analysis.material import read_datasheets
from app.analysis.power.evidence import battery_claims
from app.analysis.wiring.power import with_power
from app.analysis.wiring.wiring import wiring_from_names
from capture.simulator.faults import fault_plan, known
from capture.simulator.scenario import load_scenario
from capture.simulator.simulation import Simulation
from decoders.core.chunk import LogicChunk
from decoders.core.span import Timebase
from decoders.power.codes import CODES
from tests.conftest import ROOT
from tests.helpers.umi import shipped

SCENARIOS = ROOT / "resources" / "scenarios"
POWER_CODES = frozenset(code.name for code in CODES)


@dataclass
class Simulated:
    """A simulated recording in memory, with its ledger."""

    simulation: Simulation
    logic: list[LogicChunk]
    traces: list[list[NDArray[np.float32]]]
    ledger: list[dict[str, Any]]
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
        return (self.simulation.analog_step,) * len(self.traces)

    @property
    def rate_hz(self) -> int:
        return self.simulation.rate_hz

    @property
    def length(self) -> int:
        return self.logic[-1].end

    def chunks(self) -> Iterator[LogicChunk]:
        yield from self.logic

    def window(self, _start: int, _end: int) -> list[LogicChunk]:
        return []

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        yield from self.traces[channel]

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None:
        pass

    def told(self) -> list[str]:
        """The findings about the supply that the ledger says there should be."""
        return sorted(code for entry in self.ledger for code in entry.get("findings", ()) if code in POWER_CODES)


def simulate(
    name: str, seconds: float, *faults: str, analog_rate_hz: int | None = None, change: tuple[str, str] = ("", "")
) -> Simulated:
    """Run a shipped scenario with faults; `change` replaces something in its text."""
    text = (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")
    scenario = load_scenario(text.replace(*change), name, known())
    simulation = Simulation(scenario, seconds, 0, tuple(map(fault_plan, faults)), analog_rate_hz=analog_rate_hz)
    simulated = Simulated(simulation, [], [[] for _ in simulation.analog_channels], [])
    for piece in simulation.pieces():
        simulated.logic += piece.logic
        simulated.ledger += piece.ledger
        for trace, samples in zip(simulated.traces, piece.analog, strict=True):
            trace.append(samples)
    return simulated


@cache
def _claims() -> tuple[Any, ...]:
    return battery_claims(read_datasheets([ROOT / "resources" / "datasheets" / "example-gas-meter.toml"]))


def decode(recording: Simulated, power: tuple[str, ...] = ()) -> Capture:
    """Decode it with its traces wired by their names, or as `--power` says."""
    wiring = with_power(wiring_from_names(recording.channels), power, recording.analog_channels)
    return decode_recording(recording, shipped("reference-1"), wiring, Timebase(recording.rate_hz), claims=_claims())


def supply_codes(capture: Capture) -> list[str]:
    """The findings about the supply."""
    return sorted(finding.code.name for finding in capture.findings if finding.code.name in POWER_CODES)
