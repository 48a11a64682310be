"""The bytes pane: hexadecimal and text, with the chosen field marked, a tab for each kind of bytes of the record."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QTabBar, QVBoxLayout, QWidget

from app.analysis.panes.detail import Source
from app.analysis.text.hexdump import HexPage, covering_bytes, letters, letters_of_offset
from app.desktop import theme
from app.desktop.views.bit_strip import BitStrip
from app.desktop.views.empty_note import EmptyNote

MARGIN = 6


class BytesView(QWidget):
    """Tabs over one dump, and the chosen field's bits below it.

    `bit_chosen` carries the key of the bytes and the bit that was clicked or reached by key, of a byte its first.
    """

    bit_chosen = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[Source] = []
        self._marked = ("", 0, 0)
        self._tabs = QTabBar(self)
        self._tabs.setAccessibleName("Kinds of bytes")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._dump = HexDump(self)
        self._note = EmptyNote(self._dump.viewport())
        self._bits = BitStrip(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._tabs, self._dump, self._bits):
            layout.addWidget(widget)
        self._tabs.currentChanged.connect(self._show_tab)
        self._dump.byte_chosen.connect(lambda byte: self.bit_chosen.emit(self.current_key, byte * 8))
        self._bits.bit_chosen.connect(self._choose_bit)
        self.show_sources([])

    @property
    def current_key(self) -> str:
        """The key of the bytes that are shown; empty where there are none."""
        at = self._tabs.currentIndex()
        return self._sources[at].key if 0 <= at < len(self._sources) else ""

    def when_empty(self, text: str, action: QAction | None = None) -> None:
        """What to say and offer while there are no bytes."""
        self._note.say("" if self._sources else text, action)

    def show_sources(self, sources: list[Source]) -> None:
        """Show another record's bytes, staying with the kind of bytes that is shown where the record has it."""
        self._set_sources(sources)
        self._show_tab()

    def show_more(self, sources: list[Source]) -> None:
        """Show what has come of the same record's bytes, from the place that is in sight."""
        key = self.current_key
        self._set_sources(sources)
        if self.current_key == key:
            self._dump.show_more(self._data)
            self._show_mark()
        else:
            self._show_tab()

    def _set_sources(self, sources: list[Source]) -> None:
        key = self.current_key
        self._sources = sources
        self._tabs.blockSignals(True)  # Qt's signature
        while self._tabs.count():
            self._tabs.removeTab(0)
        for source in sources:
            self._tabs.addTab(source.title)
        keys = [source.key for source in sources]
        self._tabs.setCurrentIndex(keys.index(key) if key in keys else 0)
        self._tabs.blockSignals(False)  # Qt's signature
        self._bits.setVisible(bool(sources))
        self._tabs.setVisible(bool(sources))

    def mark(self, key: str, start_bit: int, end_bit: int) -> None:
        """Mark a range of bits and show its tab; an empty range marks nothing."""
        keys = [source.key for source in self._sources]
        self._marked = (key, start_bit, end_bit)
        if key in keys and end_bit > start_bit and self._marked_here() is None:
            self._tabs.setCurrentIndex(keys.index(key))
        else:
            self._show_mark()

    def _show_tab(self) -> None:
        self._dump.show_data(self._data)
        self._show_mark()

    @property
    def _data(self) -> bytes:
        at = self._tabs.currentIndex()
        return self._sources[at].data if 0 <= at < len(self._sources) else b""

    def _choose_bit(self, bit: int) -> None:
        self._dump.stand_on(bit // 8)
        self.bit_chosen.emit(self.current_key, bit)

    def _show_mark(self) -> None:
        start_bit, end_bit = self._marked_here() or (0, 0)
        self._dump.mark(start_bit, end_bit)
        self._bits.show_bits(self._data, start_bit, end_bit, self._dump.byte)

    def _marked_here(self) -> tuple[int, int] | None:
        """The marked bits, counted from the first of the bytes that are shown; None where they lie elsewhere."""
        at = self._tabs.currentIndex()
        key, start_bit, end_bit = self._marked
        if not 0 <= at < len(self._sources) or end_bit <= start_bit:
            return None
        here = self._sources[at]
        if here.key == key:
            return start_bit, end_bit
        inside = here.within == key and here.at_bit <= start_bit and end_bit <= here.at_bit + len(here.data) * 8
        return (start_bit - here.at_bit, end_bit - here.at_bit) if inside else None


class HexDump(QAbstractScrollArea):
    """Draws the lines of a dump that are in view."""

    byte_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bytes")
        self.setAccessibleName("Bytes")
        self._data = b""
        self._page = HexPage(0)
        self._marked = (0, 0)
        self._cursor = 0
        self.setFont(theme.mono_font())

    def show_data(self, data: bytes) -> None:
        """Show other bytes, from the first."""
        self._data, self._page = data, self._fitting(len(data))
        self._marked, self._cursor = (0, 0), 0
        self._set_bars()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    def show_more(self, data: bytes) -> None:
        """Show other bytes in place of these, from the place that is in sight."""
        self._data, self._page = data, self._fitting(len(data))
        self._cursor = min(self._cursor, max(0, len(data) - 1))
        self._set_bars()
        self.viewport().update()

    @property
    def byte(self) -> int:
        """The byte that keys go on from."""
        return self._cursor

    def stand_on(self, byte: int) -> None:
        """Go on from a byte without choosing it."""
        self._cursor = byte

    def mark(self, start_bit: int, end_bit: int) -> None:
        """Mark bits [start, end) and bring their bytes into view: where the cursor is among them, else from the first."""
        if (start_bit, end_bit) == self._marked:
            return
        self._marked = (start_bit, end_bit)
        first, last = covering_bytes(start_bit, end_bit)
        if last > first:
            self._cursor = self._cursor if first <= self._cursor < last else first
            line, bar = self._cursor // self._page.per_line, self.verticalScrollBar()
            if not bar.value() <= line < bar.value() + max(1, bar.pageStep()):
                bar.setValue(max(0, line - 1))
        self.viewport().update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self.viewport())
        colors = theme.current()
        painter.setFont(self.font())
        painter.fillRect(self.viewport().rect(), colors.color("window"))
        if not self._data:
            return
        top = self.verticalScrollBar().value()
        for line in range(top, min(self._page.lines, top + self._whole_lines)):
            self._paint_line(painter, line, (line - top) * self._line_height + MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        top = self.verticalScrollBar().value() * self._page.per_line
        self._page = self._fitting(len(self._data))
        self._set_bars()
        self.verticalScrollBar().setValue(top // self._page.per_line)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        byte = self._byte_under(event.position().toPoint())
        if byte is not None:
            self._cursor = byte
            self.byte_chosen.emit(byte)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._page.per_line,
            Qt.Key.Key_Down: self._page.per_line,
        }
        key = Qt.Key(event.key())
        if key in steps and 0 <= self._cursor + steps[key] < len(self._data):
            self._cursor += steps[key]
            self.byte_chosen.emit(self._cursor)
        elif key == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            first, last = covering_bytes(*self._marked) if self._marked[1] > self._marked[0] else (0, len(self._data))
            QGuiApplication.clipboard().setText(self._data[first:last].hex(" "))
        else:
            super().keyPressEvent(event)

    def _fitting(self, size: int) -> HexPage:
        """The page that needs no sideways scrolling, if there is one."""
        return HexPage.fitting(size, (self.viewport().width() - 2 * MARGIN) // self._char_width)

    @property
    def _line_height(self) -> int:
        return QFontMetrics(self.font()).height() + 3

    @property
    def _whole_lines(self) -> int:
        return max(1, (self.viewport().height() - MARGIN) // self._line_height)

    @property
    def _char_width(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance("0")

    def _set_bars(self) -> None:
        shown = self._whole_lines
        self.verticalScrollBar().setPageStep(shown)
        self.verticalScrollBar().setRange(0, max(0, self._page.lines - shown))
        width = self._page.columns * self._char_width + 2 * MARGIN
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.horizontalScrollBar().setRange(0, max(0, width - self.viewport().width()) if self._data else 0)

    def _paint_line(self, painter: QPainter, line: int, y: int) -> None:
        colors = theme.current()
        left = MARGIN - self.horizontalScrollBar().value()
        first = line * self._page.per_line
        data = self._data[first : first + self._page.per_line]
        baseline = y + QFontMetrics(self.font()).ascent()
        painter.setPen(colors.color("muted"))
        painter.drawText(left, baseline, letters_of_offset(first))
        marked_first, marked_last = covering_bytes(*self._marked)
        text = letters(data)
        for at, byte in enumerate(data):
            hex_x, text_x = (left + column * self._char_width for column in (self._page.hex_column(at), self._page.text_column(at)))
            marked = marked_first <= first + at < marked_last
            if marked:
                runs_on = at + 1 < len(data) and first + at + 1 < marked_last
                self._paint_mark(painter, at, QPoint(hex_x, y), text_x, runs_on=runs_on)
                self._paint_bits(painter, first + at, QPoint(hex_x, y + self._line_height - 1))
            painter.setPen(colors.color("selection_text" if marked else "text"))
            painter.drawText(hex_x, baseline, f"{byte:02x}")
            painter.drawText(text_x, baseline, text[at])

    def _paint_bits(self, painter: QPainter, byte: int, place: QPoint) -> None:
        """Below a byte of which only some bits are marked, eight parts of a line with those bits set off."""
        start, end = max(self._marked[0], byte * 8) - byte * 8, min(self._marked[1], byte * 8 + 8) - byte * 8
        if end - start == 8:
            return
        colors, width = theme.current(), 2 * self._char_width
        painter.fillRect(QRect(place.x(), place.y() - 1, width, 1), colors.color("edge"))
        left, right = start * width // 8, end * width // 8
        painter.fillRect(QRect(place.x() + left, place.y() - 3, max(1, right - left), 3), colors.color("accent"))

    def _paint_mark(self, painter: QPainter, at: int, place: QPoint, text_x: int, *, runs_on: bool) -> None:
        """A band that runs on to the next marked byte of the line."""
        color = theme.current().color("selection")
        digits = self._page.hex_column(at + 1) - self._page.hex_column(at) if runs_on else 2
        height = self._line_height - 1
        painter.fillRect(QRect(place.x() - 2, place.y() - 1, digits * self._char_width + (0 if runs_on else 4), height), color)
        painter.fillRect(QRect(text_x, place.y() - 1, self._char_width, height), color)

    def _byte_under(self, place: QPoint) -> int | None:
        column = (place.x() - MARGIN + self.horizontalScrollBar().value()) // self._char_width
        line = (place.y() - MARGIN) // self._line_height + self.verticalScrollBar().value()
        return self._page.byte_at(line, column) if place.y() >= MARGIN else None
