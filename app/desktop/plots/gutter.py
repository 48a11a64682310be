"""The names at the left of the timeline: a title with an arrow that folds each group, and what each row shows."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from app.analysis.text.words import clean
from app.analysis.timeline.rows import Placed, RowPlaces, TraceKey
from app.analysis.timeline.value_axis import ValueAxis
from app.desktop.plots.scene import PADDING, Fonts, Scene
from app.desktop.plots.trace_painting import draw_values

ARROW = 8
LEAST_WIDTH, MOST_SHARE = 110, 0.2
"""The gutter takes no more than this part of the plot, but so many pixels at least."""
TITLE_SHARE = 0.5
AXIS_SAMPLE = "−000.0 mA"


def line_height(fonts: Fonts, *, comfortable: bool = False) -> int:
    """How high one row is: about one and a half lines of its text, or two."""
    return round(fonts.small_metrics.height() * (1.9 if comfortable else 1.3))


def gutter_width(fonts: Fonts, places: RowPlaces, least: float, width: int) -> int:
    """Room for the longest title and the longest name beside each other, within bounds."""
    advance = fonts.small_metrics.horizontalAdvance
    title = max((advance(clean(placed.row.group)) for placed in places.rows), default=0.0)
    name = max((advance(name_of(placed)) for placed in places.rows), default=0.0)
    if any(isinstance(placed.row.shows, TraceKey) for placed in places.rows):
        name = max(name, advance(AXIS_SAMPLE) + PADDING)
    most = max(LEAST_WIDTH, width * MOST_SHARE)
    return round(max(min(ARROW + title + name + 4 * PADDING, most), least + 2 * PADDING))


def name_of(placed: Placed) -> str:
    """What stands beside a row."""
    row = placed.row
    return clean(f"{row.name} {row.note}" if row.note else row.name)


def title_area(scene: Scene, top: float) -> QRectF:
    """Where a group's arrow and title stand."""
    return QRectF(0, top, scene.gutter * TITLE_SHARE, scene.line)


def draw_gutter(painter: QPainter, scene: Scene, axes: dict[int, ValueAxis | None]) -> None:
    """All names; a group's title stands beside the first of its rows that is in sight."""
    group = ""
    for placed in scene.visible:
        title_room = 0.0
        if placed.row.group != group:
            group = placed.row.group
            title_room = _title(painter, scene, group, max(scene.top(placed), scene.head), placed)
        if placed.opens and placed.top:
            y = scene.top(placed) - placed.gap // 2 - 0.5
            painter.setPen(scene.theme.color("line"))
            painter.drawLine(QLineF(0, y, scene.width, y))
        _name(painter, scene, placed, title_room)
        if isinstance(placed.row.shows, TraceKey):
            index = placed.row.shows.index
            draw_values(painter, scene, scene.timeline.traces[index], placed, axes.get(index))


def _title(painter: QPainter, scene: Scene, title: str, top: float, placed: Placed) -> float:
    """The arrow and the title; how much room they took."""
    middle = top + min(scene.line, placed.height) / 2
    left = PADDING / 2 + 1
    half = ARROW / 2
    points = (
        [QPointF(left + 1, middle - half), QPointF(left + 1 + half, middle), QPointF(left + 1, middle + half)]
        if title in scene.folded
        else [QPointF(left, middle - half / 2), QPointF(left + ARROW, middle - half / 2), QPointF(left + half, middle + half / 2)]
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scene.theme.color("muted"))
    painter.drawPolygon(QPolygonF(points))
    painter.setFont(scene.fonts.small)
    painter.setPen(scene.theme.color("text"))
    indent = PADDING + ARROW
    room = scene.gutter * TITLE_SHARE - indent
    text = scene.fonts.small_metrics.elidedText(clean(title), Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(QRectF(indent, middle - scene.line / 2, room, scene.line), Qt.AlignmentFlag.AlignVCenter, text)
    return indent + scene.fonts.small_metrics.horizontalAdvance(text)


def _name(painter: QPainter, scene: Scene, placed: Placed, title_room: float) -> None:
    """A row's name; that of a trace stands at the top under the title, out of the way of its values."""
    painter.setFont(scene.fonts.small)
    painter.setPen(scene.theme.color("muted"))
    top, height, left, side = float(scene.top(placed)), float(placed.height), title_room, Qt.AlignmentFlag.AlignRight
    if isinstance(placed.row.shows, TraceKey) and placed.row.lines > 1:
        # Its values are at the right.
        top, height, left, side = top + (scene.line if title_room else 0), float(scene.line), 0.0, Qt.AlignmentFlag.AlignLeft
        left = float(ARROW)
    if isinstance(placed.row.shows, TraceKey):
        painter.setPen(scene.theme.color(scene.timeline.traces[placed.row.shows.index].kind))
    room = scene.gutter - left - 2 * PADDING
    if isinstance(placed.row.shows, TraceKey) and placed.row.lines > 1:
        room = min(room, scene.gutter - left - PADDING - scene.fonts.small_metrics.horizontalAdvance(AXIS_SAMPLE))
    text = scene.fonts.small_metrics.elidedText(name_of(placed), Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(QRectF(left + PADDING, top, room, height), side | Qt.AlignmentFlag.AlignVCenter, text)
