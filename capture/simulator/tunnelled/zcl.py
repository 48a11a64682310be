"""Frames of the ZigBee Cluster Library: attributes asked for and told (ZCL specification 075123, chapter 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

READ, READ_RESPONSE = 0x00, 0x01
TO_SERVER, TO_CLIENT = 0x00, 0x18
"""Frame control: commands for the whole profile; the server asks for no default response."""
SUMMATION, UNIT, MULTIPLIER, DIVISOR = 0x0000, 0x0300, 0x0301, 0x0302
"""Attributes of the Simple Metering cluster 0x0702."""
UINT24, UINT48, ENUM8 = 0x22, 0x25, 0x30
SIZES = {UINT24: 3, UINT48: 6, ENUM8: 1}
SUCCESS, UNSUPPORTED_ATTRIBUTE = 0x00, 0x86
CUBIC_METRES = 0x01


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute with its type and value."""

    number: int
    kind: int
    value: int

    def data(self) -> bytes:
        """Type and value, low byte first."""
        return bytes((self.kind,)) + self.value.to_bytes(SIZES[self.kind], "little")


def read(sequence: int, numbers: tuple[int, ...]) -> bytes:
    """Ask for attributes."""
    return bytes((TO_SERVER, sequence & 0xFF, READ)) + struct.pack(f"<{len(numbers)}H", *numbers)


def asked(frame: bytes) -> tuple[int, tuple[int, ...]] | None:
    """Sequence number and attributes of a question; None for anything else."""
    if len(frame) < 3 or frame[0] != TO_SERVER or frame[2] != READ or len(frame) % 2 == 0:
        return None
    return frame[1], struct.unpack(f"<{(len(frame) - 3) // 2}H", frame[3:])


def read_response(sequence: int, numbers: tuple[int, ...], attributes: dict[int, Attribute]) -> bytes:
    """Answer a question."""
    items = b"".join(
        struct.pack("<HB", number, SUCCESS) + attributes[number].data()
        if number in attributes
        else struct.pack("<HB", number, UNSUPPORTED_ATTRIBUTE)
        for number in numbers
    )
    return bytes((TO_CLIENT, sequence, READ_RESPONSE)) + items
