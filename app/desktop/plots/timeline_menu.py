"""What can be done at a point of the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from app.analysis.timeline.markers import Markers
from app.analysis.timeline.rows import ports_of
from app.analysis.timeline.timeline import Timeline

if TYPE_CHECKING:
    from app.desktop.plots.timeline_canvas import TimelineCanvas


def timeline_menu(canvas: TimelineCanvas, timeline: Timeline, position: QPointF) -> QMenu:
    """The menu for a point; it goes when it was closed."""
    menu = QMenu(canvas)
    menu.aboutToHide.connect(menu.deleteLater)
    hit = canvas.hit_at(position)
    if hit is not None:
        menu.addAction("Zoom to the record", lambda: canvas.zoom_to(hit))
    if position.x() >= canvas.gutter:
        tick = canvas.snapped_tick(position, is_far=False)
        menu.addAction("Marker A here", lambda: canvas.mark(canvas.history.markers.moved("A", tick)))
        menu.addAction("Marker B here", lambda: canvas.mark(canvas.history.markers.moved("B", tick)))
    menu.addAction("Take the markers away", lambda: canvas.mark(Markers()))
    menu.addSeparator()
    ports = frozenset(ports_of(timeline.rows))
    menu.addAction("Fold all ports", lambda: canvas.fold(canvas.folded | ports))
    menu.addAction("Unfold all ports", lambda: canvas.fold(canvas.folded - ports))
    higher = menu.addAction("Higher rows")
    higher.setCheckable(True)
    higher.setChecked(canvas.is_comfortable)
    higher.toggled.connect(canvas.make_comfortable)
    if any(trace.kind == "current" for trace in timeline.traces):
        log = menu.addAction("Currents on a logarithmic scale")
        log.setCheckable(True)
        log.setChecked(canvas.is_log)
        log.toggled.connect(canvas.scale_currents)
    return menu
