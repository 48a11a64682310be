"""What stands below what in the timeline: the layers of each port by height, then its lines, then the traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from app.analysis.text.words import ARROWS, count_text
from app.analysis.timeline.annotations import BOTH_WAYS, StripKey
from app.analysis.timeline.lanes import Lane, lane_groups
from decoders.bus.wiring import Wiring
from decoders.core.frames import DIRECTIONS, H2P, P2H

TRACE_LINES = 4
"""How many lines of text a trace is high."""
SLIM_LINES = 2
"""The same of the current of a folded port, where there are few of them; else it is one."""
FEW_PORTS = 4
"""With more ports than this they are folded at first."""


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
class FoldedKey:
    """A folded group that has no packets."""

    group: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One row: what it shows, what it is called, the role or direction behind that, its height in lines, and its group's title."""

    shows: StripKey | OctetKey | Lane | TraceKey | FoldedKey
    name: str
    group: str
    note: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A row at its place: pixels from the top of all rows; `opens` where a group begins, `gap` pixels after the one before."""

    row: TimelineRow
    top: int
    height: int
    opens: bool
    gap: int = 0


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """All rows at their places, and how high they are together."""

    rows: tuple[Placed, ...] = field(default=())
    height: int = 0

    def at(self, y: float) -> Placed | None:
        """The row at a height."""
        return next((placed for placed in self.rows if placed.top <= y < placed.top + placed.height), None)

    def scrolled_to(self, shows: object, top: int, room: int) -> int:
        """Where rows of which `room` pixels from `top` on are in sight should be moved so that one is.

        Its group comes with it, or as much of that from its top on as there is room for.
        """
        row = self.row_of(shows)
        if row is None:
            return top
        group = [placed for placed in self.rows if placed.row.group == row.row.group]
        first = group[0] if row.top + row.height - group[0].top <= room else row
        last = max((one for one in group if one.top + one.height - first.top <= room), key=lambda one: one.top, default=row)
        return min(max(top, last.top + last.height - room), first.top)

    def to_row(self, shows: object, top: int, room: int) -> int:
        """Where rows should be moved, as little as may be, so that one is in sight."""
        row = self.row_of(shows)
        return top if row is None else min(max(top, row.top + row.height - room), row.top)

    def row_of(self, shows: object) -> Placed | None:
        """The row that shows something, or that its port is folded into."""
        places: dict[object, Placed] = {placed.row.shows: placed for placed in self.rows}
        if shows not in places and isinstance(shows, StripKey | OctetKey):
            return places.get(StripKey("packets", shows.stream, shows.port, BOTH_WAYS))
        return places.get(shows)


def timeline_rows(wiring: Wiring, channels: tuple[str, ...], traces: tuple[str, ...]) -> list[TimelineRow]:
    """All rows of a recording, from the top; traces that are wired as a port's supply stand below its lines."""
    rows: list[TimelineRow] = []
    left = dict.fromkeys(range(len(traces)))
    for group in lane_groups(wiring, channels):
        if group.stream is not None and group.port is not None:
            rows += _layer_rows(group.title, group.stream, group.port)
        for lane in group.lanes:
            role = "" if lane.role == lane.name.lower() else lane.role
            rows.append(TimelineRow(lane, lane.name, group.title, role))
        supply = [index for index in supply_traces(wiring, group.stream, group.port) if left.pop(index, 0) is None]
        rows += [TimelineRow(TraceKey(index), traces[index], group.title, "", TRACE_LINES) for index in supply]
    return rows + [TimelineRow(TraceKey(index), traces[index], "traces", "", TRACE_LINES) for index in left]


def supply_traces(wiring: Wiring, stream: int | None, port: int | None) -> list[int]:
    """The traces that are a port's supply: its currents, then its voltages, the low rail first."""
    rails = sorted(
        (rail for rail in wiring.power if (rail.stream, rail.port) == (stream, port)), key=lambda rail: rail.rail != "low"
    )
    traces = [*(rail.current for rail in rails), *(rail.voltage for rail in rails)]
    return [index for index in traces if index is not None]


def folded_rows(rows: list[TimelineRow], folded: frozenset[str], currents: frozenset[int] = frozenset()) -> list[TimelineRow]:
    """The rows with some groups folded: of a port its packets of both directions and its first current, of others how many.

    `currents` are the traces that are a port's current.
    """
    found: list[TimelineRow] = []
    slim = SLIM_LINES if len(ports_of(rows)) <= FEW_PORTS else 1
    for title, group in groupby(rows, key=lambda row: row.group):
        members = list(group)
        found += _folded(title, members, currents, slim) if title in folded else members
    return found


def _folded(title: str, members: list[TimelineRow], currents: frozenset[int], slim: int) -> list[TimelineRow]:
    for row in members:
        match row.shows:
            case StripKey(layer="packets", stream=stream, port=port):
                packets = TimelineRow(StripKey("packets", stream, port, BOTH_WAYS), "packets", title)
                return [packets, *_slim_current(members, currents, slim)]
    thing = "trace" if isinstance(members[0].shows, TraceKey) else "line"
    return [TimelineRow(FoldedKey(title), count_text(len(members), thing), title)]


def _slim_current(members: Sequence[TimelineRow], currents: frozenset[int], lines: int) -> list[TimelineRow]:
    of_port = (row for row in members if isinstance(row.shows, TraceKey) and row.shows.index in currents)
    return [replace(row, lines=lines) for row in of_port][:1]


def ports_of(rows: list[TimelineRow]) -> list[str]:
    """The titles of the groups that have packets."""
    return list(dict.fromkeys(row.group for row in rows if isinstance(row.shows, StripKey)))


def folded_at_first(rows: list[TimelineRow]) -> frozenset[str]:
    """The ports, where there are more than fit below each other, which with their traces only one does; and the lines they share."""
    ports = ports_of(rows)
    has_traces = any(isinstance(row.shows, TraceKey) and row.group in ports for row in rows)
    if len(ports) <= (1 if has_traces else FEW_PORTS):
        return frozenset()
    return frozenset(ports) | (
        {row.group for row in rows if row.group not in ports and isinstance(row.shows, Lane)} if has_traces else set()
    )


def _layer_rows(title: str, stream: int, port: int) -> Iterator[TimelineRow]:
    yield TimelineRow(StripKey("transactions", stream, port, BOTH_WAYS), "transactions", title)
    for layer in ("packets", "frames"):
        for direction in (H2P, P2H):
            yield TimelineRow(StripKey(layer, stream, port, direction), layer, title, ARROWS[DIRECTIONS[direction]])
    for direction in (H2P, P2H):
        yield TimelineRow(OctetKey(stream, port, direction), "bytes", title, ARROWS[DIRECTIONS[direction]])


def placed(rows: list[TimelineRow], line: int, gap: int) -> RowPlaces:
    """Rows below each other, a line of text being so many pixels high, with a gap before each group but the first.

    Between groups of a single row, such as folded ones, it is a quarter as wide.
    """
    top = 0
    places: list[Placed] = []
    was_single = False
    for _, group in groupby(rows, key=lambda row: row.group):
        members = list(group)
        is_single = len(members) == 1 and members[0].lines == 1
        before = 0 if not places else gap // 4 if is_single and was_single else gap
        was_single = is_single
        top += before
        for row in members:
            opens = row is members[0]
            places.append(Placed(row, top, row.lines * line, opens, before if opens else 0))
            top += row.lines * line
    return RowPlaces(tuple(places), top)
