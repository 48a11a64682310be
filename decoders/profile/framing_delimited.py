"""Framing by delimiters, pauses or the transfer itself: a line cut into stretches that may each be one frame.

HDLC-like stuffing is S: ISO/IEC 13239, COBS is S: Cheshire and Baker 1999; that UMI may use either is a placeholder.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.transfers import Line
from decoders.profile.schema import Framing
from decoders.profile.wire_profile import WireProfile

COBS_DELIMITER = 0x00
COBS_FULL_BLOCK = 0xFF


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes [start, end) of a line that belong together, and what they hold unstuffed; None where that makes no sense.

    `closed` is False where the delimiter that should end them never came.
    """

    transfer: int
    start: int
    end: int
    content: bytes | None
    closed: bool = True


def _transfers(line: Line) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    for row in np.flatnonzero(np.diff(line.offset)).tolist():
        start = int(line.offset[row])
        yield row, start, line.data[start : int(line.offset[row + 1])]


def _between(data: NDArray[np.uint8], delimiter: int) -> Iterator[tuple[int, int, bool, bool]]:
    """Start and end of each non-empty run between delimiters, and whether one stands before and one behind it."""
    places = np.flatnonzero(data == delimiter).tolist()
    for index, (before, behind) in enumerate(zip([-1, *places], [*places, len(data)], strict=True)):
        if behind > before + 1:
            yield before + 1, behind, index > 0, index < len(places)


def hdlc_stretches(line: Line, framing: Framing) -> Iterator[Stretch]:
    """What lies between flags, unstuffed; before the first flag of a transfer nothing can be a frame."""
    for transfer, base, data in _transfers(line):
        for start, end, opened, closed in _between(data, framing.flag):
            content = unstuff(data[start:end].tobytes(), framing) if opened else None
            yield Stretch(transfer, base + start, base + end, content, closed or not opened)


def unstuff(data: bytes, framing: Framing) -> bytes | None:
    """Undo HDLC-like byte stuffing; None where an escape has nothing behind it."""
    content = bytearray()
    escaped = False
    for byte in data:
        if escaped:
            content.append(byte ^ framing.escape_xor)
            escaped = False
        elif byte == framing.escape:
            escaped = True
        else:
            content.append(byte)
    return None if escaped else bytes(content)


def stuff(content: bytes, framing: Framing) -> bytes:
    """HDLC-like byte stuffing, with a flag before and behind."""
    special = {framing.flag, framing.escape}
    body = b"".join(bytes([framing.escape, b ^ framing.escape_xor]) if b in special else bytes([b]) for b in content)
    return bytes([framing.flag]) + body + bytes([framing.flag])


def cobs_stretches(line: Line) -> Iterator[Stretch]:
    """What lies between zero bytes, unstuffed."""
    for transfer, base, data in _transfers(line):
        for start, end, _, closed in _between(data, COBS_DELIMITER):
            yield Stretch(transfer, base + start, base + end, cobs_decode(data[start:end].tobytes()), closed)


def cobs_decode(data: bytes) -> bytes | None:
    """Undo consistent overhead byte stuffing; None where a block runs past the end."""
    content = bytearray()
    at = 0
    while at < len(data):
        code = data[at]
        if at + code > len(data):
            return None
        content += data[at + 1 : at + code]
        at += code
        if code != COBS_FULL_BLOCK and at < len(data):
            content.append(COBS_DELIMITER)
    return bytes(content)


def cobs_encode(content: bytes) -> bytes:
    """Consistent overhead byte stuffing, with its zero byte behind."""
    encoded = bytearray()
    full = COBS_FULL_BLOCK - 1
    *zero_ended, rest = content.split(bytes([COBS_DELIMITER]))
    for block in zero_ended:
        encoded += _cobs_blocks(block, full)
        encoded += bytes([len(block) % full + 1]) + block[len(block) - len(block) % full :]
    encoded += _cobs_blocks(rest, full)
    if len(rest) % full or not rest:
        encoded += bytes([len(rest) % full + 1]) + rest[len(rest) - len(rest) % full :]
    return bytes(encoded) + bytes([COBS_DELIMITER])


def _cobs_blocks(block: bytes, full: int) -> bytes:
    """The blocks that are full and stand for no zero."""
    return b"".join(bytes([COBS_FULL_BLOCK]) + block[at : at + full] for at in range(0, len(block) - full + 1, full))


def whole_stretches(profile: WireProfile, line: Line, pause_ticks: int | None) -> Iterator[Stretch]:
    """Whole transfers, or the parts of them between pauses; filler around a frame is told from its bytes by the checksum."""
    for transfer, base, data in _transfers(line):
        for start, end in _parts(line, base, len(data), pause_ticks):
            yield _fitted(profile, transfer, base + start, data[start:end].tobytes())


def _parts(line: Line, base: int, count: int, pause_ticks: int | None) -> list[tuple[int, int]]:
    if pause_ticks is None:
        return [(0, count)]
    waits = line.first[base + 1 : base + count] - line.last[base : base + count - 1]
    cuts = (np.flatnonzero(waits > pause_ticks) + 1).tolist()
    return list(zip([0, *cuts], [*cuts, count], strict=True))


def _fitted(profile: WireProfile, transfer: int, start: int, data: bytes) -> Stretch:
    """The stretch without the filler around it; what of that is the frame's own is told by the checksum.

    A header may begin with bytes that look like filler, a checksum may end with them. Without a checksum nothing is cut off.
    """
    filler = bytes(profile.framing.filler)
    left = len(data) - len(data.lstrip(filler))
    right = len(data.rstrip(filler))
    if left >= right:
        return Stretch(transfer, start, start + len(data), None)
    if profile.crc is None:
        return Stretch(transfer, start, start + len(data), data)
    first = max(0, left - profile.framing.min_bytes)
    last = min(len(data), right + profile.crc.size)
    for begin, end in itertools.product(range(left, first - 1, -1), range(right, last + 1)):
        if _holds(profile, data[begin:end]):
            return Stretch(transfer, start + begin, start + end, data[begin:end])
    return Stretch(transfer, start + left, start + right, data[left:right])


def _holds(profile: WireProfile, data: bytes) -> bool:
    crc, crc_of, framing = profile.crc, profile.crc_of, profile.framing
    if not framing.min_bytes <= len(data) <= framing.max_bytes:
        return False
    if crc is None or crc_of is None:
        return True
    return crc_of(data[crc.first_byte : -crc.size]) == int.from_bytes(data[-crc.size :], crc.order)
