"""The tree of one record as a Qt model: field, value, and what else is known."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.analysis.panes.detail import EMPTY, Detail, DetailNode
from app.analysis.text.words import cropped
from app.desktop import theme

Index = QModelIndex | QPersistentModelIndex
TITLES = ("Field", "Value", "Known as")
SIGNS = ("·", "i", "!", "✕")
SEVERITY_COLORS = ("chat", "note", "warning", "error")
LONGEST_TIP, SHORT_TEXT = 400, 20
"""Characters of a value in a tooltip at most, and of one that is in sight anyway."""
Path = tuple[tuple[str, int], ...]
"""A line by the labels from the root down, each with how many of its siblings before it are called the same."""
PROVENANCE = {"A": "Stated in the public article", "P": "Placeholder: this layout is not public and was chosen here"}
Role = Qt.ItemDataRole


class DetailModel(QAbstractItemModel):
    """Shows one `Detail`; it is replaced whole, and small."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._detail = EMPTY
        self._parents: dict[int, tuple[DetailNode | None, int]] = {}

    def show(self, detail: Detail) -> None:
        """Show another record."""
        self.beginResetModel()
        self._detail = detail
        self._parents = {}
        self._note_parents(None, detail.nodes)
        self.endResetModel()

    def node(self, index: Index) -> DetailNode | None:
        """The node of an index; None for the root."""
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, DetailNode) else None

    def index_of(self, node: DetailNode, column: int = 0) -> QModelIndex:
        """Where a node stands."""
        return self.createIndex(self._parents[id(node)][1], column, node)

    @property
    def has_notes(self) -> bool:
        """Whether anything else is known of any line."""
        return any(above.note for above in self.all_nodes())

    def all_nodes(self) -> list[DetailNode]:
        """Every line, each before those below it."""
        found, stack = [], list(reversed(self._detail.nodes))
        while stack:
            node = stack.pop()
            found.append(node)
            stack += reversed(node.children)
        return found

    def path(self, node: DetailNode) -> Path:
        """Where a line stands, in words that hold for a later detail of the same record."""
        steps: list[tuple[str, int]] = []
        here: DetailNode | None = node
        while here is not None:
            above, row = self._parents[id(here)]
            siblings = self._detail.nodes if above is None else above.children
            label = here.label
            steps.append((label, sum(one.label == label for one in siblings[:row])))
            here = above
        return tuple(reversed(steps))

    def node_at(self, path: Path) -> DetailNode | None:
        """The line of a path; None where there is none any more."""
        nodes, found = self._detail.nodes, None
        for label, nth in path:
            alike = [node for node in nodes if node.label == label]
            if nth >= len(alike):
                return None
            found = alike[nth]
            nodes = found.children
        return found

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008  # Qt's signature
        children = self._children(parent)
        if not 0 <= row < len(children) or not 0 <= column < len(TITLES):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008  # QObject.parent is overloaded
        node = self.node(index)
        above = self._parents[id(node)][0] if node is not None else None
        return self.index_of(above) if above is not None else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's signature
        return len(self._children(parent)) if parent.column() <= 0 else 0

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's signature
        return len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802  # Qt's name
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        node = self.node(index)
        if node is None:
            return None
        column = index.column()
        if role == Role.DisplayRole:
            return _text(node, column)
        if role == Role.ToolTipRole:
            return _tool_tip(node)
        if role == Role.FontRole:
            return _font(node, column)
        if role == Role.ForegroundRole:
            return _color(node, column)
        return None

    def _children(self, parent: Index) -> list[DetailNode]:
        node = self.node(parent)
        return self._detail.nodes if node is None else node.children

    def _note_parents(self, parent: DetailNode | None, nodes: list[DetailNode]) -> None:
        stack = [(parent, nodes)]
        while stack:
            above, children = stack.pop()
            for row, node in enumerate(children):
                self._parents[id(node)] = (above, row)
                stack.append((node, node.children))


def _text(node: DetailNode, column: int) -> str:
    if column == 0:
        return f"{SIGNS[node.severity]} {node.label}" if node.severity is not None else node.label
    if column == 1:
        return f"{node.text} – {node.problem}".strip(" –") if node.problem else node.text
    return node.note


def _tool_tip(node: DetailNode) -> str:
    whole = cropped(node.text, LONGEST_TIP) if len(node.text) > SHORT_TEXT else ""
    parts = [whole, node.problem, node.note, PROVENANCE.get(node.provenance, node.provenance.replace("S: ", "Standard: "))]
    if node.target is not None:
        parts.append("Double-click or press Enter to go there")
    return "\n".join(part for part in parts if part)


def _font(node: DetailNode, column: int) -> QFont | None:
    return theme.mono_font() if column == 1 and node.source else None


def _color(node: DetailNode, column: int) -> Any:
    colors = theme.current()
    if node.severity is not None:
        return colors.color(SEVERITY_COLORS[node.severity])
    if node.target is not None and column == 1:
        return colors.color("accent")
    return colors.color("muted") if column == 2 else None
