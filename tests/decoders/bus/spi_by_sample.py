"""A second SPI decoder that looks at one sample after the other: slow, and so plain that it can be read against the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from decoders.bus.wiring import SpiPort
from decoders.core.chunk import Lost, Samples
from decoders.core.transfers import TransferFlag
from tests.decoders.bus.drawing import Record

Bit = tuple[int, int, int]


@dataclass
class _Transfer:
    start: int
    flags: int = 0
    bits: list[Bit] = field(default_factory=list)


def decode_by_sample(ports: Sequence[SpiPort], rate_hz: int, chunks: Sequence[Samples | Lost], limit_bytes: int) -> list[Record]:
    found = []
    for port in ports:
        found += _Port(port, rate_hz, limit_bytes).decode(chunks)
    found.sort(key=lambda pair: (pair[0], pair[1]["stream"], pair[1]["port"]))
    return [record for _, record in found]


class _Port:
    def __init__(self, port: SpiPort, rate_hz: int, limit_bytes: int) -> None:
        self.port = port
        self.idle = -(-port.idle_ns * rate_hz // 1_000_000_000)
        self.octets = (port.word_bits + 7) // 8
        self.limit_bits = limit_bytes // self.octets * port.word_bits
        self.open: _Transfer | None = None
        self.found: list[tuple[int, Record]] = []

    def decode(self, chunks: Sequence[Samples | Lost]) -> list[tuple[int, Record]]:
        tick, before = 0, None
        for chunk in chunks:
            if isinstance(chunk, Lost):
                self.end(chunk.start, chunk.start, TransferFlag.CUT_BY_GAP)
                before, tick = None, chunk.end
                continue
            for word in chunk.words.tolist():
                self.sample(tick, word, before)
                before, tick = word, tick + 1
        self.end(tick, tick, TransferFlag.ENDED_AFTER)
        return self.found

    def sample(self, tick: int, word: int, before: int | None) -> None:
        cs, sck = self.port.cs, self.port.sck
        if cs is not None:
            self.select(tick, word >> cs & 1, None if before is None else before >> cs & 1)
        if before is not None and (before ^ word) >> sck & 1 and (word >> sck & 1) == (self.port.mode in (0, 3)):
            self.bit(tick, word)
        if cs is None and self.idle and self.open and tick == self.open.bits[-1][0] + self.idle:
            self.end(self.open.bits[-1][0], tick)

    def select(self, tick: int, level: int, before: int | None) -> None:
        active = level == self.port.cs_active_high
        if before is None and active:
            self.open = _Transfer(tick, TransferFlag.STARTED_BEFORE)
        elif before is not None and before != level:
            if active:
                self.open = _Transfer(tick)
            else:
                self.end(tick, tick)

    def bit(self, tick: int, word: int) -> None:
        if self.open is None:
            if self.port.cs is not None:
                return
            self.open = _Transfer(tick)
        if len(self.open.bits) == self.limit_bits:
            self.end(tick, tick, TransferFlag.CUT_BY_LENGTH)
            self.open = _Transfer(tick)
        self.open.bits.append((tick, self.level(word, self.port.mosi), self.level(word, self.port.miso)))

    @staticmethod
    def level(word: int, channel: int | None) -> int:
        return 0 if channel is None else word >> channel & 1

    def end(self, tick: int, known: int, flag: int = 0) -> None:
        if self.open is None:
            return
        bits, width = self.open.bits, self.port.word_bits
        words = [bits[i : i + width] for i in range(0, len(bits) - width + 1, width)]
        record = {
            "start": self.open.start,
            "end": tick,
            "stream": self.port.stream,
            "port": self.port.port,
            "partial_bits": len(bits) % width,
            "flags": int(self.open.flags | flag),
            "h2p": [octet for word in words for octet in self.bytes_of(word, 1)] if self.port.mosi is not None else [],
            "p2h": [octet for word in words for octet in self.bytes_of(word, 2)] if self.port.miso is not None else [],
        }
        self.found.append((known, record))
        self.open = None

    def bytes_of(self, word: list[Bit], line: int) -> list[tuple[int, int, int]]:
        """Each byte with the ticks of its own bits: the highest byte of the word first."""
        by_weight = word if self.port.lsb_first else word[::-1]
        octets = []
        for low in range(0, len(word), 8):
            own = by_weight[low : low + 8]
            value = sum(bit[line] << weight for weight, bit in enumerate(own))
            ticks = [bit[0] for bit in own]
            octets.append((value, min(ticks), max(ticks)))
        return octets[::-1]
