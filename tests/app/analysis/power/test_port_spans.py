"""Spans of one port: what overlaps them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.power.port_spans import PortSpans

Span = tuple[int, int]
spans = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda one: (one[0], sum(one))), max_size=12)


def made(*parts: list[Span]) -> PortSpans:
    found = PortSpans()
    for part in parts:
        found.extend(*np.array(part, np.int64).reshape(-1, 2).T)
    return found


def test_spans_that_only_touch_share_nothing() -> None:
    found = made([(0, 5), (5, 9)])
    assert not found.is_shared(0, 5)
    assert not found.is_shared(5, 9)


def test_both_ways_of_one_transfer_share_all() -> None:
    assert made([(0, 5), (0, 5)]).is_shared(0, 5)


def test_a_short_one_in_a_long_one_shares_and_so_does_the_long_one() -> None:
    found = made([(0, 50), (10, 12), (60, 61)])
    assert [found.is_shared(*span) for span in ((0, 50), (10, 12), (60, 61))] == [True, True, False]


@given(spans, st.data())
def test_the_same_as_every_span_against_every_other(all_spans: list[Span], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(all_spans)))
    found = made(all_spans[:cut], all_spans[cut:])
    assert list(zip(found.start.tolist(), found.end.tolist(), strict=True)) == sorted(all_spans, key=lambda span: span[0]) or len(
        found
    ) == len(all_spans)
    for place, (start, end) in enumerate(all_spans):
        others = [*all_spans[:place], *all_spans[place + 1 :]]
        assert found.is_shared(start, end) == any(low < end and start < high for low, high in others)
    for start in range(40):
        hit = [low < start + 2 and start < high for low, high in all_spans]
        assert found.touched(np.array([start]), np.array([start + 2])).tolist() == [any(hit)]
        first = found.first_within(start, start + 2)
        assert (first is not None) == any(hit)
        if first is not None:
            assert found.start[first] < start + 2
            assert start < found.end[first]
