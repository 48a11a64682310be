"""Waveforms for tests, and the same recording told in different ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.transfers import Line, TransferBatch


def drawn(*lines: str) -> list[int]:
    """Words of as many channels as there are lines, one drawn line a channel: `_` low, `#` high, spaces do not count."""
    levels = [[level == "#" for level in line.replace(" ", "")] for line in lines]
    assert len({len(line) for line in levels}) == 1, "all lines are drawn to the same length"
    return [sum(bit << channel for channel, bit in enumerate(column)) for column in zip(*levels, strict=True)]


def samples(words: Sequence[int], start: int = 0, kind: type[np.unsignedinteger[Any]] = np.uint8) -> Samples:
    return Samples(start, np.array(words, kind))


def runs_of(chunk: LogicChunk) -> LogicChunk:
    """The same stretch as runs."""
    if not isinstance(chunk, Samples) or not len(chunk.words):
        return chunk
    rows = np.flatnonzero(np.append(True, chunk.words[1:] != chunk.words[:-1]))
    return Runs(chunk.start, chunk.end, rows + np.int64(chunk.start), chunk.words[rows])


def split(chunk: LogicChunk, ticks: Sequence[int]) -> list[LogicChunk]:
    """The same stretch in pieces, cut at those of `ticks` that lie in it."""
    cuts = sorted({tick for tick in ticks if chunk.start < tick < chunk.end})
    if isinstance(chunk, Lost):
        return [Lost(a, b, chunk.reason) for a, b in zip([chunk.start, *cuts], [*cuts, chunk.end], strict=True)]
    pieces: list[LogicChunk] = []
    for start, end in zip([chunk.start, *cuts], [*cuts, chunk.end], strict=True):
        if isinstance(chunk, Samples):
            pieces.append(Samples(start, chunk.words[start - chunk.start : end - chunk.start]))
            continue
        low, high = int(np.searchsorted(chunk.ticks, start, "right")) - 1, int(np.searchsorted(chunk.ticks, end))
        pieces.append(Runs(start, end, np.maximum(chunk.ticks[low:high], start), chunk.words[low:high]))
    return pieces


Record = dict[str, Any]


def records(batches: Sequence[TransferBatch]) -> list[Record]:
    """All transfers of some batches, each with all that is known of it."""
    found = []
    for batch in batches:
        for i in range(len(batch)):
            names = ("start", "end", "stream", "port", "partial_bits", "flags")
            record: Record = {name: int(getattr(batch, name)[i]) for name in names}
            found.append(record | {"h2p": _bytes(batch.h2p, i), "p2h": _bytes(batch.p2h, i)})
    return found


def _bytes(line: Line, i: int) -> list[tuple[int, int, int]]:
    own = slice(int(line.offset[i]), int(line.offset[i + 1]))
    return list(zip(line.data[own].tolist(), line.first[own].tolist(), line.last[own].tolist(), strict=True))
