"""What stands around and across the rows of the timeline: names, time axis, cursor, markers and their ribbon."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.analysis.text.words import SIGNS, clean
from app.analysis.timeline.markers import NAMES, Markers, readings
from app.analysis.timeline.rows import Placed
from app.analysis.timeline.time_axis import THIN, axis_ticks
from app.analysis.timeline.traces import Trace
from app.analysis.timeline.viewport import Viewport
from app.desktop.plots.painting import Fonts
from app.desktop.theme import Theme
from decoders.core.span import Timebase

PADDING = 8
MINOR_TICK = 4
FLAG_WIDTH = 14


def line_height(fonts: Fonts) -> int:
    """How high one row is: about one and a half lines of its text."""
    return round(fonts.small_metrics.height() * 1.3)


def gutter_width(fonts: Fonts, rows: list[Placed]) -> int:
    """Room for the longest title and the longest name beside each other."""
    advance = fonts.small_metrics.horizontalAdvance
    title = max((advance(clean(placed.row.group)) for placed in rows), default=0)
    name = max((advance(_name(placed)) for placed in rows), default=0)
    return round(title + name + 4 * PADDING)


def draw_name(painter: QPainter, placed: Placed, top: float, width: int, fonts: Fonts, theme: Theme) -> None:
    """A row's name in the gutter."""
    painter.setFont(fonts.small)
    painter.setPen(theme.color("muted"))
    area = QRectF(PADDING, top, width - 2 * PADDING, placed.height)
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _name(placed))


def draw_title(painter: QPainter, title: str, top: float, width: int, fonts: Fonts, theme: Theme) -> None:
    """A group's title beside the first of its rows that is in sight."""
    painter.setFont(fonts.small)
    painter.setPen(theme.color("text"))
    area = QRectF(PADDING, top, width - 2 * PADDING, line_height(fonts))
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, clean(title))


def draw_extremes(painter: QPainter, trace: Trace, top: float, height: int, width: int, fonts: Fonts, theme: Theme) -> None:
    """What the top and the bottom of a trace's row mean, or what is wrong with it."""
    low, high = trace.extremes
    area = QRectF(PADDING, top + 2, width - 2 * PADDING, height - 4)
    painter.setFont(fonts.small)
    painter.setPen(theme.color("muted"))
    if trace.fault:
        painter.setPen(theme.color("error"))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{SIGNS['error']} damaged")
    elif low <= high:
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, _value(low))
    if low < high:
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, _value(high))


def draw_axis(painter: QPainter, view: Viewport, timebase: Timebase, top: float, height: float, fonts: Fonts, theme: Theme) -> None:
    """Ticks and exact times; each label stands to the right of its tick."""
    widest = fonts.small_metrics.horizontalAdvance(f"000.000{THIN}000{THIN}000{THIN}s") + 2 * PADDING
    ticks = axis_ticks(view, timebase, widest)
    painter.setFont(fonts.small)
    bottom = top + height
    for tick in ticks:
        painter.setPen(theme.color("edge" if tick.text else "line"))
        painter.drawLine(QLineF(round(tick.x) + 0.5, bottom, round(tick.x) + 0.5, bottom - (height if tick.text else MINOR_TICK)))
        if tick.text:
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(tick.x + 4, top, widest, height - 2), Qt.AlignmentFlag.AlignVCenter, tick.text)
    painter.setPen(theme.color("line"))
    painter.drawLine(QLineF(0, bottom, view.width, bottom))


def draw_cursor(painter: QPainter, view: Viewport, tick: int, top: float, bottom: float, theme: Theme) -> None:
    """The time cursor, with a foot on the axis."""
    x = round(view.x_of(tick)) + 0.5
    if 0 <= x <= view.width:
        painter.setPen(theme.color("accent"))
        painter.drawLine(QLineF(x, top, x, bottom))


def draw_markers(
    painter: QPainter,
    view: Viewport,
    markers: Markers,
    timebase: Timebase,
    height: float,
    bottom: float,
    fonts: Fonts,
    theme: Theme,
) -> None:
    """Flags A and B in the top line, their uprights, and between them what the ribbon says."""
    color = theme.color("marker")
    painter.setFont(fonts.small)
    for name in NAMES:
        tick = markers.at(name)
        if tick is None or not -FLAG_WIDTH <= (x := round(view.x_of(tick)) + 0.5) <= view.width + FLAG_WIDTH:
            continue
        painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, height, x, bottom))
        flag = QRectF(x - FLAG_WIDTH / 2, 1, FLAG_WIDTH, height - 2)
        painter.fillRect(flag, color)
        painter.setPen(theme.color("window"))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, name)
    said = "    ".join(f"{reading.label} {reading.text}" for reading in readings(markers, timebase))
    if said and markers.a is not None and markers.b is not None:
        _ribbon(painter, sorted((view.x_of(markers.a), view.x_of(markers.b))), view.width, height, said, fonts, theme, color)


def _ribbon(
    painter: QPainter, ends: list[float], width: int, height: float, said: str, fonts: Fonts, theme: Theme, color: QColor
) -> None:
    """The text in the middle of what is in sight between the markers, beside them where it has no room."""
    left, right = max(0.0, ends[0]), min(float(width), ends[1])
    text_width = fonts.small_metrics.horizontalAdvance(said) + 2 * PADDING
    if right > left:
        painter.setPen(color)
        painter.drawLine(QLineF(left, height / 2, right, height / 2))
    room = right - left - FLAG_WIDTH
    at = (left + right - text_width) / 2 if room >= text_width else right + FLAG_WIDTH
    at = min(max(at, 0.0), max(0.0, width - text_width))
    area = QRectF(at, 1, text_width, height - 2)
    painter.fillRect(area, theme.color("window"))
    painter.setPen(theme.color("text"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, said)


def _name(placed: Placed) -> str:
    row = placed.row
    return clean(f"{row.name} {row.note}" if row.note else row.name)


def _value(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
