"""All keys of the window, in groups, with a box to find one."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QPaintEvent
from PySide6.QtWidgets import QDialog, QHeaderView, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.desktop import theme
from app.desktop.shortcuts import SHORTCUTS, Shortcut
from app.desktop.views.whole_rows import cover_cut_row


class ShortcutList(QDialog):
    """Typing finds by what a key does, or by the key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcut-list")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Find an action or a key")
        self._search.setAccessibleName("Find an action or a key")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._fill)
        self._tree = _Rows()
        self._tree.setAccessibleName("Shortcuts")
        self._tree.setHeaderLabels(["Action", "Keys"])
        self._tree.setRootIsDecorated(False)
        self._tree.setStyleSheet("QTreeView::item { padding: 2px 8px 2px 0; }")
        self._tree.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.header().setStretchLastSection(False)
        self._none = QLabel("No action and no key has this in it.")
        layout = QVBoxLayout(self)
        for widget in (self._search, self._none, self._tree):
            layout.addWidget(widget, int(widget is self._tree))
        self.resize(520, 660)
        self._fill("")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_none"):
            self._fill(self._search.text())

    def _fill(self, wanted: str) -> None:
        self._tree.clear()
        found = grouped(matching(wanted))
        for group, shortcuts in found.items():
            heading = QTreeWidgetItem(self._tree, [group])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.setForeground(0, theme.current(self).color("muted"))
            for shortcut in shortcuts:
                item = QTreeWidgetItem(heading, [shortcut.text.removesuffix("…"), keys_text(shortcut)])
                item.setFont(1, theme.mono_font())
        self._tree.expandAll()
        self._none.setVisible(not found)


class _Rows(QTreeWidget):
    """Whole rows only."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        super().paintEvent(event)
        cover_cut_row(self, self.sizeHintForRow(0))


def keys_text(shortcut: Shortcut) -> str:
    """The keys as this platform writes them."""
    return QKeySequence(shortcut.keys).toString(QKeySequence.SequenceFormat.NativeText)


def matching(wanted: str) -> list[Shortcut]:
    """The shortcuts of which text or keys hold all words."""
    words = wanted.casefold().split()
    return [one for one in SHORTCUTS if all(word in f"{one.text} {one.keys} {one.group}".casefold() for word in words)]


def grouped(shortcuts: Iterable[Shortcut]) -> dict[str, list[Shortcut]]:
    """The same by group, in the order of the table."""
    groups: dict[str, list[Shortcut]] = {}
    for shortcut in shortcuts:
        groups.setdefault(shortcut.group, []).append(shortcut)
    return groups


def markdown() -> str:
    """All shortcuts as tables for the manual."""
    lines = []
    for group, shortcuts in grouped(SHORTCUTS).items():
        lines += [f"## {group}", "", "| keys | what they do |", "|---|---|"]
        lines += [f"| `{keys_text(one)}` | {one.text.removesuffix('…')} |" for one in shortcuts]
        lines.append("")
    return "\n".join(lines)
