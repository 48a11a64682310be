"""What is wrong with a profile's text, one a row; a click or Enter leads there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.analysis.fit.faults import Fault

MOST_ROWS = 4


class ProfileFaults(QListWidget):
    """`chosen` carries the `Fault` to go to. Without faults the list is hidden."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("profile-faults")
        self.setAccessibleName("Faults in the text")
        self.setWordWrap(True)
        self._faults: tuple[Fault, ...] = ()
        self.itemClicked.connect(self._choose)
        self.hide()

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """List these, in the order of the text."""
        if tuple(faults) == self._faults:
            return
        self._faults = tuple(faults)
        self.clear()
        for fault in faults:
            item = QListWidgetItem(f"✕ {fault.title}")
            item.setToolTip(fault.title)
            self.addItem(item)
        lines = min(MOST_ROWS, 2 * len(self._faults))
        self.setFixedHeight(lines * (QFontMetrics(self.font()).height() + 4) + 2 * self.frameWidth())
        self.setVisible(bool(self._faults))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentItem() is not None:
            self._choose(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self._faults[self.row(item)])
