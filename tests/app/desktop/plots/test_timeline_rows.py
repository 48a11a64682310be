"""What the rows of the timeline show, and what is done to them with keyboard and mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.analysis.timeline.annotations import BOTH_WAYS, StripKey
from app.analysis.timeline.lanes import Lane
from app.analysis.timeline.markers import Markers, Reading
from app.analysis.timeline.rows import OctetKey, TraceKey
from app.analysis.timeline.timeline import Hit
from app.desktop import theme
from app.desktop.plots.timeline_canvas import TimelineCanvas
from app.desktop.plots.timeline_menu import timeline_menu
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Record, Selection
from decoders.bus.wiring import PowerRail, SpiPort, UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Samples
from tests.helpers.pointing import LEFT, PLAIN, drag, place_of, span_of, visible
from tests.helpers.timelines import Decoding, InMemory

CTRL = Qt.KeyboardModifier.ControlModifier


def names(canvas: TimelineCanvas, group: str) -> list[str]:
    return [placed.row.name for placed in canvas.places.rows if placed.row.group == group]


def arrow_of(canvas: TimelineCanvas, group: str) -> QPoint:
    row = next(placed for placed in canvas.places.rows if placed.row.group == group)
    return QPoint(8, canvas.head + row.top - canvas.scroll_top + 8)


def hover(canvas: TimelineCanvas, point: QPoint) -> None:
    """Move the pointer without a button, which QTest does only where the platform has a pointer."""
    at = QPointF(point)
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), none, none, PLAIN))


def has_color(image: QImage, name: str) -> bool:
    wanted = theme.current().color(name).rgb()
    return any(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def action(menu: QMenu, text: str) -> QAction:
    return next(one for one in menu.actions() if one.text() == text)


def near_frame(qtbot: QtBot, canvas: TimelineCanvas, no: int) -> int:
    """Look at the first 300 ticks of a frame until its edges are read; its start."""
    start, _ = span_of(canvas, "frames", no)
    canvas.show_view(canvas.view.between(start - 50, start + 250))
    qtbot.waitUntil(lambda: canvas.stretch is not None and canvas.stretch.changes.end >= start + 250)
    return start


def test_a_click_on_its_arrow_folds_a_port_to_its_packets_and_another_unfolds_it(canvas: TimelineCanvas) -> None:
    before = names(canvas, "port 2")
    QTest.mouseClick(canvas, LEFT, PLAIN, arrow_of(canvas, "port 2"))
    assert names(canvas, "port 2") == ["packets"]
    assert names(canvas, "port 1") == [*before[:-1], "CS1"]
    QTest.mouseClick(canvas, LEFT, PLAIN, arrow_of(canvas, "port 2"))
    assert names(canvas, "port 2") == before
    QTest.mouseClick(canvas, LEFT, PLAIN, arrow_of(canvas, "shared"))
    assert names(canvas, "shared") == ["3 lines"]


def test_a_folded_port_shows_and_selects_packets_of_both_directions(selection: Selection, canvas: TimelineCanvas) -> None:
    QTest.mouseClick(canvas, LEFT, PLAIN, arrow_of(canvas, "port 1"))
    for no in (1, 2):
        start, end = span_of(canvas, "packets", no)
        QTest.mouseClick(canvas, LEFT, PLAIN, place_of(canvas, StripKey("packets", 0, 1, BOTH_WAYS), (start + end) // 2))
        assert selection.record == Record("packets", no)


def test_a_record_of_a_folded_port_brings_its_row_into_sight(
    view: TimelineView, selection: Selection, canvas: TimelineCanvas
) -> None:
    view.resize(1000, 120)
    QTest.mouseClick(canvas, LEFT, PLAIN, arrow_of(canvas, "shared"))
    canvas.fold(frozenset(["port 3"]))
    selection.select(Record("frames", 3))
    row = canvas.places.row_of(StripKey("frames", 0, 3, 0))
    assert row is not None
    assert 0 <= row.top - canvas.scroll_top <= canvas.height() - canvas.head - row.height


def test_many_ports_are_folded_at_first(view: TimelineView) -> None:
    wiring = Wiring(tuple(SpiPort(0, 1, 2, cs=3 + port, port=1 + port) for port in range(15)))
    channels = ["sck", "mosi", "miso", *(f"cs{port}" for port in range(1, 16))]
    view.set_workspace(Decoding(InMemory(np.zeros(1000, np.uint32), channels), wiring).decode())
    canvas = view.canvas
    assert [names(canvas, f"port {port}") for port in range(1, 16)] == [["packets"]] * 15
    menu = timeline_menu(canvas, canvas.timeline, QPointF(5, 100)) if canvas.timeline else QMenu()
    action(menu, "Unfold all ports").trigger()
    assert len(names(canvas, "port 15")) == 8
    action(menu, "Fold all ports").trigger()
    assert names(canvas, "port 15") == ["packets"]
    higher, before = action(menu, "Higher rows"), canvas.places.height
    higher.trigger()
    assert canvas.places.height > before
    higher.trigger()
    assert canvas.places.height == before


def test_a_chosen_record_stays_in_sight_whatever_height_the_pane_gets_until_somebody_scrolls(
    view: TimelineView, selection: Selection, canvas: TimelineCanvas
) -> None:
    selection.select(Record("packets", 9))
    assert canvas.timeline is not None
    strip = canvas.timeline.strip_of(Hit("packets", 9))
    for height in (300, 150, 240):
        view.resize(1000, height)
        y = place_of(canvas, strip, 0).y()
        assert canvas.head < y < canvas.height()
    drag(canvas, QPoint(600, 100), QPoint(600, 220))
    view.resize(1000, 230)
    assert canvas.scroll_top < 200


def test_dragging_moves_rows_and_time_together(view: TimelineView, canvas: TimelineCanvas) -> None:
    view.resize(1000, 250)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    first, _ = visible(canvas)
    drag(canvas, QPoint(600, 200), QPoint(500, 140))
    assert canvas.scroll_top == pytest.approx(60, abs=2)
    assert visible(canvas)[0] > first


def test_over_a_lane_its_pulse_is_measured(qtbot: QtBot, canvas: TimelineCanvas) -> None:
    near_frame(qtbot, canvas, 5)
    lane = next(placed.row.shows for placed in canvas.places.rows if placed.row.name == "SCK")
    assert isinstance(lane, Lane)
    assert canvas.stretch is not None
    plain = canvas.grab().toImage()
    edges = canvas.stretch.changes
    tick = next(
        int(tick)
        for tick, moved in zip(edges.ticks.tolist(), edges.toggled.tolist(), strict=False)
        if moved >> lane.channel & 1 and tick > canvas.view.first_tick + 60
    )
    hover(canvas, place_of(canvas, lane, tick + 2))
    found = canvas.pulse_at(QPointF(place_of(canvas, lane, tick + 2)))
    assert found is not None
    assert found[0] == lane
    assert found[1].span.start <= tick + 2 < found[1].span.end
    assert canvas.grab().toImage() != plain
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.grab().toImage() == plain
    canvas.fit()
    assert canvas.pulse_at(QPointF(place_of(canvas, StripKey("packets", 0, 1, 0), 100))) is None


def test_with_ctrl_a_dragged_marker_takes_the_nearest_edge_however_far(qtbot: QtBot, canvas: TimelineCanvas) -> None:
    near_frame(qtbot, canvas, 5)
    assert canvas.stretch is not None
    edges = canvas.stretch.changes.ticks
    gaps = np.diff(edges)
    inside = np.flatnonzero((edges[:-1] >= canvas.view.first_tick) & (edges[1:] < canvas.view.end_tick))
    widest = inside[np.argmax(gaps[inside])]
    middle = int(edges[widest] + edges[widest + 1]) // 2
    QTest.keyClick(canvas, Qt.Key.Key_D)
    at = QPoint(canvas.gutter + int(canvas.view.x_of(canvas.history.markers.a or 0)), 5)
    target = QPoint(canvas.gutter + int(canvas.view.x_of(middle)), 5)
    for modifiers, snaps in ((CTRL, True), (PLAIN, False)):
        QTest.mousePress(canvas, LEFT, modifiers, at)
        none = Qt.MouseButton.NoButton
        for point in (at + QPoint(6, 0), target):
            where = QPointF(point)
            QApplication.sendEvent(
                canvas, QMouseEvent(QEvent.Type.MouseMove, where, canvas.mapToGlobal(where), none, LEFT, modifiers)
            )
        QTest.mouseRelease(canvas, LEFT, modifiers, target)
        assert (canvas.history.markers.a in edges) == snaps
        at = QPoint(canvas.gutter + round(canvas.view.x_of(canvas.history.markers.a or 0)), 5)


def test_the_menu_sets_markers_and_zooms_to_a_record(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    start, end = span_of(canvas, "packets", 9)
    point = QPointF(place_of(canvas, canvas.timeline.strip_of(Hit("packets", 9)), (start + end) // 2))
    menu = timeline_menu(canvas, canvas.timeline, point)
    tick = canvas.view.nearest_tick(point.x() - canvas.gutter)
    action(menu, "Marker A here").trigger()
    action(menu, "Marker B here").trigger()
    assert canvas.history.markers == Markers(tick, tick)
    QTest.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    assert canvas.history.markers == Markers(tick, None)
    action(menu, "Zoom to the record").trigger()
    assert visible(canvas)[0] == start - (end - start) // 8
    action(menu, "Take the markers away").trigger()
    assert canvas.history.markers == Markers()


def test_the_ribbon_has_room_for_what_else_is_measured_between_the_markers(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    QTest.keyClick(canvas, Qt.Key.Key_D)
    before = canvas.grab().toImage()
    asked: list[tuple[int, int]] = []

    def measure(start: int, end: int) -> list[Reading]:
        asked.append((start, end))
        return [Reading("charge", "81 µC"), Reading("energy", "243 µJ")]

    canvas.timeline.measure = measure
    assert canvas.grab().toImage() != before
    assert asked == [(canvas.history.markers.a, canvas.history.markers.b)]


def test_a_fault_shows_at_every_zoom(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    malformed = int(np.flatnonzero(canvas.timeline.source.snapshot.column("frames", "malformed"))[0]) + 1
    start, end = span_of(canvas, "frames", malformed)
    for beside in (10, 3000, 500_000):
        canvas.show_view(canvas.view.between(max(0, start - beside), end + beside))
        assert has_color(canvas.grab().toImage(), "warning")
    canvas.show_view(canvas.view.between(0, 100))
    assert not has_color(canvas.grab().toImage(), "warning")


class Damaged(InMemory):
    def window(self, start: int, end: int) -> list[LogicChunk]:
        return [Lost(start, end, "part 3 is damaged") if start >= 500 else Samples(start, self._words[start:500])]


def test_a_stretch_that_cannot_be_read_is_hatched_and_says_so(qtbot: QtBot, view: TimelineView) -> None:
    view.set_workspace(Decoding(Damaged(np.zeros(1000, np.uint8), ["a"]), Wiring()).decode())
    qtbot.waitUntil(lambda: view.canvas.stretch is not None and bool(view.canvas.stretch.fault))
    assert has_color(view.canvas.grab().toImage(), "error")
    view.canvas.show_view(view.canvas.view.between(0, 400))
    assert not has_color(view.canvas.grab().toImage(), "error")


def test_limits_are_drawn_over_a_trace_in_the_colour_of_a_warning(qtbot: QtBot, view: TimelineView) -> None:
    wave = (np.sin(np.arange(5000) / 50) / 100).astype(np.float32)
    view.set_workspace(Decoding(InMemory(np.zeros(5000, np.uint8), ["a"], traces=[wave]), Wiring()).decode())
    timeline = view.canvas.timeline
    assert timeline is not None
    qtbot.waitUntil(lambda: len(timeline.traces[0]) == 5000)
    assert not has_color(view.canvas.grab().toImage(), "warning")
    for limit in (0.005, 0.5, -0.5):
        timeline.traces[0].limits = (limit,)
        assert has_color(view.canvas.grab().toImage(), "warning")


def test_bytes_of_a_line_whose_speed_is_not_known_are_not_shown_and_the_row_says_why(qtbot: QtBot, view: TimelineView) -> None:
    bits = [bit for value in (0x55, 0xA3) for bit in (0, *((value >> place) & 1 for place in range(8)), 1)]
    levels = np.repeat(np.array([1] * 50 + bits + [1] * 3000, np.uint8), 10)
    line = UartLine(0, protocol="raw", stream=1)
    view.set_workspace(Decoding(InMemory(levels, ["rx"]), Wiring((), (line,), ("spi", "serial"))).decode())
    canvas = view.canvas
    key = OctetKey(1, 1, 1)
    qtbot.waitUntil(lambda: canvas.stretch is not None and key in canvas.stretch.octets)
    assert canvas.stretch is not None
    known = canvas.grab().toImage()
    canvas.stretch = replace(canvas.stretch, octets={key: canvas.stretch.octets[key].within(0, 0)}, unread=frozenset())
    silent = canvas.grab().toImage()
    canvas.stretch = replace(canvas.stretch, unread=frozenset([key]))
    told = canvas.grab().toImage()
    assert len({image.cacheKey() for image in (known, silent, told)}) == 3
    assert known != silent != told != known


def test_a_name_in_the_gutter_has_a_tooltip_with_all_of_it(view: TimelineView) -> None:
    name = "voltage of the rail that feeds the peripheral behind the isolation"
    view.set_workspace(Decoding(InMemory(np.zeros(5000, np.uint8), [name]), Wiring()).decode())
    canvas = view.canvas
    assert canvas.gutter <= canvas.width() / 4
    row = canvas.places.rows[0]
    assert canvas.tip(QPointF(canvas.gutter - 5, canvas.head + row.top + 5)) == f"not wired: {name}"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_it_is_drawn_in_both_themes_and_small(name: str, view: TimelineView, canvas: TimelineCanvas) -> None:
    before = str(QApplication.instance().property("umiscope-theme"))  # type: ignore[union-attr]  # there is one
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, theme.THEMES[name])
    try:
        for size in ((650, 180), (1000, 250), (300, 60)):
            view.resize(*size)
            image = canvas.grab().toImage()
            assert image.pixelColor(image.width() - 3, image.height() - 3) == QColor(theme.THEMES[name].window)
    finally:
        theme.apply(application, theme.THEMES.get(before, theme.LIGHT))


def test_currents_are_logarithmic_until_the_menu_says_otherwise(qtbot: QtBot, view: TimelineView) -> None:
    samples = np.tile(np.repeat(np.array([2e-6, 1e-2], np.float32), [900, 100]), 10)
    wiring = Wiring((SpiPort(0, 1, 2, cs=3, port=1),), power=(PowerRail(0, None, 1),))
    recording = InMemory(np.zeros(10_000, np.uint8), ["sck", "mosi", "miso", "cs1"], traces=[samples])
    view.set_workspace(Decoding(recording, wiring).decode())
    canvas = view.canvas
    timeline = canvas.timeline
    assert timeline is not None
    with qtbot.waitSignal(view.energies_grown):
        pass
    qtbot.waitUntil(lambda: len(timeline.traces[0]) == 10_000)
    assert names(canvas, "port 1")[-2:] == ["miso", "A0"]
    row = canvas.places.row_of(TraceKey(0))
    assert row is not None
    view.resize(1000, 60 + canvas.places.height)
    logarithmic = canvas.grab().toImage()
    assert has_color(logarithmic, "current")
    menu = timeline_menu(canvas, timeline, QPointF(300, 100))
    scale = action(menu, "Currents on a logarithmic scale")
    assert scale.isChecked()
    scale.trigger()
    assert not canvas.is_log
    assert canvas.grab().toImage() != logarithmic
    scale.trigger()
    assert canvas.grab().toImage() == logarithmic


def test_without_currents_the_menu_has_no_scale_of_theirs(canvas: TimelineCanvas) -> None:
    assert canvas.timeline is not None
    texts = [one.text() for one in timeline_menu(canvas, canvas.timeline, QPointF(300, 100)).actions()]
    assert "Currents on a logarithmic scale" not in texts
