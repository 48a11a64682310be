from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.tables.activity import BLOCK, Activity, ActivityBuilder
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples

Rows = list[tuple[int, int, int]]


def listed(parts: Iterable[Activity]) -> Rows:
    return [row for part in parts for row in zip(part.start.tolist(), part.word.tolist(), part.toggled.tolist(), strict=True)]


def rows_of(*chunks: LogicChunk) -> Rows:
    builder = ActivityBuilder()
    return listed([*(builder.feed(chunk) for chunk in chunks), builder.finish()])


def samples(start: int, *stretches: tuple[int, int]) -> Samples:
    """Stretches of a word and the ticks that it lasts."""
    return Samples(start, np.concatenate([np.full(ticks, word, np.uint8) for word, ticks in stretches]))


def as_runs(chunk: Samples) -> Runs:
    places = np.concatenate([[0], np.flatnonzero(np.diff(chunk.words)) + 1])
    return Runs(chunk.start, chunk.end, places + chunk.start, chunk.words[places])


def expected(chunk: Samples) -> Rows:
    """The rows by the definition, block by block."""
    rows: Rows = []
    words = chunk.words.tolist()
    for block in range(chunk.start // BLOCK, -(-chunk.end // BLOCK)):
        start, end = max(chunk.start, block * BLOCK), min(chunk.end, (block + 1) * BLOCK)
        entry = words[max(start - 1, chunk.start) - chunk.start]
        path = [entry, *words[start - chunk.start : end - chunk.start]]
        toggled = 0
        for one, other in pairwise(path):
            toggled |= one ^ other
        if toggled or not rows or rows[-1][2]:
            rows.append((start, entry, toggled))
    return rows


def test_a_quiet_recording_is_one_row() -> None:
    assert rows_of(samples(0, (5, 10_000))) == [(0, 5, 0)]


def test_a_block_with_an_edge_is_a_row_and_the_quiet_behind_it_another() -> None:
    chunk = samples(0, (0, 1000), (1, 100), (3, 100_000))
    assert rows_of(chunk) == [(0, 0, 0), (768, 0, 1), (1024, 1, 2), (1280, 3, 0)]


def test_the_last_block_tells_what_follows_it() -> None:
    assert rows_of(samples(0, (0, 100), (1, 300))) == [(0, 0, 1), (256, 1, 0)]
    assert rows_of(samples(0, (0, 100), (1, 156))) == [(0, 0, 1)]


def test_a_recording_that_begins_at_any_tick_has_no_row_before_it() -> None:
    assert rows_of(samples(1000, (0, 10), (1, 1000))) == [(1000, 0, 1), (1024, 1, 0)]


def test_rows_behind_a_gap_begin_anew_and_at_its_end() -> None:
    before, after = samples(0, (0, 700), (1, 50)), samples(800, (2, 100), (3, 500))
    lost = Lost(750, 800, "the buffer ran over")
    assert rows_of(before, lost, after) == [(0, 0, 0), (512, 0, 1), (800, 2, 1), (1024, 3, 0)]


def test_quiet_is_told_while_it_lasts() -> None:
    builder = ActivityBuilder()
    assert listed([builder.feed(samples(0, (0, 300), (1, 100)))]) == [(0, 0, 0)]
    assert listed([builder.feed(samples(400, (1, 368)))]) == [(256, 0, 1), (512, 1, 0)]
    assert listed([builder.feed(samples(768, (1, 100_000)))]) == []
    assert listed([builder.finish()]) == []


def test_all_64_channels_fit() -> None:
    top = 1 << 63
    runs = Runs(0, 300, np.array([0, 10]), np.array([0, top], np.uint64))
    assert rows_of(runs) == [(0, 0, top), (256, top, 0)]


stretches = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.integers(1, 5), st.integers(200, 600), st.just(BLOCK))), min_size=1, max_size=12
)
starts = st.one_of(st.just(0), st.integers(0, 1000))


def cut(chunk: Samples, places: Sequence[int]) -> list[Samples]:
    bounds = sorted({0, len(chunk.words), *(place % (len(chunk.words) + 1) for place in places)})
    return [Samples(chunk.start + low, chunk.words[low:high]) for low, high in pairwise(bounds)]


@given(start=starts, stretches=stretches)
def test_rows_are_what_their_definition_says(start: int, stretches: list[tuple[int, int]]) -> None:
    chunk = samples(start, *stretches)
    assert rows_of(chunk) == expected(chunk)


@given(
    start=starts, stretches=stretches, places=st.lists(st.integers(0, 5000), max_size=8), runs=st.lists(st.booleans(), min_size=9)
)
def test_samples_and_runs_give_the_same_rows_for_any_split(
    start: int, stretches: list[tuple[int, int]], places: list[int], runs: list[bool]
) -> None:
    chunk = samples(start, *stretches)
    pieces = [as_runs(piece) if as_run else piece for piece, as_run in zip(cut(chunk, places), runs, strict=False)]
    assert rows_of(*pieces) == expected(chunk)


@given(stretches=stretches)
def test_one_sample_at_a_time_gives_the_same_rows(stretches: list[tuple[int, int]]) -> None:
    chunk = samples(0, *stretches[:4])
    assert rows_of(*cut(chunk, range(len(chunk.words)))) == expected(chunk)


@given(first=stretches, lost=st.integers(1, 1000), second=stretches)
def test_a_gap_keeps_its_sides_apart(first: list[tuple[int, int]], lost: int, second: list[tuple[int, int]]) -> None:
    before = samples(0, *first)
    after = samples(before.end + lost, *second)
    rows = rows_of(before, Lost(before.end, after.start, "lost"), after)
    assert rows == expected(before) + expected(after)
    assert all(one[0] < other[0] for one, other in pairwise(rows))
