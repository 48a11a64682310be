"""Security service: certificates, proofs and sessions in words."""

from __future__ import annotations

from decoders.profile.layout import Record
from decoders.services.words import Names, amount, call_of, entries, shown


def summarise(header: Record, fields: Record, _names: Names) -> str:
    """A line about a security packet."""
    operation, response = call_of(header)
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
