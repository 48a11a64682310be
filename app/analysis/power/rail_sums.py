"""Charge and energy of any stretch of one rail: sums of its current and of current × voltage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.pyramid import Grown
from decoders.bus.wiring import PowerRail
from decoders.profile.article import RAIL_VOLTS

BLOCK = 4096
READ_BLOCKS = 64
"""Blocks that are taken in at once: two mebibytes of float64."""
MOST_DIRECT = 1 << 16
"""Samples behind the sums that are there which one question may read by itself."""

Floats = NDArray[np.float64]


class Samples(Protocol):
    """An analogue trace as far as it has been read: one float32 sample every `step` ticks from tick 0, not a number for none."""

    step: int

    @property
    def end_tick(self) -> int: ...
    def between(self, start: int, end: int) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Sums:
    """Of a stretch of ticks: ∫ current in ampere ticks, ∫ current × voltage in watt ticks, and ticks without a sample."""

    charge: float
    energy: float
    missing: int


class RailSums:
    """One rail with its traces; the voltage is its nominal one where there is no trace of it.

    A sample holds for its ticks, so that the integrals are exact for the samples as they are: where a voltage was sampled at
    another rate, its mean over each sample of the current counts.
    """

    def __init__(self, rail: PowerRail, current: Samples, voltage: Samples | None) -> None:
        self.rail = rail
        self.step = current.step
        self._current, self._voltage = current, voltage
        self._volts = RAIL_VOLTS[rail.rail]
        self._sums = tuple(Grown(np.dtype(kind)) for kind in (np.float64, np.float64, np.int64))
        for column in self._sums:
            column.append(np.zeros(1))

    @property
    def is_nominal(self) -> bool:
        """Whether the voltage is not measured."""
        return self._voltage is None

    @property
    def end_tick(self) -> int:
        """Up to where both traces have been read."""
        ends = [self._current.end_tick] + ([self._voltage.end_tick] if self._voltage is not None else [])
        return min(ends) // self.step * self.step

    @property
    def summed_tick(self) -> int:
        """Up to where any stretch is answered in the time of two blocks."""
        return (len(self._sums[0]) - 1) * BLOCK * self.step

    @property
    def has_caught_up(self) -> bool:
        """Whether all whole blocks that have been read are taken in."""
        return self.end_tick - self.summed_tick < BLOCK * self.step

    def advance(self, blocks: int = READ_BLOCKS) -> bool:
        """Take in some blocks that have come since; True where there is more."""
        done, there = len(self._sums[0]) - 1, self.end_tick // self.step // BLOCK
        until = min(there, done + blocks)
        if until > done:
            amps, watts = self.values(done * BLOCK, until * BLOCK)
            missing = np.isnan(watts)
            for column, values in zip(self._sums, (_summed(amps, missing), _summed(watts, missing), missing), strict=True):
                column.append(column.view()[-1] + np.cumsum(values.reshape(until - done, BLOCK).sum(axis=1)))
        return until < there

    def values(self, first: int, last: int, stride: int = 1) -> tuple[Floats, Floats]:
        """Current and power of every `stride`-th of the current's samples [first, last), in ampere and watt."""
        start, end = first * self.step, last * self.step
        amps = _filled(self._current.between(start, end)[::stride], -(-(last - first) // stride))
        amps = amps * self.rail.scale + self.rail.offset
        if self._voltage is None:
            return amps, amps * self._volts
        if self._voltage.step == self.step:
            return amps, amps * _filled(self._voltage.between(start, end)[::stride], len(amps))
        return amps, amps * _on_grid(self._voltage, start, last - first, self.step)[::stride]

    def sums(self, start: int, end: int) -> Sums | None:
        """Of ticks [start, end); None where that is not read yet, or too long for what has been taken in."""
        start = max(0, start)
        if end <= start:
            return Sums(0.0, 0.0, 0)
        first, last = start // self.step, -(-end // self.step)
        there = self.end_tick // self.step
        beyond = max(0, end - max(start, there * self.step))
        last = min(last, there)
        if first >= last:
            return Sums(0.0, 0.0, end - start)
        summed = self.summed_tick // self.step
        if last - max(first, summed) > MOST_DIRECT:
            return None
        low, high = -(-first // BLOCK), min(last, summed) // BLOCK
        totals = [0.0, 0.0, 0.0]
        parts = [(first, last)] if low >= high else [(first, low * BLOCK), (high * BLOCK, last)]
        if low < high:
            totals = [float(column.view()[high] - column.view()[low]) for column in self._sums]
        for part in parts:
            totals = [total + more for total, more in zip(totals, self._direct(*part), strict=True)]
        whole = [total * self.step for total in totals]
        cut = self._overhang(first, start - first * self.step, last, max(0, last * self.step - end))
        charge, energy, missing = (total - less for total, less in zip(whole, cut, strict=True))
        return Sums(charge, energy, round(missing) + beyond)

    def _direct(self, first: int, last: int) -> tuple[float, float, float]:
        if first >= last:
            return 0.0, 0.0, 0.0
        amps, watts = self.values(first, last)
        missing = np.isnan(watts)
        return float(_summed(amps, missing).sum()), float(_summed(watts, missing).sum()), float(missing.sum())

    def _overhang(self, first: int, before: int, last: int, behind: int) -> tuple[float, ...]:
        """What of the first and the last sample lies outside the stretch, by so many ticks."""
        cut = [0.0, 0.0, 0.0]
        for sample, ticks in ((first, before), (last - 1, behind)):
            if ticks:
                cut = [total + ticks * value for total, value in zip(cut, self._direct(sample, sample + 1), strict=True)]
        return tuple(cut)


def _summed(values: Floats, missing: NDArray[np.bool_]) -> Floats:
    return np.where(missing, 0.0, values)


def _filled(samples: NDArray[np.float32], count: int) -> Floats:
    """So many samples in double precision; what is not there, or is no finite number, is not a number."""
    values = samples.astype(np.float64)
    if not np.isfinite(values.sum()):
        values[~np.isfinite(values)] = np.nan
    if len(values) < count:
        values = np.concatenate([values, np.full(count - len(values), np.nan)])
    return values


def _on_grid(voltage: Samples, start: int, count: int, step: int) -> Floats:
    """The mean voltage of each of `count` stretches of `step` ticks from tick `start` on; not a number where a part is missing."""
    own = voltage.step
    first, last = start // own, -(-(start + count * step) // own)
    values = _filled(voltage.between(first * own, last * own), last - first)
    missing = np.isnan(values)
    at = np.arange(last - first + 1) * float(own)
    edges = np.arange(count + 1) * float(step) + (start - first * own)
    volts, lacking = (
        np.diff(np.interp(edges, at, np.concatenate([[0.0], np.cumsum(each) * own]))) / step
        for each in (np.where(missing, 0.0, values), missing)
    )
    return np.where(lacking > 0, np.nan, volts)
