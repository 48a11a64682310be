"""Payloads of the six services: read by the profile's layouts, checked for what a layout cannot say (wire-format 6)."""

from __future__ import annotations

from decoders.core.finding import Code, Severity
from decoders.core.tree import FieldNode, Value
from decoders.profile.layout import Layout, Reading
from decoders.profile.wire_profile import WireProfile

MALFORMED = Code("malformed-payload", "packets", Severity.ERROR, "A payload does not have the layout of its operation.")
NOT_EMPTY = Code(
    "payload-not-empty", "packets", Severity.WARNING, "A response that refuses its command carries a payload all the same."
)
BODY = Code(
    "malformed-body", "packets", Severity.ERROR, "A body is too short for the signature, session and tag that its header announces."
)
CODES = (MALFORMED, NOT_EMPTY, BODY)


def refuses(header: dict[str, Value]) -> bool:
    """Whether a packet is a response that refuses its command, and so has an empty payload."""
    return bool(header.get("response")) and header.get("status") not in {"ok", None}


def payload_layout(profile: WireProfile, header: dict[str, Value]) -> Layout | None:
    """The layout of a packet's payload from its header values; empty for a response whose status is not ok."""
    service, operation = header.get("service"), header.get("operation")
    response = bool(header.get("response"))
    if refuses(header):
        return Layout("payload", (), profile.types, "Payload")
    if not isinstance(service, str) or not isinstance(operation, int | str):
        return None
    return profile.payload(service, operation, response=response)


def read_payload(profile: WireProfile, header: dict[str, Value], payload: bytes) -> Reading | None:
    """The payload's fields; None where the profile knows no layout for it."""
    layout = payload_layout(profile, header)
    return layout.read(payload) if layout is not None else None


def payload_problems(header: dict[str, Value], reading: Reading | None) -> list[tuple[Code, str]]:
    """What is wrong with a payload, in order of its bytes."""
    if reading is None:
        return []
    if refuses(header):
        size = reading.end_bit // 8
        amount = "1 byte follows" if size == 1 else f"{size} bytes follow"
        return [(NOT_EMPTY, f"{amount} a status that is not ok")] if size else []
    return [(MALFORMED, f"{_place(node)}: {problem}") for node, problem in reading.problems]


def _place(node: FieldNode) -> str:
    return f"{node.label} at byte {node.start_bit // 8}"
