from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.wiring.excerpt import busy_excerpt
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples

words = st.lists(st.integers(0, 7), min_size=1, max_size=60)


def expanded(runs: Runs) -> list[int]:
    return [int(word) for word in runs.words.repeat(np.diff(np.append(runs.ticks, runs.end)))]


@given(words, st.integers(1, 60))
def test_an_excerpt_of_all_changes_is_the_recording(sent: list[int], piece: int) -> None:
    chunks = [Samples(at, np.array(sent[at : at + piece], np.uint8)) for at in range(0, len(sent), piece)]
    excerpt = busy_excerpt(chunks)
    assert expanded(excerpt.runs) == sent
    for channel in range(3):
        levels = [word >> channel & 1 for word in sent]
        trace = excerpt.traces[channel]
        changes = [at for at in range(1, len(sent)) if levels[at] != levels[at - 1]]
        assert (trace.initial, trace.ticks.tolist()) == (bool(levels[0]), changes)
        assert trace.rising.tolist() == [at for at in changes if levels[at]]
        assert trace.falling.tolist() == [at for at in changes if not levels[at]]


def test_chunks_are_taken_only_until_enough_has_been_seen() -> None:
    taken = []

    def recording() -> Iterator[LogicChunk]:
        for number in range(1000):
            taken.append(number)
            yield Samples(number * 100, np.arange(100, dtype=np.uint8))

    excerpt = busy_excerpt(recording(), most_changes=450)
    assert len(excerpt.runs.ticks) == 450
    assert expanded(excerpt.runs) == list(range(100)) * 4 + list(range(50))
    assert taken == [0, 1, 2, 3, 4]


def test_a_quiet_stretch_takes_no_room() -> None:
    chunks: list[LogicChunk] = [Samples(at << 20, np.zeros(1 << 20, np.uint8)) for at in range(8)]
    excerpt = busy_excerpt([*chunks, Samples(8 << 20, np.ones(1, np.uint8))])
    assert excerpt.runs.ticks.tolist() == [0, 8 << 20]
    assert excerpt.runs.end == (8 << 20) + 1


def test_of_the_stretches_between_gaps_the_busiest_is_looked_at_from_its_beginning() -> None:
    quiet, busy = np.array([1, 1, 2], np.uint8), np.array([5, 6, 5, 6], np.uint8)
    chunks: list[LogicChunk] = [
        Samples(0, quiet),
        Lost(3, 10, "overrun"),
        Samples(10, busy),
        Lost(14, 20, "overrun"),
        Samples(20, quiet),
    ]
    assert expanded(busy_excerpt(chunks).runs) == [5, 6, 5, 6]


def test_of_nothing_there_is_an_empty_excerpt() -> None:
    assert busy_excerpt([]).traces == ()
    assert busy_excerpt([Lost(0, 5, "overrun")]).runs.end == 0
