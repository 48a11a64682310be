from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.lanes import Changes, changes_of
from app.analysis.timeline.pulses import Pulse, lane_edges, nearest_edge, pulse_at, pulse_text, seen_pulse, snapped
from app.analysis.timeline.time_axis import THIN
from app.analysis.timeline.viewport import Viewport
from decoders.core.chunk import Samples
from decoders.core.span import Span, Timebase


def lane(levels: str, start: int = 100) -> Changes:
    """A stretch in which channel 1 has these levels and channel 0 moves all the time."""
    words = np.array([int(level) << 1 | place & 1 for place, level in enumerate(levels)], np.uint8)
    return changes_of(Samples(start, words))


def test_a_pulse_lasts_from_edge_to_edge_and_its_period_to_the_edge_after() -> None:
    changes = lane("0011100001100")
    assert pulse_at(changes, 1, 103) == Pulse(True, Span(102, 105), Span(102, 109))
    assert pulse_at(changes, 1, 105) == Pulse(False, Span(105, 109), Span(105, 111))
    last = pulse_at(changes, 1, 110)
    assert last == Pulse(True, Span(109, 111), Span(105, 111))
    assert last.duty == pytest.approx(2 / 6)


def test_where_an_edge_was_not_seen_there_is_no_pulse() -> None:
    changes = lane("0011100")
    assert pulse_at(changes, 1, 101) is None
    assert pulse_at(changes, 1, 106) is None
    assert pulse_at(changes, 1, 103) == Pulse(True, Span(102, 105), None)
    assert pulse_at(lane("0000000"), 1, 103) is None


def test_a_pulse_that_is_too_short_to_be_seen_is_not_measured() -> None:
    changes = lane("0011100001100", 0)
    near = Viewport.whole(13, 1300)
    assert seen_pulse(changes, 1, near, 250.0) == pulse_at(changes, 1, 2)
    assert seen_pulse(changes, 1, Viewport.whole(13, 7), 1.2) is None


def test_duty_is_the_high_share_whichever_level_is_pointed_at() -> None:
    changes = lane("01110111011101110")
    for tick in range(101, 113):
        pulse = pulse_at(changes, 1, tick)
        assert pulse is not None
        assert pulse.duty == pytest.approx(0.75)


def test_width_period_frequency_and_duty_cycle_are_said() -> None:
    rate = Timebase(1_000_000)
    full = Pulse(True, Span(10, 12), Span(10, 18))
    assert pulse_text(full, rate) == f"high 2{THIN}µs · period 8{THIN}µs · 125{THIN}kHz · duty 25.0{THIN}%"
    assert pulse_text(Pulse(False, Span(10, 12), None), rate) == f"low 2{THIN}µs"


@given(levels=st.text("01", min_size=2, max_size=80), start=st.integers(0, 90), length=st.integers(0, 90))
def test_edges_are_those_of_the_lane_alone(levels: str, start: int, length: int) -> None:
    changes = lane(levels, 0)
    expected = [place for place in range(1, len(levels)) if levels[place] != levels[place - 1] and start <= place < start + length]
    assert lane_edges(changes, 1, start, start + length).tolist() == expected


def test_a_marker_snaps_to_an_edge_that_is_near_enough_or_however_far_where_asked() -> None:
    changes = lane("0000000000111111111100000")
    assert nearest_edge(changes, 1, 113) == 110
    assert snapped(changes, 113, 3, 1) == 110
    assert snapped(changes, 114, 3, 1) == 114
    assert snapped(changes, 114, None, 1) == 110
    assert snapped(changes, 114, 3, None) == 114
    assert snapped(None, 7, None, None) == 7
    assert snapped(lane("00000"), 102, None, 1) == 102
