"""How the rows of the timeline are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPixmap

from app.analysis.text.words import SIGNS, duration_text
from app.analysis.timeline.annotations import NARROW_PIXELS, StripKey, covered
from app.analysis.timeline.lanes import Lane, LogicColumns
from app.analysis.timeline.rows import OctetKey, Placed, TraceKey
from app.analysis.timeline.stretch import Octets
from app.analysis.timeline.timeline import octets_in, transfers_of
from app.analysis.timeline.value_axis import ValueAxis
from app.desktop.plots.annotation_painting import draw_strip
from app.desktop.plots.images import bar_image, logic_image
from app.desktop.plots.scene import PADDING, Scene
from app.desktop.plots.trace_painting import draw_trace
from decoders.core.finding import Severity
from decoders.core.span import Span

LANE_MARGIN = 4
NO_SPEED = "speed not known: bytes not shown"


class RowPainter:
    """Draws rows into the plot area, whose left edge is pixel 0 of the painter; one object for one picture.

    `axes` are the ranges in which traces were drawn, by their index.
    """

    def __init__(self, painter: QPainter, scene: Scene) -> None:
        self.axes: dict[int, ValueAxis | None] = {}
        self._painter, self._scene, self._view, self._theme = painter, scene, scene.view, scene.theme
        self._stamps: dict[Severity, QPixmap] = {}
        self._scale = painter.device().devicePixelRatio()
        self._columns = max(1, round(scene.view.width * self._scale))
        self._lines: tuple[LogicColumns, NDArray[np.bool_]] | None = None

    def draw(self, placed: Placed) -> None:
        """Draw one row."""
        area = QRectF(0, self._scene.top(placed), self._view.width, placed.height)
        match placed.row.shows:
            case StripKey() as key:
                draw_strip(self._painter, self._scene, key, area, self._stamps)
            case OctetKey() as key:
                self._octets(key, area)
            case Lane() as lane:
                self._lane(lane, area)
            case TraceKey(index=index):
                self.axes[index] = draw_trace(self._painter, self._scene, self._scene.timeline.traces[index], placed)

    def missing(self) -> None:
        """Hatch what was lost and what cannot be read, across all rows."""
        scene = self._scene
        timebase = scene.timeline.source.timebase
        for gap in scene.timeline.gaps(self._view):
            self._hatched(gap, f"lost: {duration_text(timebase.ns(gap.length))}", "muted")
        stretch = scene.stretch
        if stretch is not None and stretch.fault and stretch.changes.end < self._view.end_tick:
            self._hatched(Span(stretch.changes.end, self._view.end_tick), f"{SIGNS['error']} {stretch.fault}", "error")

    def _hatched(self, span: Span, text: str, color: str) -> None:
        left, right = max(0.0, self._view.x_of(span.start)), min(float(self._view.width), self._view.x_of(span.end))
        if right < 0 or left > self._view.width:
            return
        painter, scene = self._painter, self._scene
        area = QRectF(left, scene.head, max(right - left, 2.0), scene.height - scene.head)
        painter.fillRect(area, self._theme.color("panel"))
        painter.fillRect(area, QBrush(self._theme.color("edge"), Qt.BrushStyle.BDiagPattern))
        metrics = scene.fonts.small_metrics
        width = metrics.horizontalAdvance(text) + 2 * PADDING
        if width <= area.width():
            label = QRectF(area.center().x() - width / 2, area.top() + 2, width, metrics.height() + 2)
            painter.fillRect(label, self._theme.color("window"))
            painter.setFont(scene.fonts.small)
            painter.setPen(self._theme.color(color))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _octets(self, key: OctetKey, area: QRectF) -> None:
        scene = self._scene
        octets = octets_in(scene.stretch, key, self._view)
        if octets is None:
            drawn = scene.timeline.annotations.strip(transfers_of(key)).drawn(self._view)
            self._bar(drawn.bar | covered(drawn.left, drawn.right, self._view.width), area)
            return
        if len(octets.value):
            self._bytes(octets, key, area)
        elif scene.stretch is not None and key in scene.stretch.unread:
            self._painter.setFont(scene.fonts.small)
            self._painter.setPen(self._theme.color("muted"))
            self._painter.drawText(area.adjusted(PADDING, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, NO_SPEED)

    def _bar(self, bar: NDArray[np.bool_], area: QRectF) -> None:
        if bar.any():
            place = QRectF(area.left(), area.center().y() - 1.5, area.width(), 3)
            self._painter.drawImage(place, bar_image(bar, 1, self._theme.color("edge")))

    def _bytes(self, octets: Octets, key: OctetKey, area: QRectF) -> None:
        left, right = self._view.x_column(octets.first), self._view.x_column(octets.last)
        wide = right - left >= NARROW_PIXELS
        painter, theme, fonts = self._painter, self._theme, self._scene.fonts
        for span in self._scene.chosen_spans.get(StripKey("frames", key.stream, key.port, key.direction), ()):
            low, high = max(-1.0, self._view.x_of(span.start)), min(area.width() + 1, self._view.x_of(span.end))
            if low < high:
                painter.fillRect(QRectF(low, area.top() + 2, high - low, area.height() - 4), theme.color("selection"))
        self._bar(covered(left[~wide], right[~wide], self._view.width), area)
        least = fonts.mono_metrics.horizontalAdvance("00") + 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(fonts.mono)
        edge, text = theme.color("edge"), theme.color("text")
        for value, one, other in zip(octets.value[wide].tolist(), left[wide].tolist(), right[wide].tolist(), strict=True):
            low, high = max(one, -10.0), min(other, area.width() + 10.0)
            box = QRectF(round(low) + 0.5, area.top() + 2.5, max(1.0, round(high) - round(low) - 1.0), area.height() - 5)
            painter.setPen(edge)
            painter.drawRect(box)
            seen = box.adjusted(max(0.0, -low), -2, min(0.0, area.width() - high), 2)
            if seen.width() >= least:
                painter.setPen(text)
                painter.drawText(seen, Qt.AlignmentFlag.AlignCenter, f"{value:02x}")

    def _lane(self, lane: Lane, area: QRectF) -> None:
        columns, known = self._logic()
        height = max(3, round((area.height() - 2 * LANE_MARGIN) * self._scale))
        image = logic_image(columns, lane.channel, known, height, self._theme.color("text"))
        image.setDevicePixelRatio(self._scale)
        self._painter.drawImage(QPointF(0, area.top() + LANE_MARGIN), image)

    def _logic(self) -> tuple[LogicColumns, NDArray[np.bool_]]:
        """The state of all lines at each pixel, and at which they are known: once for all lanes."""
        if self._lines is None:
            timeline, stretch = self._scene.timeline, self._scene.stretch
            edges = self._view.edges(self._columns)
            columns = timeline.activity.columns(edges)
            known = edges[:-1] < timeline.lines_end
            if stretch is not None and len(stretch.changes.ticks):
                changes = stretch.changes
                near = (edges[:-1] >= changes.start) & (edges[1:] <= changes.end)
                if near.any() and edges[-1] - edges[0] <= stretch.wanted.end - stretch.wanted.start:
                    close = changes.columns(edges)
                    word = np.where(near, close.word, columns.word)
                    columns = LogicColumns(word, np.where(near, close.toggled, columns.toggled))
                    known |= near
            self._lines = columns, known
        return self._lines
