"""What is written on an annotation: the same thing in several lengths, the longest first, and how grave what was noticed is."""

from __future__ import annotations

from dataclasses import dataclass

from app.analysis.packet_list.rows import Kind, code_of
from app.analysis.packet_list.text import COLUMNS, SUPPLY, Column, RowTexts
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.service_tags import service_tag
from app.analysis.text.words import duration_text
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.services.words import Names

KEPT = 4096
COMMAND = "command"
"""What the status column says of a packet that asks."""
_SAID = tuple(column for column in COLUMNS if column not in {Column.TIME, Column.DELTA, *SUPPLY})


@dataclass(frozen=True, slots=True)
class Label:
    """Texts of an annotation, the longest first; `severity` of the gravest finding."""

    texts: tuple[str, ...]
    severity: Severity | None


class Labels:
    """Labels by layer and record number, made once and kept for those that were looked at last."""

    def __init__(self, snapshot: Snapshot, timebase: Timebase, names: Names) -> None:
        self._snapshot = snapshot
        self._timebase = timebase
        self._texts = RowTexts(snapshot, timebase, names)
        self._kept: dict[tuple[str, int], Label] = {}

    def forget(self) -> None:
        """Make labels anew: more is known."""
        self._texts.severities.update()
        self._kept.clear()

    def label(self, layer: str, no: int) -> Label:
        """What a transaction, packet or frame says of itself."""
        kept = self._kept.get((layer, no))
        if kept is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            kept = self._kept[layer, no] = self._made(layer, no)
        return kept

    def _made(self, layer: str, no: int) -> Label:
        match layer:
            case "transactions":
                return Label(tuple(self._transaction(no)), self._gravest_of_transaction(no))
            case "packets":
                code = code_of(Kind.PACKET, no)
                return Label(tuple(self._packet(self._said(code))), self._texts.severities.of(code))
            case _:
                code = code_of(Kind.FRAME, no)
                return Label(tuple(self._frame(self._said(code))), self._texts.severities.of(code))

    def _gravest_of_transaction(self, no: int) -> Severity | None:
        exchange = self._snapshot.transaction(no)
        found = (
            self._texts.severities.of(code_of(Kind.PACKET, packet)) for packet in (exchange.command, exchange.response) if packet
        )
        return max((severity for severity in found if severity is not None), default=None)

    def _said(self, code: int) -> dict[Column, str]:
        return dict(zip(_SAID, self._texts.said(code), strict=True))

    def _transaction(self, no: int) -> list[str]:
        exchange = self._snapshot.transaction(no)
        service = str(exchange.service)
        short = _shorter(service, str(exchange.operation))
        if exchange.latency is None:
            return [f"{short[0]} · no answer seen" if exchange.response is None else short[0], *short]
        answered = f"{short[0]} → {exchange.status}"
        return [f"{answered} · {duration_text(self._timebase.ns(exchange.latency))}", answered, *short]

    @staticmethod
    def _packet(said: dict[Column, str]) -> list[str]:
        operation, status, info = said[Column.OPERATION], said[Column.STATUS], said[Column.INFO]
        if not operation:
            return ["packet in part", "part"]
        short = _shorter(said[Column.SERVICE], operation)
        answered = [] if status == COMMAND else [f"{short[0]} → {status}"]
        first = (answered or short)[0]
        return [*([f"{first} · {info}"] if info else []), *answered, *short]

    @staticmethod
    def _frame(said: dict[Column, str]) -> list[str]:
        kind = said[Column.OPERATION]
        return [f"{kind} · {said[Column.INFO]}", kind] if said[Column.INFO] else [kind]


def _shorter(service: str, operation: str) -> list[str]:
    """Service and operation, the operation alone, the service's tag."""
    tag = service_tag(service)
    return [f"{service} {operation}", operation, *([tag] if tag else [])]
