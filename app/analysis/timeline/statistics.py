"""Lowest, mean and highest value of any stretch of a trace, however long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.pyramid import Grown

BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a stretch of a trace: its lowest and highest value, the mean of those that are there, and how many they are."""

    low: float
    mean: float
    high: float
    count: int


class RunningSums:
    """Sums of a column and how many of its values are numbers, so that the mean of a stretch takes the time of two blocks."""

    def __init__(self) -> None:
        self._sum = Grown(np.dtype(np.float64))
        self._count = Grown(np.dtype(np.int64))
        self._sum.append(np.zeros(1))
        self._count.append(np.zeros(1, np.int64))

    def extend(self, samples: NDArray[np.float32]) -> None:
        """Take in a column that grew."""
        done = (len(self._sum) - 1) * BLOCK
        whole = samples[done : len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
        if not len(whole):
            return
        sums = np.nansum(whole, axis=1, dtype=np.float64)
        counts = BLOCK - np.isnan(whole).sum(axis=1)
        self._count.append(self._count.view()[-1] + np.cumsum(counts))
        # Last, since whoever reads meanwhile goes by how many sums there are.
        self._sum.append(self._sum.view()[-1] + np.cumsum(sums))

    def over(self, samples: NDArray[np.float32], start: int, end: int) -> tuple[float, int]:
        """The sum of `samples[start:end]` and how many of them are numbers; `samples` as they were taken in."""
        first, last = -(-start // BLOCK), min(end // BLOCK, len(self._sum) - 1)
        if first >= last:
            return _summed(samples[start:end])
        before, after = _summed(samples[start : first * BLOCK]), _summed(samples[last * BLOCK : end])
        inner = self._sum.view()[last] - self._sum.view()[first], self._count.view()[last] - self._count.view()[first]
        return before[0] + after[0] + float(inner[0]), before[1] + after[1] + int(inner[1])


def _summed(samples: NDArray[np.float32]) -> tuple[float, int]:
    return float(np.nansum(samples, dtype=np.float64)), len(samples) - int(np.isnan(samples).sum())
