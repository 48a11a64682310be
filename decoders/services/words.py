"""Words that the summaries of several services share."""

from __future__ import annotations

from typing import Protocol

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.profile.leaf import text_of, utc_text

MOST_LISTED = 4


def entries(value: Value) -> list[Record]:
    """The groups of a repeated field, whatever is broken left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def listed(texts: list[str]) -> str:
    """The first few texts, and how many more there are."""
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


class Names(Protocol):
    """Who knows what a maker calls its objects; None where a code is not known."""

    def object_name(self, code: int) -> str | None: ...

    def object_value(self, code: int, kind: str, value: Value) -> str | None:
        """A value of a wire type as its datasheet writes it, with unit."""
        ...


def object_name(code: Value, names: Names) -> str:
    """An object's name from its datasheet, else its code."""
    return (names.object_name(int(code, 16)) if isinstance(code, str) else None) or str(code)


def object_value(code: Value, typed: Value, names: Names) -> str:
    """A typed value as its datasheet writes it, else by its wire type."""
    if not isinstance(typed, dict):
        return "?"
    kind, value = str(typed.get("type")), typed.get("value")
    known = names.object_value(int(code, 16), kind, value) if isinstance(code, str) else None
    return known or typed_text(kind, value)


def typed_text(kind: str, value: Value) -> str:
    """A typed value in short, by its wire type."""
    match value:
        case list():
            return f"{kind} of {len(value)}"
        case str() if kind == "string":
            return repr(value)
        case _:
            return text_of("time" if kind == "time" else "bytes" if kind == "bytes" else kind, value)


def when(value: Value) -> str:
    """A UTC time field."""
    return utc_text(value) if isinstance(value, int) else "?"
