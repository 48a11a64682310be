"""DLMS/COSEM APDUs: an association, and attributes got from a server (IEC 62056-5-3, clauses 9.4 and 9.5; A-XDR is IEC 61334-6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

AARQ, AARE, RLRQ, RLRE, GET_REQUEST, GET_RESPONSE = 0x60, 0x61, 0x62, 0x63, 0xC0, 0xC4
NORMAL = 0x01
LOGICAL_NAMES = bytes.fromhex("60857405080101")
"""Application context: logical name referencing without ciphering, 2.16.756.5.8.1.1."""
VERSION = 6
CLIENT_CONFORMANCE, SERVER_CONFORMANCE = bytes.fromhex("007e1f"), bytes.fromhex("00101d")
LARGEST_APDU = 0x04B0
SCALER_UNIT_M3 = bytes.fromhex("02020ffd160d")
"""A structure of scaler -3 and unit cubic metre."""
TEMPORARY_FAILURE, OBJECT_UNDEFINED = 2, 4


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is asked for: interface class, logical name (OBIS code) and attribute."""

    interface: int
    name: bytes
    number: int

    def encode(self) -> bytes:
        """As it stands in a request."""
        return struct.pack(">H6sb", self.interface, self.name, self.number)


LOGICAL_DEVICE = Attribute(1, bytes((0, 0, 42, 0, 0, 255)), 2)
CLOCK = Attribute(8, bytes((0, 0, 1, 0, 0, 255)), 2)
VOLUME = Attribute(3, bytes((7, 0, 3, 0, 0, 255)), 2)
VOLUME_UNIT = Attribute(3, bytes((7, 0, 3, 0, 0, 255)), 3)


def _tlv(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def aarq() -> bytes:
    """The client asks for an association without security, and says what it can do."""
    initiate = b"\x01\x00\x00\x00" + bytes((VERSION,)) + b"\x5f\x1f\x04\x00" + CLIENT_CONFORMANCE + struct.pack(">H", LARGEST_APDU)
    return _tlv(AARQ, _tlv(0xA1, _tlv(0x06, LOGICAL_NAMES)) + _tlv(0xBE, _tlv(0x04, initiate)))


def aare() -> bytes:
    """The server accepts it."""
    initiate = (
        b"\x08\x00" + bytes((VERSION,)) + b"\x5f\x1f\x04\x00" + SERVER_CONFORMANCE + struct.pack(">H", LARGEST_APDU) + b"\x00\x07"
    )
    accepted = _tlv(0xA2, _tlv(0x02, b"\x00")) + _tlv(0xA3, _tlv(0xA1, _tlv(0x02, b"\x00")))
    return _tlv(AARE, _tlv(0xA1, _tlv(0x06, LOGICAL_NAMES)) + accepted + _tlv(0xBE, _tlv(0x04, initiate)))


def release(tag: int) -> bytes:
    """RLRQ or RLRE with the reason "normal"."""
    return _tlv(tag, _tlv(0x80, b"\x00"))


def get_request(invocation: int, attribute: Attribute) -> bytes:
    """GET-Request-Normal, confirmed, with high priority."""
    return bytes((GET_REQUEST, NORMAL, 0xC0 | invocation & 0x0F)) + attribute.encode() + b"\x00"


def requested(apdu: bytes) -> tuple[int, Attribute] | None:
    """Invocation byte and attribute of a GET-Request-Normal; None for anything else."""
    if len(apdu) != 13 or apdu[:2] != bytes((GET_REQUEST, NORMAL)):
        return None
    return apdu[2], Attribute(*struct.unpack(">H6sb", apdu[3:12]))


def get_response(invocation: int, data: bytes | int) -> bytes:
    """GET-Response-Normal with data, or with the number of the reason why there is none."""
    result = b"\x00" + data if isinstance(data, bytes) else bytes((1, data))
    return bytes((GET_RESPONSE, NORMAL, invocation)) + result


def unsigned(value: int) -> bytes:
    """A double-long-unsigned."""
    return struct.pack(">BI", 0x06, value & 0xFFFF_FFFF)


def octets(content: bytes) -> bytes:
    """An octet-string of up to 127 bytes."""
    return _tlv(0x09, content)


def date_time(utc_s: int) -> bytes:
    """An octet-string with date and time in UTC, hundredths not told."""
    when = datetime.fromtimestamp(utc_s, UTC)
    return octets(
        struct.pack(
            ">HBBBBBBBhB", when.year, when.month, when.day, when.isoweekday(), when.hour, when.minute, when.second, 0xFF, 0, 0
        )
    )
