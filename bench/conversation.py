"""A host and a meter that talk UMI, frame after frame, as the reference wire profile lays it down.

Most exchanges read objects, some send a piece of a firmware image in several fragments. Each data frame is answered by a frame of
its own; one in a thousand arrives damaged, is refused and sent again. While one side sends, the other line carries filler.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from struct import Struct

import fastcrc
import numpy as np

from bench.waveform import BYTE_TICKS, Traffic
from decoders.core.transfers import Line, TransferBatch

HOST, METER = 0, 1
IDS = (0x0019020000000001, 0x00237E0000000007)
DATA, ACK, NAK = 0, 1, 2
BAD_CRC = 1
FRAGMENT_BYTES = 248
SEQUENCES = 8
OBJECTS, READ = 3, 1
IMAGES, BLOCK = 4, 2
VERSION, RESPONSE = 1 << 4, 1 << 3
UINT32 = 5
OBJECT_BANK = 0x00120000
IMAGE_BLOCK_BYTES = 640
IMAGE_SHARE = 0.02
DAMAGED_SHARE = 0.001
EPOCH = 1_700_000_000
HEADER = Struct(">BBBBHHQQII")


@dataclass(frozen=True, slots=True)
class Sent:
    """One frame as it was on the wire; `sender` is the port, `good` False where it was damaged on the way."""

    content: bytes
    sender: int
    good: bool


class Conversation:
    """An endless conversation; counts what was sent so far: good frames, damaged ones, and packets that began."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - test traffic, no secret
        self._seq = [0, 0]
        self._counter = [0, 0]
        self._transaction = 0
        self.frames = self.damaged = self.packets = 0

    def sent(self) -> Iterator[Sent]:
        """All frames in order."""
        while True:
            self._transaction = (self._transaction + 1) & 0xFFFF
            command, answer = self._image_block() if self._random.random() < IMAGE_SHARE else self._object_read()
            yield from self._packet(HOST, command)
            yield from self._packet(METER, answer)

    def _object_read(self) -> tuple[bytes, bytes]:
        codes = [OBJECT_BANK | self._random.getrandbits(10) for _ in range(self._random.randint(1, 4))]
        amount = bytes([len(codes)])
        asked = b"".join(code.to_bytes(4) for code in codes)
        read = b"".join(code.to_bytes(4) + bytes([0, UINT32]) + self._random.randbytes(4) for code in codes)
        return self._content(HOST, OBJECTS, READ, amount + asked), self._content(METER, OBJECTS, READ, amount + read)

    def _image_block(self) -> tuple[bytes, bytes]:
        place = self._random.randrange(1 << 10) * IMAGE_BLOCK_BYTES
        block = (1).to_bytes(4) + place.to_bytes(4) + self._random.randbytes(IMAGE_BLOCK_BYTES)
        received = (place + IMAGE_BLOCK_BYTES).to_bytes(4)
        return self._content(HOST, IMAGES, BLOCK, block), self._content(METER, IMAGES, BLOCK, received)

    def _content(self, sender: int, service: int, operation: int, body: bytes) -> bytes:
        flags = VERSION | (RESPONSE if sender == METER else 0)
        self._counter[sender] += 1
        counter = self._counter[sender]
        header = HEADER.pack(
            flags, service, operation, 0, self._transaction, len(body), IDS[sender], IDS[1 - sender], counter, EPOCH + counter
        )
        return header + body

    def _packet(self, sender: int, content: bytes) -> Iterator[Sent]:
        """The frames that carry one packet, each with its answer, and again where it was damaged."""
        places = range(0, len(content), FRAGMENT_BYTES)
        for fragment, place in enumerate(places):
            payload = content[place : place + FRAGMENT_BYTES]
            first, last = place == 0, place == places[-1]
            seq = self._seq[sender]
            self._seq[sender] = (seq + 1) % SEQUENCES
            data = frame(sender, DATA, seq, payload, bounds=first << 1 | last, fragment=fragment)
            if self._random.random() < DAMAGED_SHARE:
                self.damaged += 1
                yield Sent(self._damage(data), sender, good=False)
                yield self._good(frame(1 - sender, NAK, seq, status=BAD_CRC), 1 - sender)
            self.packets += first
            yield self._good(data, sender)
            yield self._good(frame(1 - sender, ACK, seq), 1 - sender)

    def _good(self, content: bytes, sender: int) -> Sent:
        self.frames += 1
        return Sent(content, sender, good=True)

    def _damage(self, content: bytes) -> bytes:
        place = self._random.randrange(2, len(content))
        return content[:place] + bytes([content[place] ^ 1 << self._random.randrange(8)]) + content[place + 1 :]


def frame(sender: int, kind: int, seq: int, payload: bytes = b"", *, bounds: int = 0, fragment: int = 0, status: int = 0) -> bytes:
    """A link frame between the host and the meter (wire-format 3); `bounds` is the two bits first and last."""
    route = (1 - sender) << 4 | sender
    head = bytes([0xA5, len(payload) + 7, route, kind << 5 | bounds << 3 | seq, status, fragment])
    return head + payload + fastcrc.crc16.ibm_sdlc(head + payload).to_bytes(2, "little")


def lines(sent: list[Sent], seed: int, mean_pause: float) -> Traffic:
    """Both lines of the bus: a transfer for each frame, filler before it and on the other line."""
    rng = np.random.default_rng(seed)
    lead = rng.integers(0, 4, len(sent))
    size = lead + np.array([len(one.content) for one in sent])
    offset = np.concatenate(([0], np.cumsum(size)))
    silent = np.repeat(np.where(rng.random(len(sent)) < 0.5, np.uint8(0xFF), np.uint8(0)), size)
    busy = np.frombuffer(b"".join(bytes(n) + one.content for n, one in zip(lead.tolist(), sent, strict=True)), np.uint8)
    by_host = np.repeat(np.array([one.sender == HOST for one in sent]), size)
    pause = 100 + rng.exponential(mean_pause, len(sent)).astype(np.int64)
    return Traffic(np.where(by_host, busy, silent), np.where(by_host, silent, busy), offset, pause)


def transfers(traffic: Traffic, start: int) -> TransferBatch:
    """What the bus layer would hand on for these lines, at about the ticks that it would give."""
    sizes = np.diff(traffic.offset)
    lasts = sizes * BYTE_TICKS + traffic.pause
    begins = start + np.concatenate(([0], np.cumsum(lasts)[:-1]))
    nth = np.arange(len(traffic.mosi)) - np.repeat(traffic.offset[:-1], sizes)
    first = np.repeat(begins, sizes) + nth * BYTE_TICKS
    last = first + BYTE_TICKS * 7 // 8
    none, port = np.zeros(len(sizes), np.uint8), np.ones(len(sizes), np.uint8)
    ends = begins + sizes * BYTE_TICKS
    h2p, p2h = (Line(data, traffic.offset, first, last) for data in (traffic.mosi, traffic.miso))
    return TransferBatch(begins, ends, none, port, none, none, h2p, p2h)


def batches(conversation: Conversation, batch: int, mean_pause: float) -> Iterator[tuple[list[Sent], Traffic]]:
    """The conversation without end, in batches of so many frames: as they were sent, and as both lines carried them."""
    frames = conversation.sent()
    for number in count():
        sent = list(islice(frames, batch))
        yield sent, lines(sent, number, mean_pause)
