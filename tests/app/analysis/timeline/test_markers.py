from __future__ import annotations

from app.analysis.timeline.markers import MarkerHistory, Markers, Reading, readings, spread, time_at
from app.analysis.timeline.time_axis import THIN
from app.analysis.timeline.viewport import Viewport
from decoders.core.span import Timebase

RATE = Timebase(4_000_000)


def test_the_ribbon_states_the_time_between_the_markers_and_its_inverse() -> None:
    assert readings(Markers(1000, 5000), RATE) == [Reading("Δt", f"1{THIN}ms"), Reading("1/Δt", f"1{THIN}kHz")]
    assert readings(Markers(5000, 1000), RATE) == [Reading("Δt", f"−1{THIN}ms"), Reading("1/Δt", f"1{THIN}kHz")]


def test_what_else_is_measured_stands_behind_the_time_and_is_asked_from_the_earlier_marker_on() -> None:
    def measure(start: int, end: int) -> list[Reading]:
        return [Reading("charge", f"{end - start} nC from {start}")]

    for markers in (Markers(1000, 5000), Markers(5000, 1000)):
        assert readings(markers, RATE, measure)[2:] == [Reading("charge", "4000 nC from 1000")]
    assert readings(Markers(5, 5), RATE, measure) == [Reading("Δt", f"0{THIN}ps")]
    assert readings(Markers(5, None), RATE, measure) == []


def test_markers_at_one_tick_have_no_inverse_and_one_marker_says_nothing() -> None:
    assert readings(Markers(5, 5), RATE) == [Reading("Δt", f"0{THIN}ps")]
    assert readings(Markers(5, None), RATE) == []


def test_two_markers_divide_what_is_visible_in_three() -> None:
    assert spread(Viewport.whole(10_000, 1000).between(300, 900)) == Markers(500, 700)


def test_the_nearer_of_two_markers_is_taken() -> None:
    view = Viewport.whole(1000, 1000)
    markers = Markers(100, 106)
    assert markers.near(view, 101.0, 5) == "A"
    assert markers.near(view, 105.0, 5) == "B"
    assert markers.near(view, 120.0, 5) is None
    assert Markers().near(view, 0.0, 5) is None


def test_undo_goes_back_change_by_change() -> None:
    history = MarkerHistory()
    history.change(Markers(1, 2))
    history.change(Markers(1, 2))
    history.change(history.markers.moved("B", 9))
    history.change(Markers())
    assert [history.undo() and history.markers for _ in range(3)] == [Markers(1, 9), Markers(1, 2), Markers()]
    assert not history.undo()


def test_a_drag_is_one_change_however_many_places_it_passes() -> None:
    history = MarkerHistory()
    history.change(Markers(1, 2))
    before = history.markers
    for tick in range(5):
        history.drag(history.markers.moved("A", tick))
    history.dropped(before)
    assert history.markers == Markers(4, 2)
    assert history.undo()
    assert history.markers == Markers(1, 2)


def test_a_marker_says_when_it_stands() -> None:
    assert time_at(4_000_001, RATE) == f"1.000{THIN}000{THIN}250{THIN}s"
