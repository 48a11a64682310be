"""An optical link after it went over to UMI: bursts of link frames, without the tool's own echo."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders.bus.bursts import PAUSE_CHARS, BurstDecoder
from decoders.bus.flag.exchange import ECHO_NS
from decoders.bus.opto_lines import LineHistory
from decoders.bus.uart import CharTiming
from decoders.bus.wiring import UartLine
from decoders.core.chunk import Lost, Runs
from decoders.core.span import Span, Timebase
from decoders.core.transfers import Line, TransferBatch

_PIECE_GAP_CHARS = 2
# An echo that has not come by the time the tool sent so many more bytes will not come.
_MAX_UNECHOED = 1 << 21
_IDLE = 0b11


class UmiReader:
    """Reads link frames' bursts from a tick on; with one receiver all of them are p2h."""

    def __init__(self, line: UartLine, rate_hz: int, start: int) -> None:
        assert line.baud is not None  # noqa: S101  # the exchange agreed on one
        self._bursts = BurstDecoder(line, rate_hz)
        timing = CharTiming(line, line.baud, rate_hz)
        self._char = timing.length
        bits_between = timing.length - int(timing.points[line.data_bits] - timing.points[1])
        self._echoes = EchoFilter(self._char, Timebase(rate_hz).ticks(ECHO_NS) + bits_between)
        self.position = start

    def read(self, history: LineHistory, until: int) -> tuple[TransferBatch, list[Span]]:
        """The bursts, and the echoes left out, whose end is seen before a tick."""
        if until <= self.position:
            return TransferBatch.empty(), []
        runs = history.runs(self.position, until)
        self.position = until
        return self._echoes.feed(self._bursts.feed(runs))

    def leave(self) -> tuple[TransferBatch, list[Span]]:
        """What is open where the link goes back to exchanges: the pause that came before ends it."""
        pause = Runs(
            self.position,
            self.position + (PAUSE_CHARS + 2) * self._char,
            np.array([self.position], np.int64),
            np.array([_IDLE], np.uint8),
        )
        return self._echoes.feed(self._bursts.feed(pause))

    def lose(self, lost: Lost) -> tuple[TransferBatch, list[Span]]:
        self.position = lost.end
        return self._echoes.feed(self._bursts.feed(lost))

    def finish(self) -> tuple[TransferBatch, list[Span]]:
        return self._echoes.feed(self._bursts.finish())


class _Piece(NamedTuple):
    """What the tool sent without a pause, from its first data bit to the last tick at which that of an echo may be."""

    data: bytes
    first: int
    until: int


class EchoFilter:
    """Takes out of the device's bursts what repeats the tool's words while or shortly after it sent them (wire-format 7).

    `char` is the length of a character and `delay` how long after the last data bit the first of an echo may come, in ticks.
    """

    def __init__(self, char: int, delay: int) -> None:
        self._gap = _PIECE_GAP_CHARS * char
        self._delay = delay
        self._said: deque[_Piece] = deque()

    def feed(self, batch: TransferBatch) -> tuple[TransferBatch, list[Span]]:
        """The batch without echoes, and where they were."""
        own = np.ones(len(batch.p2h.data), np.bool_)
        echoes: list[Span] = []
        for row in range(len(batch)):
            self._say(batch.h2p, row)
            if self._said:
                echoes += self._find(batch.p2h, row, own)
        return (_without(batch, own) if echoes else batch), echoes

    def _say(self, line: Line, row: int) -> None:
        low, high = int(line.offset[row]), int(line.offset[row + 1])
        if low == high:
            return
        pauses = np.flatnonzero(np.diff(line.first[low:high]) > self._gap) + low + 1
        bounds = [low, *pauses.tolist(), high]
        for a, b in pairwise(bounds):
            self._said.append(_Piece(line.data[a:b].tobytes(), int(line.first[a]), int(line.last[b - 1]) + self._delay))
        while sum(len(piece.data) for piece in self._said) > _MAX_UNECHOED:
            self._said.popleft()

    def _find(self, line: Line, row: int, own: NDArray[np.bool_]) -> list[Span]:
        """Mark the bytes of a burst that are echoes, in the order in which they were said."""
        low, high = int(line.offset[row]), int(line.offset[row + 1])
        if low == high:
            return []
        data, first = line.data[low:high].tobytes(), line.first[low:high]
        echoes: list[Span] = []
        at = 0
        while self._said and self._said[0].first <= first[-1]:
            piece = self._said.popleft()
            begin = max(at, int(np.searchsorted(first, piece.first)))
            end = int(np.searchsorted(first, piece.until, "right"))
            found = data.find(piece.data, begin, end + len(piece.data) - 1)
            if found >= 0:
                at = found + len(piece.data)
                own[low + found : low + at] = False
                echoes.append(Span(int(first[found]), int(line.last[low + at - 1]) + 1))
        return echoes


def _without(batch: TransferBatch, own: NDArray[np.bool_]) -> TransferBatch:
    """A batch without the bytes of p2h that are not its own, and without the transfers that nothing is left of."""
    line = batch.p2h
    count = np.append(0, np.cumsum(own))[line.offset]
    sizes = np.diff(count)
    trimmed = sizes < np.diff(line.offset)
    keep = ~trimmed | (sizes > 0) | (batch.partial_bits > 0)
    start, end = batch.start.copy(), batch.end.copy()
    for row in np.flatnonzero(trimmed & (sizes > 0)).tolist():
        begin, stop = int(line.offset[row]), int(line.offset[row + 1])
        left = np.flatnonzero(own[begin:stop]) + begin
        start[row] += line.first[left[0]] - line.first[begin]
        end[row] -= line.last[stop - 1] - line.last[left[-1]]
    p2h = Line(line.data[own], count, line.first[own], line.last[own])
    return _rows(replace(batch, start=start, end=end, p2h=p2h), keep)


def _rows(batch: TransferBatch, keep: NDArray[np.bool_]) -> TransferBatch:
    """Some rows; those that are left out have no bytes."""

    def line(of: Line) -> Line:
        return Line(of.data, np.append(0, np.cumsum(np.diff(of.offset)[keep])), of.first, of.last)

    return TransferBatch(
        batch.start[keep],
        batch.end[keep],
        batch.stream[keep],
        batch.port[keep],
        batch.partial_bits[keep],
        batch.flags[keep],
        line(batch.h2p),
        line(batch.p2h),
    )


def joined(batches: Sequence[TransferBatch]) -> TransferBatch:
    """One batch after the other."""
    if len(batches) == 1:
        return batches[0]
    if not batches:
        return TransferBatch.empty()

    def line(of: Sequence[Line]) -> Line:
        sizes = np.concatenate([np.diff(one.offset) for one in of])
        return Line(
            np.concatenate([one.data for one in of]),
            np.append(0, np.cumsum(sizes)).astype(np.int64),
            np.concatenate([one.first for one in of]),
            np.concatenate([one.last for one in of]),
        )

    return TransferBatch(
        np.concatenate([batch.start for batch in batches]),
        np.concatenate([batch.end for batch in batches]),
        np.concatenate([batch.stream for batch in batches]),
        np.concatenate([batch.port for batch in batches]),
        np.concatenate([batch.partial_bits for batch in batches]),
        np.concatenate([batch.flags for batch in batches]),
        line([batch.h2p for batch in batches]),
        line([batch.p2h for batch in batches]),
    )
