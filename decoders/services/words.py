"""Words that the summaries of several services share."""

from __future__ import annotations

from typing import Protocol

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.profile.leaf import text_of, utc_text

MOST_LISTED = 4
LONGEST = 60
"""Characters of a value in a line; a longer one is told in short, by its type or its beginning."""
BEGINNING = 40
UNKNOWN = "?"


def entries(value: Value) -> list[Record]:
    """The groups of a repeated field, whatever is broken left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def listed(texts: list[str]) -> str:
    """The first few texts, and how many more there are."""
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


class Names(Protocol):
    """Who knows what a maker calls its objects and events; None where a code is not known."""

    def object_name(self, code: int) -> str | None: ...

    def event_name(self, code: int, device: str) -> str | None:
        """An event of the device with this UMI ID, 16 hex digits."""
        ...

    def object_value(self, code: int, kind: str, value: Value) -> str | None:
        """A value of a wire type as its datasheet writes it, with unit."""
        ...


def call_of(header: Record) -> tuple[str, bool]:
    """The operation by name, and whether the packet is its response."""
    return str(header.get("operation")), bool(header.get("response"))


def event_name(code: Value, device: Value, names: Names) -> str:
    """An event by its number, and by its name from its device's datasheet where there is one."""
    name = names.event_name(code, device) if isinstance(code, int) and isinstance(device, str) else None
    return f"{shown(code)} {name}" if name else shown(code)


def object_name(code: Value, names: Names) -> str:
    """An object's name from its datasheet, else its code."""
    number = _code(code)
    return (names.object_name(number) if number is not None else None) or shown(code)


def object_value(code: Value, typed: Value, names: Names) -> str:
    """A typed value as its datasheet writes it, else by its wire type; in short where that is long."""
    if not isinstance(typed, dict):
        return UNKNOWN
    kind, value = str(typed.get("type")), typed.get("value")
    number = _code(code)
    known = names.object_value(number, kind, value) if number is not None else None
    is_long_list = isinstance(value, list) and known is not None and len(known) > LONGEST
    return _short(known) if known and not is_long_list else typed_text(kind, value)


def typed_text(kind: str, value: Value) -> str:
    """A typed value in short, by its wire type."""
    match value:
        case list():
            text = f"{kind} of {len(value)}"
        case str() if kind == "string":
            text = repr(value)
        case str() if kind == "bytes" and len(value) > LONGEST:
            text = f"{value[:BEGINNING]}… ({len(value) // 2} bytes)"
        case int() if kind == "time":
            text = when(value)
        case None | dict():
            text = UNKNOWN
        case _:
            text = text_of(kind, value)
    return _short(text)


def when(value: Value) -> str:
    """A UTC time field."""
    return utc_text(value) if isinstance(value, int) and value >= 0 else UNKNOWN


def shown(value: Value) -> str:
    """A field's value as it is; a question mark where it did not come."""
    return UNKNOWN if value is None or isinstance(value, list | dict) else _short(str(value))


def amount(value: Value) -> str:
    """How many bytes a field of hexadecimal digits has."""
    size = len(value) // 2 if isinstance(value, str) else None
    return f"{shown(size)} byte" if size == 1 else f"{shown(size)} bytes"


def _code(code: Value) -> int | None:
    try:
        return int(code, 16) if isinstance(code, str) else None
    except ValueError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:BEGINNING]}…"
