"""The packet list's actions with their keys, for the list itself and for whoever puts them into menus and bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.desktop.shortcuts import BY_ACTION, with_keys

IN_THE_LIST_ONLY = frozenset({"undo", "redo"})
"""Actions whose keys mean something else in other panes."""


def make_actions(owner: QWidget, handlers: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """An action by name for each handler; names, words and keys are those of the shortcut table."""
    actions = {}
    for name, handler in handlers.items():
        shortcut = BY_ACTION[name]
        action = QAction(shortcut.text, owner)
        action.setObjectName(name)
        action.setShortcut(QKeySequence(shortcut.keys))
        action.setToolTip(with_keys(shortcut.text, name))
        if name in IN_THE_LIST_ONLY:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _on=False, handler=handler: handler())
        owner.addAction(action)
        actions[name] = action
    return actions
