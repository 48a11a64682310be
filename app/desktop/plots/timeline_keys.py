"""What the keys do to the timeline while it has the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.analysis.timeline.markers import Markers, spread

if TYPE_CHECKING:
    from app.desktop.plots.timeline_canvas import TimelineCanvas

ZOOM = 0.5
PAN = 0.25
KeyTable = dict[Qt.Key, Callable[[], object]]


def key_table(canvas: TimelineCanvas) -> KeyTable:
    """What each key does; Ctrl+Z stands under its letter."""
    return {
        Qt.Key.Key_Space: canvas.run_stop_wanted.emit,
        Qt.Key.Key_Plus: lambda: canvas.zoom(ZOOM),
        Qt.Key.Key_Equal: lambda: canvas.zoom(ZOOM),
        Qt.Key.Key_Minus: lambda: canvas.zoom(1 / ZOOM),
        Qt.Key.Key_Left: lambda: canvas.pan(-PAN),
        Qt.Key.Key_Right: lambda: canvas.pan(PAN),
        Qt.Key.Key_F: canvas.fit,
        Qt.Key.Key_D: lambda: canvas.history.change(spread(canvas.view)),
        Qt.Key.Key_Delete: lambda: canvas.history.change(Markers()),
        Qt.Key.Key_Z: canvas.history_back,
    }


def is_in(table: KeyTable, event: QKeyEvent) -> bool:
    """Whether a key with its modifiers is one of these."""
    plain = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
    wanted = Qt.KeyboardModifier.ControlModifier if event.key() == Qt.Key.Key_Z else Qt.KeyboardModifier.NoModifier
    return plain == wanted and event.key() in table
