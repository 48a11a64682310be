"""Keeps the tree and the bytes on the selected record, and each of them on what is chosen in the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction

from app.analysis.panes.detail import EMPTY, Detail, frame_detail, packet_detail
from app.analysis.power.energies import Energies
from app.analysis.workspace import Workspace
from app.desktop.selection import Record, Selection
from app.desktop.views.bytes_view import BytesView
from app.desktop.views.packet_tree import PacketTree

REST_MS = 400
CLOSED_TEXT = "Open a recording to see the {what} of its packets."
DECODING_TEXT = "The recording is still being decoded. The first packet is shown as soon as there is one."
NOTHING_TEXT = "No frame and no packet was found in this recording."
NONE_CHOSEN = "Select a packet or a frame to see its {what}."


class DetailPanes(QObject):
    """The two panes of one record.

    `open_action` is offered while no recording is open, `wire_action` where one holds nothing that could be shown.
    """

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tree = PacketTree(selection)
        self.bytes = BytesView()
        self.open_action: QAction | None = None
        self.wire_action: QAction | None = None
        self._selection = selection
        self._workspace: Workspace | None = None
        self._energies: Energies | None = None
        self._detail = EMPTY
        self._is_behind = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._catch_up)
        selection.record_changed.connect(self._show)
        selection.bits_changed.connect(self.bytes.mark)
        self.bytes.bit_chosen.connect(self._choose_bit)

    def set_workspace(self, workspace: Workspace | None, energies: Energies | None = None) -> None:
        """Look at another recording, or at none; `energies` tell what its records took."""
        self._workspace, self._energies = workspace, energies
        self._show(self._selection.record)

    def refresh(self) -> None:
        """Take in what was decoded since about the same record: its response, more of its frames, findings.

        Now and then is often enough, since making a tree anew takes some milliseconds.
        """
        if self._rest.isActive():
            self._is_behind = True
            return
        self._rest.start()
        self._is_behind = False
        self._take_in()

    def _catch_up(self) -> None:
        if self._is_behind:
            self.refresh()

    def _take_in(self) -> None:
        detail = self._detail_of(self._selection.record)
        if detail != self._detail:
            self._detail = detail
            self.bytes.show_more(detail.sources)
            self.tree.show_more(detail)
        self._tell_empty()

    def _show(self, record: Record | None) -> None:
        self._detail = self._detail_of(record)
        self.bytes.show_sources(self._detail.sources)
        self.tree.show_detail(self._detail)
        self._tell_empty()

    def _tell_empty(self) -> None:
        workspace = self._workspace
        for pane, what in ((self.tree, "fields"), (self.bytes, "bytes")):
            if workspace is None:
                pane.when_empty(CLOSED_TEXT.format(what=what), self.open_action)
            elif not workspace.snapshot.count("frames"):
                decoding = workspace.is_decoding
                pane.when_empty(DECODING_TEXT if decoding else NOTHING_TEXT, None if decoding else self.wire_action)
            else:
                pane.when_empty(NONE_CHOSEN.format(what=what))

    def _detail_of(self, record: Record | None) -> Detail:
        if record is None or self._workspace is None:
            return EMPTY
        snapshot, names, timebase = self._workspace.snapshot, self._workspace.names, self._workspace.timebase
        if not 1 <= record.no <= snapshot.count(record.layer):
            return EMPTY
        make = packet_detail if record.layer == "packets" else frame_detail
        return make(snapshot, names, timebase, record.no, self._energies)

    def _choose_bit(self, source: str, bit: int) -> None:
        node = self._detail.at_bit(source, bit)
        if node is not None:
            self.tree.choose_node(node)
            self._selection.choose_bits(node.source, node.start_bit, node.end_bit)
