"""Someone who sits before the window: looks at it, types and clicks, and calls nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.analysis.packet_list.text import COLUMNS, Column
from app.desktop.main_window import MainWindow
from app.desktop.recent import RecentFiles
from app.desktop.views.start_page import DEMO

KEY = Qt.Key
NONE, CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
LEFT = Qt.MouseButton.LeftButton
W = TypeVar("W", bound=QWidget)
LOOK_MS = 10
PATIENCE_MS = 20_000
DEMO_PACKETS = 73


def live_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep notes, settings and caches out of the real home."""
    for kind in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))


class Person:
    """One window whose settings, list of recordings and cache lie in a folder; another Person in the same folder finds them again."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(settings, RecentFiles(folder / "recent.json"), folder / "cache")
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self._turns_to_it()

    # What is seen

    def sees(self, kind: type[W], name: str = "", within: QWidget | None = None) -> W:
        """The one widget of a kind and name that is in sight."""
        found = [one for one in (within or self.window).findChildren(kind) if one.isVisible() and name in {"", one.objectName()}]
        assert found, f"no {kind.__name__} {name} in sight"
        return found[0]

    @property
    def status(self) -> str:
        """The status bar."""
        return " | ".join(label.text() for label in self.window.statusBar().findChildren(QLabel) if label.text())

    def cell(self, column: Column) -> str:
        """What the current row of the packet list says."""
        view = self.window.panes.packets.view
        return str(view.model().index(view.currentIndex().row(), COLUMNS.index(column)).data())

    @property
    def comment(self) -> str:
        """The comment on the current row."""
        packets = self.window.panes.packets
        return packets.model.note(packets.view.currentIndex().row()).comment

    def waits_for_packets(self, count: int) -> None:
        """Until so many are counted and decoding is over."""
        self.qtbot.waitUntil(
            lambda: self.status.startswith(f"{count} packets") and "Decoding" not in self.status, timeout=PATIENCE_MS
        )

    # What is done

    def _turns_to_it(self) -> None:
        """Where no window manager gives the focus back after a dialog or a menu."""
        active = QApplication.activeWindow()
        if active is None or isinstance(active, QMenu) or not active.isVisible():
            self.window.activateWindow()
            self.qtbot.waitUntil(self.window.isActiveWindow)

    def presses(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """A key, wherever the focus is."""
        self._turns_to_it()
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def types(self, text: str) -> None:
        self._turns_to_it()
        QTest.keyClicks(QApplication.focusWidget() or self.window, text)

    def clicks(self, widget: QWidget, place: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, NONE, place or widget.rect().center())

    def clicks_button(self, name: str, within: QWidget | None = None) -> None:
        self.clicks(self.sees(QAbstractButton, name, within))

    def chooses(self, menu_name: str, entry: str) -> None:
        """An entry of the menu bar, with the mouse."""
        menu = self.opens_menu(menu_name)
        QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(entry_of(menu, entry)).center())

    def opens_menu(self, name: str) -> QMenu:
        bar = self.window.menuBar()
        action = next(action for action in bar.actions() if action.text().replace("&", "") == name)
        QTest.mouseClick(bar, LEFT, NONE, bar.actionGeometry(action).center())
        menu = action.menu()
        assert isinstance(menu, QMenu)
        self.qtbot.waitUntil(menu.isVisible)
        return menu

    def opens_demo(self) -> None:
        self.clicks_button("open-demo")
        self.waits_for_packets(DEMO_PACKETS)

    def opens(self, file: Path) -> None:
        """With Ctrl+O and the name typed."""
        self.will_type_into_file_dialog(str(file))
        self.presses(KEY.Key_O, CTRL)

    def will_type_into_file_dialog(self, name: str) -> None:
        """As soon as the dialog is there; it keeps whoever opened it until it is closed."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                QTimer.singleShot(LOOK_MS, look)
                return
            line, buttons = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
            assert isinstance(line, QLineEdit)
            assert isinstance(buttons, QDialogButtonBox)
            line.setText(name)  # typed letter by letter Qt's completion changes the name on its way
            QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Open), LEFT)

        QTimer.singleShot(0, look)

    def dialog(self, name: str) -> QDialog:
        """A dialog, once it is there."""
        self.qtbot.waitUntil(lambda: any(one.isVisible() for one in self.window.findChildren(QDialog, name)))
        return self.sees(QDialog, name)

    def is_told(self) -> str:
        """What a message box says; it is closed with Enter."""
        self.qtbot.waitUntil(lambda: any(one.isVisible() for one in self.window.findChildren(QMessageBox)), timeout=PATIENCE_MS)
        box = self.sees(QMessageBox)
        said = f"{box.text()}: {box.informativeText()}"
        QTest.keyClick(box, KEY.Key_Return)
        self.qtbot.waitUntil(lambda: not box.isVisible())
        return said


def entry_of(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text().replace("&", "") == text)


__all__ = ["ALT", "CTRL", "DEMO", "DEMO_PACKETS", "KEY", "LEFT", "NONE", "SHIFT", "Person", "entry_of", "live_in"]
