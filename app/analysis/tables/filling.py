"""From what the stack gives to rows of tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.schema import HEADER_PREFIX, header_fields
from app.analysis.tables.store import Store
from decoders.core.finding import Finding
from decoders.core.frames import FrameBatch
from decoders.core.transfers import Line, TransferBatch
from decoders.profile.columns import Columns
from decoders.profile.wire_profile import WireProfile
from decoders.stack import ALL_CODES, Decoded
from decoders.transactions import Transaction
from decoders.transport.packets import FrameLinks, PacketBatch

Rows = dict[str, NDArray[Any]]
CODE_NUMBERS = {code.name: number for number, code in enumerate(ALL_CODES)}
NO_LATENCY = np.iinfo(np.int64).min


class Filler:
    """Puts decoded records into a store; record numbers are rows + 1 in every table."""

    def __init__(self, profile: WireProfile, store: Store) -> None:
        self._store = store
        layouts = {"frames": profile.frame, "packets": profile.packet}
        self._headers = {table: [field.name for field in header_fields(layout)] for table, layout in layouts.items()}

    def add(self, decoded: Decoded) -> None:
        """All records of one piece of the recording."""
        base = self._store.counts["bytes"]
        self._add_transfers(decoded.transfers, decoded.frames, base)
        self._add_frames(decoded.frames, base)
        self._add_packets(decoded.packets, decoded.headers, decoded.links, base, len(decoded.frames.data))
        self._link(decoded.links)
        self._add_transactions(decoded.transactions)
        self.add_findings(decoded.findings)
        if decoded.gaps:
            starts, ends = [gap.start for gap in decoded.gaps], [gap.end for gap in decoded.gaps]
            self._store.append("gaps", {"start": np.array(starts), "end": np.array(ends)})

    def _add_bytes(self, data: NDArray[np.uint8]) -> int:
        return self._store.append("bytes", {"data": data})

    def _add_transfers(self, transfers: TransferBatch, frames: FrameBatch, base: int) -> None:
        """The frames' bytes begin with the lines', unless framing had to unstuff them."""
        self._add_bytes(frames.data)
        if not len(transfers):
            return
        plain = len(transfers.h2p.data) + len(transfers.p2h.data) == len(frames.data)
        h2p_at = base if plain else self._add_bytes(transfers.h2p.data)
        p2h_at = base + len(transfers.h2p.data) if plain else self._add_bytes(transfers.p2h.data)
        rows: Rows = {name: getattr(transfers, name) for name in ("start", "end", "stream", "port", "flags", "partial_bits")}
        rows |= _line_rows("h2p", transfers.h2p, h2p_at) | _line_rows("p2h", transfers.p2h, p2h_at)
        self._store.append("transfers", rows)

    def _add_frames(self, frames: FrameBatch, base: int) -> None:
        if not len(frames):
            return
        count = len(frames)
        rows: Rows = {name: getattr(frames, name) for name in ("start", "stream", "port", "direction", "malformed")}
        rows["duration"] = frames.end - frames.start
        rows["at"] = frames.offset + base
        rows["size"] = frames.size
        rows["header_size"] = np.where(frames.malformed == 0, frames.payload_offset - frames.offset, 0)
        rows["resent"] = rows["packet"] = np.zeros(count, np.uint8)
        rows |= {HEADER_PREFIX + name: frames.header[name] for name in self._headers["frames"]}
        self._store.append("frames", rows)

    def _add_packets(self, packets: PacketBatch, headers: Columns, links: FrameLinks, base: int, shared: int) -> None:
        """A packet's bytes are its frame's where it has one; what was put together stands behind the frames' bytes."""
        if not len(packets):
            return
        extra = self._add_bytes(packets.data[shared:])
        names = ("start", "end", "size", "stream", "port", "direction", "ending", "hop", "hop_start", "first_frame")
        rows: Rows = {name: getattr(packets, name) for name in names}
        rows["at"] = np.where(packets.offset < shared, packets.offset + base, packets.offset - shared + extra)
        rows["has_header"] = headers.complete
        rows |= self._members(packets, links)
        rows["transaction"] = np.zeros(len(packets), np.uint32)
        rows |= {HEADER_PREFIX + name: headers.numbers[name] for name in self._headers["packets"]}
        self._store.append("packets", rows)

    def _members(self, packets: PacketBatch, links: FrameLinks) -> Rows:
        order = np.lexsort((links.frame, links.packet))
        first = self._store.append("members", {"frame": links.frame[order]})
        numbers = np.arange(packets.first_no, packets.first_no + len(packets))
        begin = np.searchsorted(links.packet[order], numbers)
        end = np.searchsorted(links.packet[order], numbers, side="right")
        return {"frames_at": first + begin, "frame_count": end - begin}

    def _link(self, links: FrameLinks) -> None:
        self._store.patch("frames", "packet", links.frame - 1, links.packet)
        self._store.patch("frames", "resent", links.retransmission - 1, np.ones(len(links.retransmission), np.uint8))
        if links.repeats:
            self._store.append("repeats", _pairs("frame", "original", links.repeats))
        if links.hop:
            self._store.append("hops", _pairs("frame", "other", links.hop))

    def _add_transactions(self, touched: list[Transaction]) -> None:
        known = self._store.counts["transactions"]
        fresh = list({one.no: one for one in touched if one.no > known}.values())
        answered = [one for one in touched if one.no <= known and one.response is not None]
        if fresh:
            self._store.append("transactions", _transaction_rows(fresh))
        if answered:
            rows = np.array([one.no - 1 for one in answered])
            for name, values in _transaction_rows(answered).items():
                self._store.patch("transactions", name, rows, values)
        # A transaction goes on changing: one of these may name a packet of a later piece, which will name it again.
        parts = [(packet, one.no) for one in touched for packet in (one.command, one.response) if packet is not None]
        pairs = [(packet.no, number) for packet, number in parts if packet.no <= self._store.counts["packets"]]
        if pairs:
            packets, numbers = np.array(pairs).T
            self._store.patch("packets", "transaction", packets - 1, numbers)

    def add_findings(self, findings: list[Finding]) -> None:
        """Findings, in the order in which they were made."""
        if not findings:
            return
        texts = [finding.text.encode() for finding in findings]
        size = np.array([len(text) for text in texts])
        first = self._store.append("texts", {"data": np.frombuffer(b"".join(texts), np.uint8)})
        self._store.append(
            "findings",
            {
                "start": np.array([finding.span.start for finding in findings]),
                "end": np.array([finding.span.end for finding in findings]),
                "code": np.array([CODE_NUMBERS[finding.code.name] for finding in findings]),
                "record": np.array([finding.record or 0 for finding in findings]),
                "text_at": first + np.cumsum(size) - size,
                "text_size": size,
            },
        )


def _line_rows(name: str, line: Line, at: int) -> Rows:
    return {f"{name}_at": line.offset[:-1] + at, f"{name}_size": np.diff(line.offset)}


def _pairs(key: str, value: str, pairs: dict[int, int]) -> Rows:
    return {key: np.array(list(pairs.keys())), value: np.array(list(pairs.values()))}


def _transaction_rows(transactions: list[Transaction]) -> Rows:
    return {
        "command": np.array([one.command.no if one.command else 0 for one in transactions]),
        "response": np.array([one.response.no if one.response else 0 for one in transactions]),
        "latency": np.array([NO_LATENCY if one.latency is None else one.latency for one in transactions]),
    }
