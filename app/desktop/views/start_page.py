"""What the packet area shows while nothing is open: one click to a recording."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.analysis.text.words import clean
from app.desktop import theme
from app.desktop.recent import RecentFiles
from app.desktop.shortcuts import with_keys

DEMO = Path(__file__).resolve().parent.parent.parent.parent / "resources" / "demo" / "gas-meter.umi"
WIDTH = 520
NONE_YET = "Recordings that you open are listed here."


class StartPage(QWidget):
    """`open_wanted` asks for a file dialog, `path_chosen` carries the recording to open, `simulate_wanted` asks for a simulated one."""

    open_wanted = Signal()
    simulate_wanted = Signal()
    path_chosen = Signal(object)

    def __init__(self, recent: RecentFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start-page")
        self._recent = recent
        column = QWidget()
        column.setMaximumWidth(WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inner = QVBoxLayout(column)
        inner.setSpacing(8)
        inner.addStretch(1)
        inner.addWidget(QLabel("Open a recording to see its packets."))
        simulated = _button(
            "Start a simulated meter", "start-simulated", "A gas meter with its modules, in software, with its currents"
        )
        simulated.clicked.connect(self.simulate_wanted)
        inner.addWidget(simulated)
        open_file = _button("Open a recording…", "open-recording", with_keys("Open a recording…", "open"))
        open_file.clicked.connect(self.open_wanted)
        demo = _button("Open the demonstration recording", "open-demo", "A gas meter, a valve and a display; some things go wrong")
        demo.clicked.connect(lambda: self.path_chosen.emit(DEMO))
        inner.addWidget(open_file)
        inner.addWidget(demo)
        inner.addWidget(_muted("Or drop a file anywhere on this window."))
        inner.addSpacing(12)
        inner.addWidget(_muted("Recent recordings"))
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        inner.addLayout(self._list)
        inner.addStretch(2)
        self._put_in_the_middle(column)
        self.show_recent()

    def show_recent(self) -> None:
        """Show the list as it is now; recordings that are gone are marked."""
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        paths = self._recent.paths()
        rows = [_RecentRow(self, path) for path in paths]
        for row in rows:
            self._list.addWidget(row)
        if not rows:
            self._list.addWidget(_muted(NONE_YET))

    def forget(self, path: Path) -> None:
        """Take a recording out of the list."""
        self._recent.remove(path)
        self.show_recent()

    def _put_in_the_middle(self, column: QWidget) -> None:
        body = QWidget()
        across = QHBoxLayout(body)
        across.addStretch(1)
        across.addWidget(column, 4)
        across.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)


class _RecentRow(QWidget):
    """A recent recording: one click opens it; one that is gone can only be forgotten."""

    def __init__(self, page: StartPage, path: Path) -> None:
        super().__init__(page)
        there = path.is_file()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.button = _button(clean(path.name) + ("" if there else " (missing)"), "recent", clean(str(path)))
        self.button.setEnabled(there)
        self.button.clicked.connect(lambda: page.path_chosen.emit(path))
        folder = _Elided(clean(str(path.parent)))
        forget = QToolButton()
        forget.setText("✕")
        forget.setObjectName("forget")
        forget.setAccessibleName(f"Forget {clean(path.name)}")
        forget.setToolTip("Take it out of this list; the file stays")
        forget.clicked.connect(lambda: page.forget(path))
        layout.addWidget(self.button)
        layout.addWidget(folder, 1)
        layout.addWidget(forget)


class _Elided(QLabel):
    """A text that gives way in its middle where there is too little room."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._whole = text
        self.setToolTip(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme.tone(self, "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002, N802  # Qt's name
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(0, super().minimumSizeHint().height())


def _button(text: str, name: str, tool_tip: str) -> QPushButton:
    button = QPushButton(text.replace("&", "&&"))
    button.setObjectName(name)
    button.setToolTip(tool_tip)
    button.setStyleSheet("text-align: left;")
    return button


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    theme.tone(label, "muted")
    label.setWordWrap(True)
    return label
