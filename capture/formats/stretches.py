"""Stretches of logic, cut, joined, and looked at for their changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words

Ticks = NDArray[np.int64]


def joined(chunks: Sequence[LogicChunk], start: int, end: int) -> LogicChunk:
    """The ticks [start, end) of chunks that follow one another, as far as they reach: samples where all are, else runs.

    Over a lost stretch the lines stay as they were before it, or are as they are after it where it comes first; `Lost` where
    there is nothing else.
    """
    parts = [part for chunk in chunks if (part := cut(chunk, start, end)).end > part.start]
    known = [part for part in parts if not isinstance(part, Lost)]
    reach = max((part.end for part in parts), default=start)
    if not known:
        lost = [part.reason for part in parts if isinstance(part, Lost)]
        return Lost(start, reach, lost[0]) if lost else Samples(start, np.empty(0, np.uint8))
    samples = [part for part in known if isinstance(part, Samples)]
    if len(samples) == len(parts):
        return samples[0] if len(samples) == 1 else Samples(start, np.concatenate([part.words for part in samples]))
    changes = [changes_of(part) for part in known]
    ticks = np.concatenate([ticks for ticks, _ in changes])
    ticks[0] = start
    return Runs(start, reach, ticks, np.concatenate([words for _, words in changes]))


def cut(chunk: LogicChunk, start: int, end: int) -> LogicChunk:
    """The ticks of a chunk that lie in [start, end); an empty one where none do."""
    start, end = max(start, chunk.start), min(end, chunk.end)
    if (start, end) == (chunk.start, chunk.end):
        return chunk
    match chunk:
        case Samples():
            return Samples(start, chunk.words[start - chunk.start : max(start, end) - chunk.start])
        case Runs():
            first, after = int(np.searchsorted(chunk.ticks, start, "right")) - 1, int(np.searchsorted(chunk.ticks, end))
            ticks = chunk.ticks[first:after].copy()
            ticks[:1] = start
            return Runs(start, max(start, end), ticks, chunk.words[first:after])
        case Lost():
            return Lost(start, max(start, end), chunk.reason)


def changes_of(chunk: Samples | Runs) -> tuple[Ticks, Words]:
    """The first tick with its word, and those at which another word begins; of runs all."""
    if isinstance(chunk, Runs):
        return chunk.ticks, chunk.words
    places = np.flatnonzero(np.concatenate([[True], chunk.words[1:] != chunk.words[:-1]])[: len(chunk.words)])
    return chunk.start + places, chunk.words[places]
