"""M-Bus frames with a variable data structure (EN 13757-2, clause 5; EN 13757-3, clauses 5 and 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

START, SHORT_START, STOP = 0x68, 0x10, 0x16
ACKNOWLEDGED = b"\xe5"
SND_NKE, REQ_UD2, RSP_UD = 0x40, 0x5B, 0x08
REQUESTS = frozenset({REQ_UD2, REQ_UD2 | 0x20})
"""A request for data with the frame count bit off and on."""
VARIABLE_LONG_HEADER = 0x72
WATER, HEAT = 0x07, 0x04
HEADER = struct.Struct("<4sHBBBBH")


def checksum(data: bytes) -> int:
    """The sum of the bytes from the C field on, modulo 256."""
    return sum(data) & 0xFF


def short_frame(control: int, address: int) -> bytes:
    """A frame without data, as the master asks with."""
    body = bytes((control, address))
    return bytes((SHORT_START,)) + body + bytes((checksum(body), STOP))


def long_frame(control: int, address: int, information: int, data: bytes) -> bytes:
    """A frame with data."""
    body = bytes((control, address, information)) + data
    return bytes((START, len(body), len(body), START)) + body + bytes((checksum(body), STOP))


def asked(frame: bytes) -> tuple[int, int] | None:
    """Control and address of a short frame; None for anything else."""
    if len(frame) != 5 or frame[0] != SHORT_START or frame[4] != STOP or frame[3] != checksum(frame[1:3]):
        return None
    return frame[1], frame[2]


def bcd(value: int, size: int) -> bytes:
    """A number in binary-coded decimals, low byte first."""
    return bytes.fromhex(f"{value:0{2 * size}}")[::-1]


def maker(letters: str) -> int:
    """A manufacturer's three letters as a number."""
    first, second, third = (ord(letter) - 64 for letter in letters)
    return first << 10 | second << 5 | third


@dataclass(frozen=True, slots=True)
class Readings:
    """What one meter says: its identity and its values, litres of water, or kilowatt hours and tenths of degrees of heat."""

    number: int
    letters: str
    medium: int
    access: int
    total: int
    rate: int
    temperatures: tuple[int, int] | None = None

    def records(self) -> bytes:
        """Data records: DIF, VIF and binary-coded decimals."""
        if self.temperatures is None:
            return b"\x0c\x13" + bcd(self.total, 4) + b"\x0b\x3b" + bcd(self.rate, 3)
        flow, back = self.temperatures
        return (
            b"\x0c\x06" + bcd(self.total, 4) + b"\x0b\x2b" + bcd(self.rate, 3) + b"\x0a\x5a" + bcd(flow, 2) + b"\x0a\x5e" + bcd(back, 2)
        )  # fmt: skip

    def frame(self, address: int) -> bytes:
        """RSP_UD as a wired master gets it."""
        head = HEADER.pack(bcd(self.number, 4), maker(self.letters), 1, self.medium, self.access & 0xFF, 0, 0)
        return long_frame(RSP_UD, address, VARIABLE_LONG_HEADER, head + self.records())
