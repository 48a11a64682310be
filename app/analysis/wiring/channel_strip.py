"""A channel's first edges as a narrow strip, to see at a glance what kind of line it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.wiring.excerpt import Excerpt, Trace

_SHOWN_CHANGES = 1200
_LEAD = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Columns of equal duration: whether the line was low and whether it was high in each (both where it moved); `edges` in all."""

    low: NDArray[np.bool_]
    high: NDArray[np.bool_]
    edges: int


def shown_window(excerpt: Excerpt) -> tuple[int, int]:
    """The ticks [start, end) that strips show: from just before the first change on, some hundred changes of all channels."""
    ticks = excerpt.runs.ticks
    if len(ticks) < 2:
        return excerpt.runs.start, max(excerpt.runs.end, excerpt.runs.start + 1)
    first, last = int(ticks[1]), int(ticks[min(len(ticks) - 1, _SHOWN_CHANGES)])
    lead = int((last - first) * _LEAD) + 1
    return max(0, first - lead), last + lead


def strip_of(trace: Trace, window: tuple[int, int], columns: int) -> Strip:
    """A channel over a window of ticks."""
    start, end = window
    bounds = start + (end - start) * np.arange(columns + 1, dtype=np.int64) // columns
    before = np.searchsorted(trace.ticks, bounds)
    level = (before[:-1] % 2 == 1) != trace.initial
    moved = before[1:] > before[:-1]
    return Strip(~level | moved, level | moved, len(trace.ticks))
