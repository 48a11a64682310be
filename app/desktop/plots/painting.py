"""How the rows of the timeline are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from app.analysis.text.words import SIGNS, clean
from app.analysis.timeline.annotations import NARROW_PIXELS, StripKey, covered
from app.analysis.timeline.lanes import Lane, LogicColumns
from app.analysis.timeline.rows import OctetKey, Placed, TraceKey
from app.analysis.timeline.stretch import Octets, Stretch
from app.analysis.timeline.timeline import Hit, Timeline, octets_in, transfers_of
from app.analysis.timeline.traces import Trace
from app.analysis.timeline.viewport import Viewport
from app.desktop.plots.images import bar_image, logic_image, trace_image
from app.desktop.theme import Theme
from decoders.core.finding import Severity

BOX_MARGIN = 4
LANE_MARGIN = 4
LEAST_LABEL = 18


@dataclass(frozen=True, slots=True)
class Fonts:
    """The faces of the timeline, with their measures."""

    small: QFont
    mono: QFont
    small_metrics: QFontMetricsF
    mono_metrics: QFontMetricsF


class RowPainter:
    """Draws rows into the plot area, whose left edge is pixel 0 of the painter; one object for one picture."""

    def __init__(
        self,
        painter: QPainter,
        timeline: Timeline,
        view: Viewport,
        stretch: Stretch | None,
        theme: Theme,
        fonts: Fonts,
        chosen: set[Hit],
    ) -> None:
        self._painter, self._timeline, self._view, self._stretch = painter, timeline, view, stretch
        self._theme, self._fonts, self._chosen = theme, fonts, chosen
        self._scale = painter.device().devicePixelRatio()
        self._columns = max(1, round(view.width * self._scale))
        self._lines: tuple[LogicColumns, np.ndarray[tuple[int], np.dtype[np.bool_]]] | None = None

    def draw(self, placed: Placed, top: float) -> None:
        """Draw one row at a height."""
        area = QRectF(0, top, self._view.width, placed.height)
        match placed.row.shows:
            case StripKey() as key:
                self._strip(key, area)
            case OctetKey() as key:
                self._octets(key, area)
            case Lane() as lane:
                self._lane(lane, area)
            case TraceKey() as key:
                self._trace(self._timeline.traces[key.index], area)

    def gaps(self, top: float, height: float) -> None:
        """Hatch what was lost, across all rows."""
        for gap in self._timeline.gaps(self._view):
            left = max(0.0, self._view.x_of(gap.start))
            right = min(float(self._view.width), self._view.x_of(gap.end))
            area = QRectF(left, top, max(right - left, 2.0), height)
            self._painter.fillRect(area, QColor(self._theme.panel))
            self._painter.fillRect(area, QBrush(QColor(self._theme.edge), Qt.BrushStyle.BDiagPattern))

    def _strip(self, key: StripKey, area: QRectF) -> None:
        drawn = self._timeline.annotations.strip(key).drawn(self._view)
        self._bar(drawn.bar, area)
        for no, left, right in zip(drawn.no.tolist(), drawn.left.tolist(), drawn.right.tolist(), strict=True):
            label = self._timeline.labels.label(key.layer, no) if right - left >= LEAST_LABEL else None
            texts = label.texts if label else ()
            severity = label.severity if label else None
            self._box(area, left, right, texts, severity, chosen=Hit(key.layer, no) in self._chosen)

    def _bar(self, bar: np.ndarray[tuple[int], np.dtype[np.bool_]], area: QRectF) -> None:
        if bar.any():
            height = area.height() / 2
            place = QRectF(area.left(), area.top() + height / 2, area.width(), height)
            self._painter.drawImage(place, bar_image(bar, 1, QColor(self._theme.edge)))

    def _box(
        self, area: QRectF, left: float, right: float, texts: tuple[str, ...], severity: Severity | None, *, chosen: bool
    ) -> None:
        theme, painter = self._theme, self._painter
        # Far beyond the edges the painter would lose precision.
        left, right = max(left, -10.0), min(right, area.width() + 10.0)
        box = QRectF(round(left) + 0.5, area.top() + 1.5, max(1.0, round(right) - round(left) - 1.0), area.height() - 3)
        grave = severity is not None and severity >= Severity.WARNING
        color = theme.color(severity.name.lower()) if severity is not None and grave else theme.color("edge")
        painter.setPen(QPen(theme.color("accent") if chosen else color, 1))
        painter.setBrush(theme.color("selection" if chosen else "panel"))
        painter.drawRect(box)
        inner_left = max(left, 0.0) + BOX_MARGIN
        room = min(right, area.width()) - BOX_MARGIN - inner_left
        sign = f"{SIGNS[severity.name.lower()]} " if severity is not None and grave else ""
        text = self._fitting(tuple(sign + text for text in texts), room)
        if text:
            painter.setFont(self._fonts.small)
            painter.setPen(theme.color("selection_text" if chosen else "text"))
            painter.drawText(QRectF(inner_left, area.top(), room + 2, area.height()), Qt.AlignmentFlag.AlignVCenter, text)

    def _fitting(self, texts: tuple[str, ...], room: float) -> str:
        """The longest text that there is room for."""
        metrics = self._fonts.small_metrics
        for text in texts:
            if metrics.horizontalAdvance(clean(text)) <= room:
                return clean(text)
        return ""

    def _octets(self, key: OctetKey, area: QRectF) -> None:
        octets = octets_in(self._stretch, key, self._view)
        if octets is None:
            drawn = self._timeline.annotations.strip(transfers_of(key)).drawn(self._view)
            wide = covered(drawn.left, drawn.right, self._view.width)
            self._bar(drawn.bar | wide, area)
        elif len(octets.value):
            self._bytes(octets, area)

    def _bytes(self, octets: Octets, area: QRectF) -> None:
        left, right = self._view.x_column(octets.first), self._view.x_column(octets.last)
        wide = right - left >= NARROW_PIXELS
        self._bar(covered(left[~wide], right[~wide], self._view.width), area)
        painter, theme = self._painter, self._theme
        least = self._fonts.mono_metrics.horizontalAdvance("00") + 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(self._fonts.mono)
        edge, text = theme.color("edge"), theme.color("text")
        for value, one, other in zip(octets.value[wide].tolist(), left[wide].tolist(), right[wide].tolist(), strict=True):
            low, high = max(one, -10.0), min(other, area.width() + 10.0)
            box = QRectF(round(low) + 0.5, area.top() + 2.5, max(1.0, round(high) - round(low) - 1.0), area.height() - 5)
            painter.setPen(edge)
            painter.drawRect(box)
            if high - low >= least:
                painter.setPen(text)
                painter.drawText(box.adjusted(0, -2, 0, 2), Qt.AlignmentFlag.AlignCenter, f"{value:02x}")

    def _lane(self, lane: Lane, area: QRectF) -> None:
        columns, known = self._logic()
        height = max(3, round((area.height() - 2 * LANE_MARGIN) * self._scale))
        image = logic_image(columns, lane.channel, known, height, self._theme.color("text"))
        image.setDevicePixelRatio(self._scale)
        self._painter.drawImage(QPointF(0, area.top() + LANE_MARGIN), image)

    def _logic(self) -> tuple[LogicColumns, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
        """The state of all lines at each pixel, and at which they are known: once for all lanes."""
        if self._lines is None:
            edges = self._view.edges(self._columns)
            columns = self._timeline.activity.columns(edges)
            known = edges[:-1] < self._timeline.lines_end
            if self._stretch is not None and len(self._stretch.changes.ticks):
                changes = self._stretch.changes
                near = (edges[:-1] >= changes.start) & (edges[1:] <= changes.end)
                if near.any() and edges[-1] - edges[0] <= self._stretch.wanted.end - self._stretch.wanted.start:
                    close = changes.columns(edges)
                    word = np.where(near, close.word, columns.word)
                    columns = LogicColumns(word, np.where(near, close.toggled, columns.toggled))
                    known |= near
            self._lines = columns, known
        return self._lines

    def _trace(self, trace: Trace, area: QRectF) -> None:
        if not len(trace):
            return
        height = max(3, round((area.height() - 2 * LANE_MARGIN) * self._scale))
        columns = trace.columns(self._view, self._columns)
        image = trace_image(columns, trace.extremes, height, self._theme.color(trace_color(trace.name)))
        image.setDevicePixelRatio(self._scale)
        self._painter.drawImage(QPointF(0, area.top() + LANE_MARGIN), image)


def trace_color(name: str) -> str:
    """Which of the traces' colours suits a name; a trace of an unknown quantity is taken for a voltage."""
    lower = name.lower()
    return "current" if lower.startswith(("i", "current")) else "power" if lower.startswith("p") else "voltage"
