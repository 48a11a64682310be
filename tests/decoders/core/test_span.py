"""Stretches of ticks, and what a tick means."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.span import NS_PER_S, Span, Timebase

TICKS = st.integers(-(2**40), 2**40)
SPANS = st.tuples(TICKS, st.integers(0, 1000)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
CLOCKS = st.integers(1, 9_000_000_000).map(Timebase)


def test_a_span_owns_its_start_and_not_its_end() -> None:
    span = Span(10, 20)
    assert 10 in span
    assert 19 in span
    assert 20 not in span
    assert 9 not in span
    assert span.length == 10


def test_a_span_may_be_empty_but_not_turned_round() -> None:
    assert Span(5, 5).length == 0
    assert 5 not in Span(5, 5)
    with pytest.raises(ValueError, match="a span cannot end at 4 before its start 5"):
        Span(5, 4)


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not Span(0, 10).overlaps(Span(10, 20))
    assert Span(0, 11).overlaps(Span(10, 20))
    assert Span(0, 30).overlaps(Span(10, 20))


def test_spans_sort_by_start_then_end() -> None:
    assert sorted([Span(2, 3), Span(1, 9), Span(1, 2)]) == [Span(1, 2), Span(1, 9), Span(2, 3)]


@given(SPANS, SPANS)
def test_spans_that_own_a_tick_in_common_overlap_both_ways(a: Span, b: Span) -> None:
    start = max(a.start, b.start)
    if start in a and start in b:
        assert a.overlaps(b)
    assert a.overlaps(b) == b.overlaps(a)


@pytest.mark.parametrize("rate", [0, -1])
def test_a_clock_needs_a_positive_rate(rate: int) -> None:
    with pytest.raises(ValueError, match=f"a clock needs a positive rate, not {rate} Hz"):
        Timebase(rate)


def test_a_clock_knows_its_origin_only_where_it_is_said() -> None:
    assert Timebase(1000).start_utc_ns is None
    assert Timebase(1000, 5, 7) == Timebase(rate_hz=1000, start_utc_ns=5, uncertainty_ns=7)


def test_nanoseconds_of_a_tick_are_rounded_down() -> None:
    assert Timebase(3).ns(1) == 333_333_333
    assert Timebase(3).ns(3) == NS_PER_S
    assert Timebase(3).ns(-1) == -333_333_334


def test_a_time_out_in_ticks_is_never_short() -> None:
    assert Timebase(3).ticks(1) == 1
    assert Timebase(3).ticks(NS_PER_S) == 3
    assert Timebase(3).ticks(NS_PER_S + 1) == 4
    assert Timebase(4_000_000).ticks(0) == 0


@given(CLOCKS, TICKS)
def test_nanoseconds_are_the_floor_of_the_true_time(clock: Timebase, tick: int) -> None:
    true = Fraction(tick * NS_PER_S, clock.rate_hz)
    assert clock.ns(tick) <= true < clock.ns(tick) + 1


@given(CLOCKS, st.integers(0, 10**15))
def test_ticks_are_the_fewest_that_last_long_enough(clock: Timebase, duration: int) -> None:
    ticks = clock.ticks(duration)
    assert Fraction(ticks * NS_PER_S, clock.rate_hz) >= duration
    assert ticks == 0 or Fraction((ticks - 1) * NS_PER_S, clock.rate_hz) < duration


@given(CLOCKS, st.data())
def test_a_column_of_ticks_has_the_nanoseconds_of_each(clock: Timebase, data: st.DataObject) -> None:
    century = 100 * 366 * 86_400
    longest = min(century * clock.rate_hz, 2**63 - 1)
    ticks = data.draw(st.lists(st.integers(-longest, longest), max_size=20))
    column = clock.ns_column(np.array(ticks, np.int64))
    assert column.dtype == np.int64
    assert column.tolist() == [clock.ns(tick) for tick in ticks]
