"""Events service: notices, log entries and acknowledgements in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, entries, listed, shown, typed_text, when


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about an events packet."""
    if operation == "notify" or (operation == "read_log" and response):
        return listed([_event(item) for item in entries(fields.get("items"))])
    if operation == "read_log":
        return f"up to {shown(fields.get('max'))} since {when(fields.get('from'))}"
    if operation == "acknowledge" and not response:
        return f"event {shown(fields.get('event'))}"
    return ""


def _event(item: Record) -> str:
    detail = item.get("detail")
    text = f" {typed_text(str(detail.get('type')), detail.get('value'))}" if isinstance(detail, dict) else ""
    return f"{shown(item.get('severity'))} event {shown(item.get('event'))}{text}"
