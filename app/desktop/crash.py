"""When the program itself makes a mistake: a report to copy, and the session goes on."""

from __future__ import annotations

import platform
import re
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop import theme

SAID = "The program made a mistake. What you have open is unharmed and you can go on; please report this."
PRIVACY = "The report names versions and places in the program. Data of your recordings and keys are left out."
HIDDEN = "…"
_MOST_MESSAGE = 300
_QUOTED = re.compile(r"""(?:\bb)?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")
_NAME = re.compile(r"""(['"])(?![0-9A-Fa-f]{6,}\1)[A-Za-z_][A-Za-z0-9_]{0,23}\1""")
_HEX = re.compile(r"\b(?:0x)?[0-9A-Fa-f]{16,}\b")
_LINKS = {
    "cause": "The above was the direct cause of:",
    "context": "While the above was handled, this came:",
}
Raised = tuple[type[BaseException], BaseException, TracebackType | None]


class CrashReporter(QObject):
    """Shows a dialog for each mistake; those that come while one is shown are counted in it.

    `install` takes over Python's hooks, also those of threads, until `remove`.
    """

    raised = Signal(str)

    def __init__(self, version: str, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._version = version
        self._window = window
        self._dialog: CrashDialog | None = None
        self._hooks = (sys.excepthook, threading.excepthook)
        self.raised.connect(self._show)

    @property
    def dialog(self) -> CrashDialog | None:
        """What is shown now."""
        return self._dialog

    def install(self) -> None:
        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._hooks

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """May be called in any thread, and while a window is being drawn: the dialog comes with the next turn of the loop."""
        self._hooks[0](kind, error, trace)
        if issubclass(kind, Exception):
            self.raised.emit(report(self._version, (kind, error, trace)))

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._hook(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _show(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.count_another()
            return
        self._dialog = CrashDialog(text, self._window)
        self._dialog.finished.connect(self._forget)
        self._dialog.open()

    def _forget(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None


class CrashDialog(QDialog):
    """One report, and how many mistakes came after it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A mistake in the program")
        self.setObjectName("crash")
        self._others = 0
        self._more = QLabel()
        self._more.setObjectName("more")
        self._more.hide()
        self._text = QPlainTextEdit(text)
        self._text.setReadOnly(True)
        self._text.setFont(theme.mono_font())
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setAccessibleName("Report")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        layout = QVBoxLayout(self)
        for said in (SAID, PRIVACY):
            label = QLabel(said)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._more)
        layout.addWidget(buttons)
        self.resize(620, 380)

    def count_another(self) -> None:
        """Say that one more came."""
        self._others += 1
        self._more.setText(f"{self._others} more since; the first is usually the cause.")
        self._more.show()


def report(version: str, raised: Raised) -> str:
    """What a developer needs: versions, platform, where it happened. Data in messages and the home folder are left out."""
    head = (
        f"UMIscope {version}",
        f"Python {platform.python_version()}, Qt {qVersion()}, PySide6 {PySide6.__version__}",
        f"{platform.system()} {platform.release()}, {platform.machine()}, {QGuiApplication.platformName()}",
    )
    told = _told(traceback.TracebackException(*raised))
    return "\n".join((*head, "", *told)).replace(str(Path.home()), "~")


def without_data(message: str) -> str:
    """A message without quotations, unless they may be names in the program, without long hexadecimal numbers, and not too long."""
    message = _QUOTED.sub(lambda found: found[0] if _NAME.fullmatch(found[0]) else HIDDEN, message)
    message = _HEX.sub(HIDDEN, message)
    return message if len(message) <= _MOST_MESSAGE else message[:_MOST_MESSAGE] + HIDDEN


def _told(error: traceback.TracebackException) -> list[str]:
    """The places of an error and its message, after those of the error that it came from."""
    lines = []
    if error.__cause__ is not None:
        lines = [*_told(error.__cause__), "", _LINKS["cause"], ""]
    elif error.__context__ is not None and not error.__suppress_context__:
        lines = [*_told(error.__context__), "", _LINKS["context"], ""]
    places = "".join(error.stack.format()).rstrip("\n")
    return [*lines, *([places] if places else []), without_data("".join(error.format_exception_only()).rstrip("\n"))]
