"""Draws an SPI host with several ports, each with attn and ready, and records it at any rate."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from decoders.profile.wire_profile import WireProfile

SCK, MOSI, MISO = "sck", "mosi", "miso"


class BusDrawing:
    """Lines in mode 0, most significant bit first, cs active low; times in samples, `half_bit` is half a clock period."""

    def __init__(self, lines: Sequence[str], half_bit: int) -> None:
        self.lines = tuple(lines)
        self.half_bit = half_bit
        self._word = sum(1 << place for place, line in enumerate(lines) if line not in {SCK, MOSI, MISO})
        self._words: list[int] = []
        self._lengths: list[int] = []

    def wait(self, samples: int) -> None:
        self._words.append(self._word)
        self._lengths.append(samples)

    def put(self, line: str, level: int) -> None:
        """Set a line from now on; a line that is not drawn is left out."""
        if line in self.lines:
            place = self.lines.index(line)
            self._word = self._word & ~(1 << place) | level << place

    def word(self, out: int, back: int, bits: int = 8) -> None:
        for bit in range(bits - 1, -1, -1):
            self.put(SCK, 0)
            self.put(MOSI, out >> bit & 1)
            self.put(MISO, back >> bit & 1)
            self.wait(self.half_bit)
            self.put(SCK, 1)
            self.wait(self.half_bit)
        self.put(SCK, 0)

    def transfer(self, cs: str, out: Sequence[int], back: Sequence[int], *, asks: bool = False, bits: int = 8) -> None:
        """One transfer with its handshake: attn where the device asks, ready always, both high again before cs is."""
        port = cs.removeprefix("cs")
        if asks:
            self.put(f"attn{port}", 0)
            self.wait(50 * self.half_bit)
        self.put(f"ready{port}", 0)
        self.wait(10 * self.half_bit)
        self.put(cs, 0)
        self.wait(3 * self.half_bit)
        for place, (mosi, miso) in enumerate(zip(out, back, strict=True)):
            self.word(mosi, miso, bits)
            if place == 1:
                self.put(f"attn{port}", 1)
            # Between words a line may go anywhere.
            self.put(MOSI, 0)
            self.put(MISO, 0)
            self.wait(2 * self.half_bit)
        self.put(f"ready{port}", 1)
        self.wait(3 * self.half_bit)
        self.put(cs, 1)
        self.wait(3 * self.half_bit)

    def recorded(self, step: float = 1, late: int = 0) -> NDArray[np.uint16]:
        """One word every `step` samples; the data lines come `late` samples after the clock."""
        words = np.repeat(np.array(self._words, np.uint16), self._lengths)
        data = np.uint16(sum(1 << self.lines.index(line) for line in (MOSI, MISO)))
        if late:
            words[late:] = words[late:] & ~data | words[:-late] & data
        return words[np.arange(0, len(words) - 1, step).astype(np.int64)]


def link_frame(profile: WireProfile, port: int, seq: int, payload: bytes, *, from_host: bool) -> bytes:
    """A DATA frame of a port (wire-format 3)."""
    assert profile.crc_of is not None
    route = port << 4 if from_host else port
    frame = bytes([0xA5, 7 + len(payload), route, 0x18 | seq, 0, 0]) + payload
    return frame + profile.crc_of(frame).to_bytes(2, "little")


def conversation(profile: WireProfile, drawing: BusDrawing, ports: Sequence[int], filler: int, *, seed: int = 1) -> BusDrawing:
    """Questions of the host and answers of its devices, for which they ask by attn; nobody speaks at once with another."""
    random = Random(seed)  # noqa: S311 - a drawing
    drawing.wait(50 * drawing.half_bit)
    for number in range(24 * len(ports)):
        port = random.choice(ports)
        question = link_frame(profile, port, number % 8, random.randbytes(random.randrange(20)), from_host=True)
        answer = link_frame(profile, port, number % 8, random.randbytes(random.randrange(20)), from_host=False)
        drawing.transfer(f"cs{port}", question, bytes([filler]) * len(question))
        drawing.wait(random.randrange(100, 400) * drawing.half_bit)
        drawing.transfer(f"cs{port}", bytes([filler]) * len(answer), answer, asks=True)
        drawing.wait(random.randrange(100, 400) * drawing.half_bit)
    return drawing
