"""How an analogue trace is drawn: the envelope, its limits, the values of its axis, and what is measured on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.analysis.text.words import SIGNS
from app.analysis.timeline.rows import Placed
from app.analysis.timeline.traces import Trace, measured
from app.analysis.timeline.value_axis import ValueAxis, value_axis, value_text
from app.desktop.plots.images import trace_image
from app.desktop.plots.scene import PADDING, Scene

MARGIN = 8
HEAD_SHADE = 0.85
MOST_TICK_SHARE = 1.5
"""Ticks of a trace's axis are at least so many heights of their texts apart."""


def draw_trace(painter: QPainter, scene: Scene, trace: Trace, placed: Placed) -> ValueAxis | None:
    """A trace in its row, in the range of what is in sight; that range, or None where nothing is."""
    area = QRectF(0, scene.top(placed) + MARGIN, scene.view.width, placed.height - 2 * MARGIN)
    if not len(trace):
        return None
    scale = painter.device().devicePixelRatio()
    columns = trace.columns(scene.view, max(1, round(scene.view.width * scale)))
    known = ~np.isnan(columns.low)
    if not known.any():
        return None
    most = int(area.height() / (scene.fonts.small_metrics.height() * MOST_TICK_SHARE)) + 1
    axis = value_axis(float(columns.low[known].min()), float(columns.high[known].max()), trace.unit, most)
    for tick in axis.ticks:
        painter.setPen(scene.theme.color("line"))
        y = y_of(axis, area, tick)
        painter.drawLine(QLineF(0, y, area.width(), y))
    height = max(3, round(area.height() * scale))
    image = trace_image(columns, (axis.low, axis.high), height, scene.theme.color(trace.kind))
    image.setDevicePixelRatio(scale)
    painter.drawImage(QPointF(0, area.top()), image)
    for limit in trace.limits:
        _limit(painter, scene, trace, axis, limit, area)
    return axis


def y_of(axis: ValueAxis, area: QRectF, value: float) -> float:
    """Where a value lies, in the middle of a pixel."""
    return round(area.bottom() - 1 - (value - axis.low) / (axis.high - axis.low) * (area.height() - 1)) + 0.5


def _limit(painter: QPainter, scene: Scene, trace: Trace, axis: ValueAxis, limit: float, area: QRectF) -> None:
    """Dashed with its value; at the edge with an arrow where it is out of range."""
    metrics = scene.fonts.small_metrics
    inside = axis.low <= limit <= axis.high
    text = f"limit {value_text(limit, trace.unit)}" + ("" if inside else " ↑" if limit > axis.high else " ↓")
    y = y_of(axis, area, min(max(limit, axis.low), axis.high))
    width = metrics.horizontalAdvance(text) + PADDING
    color = scene.theme.color("warning")
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
    if inside:
        painter.drawLine(QLineF(0, y, area.width(), y))
    top = min(max(y - metrics.height() - 1, area.top()), area.bottom() - metrics.height())
    _shaded(painter, scene, QRectF(area.width() - width, top, width, metrics.height()), text, color)


def draw_trace_head(painter: QPainter, scene: Scene, trace: Trace, placed: Placed) -> None:
    """What is measured on a trace: its value at the pointer or the cursor, and lowest, mean and highest between the markers."""
    pointed = scene.pointer if scene.pointed is placed else None
    text = measured(trace, scene.cursor, pointed, scene.markers)
    if text:
        metrics = scene.fonts.small_metrics
        area = QRectF(PADDING / 2, scene.top(placed) + 1, metrics.horizontalAdvance(text) + PADDING, metrics.height())
        _shaded(painter, scene, area, text, scene.theme.color("text"))


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
    area = QRectF(0, scene.top(placed) + MARGIN, scene.gutter, placed.height - 2 * MARGIN)
    metrics = scene.fonts.small_metrics
    painter.setFont(scene.fonts.small)
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    if axis is not None:
        for tick, text in zip(axis.ticks, axis.texts, strict=True):
            y = y_of(axis, area, tick)
            painter.setPen(scene.theme.color("edge"))
            painter.drawLine(QLineF(scene.gutter - 5, y, scene.gutter - 1, y))
            painter.setPen(scene.theme.color("muted"))
            painter.drawText(QRectF(0, y - metrics.height() / 2, scene.gutter - PADDING, metrics.height()), side, text)
    if trace.fault:
        painter.setPen(scene.theme.color("error"))
        below = QRectF(PADDING, area.bottom() - metrics.height(), scene.gutter - 2 * PADDING, metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{SIGNS['error']} damaged")
