"""The head of the profile workbench: which file the text is, whether it was changed, and opening, saving and going back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QMessageBox, QPushButton, QWidget

from app.analysis.fit.profile_files import ProfileChoices, is_shipped, path_of, save_profile
from app.analysis.material import PROFILES, profile_file, profile_text, shipped_profiles
from app.analysis.text.words import clean
from app.analysis.workspace import ProfileText
from decoders.core.errors import UserError

FILE_FILTER = "Wire profiles (*.toml);;All files (*)"
SUFFIX = ".toml"
MARGIN = 6
Then = Callable[[], object]


class ProfileFileBar(QWidget):
    """Knows the file and what stands in it; `wanted` carries a `ProfileText` that was opened or gone back to, `saved` one that was written.

    `text` gives what is in the editor; `discarded` says that it is to go back to what the recording is decoded by.
    """

    wanted = Signal(object)
    saved = Signal(object)
    discarded = Signal()
    failed = Signal(str)

    def __init__(self, text: Callable[[], str], save: Then, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices: ProfileChoices | None = None
        self._text = text
        self._on_file = ProfileText("", "")
        self.title = QLabel(self)
        self.title.setObjectName("profile-title")
        bold = QFont(self.title.font())
        bold.setBold(True)
        self.title.setFont(bold)
        self.button = QPushButton("File", self)
        self.button.setToolTip("Open, save and go back")
        self.menu = QMenu(self.button)
        self.menu.addAction("Open profile…", lambda: self.leave(self._ask_what_to_open))
        self._recent_menu = self.menu.addMenu("Open recent")
        self._recent_menu.setToolTipsVisible(True)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        self._shipped_menu = self.menu.addMenu("Open one that came with the program")
        for name in shipped_profiles():
            self._shipped_menu.addAction(name, partial(self.leave, partial(self.open_profile, PROFILES / f"{name}{SUFFIX}")))
        self.menu.addSeparator()
        self.menu.addAction("Save and decode", save)
        self.menu.addAction("Save as…", self.save_as)
        self.revert_action = self.menu.addAction("Revert to saved", self._revert)
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, MARGIN // 2, MARGIN, MARGIN // 2)
        row.addWidget(self.title, 1)
        row.addWidget(self.button)

    @property
    def profile(self) -> ProfileText:
        """The file, or the shipped profile, with what stands in it."""
        return self._on_file

    @property
    def path(self) -> Path | None:
        """The file; None for a profile that came with the program."""
        return path_of(self._on_file)

    @property
    def is_modified(self) -> bool:
        """Whether the text differs from what stands in the file."""
        return bool(self._on_file.name) and self._text() != self._on_file.text

    def show_profile(self, profile: ProfileText | None) -> None:
        """Take over what a recording is decoded by: what stands in its file is read again."""
        if profile is None:
            self._on_file = ProfileText("", "")
        elif profile.name != self._on_file.name:
            self._on_file = _as_saved(profile)
        self.refresh()

    def refresh(self) -> None:
        """Say anew what the file is called and whether the text was changed."""
        path = self.path
        name = path.name if path is not None else Path(self._on_file.name).name
        where = "" if path is not None else " (came with the program)"
        mark = "● " if self.is_modified else ""
        self.title.setText(f"{mark}{clean(name)}{where}{' – changed' if mark else ''}" if name else "")
        self.title.setToolTip(clean(str(path or "")))
        self.revert_action.setEnabled(self.is_modified)
        self.setEnabled(bool(name))

    def save(self, then: Then | None = None) -> None:
        """Write the text into its file; a shipped profile gets a file of its own."""
        if self.path is None:
            self.save_as(then)
        else:
            self._write(self.path, then)

    def save_as(self, then: Then | None = None) -> None:
        """Ask for a file and write the text into it."""
        dialog = QFileDialog(self, "Save the wire profile as", str(self._folder()), FILE_FILTER)
        dialog.setObjectName("profile-save-as")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # it is asked below, for files that were typed without suffix too
        dialog.selectFile(self.path.name if self.path else f"my-{Path(self._on_file.name).stem}{SUFFIX}")
        dialog.fileSelected.connect(lambda name: self.write_to(Path(name), then))
        dialog.open()

    def write_to(self, path: Path, then: Then | None = None) -> None:
        """Write the text into a file; one that is there and is another's is overwritten only when the user says so."""
        if not path.exists() or path == self.path or is_shipped(path):
            self._write(path, then)
            return
        box = self._box(f"{clean(path.name)} is there already", "Overwrite it?")
        overwrite = box.addButton("Overwrite", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.buttonClicked.connect(lambda button: self._write(path, then) if button is overwrite else None)
        box.open()

    def leave(self, then: Then) -> bool:
        """Do what makes the text go away; where it was changed, ask first. True where it was done at once."""
        if not self.is_modified:
            then()
            return True
        if self.findChild(QMessageBox, "profile-leave") is not None:
            return False
        box = self._box(f"{self.title.text().removeprefix('● ')}", "Save what was changed?")
        box.setObjectName("profile-leave")
        save = box.addButton(QMessageBox.StandardButton.Save)
        discard = box.addButton(QMessageBox.StandardButton.Discard)
        box.addButton(QMessageBox.StandardButton.Cancel)

        def answered(button: object) -> None:
            box.setObjectName("")
            if button is save:
                self.save(then)
            elif button is discard:
                self.discarded.emit()
                self._on_file = ProfileText(self._on_file.name, self._text())  # nothing is left to be asked about
                then()

        box.buttonClicked.connect(answered)
        box.open()
        return False

    def open_profile(self, path: Path) -> None:
        """Show what stands in a file, whether it is a profile or is to become one."""
        try:
            self._on_file = profile_text(path.stem) if is_shipped(path) else profile_file(path.absolute())
        except (UserError, OSError) as error:
            self.failed.emit(str(error))
            return
        if self.choices is not None and self.path is not None:
            self.choices.add(self.path)
        self.wanted.emit(self._on_file)

    def _write(self, path: Path, then: Then | None) -> None:
        text = self._text()
        try:
            save_profile(path, text)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self._on_file = ProfileText(str(path.absolute()), text)
        if self.choices is not None:
            self.choices.add(path)
        self.saved.emit(self._on_file)
        self.refresh()
        if then is not None:
            then()

    def _revert(self) -> None:
        self._on_file = _as_saved(self._on_file)
        self.wanted.emit(self._on_file)

    def _ask_what_to_open(self) -> None:
        dialog = QFileDialog(self, "Open a wire profile", str(self._folder()), FILE_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_profile(Path(name)))
        dialog.open()

    def _folder(self) -> Path:
        recent = self.choices.recent() if self.choices is not None else []
        return self.path.parent if self.path is not None else recent[0].parent if recent else Path.home()

    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        for path in self.choices.recent() if self.choices is not None else []:
            open_it = partial(self.leave, partial(self.open_profile, path))
            action = self._recent_menu.addAction(clean(path.name).replace("&", "&&"), open_it)
            action.setToolTip(clean(str(path)))
            action.setEnabled(path.is_file())
        if self._recent_menu.isEmpty():
            self._recent_menu.addAction("None so far").setEnabled(False)

    def _box(self, text: str, question: str) -> QMessageBox:
        box = QMessageBox(QMessageBox.Icon.Question, "Wire profile", text, parent=self)
        box.setInformativeText(question)
        return box


def _as_saved(profile: ProfileText) -> ProfileText:
    """A profile as its file has it; as it is, where there is no such file."""
    path = path_of(profile)
    if path is None:
        shipped = PROFILES / f"{Path(profile.name).stem}{SUFFIX}"
        return ProfileText(profile.name, profile_text(shipped.stem).text) if shipped.is_file() else profile
    try:
        return profile_file(path)
    except (UserError, OSError):
        return profile
