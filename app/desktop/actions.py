"""Menus and their actions, made from one table; keys come from the shortcut table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from app.desktop.shortcuts import BY_ACTION

SEPARATOR = ""
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("open", "open_demo", "add_datasheets", "close", SEPARATOR, "quit")),
    ("&Edit", ("undo", "redo", SEPARATOR, "mark", "comment", "time_reference")),
    ("&View", ("folded", "chronological", SEPARATOR, "expand_all", SEPARATOR, "light", "dark")),
    (
        "&Go",
        (
            "back", "forward", SEPARATOR, "find", "find_next", "find_previous", "go_to", SEPARATOR, "next_packet", "previous_packet",
            "next_in_conversation", "previous_in_conversation",
        ),
    ),
    ("&Analyze", ("wiring", "workbench", SEPARATOR, "stop_decoding")),
    ("&Tools", ("simulate", SEPARATOR, "decode_pasted")),
    ("&Help", ("help", "shortcuts", "about")),
)  # fmt: skip
TEXTS = {
    "open_demo": "Open the demonstration recording",
    "add_datasheets": "Add datasheets…",
    "close": "Close",
    "folded": "Frames folded under their packet",
    "chronological": "Strictly chronological",
    "light": "Light",
    "dark": "Dark",
    "wiring": "Wiring…",
    "workbench": "Wire profile workbench",
    "stop_decoding": "Stop decoding",
    "simulate": "Simulate…",
    "about": "About UMIscope",
}
CHECKABLE = frozenset({"folded", "chronological", "light", "dark"})


def build_menus(
    window: QMainWindow, commands: Mapping[str, Callable[[], object]], made: Mapping[str, QAction]
) -> dict[str, QAction]:
    """Fill the menu bar; the actions by name. Every entry of the table has a command, or an action that a pane `made`."""
    actions: dict[str, QAction] = {}
    for title, entries in MENUS:
        menu = window.menuBar().addMenu(title)
        menu.setObjectName(f"menu-{title.strip('&').lower()}")
        for name in entries:
            if name == SEPARATOR:
                menu.addSeparator()
                continue
            action = made[name] if name in made else _action(window, name, commands[name])
            menu.addAction(action)
            actions[name] = action
    return actions


def _action(window: QMainWindow, name: str, command: Callable[[], object]) -> QAction:
    shortcut = BY_ACTION.get(name)
    action = QAction(shortcut.text if shortcut else TEXTS[name], window)
    action.setObjectName(name)
    action.setCheckable(name in CHECKABLE)
    if shortcut and shortcut.keys != "Shift+Right":
        action.setShortcut(QKeySequence(shortcut.keys))
    action.triggered.connect(lambda _checked=False: command())
    return action
