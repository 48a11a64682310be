"""The whole stack: logic chunks in, records of every layer out. The only module that knows the order of the layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from decoders import link, packet, transactions
from decoders.bus.bursts import BurstDecoder
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import Wiring
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.finding import Code, Finding, Severity
from decoders.core.frames import H2P, P2H, FrameBatch
from decoders.core.span import Span
from decoders.core.transfers import TransferBatch, TransferFlag
from decoders.link import LinkDecoder, link_findings
from decoders.packet import CounterOrder, PacketBytes, header_findings, packet_headers
from decoders.packet_reading import PacketReader
from decoders.profile.columns import Columns
from decoders.profile.wire_profile import WireProfile
from decoders.services import payload
from decoders.transactions import PacketFacts, Transaction, TransactionPairing
from decoders.transport import packets as transport
from decoders.transport.chains import Ending
from decoders.transport.packets import FrameLinks, PacketBatch, Transported
from decoders.transport.reassembly import Reassembler

PARTIAL_WORD = Code("partial-word", "transfers", Severity.NOTE, "A transfer ends with clocked bits that fill no word.")
CUT_TRANSFER = Code("cut-transfer", "transfers", Severity.CHAT, "The recording begins, ends or has a gap inside this transfer.")
LONG_TRANSFER = Code(
    "endless-transfer", "transfers", Severity.NOTE, "A transfer went on for so long that it was cut into several records."
)
GAP = Code("gap", "transfers", Severity.WARNING, "A stretch of the recording is missing; nothing is concluded across it.")
BUS_CODES = (PARTIAL_WORD, CUT_TRANSFER, LONG_TRANSFER, GAP)

ALL_CODES: tuple[Code, ...] = (*BUS_CODES, *link.CODES, *transport.CODES, *packet.CODES, *payload.CODES, *transactions.CODES)
"""Every finding that a decoder may report; the manual's table is made from it."""

BUS_WINDOW = 1 << 24
"""Ticks after which several buses are merged, so that their common numbering does not depend on the chunks."""


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


class Stack:
    """Runs all layers over a recording.

    `rate_hz` is the ticks in a second. With `check_payloads` every payload is read once for its findings, which costs
    about 30 µs a packet; the columns do not need it.
    """

    def __init__(self, profile: WireProfile, wiring: Wiring, rate_hz: int, *, check_payloads: bool = True) -> None:
        self._profile = profile
        self._buses: list[SpiDecoder | BurstDecoder] = [SpiDecoder(wiring.spi, rate_hz)] if wiring.spi else []
        self._buses += [BurstDecoder(line, rate_hz) for line in wiring.uart if line.protocol == "raw"]
        self._serial = [line.stream for line in wiring.uart]
        observed = {(port.stream, port.port) for port in wiring.spi} | {(stream, 1) for stream in self._serial}
        self._link = LinkDecoder(profile, rate_hz)
        self._reassembler = Reassembler(profile, frozenset(observed), rate_hz)
        self._counters = CounterOrder()
        self._pairing = TransactionPairing(profile, rate_hz)
        self._reader = PacketReader(profile) if check_payloads else None
        self._held: list[list[TransferBatch]] = [[] for _ in self._buses]
        self._window_end = BUS_WINDOW
        self._next_transfer = 1
        self._tick = 0

    def feed(self, chunk: LogicChunk) -> Iterator[Decoded]:
        """The records that this chunk completes."""
        for held, bus in zip(self._held, self._buses, strict=True):
            held.append(bus.feed(chunk))
        self._tick = chunk.end
        if isinstance(chunk, Lost):
            yield from self._flush()
            yield self._gap(chunk)
        elif len(self._buses) == 1 or chunk.end >= self._window_end:
            yield from self._flush()

    def finish(self) -> Iterator[Decoded]:
        """The records that are open where the recording ends."""
        for held, bus in zip(self._held, self._buses, strict=True):
            held.append(bus.finish())
        yield from self._flush()
        end = self._above(TransferBatch.empty(), self._link.feed(TransferBatch.empty()), self._reassembler.finish(), [], last=True)
        yield replace(end, findings=end.findings + self._pairing.finish(self._tick))

    def _flush(self) -> Iterator[Decoded]:
        self._window_end = self._tick - self._tick % BUS_WINDOW + BUS_WINDOW
        held, self._held = self._held, [[] for _ in self._buses]
        for batches in held:
            for transfers in batches:
                if len(transfers):
                    yield self._decode(transfers)

    def _gap(self, lost: Lost) -> Decoded:
        self._pairing.gap(lost.start)
        gap = Finding(GAP, f"the recording has a gap: {lost.reason}", Span(lost.start, lost.end))
        ended = self._reassembler.gap(lost.start, lost.end)
        decoded = self._above(TransferBatch.empty(), self._link.feed(TransferBatch.empty()), ended, [gap], last=False)
        return replace(decoded, gaps=[lost])

    def _decode(self, transfers: TransferBatch) -> Decoded:
        frames = self._link.feed(transfers)
        if self._serial:
            frames = _directed_by_route(frames, self._serial)
        findings = transfer_findings(transfers, self._next_transfer) + link_findings(frames, self._profile)
        self._next_transfer += len(transfers)
        return self._above(transfers, frames, self._reassembler.feed(frames), findings, last=False)

    def _above(
        self, transfers: TransferBatch, frames: FrameBatch, transported: Transported, findings: list[Finding], *, last: bool
    ) -> Decoded:
        packets = transported.packets
        pieces = packet_bytes(packets)
        headers = packet_headers(self._profile, pieces)
        settled_before = None if last else self._reassembler.open_since
        if settled_before is None and not last:
            settled_before = frames.first_no + len(frames)
        findings = findings + transported.findings + header_findings(self._profile, pieces, headers)
        findings += self._counters.feed(pieces, headers, settled_before)
        touched: list[Transaction] = []
        for facts in _facts(packets, headers):
            transaction, noticed = self._pairing.feed(facts)
            touched.append(transaction)
            findings += noticed
        if self._reader is not None:
            findings += self._payload_findings(self._reader, packets, pieces)
        return Decoded(transfers, frames, packets, headers, transported.links, touched, findings)

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
        if bits and not flags:
            findings.append(Finding(PARTIAL_WORD, f"{bits} bits at the end fill no word", span, first_no + row))
        if flags & TransferFlag.CUT_BY_LENGTH:
            findings.append(Finding(LONG_TRANSFER, "the transfer goes on in the next record", span, first_no + row))
        elif flags:
            findings.append(Finding(CUT_TRANSFER, "the recording shows only a part of the transfer", span, first_no + row))
    return findings


def packet_bytes(packets: PacketBatch) -> PacketBytes:
    """What the packet layer needs to know of transported packets."""
    return PacketBytes(
        packets.first_no,
        packets.data,
        packets.offset,
        packets.size,
        packets.ending != Ending.NO_FIRST,
        packets.ending == Ending.WHOLE,
        packets.start,
        packets.end,
        packets.first_frame,
    )


def _facts(packets: PacketBatch, headers: Columns) -> Iterator[PacketFacts]:
    names = ("source", "destination", "transaction", "service", "operation", "status", "response")
    columns = [headers.get(name).tolist() for name in names]
    start, end, complete = packets.start.tolist(), packets.end.tolist(), headers.complete.tolist()
    for row, (source, destination, number, service, operation, status, response) in enumerate(zip(*columns, strict=True)):
        if complete[row]:
            no = packets.first_no + row
            yield PacketFacts(no, start[row], end[row], source, destination, number, service, operation, status, bool(response))
