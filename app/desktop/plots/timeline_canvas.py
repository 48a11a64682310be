"""The drawing of the timeline, and what keys and the pointer do to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.analysis.text.words import clean
from app.analysis.timeline.markers import MarkerHistory, Markers, Name, spread, time_at
from app.analysis.timeline.rows import Placed, RowPlaces, TraceKey, placed
from app.analysis.timeline.stretch import Stretch
from app.analysis.timeline.timeline import Hit, Timeline
from app.analysis.timeline.viewport import Viewport
from app.desktop import theme
from app.desktop.plots import frame
from app.desktop.plots.painting import Fonts, RowPainter
from decoders.core.span import Span

GROUP_GAP = 8
DRAG_PIXELS = 4
GRAB_PIXELS = 5
SNAP_PIXELS = 6
HIT_PIXELS = 3
KEY_ZOOM = 0.5
KEY_PAN = 0.25
WHEEL_STEP = 120
WHEEL_ZOOM = 0.8
BAND_ALPHA = 0.35


class TimelineCanvas(QWidget):
    """Shows one timeline or none.

    `hit_chosen` carries the `Hit` that was clicked, `pointed` the tick; `moved` comes when another stretch is in sight, `laid_out`
    when the rows became higher or lower, `scrolled` with the pixels that the rows should move by.
    """

    hit_chosen = Signal(object)
    pointed = Signal("qint64")  # type: ignore[arg-type]  # PySide6 takes C++ type names too
    moved = Signal()
    laid_out = Signal()
    scrolled = Signal(int)
    run_stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline")
        self.timeline: Timeline | None = None
        self.view = Viewport.whole(1, 1)
        self.history = MarkerHistory()
        self.stretch: Stretch | None = None
        self.chosen: set[Hit] = set()
        self.band: Span | None = None
        self.cursor_tick = 0
        self.scroll_top = 0
        self.places = RowPlaces()
        self._gutter = 0
        self._pressed: QPointF | None = None
        self._dragged: Name | None = None
        self._dragging = False
        self._before = Markers()
        self._last_x = 0.0
        self._fonts = _fonts()
        self._on_key = self._key_table()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(800, 260)

    @property
    def head(self) -> int:
        """How high markers and axis are together."""
        return 2 * frame.line_height(self._fonts)

    @property
    def gutter(self) -> int:
        """How wide the names are."""
        return self._gutter

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show all of a recording, or nothing."""
        self.timeline = timeline
        self.history, self.stretch, self.chosen, self.band = MarkerHistory(), None, set(), None
        self.cursor_tick = self.scroll_top = 0
        self._lay_out()
        self.show_view(Viewport.whole(timeline.total if timeline else 1, self.width() - self._gutter))

    def show_view(self, view: Viewport) -> None:
        """Show another stretch."""
        self.view = view
        self.moved.emit()
        self.update()

    def fit_total(self) -> None:
        """Follow a recording that grew."""
        if self.timeline is not None and (self.timeline.total, self._room()) != (self.view.total, self.view.width):
            self.show_view(self.view.resized(self._room(), self.timeline.total))
        self.update()

    # Drawing.

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current(self)
        painter.fillRect(self.rect(), colors.color("window"))
        if self.timeline is not None:
            self._paint_rows(painter, self.timeline, colors)
            self._paint_head(painter, self.timeline, colors)
        if self.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_rows(self, painter: QPainter, timeline: Timeline, colors: theme.Theme) -> None:
        painter.save()
        painter.setClipRect(0, self.head, self.width(), self.height() - self.head)
        visible = [row for row in self.places.rows if row.top + row.height > self.scroll_top and self._top(row) < self.height()]
        self._paint_gutter(painter, timeline, visible, colors)
        painter.setClipRect(self._gutter, self.head, self._room(), self.height() - self.head)
        painter.translate(self._gutter, 0)
        self._paint_band(painter, colors)
        rows = RowPainter(painter, timeline, self.view, self.stretch, colors, self._fonts, self.chosen)
        for row in visible:
            rows.draw(row, self._top(row))
        rows.gaps(self.head, self.height() - self.head)
        painter.restore()

    def _paint_gutter(self, painter: QPainter, timeline: Timeline, visible: list[Placed], colors: theme.Theme) -> None:
        group = ""
        for row in visible:
            if row.row.group != group:
                group = row.row.group
                frame.draw_title(painter, group, max(self._top(row), self.head), self._gutter, self._fonts, colors)
            if row.opens and row.top:
                y = self._top(row) - GROUP_GAP / 2 + 0.5
                painter.setPen(colors.color("line"))
                painter.drawLine(QLineF(0, y, self.width(), y))
            frame.draw_name(painter, row, self._top(row), self._gutter, self._fonts, colors)
            if isinstance(row.row.shows, TraceKey):
                trace = timeline.traces[row.row.shows.index]
                frame.draw_extremes(painter, trace, self._top(row), row.height, self._gutter, self._fonts, colors)

    def _paint_band(self, painter: QPainter, colors: theme.Theme) -> None:
        """A faint upright behind all rows where the chosen record is."""
        if self.band is None:
            return
        left, right = self.view.x_of(self.band.start), self.view.x_of(self.band.end)
        left, right = max(left, 0.0), min(max(right, left + 1), float(self.view.width))
        if right > left:
            shade = colors.color("selection")
            shade.setAlphaF(BAND_ALPHA)
            painter.fillRect(QRectF(left, self.head, right - left, self.height() - self.head), shade)

    def _paint_head(self, painter: QPainter, timeline: Timeline, colors: theme.Theme) -> None:
        line, timebase = frame.line_height(self._fonts), timeline.source.timebase
        painter.save()
        painter.fillRect(0, 0, self.width(), self.head, colors.color("window"))
        painter.setPen(colors.color("line"))
        painter.drawLine(QLineF(self._gutter - 0.5, self.head, self._gutter - 0.5, self.height()))
        painter.drawLine(QLineF(0, self.head, self._gutter, self.head))
        painter.setFont(self._fonts.small)
        painter.setPen(colors.color("text"))
        at = QRectF(frame.PADDING, line, self._gutter - frame.PADDING, line)
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, time_at(self.cursor_tick, timebase))
        painter.setClipRect(self._gutter, 0, self._room(), self.height())
        painter.translate(self._gutter, 0)
        frame.draw_axis(painter, self.view, timebase, line, line, self._fonts, colors)
        frame.draw_cursor(painter, self.view, self.cursor_tick, line, self.height(), colors)
        frame.draw_markers(painter, self.view, self.history.markers, timebase, line, self.height(), self._fonts, colors)
        painter.restore()

    def _top(self, row: Placed) -> int:
        return self.head + row.top - self.scroll_top

    def _room(self) -> int:
        return max(1, self.width() - self._gutter)

    def _lay_out(self) -> None:
        rows = self.timeline.rows if self.timeline else []
        self.places = placed(rows, frame.line_height(self._fonts), GROUP_GAP)
        time = self._fonts.small_metrics.horizontalAdvance(time_at(0, self.timeline.source.timebase)) if self.timeline else 0.0
        self._gutter = max(frame.gutter_width(self._fonts, list(self.places.rows)), round(time) + 2 * frame.PADDING)
        self.laid_out.emit()

    # What is done to it.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        self.fit_total()
        self.laid_out.emit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.ApplicationFontChange}:
            self._fonts = _fonts()
            self._lay_out()
            self.fit_total()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_ours(event):
            # The focused plot comes before the window's shortcuts.
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        wanted = Qt.KeyboardModifier.ControlModifier if event.key() == Qt.Key.Key_Z else Qt.KeyboardModifier.NoModifier
        return plain == wanted and event.key() in self._on_key

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if self.timeline is None or not self._is_ours(event):
            super().keyPressEvent(event)
            return
        self._on_key[Qt.Key(event.key())]()
        self.update()

    def _key_table(self) -> dict[Qt.Key, Callable[[], object]]:
        """What each key does; Ctrl+Z stands under its letter."""
        return {
            Qt.Key.Key_Space: self.run_stop_wanted.emit,
            Qt.Key.Key_Plus: lambda: self.zoom(KEY_ZOOM),
            Qt.Key.Key_Equal: lambda: self.zoom(KEY_ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / KEY_ZOOM),
            Qt.Key.Key_Left: lambda: self.pan(-KEY_PAN),
            Qt.Key.Key_Right: lambda: self.pan(KEY_PAN),
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_D: lambda: self.history.change(spread(self.view)),
            Qt.Key.Key_Delete: lambda: self.history.change(Markers()),
            Qt.Key.Key_Z: self.history_back,
        }

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much, around the middle."""
        self.show_view(self.view.zoomed(factor, self.view.width / 2))

    def pan(self, views: float) -> None:
        """Go to later times by a part of what is in sight."""
        self.show_view(self.view.panned(views * self.view.width))

    def fit(self) -> None:
        """Show the whole recording."""
        self.show_view(Viewport.whole(self.view.total, self._room()))

    def history_back(self) -> None:
        """Undo the last change of the markers."""
        self.history.undo()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        turned, x = event.angleDelta(), event.position().x() - self._gutter
        if x < 0 or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.scrolled.emit(-(turned.y() or turned.x()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier or turned.x():
            self.show_view(self.view.panned(-(turned.x() or turned.y())))
        else:
            self.show_view(self.view.zoomed(WHEEL_ZOOM ** (turned.y() / WHEEL_STEP), x))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if event.button() != Qt.MouseButton.LeftButton or self.timeline is None:
            return
        self._pressed, self._last_x, self._dragging = event.position(), event.position().x(), False
        self._before = self.history.markers
        self._dragged = self._before.near(self.view, self._last_x - self._gutter, GRAB_PIXELS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        x = event.position().x()
        if self._pressed is None:
            over = self.history.markers.near(self.view, x - self._gutter, GRAB_PIXELS)
            self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
            return
        self._dragging = self._dragging or (event.position() - self._pressed).manhattanLength() >= DRAG_PIXELS
        if not self._dragging:
            return
        if self._dragged is not None:
            self.history.drag(self.history.markers.moved(self._dragged, self._snapped(x - self._gutter)))
            self.update()
        else:
            self.show_view(self.view.panned(self._last_x - x))
        self._last_x = x

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if self._dragging and self._dragged is not None:
            self.history.dropped(self._before)
        elif not self._dragging:
            self._click(event.position())
        self._pressed = self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        hit = self.hit_at(event.position())
        span = self.timeline.span_of(hit) if self.timeline and hit else None
        if span is not None:
            beside = max(1, span.length // 8)
            self.show_view(self.view.between(span.start - beside, span.end + beside))

    def _click(self, position: QPointF) -> None:
        x = position.x() - self._gutter
        if x < 0:
            return
        hit = self.hit_at(position)
        if hit is not None:
            self.hit_chosen.emit(hit)
        self.pointed.emit(min(max(self.view.tick_at(x), 0), self.view.total))

    def hit_at(self, position: QPointF) -> Hit | None:
        """The record under a point."""
        row = self.places.at(position.y() - self.head + self.scroll_top) if position.y() >= self.head else None
        x = position.x() - self._gutter
        if row is None or self.timeline is None or x < 0:
            return None
        return self.timeline.hit(row.row.shows, self.view.tick_at(x), round(HIT_PIXELS * self.view.ticks_per_pixel))

    def _snapped(self, x: float) -> int:
        """The tick nearest to a pixel, or an edge that is near enough."""
        tick = self.view.nearest_tick(x)
        edge = self.stretch.changes.nearest(tick, round(SNAP_PIXELS * self.view.ticks_per_pixel)) if self.stretch else None
        return tick if edge is None else edge

    def tip(self, position: QPointF) -> str:
        """What is said of the record under a point; empty where there is none."""
        hit = self.hit_at(position)
        if hit is None or self.timeline is None:
            return ""
        span, label = self.timeline.span_of(hit), self.timeline.labels.label(hit.layer, hit.no)
        when = f", {time_at(span.start, self.timeline.source.timebase)}" if span else ""
        return f"{hit.layer.removesuffix('s')} {hit.no}{when}: {clean(label.texts[0])}"


def _fonts() -> Fonts:
    small, mono = theme.small_font(), theme.mono_font()
    mono.setPointSizeF(small.pointSizeF())
    return Fonts(small, mono, QFontMetricsF(small), QFontMetricsF(mono))
