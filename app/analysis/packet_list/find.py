"""Finding and going to rows: a search in slices that may be interrupted, and what people write to name a place."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.analysis.packet_list.match import BytesMatch, HeaderMatch, Matcher, PayloadMatch, TextMatch, field_names, in_header
from app.analysis.packet_list.rows import Rows
from app.analysis.packet_list.text import RowTexts
from app.analysis.tables.snapshot import Snapshot
from decoders.core.document import suggestion
from decoders.core.errors import FilterError
from decoders.core.span import Timebase

_UNITS_NS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}
_TIME = re.compile(r"([-+]?\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|min)")
_RECORD = re.compile(r"([pf]?)(\d+)", re.IGNORECASE)
_MOST_DIGITS = 18


class Look(enum.StrEnum):
    """What a search looks at."""

    TEXT = "text"
    HEX = "hex"
    FIELD = "field"


def matcher_of(look: Look, wanted: str, snapshot: Snapshot, texts: RowTexts) -> Matcher:
    """What finds rows that hold `wanted`. Raises FilterError where that cannot be looked for."""
    match look:
        case Look.HEX:
            return BytesMatch(snapshot, _bytes(wanted))
        case Look.FIELD:
            return _field_match(wanted, snapshot)
        case _:
            if not wanted:
                raise FilterError("there is nothing to look for", remedy="write a word from any column")
            return TextMatch(texts, wanted)


def _bytes(wanted: str) -> bytes:
    try:
        data = bytes.fromhex(wanted.replace(":", " ").replace("0x", ""))
    except ValueError:
        raise FilterError("these are not pairs of hex digits", wanted, "write for example a5 10") from None
    if not data:
        raise FilterError("there are no bytes to look for", remedy="write pairs of hex digits, for example a5 10")
    return data


def _field_match(wanted: str, snapshot: Snapshot) -> Matcher:
    name, equals, value = (part.strip() for part in wanted.partition("="))
    if not equals or not name or not value:
        raise FilterError("this names no field and value", wanted, "write for example status=denied")
    name, value = name.rpartition(".")[2], value.removeprefix("=").strip()
    names = field_names(snapshot.profile)
    if name not in names:
        raise FilterError(f"no field is called '{name}'", remedy=suggestion(name, sorted(names), "fields are"))
    return HeaderMatch(snapshot, name, value) if in_header(snapshot.profile, name) else PayloadMatch(snapshot, name, value)


class Search:
    """Looks for the next row that matches, from the one behind (or before) `row` on; round the end where `wraps`.

    `step` looks at one slice. `found` is the row, once there is one; `is_done` says that there is none either.
    """

    def __init__(self, rows: Rows, matcher: Matcher, row: int, *, backwards: bool = False, wraps: bool = True) -> None:
        self._rows, self._matcher, self._backwards, self._wraps = rows, matcher, backwards, wraps
        self._at = row
        self._left = len(rows) if wraps else (row if backwards else len(rows) - row - 1)
        self.found: int | None = None
        self.wrapped = False
        self.looked_at = 0

    @property
    def is_done(self) -> bool:
        return self.found is not None or self._left <= 0

    def step(self) -> None:
        """Look at the next slice of rows."""
        if self.is_done:
            return
        first, last = self._slice()
        matches = np.flatnonzero(self._matcher.matches(self._rows.codes[first:last]))
        if len(matches):
            self.found = first + int(matches[-1 if self._backwards else 0])
        self._at = first if self._backwards else last - 1
        self._left -= last - first
        self.looked_at += last - first

    def run(self) -> int | None:
        """Look to the end, for what is fast."""
        while not self.is_done:
            self.step()
        return self.found

    def _slice(self) -> tuple[int, int]:
        """The next rows [first, last)."""
        count, size = len(self._rows), min(self._matcher.rows_at_once, self._left)
        if self._backwards:
            self.wrapped = self.wrapped or self._at <= 0
            last = self._at if self._at > 0 else count
            return max(0, last - size), last
        self.wrapped = self.wrapped or self._at + 1 >= count
        first = self._at + 1 if self._at + 1 < count else 0
        return first, min(count, first + size)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to go: a record of "packets" or "frames" by its number, or a tick."""

    layer: str
    no: int


def parse_target(text: str, timebase: Timebase) -> Target:
    """What a person wrote: 41 is a packet, f123 a frame, 12.5 s a time (a `Target` of the layer "time"). Raises FilterError."""
    bare = "".join(text.split()).replace("\u2009", "")
    record, time = _RECORD.fullmatch(bare), _TIME.fullmatch(bare)
    if record and len(bare) <= _MOST_DIGITS:
        return Target("frames" if record[1] in {"f", "F"} else "packets", int(record[2]))
    if time and len(bare) <= 2 * _MOST_DIGITS:
        return Target("time", timebase.ticks(int(Decimal(time[1]) * _UNITS_NS[time[2]])))
    raise FilterError("this is no place", text, "write a packet's number, f123 for a frame, or a time such as 12.5 s")
