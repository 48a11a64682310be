"""A decoded recording: what one asks of it by layer and number."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from app.analysis.frame_table import Frame, FrameTable
from decoders.bus.wiring import Wiring
from decoders.core.chunk import Lost
from decoders.core.finding import Finding
from decoders.core.frames import DIRECTIONS
from decoders.core.span import Timebase
from decoders.packet_reading import PacketReader, PacketReading
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from decoders.transactions import Transaction
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop, PacketBatch

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


class Capture:
    """Collects what the stack gives and answers by number; call `finish` before asking."""

    def __init__(self, profile: WireProfile, wiring: Wiring, timebase: Timebase) -> None:
        self.profile = profile
        self.wiring = wiring
        self.timebase = timebase
        self.transactions: list[Transaction] = []
        self.findings: list[Finding] = []
        self.gaps: list[Lost] = []
        self.transfer_count = 0
        self._reader = PacketReader(profile)
        self._frames: list[FrameTable] = []
        self._packets: list[PacketBatch] = []
        self._links: list[tuple[np.ndarray, np.ndarray]] = []
        self._repeats: dict[int, int] = {}
        self._retransmissions: set[int] = set()
        self._hops: dict[int, int] = {}
        self._packet_of_frame = np.zeros(0, np.int64)
        self._frames_by_packet = np.zeros(0, np.int64)
        self._first_of_packet = np.zeros(0, np.int64)
        self._codes_of_packet: dict[int, list[str]] = {}

    @property
    def frame_count(self) -> int:
        return sum(map(len, self._frames))

    @property
    def packet_count(self) -> int:
        return sum(map(len, self._packets))

    @property
    def resident_bytes(self) -> int:
        """Memory of the frame columns, their packet numbers included."""
        return sum(table.resident_bytes for table in self._frames) + self._packet_of_frame.nbytes

    def add(self, decoded: Decoded) -> None:
        """Take in what one piece of the recording gave."""
        self.transfer_count += len(decoded.transfers)
        self.gaps += decoded.gaps
        if len(decoded.frames):
            self._frames.append(FrameTable(self.profile, decoded.frames))
        if len(decoded.packets):
            self._packets.append(decoded.packets)
        links = decoded.links
        if len(links.frame):
            self._links.append((links.frame, links.packet))
        self._repeats.update(links.repeats)
        self._retransmissions.update(links.retransmission.tolist())
        self._hops.update(links.hop)
        for transaction in decoded.transactions:
            if transaction.no > len(self.transactions):
                self.transactions.append(transaction)
        self.findings += decoded.findings

    def finish(self) -> None:
        """Order the findings by time and settle which frame belongs to which packet."""
        self.findings.sort(
            key=lambda finding: (finding.span.start, LAYERS.index(finding.code.layer), finding.record or 0, finding.code.name)
        )
        for finding in self.findings:
            if finding.code.layer == "packets" and finding.record is not None:
                self._codes_of_packet.setdefault(finding.record, []).append(finding.code.name)
        packet_of_frame = np.zeros(self.frame_count + 1, np.min_scalar_type(self.packet_count))
        for frames, packets in self._links:
            packet_of_frame[frames] = packets
        linked = np.flatnonzero(packet_of_frame)
        order = linked[np.argsort(packet_of_frame[linked], kind="stable")]
        self._frames_by_packet = order
        self._first_of_packet = np.searchsorted(packet_of_frame[order], np.arange(self.packet_count + 2))
        for repeated, original in self._repeats.items():
            packet_of_frame[repeated] = packet_of_frame[original]
        self._packet_of_frame = packet_of_frame

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
                yield self._packet(batch, row)

    def packet(self, no: int) -> Packet:
        """The packet with a number, from 1; IndexError where there is none."""
        at = bisect.bisect_right(self._packets, no, key=attrgetter("first_no")) - 1
        if at < 0 or no - self._packets[at].first_no >= len(self._packets[at]):
            raise IndexError(f"there is no packet {no}")
        return self._packet(self._packets[at], no - self._packets[at].first_no)

    def packet_of_frame(self, no: int) -> int | None:
        """The number of the packet that a frame belongs to."""
        return int(self._packet_of_frame[no]) or None

    def frames_of_packet(self, no: int) -> list[int]:
        """The numbers of a packet's frames, both sightings of a forwarded one, retransmissions left out."""
        first, last = self._first_of_packet[no], self._first_of_packet[no + 1]
        return [int(frame) for frame in self._frames_by_packet[first:last]]

    def is_retransmission(self, frame_no: int) -> bool:
        return frame_no in self._retransmissions

    def hop_of_frame(self, frame_no: int) -> int | None:
        """The number of the other sighting of a forwarded frame."""
        return self._hops.get(frame_no)

    def codes_of_packet(self, no: int) -> list[str]:
        """The codes of a packet's findings, in order of time."""
        return self._codes_of_packet.get(no, [])

    def _packet(self, batch: PacketBatch, row: int) -> Packet:
        ending = Ending(int(batch.ending[row]))
        content = batch.content(row)
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
            self._reader.read(content, whole=ending is Ending.WHOLE, has_header=ending is not Ending.NO_FIRST),
        )


def _at(tables: list[FrameTable], no: int, what: str) -> Frame:
    at = bisect.bisect_right(tables, no, key=attrgetter("first_no")) - 1
    if at < 0 or no - tables[at].first_no >= len(tables[at]):
        raise IndexError(f"there is no {what} {no}")
    return tables[at].frame(no - tables[at].first_no)
