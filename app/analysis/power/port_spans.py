"""Spans on one port, such as its transfers or packets, and what overlaps them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.pyramid import Grown

Ticks = NDArray[np.int64]


class SpanColumns(NamedTuple):
    """When some records were on the wire, and where; ticks are int64."""

    start: Ticks
    end: Ticks
    stream: NDArray[np.uint8]
    port: NDArray[np.uint8]


class PortSpans:
    """Half-open spans of ticks in order of their start; they may overlap, and come nearly in that order."""

    def __init__(self) -> None:
        self._start = Grown(np.dtype(np.int64))
        self._end = Grown(np.dtype(np.int64))
        self._reach = Grown(np.dtype(np.int64))
        """The latest end of a span and all before it."""

    def __len__(self) -> int:
        return len(self._start)

    @property
    def start(self) -> Ticks:
        return self._start.view()

    @property
    def end(self) -> Ticks:
        return self._end.view()

    def extend(self, start: Ticks, end: Ticks) -> None:
        """Add spans; those that begin before others which are there cost the time of sorting these again."""
        if not len(start):
            return
        place = int(np.searchsorted(self.start, start.min(), "right"))
        start, end = np.concatenate([self.start[place:], start]), np.concatenate([self.end[place:], end])
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
        reach = np.maximum.accumulate(end)
        if place:
            reach = np.maximum(reach, self._reach.view()[place - 1])
        for column, values in ((self._start, start), (self._end, end), (self._reach, reach)):
            column.cut(place)
            column.append(values)

    def is_shared(self, start: int, end: int) -> bool:
        """Whether one of these spans, [start, end), overlaps another; one without length overlaps what it lies in."""
        first, after = (int(np.searchsorted(self.start, start, side)) for side in ("left", "right"))
        if after - first > 1 or (first and self._reach.view()[first - 1] > start):
            return True
        return after < len(self) and bool(self.start[after] < end)

    def touched(self, start: Ticks, end: Ticks) -> NDArray[np.bool_]:
        """Which of the stretches [start[i], end[i]) overlap a span."""
        if not len(self):
            return np.zeros(len(start), np.bool_)
        before = np.searchsorted(self.start, end, "left")
        touched: NDArray[np.bool_] = (before > 0) & (self._reach.view()[np.maximum(before - 1, 0)] > start)
        return touched

    def first_within(self, start: int, end: int) -> int | None:
        """The place of the first span that overlaps [start, end)."""
        if not len(self) or not self.touched(np.array([start]), np.array([end]))[0]:
            return None
        # The reach never falls, so that the first span beyond `start` is where it passes it.
        return int(np.searchsorted(self._reach.view(), start, "right"))
