"""The tree pane: the selected record, layer by layer, down to bits."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from app.analysis.panes.detail import Detail, DetailNode
from app.desktop import theme
from app.desktop.models.detail_model import DetailModel, Index
from app.desktop.selection import Record, Selection


class PacketTree(QTreeView):
    """Shows a `Detail`; choosing a line chooses its bits, Enter goes to the record that a line names."""

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("packet-tree")
        self.setAccessibleName("Packet tree")
        self._selection = selection
        self._model = DetailModel(self)
        self.setModel(self._model)
        self.setItemDelegateForColumn(0, _PlaceholderDelegate(self))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.doubleClicked.connect(self._go)
        self._quiet = False

    def show_detail(self, detail: Detail) -> None:
        """Show another record, its layers opened."""
        self._quiet = True
        self._model.show(detail)
        self.expandToDepth(1)
        self.setColumnWidth(0, max(170, self.sizeHintForColumn(0)))
        self.setColumnWidth(1, min(260, max(140, self.sizeHintForColumn(1))))
        self._quiet = False

    def choose_node(self, node: DetailNode) -> None:
        """Make a line current, since its bytes were chosen elsewhere."""
        self._quiet = True
        self.setCurrentIndex(self._model.index_of(node))
        self._quiet = False

    def current_node(self) -> DetailNode | None:
        """The line that is current."""
        return self._model.node(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go(self.currentIndex())
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._copy(self.current_node())
        elif event.key() == Qt.Key.Key_Right and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.expandAll()
        else:
            super().keyPressEvent(event)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        node = self._model.node(current)
        if node is not None and not self._quiet:
            self._selection.choose_bits(node.source, node.start_bit, node.end_bit)

    def _go(self, index: Index) -> None:
        node = self._model.node(index)
        if node is not None and node.target is not None:
            self._selection.select(Record(*node.target))

    def _copy(self, node: DetailNode | None) -> None:
        if node is not None:
            QGuiApplication.clipboard().setText(node.value or node.text)

    def _open_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        node = self._model.node(index)
        if node is None:
            return
        menu = QMenu(self)
        menu.addAction("Copy value", lambda: self._copy(node))
        menu.addAction("Copy line", lambda: QGuiApplication.clipboard().setText(f"{node.label}: {node.text}"))
        go = menu.addAction("Go to record", lambda: self._go(index))
        go.setEnabled(node.target is not None)
        menu.addSeparator()
        menu.addAction("Expand all", self.expandAll)
        menu.addAction("Collapse all", self.collapseAll)
        menu.exec(self.viewport().mapToGlobal(place))


class _PlaceholderDelegate(QStyledItemDelegate):
    """Underlines labels of placeholder layouts with dots."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        node = index.internalPointer()
        if not isinstance(node, DetailNode) or node.provenance != "P":
            return
        painter.save()
        pen = QPen(theme.current().color("edge"), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        rect = option.rect
        width = min(rect.width() - 6, option.fontMetrics.horizontalAdvance(node.label))
        y = rect.center().y() + option.fontMetrics.ascent() // 2 + 2
        painter.drawLine(rect.left() + 3, y, rect.left() + 3 + width, y)
        painter.restore()
