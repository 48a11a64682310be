"""Two narrow bars above the packet list: one to find, one to write a line (where to go, a comment)."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.analysis.packet_list.find import Look
from app.desktop import theme
from app.desktop.shortcuts import BY_ACTION

TYPING_MS = 150
LOOKS = {Look.TEXT: "Text", Look.HEX: "Bytes", Look.FIELD: "Field"}
EXAMPLES = {Look.TEXT: "a word from any column", Look.HEX: "a5 10 or a510", Look.FIELD: "status=denied"}


class LineBar(QWidget):
    """A line to write in with a word about it at its end; Escape closes the bar."""

    closed = Signal()
    submitted = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.title = QLabel(self)
        self.line = QLineEdit(self)
        self.line.setObjectName(f"{name}-line")
        self.title.setBuddy(self.line)
        self.said = QLabel(self)
        self.said.setObjectName(f"{name}-said")
        self._close = QToolButton(self)
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip("Close (Esc)")
        self._close.clicked.connect(self.leave)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(6, 3, 6, 3)
        self.row.setSpacing(6)
        for widget in (self.title, self.line, self.said, self._close):
            self.row.addWidget(widget)
        self.row.setStretch(1, 1)
        self.line.returnPressed.connect(lambda: self.submitted.emit(self.line.text()))
        self.hide()

    def ask(self, title: str, text: str, example: str) -> None:
        """Open with a title; what is in the line is selected."""
        self.title.setText(title)
        self.line.setPlaceholderText(example)
        self.line.setAccessibleName(title)
        self.line.setText(text)
        self.say("")
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """A word at the end of the line."""
        theme.tone(self.said, "error" if wrong else "muted")
        self.said.setText(text)

    def leave(self) -> None:
        """Close the bar."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


class FindBar(LineBar):
    """Asks what to find and where to look; `wanted` comes while one writes, `again` for the next hit or, True, the one before."""

    wanted = Signal()
    again = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("find", parent)
        self._look = QComboBox(self)
        self._look.setObjectName("find-look")
        self._look.setAccessibleName("Where to look")
        for look, text in LOOKS.items():
            self._look.addItem(text, look)
        self.row.insertWidget(1, self._look)
        for place, (sign, backwards, action) in enumerate((("▴", True, "find_previous"), ("▾", False, "find_next"))):
            button = QToolButton(self)
            button.setText(sign)
            button.setAutoRaise(True)
            button.setToolTip(f"{BY_ACTION[action].text} ({BY_ACTION[action].keys})")
            button.clicked.connect(lambda _on=False, backwards=backwards: self.again.emit(backwards))
            self.row.insertWidget(3 + place, button)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.wanted)
        self.line.textEdited.connect(lambda _text: self._typing.start())
        self._look.currentIndexChanged.connect(self._look_changed)

    @property
    def look(self) -> Look:
        return Look(self._look.currentData())

    def open(self) -> None:
        """Open with what was looked for last."""
        self.ask("Find", self.line.text(), EXAMPLES[self.look])

    def _look_changed(self) -> None:
        self.line.setPlaceholderText(EXAMPLES[self.look])
        self.wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._typing.stop()
            self.again.emit(event.modifiers() == Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)
