"""Which rows of a list hold what is looked for: text in their cells, bytes, a field's value, two parties.

Each of these answers for many rows at once; `rows_at_once` is how many take a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.analysis.packet_list.rows import Codes, Kind, kind_of, kinds_of, number_of, numbers_of
from app.analysis.packet_list.text import RowTexts
from app.analysis.tables.schema import HEADER_PREFIX
from app.analysis.tables.snapshot import Snapshot
from decoders.core.tree import Value
from decoders.profile.columns import value_at
from decoders.profile.layout import Layout
from decoders.profile.schema import Field
from decoders.profile.wire_profile import WireProfile

Mask = NDArray[np.bool_]
MOST_BYTES = 4 << 20
"""Looked through in one go."""


class Matcher(Protocol):
    """Says of rows whether they match."""

    @property
    def rows_at_once(self) -> int: ...

    def matches(self, codes: Codes) -> Mask: ...


class TextMatch:
    """Rows that hold a text in one of their cells, whatever its case."""

    rows_at_once = 32

    def __init__(self, texts: RowTexts, text: str) -> None:
        self._texts, self._text = texts, text.casefold()

    def matches(self, codes: Codes) -> Mask:
        return np.array([self._text in "\n".join(self._texts.said(code)).casefold() for code in codes.tolist()], np.bool_)


class BytesMatch:
    """Rows whose packet or frame holds some bytes."""

    rows_at_once = 1 << 13

    def __init__(self, snapshot: Snapshot, data: bytes) -> None:
        self._snapshot, self._data = snapshot, np.frombuffer(data, np.uint8)

    def matches(self, codes: Codes) -> Mask:
        at, end = self._places(codes)
        low, high = int(at.min(initial=np.iinfo(np.int64).max)), int(end.max(initial=0))
        if high - low > MOST_BYTES and len(codes) > 1:
            half = len(codes) // 2
            return np.concatenate([self.matches(codes[:half]), self.matches(codes[half:])])
        hits = np.append(self._hits(low, high), np.iinfo(np.int64).max - len(self._data))
        return hits[np.searchsorted(hits, at)] + len(self._data) <= end

    def _places(self, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the rows' bytes begin and end; a gap has none."""
        at, end = np.zeros(len(codes), np.int64), np.zeros(len(codes), np.int64)
        kinds, rows = kinds_of(codes), numbers_of(codes) - 1
        for table, mine in (("packets", kinds == Kind.PACKET), ("frames", (kinds == Kind.FRAME) | (kinds == Kind.MEMBER))):
            at[mine] = self._snapshot.column(table, "at")[rows[mine]]
            end[mine] = at[mine] + self._snapshot.column(table, "size")[rows[mine]]
        return at, end

    def _hits(self, low: int, high: int) -> NDArray[np.int64]:
        """Where in the stored bytes the looked-for ones begin."""
        data = self._snapshot.column("bytes", "data")[low:high]
        hits = np.flatnonzero(data[: max(0, len(data) - len(self._data) + 1)] == self._data[0])
        for offset, byte in enumerate(self._data.tolist()):
            hits = hits[data[hits + offset] == byte]
        return hits + low


class HeaderMatch:
    """Rows whose link or packet header has a value; of both headers where both have the field."""

    rows_at_once = 1 << 12

    def __init__(self, snapshot: Snapshot, name: str, value: str) -> None:
        self._snapshot, self._name, self._value = snapshot, name, value
        self._fields = {table: _field(layout, name) for table, layout in _headers(snapshot.profile).items()}

    def matches(self, codes: Codes) -> Mask:
        found = np.zeros(len(codes), np.bool_)
        kinds, rows = kinds_of(codes), numbers_of(codes) - 1
        for table, mine in (("packets", kinds == Kind.PACKET), ("frames", (kinds == Kind.FRAME) | (kinds == Kind.MEMBER))):
            field = self._fields[table]
            if field is not None:
                found[mine] = self._of(table, field, rows[mine])
        return found

    def _of(self, table: str, field: Field, rows: NDArray[np.int64]) -> Mask:
        snapshot = self._snapshot
        column, good = ("has_header", 1) if table == "packets" else ("malformed", 0)
        found: Mask = snapshot.column(table, column)[rows] == good
        numbers = snapshot.column(table, HEADER_PREFIX + field.name)[rows]
        services = snapshot.header_column(table, "service")
        if field.name == "operation" and services is not None:
            pairs = services[rows].astype(np.int64) << 32 | numbers
            found &= _among(pairs, lambda pair: self._is_operation(pair >> 32, pair & 0xFFFF_FFFF))
        else:
            found &= _among(numbers, lambda number: self._is_number(field, number))
        return found

    def _is_number(self, field: Field, number: int) -> bool:
        return is_value(value_at(field, number), self._value) or str(number) == self._value

    def _is_operation(self, service: int, operation: int) -> bool:
        return is_value(self._snapshot.profile.operation_name(service, operation), self._value) or str(operation) == self._value


class PayloadMatch:
    """Rows with a value anywhere in their decoded payload."""

    rows_at_once = 32

    def __init__(self, snapshot: Snapshot, name: str, value: str) -> None:
        self._snapshot, self._name, self._value = snapshot, name, value

    def matches(self, codes: Codes) -> Mask:
        return np.array([any(is_value(one, self._value) for one in self._values(code)) for code in codes.tolist()], np.bool_)

    def _values(self, code: int) -> Iterator[Value]:
        match kind_of(code):
            case Kind.PACKET:
                payload = self._snapshot.packet(number_of(code)).reading.payload
                record: Value = payload.record if payload else None
            case Kind.GAP:
                record = None
            case _:
                frame = self._snapshot.frame(number_of(code))
                layout = self._snapshot.profile.frame_payloads.get(str(frame.header.get("type")))
                record = layout.read(frame.payload).record if layout else None
        return values_of(record, self._name)


class PacketRows:
    """Rows that are packets."""

    rows_at_once = 1 << 16

    def matches(self, codes: Codes) -> Mask:
        found: Mask = kinds_of(codes) == Kind.PACKET
        return found


class ConversationRows:
    """Packets between the two parties of a packet, in either direction."""

    rows_at_once = 1 << 16

    def __init__(self, snapshot: Snapshot, packet: int) -> None:
        self._packets = PacketRows()
        self._ends = [snapshot.header_column("packets", name) for name in ("source", "destination")]
        if any(end is None for end in self._ends):
            self._ends = [snapshot.column("packets", "stream"), snapshot.column("packets", "port")]
        self._parties = [None if end is None else end[packet - 1] for end in self._ends]

    def matches(self, codes: Codes) -> Mask:
        found = self._packets.matches(codes)
        rows = codes[found].astype(np.int64) - 1
        one, other = (np.zeros(len(rows)) if end is None else end[rows] for end in self._ends)
        first, second = self._parties
        found[found] = ((one == first) & (other == second)) | ((one == second) & (other == first))
        return found


def field_names(profile: WireProfile) -> set[str]:
    """Every name that a field of headers or payloads has."""
    layouts = [*_headers(profile).values(), *profile.payloads.values(), *profile.frame_payloads.values()]
    names = {"type", "value"}
    waiting = [field for layout in layouts for field in layout.fields]
    while waiting:
        field = waiting.pop()
        names.add(field.name)
        waiting += field.fields
    return names


def in_header(profile: WireProfile, name: str) -> bool:
    """Whether a link or packet header has a field that tables hold."""
    return any(_field(layout, name) is not None for layout in _headers(profile).values())


def values_of(record: Value, name: str) -> Iterator[Value]:
    """The values of all fields of a name, at any depth."""
    if isinstance(record, dict):
        for key, value in record.items():
            if key == name and not isinstance(value, dict | list):
                yield value
            elif key == name and isinstance(value, list):
                yield from (one for one in value if not isinstance(one, dict | list))
            yield from values_of(value, name)
    elif isinstance(record, list):
        for value in record:
            yield from values_of(value, name)


def is_value(value: Value, wanted: str) -> bool:
    """Whether a record's value is what a person wrote: any case, IDs with or without separators, yes and no for flags."""
    if isinstance(value, bool):
        return wanted.casefold() in ({"true", "yes", "1"} if value else {"false", "no", "0"})
    text = str(value).casefold()
    return text == wanted.casefold() or (isinstance(value, str) and text == _bare(wanted))


def _bare(text: str) -> str:
    """Hex digits without what people put between them."""
    return text.casefold().removeprefix("0x").translate({ord(sign): None for sign in ":- "})


def _among(numbers: NDArray[np.int64], is_wanted: Callable[[int], bool]) -> Mask:
    """Which numbers are wanted, each different one asked once."""
    different, place = np.unique(numbers, return_inverse=True)
    return np.array([is_wanted(number) for number in different.tolist()], np.bool_)[place]


def _headers(profile: WireProfile) -> dict[str, Layout]:
    return {"frames": profile.frame, "packets": profile.packet}


def _field(layout: Layout, name: str) -> Field | None:
    return next((field for field in layout.fields if field.name == name and field.bits is not None and field.bits <= 64), None)
