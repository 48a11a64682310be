"""Chunks of all kinds for tests of formats, and what they say at each tick."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from capture.formats.signals import AnalogTrace, Piece, Signals
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words

SIGNALS = Signals(("sck", "mosi", "", "cs"), 1_000_000, (AnalogTrace("current1", "A", 10), AnalogTrace("voltage1", "V", 25)))


def expanded(chunks: Sequence[LogicChunk]) -> list[int | None]:
    """The word of each tick, None where it was lost; the chunks follow one another from the first's start."""
    words: list[int | None] = []
    at = chunks[0].start if chunks else 0
    for chunk in chunks:
        assert chunk.start == at
        match chunk:
            case Samples():
                words += chunk.words.tolist()
            case Runs(end=end, ticks=ticks, words=held):
                assert (ticks[:1] == chunk.start).all()
                assert (np.diff(ticks) > 0).all()
                words += held.repeat(np.diff(np.append(ticks, end))).tolist()
            case Lost(start, end):
                words += [None] * (end - start)
        at = chunk.end
        assert len(words) == at - chunks[0].start
    return words


@st.composite
def logic_chunks(draw: st.DrawFn) -> list[LogicChunk]:
    """Chunks of all kinds that follow one another from tick 0."""
    at = 0
    found: list[LogicChunk] = []
    for kind, length in draw(st.lists(st.tuples(st.sampled_from((Samples, Runs, Lost)), st.integers(0, 60)), max_size=12)):
        width = draw(st.sampled_from((1, 2, 4, 8)))
        random = np.random.default_rng(draw(st.integers(0, 99)))
        if kind is Lost:
            found.append(Lost(at, at + length, draw(st.text(max_size=9))))
        else:
            most = draw(st.sampled_from((1, 12, (1 << 8 * width) - 1)))
            words: Words = random.integers(0, most, length, np.uint64, endpoint=True).astype(f"u{width}")
            if kind is Samples:
                found.append(Samples(at, words))
            else:
                kept = np.concatenate([[True], random.random(length)[1:] < 0.3])[:length]
                found.append(Runs(at, at + length, at + np.flatnonzero(kept), words[kept]))
        at += length
    return found


def pieces_of(chunks: Sequence[LogicChunk], size: int) -> list[Piece]:
    """Pieces of some chunks each, without samples."""
    return [(chunks[at : at + size], ()) for at in range(0, len(chunks), size)]
