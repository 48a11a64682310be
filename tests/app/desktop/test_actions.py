"""Menus from one table: every entry does what its name says, and its keys are those of the shortcut table."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from app.desktop.actions import CHECKABLE, MENUS, SEPARATOR, TEXTS, build_menus
from app.desktop.shortcuts import BY_ACTION

NAMES = [name for _, entries in MENUS for name in entries if name != SEPARATOR]


def test_every_entry_has_one_text_and_stands_once() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert {name for name in NAMES if name in TEXTS} == set(TEXTS)
    assert [name for name in NAMES if name not in TEXTS and name not in BY_ACTION] == []
    assert set(TEXTS).isdisjoint(BY_ACTION)
    assert set(NAMES) >= CHECKABLE


def test_menus_hold_the_table_and_call_the_commands(qtbot: QtBot) -> None:
    window, done = QMainWindow(), list[str]()
    qtbot.addWidget(window)
    made = QAction("Mark", window)
    commands = {name: (lambda name=name: done.append(name)) for name in NAMES if name != "mark"}
    actions = build_menus(window, commands, {"mark": made})
    assert list(actions) == NAMES
    assert actions["mark"] is made
    for name in commands:
        actions[name].trigger()
    assert done == list(commands)
    for title, entries in MENUS:
        menus = window.menuBar().findChildren(QMenu, f"menu-{title.strip('&').lower()}")
        assert len(menus) == 1
        shown = [SEPARATOR if action.isSeparator() else action for action in menus[0].actions()]
        assert shown == [SEPARATOR if name == SEPARATOR else actions[name] for name in entries]


def test_keys_and_ticks_are_those_of_the_tables(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = build_menus(window, dict.fromkeys(NAMES, lambda: None), {})
    for name, action in actions.items():
        assert action.isCheckable() == (name in CHECKABLE)
        assert action.text() == (BY_ACTION[name].text if name in BY_ACTION else TEXTS[name])
        if name in BY_ACTION and name != "expand_all":
            assert action.shortcut() == QKeySequence(BY_ACTION[name].keys)
    assert actions["expand_all"].shortcut().isEmpty()


def test_an_entry_without_a_command_is_a_mistake(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    with pytest.raises(KeyError, match="open"):
        build_menus(window, {}, {})
