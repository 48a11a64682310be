"""The table of the packet list: keys, mouse and copying; what a row means is the model's."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.analysis.packet_list.text import COLUMNS, Column
from app.analysis.text.words import count_text
from app.desktop.models.packet_model import TITLES, PacketModel
from app.desktop.views.packet_delegate import ARROW, PacketDelegate
from app.desktop.views.packet_header import PacketHeader
from app.desktop.views.whole_rows import cover_cut_row

MOST_COPIED = 1_000
_ASCII = str.maketrans({"▸": ">", "◂": "<", "µ": "u", "…": "...", "−": "-", "\u2009": " ", "–": "-", "Δ": "d"})


class PacketView(QTableView):
    """A flat list of rows; whole rows are selected."""

    def __init__(self, model: PacketModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("packet-list")
        self.setAccessibleName("Packets")
        self._model = model
        self.setModel(model)
        self.header = PacketHeader(self)
        self.setHorizontalHeader(self.header)
        self.delegate = PacketDelegate(model, self)
        self.setItemDelegate(self.delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self._prepare_headers()

    def _prepare_headers(self) -> None:
        vertical, horizontal = self.verticalHeader(), self.header
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setMinimumSectionSize(1)
        vertical.setDefaultSectionSize(self.delegate.row_height)
        horizontal.setHighlightSections(False)
        # With the table's own selection a header asks of every row whether it is selected: 18 s for a million rows.
        for header in (vertical, horizontal):
            header.setSelectionModel(QItemSelectionModel(self._model, header))

    def restyle(self) -> None:
        """Take on another theme or font."""
        self.delegate.restyle()
        self.verticalHeader().setDefaultSectionSize(self.delegate.row_height)
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's names, here and below
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange} and hasattr(
            self, "delegate"
        ):
            self.restyle()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self.delegate.forget()
        super().paintEvent(event)
        cover_cut_row(self, self.delegate.row_height)

    # Places

    def go_to_row(self, row: int) -> None:
        """Make a row current, in sight and alone selected."""
        index = self._model.index(row, max(self.currentIndex().column(), 0))
        # Not setCurrentIndex, which would add to the selection while Ctrl is held for a shortcut.
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    @property
    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(bottom - top + 1 for top, bottom in self._selected_parts())

    def selected_rows(self, most: int) -> list[int]:
        """The first so many selected rows in order."""
        rows: list[int] = []
        for top, bottom in self._selected_parts():
            rows += range(top, min(bottom + 1, top + most - len(rows)))
        return rows

    def _selected_parts(self) -> list[tuple[int, int]]:
        """The first and the last row of each part of the selection, in order."""
        selection = self.selectionModel().selection()
        parts = (selection.at(place) for place in range(selection.count()))
        return sorted({(part.top(), part.bottom()) for part in parts})

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif not self._fold_by_key(event.key(), event.modifiers()):
            super().keyPressEvent(event)

    def _fold_by_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        shift = modifiers == Qt.KeyboardModifier.ShiftModifier
        row = self.currentIndex().row()
        if key not in {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End} or not self._model.rowCount():
            return False
        if modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and shift:
            self.unfold_all(unfolded=key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Right and row >= 0:
            self._model.unfold(row)
        elif key == Qt.Key.Key_Left and row >= 0:
            self._fold_or_go_up(row)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End} and not shift:
            self.go_to_row(0 if key == Qt.Key.Key_Home else self._model.rowCount() - 1)
        else:
            return False
        return True

    def _fold_or_go_up(self, row: int) -> None:
        owner = self._model.rows.owner(row) if self._model.rows else row
        if owner != row:
            self.go_to_row(owner)
        else:
            self._model.fold(row)

    def unfold_all(self, *, unfolded: bool) -> None:
        """Show the frames of all packets or of none, with the current record where it was on the screen."""
        record = self._model.record(self.currentIndex().row())
        self._model.unfold_all(unfolded=unfolded)
        row = self._model.row_of(record) if record else None
        if row is not None:
            self.go_to_row(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.position().toPoint())
        on_arrow = (
            index.isValid()
            and COLUMNS[index.column()] is Column.NO
            and event.button() == Qt.MouseButton.LeftButton
            and event.position().x() < self.visualRect(index).x() + ARROW + 2
        )
        if not on_arrow or self._model.is_unfolded(index.row()) is None:
            super().mousePressEvent(event)
        elif not self._model.unfold(index.row()):
            self._model.fold(index.row())

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Nothing: Qt would ask every row for its text."""

    # Copying

    def copied_text(self) -> str:
        """The selected rows in plain ASCII, shown columns in their order, tabs between; the last line says where there are more."""
        header = self.horizontalHeader()
        sections = [header.logicalIndex(place) for place in range(header.count())]
        sections = [section for section in sections if not header.isSectionHidden(section)]
        lines = ["\t".join(TITLES[section] for section in sections)]
        for row in self.selected_rows(MOST_COPIED):
            lines.append("\t".join(self._model.cell(row, COLUMNS[section]) for section in sections))
        more = self.selected_count - MOST_COPIED
        lines += [f"({count_text(more, 'more row')} selected, not copied)"] if more > 0 else []
        return "\n".join(lines).translate(_ASCII).encode("ascii", "backslashreplace").decode()

    def copy(self) -> None:
        """Put the selected rows on the clipboard."""
        if self.selectionModel().hasSelection():
            QGuiApplication.clipboard().setText(self.copied_text())
