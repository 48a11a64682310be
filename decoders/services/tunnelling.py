"""Tunnelling service: what is opened, carried and closed, in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about a tunnelling packet."""
    if response:
        return ""
    match operation:
        case "open":
            return f"tunnel {fields.get('tunnel')} for {fields.get('protocol')}"
        case "data":
            return f"tunnel {fields.get('tunnel')}, {len(str(fields.get('data', ''))) // 2} bytes"
        case _:
            return f"tunnel {fields.get('tunnel')}"
