"""The table that findings, transactions and devices are listed in."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QFontMetrics, QGuiApplication, QKeyEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.analysis.panes.listing import Column, Listing, Target
from app.desktop import theme
from app.desktop.models.list_model import ListModel
from app.desktop.selection import Record, Selection, SupplyPlace
from app.desktop.views.empty_note import EmptyNote
from app.desktop.views.whole_rows import cover_cut_row

PADDING = 4
MARGINS = 2 * PADDING + 10
STYLE = f"""
    QTableView::item {{ padding: 0 {PADDING}px; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ subcontrol-origin: padding; subcontrol-position: center left; width: 9px; }}
"""
LINE_HEIGHT = 1.5
LEAST_LAST = 60
"""Pixels that the last column keeps however narrow the pane is."""


class RecordTable(QTableView):
    """One line a record; `chosen` carries the number of the record whose row the user made current, clicked again or entered.

    Where there are no rows it says what `when_empty` was given.
    """

    chosen = Signal(int)

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._note = EmptyNote(self.viewport())
        self._empty: tuple[str, QAction | None] = ("", None)
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
        self._tell_empty()
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

    @property
    def current(self) -> int | None:
        """The record whose row is current."""
        return self._current

    @property
    def empty_text(self) -> str:
        """What is said while there are no rows."""
        return self._empty[0]

    def when_empty(self, text: str, action: QAction | None = None) -> None:
        """What to say and offer while there are no rows."""
        self._empty = (text, action)
        self._tell_empty()

    def show_number(self, no: int | None) -> None:
        """Make a record's row current and bring it in sight, without choosing it and without the focus; None for no row."""
        if no == self._current and no is not None and self.selectionModel() is not None and self.selectionModel().hasSelection():
            return
        self._current = no
        if self._model is None or (no is not None and self._model.row_of(no) is not None):
            self._restore()
            return
        self.selectionModel().clear()

    def refresh(self) -> None:
        """Take in new records."""
        if self._model is not None:
            self._model.refresh()
        self._tell_empty()
        self.viewport().update()

    def make_anew(self) -> None:
        """More is known of the records that are shown."""
        if self._model is not None:
            self._model.make_anew()

    def rebuild(self) -> None:
        """Another choice of records is to be shown."""
        if self._model is not None:
            self._model.reset()
        self._tell_empty()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        self._leave_out()
        self._show_current()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        self._show_current()

    def _show_current(self) -> None:
        """The row that was made current while there was no room or no sight of it."""
        if self._current is not None and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        super().paintEvent(event)
        cover_cut_row(self, self.verticalHeader().defaultSectionSize())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's name
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self.row_count and not self.currentIndex().isValid():
            # Where keys go on from; nothing is chosen by coming here.
            self.selectionModel().setCurrentIndex(self.model().index(0, 0), QItemSelectionModel.SelectionFlag.NoUpdate)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose(self.currentIndex())
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._copy()
        else:
            super().keyPressEvent(event)

    def _tell_empty(self) -> None:
        text, action = self._empty
        self._note.say("" if self.row_count else text, action)

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
        shown = [at for at in range(len(self._columns)) if not self.isColumnHidden(at)]
        if shown:
            left = self.viewport().width() - sum(self._widths[at] for at in shown[:-1])
            self.setColumnWidth(shown[-1], max(LEAST_LAST, min(left, self._widths[shown[-1]])))


def go_to(selection: Selection, target: Target) -> None:
    """Choose the record that a row is about, or point to its time where there is none."""
    if target.layer:
        selection.select(Record(target.layer, target.no))
    else:
        selection.point(target.tick)
        if target.port is not None:
            selection.supply_shown.emit(SupplyPlace(target.port, target.tick, max(target.end, target.tick + 1)))
