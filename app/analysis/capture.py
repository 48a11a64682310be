"""A decoded recording: what one asks of it by layer and number."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.analysis.frame_table import Frame, FrameTable, narrow
from app.analysis.power.meter import Measured
from app.analysis.power.port_spans import SpanColumns
from decoders.bus.wiring import Wiring
from decoders.core.chunk import Lost
from decoders.core.errors import RecordingError
from decoders.core.finding import Finding
from decoders.core.frames import DIRECTIONS
from decoders.core.span import Span, Timebase
from decoders.core.tree import FieldNode
from decoders.packet_reading import PacketReader, PacketReading
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from decoders.transactions import Transaction
from decoders.transport.chains import Ending
from decoders.transport.packets import FrameLinks, Hop, PacketBatch

Numbers = NDArray[Any]
"""Unsigned integers."""
NONE = np.empty(0, np.uint8)
LAYERS = ("transfers", "frames", "packets", "transactions", "findings")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, whole or in part; ticks of its first and last bit; `hop_start` −1 where it did not leave again."""

    no: int
    start: int
    end: int
    stream: int
    port: int
    direction: str
    ending: Ending
    hop: Hop
    hop_start: int
    content: bytes
    reading: PacketReading


class RecordEnergies(Protocol):
    """What the records of frames, packets and transactions took from their ports' supply; None where nobody knows."""

    def of(self, layer: str, no: int) -> Measured | None: ...


class Capture:
    """Collects what the stack gives and answers by number; call `finish` before asking.

    With `check_payloads` it looks for findings in the payloads of packets, which a stack that checks them itself has done before.
    It does so while packets are read for another reason, so that none is read twice, and for the rest when findings are asked for.
    `last_tick` is how far the recording was read; `fault` says why not to its end, where it is damaged. `energies` answers where
    currents are wired.
    """

    def __init__(self, profile: WireProfile, wiring: Wiring, timebase: Timebase, *, check_payloads: bool = False) -> None:
        self.profile = profile
        self.wiring = wiring
        self.timebase = timebase
        self.transactions: list[Transaction] = []
        self.gaps: list[Lost] = []
        self.transfer_count = 0
        self.last_tick = 0
        self.fault: RecordingError | None = None
        self.energies: RecordEnergies | None = None
        self._reader = PacketReader(profile)
        self._frames: list[FrameTable] = []
        self._packets: list[PacketBatch] = []
        self._links: list[FrameLinks] = []
        self._packet_of_frame = self._frames_by_packet = self._first_of_packet = NONE
        self._retransmissions = self._hop_frames = self._hops = NONE
        self._findings: list[Finding] = []
        self._findings_of_packet: dict[int, list[Finding]] = {}
        self._are_in_order = True
        self._check_payloads = check_payloads
        self._checked_packets = 0

    @property
    def frame_count(self) -> int:
        return sum(map(len, self._frames))

    @property
    def packet_count(self) -> int:
        return self._packets[-1].first_no + len(self._packets[-1]) - 1 if self._packets else 0

    @property
    def resident_bytes(self) -> int:
        """Memory of the frames' columns and of what links them to packets and to each other; their bytes are not counted."""
        links = (self._packet_of_frame, self._frames_by_packet, self._first_of_packet)
        among_frames = (self._retransmissions, self._hop_frames, self._hops)
        return sum(table.resident_bytes for table in self._frames) + sum(column.nbytes for column in (*links, *among_frames))

    def add(self, decoded: Decoded) -> None:
        """Take in what one piece of the recording gave."""
        self.transfer_count += len(decoded.transfers)
        self.gaps += decoded.gaps
        if len(decoded.frames):
            self._frames.append(FrameTable(self.profile, decoded.frames))
        if len(decoded.packets):
            self._packets.append(decoded.packets)
        self._links.append(decoded.links)
        for transaction in decoded.transactions:
            if transaction.no > len(self.transactions):
                self.transactions.append(transaction)
        for finding in decoded.findings:
            self._take(finding)

    def finish(self) -> None:
        """Settle which frame belongs to which packet."""
        self._link(self._links)
        self._links = []

    def _link(self, links: list[FrameLinks]) -> None:
        """Columns, as narrow as they may be, from what the batches said of frames of their own and of earlier ones."""
        packet_of_frame = np.zeros(self.frame_count + 1, np.min_scalar_type(self.packet_count))
        for link in links:
            packet_of_frame[link.frame] = link.packet
        linked = np.flatnonzero(packet_of_frame)
        order = linked[np.argsort(packet_of_frame[linked], kind="stable")]
        self._first_of_packet = narrow(np.searchsorted(packet_of_frame[order], np.arange(self.packet_count + 2)))
        self._frames_by_packet = narrow(order)
        repeated, originals = _columns([link.repeats for link in links])
        packet_of_frame[repeated] = packet_of_frame[originals]
        self._packet_of_frame = packet_of_frame
        self._retransmissions = narrow(np.unique(np.concatenate([NONE, *(link.retransmission for link in links)])))
        self._hop_frames, self._hops = _columns([link.hop for link in links])

    @property
    def findings(self) -> list[Finding]:
        """All findings, in order of time."""
        self._check_until(self.packet_count)
        if not self._are_in_order:
            self._findings.sort(key=_in_time)
            self._are_in_order = True
        return self._findings

    def notice(self, findings: Iterable[Finding]) -> None:
        """Take in what was found in the whole of the recording."""
        for finding in findings:
            self._take(finding)

    def frame_spans(self) -> SpanColumns:
        """Start, end, stream and port of all frames, in order."""
        return _spans(self._frames)

    def packet_spans(self) -> SpanColumns:
        """The same of all packets."""
        return _spans(self._packets)

    def frames(self) -> Iterator[Frame]:
        """All frame records, in order."""
        for table in self._frames:
            for row in range(len(table)):
                yield table.frame(row)

    def frame(self, no: int) -> Frame:
        """The frame with a number, from 1; IndexError where there is none."""
        return _at(self._frames, no, "frame")

    def packets(self) -> Iterator[Packet]:
        """All packets, in order of completion."""
        for batch in self._packets:
            for row in range(len(batch)):
                packet = self._packet(batch, row)
                self._check(packet)
                yield packet

    def packet(self, no: int) -> Packet:
        """The packet with a number, from 1; IndexError where there is none."""
        at = bisect.bisect_right(self._packets, no, key=attrgetter("first_no")) - 1
        if at < 0 or no - self._packets[at].first_no >= len(self._packets[at]):
            raise IndexError(f"there is no packet {no}")
        return self._packet(self._packets[at], no - self._packets[at].first_no)

    def packet_tree(self, packet: Packet) -> FieldNode:
        """The field tree of a packet."""
        return self._reader.tree(packet.content, packet.reading)

    def packet_of_frame(self, no: int) -> int | None:
        """The number of the packet that a frame belongs to."""
        return int(self._packet_of_frame[no]) or None

    def frames_of_packet(self, no: int) -> list[int]:
        """The numbers of a packet's frames, both sightings of a forwarded one, retransmissions left out."""
        first, last = self._first_of_packet[no], self._first_of_packet[no + 1]
        return [int(frame) for frame in self._frames_by_packet[first:last]]

    def is_retransmission(self, frame_no: int) -> bool:
        """Whether a frame was sent again; asked of a frame by its number."""
        return _place(self._retransmissions, frame_no) is not None

    def hop_of_frame(self, frame_no: int) -> int | None:
        """The number of the other sighting of a forwarded frame."""
        place = _place(self._hop_frames, frame_no)
        return None if place is None else int(self._hops[place])

    def codes_of_packet(self, no: int) -> list[str]:
        """The codes of a packet's findings, each once, in order of time."""
        self._check_until(no)
        return list(dict.fromkeys(finding.code.name for finding in sorted(self._findings_of_packet.get(no, []), key=_in_time)))

    def _take(self, finding: Finding) -> None:
        self._findings.append(finding)
        self._are_in_order = False
        if finding.code.layer == "packets" and finding.record is not None:
            self._findings_of_packet.setdefault(finding.record, []).append(finding)

    def _check_until(self, no: int) -> None:
        """Check the payloads of all packets up to this one."""
        while self._check_payloads and self._checked_packets < min(no, self.packet_count):
            self._check(self.packet(self._checked_packets + 1))

    def _check(self, packet: Packet) -> None:
        """Take the findings of a packet's payload, unless they are known; packets are checked in order."""
        if not self._check_payloads or packet.no != self._checked_packets + 1:
            return
        self._checked_packets = packet.no
        span = Span(packet.start, max(packet.start, packet.end) + 1)
        for code, text in packet.reading.problems():
            self._take(Finding(code, text, span, packet.no))

    def _packet(self, batch: PacketBatch, row: int) -> Packet:
        ending = Ending(int(batch.ending[row]))
        content, whole = batch.content(row), ending is Ending.WHOLE
        return Packet(
            batch.first_no + row,
            int(batch.start[row]),
            int(batch.end[row]),
            int(batch.stream[row]),
            int(batch.port[row]),
            DIRECTIONS[int(batch.direction[row])],
            ending,
            Hop(int(batch.hop[row])),
            int(batch.hop_start[row]),
            content,
            self._reader.read(content, whole=whole, has_header=whole or self._begins(batch, row)),
        )

    def _begins(self, batch: PacketBatch, row: int) -> bool:
        """Whether a packet's first frame is its first fragment."""
        return self.frame(int(batch.first_frame[row])).header.get("first", True) is not False


def _spans(tables: Sequence[FrameTable] | Sequence[PacketBatch]) -> SpanColumns:
    names = {"start": np.int64, "end": np.int64, "stream": np.uint8, "port": np.uint8}
    start, end, stream, port = (
        np.concatenate([np.empty(0, kind), *(getattr(table, name) for table in tables)]) for name, kind in names.items()
    )
    return SpanColumns(start, end, stream, port)


def _in_time(finding: Finding) -> tuple[int, int, int, str]:
    return finding.span.start, LAYERS.index(finding.code.layer), finding.record or 0, finding.code.name


def _columns(maps: list[dict[int, int]]) -> tuple[Numbers, Numbers]:
    """Keys, in ascending order, and values of some maps that have no key in common."""
    pairs = sorted(pair for each in maps for pair in each.items())
    keys, values = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    return narrow(keys), narrow(values)


def _place(numbers: Numbers, number: int) -> int | None:
    """Where a number stands in a column in ascending order."""
    place = int(np.searchsorted(numbers, number))
    return place if place < len(numbers) and numbers[place] == number else None


def _at(tables: list[FrameTable], no: int, what: str) -> Frame:
    at = bisect.bisect_right(tables, no, key=attrgetter("first_no")) - 1
    if at < 0 or no - tables[at].first_no >= len(tables[at]):
        raise IndexError(f"there is no {what} {no}")
    return tables[at].frame(no - tables[at].first_no)
