"""The parsing rules of the reference profile once more, byte by byte, from their words alone (wire-format 3)."""

from __future__ import annotations

from dataclasses import dataclass, field

SOF = 0xA5
FILLER = {0x00, 0xFF}
LEAST, CRC_BYTES = 8, 2


@dataclass(slots=True)
class Parsed:
    """Frames as start, end and whether they begin inside what a failed candidate claims; stretches as start, end and reason."""

    frames: list[tuple[int, int, bool]] = field(default_factory=list)
    stretches: list[tuple[int, int, str]] = field(default_factory=list)


def crc_x25(data: bytes) -> int:
    """CRC-16/IBM-SDLC bit by bit: reflected 0x1021, all ones before and behind."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return register ^ 0xFFFF


def claim(data: bytes, at: int) -> int | None:
    """The size that a sof claims; None where its length byte is missing."""
    return data[at + 1] + 1 if at + 1 < len(data) else None


def is_valid(data: bytes, at: int) -> bool:
    size = claim(data, at)
    if size is None or size < LEAST or at + size > len(data):
        return False
    end = at + size
    return crc_x25(data[at : end - CRC_BYTES]) == int.from_bytes(data[end - CRC_BYTES : end], "little")


def plain_parse(data: bytes) -> Parsed:
    """One direction of one transfer."""
    parsed = Parsed()
    owned = [False] * len(data)
    claimed_until = at = 0
    while at < len(data):
        if data[at] == SOF and is_valid(data, at):
            end = at + (claim(data, at) or 0)
            parsed.frames.append((at, end, at < claimed_until))
            owned[at:end] = [True] * (end - at)
            at = end
            continue
        size = claim(data, at) if data[at] == SOF else None
        if size is not None and size >= LEAST:
            claimed_until = max(claimed_until, min(at + size, len(data)))
        at += 1
    parsed.stretches = [stretch for start, end in runs(owned) for stretch in trimmed(data, start, end)]
    return parsed


def runs(owned: list[bool]) -> list[tuple[int, int]]:
    """Start and end of each run of bytes that no frame owns."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for at, is_owned in enumerate([*owned, True]):
        if is_owned and start is not None:
            found.append((start, at))
            start = None
        elif not is_owned and start is None:
            start = at
    return found


def trimmed(data: bytes, start: int, end: int) -> list[tuple[int, int, str]]:
    while start < end and data[start] in FILLER:
        start += 1
    while start < end and data[end - 1] in FILLER:
        end -= 1
    return [(start, end, reason(data, start))] if start < end else []


def reason(data: bytes, start: int) -> str:
    if data[start] != SOF:
        return "garbage"
    size = claim(data, start)
    if size is None:
        return "truncated"
    if size < LEAST:
        return "garbage"
    return "bad_crc" if start + size <= len(data) else "truncated"
