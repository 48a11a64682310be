"""How the tests draw an optical link: who says what, when, at which speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from fastcrc import crc16

from decoders.bus.flag import Direction, FlagMessage
from decoders.bus.opto import OptoBatch, OptoDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import LogicChunk, Samples
from decoders.core.span import Span
from tests.decoders.bus.drawing import Record, records, runs_of, split
from tests.decoders.bus.serial_drawing import bits_of, levels_of

RATE_HZ = 48_000
RX, TX = 0, 1
BOTH = UartLine(rx=RX, tx=TX, baud=300, data_bits=7, parity="even")
ONE = replace(BOTH, tx=None)


@dataclass(frozen=True)
class Said:
    """Bytes that begin at a millisecond on a line: "h2p" the tool's, "p2h" the device's."""

    start_ms: float
    side: Direction
    data: bytes
    baud: int = 300
    link: bool = False
    """8N1 instead of 7E1."""

    @property
    def end_ms(self) -> float:
        return self.start_ms + len(self.data) * 10_000 / self.baud


def drawn(said: Sequence[Said], *, one_receiver: bool = False, rate_hz: int = RATE_HZ, tail_ms: int = 500) -> Samples:
    """All that is said, as both lines, or as one that hears both sides; then silence."""
    length = int((max((one.end_ms for one in said), default=0) + tail_ms) * rate_hz / 1000)
    words = np.full(length, 3, np.uint8)
    for one in said:
        line = replace(BOTH, data_bits=8, parity="none") if one.link else BOTH
        bits = [1 - bit for value in one.data for bit in bits_of(line, value)]
        channel = TX if one.side == "h2p" and not one_receiver else RX
        low = levels_of(bits, Fraction(rate_hz, one.baud)) << np.uint8(channel)
        start = int(one.start_ms * rate_hz / 1000)
        words[start : start + len(low)] &= ~low[: length - start]
    return Samples(0, words)


@dataclass(frozen=True)
class Heard:
    """All that a decoder made of a recording."""

    messages: list[FlagMessage]
    transfers: list[Record]
    echoes: list[Span]

    @property
    def said(self) -> list[tuple[str, Direction | None, bytes]]:
        return [(message.kind, message.direction, message.raw) for message in self.messages]

    @property
    def kinds(self) -> str:
        return " ".join(message.kind for message in self.messages)

    @property
    def bursts(self) -> list[tuple[bytes, bytes]]:
        """The bytes of each burst, h2p and p2h."""
        octets = [[bytes(value for value, _, _ in transfer[side]) for side in ("h2p", "p2h")] for transfer in self.transfers]
        return [(h2p, p2h) for h2p, p2h in octets]


def collected(batches: Sequence[OptoBatch]) -> Heard:
    return Heard(
        [message for batch in batches for message in batch.messages],
        records([batch.transfers for batch in batches]),
        [echo for batch in batches for echo in batch.echoes],
    )


def decoded(line: UartLine, chunks: Sequence[LogicChunk], rate_hz: int = RATE_HZ) -> Heard:
    decoder = OptoDecoder(line, rate_hz)
    return collected([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])


def heard(*said: Said, line: UartLine = BOTH, rate_hz: int = RATE_HZ) -> Heard:
    """What a decoder makes of a conversation, told as runs in a few pieces."""
    chunk = drawn(said, one_receiver=line.tx is None, rate_hz=rate_hz)
    return decoded(line, split(runs_of(chunk), range(0, chunk.end, 9973)), rate_hz)


def echoed(said: Sequence[Said], delay_ms: float) -> list[Said]:
    """The same where the head gives back what the tool sends."""
    return [*said, *(replace(one, start_ms=one.start_ms + delay_ms, side="p2h") for one in said if one.side == "h2p")]


def frame(payload: bytes, *, from_tool: bool) -> bytes:
    """A whole packet of the reference profile in one DATA frame between tool and device."""
    route = 0x10 if from_tool else 0x01
    body = bytes([0xA5, len(payload) + 7, route, 0x18, 0, 0]) + payload
    return body + crc16.ibm_sdlc(body).to_bytes(2, "little")
