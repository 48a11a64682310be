"""The names and numbers of the reference profile, in the order of the text; what has a list here has no gap in its numbers."""

from __future__ import annotations

# Section 3.
FRAME_TYPES = ("data", "ack", "nak", "poll", "idle", "reset", "power")
LINK_STATUSES = ("ok", "bad_crc", "busy", "no_buffer", "no_route", "sequence", "not_powered")

# Section 4.
STATUSES = (
    "ok",
    "unknown_service",
    "unknown_operation",
    "unknown_code",
    "bad_type",
    "bad_value",
    "denied",
    "not_authenticated",
    "busy",
    "bad_signature",
    "decrypt_failed",
    "replay",
    "too_large",
    "internal",
)

# Section 6: services are numbered from 1, and so are the operations of each.
OPERATIONS = {
    "power": ("request", "release", "port_state"),
    "events": ("notify", "read_log", "acknowledge"),
    "objects": ("read", "write", "list"),
    "images": ("announce", "block", "verify", "activate", "abort"),
    "tunnelling": ("open", "data", "close"),
    "security": ("present", "challenge", "prove", "establish", "close", "csr", "install"),
}
EMPTY_COMMANDS = {("power", "release"), ("security", "challenge"), ("security", "csr")}
EMPTY_RESPONSES = {
    ("power", "release"),
    ("events", "notify"),
    ("events", "acknowledge"),
    ("images", "activate"),
    ("images", "abort"),
    ("tunnelling", "open"),
    ("tunnelling", "data"),
    ("tunnelling", "close"),
    ("security", "present"),
    ("security", "establish"),
    ("security", "close"),
    ("security", "install"),
}
CLASSES = {"low", "high", "self"}
RAILS = {"off", "low", "high"}
SEVERITIES = {"info", "notice", "warning", "alarm"}
VERDICTS = {"good", "digest", "signature", "incomplete", "version"}
PROTOCOLS = {"mbus", "dlms", "zcl", "c12", "gbcs", "sml"}
TYPES = {
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float32",
    "float64",
    "bool",
    "time",
    "umi_id",
    "string",
    "bytes",
    "array",
    "struct",
}


def operation_numbers() -> list[tuple[str, int, str, int]]:
    """Every operation as (service, its number, operation, its number)."""
    return [
        (service, service_number, operation, number)
        for service_number, (service, operations) in enumerate(OPERATIONS.items(), 1)
        for number, operation in enumerate(operations, 1)
    ]
