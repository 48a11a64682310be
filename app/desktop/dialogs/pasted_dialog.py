"""Bytes from elsewhere: pasted, and seen as a tree and a dump at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.analysis.panes.detail import EMPTY, Detail
from app.analysis.panes.pasted import NOTHING_YET, Pasted, read_pasted
from app.analysis.pasted import bytes_of
from app.analysis.text.words import SIGNS
from app.desktop import theme
from app.desktop.dialogs.background import Background
from app.desktop.dialogs.entry import ChoiceBox
from app.desktop.selection import Selection
from app.desktop.views.bytes_view import BytesView
from app.desktop.views.packet_tree import PacketTree
from decoders.profile.wire_profile import WireProfile
from decoders.services.words import Names

READ_MS = 120
NO_TREE = "Paste or type bytes above to see their fields here."
NO_BYTES = "The bytes that were read stand here."
PASTED_LINES = 6
KINDS = (
    ("Guess what it is", None),
    ("Link frames", "frame"),
    ("A packet", "packet"),
    ("Certificates", "certificate"),
    ("EN 62056-21 messages", "flag"),
)


class PastedDialog(QDialog):
    """Reads what is pasted by a wire profile, with the names of the datasheets in use."""

    def __init__(self, profile: WireProfile, names: Names, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Decode pasted hex")
        self.setObjectName("pasted")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._profile, self._names = profile, names
        self._kind: str | None = None
        self._detail = EMPTY
        self._selection = Selection(self)
        self._tree = PacketTree(self._selection)
        self._bytes = BytesView()
        self._text = QPlainTextEdit()
        self._text.setObjectName("hex")
        self._text.setAccessibleName("Bytes as hexadecimal digits")
        self._text.setFont(theme.mono_font())
        self._text.setPlaceholderText(NOTHING_YET)
        self._text.setTabChangesFocus(True)
        self._choice = ChoiceBox("What the bytes are", KINDS)
        self._choice.setObjectName("kind")
        self._said = QLabel()
        self._said.setObjectName("said")
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._reading = Background[Pasted](self, self._show, lambda text: self._show(Pasted(message=text, is_wrong=True)))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(READ_MS)
        self._wait.timeout.connect(self._read)
        self._text.textChanged.connect(self._wait.start)
        self._choice.chosen.connect(self._take_kind)
        self._selection.bits_changed.connect(self._bytes.mark)
        self._bytes.bit_chosen.connect(self._choose_bit)
        self._lay_out()
        self._paste_if_hex()

    @property
    def detail(self) -> Detail:
        """What is shown."""
        return self._detail

    @property
    def said(self) -> str:
        """The sentence about it."""
        return self._said.text()

    @property
    def is_busy(self) -> bool:
        """Whether it still reads what was pasted."""
        return self._wait.isActive() or self._reading.is_busy

    def done(self, result: int) -> None:
        self._wait.stop()
        self._reading.close()
        super().done(result)

    def _lay_out(self) -> None:
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(QLabel("Read as"))
        row.addWidget(self._choice)
        row.addWidget(self._said, 1)
        panes = QSplitter(Qt.Orientation.Vertical)
        for pane, share in ((self._tree, 3), (self._bytes, 2)):
            panes.addWidget(pane)
            panes.setStretchFactor(panes.count() - 1, share)
        panes.setChildrenCollapsible(False)
        margins = 2 * round(self._text.document().documentMargin() + self._text.frameWidth() + 1)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * PASTED_LINES + margins)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addLayout(row)
        layout.addWidget(panes, 1)
        layout.addLayout(below)
        self.resize(760, 620)

    def _paste_if_hex(self) -> None:
        """Begin with what was copied, where it is hexadecimal."""
        text = QGuiApplication.clipboard().text()
        try:
            bytes_of(text)
        except ValueError:
            self._show(Pasted())
        else:
            self._text.setPlainText(text)
            self._text.selectAll()

    def _take_kind(self, kind: object) -> None:
        self._kind = str(kind) if kind is not None else None
        self._read()

    def _read(self) -> None:
        profile, names, text, kind = self._profile, self._names, self._text.toPlainText(), self._kind
        self._reading.start(lambda: read_pasted(profile, names, text, kind))

    def _show(self, pasted: Pasted) -> None:
        self._detail = pasted.detail
        self._selection.choose_bits("", 0, 0)
        self._bytes.show_sources(pasted.detail.sources)
        self._tree.show_detail(pasted.detail)
        self._tree.when_empty(NO_TREE)
        self._bytes.when_empty(NO_BYTES)
        self._said.setText(f"{SIGNS['error']} {pasted.message}" if pasted.is_wrong else pasted.message)
        theme.tone(self._said, "error" if pasted.is_wrong else "muted")

    def _choose_bit(self, source: str, bit: int) -> None:
        node = self._detail.at_bit(source, bit)
        if node is not None:
            self._tree.choose_node(node)
            self._selection.choose_bits(source, node.start_bit, node.end_bit)
