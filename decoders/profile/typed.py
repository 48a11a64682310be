"""Typed values: a tag, then data whose shape the tag names; arrays and structs nest (wire-format 6)."""

from __future__ import annotations

from decoders.core.tree import FieldNode, Value
from decoders.profile.bits import BitReader, BitWriter, ShortDataError
from decoders.profile.leaf import EncodeError, hex_bytes, raw_of, swap_bytes, text_of, utf8_bytes, value_of
from decoders.profile.schema import ValueType, ValueTypes


class TypedError(Exception):
    """A typed value cannot be read any further; what stands before it is kept."""


class TypedReader:
    """Reads typed values and counts their nodes, so that hostile data cannot exhaust memory or the stack."""

    def __init__(self, types: ValueTypes) -> None:
        self._types = types
        self._items_left = types.max_items

    def read(self, reader: BitReader, name: str, label: str, provenance: str) -> tuple[FieldNode, bool]:
        """One typed value with its tag, and whether it was read whole; the node's value is {"type": name, "value": …}.

        Where it was not, the node's `problem` says why, its children are those that were read, and the cursor stands behind them.
        """
        node = FieldNode(name, None, label, "", reader.at, reader.at, provenance)
        try:
            self._fill(node, reader, self._tag(reader), 0)
        except ShortDataError:
            node.problem = "the data ends inside this value"
        except TypedError as fault:
            node.problem = str(fault)
        node.end_bit = reader.at
        return node, not node.problem or node.value is not None

    def _tag(self, reader: BitReader) -> ValueType:
        at = reader.at
        code = self._number(reader, self._types.tag_bits)
        if code not in self._types.by_code:
            reader.at = at
            raise TypedError(f"no type has the number 0x{code:02X}")
        return self._types.by_code[code]

    def _number(self, reader: BitReader, bits: int) -> int:
        raw = reader.take(bits)
        return swap_bytes(raw, bits) if self._types.order == "little" else raw

    def _fill(self, node: FieldNode, reader: BitReader, kind: ValueType, depth: int) -> None:
        self._items_left -= 1
        if self._items_left < 0:
            raise TypedError(f"more than {self._types.max_items} values in one")
        value: Value
        match kind.kind:
            case "array":
                value = self._array(node, reader, kind, depth)
            case "struct":
                value = self._struct(node, reader, kind, depth)
            case "text" | "bytes":
                value = self._sized(node, reader, kind)
            case _:
                value = value_of(kind.kind, self._number(reader, kind.bits), kind.bits)
                node.text = text_of(kind.kind, value)
        node.value = {"type": kind.name, "value": value}
        node.text = f"{node.text} ({kind.name})" if node.text else kind.name

    def _sized(self, node: FieldNode, reader: BitReader, kind: ValueType) -> Value:
        data = reader.take_bytes(self._number(reader, kind.count_bits))
        if kind.kind == "bytes":
            node.text = text_of("bytes", data.hex())
            return data.hex()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("utf-8", "backslashreplace")
            node.problem = "not UTF-8 text"
        node.text = repr(text)
        return text

    def _deeper(self, depth: int) -> int:
        if depth + 1 > self._types.max_depth:
            raise TypedError(f"values nested more than {self._types.max_depth} deep")
        return depth + 1

    def _array(self, node: FieldNode, reader: BitReader, kind: ValueType, depth: int) -> Value:
        inner = self._deeper(depth)
        element = self._tag(reader)
        count = self._number(reader, kind.count_bits)
        node.text = f"{count} × {element.name}"
        return [self._child(node, reader, element, index, inner) for index in range(count)]

    def _struct(self, node: FieldNode, reader: BitReader, kind: ValueType, depth: int) -> Value:
        inner = self._deeper(depth)
        count = self._number(reader, kind.count_bits)
        return [self._child(node, reader, None, index, inner) for index in range(count)]

    def _child(self, parent: FieldNode, reader: BitReader, kind: ValueType | None, index: int, depth: int) -> Value:
        child = FieldNode(f"[{index}]", None, f"[{index}]", "", reader.at, reader.at, parent.provenance)
        parent.children.append(child)
        try:
            self._fill(child, reader, kind or self._tag(reader), depth)
        finally:
            child.end_bit = reader.at
        return child.value


def write_typed(writer: BitWriter, types: ValueTypes, value: Value, depth: int = 0) -> None:
    """Write a {"type": …, "value": …} with its tag; an empty array says its element type under "element", else it is the first."""
    kind = _kind(types, value)
    _put(writer, types, kind.code, types.tag_bits)
    _write_data(writer, types, kind, value, depth)


def _kind(types: ValueTypes, value: Value) -> ValueType:
    name = value.get("type") if isinstance(value, dict) else None
    if not isinstance(name, str) or name not in types.by_name:
        raise EncodeError(f"a typed value needs a type of this profile, not {name!r:.60}")
    return types.by_name[name]


def _put(writer: BitWriter, types: ValueTypes, raw: int, bits: int) -> None:
    if raw >> bits:
        raise EncodeError(f"{raw} does not fit {bits} bits")
    writer.put(swap_bytes(raw, bits) if types.order == "little" else raw, bits)


def _write_data(writer: BitWriter, types: ValueTypes, kind: ValueType, value: Value, depth: int) -> None:
    content = value.get("value") if isinstance(value, dict) else None
    if kind.kind in {"array", "struct"} and depth + 1 > types.max_depth:
        raise EncodeError(f"values nested more than {types.max_depth} deep")
    if kind.kind == "array" and isinstance(content, list):
        default = next(iter(types.by_name))
        element = _kind(types, content[0] if content else {"type": value.get("element", default)})  # type: ignore[union-attr]  # a dict, or _kind had refused it
        _put(writer, types, element.code, types.tag_bits)
        _put(writer, types, len(content), kind.count_bits)
        for item in content:
            if _kind(types, item) is not element:
                raise EncodeError("the elements of an array are of one type")
            _write_data(writer, types, element, item, depth + 1)
    elif kind.kind == "struct" and isinstance(content, list):
        _put(writer, types, len(content), kind.count_bits)
        for item in content:
            write_typed(writer, types, item, depth + 1)
    elif kind.kind in {"text", "bytes"} and isinstance(content, str):
        data = utf8_bytes(content) if kind.kind == "text" else hex_bytes(content)
        _put(writer, types, len(data), kind.count_bits)
        writer.put_bytes(data)
    else:
        _put(writer, types, raw_of(kind.kind, content, kind.bits), kind.bits)
