"""How an analogue trace is drawn: the envelope, its limits, the values of its axis, and what is measured on it."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.analysis.text.words import SIGNS
from app.analysis.timeline.rows import Placed
from app.analysis.timeline.trace_heads import axis_of, in_range, measured
from app.analysis.timeline.traces import Trace
from app.analysis.timeline.value_axis import ValueAxis, round_text
from app.desktop.plots.images import trace_image
from app.desktop.plots.scene import PADDING, Scene

MARGIN, SLIM_MARGIN = 8, 2
FULL_LINES = 4
"""A trace of less lines than this, that of a folded port, is drawn in all of its row."""
HEAD_SHADE = 0.85
HEAD_GAP = "    "
MOST_TICK_SHARE = 1.5
"""Ticks of a trace's axis are at least so many heights of their texts apart."""


def area_of(scene: Scene, placed: Placed, width: float) -> QRectF:
    """Where in its row a trace is drawn."""
    margin = SLIM_MARGIN if is_slim(placed) else MARGIN
    return QRectF(0, scene.top(placed) + margin, width, placed.height - 2 * margin)


def is_slim(placed: Placed) -> bool:
    """Whether a row of a trace is that of a folded port."""
    return placed.row.lines < FULL_LINES


def draw_trace(painter: QPainter, scene: Scene, trace: Trace, placed: Placed) -> ValueAxis | None:
    """A trace in its row, in the range of what is in sight; that range, or None where nothing is."""
    area = area_of(scene, placed, scene.view.width)
    if not len(trace):
        return None
    scale = painter.device().devicePixelRatio()
    columns = trace.columns(scene.view, max(1, round(scene.view.width * scale)))
    most = max(2, int(area.height() / (scene.fonts.small_metrics.height() * MOST_TICK_SHARE)) + 1)
    axis = axis_of(trace, columns, most, is_log=scene.is_log and trace.kind == "current")
    if axis is None:
        return None
    for tick in axis.ticks if placed.row.lines > 1 else ():
        painter.setPen(scene.theme.color("line"))
        y = y_of(axis, area, tick)
        painter.drawLine(QLineF(0, y, area.width(), y))
    height = max(3, round(area.height() * scale))
    image = trace_image(in_range(columns, axis), (0.0, 1.0), height, scene.theme.color(trace.kind))
    image.setDevicePixelRatio(scale)
    painter.drawImage(QPointF(0, area.top()), image)
    for limit in trace.limits:
        _limit(painter, scene, trace, axis, limit, area, has_text=placed.row.lines > 1)
    return axis


def y_of(axis: ValueAxis, area: QRectF, value: float) -> float:
    """Where a value lies, in the middle of a pixel."""
    return round(area.bottom() - 1 - axis.share(value) * (area.height() - 1)) + 0.5


def _limit(painter: QPainter, scene: Scene, trace: Trace, axis: ValueAxis, limit: float, area: QRectF, *, has_text: bool) -> None:
    """Dashed with its value, where that has room; at the edge with an arrow where it is out of range."""
    metrics = scene.fonts.small_metrics
    inside = axis.low <= limit <= axis.high
    text = f"limit {round_text(limit, trace.unit)}" + ("" if inside else " ↑" if limit > axis.high else " ↓")
    y = y_of(axis, area, min(max(limit, axis.low), axis.high))
    width = metrics.horizontalAdvance(text) + PADDING
    color = scene.theme.color("warning")
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
    if inside:
        painter.drawLine(QLineF(0, y, area.width(), y))
    if not has_text:
        return
    top = min(max(y - metrics.height() - 1, area.top()), area.bottom() - metrics.height())
    _shaded(painter, scene, QRectF(area.width() - width, top, width, metrics.height()), text, color)


def draw_trace_head(painter: QPainter, scene: Scene, index: int, placed: Placed) -> None:
    """What is measured on a trace, as much of it as there is room for."""
    if placed.row.lines == 1 and scene.pointed is not placed:
        # It would hide what there is to see.
        return
    trace, took = scene.timeline.traces[index], scene.timeline.supply.took(index)
    pointed = scene.pointer if scene.pointed is placed else None
    metrics = scene.fonts.small_metrics
    said = measured(trace, scene.view, scene.cursor, pointed, scene.markers, took)
    texts = [HEAD_GAP.join(said[:count]) for count in range(len(said), 0, -1)]
    room = scene.view.width - _limits_width(scene, trace) - PADDING
    text = next((text for text in texts if metrics.horizontalAdvance(text) + PADDING <= room), texts[-1] if texts else "")
    if text:
        area = QRectF(PADDING / 2, scene.top(placed) + 1, metrics.horizontalAdvance(text) + PADDING, metrics.height())
        _shaded(painter, scene, area, text, scene.theme.color("text"))


def _limits_width(scene: Scene, trace: Trace) -> float:
    """The room that the limits take at the right."""
    texts = (f"limit {round_text(limit, trace.unit)}" for limit in trace.limits)
    return max((scene.fonts.small_metrics.horizontalAdvance(text) + 2 * PADDING for text in texts), default=0.0)


def _shaded(painter: QPainter, scene: Scene, area: QRectF, text: str, color: QColor) -> None:
    """A text that stays legible over a trace."""
    ground = scene.theme.color("window")
    ground.setAlphaF(HEAD_SHADE)
    painter.fillRect(area, ground)
    painter.setFont(scene.fonts.small)
    painter.setPen(color)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def draw_values(painter: QPainter, scene: Scene, trace: Trace, placed: Placed, axis: ValueAxis | None) -> None:
    """The values of the axis in the gutter, or what is wrong with the trace."""
    area = area_of(scene, placed, scene.gutter)
    metrics = scene.fonts.small_metrics
    painter.setFont(scene.fonts.small)
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    if axis is not None and placed.row.lines > 1:
        named = list(zip(axis.ticks, axis.texts, strict=True))
        for tick, text in named[:: len(named) - 1] if is_slim(placed) else named:
            y = y_of(axis, area, tick)
            painter.setPen(scene.theme.color("edge"))
            painter.drawLine(QLineF(scene.gutter - 5, y, scene.gutter - 1, y))
            painter.setPen(scene.theme.color("muted"))
            top = y - metrics.height() / 2
            if is_slim(placed):
                top = min(max(top, area.top() - 1), area.bottom() + 1 - metrics.height())
            painter.drawText(QRectF(0, top, scene.gutter - PADDING, metrics.height()), side, text)
    if trace.fault:
        painter.setPen(scene.theme.color("error"))
        below = QRectF(PADDING, area.bottom() - metrics.height(), scene.gutter - 2 * PADDING, metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{SIGNS['error']} damaged")
