"""What stands below what in the timeline: the layers of each port by height, then its lines, then the traces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.analysis.text.words import ARROWS
from app.analysis.timeline.annotations import BOTH_WAYS, StripKey
from app.analysis.timeline.lanes import Lane, lane_groups
from decoders.bus.wiring import Wiring
from decoders.core.frames import DIRECTIONS, H2P, P2H

TRACE_LINES = 4
"""How many lines of text a trace is high."""


@dataclass(frozen=True, slots=True)
class OctetKey:
    """The bytes of one line of a port."""

    stream: int
    port: int
    direction: int


@dataclass(frozen=True, slots=True)
class TraceKey:
    """An analogue trace by its index in the recording."""

    index: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One row: what it shows, what it is called, the role or direction behind that, its height in lines, and its group's title."""

    shows: StripKey | OctetKey | Lane | TraceKey
    name: str
    group: str
    note: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A row at its place: pixels from the top of all rows; `opens` where a group begins."""

    row: TimelineRow
    top: int
    height: int
    opens: bool


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """All rows at their places, and how high they are together."""

    rows: tuple[Placed, ...] = field(default=())
    height: int = 0

    def at(self, y: float) -> Placed | None:
        """The row at a height."""
        return next((placed for placed in self.rows if placed.top <= y < placed.top + placed.height), None)

    def scrolled_to(self, shows: object, top: int, room: int) -> int:
        """Where rows of which `room` pixels from `top` on are in sight should be moved so that one is, with its group if that fits."""
        row = next((placed for placed in self.rows if placed.row.shows == shows), None)
        if row is None:
            return top
        group = [placed for placed in self.rows if placed.row.group == row.row.group]
        whole = group[-1].top + group[-1].height - group[0].top <= room
        first, last = (group[0], group[-1]) if whole else (row, row)
        return min(max(top, last.top + last.height - room), first.top)


def timeline_rows(wiring: Wiring, channels: tuple[str, ...], traces: tuple[str, ...]) -> list[TimelineRow]:
    """All rows of a recording, from the top."""
    rows: list[TimelineRow] = []
    for group in lane_groups(wiring, channels):
        if group.stream is not None and group.port is not None:
            rows += _layer_rows(group.title, group.stream, group.port)
        for lane in group.lanes:
            role = "" if lane.role == lane.name.lower() else lane.role
            rows.append(TimelineRow(lane, lane.name, group.title, role))
    return rows + [TimelineRow(TraceKey(index), name, "traces", "", TRACE_LINES) for index, name in enumerate(traces)]


def _layer_rows(title: str, stream: int, port: int) -> Iterator[TimelineRow]:
    yield TimelineRow(StripKey("transactions", stream, port, BOTH_WAYS), "transactions", title)
    for layer in ("packets", "frames"):
        for direction in (H2P, P2H):
            yield TimelineRow(StripKey(layer, stream, port, direction), layer, title, ARROWS[DIRECTIONS[direction]])
    for direction in (H2P, P2H):
        yield TimelineRow(OctetKey(stream, port, direction), "bytes", title, ARROWS[DIRECTIONS[direction]])


def placed(rows: list[TimelineRow], line: int, gap: int) -> RowPlaces:
    """Rows below each other, a line of text being so many pixels high, with a gap before each group but the first."""
    top = 0
    places: list[Placed] = []
    group = ""
    for row in rows:
        opens = row.group != group
        top += gap if opens and places else 0
        group = row.group
        places.append(Placed(row, top, row.lines * line, opens))
        top += row.lines * line
    return RowPlaces(tuple(places), top)
