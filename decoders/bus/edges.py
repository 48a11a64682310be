"""Where watched channels change: the one way from samples, runs and gaps to edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk, Lost, Samples

Ticks = NDArray[np.int64]
AnyWords = NDArray[np.unsignedinteger[Any]]

# Samples or runs are looked at in steps that stay in the second-level cache, and handed on in blocks so large that what each
# port costs apart from its bits does not count.
_STEP = 1 << 18
_BLOCK = 1 << 20
# More than any array of one block. glibc hands freed arrays back to the system, to be faulted in again for the next block: a fifth
# of all time on busy lines. It keeps them once a larger one was freed (mallopt(3), M_MMAP_THRESHOLD); elsewhere this does nothing.
_LARGE_BYTES = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What the watched channels did in one block [start, end) of a recording.

    `initial` is the word at `start` where nothing is known of the time before, else None; the first sample then makes no edge.
    Row i says that at `ticks[i]` (int64) the channels `changed[i]` changed, and that all channels are `words[i]` from there on.
    """

    start: int
    end: int
    initial: int | None
    ticks: Ticks
    words: AnyWords
    changed: AnyWords

    def part(self, rows: NDArray[np.intp]) -> Edges:
        return Edges(self.start, self.end, self.initial, self.ticks[rows], self.words[rows], self.changed[rows])

    def rows_of(self, channel: int) -> NDArray[np.intp]:
        """The rows in which `channel` changed."""
        return np.flatnonzero(self.changed & mask(1 << channel, self.changed))


def mask(bits: int, words: AnyWords) -> np.unsignedinteger[Any]:
    """`bits` as a scalar of the type of `words`; channels that the words do not have read as low."""
    return words.dtype.type(bits & ((1 << 8 * words.itemsize) - 1))


class EdgeScanner:
    """Finds the edges of some channels in a stream of chunks.

    `rising` and `falling` are masks of the channels whose edges of that direction count; a channel may be in both.
    """

    def __init__(self, rising: int, falling: int) -> None:
        self._watched = rising | falling
        self._either = rising & falling
        self._inverted = falling & ~rising
        self._word: int | None = None
        np.empty(_LARGE_BYTES, np.uint8)
        self._scratch: tuple[AnyWords, AnyWords, NDArray[np.bool_]] | None = None
        self.end = 0
        """The tick after the last one seen."""

    def feed(self, chunk: LogicChunk) -> Iterator[Edges | Lost]:
        """The blocks of one chunk, and its gap if it is one; a jump between two chunks counts as a gap."""
        if chunk.start != self.end:
            yield self._lose(Lost(self.end, chunk.start, "the recording leaves out a stretch"))
        if isinstance(chunk, Lost):
            yield self._lose(chunk)
            return
        for at in range(0, len(chunk.words), _BLOCK):
            words = chunk.words[at : at + _BLOCK]
            if isinstance(chunk, Samples):
                start, end, ticks = self.end, self.end + len(words), None
            else:
                start, ticks = self.end, chunk.ticks[at : at + _BLOCK]
                end = int(chunk.ticks[at + _BLOCK]) if at + _BLOCK < len(chunk.ticks) else chunk.end
            self.end = end
            yield self._edges(words, ticks, start, end)

    def _lose(self, lost: Lost) -> Lost:
        self._word, self.end = None, lost.end
        return lost

    def _edges(self, words: AnyWords, ticks: Ticks | None, start: int, end: int) -> Edges:
        initial = int(words[0]) if self._word is None else None
        found = []
        for at in range(0, len(words), _STEP):
            step = words[at : at + _STEP]
            rows, changed = self._changes(step)
            if len(rows):
                there = step[rows]
                if ticks is None:
                    rows += start + at
                found.append((rows if ticks is None else ticks[at : at + _STEP][rows], there, changed))
        if not found:
            return Edges(start, end, initial, np.empty(0, np.int64), words[:0], words[:0])
        at_tick, to, changed_there = (np.concatenate(column) for column in zip(*found, strict=True))
        return Edges(start, end, initial, at_tick, to, changed_there)

    def _changes(self, words: AnyWords) -> tuple[NDArray[np.intp], AnyWords]:
        """The rows of `words` in which a watched channel changed, and which did."""
        before = words[0] if self._word is None else mask(self._word, words)
        self._word = int(words[-1])
        changed, counts, nonzero = self._room_for(words)
        changed[0] = words[0] ^ before
        np.bitwise_xor(words[1:], words[:-1], out=changed[1:])
        np.bitwise_and(changed, mask(self._watched, words), out=changed)
        if not changed.any():
            return np.empty(0, np.intp), changed[:0].copy()
        if self._either != self._watched:
            np.bitwise_xor(words, mask(self._inverted, words), out=counts)
            np.bitwise_or(counts, mask(self._either, words), out=counts)
            np.bitwise_and(changed, counts, out=changed)
        rows = np.flatnonzero(np.not_equal(changed, 0, out=nonzero))
        return rows, changed[rows]

    def _room_for(self, words: AnyWords) -> tuple[AnyWords, AnyWords, NDArray[np.bool_]]:
        """Memory that is used again in each step: fresh pages would cost more than the work on them."""
        if self._scratch is None or self._scratch[0].dtype != words.dtype:
            self._scratch = (np.empty(_STEP, words.dtype), np.empty(_STEP, words.dtype), np.empty(_STEP, np.bool_))
        changed, counts, nonzero = self._scratch
        n = len(words)
        return changed[:n], counts[:n], nonzero[:n]
