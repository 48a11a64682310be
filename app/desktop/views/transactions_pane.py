"""The transactions pane: every command with its response, or without one."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.analysis.panes.listing import Decoded
from app.analysis.panes.transactions import TransactionList
from app.analysis.power.energies import Energies
from app.desktop.selection import Record, Selection
from app.desktop.views.record_table import RecordTable, go_to

MARGIN = 6
CLOSED_TEXT = "Open a recording to see its commands and responses."
DECODING_TEXT = "No transactions so far: the recording is still being decoded."
NONE_TEXT = "No transactions: no packet of this recording is a command or a response."


class TransactionsPane(QWidget):
    """Choosing a transaction chooses its command; a packet or frame that is chosen elsewhere has its transaction shown.

    `open_action` is offered while no recording is open.
    """

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self.open_action: QAction | None = None
        self._recording: Decoded | None = None
        self._transactions: TransactionList | None = None
        self.summary = QLabel(self)
        self.summary.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.table = RecordTable("transactions", "Transactions", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.summary)
        layout.addWidget(self.table)
        self.table.chosen.connect(self._go)
        selection.record_changed.connect(self._point_to)
        self.set_workspace(None)

    def set_workspace(self, recording: Decoded | None, energies: Energies | None = None) -> None:
        """Look at another recording, or at none; `energies` tell what transactions took."""
        self._recording = recording
        self._transactions = None if recording is None else TransactionList(recording.snapshot, recording.timebase, energies)
        self.table.show_listing(self._transactions)
        self.refresh()

    def refresh(self) -> None:
        """Take in what was decoded since."""
        self.table.refresh()
        self.summary.setText(self._transactions.summary() if self._transactions is not None else "")
        if self._recording is None:
            self.table.when_empty(CLOSED_TEXT, self.open_action)
        else:
            self.table.when_empty(DECODING_TEXT if self._recording.is_decoding else NONE_TEXT)
            self._point_to(self._selection.record)

    def _point_to(self, record: Record | None) -> None:
        """Show the transaction that a record belongs to."""
        if self._transactions is not None:
            self.table.show_number(None if record is None else self._transactions.number_of(record.layer, record.no))

    def _go(self, no: int) -> None:
        if self._transactions is not None:
            go_to(self._selection, self._transactions.target(no))
