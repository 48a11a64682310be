"""From frames to packets: chains of DATA are cut into packets, batch by batch, with the same result for any split.

What is not finished at a batch's end is carried into the next as elements of its own, so that each batch is one piece of column
work; only fragmented and forwarded packets are handled one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from decoders.core.frames import H2P, P2H, FrameBatch
from decoders.profile.wire_profile import WireProfile
from decoders.transport.chains import Attempts, Elements, Ending, Ints, Role, Segments, judge_attempts, segment
from decoders.transport.forwarding import Forwarding, Sighting
from decoders.transport.judgement import frame_findings, packet_findings
from decoders.transport.numbering import RepeatedFrames, Singles, number
from decoders.transport.packets import Hop, Transported

ROUTE_BITS = 16
OVERDUE, ENDED, COMPLETED = 0, 1, 2
"""Order of what comes out at one row: time-outs, then packets that the row's frame ended, then the one it completed."""
PLACES = 4
OWN_ENDINGS = (Ending.WHOLE, Ending.NO_FIRST, Ending.TOO_LONG)
"""Endings that a packet's own last frame brings."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A frame carried from an earlier batch."""

    payload: bytes
    start: int
    end: int
    direction: int


class Reassembler:
    """Turns frames into packets.

    `observed` is every (stream, port) in the recording, `rate_hz` the ticks in a second.
    """

    def __init__(self, profile: WireProfile, observed: frozenset[tuple[int, int]], rate_hz: int) -> None:
        self._profile = profile
        procedures = profile.procedures
        self._procedures = procedures
        self._forwards = procedures.forwarding == "link"
        self._forwarding = Forwarding(observed, -(-procedures.forwarding_timeout_ns * rate_hz // 1_000_000_000))
        types = profile.enumerations["frame_type"].by_name
        self._data, self._nak, self._reset = (types.get(name, -1) for name in ("data", "nak", "reset"))
        self._carried = Elements.empty()
        self._pieces: list[Piece] = []
        self._next_no = 1
        self._clock = -1

    def feed(self, frames: FrameBatch) -> Transported:
        """The packets that these frames complete or end."""
        fresh, reset_rows = self._elements(frames)
        elements = Elements.joined([self._carried, fresh])
        elements = elements.take(np.argsort(elements.key, kind="stable"))
        attempts = judge_attempts(elements, self._procedures)
        segments = segment(elements, attempts, self._procedures, reset_rows, elements.key >> ROUTE_BITS)
        done = segments.ending != Ending.OPEN
        singles, direct = self._singles(elements, segments, done)
        sightings = self._sightings(frames, elements, segments, np.flatnonzero(done & ~singles))
        emitted = self._forward(frames, sightings)
        self._carry(frames, elements, attempts, segments, reset_rows)
        return self._collect(frames, elements, attempts, direct, emitted)

    @property
    def open_since(self) -> int | None:
        """The number of the earliest frame whose packet is not finished, None where there is none."""
        unfinished = self._carried.frame_no[self._carried.source < 0].tolist()
        return min([*unfinished, *self._forwarding.first_frames()], default=None)

    def gap(self, start: int, end: int) -> Transported:
        """The recording lacks [start, end) in ticks: nothing carries on over it."""
        self._forwarding.blind_from(end)
        return self._end_all(Ending.GAP, start)

    def finish(self) -> Transported:
        """What is left when the recording ends."""
        return self._end_all(Ending.END, self._clock)

    def _elements(self, frames: FrameBatch) -> tuple[Elements, dict[int, Ints]]:
        kind = frames.column("type", max(self._data, 0))
        port_key = frames.stream.astype(np.int64) << 8 | frames.port
        valid = frames.malformed == 0
        resets = np.flatnonzero(valid & (kind == self._reset))
        reset_rows = {int(port): resets[port_key[resets] == port] for port in np.unique(port_key[resets])}
        rows = np.flatnonzero(valid & ((kind == self._data) | (kind == self._nak)))
        is_nak = kind[rows] == self._nak
        source, destination = self._route(frames, rows)
        status = frames.column("link_status", 0)[rows]
        aborts = np.isin(status, list(self._procedures.abort_reasons))
        epoch = np.zeros(len(rows), np.int64)
        for port, places in reset_rows.items():
            of_port = port_key[rows] == port
            epoch[of_port] = np.searchsorted(places, rows[of_port])
        return Elements(
            self._keys(port_key[rows], np.where(is_nak, source, destination), np.where(is_nak, destination, source)),
            rows,
            np.where(is_nak, np.where(aborts, Role.ABORT, Role.NAK), Role.DATA).astype(np.int64),
            frames.column("seq", 0)[rows].astype(np.int64),
            frames.column("first", 1)[rows].astype(np.int64),
            frames.column("last", 1)[rows].astype(np.int64),
            frames.column("fragment", 0)[rows].astype(np.int64),
            epoch,
            rows + frames.first_no,
            rows,
        ), reset_rows

    def _route(self, frames: FrameBatch, rows: Ints) -> tuple[Ints, Ints]:
        """Source and destination port of frames; from the direction, where the profile's header names none."""
        port = frames.port[rows].astype(np.int64)
        from_host = frames.direction[rows] == H2P
        source, destination = np.where(from_host, 0, port), np.where(from_host, port, 0)
        if "src_port" in frames.header:
            source = frames.header["src_port"][rows].astype(np.int64)
        if "dst_port" in frames.header:
            destination = frames.header["dst_port"][rows].astype(np.int64)
        return source, destination

    def _keys(self, port_key: Ints, destination: Ints, source: Ints) -> Ints:
        """Chain keys: what the profile's reassembly key leaves out is not told apart, but resets always need the port."""
        route = destination << 8 | source
        if "route" not in self._procedures.reassembly_key:
            route = np.where(source == 0, 0, 1)
        return port_key << ROUTE_BITS | route

    def _singles(self, elements: Elements, segments: Segments, done: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Singles]:
        """Which segments are whole packets of one frame of this batch that are not forwarded, and these packets as columns."""
        head = segments.member[segments.begin[:-1]]
        source, destination = elements.key[head] & 0xFF, elements.key[head] >> 8 & 0xFF
        singles = done & (np.diff(segments.begin) == 1) & (elements.source[head] >= 0)
        if self._forwards:
            singles &= (source == 0) | (destination == 0)
        own = np.isin(segments.ending[singles], OWN_ENDINGS)
        order = segments.ended_row[singles] * PLACES + np.where(own, COMPLETED, ENDED)
        return singles, Singles(order, elements.source[head[singles]], segments.ending[singles].astype(np.uint8))

    def _sightings(self, frames: FrameBatch, elements: Elements, segments: Segments, rows: Ints) -> list[Sighting]:
        """The other finished packets one by one, in the order in which they ended."""
        sightings = []
        for row in rows.tolist():
            members = segments.member[segments.begin[row] : segments.begin[row + 1]]
            ending = Ending(int(segments.ending[row]))
            order = int(segments.ended_row[row]) * PLACES + (COMPLETED if ending in OWN_ENDINGS else ENDED)
            sightings.append(self._sighting(frames, elements, members, ending, order))
        return sorted(sightings, key=lambda sighting: sighting.order)

    def _sighting(self, frames: FrameBatch | None, elements: Elements, members: Ints, ending: Ending, order: int) -> Sighting:
        pieces = [self._piece(frames, source) for source in elements.source[members].tolist()]
        key = int(elements.key[members[0]])
        return Sighting(
            order,
            pieces[0].start,
            pieces[-1].end,
            key >> (ROUTE_BITS + 8),
            key >> ROUTE_BITS & 0xFF,
            pieces[0].direction,
            key & 0xFFFF,
            elements.frame_no[members].tolist(),
            ending,
            b"".join(piece.payload for piece in pieces),
        )

    def _piece(self, frames: FrameBatch | None, source: int) -> Piece:
        if source < 0 or frames is None:
            return self._pieces[-1 - source]
        return Piece(frames.payload(source), int(frames.start[source]), int(frames.end[source]), int(frames.direction[source]))

    def _forward(self, frames: FrameBatch, sightings: list[Sighting]) -> list[Sighting]:
        """Join the sightings of forwarded packets; what waited too long comes out before the row at which its time was up."""
        clock = np.maximum.accumulate(np.concatenate([[self._clock], frames.start]))[1:]
        emitted = []
        for sighting in sightings:
            emitted += self._expired(clock, sighting.order // PLACES)
            source, destination = sighting.route & 0xFF, sighting.route >> 8
            if not self._forwards or source == 0 or destination == 0:
                emitted.append(sighting)
            elif sighting.direction == P2H and sighting.port == source:
                waiting = self._forwarding.come_in(sighting, source, destination)
                emitted += [waiting] if waiting else []
            else:
                emitted.append(self._forwarding.go_out(sighting, source))
        emitted += self._expired(clock, len(frames))
        if len(clock):
            self._clock = int(clock[-1])
        return emitted

    def _expired(self, clock: Ints, row: int) -> list[Sighting]:
        """Packets whose time to be forwarded was up at a row up to `row`."""
        expired = []
        while (deadline := self._forwarding.next_deadline()) is not None:
            at = int(np.searchsorted(clock, deadline, side="right"))
            if at > row or at == len(clock):
                break
            packet = self._forwarding.expire(Hop.LOST)
            packet.order = at * PLACES + OVERDUE
            expired.append(packet)
        return expired

    def _carry(
        self, frames: FrameBatch, elements: Elements, attempts: Attempts, segments: Segments, reset_rows: dict[int, Ints]
    ) -> None:
        """Keep unfinished packets, and of each chain the last attempts that a retransmission may repeat."""
        members = segments.member[np.repeat(segments.ending == Ending.OPEN, np.diff(segments.begin))]
        unfinished = elements.take(members)
        pieces = [self._piece(frames, source) for source in unfinished.source.tolist()]
        attempted = self._last_attempts(elements, attempts, reset_rows)
        carried = Elements.joined([unfinished, attempted])
        order = np.argsort(carried.key, kind="stable")
        source = np.concatenate([-1 - np.arange(len(pieces)), np.zeros(len(attempted), np.int64)])[order]
        carried = carried.take(order)
        count = len(carried)
        self._pieces = pieces
        self._carried = Elements(
            carried.key,
            np.arange(-count, 0),
            carried.role,
            carried.seq,
            carried.first,
            carried.last,
            carried.fragment,
            np.zeros(count, np.int64),
            carried.frame_no,
            source,
        )

    def _last_attempts(self, elements: Elements, attempts: Attempts, reset_rows: dict[int, Ints]) -> Elements:
        current = np.ones(len(elements), np.bool_)
        for port, rows in reset_rows.items():
            current &= (elements.key >> ROUTE_BITS != port) | (elements.epoch == len(rows))
        places = np.flatnonzero(current)
        if not len(places):
            return Elements.empty()
        depth = 2 * self._procedures.window if self._procedures.acknowledgement == "window" else 1
        keys = elements.key[places]
        last_of_chain = np.searchsorted(keys, keys, side="right") - np.arange(len(keys))
        places = places[last_of_chain <= depth]
        last = elements.take(places)
        seen = self._assembled(elements)[places]
        frame_no = np.where(seen, elements.frame_no[attempts.original[places]], last.frame_no)
        role = np.where(seen, Role.SEEN, Role.REFUSED).astype(np.int64)
        return Elements(last.key, last.row, role, last.seq, last.first, last.last, last.fragment, last.epoch, frame_no, last.source)

    def _assembled(self, elements: Elements) -> NDArray[np.bool_]:
        """Whether the run of equal sequence numbers that each element ends holds a frame that was assembled."""
        holds = (elements.role == Role.DATA) | (elements.role == Role.SEEN)
        if len(elements) < 2 or self._procedures.acknowledgement == "window":
            return np.asarray(holds)
        same = (
            (elements.key[1:] == elements.key[:-1])
            & (elements.epoch[1:] == elements.epoch[:-1])
            & (elements.seq[1:] == elements.seq[:-1])
        )
        begin = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), np.arange(len(elements)), 0))
        total = np.cumsum(holds)
        held: NDArray[np.bool_] = (total - total[begin] + holds[begin]) > 0
        return held

    def _end_all(self, ending: Ending, tick: int) -> Transported:
        """Give up all unfinished and waiting packets, in order of their last frame."""
        unfinished = self._carried.take(self._carried.source < 0)
        keys, begin = np.unique(unfinished.key, return_index=True)
        bounds = [*begin.tolist(), len(unfinished)]
        sightings = [
            self._sighting(None, unfinished, np.arange(bounds[index], bounds[index + 1]), ending, 0) for index in range(len(keys))
        ]
        emitted = sorted(self._forwarding.give_up() + sightings, key=lambda sighting: sighting.frames[-1])
        for place, sighting in enumerate(emitted):
            sighting.order = place
        self._carried, self._pieces = Elements.empty(), []
        self._clock = max(self._clock, tick)
        return self._numbered(None, Singles.none(), emitted, RepeatedFrames.none())

    def _collect(
        self, frames: FrameBatch, elements: Elements, attempts: Attempts, singles: Singles, emitted: list[Sighting]
    ) -> Transported:
        fresh = elements.row >= 0
        repeated = np.flatnonzero(attempts.duplicate & fresh)
        repeats = RepeatedFrames(
            elements.frame_no[attempts.retransmission & fresh],
            dict(zip(elements.frame_no[repeated].tolist(), elements.frame_no[attempts.original[repeated]].tolist(), strict=True)),
        )
        findings = frame_findings(self._profile, frames, elements.take(fresh), attempts.retransmission[fresh], attempts.jump[fresh])
        transported = self._numbered(frames, singles, emitted, repeats)
        return replace(transported, findings=findings + transported.findings)

    def _numbered(
        self, frames: FrameBatch | None, singles: Singles, emitted: list[Sighting], repeats: RepeatedFrames
    ) -> Transported:
        packets, links = number(frames, singles, emitted, repeats, self._next_no)
        self._next_no += len(packets)
        return Transported(packets, links, packet_findings(packets))
