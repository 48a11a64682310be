"""Power service: requests, grants and port states in words."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.services.words import Names, when


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about a power packet."""
    match operation, response:
        case "request", False:
            return f"{fields.get('current_ma')} mA as {fields.get('class')} for {_duration(fields.get('duration_s'))}"
        case "request", True if fields:
            return f"{fields.get('granted_ma')} mA until {when(fields.get('until'))}"
        case "port_state", False:
            return f"port {fields.get('port')}"
        case "port_state", True if fields:
            return f"rail {fields.get('rail')}, {fields.get('measured_ma')} mA"
        case _:
            return ""


def _duration(seconds: Value) -> str:
    return f"{seconds} s"
