"""Conversations for tests: link frames built byte by byte from wire-format 3, with no code of the project's encoder.

A conversation is a list of steps; each but a gap is one transfer that carries one frame in one direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from decoders.core.transfers import Line, TransferBatch

DATA, ACK, NAK, POLL, IDLE, RESET, POWER = range(7)
BAD_CRC, BUSY, NO_BUFFER, NO_ROUTE, SEQUENCE, NOT_POWERED = range(1, 7)
H2P, P2H = 0, 1
BYTE_TICKS = 1
RATE_HZ = 1000
"""Slow, so that ticks are milliseconds and two seconds come soon."""


def crc16_x25(data: bytes) -> int:
    """CRC-16/IBM-SDLC bit by bit, as its definition has it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


@dataclass(frozen=True)
class Frame:
    """One frame on one port; `ok` is False where its checksum is broken on the way. `pause` is the idle ticks before it."""

    kind: int = DATA
    dst: int = 0
    src: int = 1
    seq: int = 0
    first: bool = True
    last: bool = True
    fragment: int = 0
    payload: bytes = b""
    status: int = 0
    port: int = 1
    direction: int = P2H
    stream: int = 0
    ok: bool = True
    pause: int = 1

    @property
    def data(self) -> bytes:
        control = self.kind << 5 | self.first << 4 | self.last << 3 | self.seq
        body = (
            bytes([0xA5, len(self.payload) + 7, self.dst << 4 | self.src, control, self.status, self.fragment % 256]) + self.payload
        )
        return body + (crc16_x25(body) ^ (0 if self.ok else 0x5500)).to_bytes(2, "little")


@dataclass(frozen=True)
class Gap:
    """A stretch of `ticks` that the recording lacks."""

    ticks: int = 100


Step = Frame | Gap


@dataclass(frozen=True)
class Timed:
    """A frame at its place in a recording: its record's number, its first bit's tick and its last bit's."""

    no: int
    start: int
    end: int
    frame: Frame


@dataclass(frozen=True)
class TimedGap:
    start: int
    end: int


def timed(steps: Iterable[Step]) -> list[Timed | TimedGap]:
    """When everything happens; a negative pause lets transfers overlap, but never reaches over a gap."""
    now, no, floor = 0, 0, 0
    placed: list[Timed | TimedGap] = []
    for step in steps:
        if isinstance(step, Gap):
            placed.append(TimedGap(now, now + step.ticks))
            now = floor = now + step.ticks
            continue
        no += 1
        start = max(floor, now + step.pause)
        now = start + BYTE_TICKS * len(step.data)
        placed.append(Timed(no, start, now - 1, step))
    return placed


def transfers(frames: Sequence[Timed]) -> TransferBatch:
    """A transfer for each frame, filler on the other line."""
    ports = np.array([t.frame.port for t in frames], np.uint8)
    streams = np.array([t.frame.stream for t in frames], np.uint8)
    start, end = (np.array([getattr(t, name) for t in frames], np.int64) for name in ("start", "end"))
    small = np.zeros(len(frames), np.uint8)
    lines = [_line(frames, direction) for direction in (H2P, P2H)]
    return TransferBatch(start, end, streams, ports, small, small, *lines)


def _line(frames: Sequence[Timed], direction: int) -> Line:
    parts = [t.frame.data if t.frame.direction == direction else bytes(len(t.frame.data)) for t in frames]
    first = [np.arange(t.start, t.end + 1, BYTE_TICKS, dtype=np.int64) for t in frames]
    ticks = np.concatenate([np.empty(0, np.int64), *first])
    return Line(np.frombuffer(b"".join(parts), np.uint8), np.cumsum([0, *map(len, parts)]), ticks, ticks + BYTE_TICKS - 1)


def answer(frame: Frame, kind: int = ACK, status: int = 0) -> Frame:
    """What the receiver of a frame sends back: the same number, the route swapped."""
    return replace(
        frame,
        kind=kind,
        dst=frame.src,
        src=frame.dst,
        first=False,
        last=False,
        fragment=0,
        payload=b"",
        status=status,
        direction=1 - frame.direction,
        ok=True,
        pause=1,
    )


def fragments(frame: Frame, content: bytes, size: int = 248) -> list[Frame]:
    """The DATA frames of one packet, numbered from `frame.seq` on."""
    parts = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
    return [
        replace(
            frame, seq=(frame.seq + index) % 8, first=index == 0, last=index == len(parts) - 1, fragment=index % 256, payload=part
        )
        for index, part in enumerate(parts)
    ]
