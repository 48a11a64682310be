from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QTextBrowser
from pytestqt.qtbot import QtBot

from app.analysis.manual import ORDER, Page
from app.desktop.dialogs.manual_viewer import NO_HITS, ManualViewer
from app.desktop.shortcuts import SHORTCUTS

ALT = Qt.KeyboardModifier.AltModifier
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window


class Shown:
    def __init__(self, qtbot: QtBot, pages: list[Page] | None = None) -> None:
        self.viewer = ManualViewer(pages)
        qtbot.addWidget(self.viewer)
        with qtbot.waitExposed(self.viewer):
            self.viewer.show()
        search, contents, browser = (self.viewer.findChild(kind) for kind in (QLineEdit, QListWidget, QTextBrowser))
        assert isinstance(search, QLineEdit)
        assert isinstance(contents, QListWidget)
        assert isinstance(browser, QTextBrowser)
        self.search, self.contents, self.browser = search, contents, browser

    def entries(self) -> list[str]:
        return [self.contents.item(row).text().split("\n")[0] for row in range(self.contents.count())]

    def click(self, row: int) -> None:
        place = self.contents.visualItemRect(self.contents.item(row)).center()
        QTest.mouseClick(self.contents.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def click_link(self, text: str) -> None:
        """Click the middle of a link that is in view."""
        assert self.browser.find(text)
        end = self.browser.cursorRect().center()
        QTest.mouseClick(self.browser.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(end.x() - 8, end.y()))


def test_the_contents_lead_to_every_page(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    assert shown.viewer.page == "index"
    for row, name in enumerate(ORDER):
        shown.click(row)
        assert shown.viewer.page == name
        assert shown.contents.currentRow() == row


def test_a_link_leads_to_its_page_and_back_and_forward_retrace_it(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.click_link("Timeline")
    assert shown.viewer.page == "timeline"
    QTest.keyClick(shown.viewer, Qt.Key.Key_Left, ALT)
    assert shown.viewer.page == "index"
    QTest.keyClick(shown.viewer, Qt.Key.Key_Left, ALT)
    assert shown.viewer.page == "index"
    QTest.keyClick(shown.viewer, Qt.Key.Key_Right, ALT)
    assert shown.viewer.page == "timeline"


def test_a_new_page_forgets_what_was_forward(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.click(1)
    QTest.keyClick(shown.viewer, Qt.Key.Key_Left, ALT)
    shown.click(2)
    QTest.keyClick(shown.viewer, Qt.Key.Key_Right, ALT)
    assert shown.viewer.page == ORDER[2]


def test_a_search_lists_pages_and_marks_the_word(qtbot: QtBot) -> None:
    shown = Shown(qtbot, [Page("a", "A", "# A\n\nsomething"), Page("b", "B", "# B\n\nthe clock")])
    QTest.keyClicks(shown.search, "clock")
    assert shown.entries() == ["B"]
    QTest.keyClick(shown.search, Qt.Key.Key_Return)
    assert shown.viewer.page == "b"
    assert shown.browser.textCursor().selectedText() == "clock"
    QTest.keyClicks(shown.search, " absent")
    assert shown.entries() == [NO_HITS]
    shown.search.clear()
    assert shown.entries() == ["A", "B"]


def test_the_page_of_shortcuts_holds_them_all(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.viewer.go_to("shortcuts")
    text = shown.browser.toPlainText()
    assert all(shortcut.text.removesuffix("…") in text for shortcut in SHORTCUTS)
