from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.pyramid import Grown, Pyramid

sizes = st.lists(st.integers(0, 700), min_size=1, max_size=5)
ranges = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1, max_size=20)


@given(sizes=sizes, ranges=ranges)
def test_every_range_of_a_growing_column_is_reduced_exactly(sizes: list[int], ranges: list[tuple[int, int]]) -> None:
    values = np.random.default_rng(len(sizes)).integers(0, 1 << 62, sum(sizes), np.int64).astype(np.uint64)
    pyramid = Pyramid(np.bitwise_or, np.dtype(np.uint64), 0)
    for end in np.cumsum(sizes):
        pyramid.extend(values[:end])
    low = np.array([min(pair) for pair in ranges]).clip(0, len(values))
    high = np.array([max(pair) for pair in ranges]).clip(0, len(values))
    expected = [int(np.bitwise_or.reduce(values[one:other])) if other > one else 0 for one, other in zip(low, high, strict=True)]
    assert pyramid.over(values, low, high).tolist() == expected


@given(size=st.integers(1, 5000), cut=st.integers(0, 5000), end=st.integers(0, 5000), least=st.integers(0, 100))
def test_what_reaches_beyond_a_value_is_found_also_after_a_change(size: int, cut: int, end: int, least: int) -> None:
    values = np.random.default_rng(size).integers(0, 100, size)
    pyramid = Pyramid(np.maximum, np.dtype(np.int64), -1)
    pyramid.extend(values)
    values = np.concatenate([values[:cut], np.random.default_rng(cut).integers(0, 100, 300)])
    pyramid.extend(values, changed_from=min(cut, size))
    end = min(end, len(values))
    assert pyramid.reaching(values, end, least).tolist() == np.flatnonzero(values[:end] > least).tolist()


@given(parts=st.lists(st.lists(st.integers(0, 99), max_size=60), max_size=12), watched=st.booleans())
def test_what_grows_keeps_what_is_in_it_and_what_was_seen_of_it(parts: list[list[int]], watched: bool) -> None:
    grown = Grown(np.dtype(np.int64))
    seen = []
    for part in parts:
        grown.append(np.array(part, np.int64))
        if watched:
            seen.append((grown.view(), grown.view().tolist()))
    assert grown.view().tolist() == [value for part in parts for value in part]
    assert all(view.tolist() == before for view, before in seen)
