"""The column extractor: one header field of many records at once, as a numpy column.

Fixed layouts are gathered from the bytes without a loop over records; any other layout is read record by record with the same
results. A column holds the raw number that conditions see (`leaf.field_number`); `value_at` turns it into the record's value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.core.tree import Value
from decoders.profile.layout import Layout
from decoders.profile.leaf import field_value, swap_bytes
from decoders.profile.schema import Field

Column = NDArray[Any]
"""uint8 to uint64, the narrowest that the field's numbers fit; object where they need more than 64 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of n records by field name.

    `present` has a bool column for each field that a record may lack; `complete` says whether a record held its whole header;
    `size` is the header's bytes in each. Numbers of absent fields and incomplete records are 0.
    """

    numbers: dict[str, Column]
    present: dict[str, NDArray[np.bool_]]
    complete: NDArray[np.bool_]
    size: NDArray[np.int64]

    def get(self, name: str, default: int = 0) -> Column:
        """A field's column, or one full of `default` where the layout has no such field."""
        if name in self.numbers:
            return self.numbers[name]
        return np.full(len(self.complete), default, np.uint8)


def extract(
    layout: Layout, data: NDArray[np.uint8], offset: NDArray[np.int64], size: NDArray[np.int64], names: Iterable[str] | None = None
) -> Columns:
    """Columns of the records that begin at `offset` (bytes) in `data` and are `size` bytes long; of all fields or of `names`."""
    wanted = [
        f for f in layout.fields if f.kind not in {"typed", "list"} and f.bits is not None and (names is None or f.name in names)
    ]
    if layout.is_fixed:
        return _extract_fixed(layout, {f.name for f in wanted}, data, offset, size)
    return _extract_slowly(layout, wanted, data, offset, size)


def value_at(field: Field, number: int) -> Value:
    """The record value of a number of a column."""
    bits = field.bits or 0
    raw = (number - field.bias) // field.scale if field.kind == "uint" else number
    return field_value(field, swap_bytes(raw, bits) if field.order == "little" else raw, bits)


def _extract_fixed(
    layout: Layout, names: set[str], data: NDArray[np.uint8], offset: NDArray[np.int64], size: NDArray[np.int64]
) -> Columns:
    header = layout.fixed_bytes or 0
    complete = size >= header
    all_complete = bool(complete.all())
    at = offset if all_complete else offset[complete]
    numbers = {}
    fetched: dict[int, NDArray[np.uint8]] = {}
    for field in layout.placed:
        if field.name in names:
            column = _gather(field, data, at, fetched)
            numbers[field.name] = column if all_complete else _spread(column, complete)
    return Columns(numbers, {}, complete, np.full(len(offset), header, np.int64))


def _spread(column: Column, rows: NDArray[np.bool_]) -> Column:
    """The column at `rows`, 0 elsewhere."""
    full: Column = np.zeros(len(rows), column.dtype)
    full[rows] = column
    return full


def _gather(field: Field, data: NDArray[np.uint8], at: NDArray[np.int64], fetched: dict[int, NDArray[np.uint8]]) -> Column:
    start, bits = field.at_bit or 0, field.bits or 0
    first, stop = start >> 3, start + bits
    last = (stop + 7) >> 3
    order = range(first, last) if field.order == "big" else range(last - 1, first - 1, -1)
    for byte in order:
        if byte not in fetched:
            fetched[byte] = data[at + byte]
    if last - first == 1:
        column: Column = fetched[first]
        shift = last * 8 - stop
        if shift:
            column = column >> np.uint8(shift)
        if bits < 8 - shift:
            column = column & np.uint8((1 << bits) - 1)
    elif last - first <= 8:
        column = _joined(fetched, order, bits, last * 8 - stop)
    else:
        wide = [_wide(fetched, order, row, bits, last * 8 - stop) for row in range(len(at))]
        column = np.array(wide, dtype=np.uint64 if bits <= 64 else object)
    return _scaled(field, column)


def _joined(fetched: dict[int, NDArray[np.uint8]], order: range, bits: int, shift: int) -> Column:
    wide = np.uint16 if len(order) <= 2 else np.uint32 if len(order) <= 4 else np.uint64
    column: Column = np.zeros(len(fetched[order[0]]), wide)
    for byte in order:
        column = (column << wide(8)) | fetched[byte]
    if shift:
        column = column >> wide(shift)
    if bits < len(order) * 8:
        column = column & wide((1 << bits) - 1)
    return column


def _wide(fetched: dict[int, NDArray[np.uint8]], order: range, row: int, bits: int, shift: int) -> int:
    joined = int.from_bytes(bytes(int(fetched[byte][row]) for byte in order), "big")
    return (joined >> shift) & ((1 << bits) - 1)


def _scaled(field: Field, column: Column) -> Column:
    number: Column = column.astype(column_dtype(field), copy=False)
    if field.scale != 1:
        number = number * field.scale
    return number + field.bias if field.bias else number


def _extract_slowly(
    layout: Layout, wanted: list[Field], data: NDArray[np.uint8], offset: NDArray[np.int64], size: NDArray[np.int64]
) -> Columns:
    readings = [
        layout.read(data[start : start + length].tobytes(), whole=False)
        for start, length in zip(offset.tolist(), size.tolist(), strict=True)
    ]
    complete = np.array([_is_complete(reading.problems) for reading in readings], dtype=np.bool_)
    numbers: dict[str, Column] = {}
    present: dict[str, NDArray[np.bool_]] = {}
    for field in wanted:
        there = [bool(whole) and field.name in reading.numbers for whole, reading in zip(complete, readings, strict=True)]
        found = [reading.numbers[field.name] if has else 0 for has, reading in zip(there, readings, strict=True)]
        numbers[field.name] = np.array(found, dtype=column_dtype(field))
        if field.condition:
            present[field.name] = np.array(there, dtype=np.bool_)
    ends = np.array([-(-reading.end_bit // 8) for reading in readings], dtype=np.int64)
    return Columns(numbers, present, complete, ends)


def _is_complete(problems: list[Any]) -> bool:
    return not any(node.value is None for node, _ in problems) and not any(node.name == "undecoded" for node, _ in problems)


def column_dtype(field: Field) -> np.dtype[Any]:
    """The narrowest type of a field's column; object where a number may be negative or wider than 64 bits."""
    limit = ((1 << (field.bits or 0)) - 1) * field.scale + field.bias
    return np.min_scalar_type(limit) if limit < 1 << 64 else np.dtype(object)
