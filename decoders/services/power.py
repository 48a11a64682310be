"""Power service: requests, grants and port states in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, call_of, shown, when


def summarise(header: Record, fields: Record, _names: Names) -> str:
    """A line about a power packet."""
    operation, response = call_of(header)
    match operation, response:
        case "request", False:
            current, power_class, duration = (shown(fields.get(name)) for name in ("current_ma", "class", "duration_s"))
            return f"{current} mA as {power_class} for {duration} s"
        case "request", True if fields:
            until = fields.get("until")
            return f"{shown(fields.get('granted_ma'))} mA" + (f" until {when(until)}" if until != 0 else "")
        case "port_state", False:
            return f"port {shown(fields.get('port'))}"
        case "port_state", True if fields:
            return f"rail {shown(fields.get('rail'))}, {shown(fields.get('measured_ma'))} mA"
        case _:
            return ""
