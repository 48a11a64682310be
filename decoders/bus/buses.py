"""All buses of one recording together: their transfers in one order that does not depend on the chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from decoders.bus.bursts import BurstDecoder
from decoders.bus.edges import Ticks
from decoders.bus.opto import OptoDecoder
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.transfers import Line, TransferBatch

WINDOW = 1 << 22
"""Ticks after which the transfers of several buses are put in order."""


class Bus(Protocol):
    """What turns chunks into transfers."""

    def feed(self, chunk: LogicChunk) -> TransferBatch: ...

    def finish(self) -> TransferBatch: ...


class OptoTransfers:
    """An optical link's bursts of UMI link frames; the exchange before them is not for the layers above."""

    def __init__(self, line: UartLine, rate_hz: int) -> None:
        self._decoder = OptoDecoder(line, rate_hz)

    def feed(self, chunk: LogicChunk) -> TransferBatch:
        return self._decoder.feed(chunk).transfers

    def finish(self) -> TransferBatch:
        return self._decoder.finish().transfers


class Buses:
    """Every port and serial link of a wiring; chunks follow each other without a jump.

    The transfers of a single bus come as it gives them. Those of several come by windows of the recording, in each in order of
    their ends; one whose end is known only later comes in the window that shows it.
    """

    def __init__(self, wiring: Wiring, rate_hz: int) -> None:
        self._buses: list[Bus] = [SpiDecoder(wiring.spi, rate_hz)] if wiring.spi else []
        for line in wiring.uart:
            self._buses.append(BurstDecoder(line, rate_hz) if line.protocol == "raw" else OptoTransfers(line, rate_hz))
        self._held: list[TransferBatch] = []
        self._window_end = WINDOW

    def feed(self, chunk: LogicChunk) -> Iterator[TransferBatch]:
        """The transfers whose order this chunk settles; all of them where it is a gap."""
        if len(self._buses) == 1:
            yield from _filled(self._buses[0].feed(chunk))
        elif isinstance(chunk, Lost):
            self._hold(chunk)
            yield from self._ordered(chunk.end)
        else:
            while chunk.end >= self._window_end:
                before, chunk = _cut(chunk, self._window_end)
                self._hold(before)
                yield from self._ordered(self._window_end)
            self._hold(chunk)

    def finish(self) -> Iterator[TransferBatch]:
        """The transfers that are open where the recording ends."""
        self._held += [bus.finish() for bus in self._buses]
        yield from self._ordered(self._window_end)

    def _hold(self, chunk: LogicChunk) -> None:
        if chunk.end == chunk.start:
            return
        self._held += [bus.feed(chunk) for bus in self._buses]

    def _ordered(self, tick: int) -> Iterator[TransferBatch]:
        """What is held, at the end of a window at `tick`."""
        self._window_end = tick - tick % WINDOW + WINDOW
        held, self._held = self._held, []
        if held:
            yield from _filled(_by_end(held))


def _filled(transfers: TransferBatch) -> Iterator[TransferBatch]:
    if len(transfers):
        yield transfers


def _cut(chunk: Samples | Runs, tick: int) -> tuple[Samples | Runs, Samples | Runs]:
    """A chunk's parts before and from `tick` on, which lies in it or at its end."""
    if isinstance(chunk, Samples):
        words = chunk.words
        return Samples(chunk.start, words[: tick - chunk.start]), Samples(tick, words[tick - chunk.start :])
    at = int(np.searchsorted(chunk.ticks, tick))
    before = Runs(chunk.start, tick, chunk.ticks[:at], chunk.words[:at])
    if tick == chunk.end or (at < len(chunk.ticks) and chunk.ticks[at] == tick):
        return before, Runs(tick, chunk.end, chunk.ticks[at:], chunk.words[at:])
    ticks = chunk.ticks[at - 1 :].copy()
    ticks[0] = tick
    return before, Runs(tick, chunk.end, ticks, chunk.words[at - 1 :])


def _by_end(batches: Sequence[TransferBatch]) -> TransferBatch:
    """The transfers of several batches in order of their ends, those that end together as they came."""
    end = np.concatenate([batch.end for batch in batches])
    order = np.argsort(end, kind="stable")
    return TransferBatch(
        np.concatenate([batch.start for batch in batches])[order],
        end[order],
        np.concatenate([batch.stream for batch in batches])[order],
        np.concatenate([batch.port for batch in batches])[order],
        np.concatenate([batch.partial_bits for batch in batches])[order],
        np.concatenate([batch.flags for batch in batches])[order],
        _line([batch.h2p for batch in batches], order),
        _line([batch.p2h for batch in batches], order),
    )


def _line(lines: Sequence[Line], order: Ticks) -> Line:
    counts = np.concatenate([np.diff(line.offset) for line in lines])
    place = (np.cumsum(counts) - counts)[order]
    offset = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts[order], out=offset[1:])
    rows = np.repeat(place - offset[:-1], counts[order]) + np.arange(offset[-1])
    data, first, last = (np.concatenate([getattr(line, name) for line in lines]) for name in ("data", "first", "last"))
    return Line(data[rows], offset, first[rows], last[rows])
