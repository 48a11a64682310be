"""Images service: announcements, blocks and verdicts in words."""

from __future__ import annotations

from decoders.core.tree import Value
from decoders.profile.layout import Record
from decoders.services.words import Names, when


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about an images packet."""
    if response:
        return _answer(operation, fields)
    image = f"image {_hex(fields.get('image_id'))}"
    match operation:
        case "announce":
            return f"{image} version {fields.get('version')}, {fields.get('size')} bytes in blocks of {fields.get('block_size')}"
        case "block":
            return f"{image} at {fields.get('offset')}, {len(str(fields.get('data', ''))) // 2} bytes"
        case "activate":
            return f"{image} at {when(fields.get('at'))}"
        case _:
            return image


def _answer(operation: str, fields: Record) -> str:
    match operation:
        case "announce" if fields:
            return "accepted" if fields.get("accepted") else "not accepted"
        case "block" if fields:
            return f"{fields.get('received')} bytes received"
        case "verify" if fields:
            return f"verdict {fields.get('verdict')}"
        case _:
            return ""


def _hex(number: Value) -> str:
    return f"{number:08x}" if isinstance(number, int) else "?"
