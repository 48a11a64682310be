"""Tunnelling service: what is opened, carried and closed, in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, amount, shown


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about a tunnelling packet."""
    if response:
        return ""
    tunnel = f"tunnel {shown(fields.get('tunnel'))}"
    match operation:
        case "open":
            return f"{tunnel} for {shown(fields.get('protocol'))}"
        case "data":
            return f"{tunnel}, {amount(fields.get('data'))}"
        case "close":
            return tunnel
        case _:
            return ""
