"""The whole stack: logic chunks in, records of every layer out. The only module that knows the order of the layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from decoders import clocks, link, packet, transactions
from decoders.bus.buses import Buses
from decoders.bus.wiring import Wiring
from decoders.clocks import ClockWatch
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.finding import Code, Finding, Severity
from decoders.core.frames import H2P, P2H, FrameBatch
from decoders.core.span import Span
from decoders.core.transfers import TransferBatch, TransferFlag
from decoders.link import LinkDecoder, link_findings
from decoders.packet import CounterOrder, PacketBytes, header_findings, packet_headers
from decoders.packet_reading import PacketReader
from decoders.power import codes as power
from decoders.profile.columns import Columns
from decoders.profile.wire_profile import WireProfile
from decoders.services import payload
from decoders.transactions import PacketFacts, Transaction, TransactionPairing
from decoders.transport import packets as transport
from decoders.transport.chains import Ending
from decoders.transport.packets import FrameLinks, Hop, PacketBatch, Transported
from decoders.transport.reassembly import Reassembler

PARTIAL_WORD = Code("partial-word", "transfers", Severity.NOTE, "A transfer ends with clocked bits that fill no word.")
CUT_TRANSFER = Code("cut-transfer", "transfers", Severity.CHAT, "The recording begins, ends or has a gap inside this transfer.")
LONG_TRANSFER = Code(
    "endless-transfer", "transfers", Severity.NOTE, "A transfer went on for so long that it was cut into several records."
)
GAP = Code("gap", "transfers", Severity.WARNING, "A stretch of the recording is missing; nothing is concluded across it.")
PARITY = Code(
    "parity-error", "transfers", Severity.WARNING, "A character of a serial burst has a wrong parity bit; its byte is kept."
)
FRAMING = Code("framing-error", "transfers", Severity.WARNING, "A character of a serial burst has no stop bit; its byte is kept.")
BUS_CODES = (PARTIAL_WORD, CUT_TRANSFER, LONG_TRANSFER, PARITY, FRAMING, GAP)
CUT_FLAGS = TransferFlag.STARTED_BEFORE | TransferFlag.ENDED_AFTER | TransferFlag.CUT_BY_GAP

ALL_CODES: tuple[Code, ...] = (
    *BUS_CODES, *link.CODES, *transport.CODES, *packet.CODES, *clocks.CODES, *payload.CODES, *transactions.CODES,
    *power.CODES,
)  # fmt: skip
"""Every finding that a decoder may report; the manual's table is made from it."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What one piece of the recording gave, layer by layer; `transactions` holds those that were opened or answered."""

    transfers: TransferBatch
    frames: FrameBatch
    packets: PacketBatch
    headers: Columns
    links: FrameLinks
    transactions: list[Transaction]
    findings: list[Finding]
    gaps: list[Lost] = field(default_factory=list)


class Middles:
    """Frames that go on with a packet: where a packet's first frame is one of them, its beginning is missing."""

    def __init__(self, profile: WireProfile) -> None:
        self._data = profile.enumerations["frame_type"].by_name.get("data", -1)
        self._numbers = np.empty(0, np.int64)

    def feed(self, frames: FrameBatch) -> None:
        is_data = (frames.malformed == 0) & (frames.column("type", max(self._data, 0)) == self._data)
        rows = np.flatnonzero(is_data & (frames.column("first", 1) == 0))
        self._numbers = np.concatenate([self._numbers, rows + frames.first_no])

    def forget(self, before: int) -> None:
        """No packet that began before this frame is still to come."""
        self._numbers = self._numbers[self._numbers >= before]

    def has(self, first_frame: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.isin(first_frame, self._numbers)


class Stack:
    """Runs all layers over a recording.

    `rate_hz` is the ticks in a second. With `check_payloads` every payload is read once for its findings, which costs
    about 30 µs a packet; the columns do not need it.
    """

    def __init__(self, profile: WireProfile, wiring: Wiring, rate_hz: int, *, check_payloads: bool = True) -> None:
        self._profile = profile
        self._buses = Buses(wiring, rate_hz)
        self._serial = [line.stream for line in wiring.uart]
        observed = {(port.stream, port.port) for port in wiring.spi} | {(stream, 1) for stream in self._serial}
        self._link = LinkDecoder(profile, rate_hz)
        self._reassembler = Reassembler(profile, frozenset(observed), rate_hz)
        self._middles = Middles(profile)
        self._counters = CounterOrder()
        self._clocks = ClockWatch(rate_hz)
        self._pairing = TransactionPairing(profile, rate_hz)
        self._reader = PacketReader(profile) if check_payloads else None
        self._lost: Lost | None = None
        self._next_transfer = 1
        self._tick = 0

    def feed(self, chunk: LogicChunk) -> Iterator[Decoded]:
        """The records that this chunk completes; chunks that do not follow each other have a gap between them."""
        if chunk.start > self._tick:
            yield from self._lose(Lost(self._tick, chunk.start, "the recording leaves out a stretch"))
        if isinstance(chunk, Lost):
            yield from self._lose(chunk)
        elif chunk.end > chunk.start:
            yield from self._end_gap()
            self._tick = chunk.end
            for transfers in self._buses.feed(chunk):
                yield self._decode(transfers)

    def finish(self) -> Iterator[Decoded]:
        """The records that are open where the recording ends."""
        yield from self._end_gap()
        for transfers in self._buses.finish():
            yield self._decode(transfers)
        end = self._above(*self._nothing(), self._reassembler.finish(self._tick), [], last=True)
        yield replace(end, findings=end.findings + self._pairing.finish(self._tick))

    def _lose(self, lost: Lost) -> Iterator[Decoded]:
        """Take in a gap; one that goes on for the same reason is one gap, however it was cut."""
        if self._lost is not None and self._lost.reason == lost.reason:
            lost = Lost(self._lost.start, lost.end, lost.reason)
        else:
            yield from self._end_gap()
        self._lost, self._tick = lost, lost.end

    def _end_gap(self) -> Iterator[Decoded]:
        """What the gap behind us cut off."""
        if self._lost is None:
            return
        lost, self._lost = self._lost, None
        for transfers in self._buses.feed(lost):
            yield self._decode(transfers)
        gap = Finding(GAP, f"the recording has a gap: {lost.reason}", Span(lost.start, lost.end))
        ended = self._above(*self._nothing(), self._reassembler.gap(lost.start, lost.end), [gap], last=False)
        self._pairing.gap(lost.start)
        yield replace(ended, gaps=[lost])

    def _nothing(self) -> tuple[TransferBatch, FrameBatch]:
        transfers = TransferBatch.empty()
        return transfers, self._link.feed(transfers)

    def _decode(self, transfers: TransferBatch) -> Decoded:
        frames = self._link.feed(transfers)
        if self._serial:
            frames = _directed_by_route(frames, self._serial)
        cut = (transfers.flags & CUT_FLAGS) != 0
        findings = transfer_findings(transfers, self._next_transfer) + link_findings(frames, self._profile, cut)
        self._next_transfer += len(transfers)
        return self._above(transfers, frames, self._reassembler.feed(frames), findings, last=False)

    def _above(
        self, transfers: TransferBatch, frames: FrameBatch, transported: Transported, findings: list[Finding], *, last: bool
    ) -> Decoded:
        packets = transported.packets
        self._middles.feed(frames)
        pieces = packet_bytes(packets, self._middles.has(packets.first_frame))
        headers = packet_headers(self._profile, pieces)
        settled_before = self._settled_before(frames)
        self._middles.forget(settled_before)
        findings = findings + transported.findings + header_findings(self._profile, pieces, headers)
        findings += self._counters.feed(pieces, headers, None if last else settled_before)
        findings += self._clocks.feed(pieces, headers)
        touched: list[Transaction] = []
        arrived = pieces.whole & (packets.hop != Hop.LOST)
        for facts in _facts(pieces, headers, arrived):
            transaction, noticed = self._pairing.feed(facts)
            touched.append(transaction)
            findings += noticed
        for finding in transported.findings:
            if finding.code is transport.ABORTED and finding.record is not None:
                self._pairing.excuse(finding.record)
        if self._reader is not None:
            findings += self._payload_findings(self._reader, packets, pieces)
        return Decoded(transfers, frames, packets, headers, transported.links, touched, findings)

    def _settled_before(self, frames: FrameBatch) -> int:
        """The first frame whose packet is still to come."""
        open_since = self._reassembler.open_since
        return frames.first_no + len(frames) if open_since is None else open_since

    def _payload_findings(self, reader: PacketReader, packets: PacketBatch, pieces: PacketBytes) -> list[Finding]:
        findings = []
        for row in np.flatnonzero(pieces.whole).tolist():
            for code, text in reader.read(packets.content(row), whole=True).problems():
                findings.append(Finding(code, text, packet.packet_span(pieces, row), packets.first_no + row))
        return findings


def _directed_by_route(frames: FrameBatch, serial: list[int]) -> FrameBatch:
    """On a serial link with one receiver the route says who sends: source 0 is the tool (wire-format 7, placeholder)."""
    if "src_port" not in frames.header:
        return frames
    by_route = np.isin(frames.stream, serial) & (frames.malformed == 0)
    from_tool = frames.header["src_port"] == 0
    direction = np.where(by_route, np.where(from_tool, H2P, P2H), frames.direction).astype(np.uint8)
    return replace(frames, direction=direction)


def transfer_findings(transfers: TransferBatch, first_no: int) -> list[Finding]:
    """What is odd about transfers by themselves."""
    findings = []
    for row in np.flatnonzero((transfers.flags != 0) | (transfers.partial_bits != 0)).tolist():
        span = Span(int(transfers.start[row]), max(int(transfers.start[row]), int(transfers.end[row])))
        flags, bits = int(transfers.flags[row]), int(transfers.partial_bits[row])
        found = []
        if bits and not flags:
            found.append((PARTIAL_WORD, f"{bits} bits at the end fill no word"))
        if flags & TransferFlag.CUT_BY_LENGTH:
            found.append((LONG_TRANSFER, "the transfer goes on in the next record"))
        elif flags & CUT_FLAGS:
            found.append((CUT_TRANSFER, "the recording shows only a part of the transfer"))
        if flags & TransferFlag.PARITY_ERROR:
            found.append((PARITY, "the burst holds characters with a wrong parity bit"))
        if flags & TransferFlag.FRAMING_ERROR:
            found.append((FRAMING, "the burst holds characters without a stop bit"))
        findings += [Finding(code, text, span, first_no + row) for code, text in found]
    return findings


def packet_bytes(packets: PacketBatch, headless: NDArray[np.bool_] | None = None) -> PacketBytes:
    """What the packet layer needs to know of transported packets.

    `headless` are those whose first frame is no first fragment; without it only those are known that are complete but for that.
    """
    if headless is None:
        headless = packets.ending == Ending.NO_FIRST
    leaving_only = np.isin(packets.hop, (Hop.NOT_RECEIVED, Hop.UNKNOWN)) & (packets.direction == H2P)
    return PacketBytes(
        packets.first_no,
        packets.data,
        packets.offset,
        packets.size,
        has_header=~headless,
        whole=packets.ending == Ending.WHOLE,
        cut=headless | np.isin(packets.ending, (Ending.GAP, Ending.END)),
        relayed=leaving_only,
        start=packets.start,
        end=packets.end,
        first_frame=packets.first_frame,
    )


def _facts(packets: PacketBytes, headers: Columns, arrived: NDArray[np.bool_]) -> Iterator[PacketFacts]:
    names = ("source", "destination", "transaction", "service", "operation", "status", "response")
    columns = [headers.get(name).tolist() for name in names]
    start, end, answerable, complete = (column.tolist() for column in (packets.start, packets.end, arrived, headers.complete))
    for row, (source, destination, number, service, operation, status, response) in enumerate(zip(*columns, strict=True)):
        if complete[row]:
            no, times = packets.first_no + row, (start[row], end[row])
            yield PacketFacts(no, *times, source, destination, number, service, operation, status, bool(response), answerable[row])
