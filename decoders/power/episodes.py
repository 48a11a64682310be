"""Stretches in which a running mean is above a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Episode:
    """Samples [first, last) of a column, their highest value and their mean."""

    first: int
    last: int
    peak: float
    mean: float


@dataclass(slots=True)
class _Open:
    """An episode that may go on: up to `last` it counts, what came since only if it rises again."""

    first: int
    last: int
    peak: float
    total: float
    later_peak: float = 0.0
    later_total: float = 0.0


class Episodes:
    """Finds the stretches of a column in which the mean of some `window` successive samples is above `limit`.

    An episode is all samples of such windows; two that are less than `apart` samples apart are one. Feed the column in blocks of
    about the same size, whose borders are the same whoever reads: the last digit of a mean depends on them.
    """

    def __init__(self, limit: float, window: int, apart: int) -> None:
        self._limit, self._window, self._apart = limit, window, apart
        self.at = 0
        """The place of the next value."""
        self._carried: Floats = np.empty(0)
        self._open: _Open | None = None
        self._done: list[Episode] = []

    def skip(self, until: int) -> None:
        """Go on at place `until`; nothing is concluded across what lies before."""
        self._close()
        self._carried = np.empty(0)
        self.at = until

    def feed(self, values: Floats) -> None:
        """The next values, all of them finite."""
        first = self.at - len(self._carried)
        window = self._window
        joined = np.concatenate([self._carried, values]) if len(self._carried) else values
        self.at += len(values)
        highest = float(values.max(initial=-np.inf))
        if len(joined) < window or max(highest, float(self._carried.max(initial=-np.inf))) <= self._limit:
            self._quiet(values, highest)
        else:
            sums = np.concatenate([[0.0], np.cumsum(joined)])
            above = sums[window:] - sums[:-window] > self._limit * window
            self._rise(joined, sums, first, above) if above.any() else self._quiet(values, highest)
        self._carried = joined[max(0, len(joined) - window + 1) :]

    def finish(self) -> list[Episode]:
        """All episodes, in order."""
        self._close()
        return self._done

    def _quiet(self, values: Floats, highest: float) -> None:
        """Nothing rises; an episode waits whether something does before it is too late."""
        if self._open is None:
            return
        if self.at - self._open.last >= self._apart + self._window:
            self._close()
        else:
            self._open.later_peak = max(self._open.later_peak, highest)
            self._open.later_total += float(values.sum())

    def _rise(self, joined: Floats, sums: Floats, first: int, above: NDArray[np.bool_]) -> None:
        """Take in the stretches whose windows are above the limit; each of them ends among the fresh values."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(np.int8), [0]])))
        starts, ends = edges[::2] + first, edges[1::2] + first + self._window - 1
        is_apart = starts[1:] - ends[:-1] >= self._apart
        starts, ends = starts[np.insert(is_apart, 0, True)], ends[np.append(is_apart, True)]
        fresh = first + len(self._carried)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            one = self._open
            if one is not None and start - one.last < self._apart:
                peak, total = _seen(joined, sums, max(fresh, one.last) - first, end - first)
                one.peak, one.total = max(one.peak, one.later_peak, peak), one.total + one.later_total + total
                one.last, one.later_peak, one.later_total = end, 0.0, 0.0
            else:
                self._close()
                self._open = _Open(start, end, *_seen(joined, sums, start - first, end - first))
        if self._open is not None and self._open.last < self.at:
            self._open.later_peak, self._open.later_total = _seen(joined, sums, self._open.last - first, len(joined))

    def _close(self) -> None:
        if self._open is not None:
            one = self._open
            self._done.append(Episode(one.first, one.last, one.peak, one.total / (one.last - one.first)))
            self._open = None


def _seen(joined: Floats, sums: Floats, start: int, end: int) -> tuple[float, float]:
    """The highest of values [start, end) and their sum."""
    return float(joined[start:end].max()), float(sums[end] - sums[start])
