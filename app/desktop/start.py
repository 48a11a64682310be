"""The application: made, shown, or drawn into a picture."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.desktop import theme
from app.desktop.crash import CrashReporter
from app.desktop.main_window import MainWindow
from app.desktop.recent import RecentFiles, recent_file
from decoders.identity import maker_of

ANY_ID = bytes(8)
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
    file: Path | None, picture: Path, size: tuple[int, int], view: str, select: int | None, theme_name: str, datasheets: list[Path]
) -> str:
    """Draw the window as it looks once the recording is decoded; what went wrong, or nothing."""
    _application(theme_name)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        settings.setValue("theme", theme_name)
        window = MainWindow(settings, RecentFiles(Path(folder) / "recent.json"))
        troubles: list[str] = []
        window.session.failed.connect(lambda title, text: troubles.append(f"{title}: {text}"))
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.resize(*size)
        window.show()
        if datasheets:
            window.session.add_datasheets(datasheets)
        if file is not None:
            window.open_file(file)
        _wait_until_decoded(window)
        if select is not None and not window.select_packet(select):
            troubles.append(f"there is no packet {select}")
        window.panes.bring_up(view)
        _run_for(SETTLE_MS)
        if not troubles and not window.grab().save(str(picture)):
            troubles.append(f"{picture} cannot be written; choose another folder or a name that ends in .png")
        window.close()
        _run_for(0)
    return troubles[0] if troubles else ""


def _wait_until_decoded(window: MainWindow) -> None:
    limit = QTimer()
    limit.setSingleShot(True)
    limit.start(PICTURE_LIMIT_MS)
    while limit.isActive() and window.session.workspace is not None and window.session.workspace.is_decoding:
        _run_for(20)


def _run_for(milliseconds: int) -> None:
    """Let the window work for a while; leaving the application's own loop would close it."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
