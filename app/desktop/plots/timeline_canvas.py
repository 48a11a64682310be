"""The drawing of the timeline, and what keys and the pointer do to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.analysis.timeline.annotations import StripKey
from app.analysis.timeline.lanes import Lane
from app.analysis.timeline.markers import MarkerHistory, Markers, Name, time_at
from app.analysis.timeline.pulses import Pulse, seen_pulse, snapped
from app.analysis.timeline.rows import Placed, RowPlaces, folded_at_first, folded_rows, placed
from app.analysis.timeline.stretch import Stretch
from app.analysis.timeline.timeline import Hit, Timeline
from app.analysis.timeline.viewport import Viewport
from app.desktop import theme
from app.desktop.plots.gutter import gutter_width, line_height, name_of
from app.desktop.plots.scene import Scene, fonts
from app.desktop.plots.scene_painting import paint_scene
from app.desktop.plots.timeline_keys import is_in, key_table
from app.desktop.plots.timeline_menu import timeline_menu
from decoders.core.span import Span

GROUP_GAP = 8
DRAG_PIXELS = 4
GRAB_PIXELS = 5
SNAP_PIXELS = 5
HIT_PIXELS = 3
WHEEL_STEP = 120
WHEEL_ZOOM = 0.8


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
        self._chosen_spans: dict[StripKey, list[Span]] = {}
        self.band: Span | None = None
        self.cursor_tick = 0
        self.scroll_top = 0
        self.places = RowPlaces()
        self._gutter = 0
        self._pressed: QPointF | None = None
        self._dragged: Name | None = None
        self._dragging = False
        self._before = Markers()
        self._last = QPointF()
        self._fonts = fonts()
        self.folded: frozenset[str] = frozenset()
        self.is_comfortable = False
        self.is_log = True
        self._pointer: QPointF | None = None
        self._on_key = key_table(self)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(800, 260)

    @property
    def head(self) -> int:
        """How high markers and axis are together."""
        return 2 * line_height(self._fonts)

    @property
    def gutter(self) -> int:
        """How wide the names are."""
        return self._gutter

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show all of a recording, or nothing."""
        self.timeline = timeline
        self.history, self.stretch = MarkerHistory(), None
        self.choose(set(), None)
        self.cursor_tick = self.scroll_top = 0
        self.folded = folded_at_first(timeline.rows) if timeline else frozenset()
        self._lay_out()
        self.show_view(Viewport.whole(timeline.total if timeline else 1, self.width() - self._gutter))

    def show_view(self, view: Viewport) -> None:
        """Show another stretch."""
        self.view = view
        self.moved.emit()
        self.update()

    def choose(self, hits: set[Hit], band: Span | None) -> None:
        """Mark records, and with a band through all rows the stretch that is meant."""
        if hits != self.chosen or band != self.band:
            self.chosen, self.band = hits, band
            self._chosen_spans = self.timeline.chosen_spans(hits) if self.timeline else {}
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
            paint_scene(painter, self._scene(self.timeline, colors))
        if self.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _scene(self, timeline: Timeline, colors: theme.Theme) -> Scene:
        pointer, pointed = self._pointer, None
        is_over = pointer is not None and pointer.x() >= self._gutter and self._pressed is None
        if pointer is not None and is_over:
            pointed = self._row_at(pointer)
        return Scene(
            timeline=timeline,
            view=self.view,
            stretch=self.stretch,
            theme=colors,
            fonts=self._fonts,
            width=self.width(),
            height=self.height(),
            gutter=self._gutter,
            line=line_height(self._fonts),
            places=self.places,
            scroll_top=self.scroll_top,
            folded=self.folded,
            is_log=self.is_log,
            chosen=self.chosen,
            chosen_spans=self._chosen_spans,
            band=self.band,
            cursor=self.cursor_tick,
            markers=self.history.markers,
            pointer=self.view.tick_at(pointer.x() - self._gutter) if pointer is not None and is_over else None,
            pointed=pointed,
            pulse=self.pulse_at(pointer) if pointer is not None and is_over else None,
        )

    def _room(self) -> int:
        return max(1, self.width() - self._gutter)

    def _lay_out(self) -> None:
        rows = folded_rows(self.timeline.rows, self.folded, self.timeline.supply.currents) if self.timeline else []
        self.places = placed(rows, line_height(self._fonts, comfortable=self.is_comfortable), GROUP_GAP)
        time = self._fonts.small_metrics.horizontalAdvance(time_at(0, self.timeline.source.timebase)) if self.timeline else 0.0
        self._gutter = gutter_width(self._fonts, self.places, time, self.width())
        self.laid_out.emit()

    def fold(self, titles: frozenset[str]) -> None:
        """Fold these groups of rows and unfold all others."""
        self.folded = titles
        self._lay_out()
        self.fit_total()

    def make_comfortable(self, comfortable: bool) -> None:  # noqa: FBT001  # a signal's argument
        """Higher rows, or as many as fit."""
        self.is_comfortable = comfortable
        self._lay_out()
        self.fit_total()

    def scale_currents(self, is_log: bool) -> None:  # noqa: FBT001  # a signal's argument
        """Show currents on a logarithmic scale, on which microamperes are seen beside milliamperes, or on a linear one."""
        self.is_log = is_log
        self.update()

    # What is done to it.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        self._lay_out()
        self.fit_total()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.ApplicationFontChange}:
            self._fonts = fonts()
            self._lay_out()
            self.fit_total()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and is_in(self._on_key, event):
            # The focused plot comes before the window's shortcuts.
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if self.timeline is None or not is_in(self._on_key, event):
            super().keyPressEvent(event)
            return
        self._on_key[Qt.Key(event.key())]()
        self.update()

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
        self._pressed = self._last = event.position()
        self._dragging = False
        self._before = self.history.markers
        self._dragged = self._before.near(self.view, self._last.x() - self._gutter, GRAB_PIXELS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        self._pointer = event.position()
        if self._pressed is None:
            self._hover(event.position())
            return
        self._dragging = self._dragging or (event.position() - self._pressed).manhattanLength() >= DRAG_PIXELS
        if not self._dragging:
            return
        if self._dragged is not None:
            is_far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.history.drag(self.history.markers.moved(self._dragged, self.snapped_tick(event.position(), is_far=is_far)))
            self.update()
        else:
            self.show_view(self.view.panned(self._last.x() - event.position().x()))
            self.scrolled.emit(round(self._last.y() - event.position().y()))
        self._last = event.position()

    def _hover(self, position: QPointF) -> None:
        x = position.x() - self._gutter
        over = self.history.markers.near(self.view, x, GRAB_PIXELS) if x >= 0 else None
        if over:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._title_at(position) or self.hit_at(position) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        self._pointer = None
        self.update()
        super().leaveEvent(event)

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
        if hit is not None:
            self.zoom_to(hit)
        elif event.position().x() < self._gutter:
            # The second click of two quick ones on an arrow.
            self.mousePressEvent(event)

    def zoom_to(self, hit: Hit) -> None:
        """Show a record with a little of what is beside it."""
        span = self.timeline.span_of(hit) if self.timeline else None
        if span is not None:
            beside = max(1, span.length // 8)
            self.show_view(self.view.between(span.start - beside, span.end + beside))

    def _click(self, position: QPointF) -> None:
        x = position.x() - self._gutter
        title = self._title_at(position)
        if title:
            self.fold(self.folded ^ {title})
        if x < 0:
            return
        hit = self.hit_at(position)
        if hit is not None:
            self.hit_chosen.emit(hit)
        self.pointed.emit(min(max(self.view.tick_at(x), 0), self.view.total))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's name
        if self.timeline is not None:
            timeline_menu(self, self.timeline, QPointF(event.pos())).popup(event.globalPos())

    def mark(self, markers: Markers) -> None:
        """Set the markers; can be undone."""
        self.history.change(markers)
        self.update()

    def _row_at(self, position: QPointF) -> Placed | None:
        return self.places.at(position.y() - self.head + self.scroll_top) if position.y() >= self.head else None

    def _title_at(self, position: QPointF) -> str:
        """The group whose arrow or title is under a point; empty where none is."""
        row = self._row_at(position)
        if row is None or not 0 <= position.x() < self._gutter:
            return ""
        first = row.opens or self.places.at(self.scroll_top) is row
        return row.row.group if first and position.x() < self._gutter / 2 else ""

    def hit_at(self, position: QPointF) -> Hit | None:
        """The record under a point."""
        row, x = self._row_at(position), position.x() - self._gutter
        if row is None or self.timeline is None or x < 0:
            return None
        return self.timeline.hit(row.row.shows, self.view.tick_at(x), round(HIT_PIXELS * self.view.ticks_per_pixel))

    def pulse_at(self, position: QPointF) -> tuple[Lane, Pulse] | None:
        """What a logic lane does under a point, near enough to see its edges."""
        row, x = self._row_at(position), position.x() - self._gutter
        shows = row.row.shows if row is not None else None
        if not isinstance(shows, Lane) or self.stretch is None or x < 0:
            return None
        pulse = seen_pulse(self.stretch.changes, shows.channel, self.view, x)
        return (shows, pulse) if pulse is not None else None

    def snapped_tick(self, position: QPointF, *, is_far: bool) -> int:
        """The tick nearest to a point, or an edge that is near enough or asked for: of the lane there, else of any."""
        row = self._row_at(position)
        channel = row.row.shows.channel if row is not None and isinstance(row.row.shows, Lane) else None
        within = None if is_far else round(SNAP_PIXELS * self.view.ticks_per_pixel)
        tick = self.view.nearest_tick(position.x() - self._gutter)
        return snapped(self.stretch.changes if self.stretch else None, tick, within, channel)

    def tip(self, position: QPointF) -> str:
        """What is said of the record under a point, or a row's whole name; empty where there is none."""
        if self.timeline is None:
            return ""
        hit = self.hit_at(position)
        if hit is not None:
            return self.timeline.tip(hit)
        row = self._row_at(position)
        return f"{row.row.group}: {name_of(row)}" if row is not None and position.x() < self._gutter else ""
