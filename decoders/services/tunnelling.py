"""Tunnelling service: what is opened, carried and closed, in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, amount, call_of, shown


def summarise(header: Record, fields: Record, _names: Names) -> str:
    """A line about a tunnelling packet."""
    operation, response = call_of(header)
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
