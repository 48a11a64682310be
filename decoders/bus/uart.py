"""UART: from the edges of one line to characters."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.bus.baud import BaudFollower, FixedBaud, Levels, Stretch
from decoders.bus.edges import EdgeScanner, Ticks, mask
from decoders.bus.wiring import Parity, UartLine
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.errors import UsageError


class CharFlag(enum.IntFlag):
    """What is wrong with a character."""

    PARITY = 1
    FRAMING = 2
    """The (first) stop bit is low."""
    BREAK = 4
    """All bits, the stop bit too, are low; always together with FRAMING."""
    CUT = 8
    """The recording or a gap ends inside the character: bits that did not come are 0, and nothing else is judged."""


@dataclass(frozen=True, slots=True, eq=False)
class CharBatch:
    """Columns of n characters of one line, in order.

    All ticks are int64: `start` of the falling edge of the start bit; `end` where the last stop bit ends at the nominal speed, or what
    was recorded ends in a character that is CUT; `first` and `last` where the first and the last data bit were sampled, or would
    have been. `value` is uint16, 5 to 9 bits; `flags` uint8 of `CharFlag`.
    """

    start: Ticks
    end: Ticks
    first: Ticks
    last: Ticks
    value: NDArray[np.uint16]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.start)

    def part(self, rows: slice | NDArray[np.bool_]) -> CharBatch:
        """Some rows."""
        return CharBatch(self.start[rows], self.end[rows], self.first[rows], self.last[rows], self.value[rows], self.flags[rows])

    @classmethod
    def empty(cls) -> CharBatch:
        none = np.empty(0, np.int64)
        return cls(none, none, none, none, np.empty(0, np.uint16), np.empty(0, np.uint8))

    @classmethod
    def joined(cls, batches: Sequence[CharBatch]) -> CharBatch:
        """One batch after the other."""
        if not batches:
            return cls.empty()
        return cls(
            np.concatenate([batch.start for batch in batches]),
            np.concatenate([batch.end for batch in batches]),
            np.concatenate([batch.first for batch in batches]),
            np.concatenate([batch.last for batch in batches]),
            np.concatenate([batch.value for batch in batches]),
            np.concatenate([batch.flags for batch in batches]),
        )


class CharTiming:
    """Where a receiver looks at a character, in ticks after the falling edge of its start bit.

    `points` (int64) holds the middle of the start bit, of each data bit, of the parity bit where there is one, and of the first stop
    bit: bit k of length b is sampled ceil((b - 1) / 2 + k b) ticks after the edge, by exact arithmetic. `length` reaches to the end
    of the last stop bit. Raises `UsageError` where the samples are too far apart for the speed.
    """

    def __init__(self, line: UartLine, baud: int, rate_hz: int) -> None:
        if baud <= 0 or rate_hz < 2 * baud:
            raise UsageError(
                f"{baud} baud cannot be read from {rate_hz} samples a second", remedy="a bit needs two samples at least"
            )
        self.baud = baud
        bits = 1 + line.data_bits + (line.parity != "none")
        self.points = np.array([-((baud - (2 * k + 1) * rate_hz) // (2 * baud)) for k in range(bits + 1)], np.int64)
        self.length = -(-(bits + line.stop_bits) * rate_hz // baud)


class UartDecoder:
    """Turns one channel of a logic recording into characters.

    A start bit that is high in its middle is none. The next one is looked for after the middle of the first stop bit; a second stop
    bit is not looked at. Without `line.baud` the speed is found anew after each pause. Chunks of any size give the same characters.
    Raises `UsageError` when the samples are too far apart for the speed.
    """

    def __init__(self, channel: int, line: UartLine, rate_hz: int) -> None:
        self._channel = channel
        self._line = line
        self._rate_hz = rate_hz
        self._scanner = EdgeScanner(1 << channel, 1 << channel)
        self._baud = FixedBaud(line.baud) if line.baud is not None else BaudFollower(rate_hz)
        self._receiver = _Receiver(line)
        self._timing: CharTiming | None = None
        if line.baud is not None:
            self._timing = CharTiming(line, line.baud, rate_hz)

    @property
    def settled(self) -> int:
        """All characters that start before this tick have been delivered."""
        waiting = (self._receiver.waiting, self._baud.waiting)
        return min((tick for tick in waiting if tick is not None), default=self._scanner.end)

    def feed(self, chunk: LogicChunk) -> CharBatch:
        """The characters that this chunk completes."""
        found: list[CharBatch] = []
        for event in self._scanner.feed(chunk):
            if isinstance(event, Lost):
                found += self._end(event.start)
                continue
            levels = ((event.words & mask(1 << self._channel, event.words)) != 0) != self._line.inverted
            found += self._receive(self._baud.feed(event.ticks, levels, event.end))
        return CharBatch.joined(found)

    def finish(self) -> CharBatch:
        """The characters that the end of the recording completes or cuts."""
        return CharBatch.joined(self._end(self._scanner.end))

    def bits_before(self, start: int, tick: int) -> int:
        """How many data bits of a character that began at `start` were sampled before `tick`."""
        points = self._timing.points[1 : 1 + self._line.data_bits] if self._timing else np.empty(0, np.int64)
        return int(np.searchsorted(start + points, tick))

    def _receive(self, stretches: Iterable[Stretch]) -> Iterator[CharBatch]:
        for stretch in stretches:
            if self._timing is None or self._timing.baud != stretch.baud:
                self._timing = CharTiming(self._line, stretch.baud, self._rate_hz)
            yield self._receiver.feed(self._timing, stretch)

    def _end(self, tick: int) -> list[CharBatch]:
        found = [*self._receive(self._baud.finish(tick))]
        if self._timing is not None:
            found.append(self._receiver.finish(self._timing, tick))
        return found


class _Receiver:
    """Finds the characters in the edges of one line; keeps the edges from the first start bit on that is not decided."""

    def __init__(self, line: UartLine) -> None:
        self._line = line
        self._forget()

    def _forget(self) -> None:
        self._ticks = np.empty(0, np.int64)
        self._levels = np.empty(0, np.bool_)
        self._free = -1

    @property
    def waiting(self) -> int | None:
        return int(self._ticks[0]) if len(self._ticks) else None

    def feed(self, timing: CharTiming, stretch: Stretch) -> CharBatch:
        """The characters whose first stop bit is sampled before the end of the stretch."""
        self._ticks = np.concatenate((self._ticks, stretch.ticks))
        self._levels = np.concatenate((self._levels, stretch.levels))
        falls = self._ticks[~self._levels]
        starts = falls[self._chosen(timing, falls, stretch.end)]
        undecided = falls[np.searchsorted(falls, self._free, "right") :]
        keep = np.searchsorted(self._ticks, undecided[0]) if len(undecided) else len(self._ticks)
        found = self._characters(timing, starts)
        self._ticks, self._levels = self._ticks[keep:].copy(), self._levels[keep:].copy()
        return found

    def finish(self, timing: CharTiming, tick: int) -> CharBatch:
        """The character that `tick` cuts, if its start bit had come."""
        cut = CharBatch.empty()
        for start in self._ticks[~self._levels].tolist():
            if start <= self._free:
                continue
            points = start + timing.points[: self._line.data_bits + 1]
            points = points[points < tick]
            levels = self._levels_at(points)
            if not len(points):
                break
            if not levels[0]:
                value = int((levels[1:] << np.arange(len(levels) - 1)).sum())
                cut = self._batch(timing, np.array([start]), np.array([value]), np.array([CharFlag.CUT]))
                cut.end[0] = tick
                break
            self._free = int(points[0])
        self._forget()
        return cut

    def _levels_at(self, ticks: Ticks) -> Levels:
        return self._levels[np.searchsorted(self._ticks, ticks, "right") - 1]

    def _chosen(self, timing: CharTiming, falls: Ticks, end: int) -> list[int]:
        """Which falling edges are start bits: each looked for after the stop bit of the one before."""
        decided = int(np.searchsorted(falls, end - timing.points[-1]))
        candidates = falls[:decided]
        spurious = self._levels_at(candidates + timing.points[0])
        busy = candidates + np.where(spurious, timing.points[0], timing.points[-1])
        following = np.searchsorted(falls, busy, "right").tolist()
        false = spurious.tolist()
        chosen, last, i = [], None, int(np.searchsorted(falls, self._free, "right"))
        while i < decided:
            if not false[i]:
                chosen.append(i)
            last, i = i, following[i]
        if last is not None:
            self._free = int(busy[last])
        return chosen

    def _characters(self, timing: CharTiming, starts: Ticks) -> CharBatch:
        n = self._line.data_bits
        levels = self._levels_at((starts[:, None] + timing.points[1:]).ravel()).reshape(len(starts), len(timing.points) - 1)
        value = (levels[:, :n] << np.arange(n)).sum(axis=1)
        flags = np.where(levels[:, -1], 0, CharFlag.FRAMING)
        flags |= np.where(levels.any(axis=1), 0, CharFlag.BREAK)
        if self._line.parity != "none":
            flags |= np.where(_parity_is_right(self._line.parity, levels[:, : n + 1]), 0, CharFlag.PARITY)
        return self._batch(timing, starts, value, flags)

    def _batch(self, timing: CharTiming, starts: Ticks, value: NDArray[np.int64], flags: NDArray[np.int64]) -> CharBatch:
        first, last = starts + timing.points[1], starts + timing.points[self._line.data_bits]
        return CharBatch(starts, starts + timing.length, first, last, value.astype(np.uint16), flags.astype(np.uint8))


def _parity_is_right(parity: Parity, levels: Levels) -> Levels:
    """Whether the last bit of each row is the parity of the others."""
    odd: Levels = np.logical_xor.reduce(levels, axis=1)
    return np.equal(odd, parity == "odd") if parity in ("odd", "even") else np.equal(levels[:, -1], parity == "mark")
