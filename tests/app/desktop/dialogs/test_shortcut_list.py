from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget
from pytestqt.qtbot import QtBot

from app.desktop.dialogs.shortcut_list import ShortcutList, grouped, markdown, matching
from app.desktop.shortcuts import SHORTCUTS

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window


def shown(qtbot: QtBot) -> tuple[ShortcutList, QLineEdit, QTreeWidget]:
    dialog = ShortcutList()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    search, tree = dialog.findChild(QLineEdit), dialog.findChild(QTreeWidget)
    assert isinstance(search, QLineEdit)
    assert isinstance(tree, QTreeWidget)
    return dialog, search, tree


def rows(tree: QTreeWidget) -> list[str]:
    model = tree.model()
    groups = [model.index(at, 0) for at in range(model.rowCount())]
    return [str(model.index(at, 0, group).data()) for group in groups for at in range(model.rowCount(group))]


def test_every_shortcut_is_listed_once_under_its_group(qtbot: QtBot) -> None:
    _dialog, _search, tree = shown(qtbot)
    assert sorted(rows(tree)) == sorted(shortcut.text.removesuffix("…") for shortcut in SHORTCUTS)
    assert tree.topLevelItemCount() == len({shortcut.group for shortcut in SHORTCUTS})


def test_typing_finds_by_what_a_key_does_and_by_the_key(qtbot: QtBot) -> None:
    dialog, search, tree = shown(qtbot)
    QTest.keyClicks(search, "conversation next")
    assert rows(tree) == ["Next packet of the conversation"]
    search.clear()
    QTest.keyClicks(search, "ctrl+g")
    assert rows(tree) == ["Go to a packet, frame or time"]
    QTest.keyClicks(search, " nothing")
    assert rows(tree) == []
    assert any(label.isVisible() and label.text().startswith("No action") for label in dialog.findChildren(QLabel))


def test_groups_keep_the_order_of_the_table() -> None:
    groups = list(dict.fromkeys(shortcut.group for shortcut in SHORTCUTS))
    assert list(grouped(SHORTCUTS)) == groups
    assert matching("") == list(SHORTCUTS)


def test_the_manual_gets_every_shortcut() -> None:
    text = markdown()
    assert all(f"| {shortcut.text.removesuffix('…')} |" in text for shortcut in SHORTCUTS)
