"""One picture of the timeline, from its back to its front."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.analysis.timeline.markers import time_at
from app.analysis.timeline.rows import TraceKey
from app.desktop.plots.frame import draw_axis, draw_cursor, draw_markers, draw_pulse, time_ticks
from app.desktop.plots.gutter import draw_gutter
from app.desktop.plots.painting import RowPainter
from app.desktop.plots.scene import PADDING, Scene
from app.desktop.plots.trace_painting import draw_trace_head

BAND_ALPHA = 0.35
GRID_ALPHA = 0.5


def paint_scene(painter: QPainter, scene: Scene) -> None:
    """Rows, names, axis, cursor and markers."""
    painter.save()
    below = QRectF(0, scene.head, scene.width, scene.height - scene.head)
    plot = below.adjusted(scene.gutter, 0, 0, 0)
    painter.setClipRect(plot)
    painter.translate(scene.gutter, 0)
    _grid(painter, scene)
    _band(painter, scene)
    rows = RowPainter(painter, scene)
    for placed in scene.visible:
        rows.draw(placed)
    rows.missing()
    painter.translate(-scene.gutter, 0)
    painter.setClipRect(below)
    draw_gutter(painter, scene, rows.axes)
    painter.restore()
    _head(painter, scene)


def _grid(painter: QPainter, scene: Scene) -> None:
    """A faint upright at each time that the axis names, so that rows far below it can be read against it."""
    shade = scene.theme.color("line")
    shade.setAlphaF(GRID_ALPHA)
    painter.setPen(shade)
    for tick in time_ticks(scene):
        if tick.text:
            painter.drawLine(QLineF(round(tick.x) + 0.5, scene.head, round(tick.x) + 0.5, scene.height))


def _band(painter: QPainter, scene: Scene) -> None:
    """A faint upright behind all rows where the chosen record is."""
    if scene.band is None:
        return
    left, right = scene.view.x_of(scene.band.start), scene.view.x_of(scene.band.end)
    left, right = max(left, 0.0), min(max(right, left + 1), float(scene.view.width))
    if right > left:
        shade = scene.theme.color("selection")
        shade.setAlphaF(BAND_ALPHA)
        painter.fillRect(QRectF(left, scene.head, right - left, scene.height - scene.head), shade)


def _head(painter: QPainter, scene: Scene) -> None:
    painter.save()
    theme = scene.theme
    painter.fillRect(0, 0, scene.width, scene.head, theme.color("window"))
    painter.setPen(theme.color("line"))
    painter.drawLine(QLineF(scene.gutter - 0.5, scene.head, scene.gutter - 0.5, scene.height))
    painter.drawLine(QLineF(0, scene.head, scene.gutter, scene.head))
    painter.setFont(scene.fonts.small)
    painter.setPen(theme.color("text"))
    at = QRectF(PADDING, scene.line, scene.gutter - PADDING, scene.line)
    painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, time_at(scene.cursor, scene.timeline.source.timebase))
    painter.setClipRect(scene.gutter, 0, scene.room, scene.height)
    painter.translate(scene.gutter, 0)
    draw_axis(painter, scene)
    draw_cursor(painter, scene)
    draw_markers(painter, scene)
    painter.setClipRect(0, scene.head, scene.room, scene.height - scene.head)
    for placed in scene.visible:
        if isinstance(placed.row.shows, TraceKey):
            draw_trace_head(painter, scene, placed.row.shows.index, placed)
    draw_pulse(painter, scene)
    painter.restore()
