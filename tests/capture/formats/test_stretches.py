from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from capture.formats.stretches import changes_of, cut, joined
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from tests.helpers.recorded import expanded, logic_chunks


@given(chunks=logic_chunks(), start=st.integers(0, 400), size=st.integers(0, 400))
def test_what_is_cut_out_of_chunks_is_that_stretch_of_all_of_them(chunks: list[LogicChunk], start: int, size: int) -> None:
    parts = [part for chunk in chunks if (part := cut(chunk, start, start + size)).end > part.start]
    assert expanded(parts) == expanded(chunks)[start : start + size]


@given(chunks=logic_chunks())
@example([Samples(0, np.empty(0, np.uint8)), Samples(0, np.ones(3, np.uint8)), Lost(3, 3, "")])
def test_joined_chunks_hold_over_what_is_lost(chunks: list[LogicChunk]) -> None:
    words = expanded(chunks)
    held = joined(chunks, 0)
    known = [word for word in words if word is not None]
    if not known:
        assert held.start == held.end == 0
        return
    expected: list[int | None] = []
    for word in words:
        expected.append(word if word is not None else expected[-1] if expected else known[0])
    assert expanded([held]) == expected
    full = [chunk for chunk in chunks if chunk.end > chunk.start]
    if all(isinstance(chunk, Samples) for chunk in full):
        assert isinstance(held, Samples)
    if any(isinstance(chunk, Lost | Runs) for chunk in full):
        assert isinstance(held, Runs)


@given(words=st.lists(st.integers(0, 3), max_size=30))
def test_changes_are_the_first_tick_and_all_at_which_the_word_is_another(words: list[int]) -> None:
    ticks, states = changes_of(Samples(5, np.array(words, np.uint8)))
    places = [at for at in range(len(words)) if at == 0 or words[at] != words[at - 1]]
    assert ticks.tolist() == [5 + at for at in places]
    assert states.tolist() == [words[at] for at in places]
