"""The first busy part of a recording, small enough to try many ideas on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import AnyWords, EdgeScanner
from decoders.core.chunk import LogicChunk, Lost, Runs

ALL_CHANNELS = (1 << 64) - 1
MOST_CHANGES = 1 << 18
_ENOUGH_CHANGES = 1 << 12


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One channel of an excerpt: the ticks of its edges (int64), and its level before the first."""

    ticks: NDArray[np.int64]
    initial: bool

    @property
    def rising(self) -> NDArray[np.int64]:
        return self.ticks[int(self.initial) :: 2]

    @property
    def falling(self) -> NDArray[np.int64]:
        return self.ticks[int(not self.initial) :: 2]


@dataclass(frozen=True)
class Excerpt:
    """A stretch without gaps as runs of 64-bit words, one a change of any channel; tick 0 is where it begins."""

    runs: Runs

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """All 64 channels by bit number; none where there is nothing."""
        words, ticks = self.runs.words, self.runs.ticks
        if not len(words):
            return ()
        changed = words[1:].astype(np.uint64) ^ words[:-1].astype(np.uint64)
        return tuple(
            Trace(ticks[1:][changed >> np.uint64(channel) & np.uint64(1) != 0], bool(int(words[0]) >> channel & 1))
            for channel in range(64)
        )


def busy_excerpt(chunks: Iterable[LogicChunk], most_changes: int = MOST_CHANGES) -> Excerpt:
    """The first stretch without gaps that shows enough, or the busiest where none does; at most about `most_changes` long.

    Chunks are taken only until that is found.
    """
    scanner = EdgeScanner(ALL_CHANNELS, ALL_CHANNELS)
    best = piece = _Piece()
    for chunk in chunks:
        for event in scanner.feed(chunk):
            if isinstance(event, Lost):
                piece = _Piece()
                continue
            piece.add(event.start, event.end, event.initial, event.ticks, event.words)
            best = max(best, piece, key=lambda candidate: candidate.changes)
        if piece.changes >= most_changes or (piece is not best and best.changes >= _ENOUGH_CHANGES):
            break
    return best.excerpt(most_changes)


class _Piece:
    """Runs as they gather."""

    def __init__(self) -> None:
        self._ticks: list[NDArray[np.int64]] = []
        self._words: list[NDArray[np.uint64]] = []
        self._end = 0
        self.changes = 0

    def add(self, start: int, end: int, initial: int | None, ticks: NDArray[np.int64], words: AnyWords) -> None:
        if initial is not None:
            self._ticks.append(np.array([start], np.int64))
            self._words.append(np.array([initial], np.uint64))
        self._ticks.append(ticks)
        self._words.append(words.astype(np.uint64))
        self._end = end
        self.changes += len(ticks)

    def excerpt(self, most_changes: int) -> Excerpt:
        if not self._ticks:
            return Excerpt(Runs(0, 0, np.empty(0, np.int64), np.empty(0, np.uint64)))
        ticks, words = np.concatenate(self._ticks), np.concatenate(self._words)
        end = int(ticks[most_changes]) if len(ticks) > most_changes else self._end
        start = int(ticks[0])
        return Excerpt(Runs(0, end - start, ticks[:most_changes] - start, words[:most_changes]))
