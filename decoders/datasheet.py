"""Datasheets: what a maker says about its objects and events (wire-format 6, placeholder).

A datasheet is a TOML text that its owner may keep confidential. It is looked up by UMI code, 32 bits: bank ‖ object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

import numpy as np

from decoders.core.document import Table, parse
from decoders.core.errors import MaterialError
from decoders.core.tree import Value
from decoders.identity import parse_oui
from decoders.profile.article import BATTERY_AVERAGE_UA
from decoders.profile.leaf import text_of, utc_text

_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_INTEGERS = (*_UNSIGNED, "int8", "int16", "int32", "int64")
_NUMBERS = (*_INTEGERS, "float32", "float64")
TYPES = (*_NUMBERS, "bool", "time", "umi_id", "string", "bytes", "array", "struct")
"""The element types of wire-format 6, by name."""

_TYPES_WITH = {
    "unit": _NUMBERS,
    "scale": _NUMBERS,
    "offset": _NUMBERS,
    "labels": (*_INTEGERS, "bool"),
    "bits": _UNSIGNED,
    "element": ("array",),
    "fields": ("struct",),
}
ROLES = 16
_SCALE_DIGITS = 30
_SHOWN_ITEMS = 16
_SHOWN_CHARACTERS = 96
_EXACT = Context(prec=2000)
"""Wide enough for any 64-bit number or float times any scale plus any offset that a datasheet may have, without rounding."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How to read values of one type: quantity = raw × `scale` + `offset`, in `unit`.

    `labels` names single values, `bits` the bits of a number from bit 0, the least significant; `element` is the meaning of an
    array's elements and None where the datasheet is silent, `fields` those of a struct in their order, each with its name.
    """

    type: str
    unit: str = ""
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    labels: Mapping[int, str] = field(default_factory=dict)
    bits: Mapping[int, str] = field(default_factory=dict)
    element: Meaning | None = None
    fields: tuple[tuple[str, Meaning], ...] = ()

    def quantity(self, raw: int | Decimal) -> Decimal:
        """The exact quantity that a raw number stands for, with the decimal places of the scale and offset."""
        scaled = _EXACT.multiply(Decimal(raw), self.scale)
        quantity = _EXACT.add(scaled, self.offset) if self.offset else scaled
        return quantity or quantity.copy_abs()


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One object; `read` and `write` are the roles (0–15) that may do so, None where the datasheet is silent."""

    code: int
    name: str
    meaning: Meaning
    read: frozenset[int] | None = None
    write: frozenset[int] | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One event, by the 16-bit code that it has at every device of its maker."""

    code: int
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """How a device is powered: on a battery it takes no more than `average_ua` µA on average, all functions included.

    `known_by` is the UMI code of an object that only such devices have; None where all devices of the maker's OUI are such.
    """

    battery: bool
    average_ua: float = BATTERY_AVERAGE_UA
    known_by: int | None = None


@dataclass(frozen=True, slots=True)
class Datasheet:
    """What one file says; `name` is the file's, `oui` the 3 bytes that begin the UMI IDs of the maker's devices."""

    name: str
    manufacturer: str
    oui: bytes
    banks: tuple[int, ...]
    objects: Mapping[int, ObjectEntry]
    events: Mapping[int, EventEntry]
    roles: Mapping[int, str] = field(default_factory=dict)
    description: str = ""
    supply: Supply | None = None

    def role_name(self, role: int) -> str:
        """The maker's name for a role; the article leaves all but role 0 without one."""
        return self.roles.get(role, f"role {role:X}" if role else "unauthenticated")


@dataclass(frozen=True, slots=True)
class Reading:
    """An object's value for a person: `problem` says where it contradicts the datasheet, else it is empty."""

    name: str
    text: str
    problem: str = ""


class DatasheetSet:
    """Several datasheets as one; MaterialError when two of them describe the same code."""

    def __init__(self, sheets: Iterable[Datasheet] = ()) -> None:
        self.sheets = tuple(sheets)
        self._sheet_of: dict[int, Datasheet] = {}
        for sheet in self.sheets:
            for code in sheet.objects:
                other = self._sheet_of.setdefault(code, sheet)
                if other is not sheet:
                    what = f"object 0x{code:08X} is described in {other.name} too"
                    raise MaterialError(what, sheet.name, "load only one of the two datasheets")

    def object(self, code: int) -> ObjectEntry | None:
        sheet = self._sheet_of.get(code)
        return None if sheet is None else sheet.objects[code]

    def sheet(self, code: int) -> Datasheet | None:
        """The datasheet that describes an object."""
        return self._sheet_of.get(code)

    def events(self, code: int, source: bytes) -> list[EventEntry]:
        """What an event code may mean at the device with the UMI ID `source`.

        An event code names no bank, so that two products of one maker may use it differently: then there are several answers.
        """
        return [sheet.events[code] for sheet in self.sheets if code in sheet.events and sheet.oui == source[:3]]

    def describe(self, code: int, type_name: str, value: Value) -> Reading | None:
        """A value as the datasheet explains it, None for a code without one; `type_name` is the type on the wire.

        Values are those of records: integers, floats ("NaN", "Infinity" as text), hex text for bytes, and
        {"type": name, "value": …} for what stands inside arrays and structs.
        """
        entry = self.object(code)
        if entry is None:
            return None
        text, problem = _read(entry.meaning, type_name, value)
        return Reading(entry.name, text, problem)


def _read(meaning: Meaning | None, type_name: str, value: Value) -> tuple[str, str]:
    """The text of a value and what is wrong with it; what the datasheet does not explain is read by its wire type."""
    problem = ""
    if meaning is None:
        meaning = Meaning(type_name)
    elif meaning.type != type_name:
        problem = f"the datasheet says {meaning.type}, the device sent {type_name}"
        meaning = Meaning(type_name)
    if isinstance(value, list):
        text, inner = _array(meaning, value) if type_name == "array" else _struct(meaning, value)
        return text, problem or inner
    return _scalar_text(meaning, value), problem


def _array(meaning: Meaning, items: list[Value]) -> tuple[str, str]:
    readings = [_read(meaning.element, *_typed(item)) for item in items]
    problem = next((f"element {index}: {fault}" for index, (_, fault) in enumerate(readings) if fault), "")
    return f"[{_joined([text for text, _ in readings])}]", problem


def _struct(meaning: Meaning, items: list[Value]) -> tuple[str, str]:
    texts: list[str] = []
    faults: list[str] = []
    if meaning.fields and len(items) != len(meaning.fields):
        faults.append(f"the datasheet has {len(meaning.fields)} fields, the device sent {len(items)}")
    for index, item in enumerate(items):
        name, inner = meaning.fields[index] if index < len(meaning.fields) else ("", None)
        text, fault = _read(inner, *_typed(item))
        texts.append(f"{name}: {text}" if name else text)
        if fault:
            faults.append(f"field {name or index}: {fault}")
    return f"{{{_joined(texts)}}}", faults[0] if faults else ""


def _typed(item: Value) -> tuple[str, Value]:
    return (str(item.get("type")), item.get("value")) if isinstance(item, dict) else ("", item)


def _joined(texts: list[str]) -> str:
    more = [f"… ({len(texts)} in all)"] if len(texts) > _SHOWN_ITEMS else []
    return ", ".join(texts[:_SHOWN_ITEMS] + more)


def _scalar_text(meaning: Meaning, value: Value) -> str:
    match meaning.type, value:
        case _, bool():
            return meaning.labels.get(int(value)) or text_of("flag", value)
        case "time", int() if 0 <= value < 1 << 32:
            return utc_text(value)
        case _, int():
            return _integer_text(meaning, value)
        case _, float():
            return _with_unit(meaning.quantity(_shortest(value, meaning.type)), meaning.unit)
        case "string", str():
            more = f"… ({len(value)} characters)" if len(value) > _SHOWN_CHARACTERS else ""
            return repr(value[:_SHOWN_CHARACTERS]) + more
        case _:
            return text_of("bytes", value)


def _integer_text(meaning: Meaning, raw: int) -> str:
    if raw in meaning.labels:
        return f"{meaning.labels[raw]} ({raw})"
    if meaning.bits:
        digits = int(meaning.type.removeprefix("uint")) // 4
        names = [meaning.bits.get(bit, f"bit {bit}") for bit in range(raw.bit_length()) if raw >> bit & 1]
        return f"{', '.join(names) or 'none'} (0x{raw:0{digits}X})"
    text = _with_unit(meaning.quantity(raw), meaning.unit)
    is_bare = not meaning.unit and meaning.scale == 1 and not meaning.offset
    return f"{text} (no label)" if meaning.labels and is_bare else text


def _shortest(value: float, type_name: str) -> Decimal:
    """The shortest decimal number that becomes this float, so that a float32 of 0.1 does not read 0.10000000149011612."""
    if type_name == "float32" and abs(value) <= float(np.finfo(np.float32).max):
        return Decimal(str(np.float32(value)))
    return Decimal(repr(value))


def _with_unit(quantity: Decimal, unit: str) -> str:
    is_plain = quantity.is_finite() and -12 <= quantity.adjusted() <= 21
    text = f"{quantity:f}" if is_plain else str(quantity.normalize(_EXACT))
    return f"{text} {unit}" if unit else text


def load_datasheet(text: str, name: str) -> Datasheet:
    """Read a datasheet; `name` is what messages call the file.

    Raises MaterialError with the line and key of the first thing that is wrong.
    """
    root = parse(text, name)
    banks = _banks(root)
    roles = root.optional_table("roles")
    sheet = Datasheet(
        name=name,
        manufacturer=_words(root, "manufacturer"),
        oui=_oui(root),
        banks=banks,
        objects=_objects(root, banks),
        events=_events(root),
        roles=_numbered(roles, 0, ROLES - 1) if roles is not None else {},
        description=root.string("description", ""),
        supply=_supply(root, banks),
    )
    root.finish()
    return sheet


def _supply(root: Table, banks: tuple[int, ...]) -> Supply | None:
    table = root.optional_table("supply")
    if table is None:
        return None
    known_by = table.integer("known_by", None, low=0, high=0xFFFFFFFF)
    if known_by is not None and known_by >> 16 not in banks:
        raise table.fault(f"0x{known_by:08X} lies outside the banks of this datasheet", "known_by")
    average_ua = table.number("average_ua", BATTERY_AVERAGE_UA, low=0)
    if not average_ua:
        raise table.fault("no device runs on nothing", "average_ua")
    supply = Supply(table.boolean("battery"), float(average_ua), known_by)
    table.finish()
    return supply


def _words(table: Table, key: str) -> str:
    words = table.string(key)
    if not words.strip():
        raise table.fault("must not be empty", key)
    return words


def _banks(root: Table) -> tuple[int, ...]:
    banks = root.integers("banks", low=0, high=0xFFFF)
    if not banks:
        raise root.fault("a datasheet needs a bank", "banks", "write for example banks = [0x0042]")
    for index, bank in enumerate(banks):
        if bank in banks[:index]:
            raise root.fault(f"bank 0x{bank:04X} is there twice", ("banks", index))
    return tuple(banks)


def _oui(root: Table) -> bytes:
    try:
        return parse_oui(root.string("oui"))
    except ValueError as error:
        raise root.fault(str(error), "oui", 'write for example "AC-DE-48"') from None


def _objects(root: Table, banks: tuple[int, ...]) -> dict[int, ObjectEntry]:
    found: dict[int, ObjectEntry] = {}
    names: set[str] = set()
    for table in root.tables("objects"):
        entry = ObjectEntry(
            code=table.integer("code", low=0, high=0xFFFFFFFF),
            name=_words(table, "name"),
            meaning=_meaning(table),
            read=_role_set(table, "read"),
            write=_role_set(table, "write"),
            description=table.string("description", ""),
        )
        table.finish()
        if entry.code >> 16 not in banks:
            its_banks = ", ".join(f"0x{bank:04X}" for bank in banks)
            raise table.fault(f"0x{entry.code:08X} lies outside the banks of this datasheet", "code", f"they are {its_banks}")
        if entry.code in found:
            raise table.fault(f"code 0x{entry.code:08X} is that of '{found[entry.code].name}' already", "code")
        if entry.name in names:
            raise table.fault(f"another object is named '{entry.name}' already", "name")
        found[entry.code] = entry
        names.add(entry.name)
    return found


def _events(root: Table) -> dict[int, EventEntry]:
    found: dict[int, EventEntry] = {}
    for table in root.tables("events"):
        code = table.integer("code", low=0, high=0xFFFF)
        if code in found:
            raise table.fault(f"event 0x{code:04X} is '{found[code].name}' already", "code")
        found[code] = EventEntry(code, _words(table, "name"), table.string("description", ""))
        table.finish()
    return found


def _role_set(table: Table, key: str) -> frozenset[int] | None:
    roles = table.integers(key, None, low=0, high=ROLES - 1)
    return None if roles is None else frozenset(roles)


def _meaning(table: Table) -> Meaning:
    """The keys of an object, element or field that say what its values mean."""
    kind = table.choice("type", TYPES)
    for key, kinds in _TYPES_WITH.items():
        if key in table and kind not in kinds:
            raise table.fault(f"a value of type {kind} has no '{key}'", key, f"it goes with {', '.join(kinds)}")
    labels, bits = table.optional_table("labels"), table.optional_table("bits")
    element = table.optional_table("element")
    if labels is not None and bits is not None:
        raise table.fault("a value has either labels or bits", "bits")
    return Meaning(
        type=kind,
        unit=table.string("unit", ""),
        scale=_scale(table, "scale", Decimal(1)),
        offset=_scale(table, "offset", Decimal(0)),
        labels=_numbered(labels, *_limits(kind)) if labels is not None else {},
        bits=_numbered(bits, 0, _limits(kind)[1].bit_length() - 1) if bits is not None else {},
        element=_finished(element) if element is not None else None,
        fields=tuple((_words(inner, "name"), _finished(inner)) for inner in table.tables("fields")),
    )


def _finished(table: Table) -> Meaning:
    meaning = _meaning(table)
    table.string("description", "")
    table.finish()
    return meaning


def _limits(kind: str) -> tuple[int, int]:
    """The least and the greatest value of an integer type or of bool."""
    if kind == "bool":
        return 0, 1
    if kind.startswith("uint"):
        return 0, (1 << int(kind.removeprefix("uint"))) - 1
    half = 1 << (int(kind.removeprefix("int")) - 1)
    return -half, half - 1


def _scale(table: Table, key: str, default: Decimal) -> Decimal:
    number = table.decimal(key, default)
    if key == "scale" and not number:
        raise table.fault("a scale of zero makes every value the same", key)
    if len(number.as_tuple().digits) > _SCALE_DIGITS or abs(number.adjusted()) > _SCALE_DIGITS:
        raise table.fault(f"'{key}' is out of all proportion", key, f"keep to {_SCALE_DIGITS} digits and 1e±{_SCALE_DIGITS}")
    return number


def _numbered(table: Table, low: int, high: int) -> dict[int, str]:
    """A table whose keys are numbers, decimal or 0x…, and whose values are names."""
    found: dict[int, str] = {}
    for key in table:
        try:
            number = int(key, 0)
        except ValueError:
            raise table.fault(f"'{key}' is not a number", key, "keys here are decimal or begin with 0x") from None
        if not low <= number <= high:
            raise table.fault(f"must be {low} to {high}, not {number}", key)
        if number in found:
            raise table.fault(f"{number} is there twice", key)
        found[number] = _words(table, key)
    return found
