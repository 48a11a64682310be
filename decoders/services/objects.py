"""Objects service: reads, writes and lists in words, with the datasheet's names and units."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.datasheet import DatasheetSet
from decoders.profile.layout import Record
from decoders.services.words import entries, listed, object_name, object_value


def summarise(operation: str, response: bool, fields: Record, datasheets: DatasheetSet) -> str:  # noqa: FBT001  # as on the wire
    """A line about an objects packet."""
    match operation, response:
        case "read", False:
            return _names(fields.get("codes"), datasheets)
        case "list", False:
            return f"bank {fields.get('bank'):04x} from {fields.get('from'):04x}" if _both_numbers(fields) else ""
        case "list", True:
            return _names(fields.get("codes"), datasheets)
        case "read" | "write", _:
            return listed([_object(item, datasheets) for item in entries(fields.get("items"))])
        case _:
            return ""


def _both_numbers(fields: Record) -> bool:
    return isinstance(fields.get("bank"), int) and isinstance(fields.get("from"), int)


def _names(codes: Value, datasheets: DatasheetSet) -> str:
    return listed([object_name(code, datasheets) for code in codes]) if isinstance(codes, list) else ""


def _object(item: Record, datasheets: DatasheetSet) -> str:
    name = object_name(item.get("code"), datasheets)
    if "value" in item:
        return f"{name} = {object_value(item.get('code'), item['value'], datasheets)}"
    return f"{name}: {item.get('result')}"
