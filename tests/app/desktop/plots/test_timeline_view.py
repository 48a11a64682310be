"""The timeline, driven with keyboard and mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.analysis.timeline.annotations import StripKey
from app.analysis.timeline.markers import Markers
from app.analysis.timeline.rows import OctetKey
from app.analysis.timeline.timeline import Hit
from app.desktop.plots.timeline_canvas import TimelineCanvas
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Record, Selection
from decoders.bus.wiring import Wiring
from tests.helpers.pointing import LEFT, PLAIN, drag, place_of, span_of, visible, wheel
from tests.helpers.timelines import Decoding, InMemory


def test_without_a_recording_it_says_what_would_fill_it_and_offers_to_open_one(qtbot: QtBot, view: TimelineView) -> None:
    (button,) = view.findChildren(QPushButton)
    assert button.isVisible()
    with qtbot.waitSignal(view.open_wanted):
        QTest.mouseClick(button, LEFT)
    assert not view.canvas.isVisible()
    assert not view.grab().isNull()


def test_a_recording_is_shown_whole(canvas: TimelineCanvas) -> None:
    assert visible(canvas) == (0, 1_130_640)
    assert canvas.isVisible()


def test_plus_and_minus_zoom_around_the_middle(canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert visible(canvas) == (282_660, 847_980)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert visible(canvas) == (0, 1_130_640)


def test_zoom_ends_at_a_single_sample(canvas: TimelineCanvas) -> None:
    for _ in range(40):
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    first, end = visible(canvas)
    assert end - first <= 2
    assert not canvas.grab().isNull()
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert visible(canvas) == (0, 1_130_640)


def test_arrows_pan_by_a_quarter(canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert abs(visible(canvas)[0] - (282_660 + 141_330)) <= 1000
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert abs(visible(canvas)[0] - 141_330) <= 1000


def test_the_wheel_zooms_where_the_pointer_is(canvas: TimelineCanvas) -> None:
    x = canvas.gutter + 200
    before = canvas.view.tick_at(200)
    wheel(canvas, x, QPoint(0, 120))
    wheel(canvas, x, QPoint(0, 120))
    assert abs(canvas.view.tick_at(200) - before) <= 1
    assert 0.6 < canvas.view.span / 4096 / 1_130_640 < 0.66


def test_the_wheel_pans_with_shift_and_scrolls_over_the_names(view: TimelineView, canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    first, _ = visible(canvas)
    wheel(canvas, 500, QPoint(0, -120), Qt.KeyboardModifier.ShiftModifier)
    assert visible(canvas)[0] > first
    view.resize(1000, 200)
    wheel(canvas, 10, QPoint(0, -120))
    assert canvas.scroll_top == 120
    wheel(canvas, 10, QPoint(0, 1200))
    assert canvas.scroll_top == 0


def test_dragging_pans_and_leaves_selection_and_cursor_alone(selection: Selection, canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    under = canvas.view.tick_at(300)
    drag(canvas, QPoint(canvas.gutter + 300, 300), QPoint(canvas.gutter + 240, 300))
    assert abs(canvas.view.tick_at(240) - under) <= canvas.view.ticks_per_pixel * 2
    assert selection.record is None
    assert selection.cursor == 0


@pytest.mark.parametrize("layer", ["packets", "frames"])
def test_a_click_on_an_annotation_selects_its_record_and_moves_nothing(
    layer: str, selection: Selection, canvas: TimelineCanvas
) -> None:
    assert canvas.timeline is not None
    seen = visible(canvas)
    for no in (6, 9):
        start, end = span_of(canvas, layer, no)
        strip = canvas.timeline.strip_of(Hit(layer, no))
        point = place_of(canvas, strip, (start + end) // 2)
        QTest.mouseClick(canvas, LEFT, PLAIN, point)
        assert selection.record == Record(layer, no)
        assert selection.cursor == canvas.view.tick_at(point.x() - canvas.gutter)
        assert Hit(layer, no) in canvas.chosen
        assert visible(canvas) == seen


def test_a_click_on_a_transaction_selects_its_command_and_one_on_bytes_their_frame(
    selection: Selection, canvas: TimelineCanvas
) -> None:
    assert canvas.timeline is not None
    snapshot = canvas.timeline.source.snapshot
    exchange = snapshot.transaction(3)
    assert exchange.command is not None
    port = int(snapshot.column("packets", "port")[exchange.command - 1])
    start, end = span_of(canvas, "transactions", 3)
    QTest.mouseClick(canvas, LEFT, PLAIN, place_of(canvas, StripKey("transactions", 0, port, 2), (start + end) // 2))
    assert selection.record == Record("packets", exchange.command)
    start, end = span_of(canvas, "frames", 8)
    port, direction = (int(snapshot.column("frames", name)[7]) for name in ("port", "direction"))
    QTest.mouseClick(canvas, LEFT, PLAIN, place_of(canvas, OctetKey(0, port, direction), (start + end) // 2))
    assert selection.record == Record("frames", 8)


def test_a_click_beside_records_only_points(selection: Selection, canvas: TimelineCanvas) -> None:
    selection.select(Record("packets", 1))
    QTest.keyClick(canvas, Qt.Key.Key_F)
    QTest.mouseClick(canvas, LEFT, PLAIN, QPoint(canvas.gutter + 400, canvas.height() - 3))
    assert selection.cursor == canvas.view.tick_at(400)
    assert selection.record == Record("packets", 1)
    QTest.mouseClick(canvas, LEFT, PLAIN, QPoint(5, 100))
    assert selection.cursor == canvas.view.tick_at(400)


def test_a_double_click_zooms_to_a_record(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    start, end = span_of(canvas, "packets", 9)
    strip = canvas.timeline.strip_of(Hit("packets", 9))
    QTest.mouseDClick(canvas, LEFT, PLAIN, place_of(canvas, strip, (start + end) // 2))
    beside = (end - start) // 8
    assert visible(canvas) == (start - beside, end + beside)


def test_a_record_chosen_elsewhere_is_shown_and_marked(view: TimelineView, selection: Selection, canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    view.resize(1000, 200)
    for record in (Record("packets", 30), Record("frames", 2), Record("packets", 7)):
        selection.select(record)
        start, end = span_of(canvas, record.layer, record.no)
        first, last = visible(canvas)
        assert first <= start <= end <= last
        assert canvas.view.x_of(end) - canvas.view.x_of(start) >= 12
        hit = Hit(record.layer, record.no)
        assert hit in canvas.chosen
        top = place_of(canvas, canvas.timeline.strip_of(hit), start).y()
        assert canvas.head <= top <= canvas.height()
    selection.select(None)
    assert canvas.chosen == set()
    assert canvas.band is None


def test_a_record_that_is_in_sight_moves_nothing(selection: Selection, canvas: TimelineCanvas) -> None:
    selection.select(Record("packets", 7))
    seen = visible(canvas)
    selection.select(None)
    selection.select(Record("packets", 7))
    assert visible(canvas) == seen


def test_the_cursor_of_other_panes_comes_into_sight(selection: Selection, canvas: TimelineCanvas) -> None:
    selection.select(Record("packets", 1))
    selection.point(1_000_000)
    assert canvas.cursor_tick == 1_000_000
    assert canvas.view.first_tick <= 1_000_000 < canvas.view.end_tick


def test_markers_are_set_moved_cleared_and_come_back(canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_D)
    markers = canvas.history.markers
    assert (markers.a, markers.b) == (
        canvas.view.nearest_tick(canvas.view.width / 3),
        canvas.view.nearest_tick(canvas.view.width * 2 / 3),
    )
    a, width = int(canvas.view.x_of(markers.a or 0)), canvas.gutter
    drag(canvas, QPoint(width + a, 5), QPoint(width + a + 50, 5))
    moved = canvas.history.markers
    assert moved.b == markers.b
    assert abs(canvas.view.x_of(moved.a or 0) - (a + 50)) <= 7
    assert visible(canvas) == (0, 1_130_640)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.history.markers == Markers()
    for expected in (moved, markers, Markers()):
        QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert canvas.history.markers == expected
    assert not canvas.grab().isNull()


def test_a_dragged_marker_snaps_to_an_edge(qtbot: QtBot, selection: Selection, canvas: TimelineCanvas) -> None:
    selection.select(Record("frames", 5))
    start, _ = span_of(canvas, "frames", 5)
    canvas.show_view(canvas.view.between(start - 50, start + 250))
    qtbot.waitUntil(lambda: canvas.stretch is not None and canvas.stretch.changes.end >= start + 250)
    assert canvas.stretch is not None
    edges = canvas.stretch.changes.ticks
    edge = int(edges[np.searchsorted(edges, start + 150)])
    QTest.keyClick(canvas, Qt.Key.Key_D)
    a = int(canvas.view.x_of(canvas.history.markers.a or 0))
    drag(canvas, QPoint(canvas.gutter + a, 5), QPoint(canvas.gutter + int(canvas.view.x_of(edge)) + 3, 5))
    assert canvas.history.markers.a in edges


def test_space_asks_to_run_or_stop(qtbot: QtBot, view: TimelineView, canvas: TimelineCanvas) -> None:
    with qtbot.waitSignal(view.run_stop_wanted):
        QTest.keyClick(canvas, Qt.Key.Key_Space)


@pytest.mark.parametrize(
    ("key", "modifiers", "ours"),
    [
        (Qt.Key.Key_F, PLAIN, True),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, True),
        (Qt.Key.Key_Z, PLAIN, False),
        (Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier, False),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier, False),
        (Qt.Key.Key_G, PLAIN, False),
    ],
)
def test_in_the_focused_plot_its_keys_come_before_the_windows_shortcuts(
    canvas: TimelineCanvas, key: Qt.Key, modifiers: Qt.KeyboardModifier, ours: bool
) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
    event.ignore()
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted() == ours


def test_near_by_edges_and_bytes_are_read_beside_the_window(qtbot: QtBot, canvas: TimelineCanvas) -> None:
    start, end = span_of(canvas, "frames", 5)
    canvas.show_view(canvas.view.between(start, end))
    qtbot.waitUntil(lambda: canvas.stretch is not None)
    assert canvas.stretch is not None
    assert canvas.stretch.wanted.start <= start
    assert canvas.stretch.wanted.end >= end
    assert any(len(octets.value) for octets in canvas.stretch.octets.values())


def test_it_follows_a_recording_that_grows(view: TimelineView) -> None:
    words = np.zeros(30_000, np.uint8)
    words[::700] = 1
    decoding = Decoding(InMemory(words, ["a"], lost=(10_000, 12_000)), Wiring())
    view.set_workspace(decoding)
    assert view.canvas.view.end_tick == 30_000
    empty = view.grab().toImage()
    decoding.decode()
    view.refresh()
    assert view.grab().toImage() != empty


def test_traces_are_read_and_drawn(qtbot: QtBot, view: TimelineView) -> None:
    wave = np.sin(np.arange(50_000) / 500).astype(np.float32)
    view.set_workspace(Decoding(InMemory(np.zeros(50_000, np.uint8), ["a"], traces=[wave]), Wiring()).decode())
    timeline = view.canvas.timeline
    assert timeline is not None
    qtbot.waitUntil(lambda: len(timeline.traces[0]) == 50_000)
    far = view.grab().toImage()
    view.canvas.show_view(view.canvas.view.between(100, 160))
    assert view.grab().toImage() != far


def test_another_recording_takes_the_place_of_the_first(qtbot: QtBot, view: TimelineView, canvas: TimelineCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_D)
    start, end = span_of(canvas, "frames", 5)
    canvas.show_view(canvas.view.between(start, end))
    words = np.zeros(5000, np.uint8)
    view.set_workspace(Decoding(InMemory(words, ["a"]), Wiring()).decode())
    assert visible(canvas) == (0, 5000)
    assert canvas.history.markers == Markers()
    qtbot.waitUntil(lambda: canvas.stretch is not None)
    assert canvas.stretch is not None
    assert canvas.stretch.changes.ticks.tolist() == [0]


def test_a_tooltip_names_the_record_under_the_pointer(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    start, end = span_of(canvas, "packets", 7)
    point = place_of(canvas, canvas.timeline.strip_of(Hit("packets", 7)), (start + end) // 2)
    assert canvas.tip(QPointF(point)) == (
        "packet 7: objects read · 00420100, forwarded after 3.45 ms\n0.129\u2009376\u2009000\u2009s, 5.06\u2009ms long"
    )
    assert canvas.tip(QPointF(5, 5)) == ""
