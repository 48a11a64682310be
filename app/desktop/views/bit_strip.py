"""Below a dump the bytes of the chosen field as single bits: the chosen ones marked, each to be chosen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.analysis.text.hexdump import bit_text, covering_bytes, letters_of_offset
from app.desktop import theme

MARGIN = 6
CELL_PADDING = 3
HALF_GAP, BYTE_GAP = 4, 14
"""Pixels between the halves of a byte, and between bytes."""
UNDERLINE = 2


class BitStrip(QWidget):
    """As many bytes as fit, from the one that was chosen last; `bit_chosen` carries the bit that was clicked or reached by key."""

    bit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bits")
        self.setAccessibleName("Bits of the chosen field")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(theme.mono_font())
        self._data = b""
        self._marked = (0, 0)
        self._cursor = 0

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(self._bit_x(7) + self._cell + MARGIN, QFontMetrics(self.font()).height() + 12)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(0, self.sizeHint().height())

    @property
    def text(self) -> str:
        """The chosen bits in words, such as `.... 1...`; empty where whole bytes are chosen."""
        return bit_text(self._data, *self._marked) if self._marked[1] else ""

    def show_bits(self, data: bytes, start_bit: int, end_bit: int, byte: int) -> None:
        """Show other bytes with bits [start, end) chosen, and `byte` in any case."""
        self._data, self._marked = data, (start_bit, end_bit)
        is_inside = start_bit <= self._cursor < end_bit and self._cursor // 8 == byte
        self._cursor = self._cursor if is_inside else max(start_bit, byte * 8)
        self.setAccessibleDescription(self.text)
        self.setToolTip("Click a bit to choose its field")
        self.update()

    def place_of(self, bit: int) -> QRect | None:
        """Where a bit is drawn; None for one that is not in sight."""
        at = bit - self._first_byte() * 8
        if not 0 <= at < self._shown_bytes() * 8:
            return None
        return QRect(self._bit_x(at), 4, self._cell, self.height() - 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current()
        painter.fillRect(self.rect(), colors.color("window"))
        painter.setPen(colors.color("line"))
        painter.drawLine(0, 0, self.width(), 0)
        if not self._data:
            return
        painter.setFont(self.font())
        painter.setPen(colors.color("muted"))
        label = QRect(MARGIN, 0, self._bit_x(0), self.height())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, letters_of_offset(self._first_byte()))
        for bit in range(self._first_byte() * 8, (self._first_byte() + self._shown_bytes()) * 8):
            self._paint_bit(painter, bit)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        place = event.position().toPoint()
        for bit in range(self._first_byte() * 8, (self._first_byte() + self._shown_bytes()) * 8):
            rect = self.place_of(bit)
            if rect is not None and rect.adjusted(0, -4, 0, 4).contains(place):
                self._choose(bit)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and 0 <= self._cursor + step < len(self._data) * 8:
            self._choose(self._cursor + step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's name
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's name
        super().focusOutEvent(event)
        self.update()

    def _choose(self, bit: int) -> None:
        self._cursor = bit
        self.update()
        self.bit_chosen.emit(bit)

    def _paint_bit(self, painter: QPainter, bit: int) -> None:
        rect = self.place_of(bit)
        if rect is None:
            return
        colors = theme.current()
        marked = self._marked[0] <= bit < self._marked[1]
        if marked:
            painter.fillRect(rect, colors.color("selection"))
            painter.fillRect(QRect(rect.left(), rect.bottom() + 1 - UNDERLINE, rect.width(), UNDERLINE), colors.color("accent"))
        if bit == self._cursor and self.hasFocus():
            painter.setPen(QPen(colors.color("accent"), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.setPen(colors.color("selection_text" if marked else "muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(self._data[bit // 8] >> (7 - bit % 8) & 1))

    @property
    def _cell(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance("0") + CELL_PADDING

    def _bit_x(self, at: int) -> int:
        """The left edge of the bit that is `at` behind the first one shown; offsets stand before it."""
        left = MARGIN + QFontMetrics(self.font()).horizontalAdvance("0000") + BYTE_GAP
        return left + at * self._cell + at // 4 * HALF_GAP + at // 8 * (BYTE_GAP - HALF_GAP)

    def _fitting(self) -> int:
        return next((count for count in range(8, 1, -1) if self._bit_x(count * 8 - 1) + self._cell + MARGIN <= self.width()), 1)

    def _first_byte(self) -> int:
        first, last = covering_bytes(*self._marked) if self._marked[1] else (self._cursor // 8, self._cursor // 8 + 1)
        return max(first, min(self._cursor // 8, last - self._fitting()))

    def _shown_bytes(self) -> int:
        last = covering_bytes(*self._marked)[1] if self._marked[1] else self._cursor // 8 + 1
        return max(0, min(self._fitting(), last - self._first_byte(), len(self._data) - self._first_byte()))
