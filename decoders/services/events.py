"""Events service: notices, log entries and acknowledgements in words."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.services.words import Names, call_of, entries, event_name, listed, shown, typed_text, when


def summarise(header: Record, fields: Record, names: Names) -> str:
    """A line about an events packet."""
    operation, response = call_of(header)
    if operation == "notify" or (operation == "read_log" and response):
        return listed([_event(item, header.get("source"), names) for item in entries(fields.get("items"))])
    if operation == "read_log":
        return f"up to {shown(fields.get('max'))} since {when(fields.get('from'))}"
    if operation == "acknowledge" and not response:
        return f"event {event_name(fields.get('event'), header.get('destination'), names)}"
    return ""


def _event(item: Record, device: Value, names: Names) -> str:
    detail = item.get("detail")
    text = f" {typed_text(str(detail.get('type')), detail.get('value'))}" if isinstance(detail, dict) else ""
    return f"{shown(item.get('severity'))} event {event_name(item.get('event'), device, names)}{text}"
