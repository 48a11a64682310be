"""Reductions of long growing columns, so that any stretch of a hundred million values answers in the time of a few.

Each level holds one value for 16 of the level below; a range is put together from whole groups and the values at its edges, so the
answer is exact at every zoom.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

FACTOR = 16
Places = NDArray[np.int64]


class Grown:
    """An array that grows at its end and can be cut.

    It has pages of its own, which the system moves instead of what is in them: to copy a hundred megabytes would hold a window up.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._size = 0
        self._pages = _pages(FACTOR * dtype.itemsize)
        self._array = np.frombuffer(self._pages, dtype)

    def append(self, values: NDArray[Any]) -> None:
        needed = self._size + len(values)
        if needed > len(self._array):
            self._lengthen(max(needed, self._size * 3 // 2))
        self._array[self._size : needed] = values
        self._size = needed

    def _lengthen(self, length: int) -> None:
        # Pages stay where they are while an array looks at them.
        self._array = np.empty(0, self._dtype)
        try:
            self._pages.resize(length * self._dtype.itemsize)
        except (BufferError, OSError, SystemError):  # somebody else looks at them, or this system moves none
            old = np.frombuffer(self._pages, self._dtype)
            self._pages = _pages(length * self._dtype.itemsize)
            np.frombuffer(self._pages, self._dtype)[: self._size] = old[: self._size]
        self._array = np.frombuffer(self._pages, self._dtype)

    def cut(self, size: int) -> None:
        """Forget everything from place `size` on."""
        self._size = min(self._size, size)

    def view(self) -> NDArray[Any]:
        """What is there, not copied."""
        return self._array[: self._size]

    def __len__(self) -> int:
        return self._size


def _pages(size: int) -> mmap.mmap:
    """Memory of zeros, taken from the system as it is written to."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    else:  # noqa: RET505 - so that types are checked as on each system
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


class Pyramid:
    """The levels above a column that somebody else holds.

    `reduce` is a ufunc of two values for which a value may count twice, such as minimum or bitwise or; `nothing` is its answer for
    an empty range.
    """

    def __init__(self, reduce: np.ufunc, dtype: np.dtype[Any], nothing: float) -> None:
        self._reduce = reduce
        self._dtype = dtype
        self._nothing = nothing
        self._levels: list[Grown] = []

    def extend(self, base: NDArray[Any], changed_from: int | None = None) -> None:
        """Take in a column that grew, or that is another from place `changed_from` on."""
        below = base
        for depth in range(64):
            if depth == len(self._levels):
                if len(below) < FACTOR:
                    return
                self._levels.append(Grown(self._dtype))
            level = self._levels[depth]
            if changed_from is not None:
                changed_from //= FACTOR
                level.cut(changed_from)
            level.append(self._groups(below[len(level) * FACTOR : len(below) // FACTOR * FACTOR]))
            below = level.view()

    def over(self, base: NDArray[Any], low: Places, high: Places) -> NDArray[Any]:
        """The reduction of `base[low[i] : high[i]]` for each i; `base` is the column as it was taken in."""
        result = np.full(len(low), self._nothing, self._dtype)
        for level in (base, *(grown.view() for grown in self._levels)):
            is_top = len(level) < FACTOR
            inner_low, inner_high = -(-low // FACTOR), high // FACTOR
            inside = (inner_low < inner_high) & (not is_top)
            self._add(result, level, low, np.where(inside, inner_low * FACTOR, high))
            self._add(result, level, np.where(inside, inner_high * FACTOR, high), high)
            if not inside.any():
                break
            low, high = np.where(inside, inner_low, 0), np.where(inside, inner_high, 0)
        return result

    def reaching(self, base: NDArray[Any], end: int, least: int) -> Places:
        """The places before `end` whose value is above `least`, for a pyramid of maxima."""
        levels = [base, *(grown.view() for grown in self._levels)]
        size = -(-end // FACTOR ** (len(levels) - 1))
        places = np.arange(size, dtype=np.int64)
        for depth in range(len(levels) - 1, -1, -1):
            level = levels[depth]
            # What is not in a whole group yet has no value above the lowest level and is looked at there.
            known = places < len(level)
            places = np.concatenate([places[known][level[places[known]] > least], places[~known]]) if depth else places
            if depth:
                below = -(-end // FACTOR ** (depth - 1))
                places = (places[:, None] * FACTOR + np.arange(FACTOR)).reshape(-1)
                places = places[places < below]
        return places[base[places] > least]

    def _groups(self, values: NDArray[Any]) -> NDArray[Any]:
        table = values.reshape(-1, FACTOR)
        # Column by column: numpy reduces rows of sixteen five times as slowly.
        result = table[:, 0].copy()
        for column in range(1, FACTOR):
            self._reduce(result, table[:, column], out=result)
        return result

    def _add(self, result: NDArray[Any], level: NDArray[Any], low: Places, high: Places) -> None:
        """Reduce short ranges into `result`."""
        filled = np.flatnonzero(high > low)
        if not len(filled):
            return
        low, last = low[filled], high[filled] - 1
        width = int((last - low).max()) + 1
        places = np.minimum(low[:, None] + np.arange(width), last[:, None])
        result[filled] = self._reduce(result[filled], self._reduce.reduce(level[places], axis=1))
