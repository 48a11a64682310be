"""A pointer on the timeline, for tests."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.analysis.timeline.timeline import Hit
from app.desktop.plots.timeline_canvas import TimelineCanvas

PLAIN = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def visible(canvas: TimelineCanvas) -> tuple[int, int]:
    return canvas.view.first_tick, canvas.view.end_tick


def place_of(canvas: TimelineCanvas, shows: object, tick: int) -> QPoint:
    """Where a row shows a tick."""
    row = next(row for row in canvas.places.rows if row.row.shows == shows)
    y = canvas.head + row.top - canvas.scroll_top + row.height // 2
    return QPoint(canvas.gutter + int(canvas.view.x_of(tick)), y)


def wheel(canvas: TimelineCanvas, x: int, turned: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    at = QPointF(x, 100)
    event = QWheelEvent(
        at, canvas.mapToGlobal(at), QPoint(), turned, Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas, event)


def drag(canvas: TimelineCanvas, start: QPoint, end: QPoint) -> None:
    """Press, move in three steps, let go."""
    QTest.mousePress(canvas, LEFT, PLAIN, start)
    for step in (1, 2, 3):
        QTest.mouseMove(canvas, start + (end - start) * step / 3)
    QTest.mouseRelease(canvas, LEFT, PLAIN, end)


def span_of(canvas: TimelineCanvas, layer: str, no: int) -> tuple[int, int]:
    assert canvas.timeline is not None
    span = canvas.timeline.span_of(Hit(layer, no))
    assert span is not None
    return span.start, span.end
