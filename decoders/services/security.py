"""Security service: certificates, proofs and sessions in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, amount, entries, shown


def summarise(operation: str, response: bool, fields: Record, _names: Names) -> str:  # noqa: FBT001  # as on the wire
    """A line about a security packet."""
    match operation, response:
        case "present", False:
            count = len(entries(fields.get("items")))
            return f"{count} certificate" if count == 1 else f"{count} certificates"
        case "prove", True if fields:
            return f"role {shown(fields.get('role'))} for {shown(fields.get('lifetime_s'))} s"
        case (("establish" | "close"), False):
            return f"session {shown(fields.get('session_id'))}"
        case "csr", True if fields:
            return f"request of {amount(fields.get('request'))}"
        case "install", False:
            return f"certificate of {amount(fields.get('certificate'))}"
        case _:
            return ""
