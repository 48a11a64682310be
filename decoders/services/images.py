"""Images service: announcements, blocks and verdicts in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, amount, call_of, shown, when


def summarise(header: Record, fields: Record, _names: Names) -> str:
    """A line about an images packet."""
    operation, response = call_of(header)
    if response:
        return _answer(operation, fields)
    number = fields.get("image_id")
    image = f"image {number:08x}" if isinstance(number, int) else f"image {shown(number)}"
    match operation:
        case "announce":
            version, size, block_size = (shown(fields.get(name)) for name in ("version", "size", "block_size"))
            return f"{image} version {version}, {size} bytes in blocks of {block_size}"
        case "block":
            return f"{image} at {shown(fields.get('offset'))}, {amount(fields.get('data'))}"
        case "verify" | "abort":
            return image
        case "activate":
            return f"{image} at {when(fields.get('at'))}" if fields.get("at") != 0 else f"{image} at time 0"
        case _:
            return ""


def _answer(operation: str, fields: Record) -> str:
    match operation:
        case "announce" if fields:
            return "accepted" if fields.get("accepted") else "not accepted"
        case "block" if fields:
            return f"{shown(fields.get('received'))} bytes received"
        case "verify" if fields:
            return f"verdict {shown(fields.get('verdict'))}"
        case _:
            return ""
