"""Fields and enumerations of a profile, read from TOML and checked against each other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from decoders.core.document import Table
from decoders.profile import vocabulary
from decoders.profile.schema import DEFAULT_BITS, SIZED_KINDS, Condition, Enumeration, Field, Kind

KINDS: tuple[Kind, ...] = ("uint", "int", "flag", "float", "bytes", "umi_id", "code", "text", "time", "typed", "list")
PROVENANCE = re.compile(r"A|P|S: .+")
FLOAT_BITS = frozenset({16, 32, 64})
HEX_KINDS = frozenset({"bytes", "umi_id", "code"})
NUMBER_KINDS = frozenset({"uint", "flag", "time"})
MAX_NUMBER_BITS = 64
MAX_FIELD_BYTES = 65_535

Enumerations = dict[str, Enumeration]


def provenance(table: Table, inherited: str | None = None, key: str = "from") -> str:
    """Where a statement comes from: A (article), S: name (standard) or P (placeholder)."""
    text = table.string(key, inherited) if inherited is not None else table.string(key)
    if not PROVENANCE.fullmatch(text):
        raise table.fault(f"{text!r} is no provenance", key, 'write "A", "P" or "S: name of the standard"')
    return text


def provenances(table: Table, keys: Iterable[str]) -> dict[str, str]:
    """Where each statement of `keys` comes from, as the table `from` says; it names all of them and no others."""
    origins = table.table("from")
    found = {key: provenance(origins, key=key) for key in keys}
    origins.finish()
    return found


def load_enumeration(name: str, table: Table) -> Enumeration:
    """One table of names and numbers."""
    origin = provenance(table)
    values = table.table("values")
    by_name: dict[str, int] = {}
    by_number: dict[int, str] = {}
    for key in values.keys():  # noqa: SIM118  # a Table is no mapping
        number = values.integer(key, low=0)
        if number in by_number:
            raise values.fault(f"{number} is already {by_number[number]!r}", key, "give each name a number of its own")
        by_name[key], by_number[number] = number, key
    table.finish()
    return Enumeration(name, by_number, by_name, origin)


def load_fields(parent: Table, key: str, known: frozenset[str], enumerations: Enumerations, inherited: str) -> tuple[Field, ...]:
    """A group of fields; each fault names its line and key."""
    tables = parent.tables(key)
    fields: list[Field] = []
    for table in tables:
        field = _load_field(table, known, enumerations, inherited)
        _check_references(table, field, fields)
        fields.append(field)
    _check_names(tables, fields)
    _check_places(tables, fields)
    _check_whole_bytes(tables, fields)
    return tuple(fields)


def _load_field(table: Table, known: frozenset[str], enumerations: Enumerations, inherited: str) -> Field:
    name = table.string("name")
    if not vocabulary.is_known(name, known):
        raise table.fault(
            f"{name!r} is not a field name of this place",
            "name",
            f"known are {', '.join(sorted(known))}; other names begin with x_",
        )
    origin = provenance(table, inherited)
    kind = _kind(table)
    inner, bare = _inner_fields(table, kind, known, enumerations, origin)
    field = Field(
        name=name,
        kind=kind,
        label=table.string("label", name.replace("_", " ").capitalize()),
        provenance=origin,
        bits=_bits(table, kind),
        at_bit=_place(table),
        order="little" if table.choice("order", ("big", "little"), "big") == "little" else "big",
        unit=table.string("unit", ""),
        enumeration=_enumeration(table, enumerations),
        constant=_constant(table, kind),
        condition=_condition(table),
        length_field=table.string("length", None),
        count_field=table.string("count", None),
        to_end=table.boolean("to_end", False),
        scale=table.integer("scale", 1, low=1),
        bias=table.integer("bias", 0, low=0),
        fields=inner,
        bare=bare,
    )
    _check_size(table, field)
    table.finish()
    return field


def _kind(table: Table) -> Kind:
    if "each" in table or "item" in table:
        return "list"
    wanted = table.choice("kind", KINDS, "uint")
    return next(kind for kind in KINDS if kind == wanted)


def _inner_fields(
    table: Table, kind: Kind, known: frozenset[str], enumerations: Enumerations, origin: str
) -> tuple[tuple[Field, ...], bool]:
    if kind != "list":
        return (), False
    table.choice("kind", ("list",), "list")
    if "item" in table:
        entry = table.table("item")
        item = _load_field(entry, known, enumerations, origin)
        _check_references(entry, item, [])
        _check_endings(table, "item", (item,))
        return (item,), True
    each = load_fields(table, "each", known, enumerations, origin)
    if not each:
        raise table.fault("a list without fields", "each" if "each" in table else "kind", "say in 'each' or 'item' what it repeats")
    _check_endings(table, "each", each)
    return each, False


def _check_endings(table: Table, key: str, fields: tuple[Field, ...]) -> None:
    for field in fields:
        if field.is_endless:
            raise table.fault(f"{field.name!r} takes all that is left, so that no second entry can follow", key, "give it a size")


def _bits(table: Table, kind: Kind) -> int | None:
    if "bytes" in table and "bits" in table:
        raise table.fault("a width in bytes and one in bits", "bits", "give one of them")
    if "bytes" in table:
        return table.integer("bytes", low=1, high=MAX_FIELD_BYTES) * 8
    return table.integer("bits", DEFAULT_BITS.get(kind), low=1, high=MAX_FIELD_BYTES * 8)


def _place(table: Table) -> int | None:
    if "at" not in table:
        if "bit" in table:
            raise table.fault("a bit without a byte", "bit", "say with 'at' which byte it is in")
        return None
    return table.integer("at", low=0, high=MAX_FIELD_BYTES) * 8 + 7 - table.integer("bit", 7, low=0, high=7)


def _enumeration(table: Table, enumerations: Enumerations) -> Enumeration | None:
    name = table.string("values", None)
    if name is None:
        return None
    if name not in enumerations:
        raise table.fault(f"there is no enumeration {name!r}", "values", f"known are {', '.join(sorted(enumerations)) or 'none'}")
    return enumerations[name]


def _constant(table: Table, kind: Kind) -> int | bytes | None:
    if "const" not in table:
        return None
    if kind in HEX_KINDS:
        return table.hexbytes("const")
    if kind not in NUMBER_KINDS:
        raise table.fault(
            f"a {kind} field has no constant", "const", f"only {', '.join(sorted(HEX_KINDS | NUMBER_KINDS))} have one"
        )
    return table.integer("const", low=0)


def _condition(table: Table) -> Condition | None:
    when = table.optional_table("when")
    if when is None:
        return None
    condition = Condition(when.string("field"), frozenset(when.integers("is", low=0)))
    when.finish()
    return condition


def _check_size(table: Table, field: Field) -> None:
    sizes = [field.bits is not None, field.length_field is not None, field.to_end]
    if field.kind in {"typed", "list"}:
        if any(sizes):
            raise table.fault(f"a {field.kind} field has no width of its own", "kind", "leave out bits, bytes, length and to_end")
    elif sum(sizes) != 1 or (field.bits is None and field.kind not in SIZED_KINDS):
        raise table.fault(f"the width of {field.name!r} is not clear", "name", "give one of bits, bytes, length and to_end")
    if field.count_field and field.kind != "list":
        raise table.fault("only a list has a count", "count", "leave it out, or give 'each'")
    _check_kind(table, field)
    _check_constant(table, field)


def _check_kind(table: Table, field: Field) -> None:
    """What each kind of field cannot be."""
    bits = field.bits or 8
    if field.kind in {"uint", "int", "flag", "time"} and bits > MAX_NUMBER_BITS:
        raise table.fault(f"a number of {bits} bits", "bits" if "bits" in table else "bytes", "64 bits are the most; use bytes")
    if field.kind == "float" and bits not in FLOAT_BITS:
        raise table.fault(f"a float of {bits} bits", "kind", "16, 32 or 64 bits are known")
    if field.kind in {"bytes", "text", "umi_id", "code"} and bits % 8:
        raise table.fault(f"{bits} bits are no whole bytes", "bits", "use a multiple of 8")
    if field.order == "little" and field.bits is None:
        raise table.fault("a byte order for a field whose width is not fixed", "order", "leave it out")
    if field.order == "little" and (bits % 8 or (field.at_bit or 0) % 8):
        raise table.fault("little-endian order needs whole bytes", "order", "start at bit 7 and use a multiple of 8 bits")
    if field.kind != "uint" and (field.scale != 1 or field.bias):
        raise table.fault("only a uint is scaled or biased", "scale" if field.scale != 1 else "bias", "leave it out")
    if field.enumeration and field.kind not in {"uint", "flag"}:
        raise table.fault(f"a {field.kind} field has no names for its numbers", "values", "make it a uint or leave them out")


def _check_constant(table: Table, field: Field) -> None:
    if field.constant is not None and field.bits is None:
        raise table.fault("a constant in a field whose width is not fixed", "const", "give the field a width")
    if isinstance(field.constant, bytes) and len(field.constant) * 8 != field.bits:
        raise table.fault(f"{len(field.constant)} bytes in a field of {field.bits} bits", "const", "make them the same")
    if isinstance(field.constant, int):
        raw, rest = divmod(field.constant - field.bias, field.scale)
        if rest or raw < 0 or raw.bit_length() > (field.bits or 0):
            raise table.fault(f"{field.constant} does not fit the field", "const", f"the field has {field.bits} bits")


def _check_references(table: Table, field: Field, earlier: list[Field]) -> None:
    numbers = {f.name for f in earlier if f.bits is not None and f.kind in {"uint", "flag"}}
    for key, wanted in (("length", field.length_field), ("count", field.count_field)):
        if wanted is not None and wanted not in numbers:
            raise table.fault(
                f"no number {wanted!r} stands before this field", key, f"before it are {', '.join(sorted(numbers)) or 'none'}"
            )
    if field.condition and field.condition.field not in numbers:
        raise table.fault(
            f"no number {field.condition.field!r} stands before this field", "when", "a condition looks at an earlier field"
        )
    if earlier and earlier[-1].is_endless and field.at_bit is None:
        raise table.fault(
            f"{earlier[-1].name!r} before it takes all that is left", "name", "put this field first or give the other a size"
        )


def _check_names(tables: list[Table], fields: list[Field]) -> None:
    seen: set[str] = set()
    for table, field in zip(tables, fields, strict=True):
        if field.name in seen and field.name != "reserved":
            raise table.fault(f"a second field {field.name!r}", "name", "each name stands once in a group")
        seen.add(field.name)


def _check_places(tables: list[Table], fields: list[Field]) -> None:
    """No two fields share a bit; what follows a field of unknown width or presence has no place to check."""
    taken: list[tuple[int, int, str]] = []
    at: int | None = 0
    for table, field in zip(tables, fields, strict=True):
        start = at if field.at_bit is None else field.at_bit
        if start is None or not field.is_fixed or field.bits is None:
            at = None
            continue
        if field.order == "little" and start % 8:
            raise table.fault("little-endian order needs whole bytes", "order", "the field does not start at a byte's first bit")
        at = start + field.bits
        for begin, end, other in taken:
            bit = max(begin, start)
            if bit < min(end, at):
                raise table.fault(
                    f"{field.name!r} overlaps {other!r} at byte {bit // 8}, bit {7 - bit % 8}", "name", "move one of them"
                )
        taken.append((start, at, field.name))


def _check_whole_bytes(tables: list[Table], fields: list[Field]) -> None:
    """What goes on to the end begins at a byte's first bit and repeats whole bytes, so that padding is no entry."""
    odd: int | None = 0
    for table, field in zip(tables, fields, strict=True):
        odd = odd if field.at_bit is None else field.at_bit % 8
        if field.is_endless and odd != 0:
            raise table.fault(f"{field.name!r} need not begin at a byte's first bit", "name", "fill the byte before it")
        if field.is_endless and field.kind == "list" and _odd_bits(field.fields) != 0:
            raise table.fault(f"an entry of {field.name!r} need not be whole bytes", "name", "fill the entry's last byte")
        odd = _odd_bits((field,), odd)


def _odd_bits(fields: tuple[Field, ...], before: int | None = 0) -> int | None:
    """How many bits over whole bytes the data has behind fields; None where a condition or a count decides."""
    odd = before
    for field in fields:
        own = field.bits or 0
        if field.kind == "list":
            own = 0 if _odd_bits(field.fields) == 0 else 1
        if field.at_bit is not None:
            odd = field.at_bit % 8
        if own % 8:
            odd = None if odd is None or field.condition or field.kind == "list" else (odd + own) % 8
    return 0 if len(fields) > 1 and any(field.at_bit is not None for field in fields) else odd
