"""A list of records as a Qt table: rows are formatted when they come into view, and come in where they belong while it grows."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.analysis.panes.listing import Listing, Numbers, Row, insertions
from app.desktop import theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
SEVERITY_COLORS = ("chat", "note", "warning", "error")
MOST_CACHED = 512
NONE: Numbers = np.empty(0, np.int64)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ListModel(QAbstractTableModel):
    """Shows a `Listing`; `refresh` takes in what came since."""

    def __init__(self, listing: Listing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listing = listing
        self._order = NONE
        self._rows: dict[int, Row] = {}
        self._mono = theme.mono_font()
        self.refresh()

    def refresh(self) -> None:
        """Show what the tables hold now; rows that stay keep their selection."""
        order = self._listing.order()
        runs = insertions(self._order, order)
        if runs is None:
            self.reset(order)
            return
        self._rows.clear()
        for at, count in runs:
            self.beginInsertRows(QModelIndex(), at, at + count - 1)
            self._order = np.concatenate([self._order[:at], order[at : at + count], self._order[at:]])
            self.endInsertRows()
        self.make_anew()

    def make_anew(self) -> None:
        """More is known of the rows that are there."""
        self._rows.clear()
        if len(self._order):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self._listing.columns) - 1))

    def reset(self, order: Numbers | None = None) -> None:
        """Show another choice or order of rows."""
        self.beginResetModel()
        self._order = self._listing.order() if order is None else order
        self._rows.clear()
        self.endResetModel()

    def number(self, row: int) -> int | None:
        """The record in a row."""
        return int(self._order[row]) if 0 <= row < len(self._order) else None

    def row_of(self, no: int) -> int | None:
        """Where a record stands."""
        found = np.flatnonzero(self._order == no)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's signature
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's signature
        return 0 if parent.isValid() else len(self._listing.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802  # Qt's name
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._listing.columns):
            return None
        if role == Role.TextAlignmentRole:
            return RIGHT if self._listing.columns[section].right else LEFT
        return self._listing.columns[section].title if role == Role.DisplayRole else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        right = self._listing.columns[index.column()].right
        if role == Role.TextAlignmentRole:
            return RIGHT if right else LEFT
        if role == Role.FontRole:
            return self._mono if right else None
        return self._shown(self._row(index.row()), index.column(), role)

    def _shown(self, row: Row, column: int, role: int) -> Any:
        if role == Role.DisplayRole:
            return row.cells[column]
        if role == Role.ToolTipRole:
            return row.tip or None
        if role == Role.ForegroundRole and row.severity is not None and column in row.marked:
            return theme.current().color(SEVERITY_COLORS[row.severity])
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self._listing.columns) and self._listing.columns[column].sorts:
            self._listing.sort_by(column, descending=order is Qt.SortOrder.DescendingOrder)
            self.reset()

    def _row(self, row: int) -> Row:
        if row not in self._rows:
            if len(self._rows) >= MOST_CACHED:
                self._rows.clear()
            self._rows[row] = self._listing.row(int(self._order[row]))
        return self._rows[row]
