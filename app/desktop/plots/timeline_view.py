"""The timeline pane: keeps the drawing on the open recording and on what other panes choose."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollBar, QStackedLayout, QVBoxLayout, QWidget

from app.analysis.power.energies import Energies
from app.analysis.tables.progress import State
from app.analysis.timeline.rows import TraceKey
from app.analysis.timeline.stretch import Stretch, wanted_stretch
from app.analysis.timeline.timeline import Hit, Source, Timeline
from app.desktop.plots.background import Reader
from app.desktop.plots.timeline_canvas import TimelineCanvas
from app.desktop.selection import Record, Selection, SupplyPlace
from decoders.core.span import Span

LEAST_PIXELS = 12
"""A record that takes less is zoomed in on when it is chosen elsewhere."""
MARGIN_VIEWS = 1.0
TELL_MS = 400
"""Between two times at which others are told that more energies are known."""
EMPTY_TEXT = "The lines of a recording and what was said on them appear here over time."


class TimelineView(QWidget):
    """Lanes, annotations and traces of the open recording over time.

    `open_wanted` asks for a recording where there is none; `run_stop_wanted` comes with the space key; `energies_grown` when more is
    known of what records took, which is summed here since the traces are read here.
    """

    open_wanted = Signal()
    run_stop_wanted = Signal()
    energies_grown = Signal()

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = TimelineCanvas()
        self.setFocusProxy(self.canvas)
        self._selection = selection
        self._timeline: Timeline | None = None
        self._own_choice = False
        self._keeps_row = False
        self._reader = Reader(self)
        self._bar = QScrollBar(Qt.Orientation.Vertical)
        self._more = QTimer(self, singleShot=True, interval=0)
        self._sum = QTimer(self, singleShot=True, interval=0)
        self._told = QElapsedTimer()
        self._is_settled = False
        self._place: Span | None = None
        self._pages = self._laid_out()
        self._more.timeout.connect(self.refresh)
        self._sum.timeout.connect(self._sum_up)
        self._reader.stretch_read.connect(self._take_stretch)
        self._reader.trace_grown.connect(self._traces_grew)
        self._bar.valueChanged.connect(self._scroll)
        self._bar.actionTriggered.connect(self._let_go)
        self.canvas.scrolled.connect(self._scroll_by)
        self.canvas.laid_out.connect(self._fit_bar)
        self.canvas.moved.connect(self._read_near)
        self.canvas.hit_chosen.connect(self._choose)
        self.canvas.pointed.connect(selection.point)
        self.canvas.run_stop_wanted.connect(self.run_stop_wanted)
        selection.record_changed.connect(self._show_record)
        selection.supply_shown.connect(self._show_supply)
        selection.cursor_changed.connect(self._show_cursor)

    def set_workspace(self, source: Source | None) -> None:
        """Show another recording, or none."""
        old, self._timeline = self._timeline, Timeline(source) if source is not None else None
        self._more.stop()
        self._sum.stop()
        self._keeps_row = self._is_settled = False
        self._place = None
        self._reader.follow(source, self._timeline.traces if self._timeline else [])
        self.canvas.show_timeline(self._timeline)
        if old is not None:
            old.close()
        self._pages.setCurrentIndex(0 if self._timeline is None else 1)
        self.refresh()

    def refresh(self) -> None:
        """Take in what was decoded meanwhile."""
        if self._timeline is None:
            return
        if self._timeline.refresh():
            self._more.start()
        if self._timeline.source.progress.state is not State.RUNNING and not self._is_settled:
            self._is_settled = True
            self._timeline.energies.settle()
        self._sum.start()
        self.canvas.fit_total()
        self._read_near()
        self._mark_record(self._selection.record)

    @property
    def energies(self) -> Energies | None:
        """What the records of the open recording took; None where none is open."""
        return self._timeline.energies if self._timeline is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether traces are still being read or summed."""
        return self._reader.is_reading_traces or self._sum.isActive()

    def _sum_up(self) -> None:
        """Take a slice of what was read and decoded into the sums, and go on in another turn."""
        if self._timeline is None or not self._timeline.energies.is_wired:
            return
        if self._timeline.energies.advance():
            self._sum.start()
            if self._told.isValid() and self._told.elapsed() < TELL_MS:
                return
        self._told.start()
        self.canvas.update()
        self.energies_grown.emit()

    def close_recording(self) -> None:
        """Let go of the recording before it is closed; waits for what is being read."""
        self.set_workspace(None)

    def _laid_out(self) -> QStackedLayout:
        empty, text, button = QWidget(), QLabel(EMPTY_TEXT), QPushButton("Open a recording…")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setWordWrap(True)
        button.clicked.connect(self.open_wanted)
        below = QVBoxLayout(empty)
        below.addStretch()
        below.addWidget(text)
        below.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
        below.addStretch()
        plot = QWidget()
        beside = QHBoxLayout(plot)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.canvas)
        beside.addWidget(self._bar)
        pages = QStackedLayout(self)
        pages.addWidget(empty)
        pages.addWidget(plot)
        return pages

    def _fit_bar(self) -> None:
        room = max(0, self.canvas.height() - self.canvas.head)
        self._bar.setRange(0, max(0, self.canvas.places.height - room))
        self._bar.setPageStep(max(1, room))
        self._bar.setSingleStep(self.canvas.head // 2)
        self._bar.setVisible(self._bar.maximum() > 0)
        if self._keeps_row:
            self._show_row()

    def _scroll_by(self, pixels: int) -> None:
        self._keeps_row = False
        self._bar.setValue(self._bar.value() + pixels)

    def _scroll(self, pixels: int) -> None:
        self.canvas.scroll_top = pixels
        self.canvas.update()

    def _read_near(self) -> None:
        """Ask for the samples of what is in sight where they are needed and not there."""
        if self._timeline is None:
            return
        view, wiring, annotations = self.canvas.view, self._timeline.source.wiring, self._timeline.annotations
        needed = wanted_stretch(view, annotations, wiring)
        if needed is None or (self.canvas.stretch is not None and self.canvas.stretch.wanted.covers(needed)):
            return
        wider = wanted_stretch(view, annotations, wiring, MARGIN_VIEWS)
        if wider is not None:
            self._reader.want(wider)

    def _take_stretch(self, stretch: Stretch) -> None:
        self.canvas.stretch = stretch
        self.canvas.update()

    def _traces_grew(self) -> None:
        self._sum.start()
        self.canvas.fit_total()

    def _choose(self, hit: Hit) -> None:
        chosen = self._timeline.selectable(hit) if self._timeline is not None else None
        if chosen is not None:
            self._own_choice, self._keeps_row = True, False
            self._selection.select(Record(chosen.layer, chosen.no))
            self._own_choice = False

    def _show_supply(self, place: SupplyPlace) -> None:
        """Show a stretch of a port's current and voltage, unfolded."""
        timeline = self._timeline
        traces = timeline.supply.traces_at(place.port) if timeline is not None else []
        if timeline is None or not traces:
            return
        shown = [TraceKey(trace) for trace in traces]
        self.canvas.fold(self.canvas.folded - {row.group for row in timeline.rows if row.shows in shown})
        self._place = Span(place.start, place.end)
        self._mark_record(self._selection.record)
        self.canvas.show_view(self.canvas.view.showing(self._place, LEAST_PIXELS))
        self._keeps_row = False
        room = self.canvas.height() - self.canvas.head
        for key in (shown[-1], shown[0]):
            self._bar.setValue(self.canvas.places.to_row(key, self._bar.value(), room))

    def _show_record(self, record: Record | None) -> None:
        self._place = None
        self._mark_record(record)
        if self._timeline is None or record is None or self._own_choice or self.canvas.band is None:
            return
        if self._selection.is_first and self.canvas.view.is_whole:
            # A recording that opens is shown whole.
            return
        self.canvas.show_view(self.canvas.view.showing(self.canvas.band, LEAST_PIXELS))
        # Until somebody scrolls, the record stays in sight whatever the pane's height becomes.
        self._keeps_row = True
        self._show_row()

    def _show_row(self) -> None:
        record = self._selection.record
        if self._timeline is None or record is None or self.canvas.band is None:
            return
        strip = self._timeline.strip_of(Hit(record.layer, record.no))
        room = self.canvas.height() - self.canvas.head
        self._bar.setValue(self.canvas.places.scrolled_to(strip, self._bar.value(), room))

    def _let_go(self) -> None:
        """The rows were scrolled by hand."""
        self._keeps_row = False

    def _mark_record(self, record: Record | None) -> None:
        hit = Hit(record.layer, record.no) if record is not None else None
        if self._timeline is None or hit is None:
            self.canvas.choose(set(), self._place)
        else:
            self.canvas.choose(self._timeline.related(hit), self._place or self._timeline.span_of(hit))

    def _show_cursor(self, tick: int) -> None:
        self.canvas.cursor_tick = tick
        if self._timeline is not None and not self._own_choice:
            self.canvas.show_view(self.canvas.view.centred(tick))
        self.canvas.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self.canvas.update()
        super().changeEvent(event)
