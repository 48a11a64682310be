"""What the profile corrects of the shipped one, what is still a placeholder, and marking a statement as confirmed by a source."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.analysis.fit.corrections import Correction, Statement, confirmed, corrections, placeholders
from app.analysis.text.words import clean, count_text
from decoders.core.toml_lines import Path

MARGIN = 6
PATH_ROLE = Qt.ItemDataRole.UserRole
SOURCE_HINT = "Source, such as: spec 1.2 §4"
CONFIRM_TIP = "Give the chosen placeholders this source instead of “P” (Enter)"


class ProfileCorrections(QWidget):
    """Two lists; `chosen` carries the path to go to, `confirm_wanted` the edits that confirm what is chosen."""

    chosen = Signal(object)
    confirm_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._statements: dict[Path, Statement] = {}
        self._items: list[QTreeWidgetItem] = []
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("profile-corrections")
        self.tree.setAccessibleName("Corrections and placeholders")
        self.tree.setHeaderLabels(["Statement", "Was", "Is"])
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setUniformRowHeights(True)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.corrected = QTreeWidgetItem(self.tree, [""])
        self.open = QTreeWidgetItem(self.tree, [""])
        for item in (self.corrected, self.open):
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.setExpanded(True)
        self.source = QLineEdit(self)
        self.source.setPlaceholderText(SOURCE_HINT)
        self.source.setAccessibleName("Source of the chosen statements")
        self.confirm = QPushButton("Mark as confirmed", self)
        self.confirm.setToolTip(CONFIRM_TIP)
        self.confirm.setEnabled(False)
        self.hint = QLabel("Choose placeholders that you have checked and say where it stands.", self)
        self.hint.setWordWrap(True)
        foot = QHBoxLayout()
        foot.addWidget(self.source, 1)
        foot.addWidget(self.confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.addWidget(self.hint)
        column.addWidget(self.tree, 1)
        column.addLayout(foot)
        self.tree.itemSelectionChanged.connect(self._offer)
        self.tree.itemActivated.connect(self._choose)
        self.tree.itemClicked.connect(self._choose)
        self.source.textChanged.connect(self._offer)
        self.source.returnPressed.connect(self._confirm)
        self.confirm.clicked.connect(self._confirm)

    def show_text(self, text: str, shipped: str) -> None:
        """List what is different and what is open; the text is a profile. What was selected and is still there stays so."""
        selected = {item.data(0, PATH_ROLE) for item in self.tree.selectedItems()}
        top = self.tree.verticalScrollBar().value()
        self._fill(corrections(text, shipped), placeholders(text))
        for item in self._items:
            item.setSelected(item.data(0, PATH_ROLE) in selected)
        self.tree.verticalScrollBar().setValue(top)
        self._offer()

    def clear(self) -> None:
        """Show nothing."""
        self._fill([], [])

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            return  # a dialog's default button is not meant
        super().keyPressEvent(event)

    def _fill(self, changed: list[Correction], unsure: list[Statement]) -> None:
        self._statements = {statement.path: statement for statement in unsure}
        self.corrected.takeChildren()
        self.open.takeChildren()
        self.corrected.setText(0, f"{count_text(len(changed), 'value')} corrected")
        self.open.setText(0, f"{count_text(len(unsure), 'placeholder')} left")
        for one in changed:
            self._add(self.corrected, [one.name, one.was or "–", one.now or "–"], one.path)
        self._items = [self._add(self.open, [statement.name, "", ""], statement.path) for statement in unsure]
        for column in (1, 2):
            self.tree.resizeColumnToContents(column)

    def _add(self, parent: QTreeWidgetItem, cells: list[str], path: Path) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [clean(cell) for cell in cells])
        item.setData(0, PATH_ROLE, path)
        for column, cell in enumerate(cells):
            item.setToolTip(column, clean(cell))
        return item

    def _chosen(self) -> list[Statement]:
        paths = [item.data(0, PATH_ROLE) for item in self.tree.selectedItems()]
        return [self._statements[path] for path in paths if path in self._statements]

    def _offer(self) -> None:
        self.confirm.setEnabled(bool(self._chosen()) and bool(self.source.text().strip()))

    def _choose(self, item: QTreeWidgetItem) -> None:
        if item.data(0, PATH_ROLE) is not None:
            self.chosen.emit(item.data(0, PATH_ROLE))

    def _confirm(self) -> None:
        if self.confirm.isEnabled():
            self.confirm_wanted.emit(tuple(confirmed(statement, self.source.text()) for statement in self._chosen()))
