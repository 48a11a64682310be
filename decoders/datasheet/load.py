"""Reading a datasheet from its text."""

from __future__ import annotations

from decimal import Decimal

from decoders.core.document import Table, parse
from decoders.datasheet.entries import INTEGERS, NUMBERS, TYPES, UNSIGNED, Datasheet, EventEntry, Meaning, ObjectEntry, Supply
from decoders.identity import parse_oui
from decoders.profile.article import BATTERY_AVERAGE_UA

_TYPES_WITH = {
    "unit": NUMBERS,
    "scale": NUMBERS,
    "offset": NUMBERS,
    "labels": (*INTEGERS, "bool"),
    "bits": UNSIGNED,
    "element": ("array",),
    "fields": ("struct",),
}
ROLES = 16
_SCALE_DIGITS = 30


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
