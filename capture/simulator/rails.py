"""Supply rails of a port: what their voltage and current are at every moment, as an ammeter on the capture's clock measures them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.simulator.kernel import NS_PER_S, NS_PER_US

Measured = NDArray[np.float32]
STEPS = 12
"""An inrush or a decay is drawn in so many steps."""


@dataclass(frozen=True, slots=True)
class RailType:
    """What a rail gives: nominal voltage, the current that a port may draw, and how it comes up and goes down.

    `inrush_a` flows for `rise_ns` while the device's capacitors are charged and dies away; after switching off the voltage falls for
    `fall_ns`. `source_ohm` is why the voltage gives way under load.
    """

    name: str
    volts: float
    limit_a: float
    inrush_a: float
    rise_ns: int
    fall_ns: int
    source_ohm: float


LOW = RailType("low", 3.0, 0.050, 0.030, 900 * NS_PER_US, 4_000 * NS_PER_US, 0.35)
HIGH = RailType("high", 12.0, 1.0, 0.300, 2_000 * NS_PER_US, 9_000 * NS_PER_US, 0.10)


class _Level:
    """A quantity that changes in steps; its mean over each sample is exact."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int, float]] = []
        self._told = 0
        self._now = 0.0
        self._at_ns = 0

    def change(self, time_ns: int, delta: float) -> None:
        """The quantity changes by so much; drivers may tell in any order what has not been drained."""
        self._told += 1
        heapq.heappush(self._steps, (max(time_ns, self._at_ns), self._told, delta))

    def means(self, edges_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean between each two edges, of which the first is where the last call ended."""
        start, end = int(edges_ns[0]), int(edges_ns[-1])
        times, levels, level = [0], [self._now], self._now
        while self._steps and self._steps[0][0] < end:
            time_ns, _, delta = heapq.heappop(self._steps)
            level += delta
            times.append(time_ns - start)
            levels.append(level)
        self._now, self._at_ns = level, end
        at = np.array([*times, end - start], np.float64)
        area = np.concatenate([[0.0], np.cumsum(np.diff(at) * np.array(levels))])
        edges = (edges_ns - start).astype(np.float64)
        means: NDArray[np.float64] = np.diff(np.interp(edges, at, area)) / np.diff(edges)
        return means


class Rail:
    """One rail of one port; `is_on` is the host's switch. Currents in ampere, voltages in volt."""

    def __init__(self, kind: RailType, noise: np.random.Generator) -> None:
        self.kind = kind
        self.is_on = False
        self.energy_j = 0.0
        self.charge_c = 0.0
        self._loads: dict[str, float] = {}
        self._volts, self._amps = _Level(), _Level()
        self._level = 0.0
        self._noise = noise

    def switch(self, time_ns: int, *, on: bool) -> None:
        """The host switches the rail; what the device draws is the device's to tell."""
        if on == self.is_on:
            return
        self.is_on = on
        duration = self.kind.rise_ns if on else self.kind.fall_ns
        self._glide(time_ns, self.kind.volts if on else 0.0, duration)

    def inrush(self, time_ns: int) -> None:
        """The capacitors of a device that has just come to the rail are charged."""
        self._pulse(time_ns, self.kind.inrush_a, self.kind.rise_ns)

    @property
    def drawn_a(self) -> float:
        """What all loads draw at present, short bursts apart."""
        return sum(self._loads.values())

    def sag(self, time_ns: int, volts: float, duration_ns: int) -> None:
        """The voltage falls to `volts` for a while, as when the supply cannot keep up."""
        depth = volts - self._level
        self._volts.change(time_ns, depth)
        self._volts.change(time_ns + duration_ns, -depth)

    def draw(self, time_ns: int, load: str, amps: float) -> None:
        """A load draws so much from a time on."""
        delta = amps - self._loads.get(load, 0.0)
        if delta:
            self._loads[load] = amps
            self._amps.change(time_ns, delta)

    def burst(self, start_ns: int, end_ns: int, amps: float) -> None:
        """So much more is drawn for a while."""
        self._amps.change(start_ns, amps)
        self._amps.change(end_ns, -amps)

    def _glide(self, time_ns: int, volts: float, duration_ns: int) -> None:
        """Towards a voltage as a capacitor is charged."""
        depth = volts - self._level
        self._level = volts
        done = 0.0
        for step in range(1, STEPS + 1):
            reached = depth * (1.0 if step == STEPS else 1.0 - 2.0 ** (-step))
            self._volts.change(time_ns + duration_ns * step // STEPS, reached - done)
            done = reached

    def _pulse(self, time_ns: int, amps: float, duration_ns: int) -> None:
        self._amps.change(time_ns, amps)
        left = amps
        for step in range(1, STEPS + 1):
            stays = 0.0 if step == STEPS else amps * 2.0 ** (-step / 2)
            self._amps.change(time_ns + duration_ns * step // STEPS, stays - left)
            left = stays

    def measure(self, edges_ns: NDArray[np.int64]) -> tuple[Measured, Measured]:
        """Voltage and current of the samples between these edges, with the noise of the instrument."""
        amps, volts = self._amps.means(edges_ns), self._volts.means(edges_ns)
        volts = np.maximum(volts - amps * self.kind.source_ohm, 0.0)
        seconds = np.diff(edges_ns) / NS_PER_S
        self.charge_c += float((amps * seconds).sum())
        self.energy_j += float((amps * volts * seconds).sum())
        return self._with_noise(volts, 4e-4, 1e-4), self._with_noise(amps, 1.5e-7, 5e-8)

    def _with_noise(self, values: NDArray[np.float64], floor: float, step: float) -> Measured:
        """White noise of `floor` and a thousandth of the value, in steps of the converter."""
        noise = self._noise.standard_normal(len(values)) * (floor + 1e-3 * np.abs(values))
        measured: Measured = (np.round((values + noise) / step) * step).astype(np.float32)
        return measured
