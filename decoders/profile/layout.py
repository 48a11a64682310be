"""A compiled layout: one list of fields that reads a field tree, writes bytes and extracts columns.

All three walk the same compiled fields, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from decoders.core.tree import FieldNode, Value
from decoders.profile.bits import BitReader, BitWriter, ShortDataError
from decoders.profile.leaf import EncodeError, field_number, field_raw, field_value, hex_bytes, text_of, utf8_bytes
from decoders.profile.schema import Field, ValueTypes
from decoders.profile.typed import TypedReader, write_typed
from decoders.profile.vocabulary import FREE_PREFIX

Record = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a layout made of some bytes: the tree, the plain record (interfaces: `fields`), and how many bits were explained."""

    tree: FieldNode
    record: Record
    numbers: dict[str, int]
    end_bit: int

    @property
    def problems(self) -> list[tuple[FieldNode, str]]:
        """Every field with a problem, in order."""
        return [(node, node.problem) for _, node in self.tree.walk() if node.problem]


class Layout:
    """Fields in order, compiled; `types` is needed where a field is a typed value."""

    def __init__(self, name: str, fields: tuple[Field, ...], types: ValueTypes, label: str = "") -> None:
        self.name = name
        self.label = label or name.replace("_", " ").capitalize()
        self.fields = fields
        self.types = types
        self.is_fixed = all(field.is_fixed and field.kind not in {"typed", "list"} for field in fields)
        self.placed = _placed(fields) if self.is_fixed else ()

    @property
    def fixed_bytes(self) -> int | None:
        """The size in bytes, where it does not depend on the data."""
        if not self.is_fixed:
            return None
        return -(-max((f.at_bit + f.bits for f in self.placed), default=0) // 8)  # type: ignore[operator]  # placed fields have both

    def __contains__(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def read(self, data: bytes, *, whole: bool = True) -> Reading:
        """Read the fields from the first bit of `data`; with `whole` what is left over is a node `undecoded` with a problem.

        Never raises: a field that the data cuts off, or that cannot be understood, is a node with a problem. Bits that fill up
        the last byte behind the fields are no field's and carry nothing.
        """
        group = _GroupReader(BitReader(data), self.types)
        root = FieldNode(self.name, None, self.label, "", 0, 0)
        complete = group.read(root, self.fields)
        if complete:
            group.reader.at = -(-group.reader.at // 8) * 8
        if group.reader.left and (whole or not complete):
            _leave_over(root, group.reader, "" if not complete else "more bytes than the fields explain")
        root.value = group.record(root)
        root.end_bit = group.reader.at
        return Reading(root, group.record(root), group.numbers, group.reader.at)

    def write(self, record: Record) -> bytes:
        """The bytes of a record. EncodeError where a value is missing or unfit.

        Constants, counts and lengths may be left out, and so may what no layer knows the meaning of: `reserved` and `x_…` are 0.
        """
        writer = BitWriter()
        _write_group(writer, self.fields, record, self.types)
        return bytes(writer.data)


def _placed(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The same fields, each with its place."""
    placed = []
    at = 0
    for field in fields:
        start = at if field.at_bit is None else field.at_bit
        placed.append(replace(field, at_bit=start))
        at = start + (field.bits or 0)
    return tuple(placed)


def _leave_over(parent: FieldNode, reader: BitReader, problem: str) -> None:
    start, left = reader.at, reader.left
    raw = reader.take(left)
    text = f"{raw:0{-(-left // 4)}x}"
    parent.children.append(FieldNode("undecoded", text, "Undecoded", text_of("bytes", text), start, start + left, "", problem))


class _GroupReader:
    """Reads a group of fields into a node; `numbers` are the raw values that conditions, lengths and counts look up."""

    def __init__(self, reader: BitReader, types: ValueTypes, typed: TypedReader | None = None, base: int = 0) -> None:
        self.reader = reader
        self.numbers: dict[str, int] = {}
        self._types = types
        self._typed = typed or TypedReader(types)
        self._base = base

    def read(self, parent: FieldNode, fields: tuple[Field, ...]) -> bool:
        """Whether all fields were read; False leaves the cursor where understanding ended.

        Behind a field that was not read whole only those with a place of their own can still be found.
        """
        complete = True
        furthest = self.reader.at
        for field in fields:
            if field.condition and self.numbers.get(field.condition.field) not in field.condition.numbers:
                continue
            if field.at_bit is not None:
                self.reader.at = self._base + field.at_bit
            elif not complete:
                continue
            complete = self._field(parent, field) and complete
            furthest = max(furthest, self.reader.at)
        if complete and any(field.at_bit is not None for field in fields):
            furthest = -(-furthest // 8) * 8
        self.reader.at = min(furthest, self.reader.end)
        return complete

    def record(self, parent: FieldNode) -> Record:
        return {child.name: child.value for child in parent.children}

    def _field(self, parent: FieldNode, field: Field) -> bool:
        if field.kind == "typed":
            node, complete = self._typed.read(self.reader, field.name, field.label, field.provenance)
            parent.children.append(node)
            return complete
        if field.kind == "list":
            return self._list(parent, field)
        start = self.reader.at
        node = FieldNode(field.name, None, field.label, "", start, start, field.provenance)
        parent.children.append(node)
        try:
            self._leaf(node, field)
        except ShortDataError:
            node.problem = "the data ends inside this field" if self.reader.left > 0 else "the data ends before this field"
            if self.reader.left < 0:
                self.reader.at = self.reader.end
            node.start_bit = node.end_bit = self.reader.at
            return False
        node.end_bit = self.reader.at
        return True

    def _leaf(self, node: FieldNode, field: Field) -> None:
        if field.bits is None:
            self._sized(node, field)
            return
        bits = field.bits
        raw = self.reader.take(bits)
        self.numbers[field.name] = number = field_number(field, raw, bits)
        node.value = field_value(field, raw, bits)
        node.text = text_of("enum" if field.enumeration else field.kind, node.value, field.unit)
        if field.enumeration and isinstance(node.value, str):
            node.text = f"{node.value} ({number})"
        if field.constant is not None and number != _constant_number(field.constant):
            node.problem = f"must be {_constant_text(field)}"

    def _sized(self, node: FieldNode, field: Field) -> None:
        if field.to_end:
            if self.reader.left & 7:
                raise ShortDataError
            data = self.reader.take_bytes(self.reader.left // 8)
        else:
            data = self.reader.take_bytes(max(0, self.numbers.get(field.length_field or "", 0)))
        if field.kind == "text":
            node.value = node.text = text = data.decode("utf-8", "backslashreplace")
            if text.encode() != data:
                node.problem = "not UTF-8 text"
        else:
            node.value = data.hex()
            node.text = text_of("bytes", node.value)

    def _list(self, parent: FieldNode, field: Field) -> bool:
        start = self.reader.at
        node = FieldNode(field.name, None, field.label, "", start, start, field.provenance)
        parent.children.append(node)
        count = self.numbers.get(field.count_field, 0) if field.count_field else None
        values: list[Value] = []
        complete = True
        while complete and (self.reader.left > 0 if count is None else len(values) < count):
            complete = self._item(node, field, values)
        if not complete and count is not None and self.reader.left <= 0:
            node.problem = f"the data ends after {len(values) - 1} of {count} entries"
        node.value, node.end_bit = values, self.reader.at
        node.text = text_of("list", values)
        return complete

    def _item(self, parent: FieldNode, field: Field, values: list[Value]) -> bool:
        index, start = len(values), self.reader.at
        group = _GroupReader(self.reader, self._types, self._typed, start)
        item = FieldNode(f"[{index}]", None, f"[{index}]", "", start, start, field.provenance)
        complete = group.read(item, field.fields)
        if field.bare:
            item.children[0].name = item.children[0].label = f"[{index}]"
            item = item.children[0]
        else:
            item.value = group.record(item)
            item.end_bit = self.reader.at
        parent.children.append(item)
        values.append(item.value)
        return complete


def _constant_number(constant: int | bytes) -> int:
    return constant if isinstance(constant, int) else int.from_bytes(constant, "big")


def _constant_text(field: Field) -> str:
    if isinstance(field.constant, bytes):
        return field.constant.hex()
    return f"0x{field.constant:02X}" if field.constant and field.constant > 9 else str(field.constant)


def _write_group(writer: BitWriter, fields: tuple[Field, ...], record: Record, types: ValueTypes) -> None:
    base = furthest = writer.at
    numbers: dict[str, int] = {}
    for field in fields:
        if field.condition and numbers.get(field.condition.field) not in field.condition.numbers:
            continue
        if field.at_bit is not None:
            writer.at = base + field.at_bit
        _write_field(writer, field, fields, record, numbers, types)
        furthest = max(furthest, writer.at)
    writer.at = -(-furthest // 8) * 8 if any(f.at_bit is not None for f in fields) else furthest


def _write_field(
    writer: BitWriter, field: Field, fields: tuple[Field, ...], record: Record, numbers: dict[str, int], types: ValueTypes
) -> None:
    value = record[field.name] if field.name in record else _derived(field, fields, record)
    if field.kind == "typed":
        write_typed(writer, types, value)
    elif field.kind == "list":
        if not isinstance(value, list):
            raise EncodeError(f"{field.name} is a list")
        for item in value:
            entry = {field.fields[0].name: item} if field.bare else item
            if not isinstance(entry, dict):
                raise EncodeError(f"an entry of {field.name} is a group of fields")
            _write_group(writer, field.fields, entry, types)
    elif field.bits is None:
        writer.put_bytes(_sized_bytes(field, value))
    else:
        raw = field_raw(field, value, field.bits)
        numbers[field.name] = field_number(field, raw, field.bits)
        writer.put(raw, field.bits)


def _derived(field: Field, fields: tuple[Field, ...], record: Record) -> Value:
    """A value that need not be given: a constant, or the count or length of another field."""
    if isinstance(field.constant, bytes):
        return field.constant.hex()
    if field.constant is not None:
        return field.constant
    for other in fields:
        given = record.get(other.name)
        if other.count_field == field.name and isinstance(given, list):
            return len(given)
        if other.length_field == field.name and isinstance(given, str | bytes):
            return len(_sized_bytes(other, given))
    if (field.name == "reserved" or field.name.startswith(FREE_PREFIX)) and field.kind not in {"typed", "list"}:
        return field_value(field, 0, field.bits) if field.bits else ""
    raise EncodeError(f"{field.name} is missing")


def _sized_bytes(field: Field, value: Value) -> bytes:
    if not isinstance(value, str):
        raise EncodeError(f"{field.name} is {'text' if field.kind == 'text' else 'hexadecimal'}")
    return utf8_bytes(value) if field.kind == "text" else hex_bytes(value)
