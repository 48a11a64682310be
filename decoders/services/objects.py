"""Objects service: reads, writes and lists in words, with the datasheet's names and units."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.services.words import Names, call_of, entries, listed, object_name, object_value, shown


def summarise(header: Record, fields: Record, names: Names) -> str:
    """A line about an objects packet."""
    operation, response = call_of(header)
    match operation, response:
        case "list", False:
            return f"bank {_hex(fields.get('bank'))} from {_hex(fields.get('from'))}"
        case ("read", False) | ("list", True):
            return _names(fields.get("codes"), names)
        case "read" | "write", _:
            return listed([_object(item, names) for item in entries(fields.get("items"))])
        case _:
            return ""


def _hex(number: Value) -> str:
    return f"{number:04x}" if isinstance(number, int) else shown(number)


def _names(codes: Value, names: Names) -> str:
    return listed([object_name(code, names) for code in codes]) if isinstance(codes, list) else ""


def _object(item: Record, names: Names) -> str:
    name = object_name(item.get("code"), names)
    if "value" in item:
        return f"{name} = {object_value(item.get('code'), item['value'], names)}"
    return f"{name}: {shown(item.get('result'))}"
