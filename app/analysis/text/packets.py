"""Packets, transactions and findings as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.capture import Capture, Packet
from app.analysis.findings import Findings, record_text
from app.analysis.power.text import took_text
from app.analysis.records import transaction_record
from app.analysis.text.packet_info import packet_info
from app.analysis.text.page import Page
from app.analysis.text.table import Column, Table
from app.analysis.text.tree import labelled_line
from app.analysis.text.words import SIGNS, duration_text, port_text, time_text
from decoders.services.words import Names
from decoders.transactions import Transaction
from decoders.transport.packets import Hop

_WIDE, _MEDIUM, _TIGHT = 140, 120, 96
"""The widths that the whole list needs, the list with one ID a packet, and the same without what a reader misses least."""
_LEAST_STATUS = len("command")


def packet_lines(capture: Capture, page: Page) -> Iterator[str]:
    """All packets, below each what was noticed about it, its frames and its transaction."""
    findings = Findings(capture, "packets")
    table = _PacketTable(capture, page)
    yield table.table.heading()
    before: int | None = None
    for packet in capture.packets():
        for loose in findings.before(packet.start):
            yield page.finding(table.table.indent, loose, findings.place(loose))
        yield table.row(packet, before)
        before = packet.start
        for finding in findings.of(packet.no):
            yield page.finding(table.table.indent, finding, record_text(finding) if finding.code.layer == "frames" else "")
        tree = capture.packet_tree(packet) if page.trees else None
        took = took_text(capture.energies, "packets", packet.no)
        yield from page.below(table.table.indent, tree, {"packet": packet.content}, took)
    for loose in findings.before(None):
        yield page.finding(table.table.indent, loose, findings.place(loose))


class _PacketTable:
    """One line a packet; a narrow page leaves out what matters less, and names the peripheral only or its port."""

    def __init__(self, capture: Capture, page: Page) -> None:
        self._capture, self._names = capture, page.names
        operation, status = _widths(capture)
        ids = ["Source", "Destination"] if page.fits(_WIDE) else ["Device"] if page.fits(_TIGHT) else []
        columns = [
            Column("No.", len(str(capture.packet_count)), right=True),
            Column("Time s", _time_width(capture), right=True),
            Column("Δt", 7, right=True),
            Column("Port", 4, right=True),
            *(Column(title, 16) for title in ids),
            Column("Operation", operation),
            Column("Status", status),
            Column("Security", 8),
            Column("Length", 6, right=True),
            Column("Info"),
        ]
        hidden = set() if page.fits(_MEDIUM) else {"Δt", "Security", "Length"}
        self._columns = [column for column in columns if column.title not in hidden]
        self.table = Table(self._columns, page.width, page.paint)

    def row(self, packet: Packet, before: int | None) -> str:
        timebase, header = self._capture.timebase, packet.reading.header
        response = header.get("response")
        cells = {
            "No.": str(packet.no),
            "Time s": time_text(timebase.ns(packet.start)),
            "Δt": "" if before is None else duration_text(timebase.ns(packet.start) - timebase.ns(before)),
            "Port": port_text(packet.port, packet.direction),
            "Device": _device(packet),
            "Source": str(header.get("source", "")),
            "Destination": str(header.get("destination", "")),
            "Operation": f"{header.get('service', '')} {header.get('operation', '')}".strip(),
            "Status": str(header.get("status", "")) if response else "command" if header else "",
            "Security": security_text(packet),
            "Length": str(len(packet.content)),
            "Info": packet_info(packet, self._capture.timebase, self._names),
        }
        dim = {index: "dim" for index, column in enumerate(self._columns) if column.title == "Status" and not response}
        return self.table.row([cells[column.title] for column in self._columns], dim)


def _time_width(capture: Capture) -> int:
    return len(time_text(capture.timebase.ns(capture.last_tick)))


def _widths(capture: Capture) -> tuple[int, int]:
    """How wide the operations and the statuses are that occur; every packet with a header is in a transaction."""
    profile = capture.profile
    facts = [packet for one in capture.transactions for packet in (one.command, one.response) if packet is not None]
    operations = {(packet.service, packet.operation) for packet in facts}
    names = [f"{profile.service_name(service)} {profile.operation_name(service, code)}" for service, code in operations]
    statuses = profile.enumerations["status"].by_number
    answers = [str(statuses.get(status, status)) for status in {packet.status for packet in facts if packet.response}]
    return max(map(len, names), default=0), max(_LEAST_STATUS, *map(len, answers)) if answers else _LEAST_STATUS


def _device(packet: Packet) -> str:
    """The peripheral's end, both ends in short where the host only passes the packet on."""
    header = packet.reading.header
    source, destination = str(header.get("source", "")), str(header.get("destination", ""))
    if packet.hop is not Hop.NONE and header:
        return f"…{source[-4:]} ▸ …{destination[-4:]}"
    return destination if packet.direction == "h2p" else source


def security_text(packet: Packet) -> str:
    """What protects a packet, in one word."""
    header = packet.reading.header
    if header.get("encrypted"):
        return "locked"
    return "signed" if header.get("signed") else ""


def transaction_lines(capture: Capture, page: Page) -> Iterator[str]:
    """All transactions in order of their first packets, below each what was noticed about it and its packets."""
    findings = Findings(capture, "transactions")
    transactions = _TransactionTable(capture, page)
    table = transactions.table
    yield table.heading()
    for transaction in capture.transactions:
        for loose in findings.before(transaction.opening.start):
            yield page.finding(table.indent, loose, findings.place(loose))
        yield transactions.row(transaction)
        for finding in findings.of(transaction.no):
            yield page.finding(table.indent, finding, record_text(finding) if finding.code.layer != "transactions" else "")
        if page.trees and (took := took_text(capture.energies, "transactions", transaction.no)):
            yield labelled_line("Charge and energy", took, table.indent)
        if page.trees or page.dump:
            for facts in filter(None, (transaction.command, transaction.response)):
                packet = capture.packet(facts.no)
                yield from page.below(table.indent, capture.packet_tree(packet), {"packet": packet.content})
    for loose in findings.before(None):
        yield page.finding(table.indent, loose, findings.place(loose))


class _TransactionTable:
    """One line a transaction; a narrow page leaves out what matters less."""

    def __init__(self, capture: Capture, page: Page) -> None:
        self._capture, self._names = capture, page.names
        operation, status = _widths(capture)
        number = len(str(capture.packet_count))
        columns = [
            Column("No.", len(str(len(capture.transactions))), right=True),
            Column("Time s", _time_width(capture), right=True),
            Column("Command", number, right=True),
            Column("Response", number, right=True),
            Column("Latency", 7, right=True),
            Column("Initiator", 16),
            Column("Responder", 16),
            Column("Operation", operation),
            Column("Status", status),
            Column("Info"),
        ]
        hidden = set() if page.fits(_WIDE) else {"Initiator", "Responder"}
        hidden |= set() if page.fits(_TIGHT) else {"Latency"}
        self._columns = [column for column in columns if column.title not in hidden]
        self.table = Table(self._columns, page.width, page.paint)

    def row(self, transaction: Transaction) -> str:
        record = transaction_record(self._capture, transaction)
        cells = {
            "No.": str(transaction.no),
            "Time s": time_text(self._capture.timebase.ns(transaction.opening.start)),
            "Command": _optional(record["command"]),
            "Response": _optional(record["response"]),
            "Latency": "" if record["latency_ns"] is None else duration_text(record["latency_ns"]),
            "Initiator": _optional(record["initiator"]),
            "Responder": _optional(record["responder"]),
            "Operation": f"{record['service']} {record['operation']}",
            "Status": _optional(record["status"]),
            "Info": _transaction_info(self._capture, transaction, self._names),
        }
        return self.table.row([cells[column.title] for column in self._columns])


def _optional(value: object) -> str:
    return "–" if value is None else str(value)


def _transaction_info(capture: Capture, transaction: Transaction, names: Names) -> str:
    facts = [facts for facts in (transaction.command, transaction.response) if facts is not None]
    said = [packet_info(capture.packet(one.no), capture.timebase, names) for one in facts]
    return " ▸ ".join(filter(None, said))


def finding_lines(capture: Capture, page: Page) -> Iterator[str]:
    """All findings in order of time."""
    codes = {finding.code.name for finding in capture.findings}
    columns = [
        Column("No.", len(str(len(capture.findings))), right=True),
        Column("Time s", _time_width(capture), right=True),
        Column("Severity", 9),
        Column("Code", max(map(len, codes), default=0)),
        Column("Record", 11),
        Column("Text"),
    ]
    table = Table(columns, page.width, page.paint)
    yield table.heading()
    for no, finding in enumerate(capture.findings, 1):
        severity = finding.code.severity.name.lower()
        cells = (
            str(no),
            time_text(capture.timebase.ns(finding.span.start)),
            f"{SIGNS[severity]} {severity}",
            finding.code.name,
            record_text(finding),
            finding.text,
        )
        yield table.row(cells, {2: severity})
