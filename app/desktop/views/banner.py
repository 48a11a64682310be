"""A strip above the packets that says what one should know about all of them, such as that some are missing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.analysis.text.words import SIGNS, clean
from app.desktop import theme


class Banner(QFrame):
    """One sentence and one button; `pressed` comes when the button is. Hidden while there is nothing to say."""

    pressed = Signal()

    def __init__(self, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._text = QLabel(self)
        self._text.setObjectName("banner-text")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        press = QPushButton(button, self)
        press.setObjectName("banner-button")
        press.clicked.connect(self.pressed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(press)
        theme.tone(self._text, "warning")
        self.hide()

    def say(self, text: str) -> None:
        """Say something, or with an empty text nothing."""
        self._text.setText(f"{SIGNS['warning']} {clean(text)}" if text else "")
        self.setVisible(bool(text))
