"""The gravest finding of each frame, packet and transaction, so that a list can show it beside the record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.analysis.packet_list.rows import Kind, kind_of, number_of
from app.analysis.tables.snapshot import Snapshot
from decoders.core.finding import Severity
from decoders.stack import ALL_CODES

LAYERS = ("frames", "packets", "transactions")
_SEVERITY = np.array([code.severity + 1 for code in ALL_CODES], np.uint8)
_LAYER = np.array([LAYERS.index(code.layer) if code.layer in LAYERS else len(LAYERS) for code in ALL_CODES], np.uint8)


class Severities:
    """One byte a record: 0 where nothing was noticed, else the severity + 1."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._seen = 0
        self._worst = {layer: np.zeros(0, np.uint8) for layer in LAYERS}

    def update(self) -> bool:
        """Take in the findings that came since the last time; True where there were any."""
        since, self._seen = self._seen, self._snapshot.count("findings")
        if self._seen == since:
            return False
        codes = self._snapshot.column("findings", "code")[since:]
        records = self._snapshot.column("findings", "record")[since:]
        for index, layer in enumerate(LAYERS):
            mine = (_LAYER[codes] == index) & (records > 0)
            worst = self._worst[layer] = _at_least(self._worst[layer], self._snapshot.count(layer) + 1)
            np.maximum.at(worst, records[mine], _SEVERITY[codes[mine]])
        return True

    def of(self, code: int) -> Severity | None:
        """The gravest finding of what a row shows; a packet's frames and the transaction that it completes count for it."""
        kind, no = kind_of(code), number_of(code)
        match kind:
            case Kind.PACKET:
                worst = max(self._at("packets", no), self._of_frames(no), self._of_transaction(no))
            case Kind.GAP:
                worst = Severity.WARNING + 1
            case _:
                worst = self._at("frames", no)
        return Severity(worst - 1) if worst else None

    def _at(self, layer: str, no: int) -> int:
        worst = self._worst[layer]
        return int(worst[no]) if no < len(worst) else 0

    def _of_frames(self, packet: int) -> int:
        return max((self._at("frames", frame) for frame in self._snapshot.frames_of_packet(packet)), default=0)

    def _of_transaction(self, packet: int) -> int:
        no = self._snapshot.transaction_of_packet(packet)
        if no is None:
            return 0
        response = int(self._snapshot.column("transactions", "response")[no - 1])
        return self._at("transactions", no) if response in {0, packet} else 0


def _at_least(column: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The same numbers, and zeros behind them."""
    if size <= len(column):
        return column
    grown = np.zeros(max(size, len(column) * 3 // 2), np.uint8)
    grown[: len(column)] = column
    return grown
