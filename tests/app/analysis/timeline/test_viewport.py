from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from app.analysis.timeline.viewport import PARTS, Viewport
from decoders.core.span import Span

totals = st.integers(1, 10**12)
widths = st.integers(1, 4000)
views = st.builds(
    lambda total, width, factor, x: Viewport.whole(total, width).zoomed(factor, x * width),
    totals,
    widths,
    st.floats(1e-12, 1),
    st.floats(0, 1),
)


def within(view: Viewport) -> bool:
    return view.start >= 0 and view.start + view.span <= view.total * PARTS and view.span >= PARTS


@given(views, st.floats(-1e4, 1e4), st.floats(1e-9, 1e9), st.floats(0, 1))
def test_a_view_never_leaves_the_recording_and_never_shows_less_than_a_tick(
    view: Viewport, pan: float, zoom: float, x: float
) -> None:
    assert within(view)
    assert within(view.panned(pan))
    assert within(view.zoomed(zoom, x * view.width))


def test_zoom_goes_from_the_whole_to_a_single_sample() -> None:
    view = Viewport.whole(10**9, 1000)
    assert (view.first_tick, view.end_tick, view.is_whole) == (0, 10**9, True)
    single = view.zoomed(1e-12, 500.0)
    assert single.span == PARTS
    assert (single.first_tick, single.end_tick) == (499_999_999, 500_000_001)
    assert single.zoomed(1e12, 500.0) == view


def test_what_is_under_the_pointer_stays_there() -> None:
    view = Viewport.whole(1_000_000, 1000)
    for factor in (0.5, 0.1, 0.3):
        before = view.tick_at(250.0)
        view = view.zoomed(factor, 250.0)
        assert abs(view.tick_at(250.0) - before) <= 1


def test_panning_forth_and_back_by_parts_of_a_tick_comes_back() -> None:
    view = Viewport.whole(1000, 800).between(100, 103)
    assert view.panned(17).panned(-17) == view


@given(views)
@example(Viewport(start=1, span=PARTS, width=187, total=2049))
def test_edges_are_the_first_ticks_of_their_pixels(view: Viewport) -> None:
    edges = view.edges()
    assert len(edges) == view.width + 1
    assert edges[0] == -(-view.start // PARTS)
    assert edges[-1] == -(-(view.start + view.span) // PARTS)
    assert (np.diff(edges) >= 0).all()
    for pixel in range(0, view.width, max(1, view.width // 7)):
        assert abs(view.x_of(int(edges[pixel])) - pixel) <= max(1.0, view.width * PARTS / view.span) + 1e-6


def test_a_record_that_is_visible_moves_nothing() -> None:
    view = Viewport.whole(100_000, 1000).between(10_000, 20_000)
    assert view.showing(Span(12_000, 13_000), 12) == view


def test_a_record_elsewhere_comes_to_the_middle_at_the_same_zoom() -> None:
    view = Viewport.whole(100_000, 1000).between(10_000, 20_000)
    moved = view.showing(Span(50_000, 51_000), 12)
    assert (moved.first_tick, moved.end_tick) == (45_500, 55_500)


def test_a_record_elsewhere_that_would_fill_the_plot_is_shown_with_what_is_around_it() -> None:
    view = Viewport.whole(100_000, 1000).between(10_000, 20_000)
    moved = view.showing(Span(50_000, 59_000), 12)
    assert (moved.first_tick, moved.end_tick) == (36_500, 72_500)
    assert view.showing(Span(10_500, 19_500), 12) == view


def test_a_record_too_small_to_see_is_zoomed_in_on_and_one_too_long_is_shown_whole() -> None:
    view = Viewport.whole(100_000_000, 1000)
    near = view.showing(Span(5000, 5100), 12)
    assert (near.first_tick, near.end_tick) == (4850, 5250)
    far = near.showing(Span(0, 50_000_000), 12)
    assert (far.first_tick, far.end_tick) == (0, 100_000_000)


def test_a_tick_out_of_sight_comes_to_the_middle() -> None:
    view = Viewport.whole(1000, 100).between(0, 100)
    assert view.centred(50) == view
    assert (view.centred(500).first_tick, view.centred(500).end_tick) == (450, 550)


def test_a_view_of_all_keeps_showing_all_while_the_recording_grows() -> None:
    whole = Viewport.whole(1000, 100)
    assert whole.resized(200, 5000) == Viewport.whole(5000, 200)
    part = whole.between(100, 200)
    assert part.resized(200, 5000).between(100, 200) == part.resized(200, 5000)
