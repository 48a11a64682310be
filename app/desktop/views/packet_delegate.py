"""Draws the cells of the packet list straight from its rows: asking the model for every cell and role would take too long."""

from __future__ import annotations

import qtawesome  # type: ignore[import-untyped]  # the package has no type marks
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.analysis.packet_list.rows import Kind, kind_of
from app.analysis.packet_list.text import COLUMNS, SUPPLY, Column, Protection, RowText
from app.analysis.text.words import SIGNS
from app.desktop import theme
from app.desktop.models.packet_model import NUMBERS, PacketModel
from decoders.core.finding import Severity

MARGIN = 6
ARROW = 14
"""The width in which a packet is folded and unfolded."""
SIGN = 14
ICON = 14
_MONO = frozenset({Column.NO, Column.TIME, Column.DELTA, Column.PORT, Column.SOURCE, Column.DESTINATION, Column.LENGTH, *SUPPLY})
_IDS = frozenset({Column.SOURCE, Column.DESTINATION})
_END = 4
"""Digits at both ends of an ID that tell devices of one house apart, where there is no room for all."""
_ICONS = {Protection.OPEN: "ph.lock-open", Protection.LOCKED: "ph.lock-fill", Protection.SIGNED: "ph.seal"}
_QUIET_WORDS = frozenset({(Column.STATUS, "command"), (Column.SECURITY, str(Protection.OPEN))})
_ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PacketDelegate(QStyledItemDelegate):
    """One for all columns."""

    def __init__(self, model: PacketModel, view: QTableView) -> None:
        super().__init__(view)
        self._model, self._view = model, view
        self.restyle()

    def restyle(self) -> None:
        """Take colours and fonts from the theme that is in force."""
        self._theme = theme.current(self._view)
        self._colors = {name: self._theme.color(name) for name in theme.color_names()}
        self._hatch = QBrush(self._colors["line"], Qt.BrushStyle.BDiagPattern)
        self._guide = QPen(self._colors["edge"], 1)
        self._plain, self._mono = self._view.font(), theme.mono_font()
        self._metrics = {False: QFontMetrics(self._plain), True: QFontMetrics(self._mono)}
        self._digit = self._metrics[True].horizontalAdvance("0")
        self._bold = QFont(self._plain)
        self._bold.setBold(True)
        self._icons: dict[tuple[str, str], QPixmap] = {}
        self._painted = -1

    @property
    def row_height(self) -> int:
        """One and a half lines."""
        return round(max(metrics.height() for metrics in self._metrics.values()) * 1.45)

    def text_width(self, column: Column, text: str) -> int:
        """The width that a cell needs."""
        extra = ARROW + 2 * SIGN if column is Column.NO else ICON + 4 if column is Column.SECURITY else 0
        return self._metrics[column in _MONO].horizontalAdvance(text) + 2 * MARGIN + extra

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        column = COLUMNS[index.column()]
        return QSize(self.text_width(column, self._model.cell(index.row(), column)), self.row_height)

    def forget(self) -> None:
        """Before each painting: rows, selection and focus may have changed."""
        self._painted = -1

    def _begin_row(self, row: int) -> None:
        """What all cells of a row share."""
        self._painted = row
        self._text = self._model.text(row)
        self._kind = kind_of(self._text.code)
        self._selected = self._view.selectionModel().isRowSelected(row)
        self._outlined = self._view.hasFocus() and self._view.currentIndex().row() == row

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        row, section = index.row(), index.column()
        if row != self._painted:
            self._begin_row(row)
        column, text, rect = COLUMNS[section], self._text, option.rect
        if self._selected:
            painter.fillRect(rect, self._colors["selection"])
        elif self._kind is Kind.GAP:
            painter.fillRect(rect, self._hatch)
        if self._outlined:
            self._outline(painter, rect)
        if column is Column.NO:
            rect = self._first(painter, rect, row, text)
        elif column is Column.SECURITY and text.protection:
            rect = self._security(painter, rect, text.protection)
        if (cell := self._model.cell(row, column) if column in SUPPLY else text.cells[section]) and not rect.isNull():
            color = "selection_text" if self._selected else "muted" if text.dim or (column, cell) in _QUIET_WORDS else "text"
            self._write(painter, rect, column, cell, self._colors[color])

    def _write(self, painter: QPainter, rect: QRect, column: Column, cell: str, color: QColor) -> None:
        mono = column in _MONO
        width = rect.width() - 2 * MARGIN
        fits = len(cell) * self._digit <= width if mono else self._metrics[mono].horizontalAdvance(cell) <= width
        if not fits:
            short = f"{cell[:_END]}…{cell[-_END:]}" if column in _IDS else cell
            cell = self._metrics[mono].elidedText(short, Qt.TextElideMode.ElideRight, width)
        painter.setFont(self._mono if mono else self._plain)
        painter.setPen(color)
        align = _ALIGN_RIGHT if column in NUMBERS else _ALIGN_LEFT
        painter.drawText(rect.x() + MARGIN, rect.y(), width, rect.height(), align, cell)

    def _outline(self, painter: QPainter, rect: QRect) -> None:
        painter.setPen(self._colors["accent"])
        painter.drawLine(rect.topLeft(), rect.topRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _first(self, painter: QPainter, rect: QRect, row: int, text: RowText) -> QRect:
        """The arrow or the line down from the packet, the gravest finding, mark and comment; what is left for the number."""
        x, middle = rect.x() + 2, rect.center().y()
        unfolded = self._model.is_unfolded(row)
        if unfolded is not None:
            self._arrow(painter, x + ARROW / 2, middle + 0.5, unfolded=unfolded)
        elif self._kind is Kind.MEMBER:
            painter.setPen(self._guide)
            painter.drawLine(x + ARROW // 2, rect.top(), x + ARROW // 2, middle if self._ends(row) else rect.bottom())
            painter.drawLine(x + ARROW // 2, middle, x + ARROW, middle)
        if text.severity is not None and text.severity > Severity.CHAT:
            name = text.severity.name.lower()
            painter.setFont(self._bold)
            painter.setPen(self._colors[name])
            painter.drawText(x + ARROW, rect.y(), SIGN, rect.height(), Qt.AlignmentFlag.AlignCenter, SIGNS[name])
        note = self._model.note(row)
        if note.marked or note.comment:
            name = "ph.chat-text-fill" if note.comment else "ph.bookmark-simple-fill"
            painter.drawPixmap(x + ARROW + SIGN, middle - ICON // 2, self._icon(name, "marker" if note.marked else "accent"))
        return rect.adjusted(ARROW + 2 * SIGN - MARGIN, 0, 0, 0)

    def _ends(self, row: int) -> bool:
        """Whether a row is the last of its packet's frames."""
        rows = self._model.rows
        return rows is None or row + 1 >= len(rows) or kind_of(int(rows.codes[row + 1])) is not Kind.MEMBER

    def _arrow(self, painter: QPainter, x: float, y: float, *, unfolded: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors["edge"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = ((-4, -2), (4, -2), (0, 3)) if unfolded else ((-2, -4), (-2, 4), (3, 0))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _security(self, painter: QPainter, rect: QRect, protection: Protection) -> QRect:
        """The sign, and the room for the word where there is enough."""
        color = "muted" if protection is Protection.OPEN else "text"
        words = rect.adjusted(ICON + 4, 0, 0, 0)
        is_narrow = words.width() - 2 * MARGIN < self._metrics[False].horizontalAdvance(str(protection))
        left = rect.center().x() - ICON // 2 if is_narrow else rect.x() + MARGIN
        painter.drawPixmap(left, rect.center().y() - ICON // 2, self._icon(_ICONS[protection], color))
        return QRect() if is_narrow else words

    def _icon(self, name: str, color: str) -> QPixmap:
        """A picture, made once for each colour."""
        key = (name, color)
        if key not in self._icons:
            ratio = self._view.devicePixelRatioF()
            self._icons[key] = qtawesome.icon(name, color=self._colors[color]).pixmap(QSize(ICON, ICON), ratio)
        return self._icons[key]
