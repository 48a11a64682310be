"""Small systems for tests of devices and of what the host does, and what happened in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.simulator.ledger import Entry
from capture.simulator.scenario import load_scenario
from capture.simulator.simulation import Simulation

HOST_ID = "acde480000000001"
HEAD = f"""
name = "small"
description = "a small system"
seconds = 10
[capture]
rate_hz = 4_000_000
analog_rate_hz = 20_000
[bus]
clock_hz = 1_000_000
[host]
id = "{HOST_ID}"
poll_s = 1
"""


def port(number: int, device: str, more: str = "") -> str:
    """A port with a device of which the ID ends with the port's number."""
    return f'[[ports]]\nport = {number}\ndevice = "{device}"\nid = "{device_id(number)}"\n{more}\n'


def device_id(number: int) -> str:
    """The UMI ID of the device in a port."""
    return f"acde4800000000{number + 0xA0:02x}"


def task(do: str, first_s: float, more: str = "") -> str:
    """A task of the host's."""
    return f'[[tasks]]\ndo = "{do}"\nfirst_s = {first_s}\n{more}\n'


@dataclass(frozen=True, slots=True)
class Life:
    """What happened in a small system."""

    simulation: Simulation
    ledger: list[Entry]
    traces: dict[str, NDArray[np.float32]]

    def packets(self, operation: str = "", *, response: bool | None = None) -> list[Entry]:
        """Packets of an operation, as `service operation`, in order of time."""
        found = [entry for entry in self.ledger if entry["kind"] == "packet"]
        found = [entry for entry in found if operation in {"", f"{entry['service']} {entry['operation']}"}]
        return sorted((entry for entry in found if response in {None, entry["response"]}), key=lambda entry: entry["time_ns"])

    def events(self, number: int) -> list[tuple[int, bytes]]:
        """Codes and typed details of the events that the device in a port told of."""
        told = [
            bytes.fromhex(entry["payload"])
            for entry in self.packets("events notify", response=False)
            if entry["source"] == device_id(number)
        ]
        return [(int.from_bytes(payload[1:3], "big"), payload[8:]) for payload in told]

    def mean(self, trace: str, start_s: float, end_s: float) -> float:
        """The mean of a trace between two times."""
        rate = self.simulation.rate_hz // self.simulation.analog_step
        return float(self.traces[trace][int(start_s * rate) : int(end_s * rate)].mean(dtype=np.float64))

    def greatest(self, trace: str, start_s: float, end_s: float) -> float:
        """The greatest sample of a trace between two times."""
        rate = self.simulation.rate_hz // self.simulation.analog_step
        return float(self.traces[trace][int(start_s * rate) : int(end_s * rate)].max())


def live(text: str, seconds: float, seed: int = 0, *, measured: bool = True) -> Life:
    """Let a small system live; `text` has its ports and tasks."""
    scenario = load_scenario(HEAD + text, "small.toml", frozenset())
    simulation = Simulation(scenario, seconds, seed, analog_rate_hz=None if measured else 0)
    ledger: list[Entry] = []
    traces: list[list[NDArray[np.float32]]] = [[] for _ in simulation.analog_channels]
    for piece in simulation.pieces():
        ledger += piece.ledger
        for trace, samples in zip(traces, piece.analog, strict=True):
            trace.append(samples)
    joined = {name: np.concatenate(trace) for name, trace in zip(simulation.analog_channels, traces, strict=True)}
    return Life(simulation, ledger, joined)
