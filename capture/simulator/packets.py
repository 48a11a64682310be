"""Application packets and typed values on the simulated wire, written and read without the decoder's code (wire-format 4 and 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">BBBBHHQQII")
VERSION = 1


class Service(IntEnum):
    """The six services."""

    POWER = 1
    EVENTS = 2
    OBJECTS = 3
    IMAGES = 4
    TUNNELLING = 5
    SECURITY = 6


class Status(IntEnum):
    """What a response says of its command."""

    OK = 0
    UNKNOWN_SERVICE = 1
    UNKNOWN_OPERATION = 2
    UNKNOWN_CODE = 3
    BAD_TYPE = 4
    BAD_VALUE = 5
    DENIED = 6
    NOT_AUTHENTICATED = 7
    BUSY = 8
    BAD_SIGNATURE = 9
    DECRYPT_FAILED = 10
    REPLAY = 11
    TOO_LARGE = 12
    INTERNAL = 13


class BadPacketError(Exception):
    """Bytes that are no packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One application packet in clear; IDs are 64-bit numbers, `time` UTC seconds, 0 where the clock is not set."""

    source: int
    destination: int
    service: int
    operation: int
    transaction: int
    counter: int
    time: int
    payload: bytes = b""
    response: bool = False
    status: int = Status.OK

    def encode(self) -> bytes:
        """Header and body."""
        return (
            HEADER.pack(
                VERSION << 4 | self.response << 3, self.service, self.operation, self.status, self.transaction,
                len(self.payload), self.source, self.destination, self.counter, self.time,
            )
            + self.payload
        )  # fmt: skip


def decode_packet(data: bytes) -> Packet:
    """Read a packet in clear; BadPacketError for anything else."""
    if len(data) < HEADER.size:
        raise BadPacketError(f"{len(data)} bytes are no packet")
    flags, service, operation, status, transaction, size, source, destination, counter, time = HEADER.unpack_from(data)
    if flags >> 4 != VERSION or size != len(data) - HEADER.size or flags & 7:
        raise BadPacketError("the header is not of a packet in clear")
    return Packet(source, destination, service, operation, transaction, counter, time, data[HEADER.size :], bool(flags & 8), status)


class TypeTag(IntEnum):
    """Types of typed values."""

    UINT8 = 0x01
    INT8 = 0x02
    UINT16 = 0x03
    INT16 = 0x04
    UINT32 = 0x05
    INT32 = 0x06
    UINT64 = 0x07
    INT64 = 0x08
    FLOAT32 = 0x09
    FLOAT64 = 0x0A
    BOOL = 0x0B
    TIME = 0x0C
    UMI_ID = 0x0D
    STRING = 0x10
    BYTES = 0x11
    ARRAY = 0x20
    STRUCT = 0x21


_SIMPLE = {
    TypeTag.UINT8: ">B", TypeTag.INT8: ">b", TypeTag.UINT16: ">H", TypeTag.INT16: ">h", TypeTag.UINT32: ">I",
    TypeTag.INT32: ">i", TypeTag.UINT64: ">Q", TypeTag.INT64: ">q", TypeTag.FLOAT32: ">f", TypeTag.FLOAT64: ">d",
    TypeTag.BOOL: ">?", TypeTag.TIME: ">I", TypeTag.UMI_ID: ">Q",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its type: a number, text or bytes; a list of values of one type, or a tuple of typed values for a struct.

    `element` is the type of the elements of an array.
    """

    tag: TypeTag
    value: int | float | str | bytes | tuple[Typed, ...]
    element: TypeTag | None = None

    def encode(self) -> bytes:
        """The type and the data."""
        return bytes((self.tag,)) + self.data()

    def data(self) -> bytes:
        """The data alone, as it stands in an array."""
        match self.tag, self.value:
            case TypeTag.STRING, str(text):
                raw = text.encode()
                return len(raw).to_bytes(2, "big") + raw
            case TypeTag.BYTES, bytes(raw):
                return len(raw).to_bytes(2, "big") + raw
            case TypeTag.ARRAY, tuple(items):
                element = self.element if self.element is not None else items[0].tag
                return bytes((element,)) + len(items).to_bytes(2, "big") + b"".join(item.data() for item in items)
            case TypeTag.STRUCT, tuple(items):
                return bytes((len(items),)) + b"".join(item.encode() for item in items)
            case _:
                return struct.pack(_SIMPLE[self.tag], self.value)


def read_typed(data: bytes, at: int) -> tuple[Typed, int]:
    """A typed value and the place behind it; BadPacketError for anything else."""
    try:
        tag = TypeTag(data[at])
        return _read_data(tag, data, at + 1)
    except (IndexError, ValueError, struct.error) as fault:
        raise BadPacketError(f"no typed value at byte {at}") from fault


def _read_data(tag: TypeTag, data: bytes, at: int) -> tuple[Typed, int]:
    if tag in _SIMPLE:
        form = struct.Struct(_SIMPLE[tag])
        return Typed(tag, form.unpack_from(data, at)[0]), at + form.size
    if tag in {TypeTag.STRING, TypeTag.BYTES}:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise IndexError(end)
        raw = data[at + 2 : end]
        return Typed(tag, raw.decode() if tag is TypeTag.STRING else raw), end
    items: list[Typed] = []
    if tag is TypeTag.ARRAY:
        element, count = struct.unpack_from(">BH", data, at)
        element, at = TypeTag(element), at + 3
        for _ in range(count):
            item, at = _read_data(element, data, at)
            items.append(item)
        return Typed(tag, tuple(items), element), at
    count, at = data[at], at + 1
    for _ in range(count):
        item, at = _read_data(TypeTag(data[at]), data, at + 1)
        items.append(item)
    return Typed(tag, tuple(items)), at
