"""The bytes pane: hexadecimal and text, with the chosen field marked, a tab for each kind of bytes of the record."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QTabBar, QVBoxLayout, QWidget

from app.analysis.panes.detail import Source
from app.analysis.text.hexdump import HexPage, bit_text, covering_bytes, letters
from app.desktop import theme

MARGIN = 6
EMPTY_TEXT = "Select a packet to see its bytes."


class BytesView(QWidget):
    """Tabs over one dump; `byte_chosen` carries the key of the bytes and the byte that was clicked or reached by key."""

    byte_chosen = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[Source] = []
        self._marked = ("", 0, 0)
        self._tabs = QTabBar(self)
        self._tabs.setAccessibleName("Kinds of bytes")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._dump = HexDump(self)
        self._bits = QLabel(self)
        self._bits.setContentsMargins(MARGIN, 2, MARGIN, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._tabs, self._dump, self._bits):
            layout.addWidget(widget)
        self._tabs.currentChanged.connect(self._show_tab)
        self._dump.byte_chosen.connect(lambda byte: self.byte_chosen.emit(self.current_key, byte))
        self.show_sources([])

    @property
    def current_key(self) -> str:
        """The key of the bytes that are shown; empty where there are none."""
        at = self._tabs.currentIndex()
        return self._sources[at].key if 0 <= at < len(self._sources) else ""

    def show_sources(self, sources: list[Source]) -> None:
        """Show another record's bytes, staying with the kind of bytes that is shown where the record has it."""
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
        self._show_tab()

    def mark(self, key: str, start_bit: int, end_bit: int) -> None:
        """Mark a range of bits and show its tab; an empty range marks nothing."""
        keys = [source.key for source in self._sources]
        self._marked = (key, start_bit, end_bit)
        if key in keys and end_bit > start_bit and self._marked_here() is None:
            self._tabs.setCurrentIndex(keys.index(key))
        else:
            self._show_mark()

    def _show_tab(self) -> None:
        at = self._tabs.currentIndex()
        self._dump.show_data(self._sources[at].data if 0 <= at < len(self._sources) else b"")
        self._show_mark()

    def _show_mark(self) -> None:
        start_bit, end_bit = self._marked_here() or (0, 0)
        self._dump.mark(*covering_bytes(start_bit, end_bit))
        at = self._tabs.currentIndex()
        self._bits.setText(bit_text(self._sources[at].data, start_bit, end_bit) if end_bit else "")
        self._bits.setFont(theme.mono_font())

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
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
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

    def mark(self, first: int, last: int) -> None:
        """Mark bytes [first, last) and bring them into view: where the cursor is among them, else from the first."""
        self._marked = (first, last)
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
            painter.setPen(colors.color("muted"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, EMPTY_TEXT)
            return
        top = self.verticalScrollBar().value()
        for line in range(top, min(self._page.lines, top + self.viewport().height() // self._line_height + 2)):
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
            first, last = self._marked if self._marked[1] > self._marked[0] else (0, len(self._data))
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
    def _char_width(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance("0")

    def _set_bars(self) -> None:
        shown = max(1, (self.viewport().height() - MARGIN) // self._line_height)
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
        painter.drawText(left, baseline, f"{first:04x}")
        text = letters(data)
        for at, byte in enumerate(data):
            hex_x, text_x = (left + column * self._char_width for column in (self._page.hex_column(at), self._page.text_column(at)))
            marked = self._marked[0] <= first + at < self._marked[1]
            if marked:
                self._paint_mark(painter, at, data, first, QPoint(hex_x, y), text_x)
            painter.setPen(colors.color("selection_text" if marked else "text"))
            painter.drawText(hex_x, baseline, f"{byte:02x}")
            painter.drawText(text_x, baseline, text[at])

    def _paint_mark(self, painter: QPainter, at: int, data: bytes, first: int, place: QPoint, text_x: int) -> None:
        """A band that runs on to the next marked byte of the line."""
        color = theme.current().color("selection")
        runs_on = at + 1 < len(data) and first + at + 1 < self._marked[1]
        digits = self._page.hex_column(at + 1) - self._page.hex_column(at) if runs_on else 2
        height = self._line_height - 1
        painter.fillRect(QRect(place.x() - 2, place.y() - 1, digits * self._char_width + (0 if runs_on else 4), height), color)
        painter.fillRect(QRect(text_x, place.y() - 1, self._char_width, height), color)

    def _byte_under(self, place: QPoint) -> int | None:
        column = (place.x() - MARGIN + self.horizontalScrollBar().value()) // self._char_width
        line = (place.y() - MARGIN) // self._line_height + self.verticalScrollBar().value()
        return self._page.byte_at(line, column) if place.y() >= MARGIN else None
