"""Where in the timeline something was noticed that a reader must not overlook, thinned out by zoom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.snapshot import Snapshot
from app.analysis.timeline.pyramid import Grown
from app.analysis.timeline.viewport import Viewport
from decoders.core.finding import Severity
from decoders.stack import ALL_CODES

LAYERS = ("frames", "packets")
MARK_PIXELS = 14
"""Marks nearer to each other are one, the gravest."""
SLICE_ROWS = 1 << 17
"""The most findings that one update takes in."""
_BY_VALUE = tuple(Severity)
_SEVERITY = np.array([code.severity for code in ALL_CODES], np.uint8)
_LAYER = np.array([LAYERS.index(code.layer) if code.layer in LAYERS else len(LAYERS) for code in ALL_CODES], np.uint8)


@dataclass(frozen=True, slots=True)
class Mark:
    """A pixel at which something was noticed, and how grave it is."""

    x: float
    severity: Severity


class _Places:
    """Ticks at which records with faults begin, in order, and how grave they are."""

    def __init__(self) -> None:
        self.tick: NDArray[np.int64] = np.empty(0, np.int64)
        self.severity: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._new_tick = Grown(np.dtype(np.int64))
        self._new_severity = Grown(np.dtype(np.uint8))

    def add(self, tick: NDArray[np.int64], severity: NDArray[np.uint8]) -> None:
        self._new_tick.append(tick)
        self._new_severity.append(severity)
        ticks, severities = self._new_tick.view(), self._new_severity.view()
        order = np.argsort(ticks, kind="stable")
        self.tick, self.severity = ticks[order], severities[order]


class Faults:
    """Warnings and errors by layer, stream, port and direction; `update` takes in what is new."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int, int, int], _Places] = {}
        self._taken = 0

    def update(self, snapshot: Snapshot) -> bool:
        """Take in some of the findings whose records are published; True where there are more."""
        until = min(snapshot.count("findings"), self._taken + SLICE_ROWS)
        code, record = (snapshot.column("findings", name)[self._taken : until] for name in ("code", "record"))
        counts = np.array([*(snapshot.count(layer) for layer in LAYERS), np.iinfo(np.int64).max])
        late = np.flatnonzero(record > counts[_LAYER[code]])
        code, record = (column[: late[0]] if len(late) else column for column in (code, record))
        self._taken += len(code)
        for index, layer in enumerate(LAYERS):
            mine = np.flatnonzero((_LAYER[code] == index) & (_SEVERITY[code] >= Severity.WARNING) & (record > 0))
            if len(mine):
                self._add(snapshot, layer, record[mine].astype(np.int64) - 1, _SEVERITY[code[mine]])
        return self._taken == until < snapshot.count("findings")

    def _add(self, snapshot: Snapshot, layer: str, rows: NDArray[np.int64], severity: NDArray[np.uint8]) -> None:
        start, stream, port, direction = (
            snapshot.column(layer, name)[rows].astype(np.int64) for name in ("start", "stream", "port", "direction")
        )
        place = stream << 16 | port << 8 | direction
        for value in np.unique(place).tolist():
            chosen = place == value
            key = (layer, value >> 16, value >> 8 & 0xFF, value & 0xFF)
            self._places.setdefault(key, _Places()).add(start[chosen], severity[chosen])

    def marks(self, layer: str, stream: int, port: int, directions: tuple[int, ...], view: Viewport) -> list[Mark]:
        """Marks in sight, no two nearer to each other than a mark is wide."""
        found: dict[int, Mark] = {}
        for direction in directions:
            places = self._places.get((layer, stream, port, direction))
            if places is not None:
                for mark in _thinned(places, view):
                    slot = int(mark.x // MARK_PIXELS)
                    if slot not in found or found[slot].severity < mark.severity:
                        found[slot] = mark
        return list(found.values())


def _thinned(places: _Places, view: Viewport) -> list[Mark]:
    """One mark for each slot of the plot that has any, at the first of them."""
    edges = np.searchsorted(places.tick, view.edges(max(1, view.width // MARK_PIXELS)))
    opens = edges[:-1][edges[1:] > edges[:-1]]
    if not len(opens):
        return []
    worst = np.maximum.reduceat(places.severity[: edges[-1]], opens)
    x = view.x_column(places.tick[opens])
    return [Mark(at, _BY_VALUE[grave]) for at, grave in zip(x.tolist(), worst.tolist(), strict=True)]
