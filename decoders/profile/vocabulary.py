"""The fixed names that records, filters and plugins rely on; a profile places them, renames none (interfaces, wire-format 3 to 6)."""

from __future__ import annotations

LINK = frozenset({
    "sof", "length", "dst_port", "src_port", "type", "first", "last", "seq", "link_status", "fragment", "port", "rail", "limit_ma",
})  # fmt: skip
PACKET = frozenset({
    "version", "response", "signed", "encrypted", "service", "operation", "status", "transaction", "body_length", "source",
    "destination", "counter", "time",
})  # fmt: skip
BODY = frozenset({"session_id"})
PAYLOAD = frozenset({
    "class", "current_ma", "duration_s", "granted_ma", "until", "port", "rail", "measured_ma",
    "count", "items", "codes", "code", "event", "severity", "time", "detail", "from", "max",
    "result", "value", "bank",
    "image_id", "version", "size", "block_size", "publisher", "digest", "image_signature", "accepted", "offset", "data", "received",
    "verdict", "at", "tunnel", "protocol",
    "length", "certificate", "nonce", "signature", "role", "lifetime_s", "session_id", "ephemeral", "request",
})  # fmt: skip
FREE_PREFIX = "x_"
"""Fields that the vocabulary does not know take a name that begins so."""

FRAME_TYPES = ("data", "ack", "nak", "poll", "idle", "reset", "power")
SERVICES: dict[str, tuple[str, ...]] = {
    "power": ("request", "release", "port_state"),
    "events": ("notify", "read_log", "acknowledge"),
    "objects": ("read", "write", "list"),
    "images": ("announce", "block", "verify", "activate", "abort"),
    "tunnelling": ("open", "data", "close"),
    "security": ("present", "challenge", "prove", "establish", "close", "csr", "install"),
}


def is_known(name: str, vocabulary: frozenset[str]) -> bool:
    """Whether a profile may call a field so."""
    return name in vocabulary or name == "reserved" or name.startswith(FREE_PREFIX)
