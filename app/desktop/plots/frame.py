"""What stands above and across the rows of the timeline: time axis, cursor, markers with their ribbon, and a measured pulse."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.analysis.timeline.markers import NAMES, readings
from app.analysis.timeline.pulses import pulse_text
from app.analysis.timeline.time_axis import THIN, AxisTick, axis_ticks
from app.desktop.plots.scene import PADDING, Fonts, Scene
from app.desktop.theme import Theme

MINOR_TICK = 4
FLAG_WIDTH = 14
ARROW_PIXELS = 5


def time_ticks(scene: Scene) -> list[AxisTick]:
    """The ticks of the axis, those with a text far enough apart for it."""
    return axis_ticks(scene.view, scene.timeline.source.timebase, _widest(scene))


def _widest(scene: Scene) -> float:
    return scene.fonts.small_metrics.horizontalAdvance(f"000.000{THIN}000{THIN}000{THIN}s") + 2 * PADDING


def draw_axis(painter: QPainter, scene: Scene) -> None:
    """Ticks and exact times; each label stands to the right of its tick."""
    theme, widest = scene.theme, _widest(scene)
    top, height, bottom = scene.line, scene.line, scene.head
    painter.setFont(scene.fonts.small)
    for tick in time_ticks(scene):
        painter.setPen(theme.color("edge" if tick.text else "line"))
        painter.drawLine(QLineF(round(tick.x) + 0.5, bottom, round(tick.x) + 0.5, bottom - (height if tick.text else MINOR_TICK)))
        if tick.text:
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(tick.x + 4, top, widest, height - 2), Qt.AlignmentFlag.AlignVCenter, tick.text)
    painter.setPen(theme.color("line"))
    painter.drawLine(QLineF(0, bottom, scene.view.width, bottom))


def draw_cursor(painter: QPainter, scene: Scene) -> None:
    """The time cursor, with a foot on the axis."""
    x = round(scene.view.x_of(scene.cursor)) + 0.5
    if 0 <= x <= scene.view.width:
        painter.setPen(scene.theme.color("accent"))
        painter.drawLine(QLineF(x, scene.line, x, scene.height))


def draw_markers(painter: QPainter, scene: Scene) -> None:
    """Flags A and B in the top line, their uprights, and between them what the ribbon says."""
    color, view, height, markers = scene.theme.color("marker"), scene.view, scene.line, scene.markers
    painter.setFont(scene.fonts.small)
    said = "    ".join(
        f"{reading.label} {reading.text}" for reading in readings(markers, scene.timeline.source.timebase, scene.timeline.measure)
    )
    if said and markers.a is not None and markers.b is not None:
        _ribbon(
            painter, sorted((view.x_of(markers.a), view.x_of(markers.b))), view.width, height, said, scene.fonts, scene.theme, color
        )
    for name in NAMES:
        tick = markers.at(name)
        if tick is None or not -FLAG_WIDTH <= (x := round(view.x_of(tick)) + 0.5) <= view.width + FLAG_WIDTH:
            continue
        painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, height, x, scene.height))
        flag = QRectF(x - FLAG_WIDTH / 2, 1, FLAG_WIDTH, height - 2)
        painter.fillRect(flag, color)
        painter.setPen(scene.theme.color("window"))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, name)


def draw_pulse(painter: QPainter, scene: Scene) -> None:
    """What the lane under the pointer does there: an arrow from edge to edge, and width, period, frequency and duty cycle."""
    if scene.pulse is None or scene.pointed is None:
        return
    _, pulse = scene.pulse
    theme, view, row = scene.theme, scene.view, scene.pointed
    left, right = max(0.0, view.x_of(pulse.span.start)), min(float(view.width), view.x_of(pulse.span.end))
    y = scene.top(row) + row.height / 2
    painter.setPen(QPen(theme.color("accent"), 1))
    painter.drawLine(QLineF(left, y, right, y))
    for x, inward in ((left, ARROW_PIXELS), (right, -ARROW_PIXELS)):
        if right - left > 3 * ARROW_PIXELS:
            painter.drawLine(QLineF(x, y, x + inward, y - ARROW_PIXELS / 2))
            painter.drawLine(QLineF(x, y, x + inward, y + ARROW_PIXELS / 2))
    text = pulse_text(pulse, scene.timeline.source.timebase)
    width = scene.fonts.small_metrics.horizontalAdvance(text) + 2 * PADDING
    at = min(max((left + right - width) / 2, 0.0), max(0.0, view.width - width))
    below = scene.top(row) + row.height
    top = below if below + scene.line <= scene.height else scene.top(row) - scene.line
    area = QRectF(round(at) + 0.5, top + 0.5, width, scene.line - 1)
    painter.setBrush(theme.color("panel"))
    painter.setPen(theme.color("edge"))
    painter.drawRect(area)
    painter.setFont(scene.fonts.small)
    painter.setPen(theme.color("text"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _ribbon(
    painter: QPainter, ends: list[float], width: int, height: float, said: str, fonts: Fonts, theme: Theme, color: QColor
) -> None:
    """The text in the middle of what is in sight between the markers, beside them where it has no room."""
    left, right = max(0.0, ends[0]), min(float(width), ends[1])
    text_width = fonts.small_metrics.horizontalAdvance(said) + 2 * PADDING
    if right > left:
        painter.setPen(color)
        painter.drawLine(QLineF(left, height / 2, right, height / 2))
    if right - left - FLAG_WIDTH >= text_width:
        at = (left + right - text_width) / 2
    elif right + FLAG_WIDTH + text_width <= width or left - FLAG_WIDTH < text_width:
        at = min(right + FLAG_WIDTH, max(0.0, width - text_width))
    else:
        at = left - FLAG_WIDTH - text_width
    area = QRectF(at, 1, text_width, height - 2)
    painter.fillRect(area, theme.color("window"))
    painter.setPen(theme.color("text"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, said)
