"""The tree pane: the selected record, layer by layer, down to bits."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from app.analysis.panes.detail import Detail, DetailNode
from app.desktop import theme
from app.desktop.models.detail_model import DetailModel, Index
from app.desktop.selection import Record, Selection
from app.desktop.views.empty_note import EmptyNote
from app.desktop.views.whole_rows import cover_cut_row

LINE_HEIGHT = 1.25
OPEN_LAYERS = 2
FIELD, VALUE, NOTE = range(3)
FIELD_SHARE, NOTE_SHARE, LEAST_FIELD = 0.45, 0.35, 110
"""How much of the width names and notes may take from the values, and the least of a name in pixels."""


class PacketTree(QTreeView):
    """Shows a `Detail`; choosing a line chooses its bits, Enter goes to the record that a line names.

    Its columns share the width that there is; what is too long for its column is whole in the tooltip.
    """

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("packet-tree")
        self.setAccessibleName("Packet tree")
        self._selection = selection
        self._model = DetailModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_LineDelegate(self))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        self.header().setMinimumSectionSize(40)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.doubleClicked.connect(self._go)
        self._note = EmptyNote(self.viewport())
        self._quiet = False

    def when_empty(self, text: str, action: QAction | None = None) -> None:
        """What to say and offer while there is nothing to show."""
        self._note.say("" if self._model.rowCount() else text, action)

    def show_detail(self, detail: Detail) -> None:
        """Show another record, its layers opened."""
        self._quiet = True
        self._model.show(detail)
        self.expandToDepth(OPEN_LAYERS - 1)
        self._share_width()
        self._quiet = False

    def show_more(self, detail: Detail) -> None:
        """Show what is known of the same record by now; what was open, current and in sight stays so."""
        model, nodes = self._model, self._model.all_nodes()
        known = {model.path(node): self.isExpanded(model.index_of(node)) for node in nodes}
        current, top = (model.node(index) for index in (self.currentIndex(), self.indexAt(QPoint(0, 0))))
        marks = [model.path(node) if node is not None else () for node in (current, top)]
        self._quiet = True
        self._model.show(detail)
        for node in model.all_nodes():
            path = model.path(node)
            self.setExpanded(model.index_of(node), known.get(path, len(path) <= OPEN_LAYERS))
        current, top = (model.node_at(path) for path in marks)
        if current is not None:
            self.setCurrentIndex(model.index_of(current))
        if top is not None:
            self.scrollTo(model.index_of(top), QTreeView.ScrollHint.PositionAtTop)
        self._quiet = False

    def choose_node(self, node: DetailNode) -> None:
        """Make a line current, since its bytes were chosen elsewhere."""
        self._quiet = True
        self.setCurrentIndex(self._model.index_of(node))
        self._quiet = False

    def current_node(self) -> DetailNode | None:
        """The line that is current."""
        return self._model.node(self.currentIndex())

    @property
    def note_width(self) -> int:
        """The width of the column of notes; 0 while it is hidden."""
        return self.columnWidth(NOTE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        super().paintEvent(event)
        cover_cut_row(self, self.sizeHintForRow(0))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go(self.currentIndex())
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._copy(self.current_node())
        elif event.key() == Qt.Key.Key_Right and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.expandAll()
        else:
            super().keyPressEvent(event)

    def _share_width(self) -> None:
        """Names and notes get what they need within bounds, values the rest."""
        width = self.viewport().width()
        self.setColumnHidden(NOTE, not self._model.has_notes)
        self.setColumnWidth(FIELD, min(max(LEAST_FIELD, self.sizeHintForColumn(FIELD)), round(width * FIELD_SHARE)))
        notes = max(self.header().sectionSizeHint(NOTE), self.sizeHintForColumn(NOTE))
        self.setColumnWidth(NOTE, min(notes, round(width * NOTE_SHARE)))

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


class _LineDelegate(QStyledItemDelegate):
    """Gives lines some air, values the room of notes that are not there, and placeholder layouts dots below their labels."""

    def __init__(self, tree: PacketTree) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  # Qt's name
        size = super().sizeHint(option, index)
        return QSize(size.width(), round(QFontMetrics(theme.mono_font()).height() * LINE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        node = index.internalPointer()
        if not isinstance(node, DetailNode):
            return
        if not node.note:
            if index.column() == NOTE:
                return
            if index.column() == VALUE:
                option.rect = option.rect.adjusted(0, 0, self._tree.note_width, 0)
        super().paint(painter, option, index)
        if index.column() != FIELD or node.provenance != "P":
            return
        painter.save()
        pen = QPen(theme.current().color("edge"), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        rect = option.rect
        width = min(rect.width() - 6, option.fontMetrics.horizontalAdvance(node.label))
        y = rect.center().y() + option.fontMetrics.ascent() // 2 + 2
        painter.drawLine(rect.left() + 3, y, rect.left() + 3 + width, y)
        painter.restore()
