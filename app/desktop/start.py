"""The application: made, shown, or drawn into a picture."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, QSettings, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QDialog

from app.desktop import theme
from app.desktop.crash import CrashReporter
from app.desktop.dialogs.pasted_dialog import PastedDialog
from app.desktop.dialogs.wiring_dialog import WiringDialog
from app.desktop.main_window import MainWindow
from app.desktop.recent import RecentFiles, recent_file
from app.desktop.run import DIALOGS, WINDOW_SIZE
from decoders.identity import maker_of

ANY_ID = bytes(8)
SCREENLESS = "This plugin does not support propagateSizeHints()"
SETTLE_MS = 300
PICTURE_LIMIT_MS = 60_000


def _application(theme_name: str) -> QApplication:
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("umiscope")
    application.setOrganizationName("umiscope")
    theme.apply(application, theme.THEMES[theme_name])
    return application


def show(version: str, file: Path | None, theme_name: str | None, datasheets: list[Path]) -> int:
    """Show the window until it is closed; the exit status."""
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "umiscope", "window")
    application = _application(theme_name or str(settings.value("theme", "light")))
    window = MainWindow(settings, RecentFiles(recent_file()))
    CrashReporter(version, window).install()
    if datasheets:
        window.session.add_datasheets(datasheets)
    if file is not None:
        QTimer.singleShot(0, lambda: window.open_file(file))
    window.show()
    # The register of makers takes a fifth of a second to read; without this the first selected packet would wait for it.
    threading.Thread(target=maker_of, args=(ANY_ID,), name="makers", daemon=True).start()
    return application.exec()


def take_picture(
    file: Path | None,
    picture: Path,
    size: tuple[int, int] | None,
    view: str,
    select: int | None,
    theme_name: str,
    datasheets: list[Path],
) -> str:
    """Draw the window as it looks once the recording is decoded, or a dialog of it; what went wrong, or nothing.

    `size` None leaves a dialog its own.
    """
    qInstallMessageHandler(_say_other)
    _application(theme_name)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        settings.setValue("theme", theme_name)
        window = MainWindow(settings, RecentFiles(Path(folder) / "recent.json"))
        troubles: list[str] = []
        window.session.failed.connect(lambda title, text: troubles.append(f"{title}: {text}"))
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.resize(*(size or WINDOW_SIZE))
        window.show()
        if datasheets:
            window.session.add_datasheets(datasheets)
        if file is not None:
            window.open_file(file)
        _run_while(lambda: _is_decoding(window) or window.panes.timeline.is_busy)
        if select is not None and not window.select_packet(select):
            troubles.append(f"there is no packet {select}")
        drawn = window if view not in DIALOGS else _dialog(window, view, size)
        if drawn is window:
            window.panes.bring_up(view)
        _run_for(SETTLE_MS)
        if drawn is None:
            troubles.append(f"there is nothing to draw as {view} without a recording; name one")
        elif not troubles and not drawn.grab().save(str(picture)):
            troubles.append(f"{picture} cannot be written; choose another folder or a name that ends in .png")
        window.close()
        _run_for(0)
    return troubles[0] if troubles else ""


def _dialog(window: MainWindow, view: str, size: tuple[int, int] | None) -> QDialog | None:
    """A dialog of the window once it has done its first work; None where there is none without a recording."""
    workspace, record = window.session.workspace, window.selection.record
    if view == "pasted" and workspace is not None and record is not None:
        content = workspace.snapshot.packet(record.no).content
        QApplication.clipboard().setText(content.hex(" "))
    action, name = DIALOGS[view]
    window.named_actions[action].trigger()
    dialog = window.findChild(QDialog, name)
    if not isinstance(dialog, QDialog):
        return None
    if size is not None:
        dialog.resize(*size)
    _run_for(SETTLE_MS)
    if isinstance(dialog, WiringDialog | PastedDialog):
        _run_while(lambda: dialog.is_busy)
    return dialog


def _say_other(_kind: QtMsgType, _place: QMessageLogContext, text: str) -> None:
    """Pass on what Qt says, but for its remark that pictures need no screen."""
    if not text.startswith(SCREENLESS):
        sys.stderr.write(f"{text}\n")


def _is_decoding(window: MainWindow) -> bool:
    return window.session.workspace is not None and window.session.workspace.is_decoding


def _run_while(is_busy: Callable[[], bool]) -> None:
    limit = QTimer()
    limit.setSingleShot(True)
    limit.start(PICTURE_LIMIT_MS)
    while limit.isActive() and is_busy():
        _run_for(20)


def _run_for(milliseconds: int) -> None:
    """Let the window work for a while; leaving the application's own loop would close it."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
