"""Stretches of logic, cut, joined, and looked at for their changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words

Ticks = NDArray[np.int64]


def joined(chunks: Sequence[LogicChunk], start: int) -> Samples | Runs:
    """Chunks that follow one another from `start` on as one: samples where all are, else runs.

    Over a lost stretch the lines stay as they were before it, or are as they are after it where it comes first.
    """
    filled = [chunk for chunk in chunks if chunk.end > chunk.start]
    known = [chunk for chunk in filled if not isinstance(chunk, Lost)]
    if not known:
        return Samples(start, np.empty(0, np.uint8))
    samples = [chunk for chunk in known if isinstance(chunk, Samples)]
    if len(samples) == len(filled):
        return samples[0] if len(samples) == 1 else Samples(start, np.concatenate([chunk.words for chunk in samples]))
    changes = [changes_of(chunk) for chunk in known]
    ticks = np.concatenate([ticks for ticks, _ in changes])
    ticks[0] = start
    return Runs(start, chunks[-1].end, ticks, np.concatenate([words for _, words in changes]))


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
