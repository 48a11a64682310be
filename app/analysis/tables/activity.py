"""Where each channel moved: a short list of active blocks, from which lanes of any length are drawn without the samples.

A block is 256 ticks. Only blocks in which something moved are listed, and after them the block in which quiet begins, so that a
quiet night is one row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words

BLOCK = 256
Row = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Rows in order of time, each lasting until the next, the next gap or the end.

    From tick `start` (int64, strictly ascending) on, `word` is the state before the row's first change, and `toggled` (both uint64)
    has a bit for each channel that moved in the row. A row in which something moved is one block, or what a gap leaves of it.
    """

    start: NDArray[np.int64]
    word: NDArray[np.uint64]
    toggled: NDArray[np.uint64]


@dataclass(slots=True)
class _Open:
    """The block that the samples have reached: its number, the state where it begins, what moved, and whether it has its row."""

    block: int
    word: int
    toggled: int = 0
    told: bool = False


class ActivityBuilder:
    """Makes rows from chunks; samples and runs give the same rows, for any split."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._begin = self._end = self._last = 0

    def feed(self, chunk: LogicChunk) -> Activity:
        """The rows that this chunk settles: a block's when the chunk reaches its end."""
        if isinstance(chunk, Lost):
            return self.finish()
        if chunk.end == chunk.start:
            return _rows([])
        ticks, words = (chunk.ticks, chunk.words.astype(np.uint64)) if isinstance(chunk, Runs) else _changes(chunk)
        if self._open is None:
            self._begin, self._last = chunk.start, int(words[0])
            self._open = _Open(chunk.start // BLOCK, self._last)
        self._end = chunk.end
        return _joined([self._moved(self._open, ticks, words), self._quiet_since(self._open)])

    def finish(self) -> Activity:
        """The rows that are open at the end of the recording or before a gap; what comes next begins anew."""
        block = self._open
        self._open = None
        if block is None:
            return _rows([])
        rows = [] if block.told else [(self._start_of(block.block), block.word, block.toggled)]
        behind = self._start_of(block.block + 1)
        if block.toggled and behind < self._end:
            rows.append((behind, self._last, 0))
        return _rows(rows)

    def _start_of(self, block: int) -> int:
        return max(self._begin, block * BLOCK)

    def _moved(self, open_block: _Open, ticks: NDArray[np.int64], words: NDArray[np.uint64]) -> Activity:
        """The rows of all blocks before the last that moved, each with the quiet behind it; the last becomes the open one."""
        before = np.concatenate([np.array([self._last], np.uint64), words[:-1]])
        moved = np.flatnonzero(before != words)
        if not len(moved):
            return _rows([])
        self._last = int(words[-1])
        block = np.concatenate([[open_block.block], ticks[moved] // BLOCK])
        entry = np.concatenate([np.array([open_block.word], np.uint64), before[moved]])
        change = np.concatenate([np.array([open_block.toggled], np.uint64), (before ^ words)[moved]])
        first = np.concatenate([[0], np.flatnonzero(np.diff(block)) + 1])
        block, entry, toggled = block[first], entry[first], np.bitwise_or.reduceat(change, first)
        told = open_block.told
        open_block.block, open_block.word, open_block.toggled = int(block[-1]), int(entry[-1]), int(toggled[-1])
        open_block.told = False
        quiet = np.flatnonzero((np.diff(block) > 1) & (toggled[:-1] != 0))
        own = slice(int(told), len(block) - 1)
        start = np.concatenate([block[own], block[quiet] + 1]) * BLOCK
        order = np.argsort(start, kind="stable")
        word = np.concatenate([entry[own], entry[quiet + 1]])
        none = np.zeros(len(quiet), np.uint64)
        return Activity(np.maximum(start[order], self._begin), word[order], np.concatenate([toggled[own], none])[order])

    def _quiet_since(self, open_block: _Open) -> Activity:
        """The open block's row once its end is reached, and that of the quiet behind it once that has lasted for a block."""
        rows: list[Row] = []
        if not open_block.told and self._end >= (open_block.block + 1) * BLOCK and not open_block.toggled:
            rows.append((self._start_of(open_block.block), open_block.word, 0))
            open_block.told = True
        if open_block.toggled and self._end >= (open_block.block + 2) * BLOCK:
            rows.append((self._start_of(open_block.block), open_block.word, open_block.toggled))
            open_block.block, open_block.word, open_block.toggled = open_block.block + 1, self._last, 0
            rows.append((self._start_of(open_block.block), open_block.word, 0))
            open_block.told = True
        return _rows(rows)


def _changes(chunk: Samples) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The first sample, and each that differs from the one before."""
    words: Words = chunk.words
    places = np.concatenate([[0], np.flatnonzero(words[1:] != words[:-1]) + 1])
    return places + chunk.start, words[places].astype(np.uint64)


def _joined(parts: list[Activity]) -> Activity:
    return Activity(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("start", "word", "toggled")))


def _rows(rows: list[Row]) -> Activity:
    return Activity(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.uint64),
        np.array([row[2] for row in rows], np.uint64),
    )
