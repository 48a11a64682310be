"""The application packet: header columns, what a header may not say, and the order of counters (wire-format 4)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import Span
from decoders.core.tree import FieldNode
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

Noticed = tuple[int, Code, str]
"""A row, and what is to be said about it."""


@dataclass(frozen=True, slots=True, eq=False)
class PacketBytes:
    """Where the bytes of n packets are, and how much of each packet they are: the input of this layer.

    `data[offset[i] : offset[i] + size[i]]`; `has_header` is False where a packet's first fragment is missing, `whole` True where
    nothing is, and `cut` True where the recording itself, by its start, its end or a gap, leaves a part out. `relayed` marks
    packets that were seen only as the host sent them on. `start` and `end` are ticks, `first_frame` is the number of the packet's
    first frame, `first_no` of packet 0.
    """

    first_no: int
    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    has_header: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    relayed: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first_frame: NDArray[np.int64]


def packet_headers(profile: WireProfile, packets: PacketBytes) -> Columns:
    """Header columns; a packet whose header did not come is not `complete` and has zeros."""
    return extract(profile.packet, packets.data, packets.offset, np.where(packets.has_header, packets.size, 0))


def header_findings(profile: WireProfile, packets: PacketBytes, headers: Columns) -> list[Finding]:
    """What the headers say that they may not, in order of the packets.

    Nothing is said of a packet that the recording shows only in part.
    """
    judged = headers.complete & ~packets.cut
    short = _rows(packets.whole & ~headers.complete)
    found = [(row, SHORT_HEADER, f"no packet has only {_amount(int(packets.size[row]))}") for row in short]
    found += _length_findings(packets, headers)
    found += _constant_findings(profile, headers, judged)
    found += _operation_findings(profile, headers, judged)
    found += _status_findings(profile, headers, judged)
    found.sort(key=lambda item: item[0])
    return [Finding(code, text, packet_span(packets, row), packets.first_no + row) for row, code, text in found]


def packet_span(packets: PacketBytes, row: int) -> Span:
    """From a packet's first sampled bit to behind its last."""
    return _span(int(packets.start[row]), int(packets.end[row]))


def _span(start: int, end: int) -> Span:
    return Span(start, max(start, end) + 1)


def _rows(where: NDArray[np.bool_]) -> list[int]:
    rows: list[int] = np.flatnonzero(where).tolist()
    return rows


def _amount(size: int) -> str:
    return "1 byte" if size == 1 else f"{size} bytes"


def _length_findings(packets: PacketBytes, headers: Columns) -> list[Noticed]:
    if "body_length" not in headers.numbers:
        return []
    body, claimed = packets.size - headers.size, headers.numbers["body_length"]
    return [
        (row, BODY_LENGTH, f"the header says {_amount(int(claimed[row]))} of body and {body[row]} came")
        for row in _rows(packets.whole & headers.complete & (body != claimed))
    ]


def _constant_findings(profile: WireProfile, headers: Columns, judged: NDArray[np.bool_]) -> list[Noticed]:
    found: list[Noticed] = []
    for field in profile.packet.fields:
        if field.constant is None or field.name not in headers.numbers:
            continue
        number = headers.numbers[field.name]
        constant = field.constant if isinstance(field.constant, int) else int.from_bytes(field.constant, "big")
        must_be = value_at(field, constant)
        for row in _rows(judged & headers.present.get(field.name, judged) & (number != constant)):
            found.append((row, CONSTANT, f"{field.name} is {value_at(field, int(number[row]))} and must be {must_be}"))
    return found


def _operation_findings(profile: WireProfile, headers: Columns, judged: NDArray[np.bool_]) -> list[Noticed]:
    if "service" not in headers.numbers or "operation" not in headers.numbers:
        return []
    service, operation = headers.numbers["service"], headers.numbers["operation"]
    known = np.isin(service, list(profile.services))
    found: list[Noticed] = [(row, UNKNOWN_SERVICE, f"no service has the number {service[row]}") for row in _rows(judged & ~known)]
    for number, entry in profile.services.items():
        for row in _rows(judged & (service == number) & ~np.isin(operation, list(entry.operations))):
            found.append((row, UNKNOWN_OPERATION, f"{entry.name} has no operation {operation[row]}"))
    return found


def _status_findings(profile: WireProfile, headers: Columns, judged: NDArray[np.bool_]) -> list[Noticed]:
    """A command has no status, which is to say 0 or ok."""
    if "status" not in headers.numbers:
        return []
    status, response = headers.numbers["status"], headers.get("response") != 0
    names, ok = profile.enumerations["status"].by_number, profile.enumerations["status"].by_name.get("ok", 0)
    refused = judged & headers.present.get("status", judged) & (status != ok)
    known = np.isin(status, list(names))
    found: list[Noticed] = []
    for row in _rows(refused & ~response & (status != 0)):
        found.append((row, COMMAND_STATUS, f"the command has the status {names.get(int(status[row]), int(status[row]))}"))
    for row in _rows(refused & response & ~known):
        found.append((row, UNKNOWN_STATUS, f"no status has the number {status[row]}"))
    for row in _rows(refused & response & known):
        found.append((row, FAILED, f"the answer is {names[int(status[row])]}"))
    return found


class _Counted(NamedTuple):
    """One packet's counter and where the packet is; in order of first frames, of which no two packets share one."""

    first_frame: int
    no: int
    source: int
    destination: int
    counter: int
    relayed: bool
    start: int
    end: int


class CounterOrder:
    """Judges counters per (source, destination) in order of first frames, although ports complete out of order.

    A packet is judged once no packet that began before it can still come. One that was seen only as the host sent it on is not:
    where it came in, it came in its turn.
    """

    def __init__(self) -> None:
        self._waiting: list[_Counted] = []
        self._last: dict[tuple[int, int], int] = {}

    def feed(self, packets: PacketBytes, headers: Columns, settled_before: int | None) -> list[Finding]:
        """Take packets in; judge those whose first frame comes before `settled_before`, all where that is None."""
        waiting = self._waiting
        for packet in _counted(packets, headers):
            heapq.heappush(waiting, packet)
        findings = []
        while waiting and (settled_before is None or waiting[0][0] < settled_before):
            _, no, source, destination, counter, relayed, start, end = heapq.heappop(waiting)
            last = self._last.get((source, destination), -1)
            if counter > last:
                self._last[source, destination] = counter
            elif not relayed:
                findings.append(Finding(COUNTER, f"the counter is {counter} after {last}", _span(start, end), no))
        return findings


def _counted(packets: PacketBytes, headers: Columns) -> Iterator[_Counted]:
    if "counter" not in headers.numbers:
        return iter(())
    rows = np.flatnonzero(headers.present.get("counter", headers.complete) & headers.complete)
    numbers = (headers.get("source"), headers.get("destination"), headers.numbers["counter"])
    columns = (packets.first_frame, np.arange(len(packets.size)) + packets.first_no, *numbers)
    places = (packets.relayed, packets.start, packets.end)
    return map(_Counted._make, zip(*(column[rows].tolist() for column in (*columns, *places)), strict=True))


def packet_tree(profile: WireProfile, content: bytes) -> FieldNode:
    """The field tree of a packet's header; the body is the services' and the protection's."""
    tree = profile.packet.read(content, whole=False).tree
    tree.text = f"{len(content)} bytes"
    return tree
