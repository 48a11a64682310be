"""Random records that fit a layout, drawn from what the schema says of each field."""

from __future__ import annotations

from hypothesis import strategies as st

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.profile.leaf import field_number, field_value, value_of
from decoders.profile.schema import Field, ValueType, ValueTypes

MOST_REPEATED = 6
DEEPEST = 3
ASCII = st.characters(min_codepoint=32, max_codepoint=126)


@st.composite
def records(draw: st.DrawFn, fields: tuple[Field, ...], types: ValueTypes, skip: frozenset[str] = frozenset()) -> Record:
    """A record with every field that its conditions let in, but those of `skip`."""
    record: Record = {}
    numbers: dict[str, int] = {}
    measures = {name for field in fields for name in (field.length_field, field.count_field) if name}
    for field in fields:
        if field.condition and numbers.get(field.condition.field) not in field.condition.numbers:
            continue
        if field.name in skip:
            continue
        if field.bits is not None:
            raw = draw(_raw(field, field.bits, is_measure=field.name in measures))
            record[field.name] = _text_or_value(draw, field, raw)
            numbers[field.name] = field_number(field, raw, field.bits)
        else:
            record[field.name] = draw(_unfixed(field, numbers, types))
    return record


def _raw(field: Field, bits: int, *, is_measure: bool) -> st.SearchStrategy[int]:
    """A raw number as it stands on the wire, most significant bit first."""
    if field.constant is not None:
        number = field.constant if isinstance(field.constant, int) else int.from_bytes(field.constant, "big")
        raws = st.just((number - field.bias) // field.scale)
    elif is_measure:
        raws = st.integers(0, min((1 << bits) - 1, MOST_REPEATED // field.scale))
    elif field.enumeration is not None:
        known = [(n - field.bias) // field.scale for n in field.enumeration.by_number if n >= field.bias]
        raws = st.sampled_from([raw for raw in known if raw >> bits == 0] or [0]) | st.integers(0, (1 << bits) - 1)
    else:
        raws = st.sampled_from([0, (1 << bits) - 1, 1 << (bits - 1)]) | st.integers(0, (1 << bits) - 1)
    if field.order == "little":
        return raws.map(lambda raw: int.from_bytes(raw.to_bytes(bits // 8, "big"), "little"))
    return raws


def _text_or_value(draw: st.DrawFn, field: Field, raw: int) -> Value:
    bits = field.bits or 0
    if field.kind == "text":
        return draw(st.text(max_size=bits // 32).map(lambda text: text.rstrip("\0")))
    return field_value(field, raw, bits)


def _unfixed(field: Field, numbers: dict[str, int], types: ValueTypes) -> st.SearchStrategy[Value]:
    if field.kind == "typed":
        return typed_values(types)
    if field.kind == "list":
        count = numbers.get(field.count_field, 0) if field.count_field else None
        entries = records(field.fields, types)
        entry: st.SearchStrategy[Value] = (
            entries.map(lambda one: one[field.fields[0].name]) if field.bare else entries.map(_as_value)
        )
        return st.lists(entry, min_size=count or 0, max_size=MOST_REPEATED if count is None else count).map(list)
    size = numbers.get(field.length_field, 0) if field.length_field else None
    least, most = (0, 40) if size is None else (size, size)
    if field.kind == "text":
        return st.text(ASCII, min_size=least, max_size=most)
    return st.binary(min_size=least, max_size=most).map(bytes.hex)


def typed_values(types: ValueTypes) -> st.SearchStrategy[Value]:
    """A typed value of any type, nested up to three deep."""
    return st.sampled_from(sorted(types.by_name)).flatmap(lambda name: _of_type(types, types.by_name[name], DEEPEST))


def _of_type(types: ValueTypes, kind: ValueType, depth: int) -> st.SearchStrategy[Value]:
    return _content(types, kind, depth).map(lambda content: {"type": kind.name, "value": content})


def _content(types: ValueTypes, kind: ValueType, depth: int) -> st.SearchStrategy[Value]:
    most = min(4, (1 << kind.count_bits) - 1)
    flat = [entry for entry in types.by_name.values() if depth > 1 or entry.kind not in {"array", "struct"}]
    below = st.sampled_from(flat)
    match kind.kind:
        case "array":
            same = below.flatmap(lambda entry: st.lists(_of_type(types, entry, depth - 1), max_size=most))
            return same.map(list)
        case "struct":
            return st.lists(below.flatmap(lambda entry: _of_type(types, entry, depth - 1)), max_size=most).map(list)
        case "text":
            return st.text(max_size=most) if kind.count_bits >= 8 else st.text(ASCII, max_size=most)
        case "bytes":
            return st.binary(max_size=most).map(bytes.hex)
        case _:
            return st.integers(0, (1 << kind.bits) - 1).map(lambda raw: value_of(kind.kind, raw, kind.bits))


def _as_value(record: Record) -> Value:
    return dict(record)
