"""Security service: certificates, proofs and sessions in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, entries


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about a security packet."""
    match operation, response:
        case "present", False:
            count = len(entries(fields.get("items")))
            return f"{count} certificate" if count == 1 else f"{count} certificates"
        case "prove", True if fields:
            return f"role {fields.get('role')} for {fields.get('lifetime_s')} s"
        case (("establish" | "close"), False):
            return f"session {fields.get('session_id')}"
        case "csr", True if fields:
            return f"request of {len(str(fields.get('request', ''))) // 2} bytes"
        case "install", False:
            return f"certificate of {fields.get('length')} bytes"
        case _:
            return ""
