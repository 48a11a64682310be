"""What the voltage of one rail shows: when the rail is off, and where it gives way while it is on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.power.codes import RailLimits

_GAP, _OFF, _DEAD, _LOW, _ON = -1, 0, 1, 2, 3
"""Levels of a voltage: no sample, below `off`, below `dead`, below `on`, and well."""


@dataclass(frozen=True, slots=True)
class Dip:
    """Samples [first, last) in which a rail that is on is below its limit, and the lowest of them."""

    first: int
    last: int
    lowest: float


@dataclass(frozen=True, slots=True)
class VoltageSeen:
    """Where a rail is off, so that no device can send, and where it gives way; `was_on` says whether it ever was on.

    Stretches of samples [first, last), in order; nothing is said about stretches without samples.
    """

    off: list[tuple[int, int]]
    dips: list[Dip]
    was_on: bool


@dataclass(slots=True)
class _Below:
    """The voltage is below `on` since sample `first`; `dead_from` is since when it is below `dead`, where it is."""

    first: int
    lowest: float
    was_on: bool
    dead: list[tuple[int, int]]
    dead_from: int | None = None


class VoltageWatch:
    """Reads the samples of one rail's voltage in volt; not a number is a gap.

    Below `on` a rail that was on gives way. If the voltage goes on to fall below `off`, the rail was switched off instead: then it
    is off where it is below `dead`. Two dips that are less than `apart` samples apart are one.
    """

    def __init__(self, limits: RailLimits, apart: int) -> None:
        self._limits = limits
        self._apart = apart
        self._at = 0
        self._below: _Below | None = None
        self._was_on = False
        self._is_on = False
        self._off: list[tuple[int, int]] = []
        self._dips: list[Dip] = []

    def feed(self, samples: NDArray[np.float32]) -> None:
        """The next samples."""
        if not len(samples):
            return
        start, self._at = self._at, self._at + len(samples)
        lowest = float(samples.min())
        if lowest >= self._limits.on and self._is_on and self._below is None and float(samples.max()) < np.inf:
            return
        level = self._levels(samples)
        for first, last in itertools.pairwise(self._borders(level)):
            self._run(int(level[first]), start + first, samples[first:last])

    def finish(self) -> VoltageSeen:
        """What there was, once all samples were fed."""
        self._end(self._at)
        return VoltageSeen(self._off, self._dips, self._was_on)

    def _levels(self, samples: NDArray[np.float32]) -> NDArray[np.int8]:
        limits = self._limits
        level = np.zeros(len(samples), np.int8)
        for border in (limits.off, limits.dead, limits.on):
            level += samples >= border
        level[~np.isfinite(samples)] = _GAP
        return level

    def _borders(self, level: NDArray[np.int8]) -> list[int]:
        """Where the level changes; short rises between two dips that become one anyway are passed over, since there may be many."""
        borders = np.concatenate([[0], np.flatnonzero(np.diff(level)) + 1, [len(level)]])
        runs = level[borders[:-1]]
        is_dip = np.zeros(len(runs), np.bool_)
        is_dip[1:-1] = (runs[1:-1] == _LOW) & (runs[:-2] == _ON) & (runs[2:] == _ON)
        passed = np.zeros(len(runs), np.bool_)
        passed[1:-1] = is_dip[:-2] & is_dip[2:] & (np.diff(borders)[1:-1] < self._apart)
        kept = ~(np.append(passed, False) | np.insert(passed, 0, False))
        found: list[int] = borders[kept].tolist()
        return found

    def _run(self, level: int, first: int, samples: NDArray[np.float32]) -> None:
        if level in {_GAP, _ON}:
            self._end(first)
            self._is_on = level == _ON
            self._was_on |= self._is_on
            return
        below = self._below
        if below is None:
            below = self._below = _Below(first, np.inf, self._is_on, [])
        below.lowest = min(below.lowest, float(samples.min()))
        if level <= _DEAD:
            below.dead_from = first if below.dead_from is None else below.dead_from
        elif below.dead_from is not None:
            below.dead.append((below.dead_from, first))
            below.dead_from = None

    def _end(self, end: int) -> None:
        """The voltage is well again, or nobody knows any more."""
        below, self._below = self._below, None
        if below is None:
            return
        if below.dead_from is not None:
            below.dead.append((below.dead_from, end))
        if below.lowest < self._limits.off:
            self._off += below.dead
        elif below.was_on:
            before = self._dips[-1] if self._dips else None
            if before is not None and below.first - before.last < self._apart:
                self._dips[-1] = Dip(before.first, end, min(before.lowest, below.lowest))
            else:
                self._dips.append(Dip(below.first, end, below.lowest))
