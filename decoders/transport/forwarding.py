"""Forwarding through the host: two sightings of a packet become one (wire-format 3, [A] link layer forwarding)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from decoders.transport.chains import Ending
from decoders.transport.packets import Hop

IDENTITY_BYTES = 32
"""A forwarded packet that was altered still shares its beginning or its length with what came in."""


@dataclass(slots=True, eq=False)
class Sighting:
    """A packet as one port showed it, later with its hop; `order` sorts what is emitted, `frames` are its frame numbers."""

    order: int
    start: int
    end: int
    stream: int
    port: int
    direction: int
    route: int
    frames: list[int]
    ending: Ending
    content: bytes
    hop: Hop = Hop.NONE
    hop_start: int = -1
    hop_frames: list[int] = field(default_factory=list)


class Forwarding:
    """Waits for forwarded packets to leave on their destination's port.

    `observed` is every (stream, port) in the recording: what goes to or comes from another port cannot be judged.
    """

    def __init__(self, observed: frozenset[tuple[int, int]], timeout_ticks: int) -> None:
        self._observed = observed
        self._timeout = timeout_ticks
        self._waiting: dict[tuple[int, int], deque[Sighting]] = {}
        self._arrivals: deque[Sighting] = deque()
        self._blind_until = timeout_ticks

    def blind_from(self, tick: int) -> None:
        """Nothing is known of what came before `tick`: what leaves within the time-out may have come in unseen."""
        self._blind_until = tick + self._timeout

    def come_in(self, packet: Sighting, source: int, destination: int) -> Sighting | None:
        """A packet arrived on its source's port; it is returned at once where its other sighting cannot be seen."""
        if (packet.stream, destination) not in self._observed or source == destination:
            return packet
        self._waiting.setdefault((packet.stream, packet.route), deque()).append(packet)
        self._arrivals.append(packet)
        return None

    def go_out(self, packet: Sighting, source: int) -> Sighting:
        """A packet left on its destination's port: both sightings as one, or this one alone."""
        if (packet.stream, source) not in self._observed:
            return packet
        waiting = self._waiting.get((packet.stream, packet.route), deque())
        match = next((p for p in waiting if p.content == packet.content), None)
        altered = next((p for p in waiting if _alike(p, packet)), None) if match is None else None
        found = match or altered
        if found is None:
            packet.hop = Hop.UNKNOWN if packet.start < self._blind_until else Hop.NOT_RECEIVED
            return packet
        waiting.remove(found)
        found.hop = Hop.FORWARDED if match else Hop.ALTERED
        found.order, found.hop_start, found.hop_frames = packet.order, packet.start, packet.frames
        found.end = max(found.end, packet.end)
        return found

    def next_deadline(self) -> int | None:
        """The tick after which the oldest waiting packet is lost."""
        while self._arrivals and self._arrivals[0].hop is not Hop.NONE:
            self._arrivals.popleft()
        return self._arrivals[0].end + self._timeout if self._arrivals else None

    def expire(self, hop: Hop) -> Sighting:
        """Give up the oldest waiting packet."""
        packet = self._arrivals.popleft()
        self._waiting[packet.stream, packet.route].remove(packet)
        packet.hop = hop
        return packet

    def first_frames(self) -> list[int]:
        """The numbers of the first frames of all that wait."""
        return [packet.frames[0] for packet in self._arrivals if packet.hop is Hop.NONE]

    def give_up(self) -> list[Sighting]:
        """All waiting packets, since a gap or the end hides what became of them."""
        waiting = []
        while self.next_deadline() is not None:
            waiting.append(self.expire(Hop.UNKNOWN))
        return waiting


def _alike(one: Sighting, other: Sighting) -> bool:
    return len(one.content) == len(other.content) or one.content[:IDENTITY_BYTES] == other.content[:IDENTITY_BYTES]
