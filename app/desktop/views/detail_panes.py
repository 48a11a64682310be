"""Keeps the tree and the bytes on the selected record, and each of them on what is chosen in the other."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.analysis.panes.detail import EMPTY, Detail, frame_detail, packet_detail
from app.analysis.workspace import Workspace
from app.desktop.selection import Record, Selection
from app.desktop.views.bytes_view import BytesView
from app.desktop.views.packet_tree import PacketTree


class DetailPanes(QObject):
    """The two panes of one record."""

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tree = PacketTree(selection)
        self.bytes = BytesView()
        self._selection = selection
        self._workspace: Workspace | None = None
        self._detail = EMPTY
        selection.record_changed.connect(self._show)
        selection.bits_changed.connect(self.bytes.mark)
        self.bytes.byte_chosen.connect(self._choose_byte)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Look at another recording, or at none."""
        self._workspace = workspace
        self._show(self._selection.record)

    def _show(self, record: Record | None) -> None:
        self._detail = self._detail_of(record)
        self.bytes.show_sources(self._detail.sources)
        self.tree.show_detail(self._detail)

    def _detail_of(self, record: Record | None) -> Detail:
        if record is None or self._workspace is None:
            return EMPTY
        snapshot, names, timebase = self._workspace.snapshot, self._workspace.names, self._workspace.timebase
        if not 1 <= record.no <= snapshot.count(record.layer):
            return EMPTY
        make = packet_detail if record.layer == "packets" else frame_detail
        return make(snapshot, names, timebase, record.no)

    def _choose_byte(self, source: str, byte: int) -> None:
        node = self._detail.at_bit(source, byte * 8)
        if node is not None:
            self.tree.choose_node(node)
            self._selection.choose_bits(node.source, node.start_bit, node.end_bit)
