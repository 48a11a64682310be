"""The profile workbench: the active wire profile as text, how well it explains the recording, and a search for what would do better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from app.analysis.fit.corrections import line_of_path
from app.analysis.fit.faults import Fault, faults
from app.analysis.fit.fit import FitCounter, lay_over, shipped_text, standing
from app.analysis.fit.pieces import Piece, gather
from app.analysis.fit.profile_files import ProfileChoices, path_of, profile_for
from app.analysis.fit.search import Offer
from app.analysis.fit.toml_edit import Edit, edited
from app.analysis.material import profile_text, shipped_profiles
from app.analysis.panes.listing import Profiled
from app.analysis.workspace import ProfileText
from app.desktop.views.fit_strip import FitStrip
from app.desktop.views.profile_corrections import ProfileCorrections
from app.desktop.views.profile_editor import ProfileEditor
from app.desktop.views.profile_faults import ProfileFaults
from app.desktop.views.profile_file_bar import ProfileFileBar
from app.desktop.views.profile_offers import ProfileOffers
from decoders.core import toml_lines
from decoders.core.errors import MaterialError

CHECK_MS = 300
OFFSETS = 48
SIDE_BY_SIDE = 760
"""Narrower than so many pixels the offers stand below the text."""
CLOSED_TEXT = "Open a recording to work on its wire profile."
APPLIED_TEXT = "The text is changed. Ctrl+S decodes the recording by it, Ctrl+Z takes it back."
UNSAVED_TEXT = "Not saved: Ctrl+S decodes the recording by this text."
SAVED_TEXT = "The recording is decoded by this text."
UNFILED_TEXT = "The recording is decoded by this text, which is in no file yet: Ctrl+S saves it."
STILL_TEXT = "✕ The text has faults. The recording stays decoded by the last text without faults."


class Worked(Profiled, Protocol):
    """An open recording, and the file that it is."""

    @property
    def path(self) -> Path: ...


class ProfileWorkbench(QWidget):
    """`saved` carries the new `ProfileText`, which the recording is to be decoded by."""

    saved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Worked | None = None
        self._base = ""
        self._counter: FitCounter | None = None
        self._gathering: Iterator[list[Piece]] | None = None
        self.strip = FitStrip(self)
        self.editor = ProfileEditor(self)
        self.files = ProfileFileBar(self.editor.toPlainText, self._save, self)
        self.faults = ProfileFaults(self)
        self.message = QLabel(CLOSED_TEXT, self)
        self.message.setWordWrap(True)
        self.message.setContentsMargins(6, 4, 6, 4)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.save_button = QPushButton("Save and decode", self)
        self.save_button.setToolTip("Save and decode (Ctrl+S)")
        self.offers = ProfileOffers(self)
        self.corrections = ProfileCorrections(self)
        self.tabs = QTabWidget(self)
        self._lay_out()
        self._check_timer = _single_shot(self, CHECK_MS, self._check)
        self._count_timer = _single_shot(self, 0, self._count)
        self._connect()
        self.set_workspace(None)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._check_timer.start)
        self.editor.save_wanted.connect(self._save)
        self.save_button.clicked.connect(self._save)
        self.files.wanted.connect(self._take)
        self.files.saved.connect(self._use)
        self.files.discarded.connect(lambda: self.editor.change_text(self._base))
        self.files.failed.connect(lambda text: self.message.setText(f"✕ {text}"))
        self.faults.chosen.connect(self._show_fault)
        self.offers.search_wanted.connect(self._search)
        self.offers.apply_wanted.connect(self._apply)
        self.corrections.chosen.connect(self._show_path)
        self.corrections.confirm_wanted.connect(self._edit)
        self.tabs.currentChanged.connect(self._list_corrections)

    def set_workspace(self, recording: Worked | None) -> None:
        """Work on another recording's profile; what was typed and not saved stays while the profile is the same."""
        self.offers.forget()
        self._recording = recording
        text = recording.profile_text.text if recording is not None else ""
        self.files.show_profile(recording.profile_text if recording is not None else None)
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

    @property
    def is_modified(self) -> bool:
        """Whether the text differs from what stands in its file, or from the shipped profile that it began as."""
        return self._recording is not None and self.files.is_modified

    def leave(self, then: Callable[[], object]) -> bool:
        """Do what makes the text go away, such as closing the recording; a changed text is asked about first.

        True where it was done at once.
        """
        if not self.is_modified:
            then()
            return True
        return self.files.leave(then)

    def remember_in(self, choices: ProfileChoices) -> None:
        """Keep there which profiles were used lately and which recording is read by which."""
        self.files.choices = choices

    def profile_for(self, recording: Path, otherwise: ProfileText) -> tuple[ProfileText, str]:
        """The profile that a recording was read by last, else another; and what to tell where its file cannot be used any more."""
        choices = self.files.choices
        if choices is None or choices.chosen_for(recording) is None:
            return otherwise, ""
        return profile_for(choices, recording, profile_text(shipped_profiles()[0]))

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
        column.addWidget(self.files)
        column.addWidget(self.editor, 1)
        column.addWidget(self.faults)
        column.addLayout(foot)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.offers, "Search")
        self.tabs.addTab(self.corrections, "Corrections")
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(text)
        self._splitter.addWidget(self.tabs)
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
            self.strip.show_offsets(lay_over([piece.data[: piece.size] for piece in pieces], OFFSETS) if pieces else None)
            self._count_timer.start()

    def _check(self) -> list[Fault]:
        """Mark what is wrong with the text as it stands, and say how far it has come."""
        self._check_timer.stop()
        self.files.refresh()
        if self._recording is None:
            self.message.setText(CLOSED_TEXT)
            self.save_button.setEnabled(False)
            self.faults.show_faults([])
            self.corrections.clear()
            return []
        text = self.editor.toPlainText()
        found = faults(ProfileText(self._recording.profile_text.name, text))
        self.editor.mark_faults({fault.line: fault.text for fault in reversed(found) if fault.line is not None})
        self.faults.show_faults(found)
        self.message.setText(STILL_TEXT if found else self._state_text())
        self.save_button.setEnabled(not found and (self.is_changed or self.is_modified))
        self.strip.show_standing(standing(text, shipped_text(text)) if not found else None)
        self._list_corrections()
        return found

    def _state_text(self) -> str:
        return UNSAVED_TEXT if self.is_changed else UNFILED_TEXT if self.is_modified else SAVED_TEXT

    def _list_corrections(self) -> None:
        """List them while they are in sight; while the text is at fault the list stays as it was."""
        text = self.editor.toPlainText()
        if self._recording is not None and self.tabs.currentWidget() is self.corrections and not self.editor.fault_lines:
            try:
                self.corrections.show_text(text, shipped_text(text))
            except ValueError:  # no TOML, before the check has said so
                return

    def _save(self) -> None:
        found = self._check()
        if self._recording is None:
            return
        if found:
            self._show_fault(found[0])
            return
        if self.files.path is None and self.is_changed:
            self._use(ProfileText(self._recording.profile_text.name, self.editor.toPlainText()))
        if self.is_modified:
            self.files.save()
        elif self.is_changed:
            self._use(ProfileText(self._recording.profile_text.name, self.editor.toPlainText()))

    def _take(self, profile: ProfileText) -> None:
        """Show a profile that was opened, and decode by it where it is one."""
        self.editor.change_text(profile.text)
        self.editor.show_line(1)
        self._use(profile)

    def _use(self, profile: ProfileText) -> None:
        """Decode by a profile that is in the editor, where nothing is wrong with it."""
        recording = self._recording
        if recording is None or self._check():
            return
        if self.files.choices is not None:
            self.files.choices.choose(recording.path, path_of(profile))
        self._base = profile.text
        self._check()
        if profile != recording.profile_text:
            self.saved.emit(profile)

    def _show_fault(self, fault: Fault) -> None:
        if fault.line is not None:
            self.editor.show_line(fault.line, fault.key)
        self.editor.setFocus()

    def _show_path(self, path: toml_lines.Path) -> None:
        try:
            line = line_of_path(self.editor.toPlainText(), path)
        except ValueError:  # the text is no TOML at the moment
            return
        if line is not None:
            self.editor.show_line(line, str(path[-1]))

    def _search(self) -> None:
        found = self._check()
        if found:
            self._show_fault(found[0])
        elif self._recording is not None:
            self.offers.search(self._recording.snapshot, self.editor.toPlainText())

    def _apply(self, offer: Offer) -> None:
        self._edit(offer.edits)
        self.editor.setFocus()

    def _edit(self, edits: tuple[Edit, ...]) -> None:
        """Change the text, as one step that can be taken back."""
        try:
            text = edited(self.editor.toPlainText(), edits)
        except (MaterialError, ValueError) as fault:
            self.message.setText(f"✕ {fault}")
            return
        self.editor.change_text(text)
        if not self._check():
            self.message.setText(APPLIED_TEXT)


def _single_shot(parent: QWidget, milliseconds: int, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer
