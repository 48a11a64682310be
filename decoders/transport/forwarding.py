"""Forwarding through the host: two sightings of a packet become one (wire-format 3, [A] link layer forwarding).

What the frames of one stream do to its forwarded packets comes as a list of events, since a verdict on one packet needs all events
before it.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from decoders.core.frames import H2P, P2H
from decoders.transport.chains import PLACES, Ending, Ints, Place
from decoders.transport.packets import Hop

HEAD_BYTES = 32
"""A packet that was altered on its way is known by its beginning, as long as a packet's header, or by its size."""

Mark = tuple[int, str, bytes | int]
Bucket = OrderedDict[int, "Sighting"]


@dataclass(slots=True, eq=False)
class Sighting:
    """A packet as one port showed it, later with its hop.

    `order` says when it came to its end. `frames` are its frames' numbers, `hop_start`
    and `hop_frames` those of the other sighting.
    """

    order: int
    start: int
    end: int
    stream: int
    port: int
    direction: int
    route: int
    ending: Ending
    frames: list[int]
    content: bytes
    hop: Hop = Hop.NONE
    hop_start: int = -1
    hop_frames: list[int] = field(default_factory=list)
    not_before: int = 0
    """The first frame at which it may be given up."""

    @property
    def last_frame(self) -> int:
        return self.frames[-1]

    @property
    def is_entering(self) -> bool:
        return self.direction == P2H and self.port == self.route & 0xFF

    @property
    def is_leaving(self) -> bool:
        return self.direction == H2P and self.port == self.route >> 8


@dataclass(frozen=True, slots=True)
class Beginning:
    """A packet of this route began at this tick to leave on its destination's port."""

    order: int
    stream: int
    route: int
    start: int
    last_frame: int = 0


@dataclass(slots=True)
class Refusal:
    """The NAK `frame_no`, which ends the packet whose last frame is `last_frame`.

    `settled` where that packet was still waiting to leave.
    """

    order: int
    stream: int
    last_frame: int
    frame_no: int
    settled: bool = False


Event = Sighting | Beginning | Refusal


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """How far a stream's time had come at each of its frames: `ticks` never decrease, `frame_no` are the frames' numbers."""

    ticks: Ints
    frame_no: Ints

    def first_past(self, tick: int, not_before: int) -> int | None:
        """The number of the first frame later than `tick`, from frame `not_before` on."""
        if self.ticks[-1] <= tick:
            return None
        place = max(int(np.searchsorted(self.ticks, tick, side="right")), int(np.searchsorted(self.frame_no, not_before)))
        return int(self.frame_no[place]) if place < len(self.frame_no) else None


class Forwarding:
    """Waits for a stream's forwarded packets to leave on their destination's port.

    `ports` are those of the stream in the recording: what goes to or comes from another cannot be judged.
    """

    def __init__(self, ports: frozenset[int], timeout_ticks: int, blind_until: int) -> None:
        self._ports = ports
        self._timeout = timeout_ticks
        self._blind_until = blind_until
        self._deadlines: list[tuple[int, int, Sighting]] = []
        self._waiting: dict[int, Sighting] = {}
        """By last frame."""
        self._index: dict[Mark, Bucket] = {}
        self._leaving: dict[int, int] = {}
        """When the packet of a route that leaves now began to."""
        self._delayed: dict[int, list[Sighting]] = {}
        """Packets of a route whose time is up and that may be the one that leaves now."""

    def feed(self, events: list[Event], clock: Clock) -> list[Sighting]:
        """The packets that are settled by these events, which are sorted by their order, and by the time that passes."""
        settled: list[Sighting] = []
        for event in events:
            settled += self._expired(clock, event.order // PLACES)
            match event:
                case Sighting():
                    settled += self._end(event)
                case Beginning():
                    self._leaving[event.route] = event.start
                case Refusal():
                    settled += self._refuse(event)
        return settled + self._expired(clock, None)

    def first_frames(self) -> list[int]:
        """The numbers of the first frames of all that wait."""
        return [packet.frames[0] for packet in self._waiting.values()]

    def give_up(self, unfinished: list[Sighting], order: int) -> list[Sighting]:
        """All waiting and unfinished packets: a gap or the end, which stands at `order`, hides what became of them."""
        waiting = list(self._waiting.values())
        for packet in waiting:
            packet.order = order
        for packet in waiting + [packet for packet in unfinished if self._is_seen_twice(packet)]:
            packet.hop = Hop.UNKNOWN
        return waiting + unfinished

    def _is_seen_twice(self, packet: Sighting) -> bool:
        """Whether both ports that the packet should cross are in the recording."""
        return (packet.is_entering and packet.route >> 8 in self._ports) or (
            packet.is_leaving and packet.route & 0xFF in self._ports
        )

    def _end(self, packet: Sighting) -> list[Sighting]:
        """A packet came to its end on one port."""
        if not self._is_seen_twice(packet):
            return [packet]
        if packet.is_leaving:
            return [self._go_out(packet)]
        self._await(packet)
        return []

    def _await(self, packet: Sighting) -> None:
        packet.not_before = packet.order // PLACES + 1
        self._waiting[packet.last_frame] = packet
        heapq.heappush(self._deadlines, (packet.end + self._timeout, packet.last_frame, packet))
        for mark in _marks(packet):
            self._index.setdefault(mark, OrderedDict())[packet.last_frame] = packet

    def _forget(self, packet: Sighting) -> None:
        del self._waiting[packet.last_frame]
        for mark in _marks(packet):
            bucket = self._index[mark]
            del bucket[packet.last_frame]
            if not bucket:
                del self._index[mark]

    def _go_out(self, packet: Sighting) -> Sighting:
        """A packet left on its destination's port: both sightings as one, or this one alone."""
        now = packet.order // PLACES
        self._leaving.pop(packet.route, None)
        for delayed in self._delayed.pop(packet.route, []):
            delayed.not_before = now + 1
            heapq.heappush(self._deadlines, (delayed.end + self._timeout, delayed.last_frame, delayed))
        same, *similar = _marks(packet)
        found, hop = self._first(same), Hop.FORWARDED
        if found is None:
            found, hop = next(filter(None, map(self._first, similar)), None), Hop.ALTERED
        if found is None:
            is_partial = packet.start < self._blind_until or packet.ending is not Ending.WHOLE
            packet.hop = Hop.UNKNOWN if is_partial else Hop.NOT_RECEIVED
            return packet
        self._forget(found)
        found.order, found.hop, found.hop_start, found.hop_frames = packet.order, hop, packet.start, packet.frames
        found.end = max(found.end, packet.end)
        return found

    def _first(self, mark: Mark) -> Sighting | None:
        """The packet that has waited longest of those with a mark."""
        bucket = self._index.get(mark)
        return next(iter(bucket.values())) if bucket else None

    def _refuse(self, refusal: Refusal) -> list[Sighting]:
        """The host refused a packet for good, so that it will not leave."""
        packet = self._waiting.get(refusal.last_frame)
        if packet is None:
            return []
        self._forget(packet)
        packet.order, packet.ending, refusal.settled = refusal.order, Ending.ABORTED, True
        return [packet]

    def _expired(self, clock: Clock, before: int | None) -> list[Sighting]:
        """Packets whose time was up at a frame up to `before`, or in the whole batch; not while one of their route leaves in time."""
        expired = []
        while self._deadlines:
            deadline, last_frame, packet = self._deadlines[0]
            if last_frame not in self._waiting:
                heapq.heappop(self._deadlines)
                continue
            at = clock.first_past(deadline, packet.not_before)
            if at is None or (before is not None and at > before):
                break
            heapq.heappop(self._deadlines)
            if self._leaving.get(packet.route, deadline + 1) <= deadline:
                self._delayed.setdefault(packet.route, []).append(packet)
                continue
            self._forget(packet)
            packet.order = at * PLACES + Place.OVERDUE
            packet.hop = Hop.LOST if packet.ending is Ending.WHOLE else Hop.NONE
            expired.append(packet)
        return expired


def _marks(packet: Sighting) -> list[Mark]:
    """What a packet is known by, from the surest mark on; what is known in part has its whole content only."""
    marks: list[Mark] = [(packet.route, "content", packet.content)]
    if packet.ending is Ending.WHOLE:
        marks += [(packet.route, "head", packet.content[:HEAD_BYTES]), (packet.route, "size", len(packet.content))]
    return marks
