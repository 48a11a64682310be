"""Boxes to choose from that leave the wheel to the list that they stand in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget


class ChoiceBox(QComboBox):
    """Chooses one of a few texts, each with a value; `chosen` carries the value that the user took."""

    chosen = Signal(object)

    def __init__(self, name: str, choices: Sequence[tuple[str, object]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._values = [value for _, value in choices]
        self.addItems([text for text, _ in choices])
        self.activated.connect(lambda at: self.chosen.emit(self._values[at]))

    def show_value(self, value: object) -> None:
        """Show a value without telling of it."""
        self.setCurrentIndex(self._values.index(value))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        event.ignore()


class EntryBox(QComboBox):
    """Takes any text and suggests some; `entered` carries a text that differs from the one shown before."""

    entered = Signal(str)

    def __init__(self, name: str, suggestions: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        line = QLineEdit()
        self.setLineEdit(line)
        self.setCompleter(None)  # type: ignore[arg-type]  # None is how Qt takes it away
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems(list(suggestions))
        self._shown = ""
        line.editingFinished.connect(self._tell)
        self.activated.connect(self._tell)

    def show_text(self, text: str, suggestions: Sequence[str] | None = None) -> None:
        """Show a text without telling of it."""
        if suggestions is not None and list(suggestions) != [self.itemText(at) for at in range(self.count())]:
            self.clear()
            self.addItems(list(suggestions))
        self._shown = text
        self.setEditText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Enter ends the entry and not the dialog around it."""
        super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        event.ignore()

    def _tell(self) -> None:
        text = self.currentText().strip()
        if text != self._shown:
            self._shown = text
            self.entered.emit(text)
