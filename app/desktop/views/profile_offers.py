"""The search for a dialect as a pane: start and stop, progress, and the offers with their evidence."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.analysis.fit.changes import changes_text
from app.analysis.fit.pieces import Material, gather_material
from app.analysis.fit.search import ALL, Offer
from app.analysis.fit.search_process import SearchRun
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import count_text
from app.desktop import theme

SLICE_S = 0.01
"""The window gets a say after so long while it gathers what to search in; the search has a process of its own."""
LOOK_MS = 40
MOST_OFFERS = 8
MARGIN = 6
WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
SEARCH_TEXT = "Search what fits"
STOP_TEXT = "Stop searching"
HINT_TEXT = (
    "Looks in the stretches that the profile leaves unexplained for start bytes, the bytes that say a frame's size, other filler and "
    "other ways of framing; for every checksum of the CRC catalogue and any other of 8 or 16 bits, or none."
)
NOTHING_TEXT = "Nothing that was tried fits the unexplained stretches."
ALL_EXPLAINED_TEXT = "The profile explains every byte: there is nothing to search in."


class ProfileOffers(QWidget):
    """`search_wanted` asks for a search, `apply_wanted` carries the `Offer` to make."""

    search_wanted = Signal()
    apply_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gathering: Iterator[Material] | None = None
        self._material: Material | None = None
        self._text = ""
        self._run: SearchRun | None = None
        self._offers: tuple[Offer, ...] = ()
        self.button = QPushButton(SEARCH_TEXT, self)
        self.apply_button = QPushButton("Change the text", self)
        self.apply_button.setEnabled(False)
        self.apply_button.setToolTip("Change the text as the chosen offer says (Enter)")
        self.progress = QProgressBar(self)
        self.progress.setRange(0, ALL)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(MARGIN)
        self.hint = QLabel(HINT_TEXT, self)
        self.hint.setWordWrap(True)
        self.list = OfferList(self)
        head = QHBoxLayout()
        head.addWidget(self.button)
        head.addWidget(self.apply_button)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addWidget(self.hint)
        layout.addWidget(self.list, 1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self.button.clicked.connect(self._start_or_stop)
        self.apply_button.clicked.connect(self._apply)
        self.list.itemDoubleClicked.connect(self._apply)
        self.list.entered_by_key.connect(self._apply)
        self.list.currentRowChanged.connect(lambda row: self.apply_button.setEnabled(row >= 0))
        self.forget()

    @property
    def is_searching(self) -> bool:
        return self._gathering is not None or self._run is not None

    def search(self, snapshot: Snapshot, text: str) -> None:
        """Search a recording for what its profile lacks, beside the window's own work."""
        self.forget()
        self._gathering, self._text = gather_material(snapshot), text
        self.button.setText(STOP_TEXT)
        self.progress.setValue(0)
        self.progress.setVisible(True)
        self._timer.start(0)

    def forget(self) -> None:
        """Stop searching and show no offers."""
        self._end(HINT_TEXT)
        self._show(())

    def _start_or_stop(self) -> None:
        if self.is_searching:
            self._end(self._found_text())
        else:
            self.search_wanted.emit()

    def _go_on(self) -> None:
        if self._run is not None:
            self._look(self._run)
            return
        until = time.monotonic() + SLICE_S
        while self._gathering is not None and time.monotonic() < until:
            gathered = next(self._gathering, None)
            if gathered is None:
                self._begin()
            else:
                self._material = gathered

    def _begin(self) -> None:
        """All is gathered: search in it, where there is anything."""
        self._gathering = None
        if self._material is None or not self._material.pieces:
            self._end(ALL_EXPLAINED_TEXT)
            return
        self._run = SearchRun(self._material, self._text)
        self._timer.start(LOOK_MS)

    def _look(self, run: SearchRun) -> None:
        step = run.look()
        self.progress.setValue(step.done)
        self._show(step.offers)
        if run.is_done:
            self._end(self._found_text())

    def _found_text(self) -> str:
        if self._offers:
            return f"{count_text(len(self._offers), 'offer')}, the likeliest first."
        return NOTHING_TEXT

    def _end(self, text: str) -> None:
        self._gathering = self._material = None
        self._timer.stop()
        if self._run is not None:
            self._run.close()
            self._run = None
        self.button.setText(SEARCH_TEXT)
        self.progress.setVisible(False)
        self.hint.setText(text)

    def _show(self, offers: tuple[Offer, ...]) -> None:
        """List the offers; the one that is current stays so."""
        if offers == self._offers and self.list.count() == min(len(offers), MOST_OFFERS):
            return
        current = self.list.currentRow()
        chosen = self._offers[current] if 0 <= current < len(self._offers) else None
        self._offers = offers
        self.list.clear()
        for offer in offers[:MOST_OFFERS]:
            item = QListWidgetItem(f"{offer.title}\n{offer.evidence}")
            item.setToolTip(f"Changes in the text:\n{changes_text(offer.edits)}")
            self.list.addItem(item)
        self.list.setCurrentRow(offers.index(chosen) if chosen in offers[:MOST_OFFERS] else 0 if offers else -1)
        self.apply_button.setEnabled(bool(offers))

    def _apply(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._offers):
            self.apply_wanted.emit(self._offers[row])


class OfferList(QListWidget):
    """Offers, each as two lines; `entered_by_key` comes with Enter."""

    entered_by_key = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("profile-offers")
        self.setAccessibleName("Offers")
        self.setItemDelegate(_OfferDelegate(self))
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered_by_key.emit()
        else:
            super().keyPressEvent(event)


class _OfferDelegate(QStyledItemDelegate):
    """An offer's title, and below it the evidence in as many lines as that takes."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        colors = theme.current()
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_current:
            painter.fillRect(option.rect, colors.color("selection"))
        area = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        title, evidence = index.data().split("\n", 1)
        painter.setPen(colors.color("selection_text" if is_current else "text"))
        painter.setFont(_bold(option.font))
        box = painter.boundingRect(area, WRAPPED, title)
        painter.drawText(area, WRAPPED, title)
        painter.setFont(option.font)
        painter.setPen(colors.color("selection_text" if is_current else "muted"))
        painter.drawText(area.adjusted(0, box.height() + 2, 0, 0), WRAPPED, evidence)
        painter.setPen(colors.color("line"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802  # Qt's name
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListWidget) else option.rect.width()
        area = QRect(0, 0, width - 2 * MARGIN, 10_000)
        title, evidence = index.data().split("\n", 1)
        high = QFontMetrics(_bold(option.font)).boundingRect(area, WRAPPED, title).height()
        high += QFontMetrics(option.font).boundingRect(area, WRAPPED, evidence).height()
        return QSize(width, high + 2 * MARGIN + 4)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
