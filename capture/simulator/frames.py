"""Link frames on the simulated wire, written and read without the decoder's code (wire-format 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from fastcrc import crc16

SOF = 0xA5
FILLER = b"\xff"
SMALLEST, LARGEST = 8, 256
HEADER_BYTES, CRC_BYTES = 6, 2
PAYLOAD_BYTES = LARGEST - SMALLEST
HOST_PORT = 0


class Kind(IntEnum):
    """Frame types."""

    DATA = 0
    ACK = 1
    NAK = 2
    POLL = 3
    IDLE = 4
    RESET = 5
    POWER = 6


class Reason(IntEnum):
    """Why a frame is refused."""

    OK = 0
    BAD_CRC = 1
    BUSY = 2
    NO_BUFFER = 3
    NO_ROUTE = 4
    SEQUENCE = 5
    NOT_POWERED = 6


_KINDS, _REASONS = frozenset(Kind), frozenset(Reason)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a frame comes from and goes to, as ports."""

    source: int
    destination: int

    def back(self) -> Route:
        """The way of its acknowledgement."""
        return Route(self.destination, self.source)


@dataclass(frozen=True, slots=True)
class Frame:
    """One link frame."""

    kind: Kind
    route: Route
    seq: int = 0
    first: bool = False
    last: bool = False
    fragment: int = 0
    reason: Reason = Reason.OK
    payload: bytes = b""

    def encode(self) -> bytes:
        """The frame's bytes, from sof to crc."""
        control = self.kind << 5 | self.first << 4 | self.last << 3 | self.seq
        body = (
            bytes((
                SOF, len(self.payload) + SMALLEST - 1, self.route.destination << 4 | self.route.source,
                control, self.reason, self.fragment,
            ))
            + self.payload
        )  # fmt: skip
        return body + crc16.ibm_sdlc(body).to_bytes(CRC_BYTES, "little")


@dataclass(frozen=True, slots=True)
class Received:
    """What a receiver makes of a stretch of bytes that begins like a frame and is complete.

    `start` and `end` are places in the stream of bytes; a frame with a wrong checksum is told of with `is_good` False.
    """

    frame: Frame
    start: int
    end: int
    is_good: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame at one end of a port: nanoseconds of its first and last sampled bit."""

    frame: Frame
    start_ns: int
    end_ns: int


class FrameReader:
    """Finds frames in the bytes of one direction of one transfer."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    @property
    def wanted(self) -> int:
        """How many bytes are missing of the frame that has begun; 0 where none has."""
        if not self._held:
            return 0
        return (self._held[1] + 1 if len(self._held) > 1 else SMALLEST) - len(self._held)

    def feed(self, data: bytes) -> Iterator[Received]:
        """Take in bytes and give the frames that they complete."""
        held = self._held
        held += data
        while held:
            begin = held.find(SOF)
            if begin < 0:
                self._skip(len(held))
                return
            self._skip(begin)
            if len(held) < 2:
                return
            size = held[1] + 1
            if size < SMALLEST:
                self._skip(1)
                continue
            if len(held) < size:
                return
            content = bytes(held[:size])
            is_good = crc16.ibm_sdlc(content[:-CRC_BYTES]) == int.from_bytes(content[-CRC_BYTES:], "little")
            frame = _decoded(content)
            if frame is not None:
                yield Received(frame, self._at, self._at + size, is_good)
            # A receiver has no time to look again at what failed: it trusts the length, so that the next frame is not missed.
            self._skip(size)

    def _skip(self, count: int) -> None:
        del self._held[:count]
        self._at += count


def _decoded(content: bytes) -> Frame | None:
    """None for a type or a reason that there is not."""
    kind, reason = content[3] >> 5, content[4]
    if kind not in _KINDS or reason not in _REASONS:
        return None
    return Frame(
        Kind(kind), Route(content[2] & 15, content[2] >> 4), content[3] & 7, bool(content[3] & 16), bool(content[3] & 8),
        content[5], Reason(reason), content[HEADER_BYTES:-CRC_BYTES],
    )  # fmt: skip


def fragments(packet: bytes) -> list[bytes]:
    """The payloads of the frames that carry a packet."""
    return [packet[at : at + PAYLOAD_BYTES] for at in range(0, len(packet), PAYLOAD_BYTES)] or [b""]
