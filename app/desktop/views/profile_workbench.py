"""The profile workbench: the active wire profile as text, how well it explains the recording, and a search for what would do better."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.analysis.fit.fit import FitCounter, fault_line, fault_of, lay_over, shipped_text, standing
from app.analysis.fit.pieces import Piece, gather
from app.analysis.fit.search import Offer
from app.analysis.fit.toml_edit import edited
from app.analysis.panes.listing import Profiled
from app.analysis.workspace import ProfileText
from app.desktop.views.fit_strip import FitStrip
from app.desktop.views.profile_editor import ProfileEditor
from app.desktop.views.profile_offers import ProfileOffers
from decoders.core.errors import MaterialError

CHECK_MS = 300
OFFSETS = 48
SIDE_BY_SIDE = 760
"""Narrower than so many pixels the offers stand below the text."""
CLOSED_TEXT = "Open a recording to work on its wire profile."
APPLIED_TEXT = "The text is changed. Ctrl+S decodes the recording by it, Ctrl+Z takes it back."
UNSAVED_TEXT = "Not saved: Ctrl+S decodes the recording by this text."
SAVED_TEXT = "The recording is decoded by this text."


class ProfileWorkbench(QWidget):
    """`saved` carries the new `ProfileText`, which the recording is to be decoded by."""

    saved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Profiled | None = None
        self._base = ""
        self._counter: FitCounter | None = None
        self._gathering: Iterator[list[Piece]] | None = None
        self.strip = FitStrip(self)
        self.editor = ProfileEditor(self)
        self.message = QLabel(CLOSED_TEXT, self)
        self.message.setWordWrap(True)
        self.message.setContentsMargins(6, 4, 6, 4)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.save_button = QPushButton("Save and decode", self)
        self.save_button.setToolTip("Save and decode (Ctrl+S)")
        self.offers = ProfileOffers(self)
        self._lay_out()
        self._check_timer = _single_shot(self, CHECK_MS, self._check)
        self._count_timer = _single_shot(self, 0, self._count)
        self.editor.textChanged.connect(self._check_timer.start)
        self.editor.save_wanted.connect(self._save)
        self.save_button.clicked.connect(self._save)
        self.offers.search_wanted.connect(self._search)
        self.offers.apply_wanted.connect(self._apply)
        self.set_workspace(None)

    def set_workspace(self, recording: Profiled | None) -> None:
        """Work on another recording's profile; what was typed and not saved stays while the profile is the same."""
        self.offers.forget()
        self._recording = recording
        text = recording.profile_text.text if recording is not None else ""
        if text != self._base:
            self.editor.change_text(text)
            self.editor.show_line(1)
        self._base = text
        self.editor.setEnabled(recording is not None)
        self._counter = FitCounter(recording.snapshot) if recording is not None else None
        self._gathering = None
        self.strip.show_offsets(None)
        self._check()
        self.refresh()

    def refresh(self) -> None:
        """Count what was decoded since, as much of it as a moment allows."""
        self._count()

    @property
    def is_changed(self) -> bool:
        """Whether the text was changed since the recording was decoded by it."""
        return self._recording is not None and self.editor.toPlainText() != self._base

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        self._splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(6, 4, 6, 4)
        foot.addWidget(self.message, 1)
        foot.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignTop)
        text = QWidget(self)
        column = QVBoxLayout(text)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.editor)
        column.addLayout(foot)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(text)
        self._splitter.addWidget(self.offers)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self._splitter, 1)

    def _count(self) -> None:
        if self._counter is None or self._recording is None:
            self.strip.show_fit(None, ())
            return
        more = self._counter.grow()
        self.strip.show_fit(self._counter.fit(), self._recording.wiring.streams)
        if more:
            self._count_timer.start()
        elif not self._recording.is_decoding:
            self._lay_stretches_over()

    def _lay_stretches_over(self) -> None:
        """Take one more step of gathering the unexplained stretches, and draw those that are there."""
        if self._recording is None:
            return
        if self._gathering is None:
            self._gathering = gather(self._recording.snapshot)
        pieces = next(self._gathering, None)
        if pieces is not None:
            self.strip.show_offsets(lay_over([piece.data[: piece.size] for piece in pieces], OFFSETS))
            self._count_timer.start()

    def _check(self) -> MaterialError | None:
        """Mark what is wrong with the text as it stands, and say how far it has come."""
        self._check_timer.stop()
        if self._recording is None:
            self.message.setText(CLOSED_TEXT)
            self.save_button.setEnabled(False)
            return None
        text = self.editor.toPlainText()
        fault = fault_of(text, self._recording.profile_text.name)
        self.editor.mark_fault(fault_line(fault) if fault is not None else None)
        self.message.setText(f"✕ {fault}" if fault is not None else UNSAVED_TEXT if self.is_changed else SAVED_TEXT)
        self.save_button.setEnabled(fault is None and self.is_changed)
        self.strip.show_standing(standing(text, shipped_text(text)) if fault is None else None)
        return fault

    def _save(self) -> None:
        fault = self._check()
        if self._recording is None:
            return
        if fault is not None:
            self._show_fault(fault)
        elif self.is_changed:
            self._base = self.editor.toPlainText()
            self._check()
            self.saved.emit(ProfileText(self._recording.profile_text.name, self._base))

    def _show_fault(self, fault: MaterialError) -> None:
        line = fault_line(fault)
        if line is not None:
            self.editor.show_line(line)
        self.editor.setFocus()

    def _search(self) -> None:
        fault = self._check()
        if fault is not None:
            self._show_fault(fault)
        elif self._recording is not None:
            self.offers.search(self._recording.snapshot, self.editor.toPlainText())

    def _apply(self, offer: Offer) -> None:
        try:
            text = edited(self.editor.toPlainText(), offer.edits)
        except MaterialError as fault:
            self.message.setText(f"✕ {fault}")
            return
        self.editor.change_text(text)
        if self._check() is None:
            self.message.setText(APPLIED_TEXT)
        self.editor.setFocus()


def _single_shot(parent: QWidget, milliseconds: int, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer
