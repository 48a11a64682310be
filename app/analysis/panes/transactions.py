"""The list of transactions: commands with what became of them."""

from __future__ import annotations

import numpy as np

from app.analysis.panes.listing import Column, Numbers, Row, Target
from app.analysis.panes.supply import CHARGE, ENERGY, record_cells
from app.analysis.power.energies import Energies
from app.analysis.tables.filling import CODE_NUMBERS, NO_LATENCY
from app.analysis.tables.snapshot import Exchange, Snapshot
from app.analysis.text.words import SIGNS, count_text, duration_text, grouped, time_text
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.identity import maker_of
from decoders.transactions import NO_RESPONSE

COLUMNS = (
    Column("No.", right=True, sorts=True, sample="12 345"),
    Column("Time s", right=True, sorts=True, sample="1 234.000 000 000", spare=2),
    Column("Initiator", sample="acde480000000001", spare=1),
    Column("Responder", sample="acde480000000001", spare=3),
    Column("Latency", right=True, sorts=True, sample="1 234 ms"),
    Column("Status", sample="! no response"),
    Column("Service", sample="objects read_log"),
)
NUMBER, TIME, INITIATOR, RESPONDER, LATENCY, STATUS, SERVICE = range(len(COLUMNS))


class TransactionList:
    """All transactions by number, by time or by latency; those without a latency come last either way.

    `energies` tell what each took, where currents are wired.
    """

    def __init__(self, snapshot: Snapshot, timebase: Timebase, energies: Energies | None = None) -> None:
        self._energies = energies if energies is not None and energies.is_wired else None
        self._snapshot = snapshot
        self._timebase = timebase
        self._key = NUMBER
        self._descending = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """With energy and charge where currents are wired."""
        return COLUMNS if self._energies is None else (*COLUMNS, ENERGY, CHARGE)

    def sort_by(self, column: int, *, descending: bool) -> None:
        if not self.columns[column].sorts:
            raise ValueError(f"transactions are not sorted by {self.columns[column].title}")
        self._key, self._descending = column, descending

    def order(self) -> Numbers:
        if self._key == LATENCY:
            latency = self._snapshot.column("transactions", "latency")
            answered = latency != NO_LATENCY
            rows = np.flatnonzero(answered)
            ordered = self._directed(rows[np.argsort(latency[rows], kind="stable")])
            return np.concatenate([ordered, np.flatnonzero(~answered)]) + 1
        if self._key == TIME:
            return self._directed(np.argsort(self._starts(), kind="stable")) + 1
        return self._directed(np.arange(self._snapshot.count("transactions"))) + 1

    def _directed(self, rows: Numbers) -> Numbers:
        return rows[::-1] if self._descending else rows

    def _starts(self) -> Numbers:
        """The tick of each transaction's first packet."""
        command, response = (self._snapshot.column("transactions", name).astype(np.int64) for name in ("command", "response"))
        starts: Numbers = self._snapshot.column("packets", "start")[np.where(command > 0, command, response) - 1]
        return starts

    def row(self, no: int) -> Row:
        exchange = self._snapshot.transaction(no)
        opening = exchange.command or exchange.response or 0
        start = int(self._snapshot.column("packets", "start")[opening - 1])
        latency = "" if exchange.latency is None else duration_text(self._timebase.ns(exchange.latency))
        status, severity = self._status(exchange)
        service = f"{exchange.service} {exchange.operation}"
        time = time_text(self._timebase.ns(start))
        cells: tuple[str, ...] = (grouped(no), time, exchange.initiator, exchange.responder, latency, status, service)
        if self._energies is not None:
            cells += record_cells(self._energies, "transactions", no)
        return Row(cells, _makers(exchange), severity, (STATUS,))

    def target(self, no: int) -> Target:
        """The command, or the response where the command is not in the recording."""
        exchange = self._snapshot.transaction(no)
        opening = exchange.command or exchange.response or 0
        return Target("packets", opening, int(self._snapshot.column("packets", "start")[opening - 1]))

    def number_of(self, layer: str, no: int) -> int | None:
        """The transaction of a packet, or of the packet that a frame belongs to."""
        if not 1 <= no <= self._snapshot.count(layer):
            return None
        packet = no if layer == "packets" else self._snapshot.packet_of_frame(no)
        return None if packet is None else self._snapshot.transaction_of_packet(packet)

    def summary(self) -> str:
        """How many there are and how many were not answered."""
        count = self._snapshot.count("transactions")
        unanswered = int(np.count_nonzero(self._snapshot.column("transactions", "response") == 0))
        text = count_text(count, "transaction")
        return f"{text}, {grouped(unanswered)} without a response" if unanswered else text

    def _status(self, exchange: Exchange) -> tuple[str, Severity | None]:
        if exchange.command is None:
            return f"{exchange.status}, command not seen", Severity.CHAT
        if exchange.response is not None:
            return str(exchange.status), None
        if self._is_overdue(exchange.no):
            return f"{SIGNS['warning']} no response", Severity.WARNING
        return "no response seen", Severity.CHAT

    def _is_overdue(self, no: int) -> bool:
        """Whether the decoder judged that there was time for a response."""
        code, record = (self._snapshot.column("findings", name) for name in ("code", "record"))
        return bool(((code == CODE_NUMBERS[NO_RESPONSE.name]) & (record == no)).any())


def _makers(exchange: Exchange) -> str:
    parties = (("Initiator", exchange.initiator), ("Responder", exchange.responder))
    return "\n".join(f"{role} {umi_id}: {maker_of(umi_id) or 'maker unknown'}" for role, umi_id in parties)
