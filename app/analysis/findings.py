"""Findings beside the records of one layer: which belongs to which record, and which stand by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

from app.analysis.capture import Capture
from app.analysis.text.words import count_text, time_text
from decoders.core.finding import Finding, Severity


class Findings:
    """What was noticed, seen from frames, packets or transactions: every finding of these layers and those below, once.

    A frame's finding belongs to its packet, a transaction's to the packet that completes it, a packet's to its transaction.
    """

    def __init__(self, capture: Capture, layer: Literal["frames", "packets", "transactions"]) -> None:
        self._capture = capture
        self._of_record: dict[int, list[Finding]] = {}
        self._loose: list[Finding] = []
        self._next_loose = 0
        owners: dict[str, Callable[[Finding], int | None]] = {
            "frames": _frame_of,
            "packets": _Packets(capture),
            "transactions": _Transactions(capture),
        }
        for finding in capture.findings:
            record = owners[layer](finding)
            if record is None:
                self._loose.append(finding)
            elif record:
                self._of_record.setdefault(record, []).append(finding)

    def of(self, no: int) -> list[Finding]:
        """The findings of one record, in order of time."""
        return self._of_record.get(no, [])

    def before(self, tick: int | None) -> Iterator[Finding]:
        """The findings without a record of this layer that begin by `tick` and were not given yet; all of them for None."""
        while self._next_loose < len(self._loose) and (tick is None or self._loose[self._next_loose].span.start <= tick):
            self._next_loose += 1
            yield self._loose[self._next_loose - 1]

    def place(self, finding: Finding) -> str:
        """Where a finding that stands by itself was made."""
        time = time_text(self._capture.timebase.ns(finding.span.start)) + " s"
        return f"{record_text(finding)} at {time}" if finding.record else f"at {time}"


def record_text(finding: Finding) -> str:
    """The record that a finding belongs to: frame 12."""
    return f"{finding.code.layer.removesuffix('s')} {finding.record}" if finding.record else ""


def _frame_of(finding: Finding) -> int | None:
    """0 for what frames do not show."""
    match finding.code.layer:
        case "transfers":
            return None
        case "frames":
            return finding.record
        case _:
            return 0


class _Packets:
    """The packet of a finding."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def __call__(self, finding: Finding) -> int | None:
        if finding.record is None:
            return None
        match finding.code.layer:
            case "packets":
                return finding.record
            case "frames":
                return self._capture.packet_of_frame(finding.record)
            case "transactions":
                transaction = self._capture.transactions[finding.record - 1]
                return (transaction.response or transaction.opening).no
            case _:
                return None


class _Transactions:
    """The transaction of a finding."""

    def __init__(self, capture: Capture) -> None:
        self._packets = _Packets(capture)
        self._of_packet = {
            packet.no: transaction.no
            for transaction in capture.transactions
            for packet in (transaction.command, transaction.response)
            if packet is not None
        }

    def __call__(self, finding: Finding) -> int | None:
        if finding.code.layer == "transactions":
            return finding.record
        packet = self._packets(finding)
        return None if packet is None else self._of_packet.get(packet)


def severities_text(severities: Iterator[Severity]) -> str:
    """14 findings (2 errors, 5 warnings, 7 notes)."""
    counts = Counter(severities)
    text = count_text(counts.total(), "finding")
    parts = [_severity_text(counts[severity], severity) for severity in sorted(counts, reverse=True)]
    return f"{text} ({', '.join(parts)})" if parts else text


def _severity_text(number: int, severity: Severity) -> str:
    return f"{number} chat" if severity is Severity.CHAT else count_text(number, severity.name.lower())
