"""The records of each layer with their fields, as JSON Lines, CSV and scripts have them.

Times are integer nanoseconds from the start of the recording. Bytes are lower-case hexadecimal text, UMI IDs 16 digits,
enumerations names or, where unknown, numbers. None stands where something did not come or nobody can tell. `energy_nj` and
`charge_nc` are what a record took from its port's supply above the base load, in whole nanojoules and nanocoulombs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """One burst between two edges of cs, or of serial characters; `mosi` and `miso` hold whole words only."""

    no: int
    time_ns: int
    duration_ns: int
    port: int
    mosi: str
    miso: str
    partial_bits: int
    stream: str


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One link frame, or one stretch that is none: then `malformed` says why and `payload` holds its bytes."""

    no: int
    time_ns: int
    end_ns: int
    port: int
    direction: str
    type: str | int | None
    src_port: int | None
    dst_port: int | None
    seq: int | None
    first: bool | None
    last: bool | None
    fragment: int | None
    length: int
    payload: str
    crc_ok: bool
    malformed: str | None
    packet: int | None
    retransmission: bool
    hop: int | None
    link_status: str | int | None
    stream: str
    energy_nj: int | None
    charge_nc: int | None
    energy_shared: bool | None


@dataclass(frozen=True, slots=True)
class PacketRecord:
    """One application packet; `fields` is its decoded payload, `frames` and `findings` what it is made of and what is odd."""

    no: int
    time_ns: int
    end_ns: int
    port: int
    direction: str
    source: str | None
    destination: str | None
    service: str | int | None
    operation: str | int | None
    response: bool | None
    status: str | int | None
    transaction: int | None
    counter: int | None
    time_utc: int | None
    signed: bool | None
    encrypted: bool | None
    session_id: str | None
    decrypted: bool | None
    locked_reason: str | None
    signature: str | None
    payload: str | None
    fields: dict[str, Any] | None
    frames: list[int]
    findings: list[str]
    length: int
    complete: bool
    hop_delay_ns: int | None
    stream: str
    energy_nj: int | None
    charge_nc: int | None
    energy_shared: bool | None


@dataclass(frozen=True, slots=True)
class TransactionRecord:
    """A command and its response, by the numbers of their packets."""

    no: int
    command: int | None
    response: int | None
    latency_ns: int | None
    initiator: str | None
    responder: str | None
    service: str | int
    operation: str | int
    status: str | int | None
    energy_nj: int | None
    charge_nc: int | None
    energy_shared: bool | None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One security session, from its accepted `establish` on; `devices` are both ends where nobody saw who began it."""

    id: str
    initiator: str | None
    responder: str | None
    role: int | None
    established_ns: int | None
    expires_ns: int | None
    key_source: str
    packets: int
    locked: int
    devices: list[str]
    closed_ns: int | None


@dataclass(frozen=True, slots=True)
class FlagRecord:
    """One message of an EN 62056-21 exchange, or a stretch of bytes that is none."""

    no: int
    time_ns: int | None
    direction: str | None
    kind: str
    text: str
    fields: dict[str, Any]
    bcc: str
    parity_errors: int
    end_ns: int | None
    data: str
    crc: str | None
    notes: list[str]
    stream: str


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One thing noticed, under a stable code, about the record with the number `record` of `layer`."""

    no: int
    time_ns: int
    severity: str
    code: str
    text: str
    layer: str
    record: int | None


RECORD_TYPES = {
    "transfers": TransferRecord,
    "frames": FrameRecord,
    "packets": PacketRecord,
    "transactions": TransactionRecord,
    "sessions": SessionRecord,
    "flag": FlagRecord,
    "findings": FindingRecord,
}


def field_names(layer: str) -> list[str]:
    """The names of a layer's fields, in order."""
    return [field.name for field in fields(RECORD_TYPES[layer])]
