"""Decoded records as stretches of time: found by time, thinned out by zoom, hit by a pointer.

A strip is one layer of one port in one direction. Far out it says at which pixels it has records, near which they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.snapshot import Snapshot
from app.analysis.timeline.blocks import Blocks, merged
from app.analysis.timeline.pyramid import Grown, Pyramid
from app.analysis.timeline.viewport import Viewport

Ticks = NDArray[np.int64]
NARROW_PIXELS = 5
"""A record that takes less is part of a bar."""
RECORDS_PER_PIXEL = 4
"""With more records than this in sight none is drawn on its own."""
SLICE_ROWS = 1 << 16
"""The most rows of a layer that one update takes in, a few tens of milliseconds' work."""
FEW_ROWS = 1 << 18
LAYERS = ("transactions", "packets", "frames", "transfers")
BOTH_WAYS = 2
_BLOCKED = np.iinfo(np.int64).min


class StripKey(NamedTuple):
    """A layer of a port; `direction` 0 is host to peripheral, 1 back, 2 both."""

    layer: str
    stream: int
    port: int
    direction: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A strip at one zoom: pixels that narrow records cover, blocks of them, and for each wide one its number and pixels [left, right)."""

    bar: NDArray[np.bool_]
    blocks: Blocks
    no: NDArray[np.int64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]


class SpanIndex:
    """Records of one strip in order of their start; they may overlap and come in any order."""

    def __init__(self) -> None:
        self._start = Grown(np.dtype(np.int64))
        self._end = Grown(np.dtype(np.int64))
        self._no = Grown(np.dtype(np.uint32))
        self._latest = Pyramid(np.maximum, np.dtype(np.int64), _BLOCKED)

    def __len__(self) -> int:
        return len(self._start)

    def add(self, start: Ticks, end: Ticks, no: NDArray[np.int64]) -> None:
        """Add records; those that begin before others that are there find their place."""
        if not len(start):
            return
        place = int(np.searchsorted(self._start.view(), int(start.min())))
        old = [grown.view()[place:].copy() for grown in (self._start, self._end, self._no)]
        starts = np.concatenate([old[0], start])
        order = np.argsort(starts, kind="stable")
        for grown, kept, fresh in zip((self._start, self._end, self._no), old, (start, end, no), strict=True):
            grown.cut(place)
            grown.append(np.concatenate([kept, fresh])[order])
        self._latest.extend(self._end.view(), place)

    def lengthen(self, no: NDArray[np.int64], start: Ticks, end: Ticks) -> None:
        """Give records, known by number and start, a later end."""
        first = np.searchsorted(self._start.view(), start)
        numbers, ends = self._no.view(), self._end.view()
        for number, place, new_end in zip(no.tolist(), first.tolist(), end.tolist(), strict=True):
            at = place + int(np.flatnonzero(numbers[place:] == number)[0])
            ends[at] = new_end
        if len(first):
            self._latest.extend(ends, int(first.min()))

    def visible(self, start: int, end: int) -> tuple[Ticks, slice]:
        """Places of the records that reach into [start, end): those from before, and those that begin in it."""
        first, after = (int(place) for place in np.searchsorted(self._start.view(), [start, end]))
        return self._latest.reaching(self._end.view(), first, start), slice(first, after)

    def spans(self, start: int, end: int) -> tuple[Ticks, Ticks]:
        """Starts and ends of the records that reach into [start, end)."""
        before, within = self.visible(start, end)
        starts, ends = self._start.view(), self._end.view()
        return np.concatenate([starts[before], starts[within]]), np.concatenate([ends[before], ends[within]])

    def drawn(self, view: Viewport) -> Drawn:
        """The strip in a viewport."""
        before, within = self.visible(view.first_tick, view.end_tick)
        if len(before) + within.stop - within.start > RECORDS_PER_PIXEL * view.width:
            return self._all_narrow(view, before)
        starts, ends, numbers = (
            np.concatenate([column[before], column[within]]) for column in (self._start.view(), self._end.view(), self._no.view())
        )
        left, right = view.x_column(starts), view.x_column(ends)
        wide = right - left >= NARROW_PIXELS
        bar = covered(left[~wide], right[~wide], view.width)
        blocks = merged(left[~wide], right[~wide], np.ones(int((~wide).sum()), np.int64))
        return Drawn(bar, blocks, numbers[wide].astype(np.int64), left[wide], right[wide])

    def at(self, tick: int, within: int) -> int | None:
        """The number of the record at a tick, the shortest of several, else the nearest within some ticks."""
        before, inside = self.visible(tick - within, tick + within + 1)
        starts = self._start.view()
        ends = self._end.view()
        middle = int(np.searchsorted(starts, tick))
        near = np.arange(max(inside.start, middle - 500), min(inside.stop, middle + 500))
        places = np.concatenate([before, near])
        if not len(places):
            return None
        behind = tick - np.maximum(ends[places], starts[places] + 1) + 1
        apart = np.maximum(np.maximum(starts[places] - tick, behind), 0)
        best = places[np.lexsort((ends[places] - starts[places], apart))[0]]
        return int(self._no.view()[best])

    def _all_narrow(self, view: Viewport, before: Ticks) -> Drawn:
        edges = view.edges()
        place = np.searchsorted(self._start.view(), edges)
        filled = np.flatnonzero(place[1:] > place[:-1])
        first, after = place[:-1][filled], place[1:][filled]
        if place[-1] - place[0] <= FEW_ROWS and len(filled):
            # One pass over them all is faster than the pyramid's many small steps.
            latest = np.maximum.reduceat(self._end.view()[: place[-1]], first)
        else:
            latest = self._latest.over(self._end.view(), first, after)
        ends = np.concatenate([latest, self._end.view()[before]])
        left = np.concatenate([filled, np.zeros(len(before))])
        right = view.x_column(ends)
        count = np.concatenate([np.diff(place)[filled], np.ones(len(before), np.int64)])
        order = np.argsort(left, kind="stable")
        none = np.empty(0)
        return Drawn(
            covered(left, right, view.width), merged(left[order], right[order], count[order]), np.empty(0, np.int64), none, none
        )


class Annotations:
    """All strips of a decode; `update` takes in what is new."""

    def __init__(self) -> None:
        self._strips: dict[StripKey, SpanIndex] = {}
        self._taken = dict.fromkeys(LAYERS, 0)
        self._unanswered: NDArray[np.int64] = np.empty(0, np.int64)

    def strip(self, key: StripKey) -> SpanIndex:
        """A strip, empty where nothing was seen."""
        return self._strips.get(key) or SpanIndex()

    def update(self, snapshot: Snapshot) -> bool:
        """Take in some of the new rows; True where there are more."""
        more = False
        for layer in LAYERS:
            first = self._taken[layer]
            last = min(snapshot.count(layer), first + SLICE_ROWS)
            if layer == "transactions":
                last = self._whole_transactions(snapshot, first, last)
                self._answer(snapshot)
            if last > first:
                self._add(snapshot, layer, slice(first, last))
                self._taken[layer] = last
                more = more or last < snapshot.count(layer)
        return more

    def _whole_transactions(self, snapshot: Snapshot, first: int, last: int) -> int:
        """Transactions up to the first whose packets are not published yet."""
        packets = snapshot.count("packets")
        known = np.maximum(
            snapshot.column("transactions", "command")[first:last], snapshot.column("transactions", "response")[first:last]
        )
        late = np.flatnonzero(known > packets)
        return first + int(late[0]) if len(late) else last

    def _add(self, snapshot: Snapshot, layer: str, rows: slice) -> None:
        numbers = np.arange(rows.start + 1, rows.stop + 1)
        if layer == "transactions":
            start, end, stream, port = _exchange_spans(snapshot, numbers - 1)
            direction = np.full(len(numbers), BOTH_WAYS)
            answered = snapshot.column("transactions", "response")[rows] != 0
            self._unanswered = np.concatenate([self._unanswered, numbers[~answered] - 1])
        else:
            start, stream, port = (snapshot.column(layer, name)[rows] for name in ("start", "stream", "port"))
            end = start + snapshot.column(layer, "duration")[rows] if layer == "frames" else snapshot.column(layer, "end")[rows]
            direction = np.full(len(numbers), BOTH_WAYS) if layer == "transfers" else snapshot.column(layer, "direction")[rows]
        directions = [direction, np.full(len(numbers), BOTH_WAYS)] if layer == "packets" else [direction]
        for way in directions:
            for key, chosen in _by_key(layer, stream, port, way):
                self._strips.setdefault(key, SpanIndex()).add(start[chosen], end[chosen], numbers[chosen])

    def _answer(self, snapshot: Snapshot) -> None:
        """Transactions end with their response, which may come long after the command."""
        response = snapshot.column("transactions", "response")[self._unanswered]
        answered = (response != 0) & (response <= snapshot.count("packets"))
        rows, self._unanswered = self._unanswered[answered], self._unanswered[~answered]
        if not len(rows):
            return
        start, end, stream, port = _exchange_spans(snapshot, rows)
        for key, chosen in _by_key("transactions", stream, port, np.full(len(rows), BOTH_WAYS)):
            self._strips[key].lengthen(rows[chosen] + 1, start[chosen], end[chosen])


def _by_key(
    layer: str, stream: NDArray[np.uint8], port: NDArray[np.uint8], direction: NDArray[np.int64]
) -> Iterator[tuple[StripKey, NDArray[np.int64]]]:
    code = stream.astype(np.int64) << 16 | port.astype(np.int64) << 8 | direction
    for value in np.unique(code).tolist():
        yield StripKey(layer, value >> 16, value >> 8 & 0xFF, value & 0xFF), np.flatnonzero(code == value)


def _exchange_spans(snapshot: Snapshot, rows: Ticks) -> tuple[Ticks, Ticks, NDArray[np.uint8], NDArray[np.uint8]]:
    """From a transaction's first packet to its last, and where the first was seen."""
    command, response = (snapshot.column("transactions", name)[rows].astype(np.int64) for name in ("command", "response"))
    first = np.where(command != 0, command, response) - 1
    last = np.where((response != 0) & (response <= snapshot.count("packets")), response, first + 1) - 1
    start, end = snapshot.column("packets", "start"), snapshot.column("packets", "end")
    return start[first], end[last], snapshot.column("packets", "stream")[first], snapshot.column("packets", "port")[first]


def covered(left: NDArray[np.float64], right: NDArray[np.float64], width: int) -> NDArray[np.bool_]:
    """Which pixels some stretches touch, each at least one."""
    first = np.clip(left, 0, width).astype(np.int64)
    last = np.maximum(np.ceil(np.clip(right, 0, width)).astype(np.int64), np.minimum(first + 1, width))
    change = np.zeros(width + 1, np.int64)
    np.add.at(change, first, 1)
    np.add.at(change, last, -1)
    return np.cumsum(change[:-1]) > 0
