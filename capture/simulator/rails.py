"""Supply rails of a port: what their voltage and current are at every moment, as an ammeter on the capture's clock measures them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.simulator.kernel import NS_PER_S, NS_PER_US

Measured = NDArray[np.float32]
Times = NDArray[np.int64]
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
    """A quantity that changes in steps."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int, float]] = []
        self._told = 0
        self._now = 0.0
        self._at_ns = 0

    def change(self, time_ns: int, delta: float) -> None:
        """The quantity changes by so much; drivers may tell in any order what has not been drained."""
        self._told += 1
        heapq.heappush(self._steps, (max(time_ns, self._at_ns), self._told, delta))

    def until(self, end_ns: int) -> tuple[Times, NDArray[np.float64]]:
        """Where the steps since the last call are, and the level from each on; the first is where the last call ended."""
        times, levels, level = [self._at_ns], [self._now], self._now
        while self._steps and self._steps[0][0] < end_ns:
            time_ns, _, delta = heapq.heappop(self._steps)
            level += delta
            times.append(time_ns)
            levels.append(level)
        self._now, self._at_ns = level, end_ns
        return np.array(times, np.int64), np.array(levels)


def _means(edges_ns: Times, times_ns: Times, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean between each two edges of what has these levels, each from its time on."""
    first = np.searchsorted(edges_ns, times_ns)
    means = np.repeat(levels, np.diff(first, append=len(edges_ns) - 1))
    # Only samples with a step inside are not simply at a level.
    stepped = np.unique(first[edges_ns[first] != times_ns]) - 1
    if len(stepped):
        begin, end = edges_ns[stepped], edges_ns[stepped + 1]
        start = edges_ns[0]
        at = np.append(times_ns, edges_ns[-1]).astype(np.float64) - start
        area = np.concatenate([[0.0], np.cumsum(np.diff(at) * levels)])
        means[stepped] = (np.interp(end - start, at, area) - np.interp(begin - start, at, area)) / (end - begin)
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
        self._volt_noise, self._amp_noise = noise.spawn(2)

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

    def measure(self, edges_ns: Times) -> tuple[Measured, Measured]:
        """Voltage and current of the samples between these edges, with the noise of the instrument.

        The first edge is where the last call ended; what the rail has given until the last one is added up without noise.
        """
        end = int(edges_ns[-1])
        (volt_times, open_volts), (amp_times, open_amps) = self._volts.until(end), self._amps.until(end)
        times = np.union1d(volt_times, amp_times)
        amps = open_amps[np.searchsorted(amp_times, times, "right") - 1]
        volts = np.maximum(open_volts[np.searchsorted(volt_times, times, "right") - 1] - amps * self.kind.source_ohm, 0.0)
        seconds = np.diff(times, append=end) / NS_PER_S
        self.charge_c += float((amps * seconds).sum())
        self.energy_j += float((amps * volts * seconds).sum())
        return (
            _with_noise(self._volt_noise, _means(edges_ns, times, volts), 4e-4, 1e-4),
            _with_noise(self._amp_noise, _means(edges_ns, times, amps), 1.5e-7, 5e-8),
        )


def _with_noise(noise: np.random.Generator, values: NDArray[np.float64], floor: float, step: float) -> Measured:
    """White noise of `floor` and a thousandth of the value, in steps of the converter."""
    exact = values.astype(np.float32)
    measured: Measured = noise.standard_normal(len(values), np.float32)
    measured *= np.abs(exact) * np.float32(1e-3) + np.float32(floor)
    measured += exact
    measured /= np.float32(step)
    np.round(measured, out=measured)
    measured *= np.float32(step)
    return measured
