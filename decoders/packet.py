"""The application packet: header columns, what a header may not say, and the order of counters (wire-format 4)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import Span
from decoders.core.tree import FieldNode, Value
from decoders.profile.columns import Columns, extract, value_at
from decoders.profile.wire_profile import WireProfile

SHORT_HEADER = Code("short-packet", "packets", Severity.ERROR, "A complete packet is shorter than a packet header.")
BODY_LENGTH = Code("body-length", "packets", Severity.ERROR, "The header's body_length differs from the bytes that came.")
CONSTANT = Code("wrong-header-constant", "packets", Severity.WARNING, "A header field that must have a fixed value has another.")
UNKNOWN_SERVICE = Code(
    "unknown-service", "packets", Severity.WARNING, "The header names a service that the wire profile does not know."
)
UNKNOWN_OPERATION = Code(
    "unknown-operation", "packets", Severity.WARNING, "The header names an operation that its service does not have."
)
UNKNOWN_STATUS = Code("unknown-status", "packets", Severity.WARNING, "A response has a status that the wire profile does not name.")
COMMAND_STATUS = Code("status-in-command", "packets", Severity.WARNING, "A command has a status, which only responses have.")
FAILED = Code("operation-failed", "packets", Severity.NOTE, "A response refuses its command with a status that is not ok.")
COUNTER = Code(
    "counter-not-increasing",
    "packets",
    Severity.WARNING,
    "A source's counter did not grow since its packet before to the same destination.",
)
CODES = (
    SHORT_HEADER, BODY_LENGTH, CONSTANT, UNKNOWN_SERVICE, UNKNOWN_OPERATION, UNKNOWN_STATUS, COMMAND_STATUS, FAILED, COUNTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PacketBytes:
    """Where the bytes of n packets are, and which of them are whole: the input of this layer.

    `data[offset[i] : offset[i] + size[i]]`; `has_header` is False where a packet's first fragment is missing; `whole` True where
    nothing is. `start` and `end` are ticks, `first_frame` is the number of the packet's first frame, `first_no` of packet 0.
    """

    first_no: int
    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    has_header: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first_frame: NDArray[np.int64]


def packet_headers(profile: WireProfile, packets: PacketBytes) -> Columns:
    """Header columns; a packet whose header did not come is not `complete` and has zeros."""
    return extract(profile.packet, packets.data, packets.offset, np.where(packets.has_header, packets.size, 0))


def header_values(profile: WireProfile, headers: Columns, row: int) -> dict[str, Value]:
    """The record values of one packet's header; empty where it did not come."""
    if not headers.complete[row]:
        return {}
    values = {}
    for field in profile.packet.fields:
        if field.name in headers.numbers and bool(headers.present.get(field.name, headers.complete)[row]):
            values[field.name] = value_at(field, int(headers.numbers[field.name][row]))
    return values


def header_findings(profile: WireProfile, packets: PacketBytes, headers: Columns) -> list[Finding]:
    """What the headers say that they may not, in order of the packets."""
    found: list[tuple[int, Code, str]] = []
    complete = headers.complete
    for row in np.flatnonzero(packets.whole & ~complete).tolist():
        found.append((row, SHORT_HEADER, f"{packets.size[row]} bytes are no packet"))
    if "body_length" in headers.numbers:
        body = packets.size - headers.size
        claimed = headers.numbers["body_length"].astype(np.int64)
        for row in np.flatnonzero(packets.whole & complete & (body != claimed)).tolist():
            found.append((row, BODY_LENGTH, f"the header says {claimed[row]} bytes of body and {body[row]} came"))
    for field in profile.packet.fields:
        if isinstance(field.constant, int) and field.name in headers.numbers:
            number = headers.numbers[field.name]
            for row in np.flatnonzero(complete & (number != field.constant)).tolist():
                found.append((row, CONSTANT, f"{field.name} is {number[row]} and must be {field.constant}"))
    found += _number_findings(profile, headers)
    found.sort(key=lambda item: item[0])
    return [Finding(code, text, packet_span(packets, row), packets.first_no + row) for row, code, text in found]


def packet_span(packets: PacketBytes, row: int) -> Span:
    """From a packet's first sampled bit to behind its last."""
    return Span(int(packets.start[row]), max(int(packets.start[row]), int(packets.end[row])) + 1)


def _number_findings(profile: WireProfile, headers: Columns) -> list[tuple[int, Code, str]]:
    complete = headers.complete
    service, operation = headers.get("service").astype(np.int64), headers.get("operation").astype(np.int64)
    status, response = headers.get("status").astype(np.int64), headers.get("response") != 0
    known = complete & np.isin(service, list(profile.services))
    pairs = [number << 32 | code for number, entry in profile.services.items() for code in entry.operations]
    bad_operation = known & ~np.isin(service << 32 | operation, pairs)
    statuses = profile.enumerations["status"].by_number
    unknown_status = complete & ~np.isin(status, list(statuses))
    failed = complete & response & (status != 0)
    found = [
        (row, UNKNOWN_SERVICE, f"no service has the number {service[row]}") for row in np.flatnonzero(complete & ~known).tolist()
    ]
    for row in np.flatnonzero(bad_operation).tolist():
        found.append((row, UNKNOWN_OPERATION, f"{profile.service_name(int(service[row]))} has no operation {operation[row]}"))
    for row in np.flatnonzero(complete & ~response & (status != 0)).tolist():
        found.append((row, COMMAND_STATUS, f"the command has the status {statuses.get(int(status[row]), int(status[row]))}"))
    for row in np.flatnonzero(unknown_status & response).tolist():
        found.append((row, UNKNOWN_STATUS, f"no status has the number {status[row]}"))
    for row in np.flatnonzero(failed & ~unknown_status).tolist():
        found.append((row, FAILED, f"the answer is {statuses[int(status[row])]}"))
    return found


class CounterOrder:
    """Judges counters per (source, destination) in order of first frames, although ports complete out of order.

    A packet is judged once no packet that began before it can still come.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, tuple[int, int], int, Span]] = []
        self._last: dict[tuple[int, int], int] = {}

    def feed(self, packets: PacketBytes, headers: Columns, settled_before: int | None) -> list[Finding]:
        """Take packets in; judge those whose first frame comes before `settled_before`, all where that is None."""
        if "counter" in headers.numbers:
            source, destination = headers.get("source").tolist(), headers.get("destination").tolist()
            counter, first = headers.numbers["counter"].tolist(), packets.first_frame.tolist()
            for row in np.flatnonzero(headers.complete).tolist():
                no = packets.first_no + row
                pair = (source[row], destination[row])
                heapq.heappush(self._waiting, (first[row], no, pair, counter[row], packet_span(packets, row)))
        findings = []
        while self._waiting and (settled_before is None or self._waiting[0][0] < settled_before):
            _, no, pair, value, span = heapq.heappop(self._waiting)
            last = self._last.get(pair, -1)
            if value <= last:
                findings.append(Finding(COUNTER, f"the counter is {value} after {last}", span, no))
            self._last[pair] = max(value, last)
        return findings


def packet_tree(profile: WireProfile, content: bytes) -> FieldNode:
    """The field tree of a packet's header; the body is the services' and the protection's."""
    tree = profile.packet.read(content, whole=False).tree
    tree.text = f"{len(content)} bytes"
    return tree
