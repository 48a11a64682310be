from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from app.desktop.recent import RecentFiles
from app.desktop.views.start_page import DEMO, NONE_YET, StartPage

MOUSE = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window


@pytest.fixture
def recent(tmp_path: Path) -> RecentFiles:
    return RecentFiles(tmp_path / "recent.json")


def shown(qtbot: QtBot, recent: RecentFiles) -> StartPage:
    page = StartPage(recent)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    return page


def button(page: StartPage, name: str, at: int = 0) -> QAbstractButton:
    return [one for one in page.findChildren(QAbstractButton) if one.objectName() == name][at]


def test_a_recording_is_one_click_away(qtbot: QtBot, recent: RecentFiles, tmp_path: Path) -> None:
    (tmp_path / "a.sr").touch()
    recent.add(tmp_path / "a.sr")
    page = shown(qtbot, recent)
    with qtbot.waitSignal(page.open_wanted):
        QTest.mouseClick(button(page, "open-recording"), MOUSE)
    with qtbot.waitSignal(page.path_chosen) as chosen:
        QTest.mouseClick(button(page, "recent"), MOUSE)
    assert chosen.args == [tmp_path / "a.sr"]
    with qtbot.waitSignal(page.path_chosen) as chosen:
        QTest.mouseClick(button(page, "open-demo"), MOUSE)
    assert chosen.args == [DEMO]
    assert DEMO.is_file()


def test_a_recording_that_is_gone_is_marked_and_can_be_forgotten(qtbot: QtBot, recent: RecentFiles, tmp_path: Path) -> None:
    recent.add(tmp_path / "gone.sr")
    page = shown(qtbot, recent)
    assert button(page, "recent").text() == "gone.sr (missing)"
    assert not button(page, "recent").isEnabled()
    QTest.mouseClick(button(page, "forget"), MOUSE)
    assert recent.paths() == []
    assert NONE_YET in [label.text() for label in page.findChildren(QLabel)]


def test_the_list_follows_what_was_opened(qtbot: QtBot, recent: RecentFiles, tmp_path: Path) -> None:
    page = shown(qtbot, recent)
    for name in ("R&D.sr", "b.sr"):
        (tmp_path / name).touch()
        recent.add(tmp_path / name)
    page.show_recent()
    assert [button(page, "recent", at).text() for at in range(2)] == ["b.sr", "R&&D.sr"]


def test_arrow_keys_go_from_button_to_button(qtbot: QtBot, recent: RecentFiles, tmp_path: Path) -> None:
    (tmp_path / "a.sr").touch()
    recent.add(tmp_path / "a.sr")
    page = shown(qtbot, recent)
    button(page, "open-recording").setFocus()
    for _ in range(2):
        QTest.keyClick(page.focusWidget(), Qt.Key.Key_Down)
    assert button(page, "recent").hasFocus()
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Up)
    with qtbot.waitSignal(page.path_chosen) as chosen:
        QTest.keyClick(page.focusWidget(), Qt.Key.Key_Space)
    assert chosen.args == [DEMO]
