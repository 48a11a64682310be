"""The table that findings, transactions and devices are listed in."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.analysis.panes.listing import Column, Listing, Target
from app.desktop import theme
from app.desktop.models.list_model import ListModel
from app.desktop.selection import Record, Selection

PADDING = 4
MARGINS = 2 * PADDING + 10
STYLE = f"""
    QTableView::item {{ padding: 0 {PADDING}px; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ subcontrol-origin: padding; subcontrol-position: center left; width: 9px; }}
"""
LINE_HEIGHT = 1.5


class RecordTable(QTableView):
    """One line a record; `chosen` carries the number of the record whose row the user made current, clicked again or entered.

    Where there are no rows it says `empty_text`.
    """

    chosen = Signal(int)

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.empty_text = ""
        self._model: ListModel | None = None
        self._current: int | None = None
        self._quiet = False
        self._columns: tuple[Column, ...] = ()
        self._widths: list[int] = []
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setStyleSheet(STYLE)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(round(QFontMetrics(theme.mono_font()).height() * LINE_HEIGHT))
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.clicked.connect(self._choose)

    def show_listing(self, listing: Listing | None) -> None:
        """Show another list, or none."""
        self._columns = ()
        old, self._model, self._current = self._model, None, None
        self._model = None if listing is None else ListModel(listing, self)
        self.setModel(self._model)
        if old is not None:
            old.deleteLater()
        if self._model is None or listing is None:
            return
        self._fit_columns(listing)
        self._model.modelReset.connect(self._restore)
        # Not the current row: the table makes its first one current as soon as it gets the focus.
        self.selectionModel().selectionChanged.connect(self._choose_selected)
        sorts = any(column.sorts for column in listing.columns)
        self.horizontalHeader().setSectionsClickable(sorts)
        self.horizontalHeader().setSortIndicatorShown(sorts)
        if sorts:
            self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
            self.horizontalHeader().sortIndicatorChanged.connect(self._model.sort)

    @property
    def row_count(self) -> int:
        return self._model.rowCount() if self._model is not None else 0

    def show_number(self, no: int) -> None:
        """Make a record's row current without choosing it."""
        self._current = no
        self._restore()

    def refresh(self) -> None:
        """Take in new records."""
        if self._model is not None:
            self._model.refresh()
        self.viewport().update()

    def rebuild(self) -> None:
        """Another choice of records is to be shown."""
        if self._model is not None:
            self._model.reset()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        self._leave_out()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        super().paintEvent(event)
        if self._model is None or not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.current().color("muted"))
            inside = self.viewport().rect().adjusted(12, 12, -12, -12)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose(self.currentIndex())
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._copy()
        else:
            super().keyPressEvent(event)

    def _choose_selected(self) -> None:
        for index in () if self._quiet else self.selectionModel().selectedRows():
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        number = self._model.number(index.row()) if self._model is not None and index.isValid() else None
        if number is not None:
            self._current = number
            self.chosen.emit(number)

    def _restore(self) -> None:
        """After a reset the row that was current is so again, without being chosen anew."""
        row = self._model.row_of(self._current) if self._model is not None and self._current is not None else None
        if row is None or self._model is None:
            return
        self._quiet = True
        self.setCurrentIndex(self._model.index(row, 0))
        self._quiet = False

    def _copy(self) -> None:
        row, model = self.currentIndex().row(), self._model
        if model is not None and model.number(row) is not None:
            cells = (model.data(model.index(row, column)) for column in range(model.columnCount()))
            QGuiApplication.clipboard().setText("\t".join(cells))

    def _fit_columns(self, listing: Listing) -> None:
        plain, mono = QFontMetrics(self.font()), QFontMetrics(theme.mono_font())
        self._widths = []
        for at, column in enumerate(listing.columns):
            metrics = mono if column.right else plain
            arrow = 16 if column.sorts else 0
            width = max(metrics.horizontalAdvance(column.sample), plain.horizontalAdvance(column.title) + arrow)
            self._widths.append(width + MARGINS)
            self.setColumnWidth(at, width + MARGINS)
        self._columns = listing.columns
        self._leave_out()

    def _leave_out(self) -> None:
        """Hide what matters less where there is no room for all columns."""
        over = sum(self._widths) - self.viewport().width()
        ranked = sorted((column.spare, at) for at, column in enumerate(self._columns) if column.spare)
        for _, at in ranked:
            self.setColumnHidden(at, over > 0)
            over -= self._widths[at]


def go_to(selection: Selection, target: Target) -> None:
    """Choose the record that a row is about, or point to its time where there is none."""
    if target.layer:
        selection.select(Record(target.layer, target.no))
    else:
        selection.point(target.tick)
