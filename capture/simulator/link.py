"""One end of a port's link: numbers, acknowledges, repeats, cuts and joins (wire-format 3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from capture.simulator.frames import Frame, Kind, Reason, Route, Sighting, fragments

SEQUENCES = 8
FRAGMENTS = 256


@dataclass(frozen=True, slots=True)
class LinkRules:
    """When a data frame without an answer is sent again, and how often before its packet is given up."""

    retry_ns: int = 20_000_000
    most_tries: int = 8


@dataclass(slots=True)
class _Outgoing:
    """Data frames of one route, one under way at a time."""

    queue: deque[Frame] = field(default_factory=deque)
    seq: int = 0
    under_way: Frame | None = None
    due_ns: int = 0
    tries: int = 0


@dataclass(slots=True)
class _Incoming:
    """What has come on one route.

    `headless` are parts whose first is missing; `refused` is the first whole attempt of the frame that was refused last.
    """

    seq: int | None = None
    parts: list[bytes] = field(default_factory=list)
    next_fragment: int | None = None
    headless: bool = False
    start_ns: int = 0
    end_ns: int = 0
    refused_seq: int | None = None
    refused: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A packet that has come whole.

    Nanoseconds of the first bit of its first frame and of the last bit of its last, each as it stood on the line whole for the first
    time; `taken_ns` is when its last frame was accepted, which is later where that one was refused before.
    """

    route: Route
    packet: bytes
    start_ns: int
    end_ns: int
    taken_ns: int


class Witness(Protocol):
    """Hears what an end of a link sees."""

    def link_event(self, kind: str, sighting: Sighting) -> None:
        """A `nak`, or a `retransmission`: a data frame with the number of the attempt before, which had come or was refused."""
        ...

    def broken(self, start_ns: int, end_ns: int, begin: bytes) -> None:
        """Parts of a packet have come that cannot be joined: first bit of the first and last bit of the last.

        `begin` is what the packet begins with, nothing where its first part is missing.
        """
        ...


class LinkEnd:
    """Sends and takes the frames of one end of one port.

    `deliver` gets each packet, and `pass_on` each data frame that is for another port; an end without it refuses those. `accept`
    says for a good data frame why it is refused; None takes all. `on_given_up` hears of packets that nobody acknowledged. `skip`
    leaves out fragments of a packet that is to be sent.
    """

    def __init__(
        self,
        own_port: int,
        rules: LinkRules,
        deliver: Callable[[Delivery], None],
        pass_on: Callable[[Sighting], bool] | None = None,
    ) -> None:
        self.accept: Callable[[Frame], Reason] | None = None
        self.on_given_up: Callable[[Route], None] | None = None
        self.skip: Callable[[list[Frame]], list[Frame]] | None = None
        self.witness: Witness | None = None
        self._own_port, self._rules = own_port, rules
        self._deliver, self._pass_on = deliver, pass_on
        self._replies: deque[Frame] = deque()
        self._outgoing: dict[Route, _Outgoing] = {}
        self._incoming: dict[Route, _Incoming] = {}

    def reset(self) -> None:
        """Forget everything, as RESET says."""
        self._replies.clear()
        self._outgoing.clear()
        self._incoming.clear()

    def send(self, route: Route, packet: bytes) -> None:
        """Queue a packet."""
        parts = fragments(packet)
        last = len(parts) - 1
        frames = [
            Frame(Kind.DATA, route, 0, index == 0, index == last, index % FRAGMENTS, Reason.OK, part)
            for index, part in enumerate(parts)
        ]
        for frame in frames if self.skip is None else self.skip(frames):
            self.forward(frame)

    def forward(self, frame: Frame) -> None:
        """Queue a data frame as it is, under this port's numbers."""
        self._outgoing.setdefault(frame.route, _Outgoing()).queue.append(frame)

    def next_due_ns(self, now_ns: int) -> int | None:
        """When there is something to send: now, at a later time, or never."""
        if self._replies:
            return now_ns
        times = [
            out.due_ns if out.under_way is not None else now_ns for out in self._outgoing.values() if out.under_way or out.queue
        ]
        return max(now_ns, min(times)) if times else None

    def next_reply(self) -> Frame | None:
        """The acknowledgement to send next."""
        return self._replies.popleft() if self._replies else None

    def next_data(self, now_ns: int) -> Frame | None:
        """The data frame to send now; routes take turns."""
        for route, out in self._outgoing.items():
            frame = self._next_of(out, now_ns)
            if frame is not None:
                self._outgoing[route] = self._outgoing.pop(route)
                return frame
        return None

    def _next_of(self, out: _Outgoing, now_ns: int) -> Frame | None:
        if out.under_way is not None:
            if now_ns < out.due_ns:
                return None
            if out.tries >= self._rules.most_tries:
                self._give_up(out)
        if out.under_way is None:
            if not out.queue:
                return None
            frame = out.queue.popleft()
            out.under_way = Frame(
                Kind.DATA, frame.route, out.seq, frame.first, frame.last, frame.fragment, Reason.OK, frame.payload
            )
            out.seq = (out.seq + 1) % SEQUENCES
            out.tries = 0
        out.tries += 1
        out.due_ns = now_ns + self._rules.retry_ns
        return out.under_way

    def _give_up(self, out: _Outgoing) -> None:
        """Drop the packet under way with the rest of its fragments."""
        frame, out.under_way = out.under_way, None
        while out.queue and not out.queue[0].first:
            out.queue.popleft()
        if frame is not None and self.on_given_up is not None:
            self.on_given_up(frame.route)

    def take(self, sighting: Sighting) -> None:
        """A good frame has come."""
        match sighting.frame.kind:
            case Kind.DATA:
                self._take_data(sighting)
            case Kind.ACK | Kind.NAK:
                self._take_reply(sighting)
            case Kind.RESET:
                self.reset()

    def take_damaged(self, frame: Frame) -> None:
        """Something has come that looks like a frame but has a wrong checksum; a data frame is asked for again."""
        if frame.kind is Kind.DATA and self._own_port in {frame.route.source, frame.route.destination}:
            self._incoming.setdefault(frame.route, _Incoming()).refused_seq = frame.seq
            self._replies.append(self._reply(frame, Reason.BAD_CRC))

    def _reply(self, frame: Frame, reason: Reason) -> Frame:
        kind = Kind.ACK if reason is Reason.OK else Kind.NAK
        return Frame(kind, frame.route.back(), frame.seq, reason=reason)

    def _take_data(self, sighting: Sighting) -> None:
        frame = sighting.frame
        state = self._incoming.setdefault(frame.route, _Incoming())
        if self.witness is not None and frame.seq in {state.seq, state.refused_seq}:
            self.witness.link_event("retransmission", sighting)
        if frame.seq == state.seq:
            # The acknowledgement was lost; the frame itself is here already.
            self._replies.append(self._reply(frame, Reason.OK))
            return
        is_mine = frame.route.destination == self._own_port
        refusal = Reason.OK if self.accept is None else self.accept(frame)
        if refusal is Reason.OK and not is_mine and (self._pass_on is None or not self._pass_on(sighting)):
            refusal = Reason.NO_ROUTE
        self._replies.append(self._reply(frame, refusal))
        first_whole = state.refused if state.refused is not None and frame.seq == state.refused_seq else sighting
        if refusal is not Reason.OK:
            state.refused_seq, state.refused = frame.seq, first_whole
            return
        state.seq, state.refused_seq, state.refused = frame.seq, None, None
        if is_mine:
            self._join(state, first_whole, sighting.end_ns)

    def _join(self, state: _Incoming, sighting: Sighting, taken_ns: int) -> None:
        frame = sighting.frame
        if frame.first or frame.fragment != state.next_fragment:
            self._drop(state)
            state.headless, state.start_ns = not frame.first, sighting.start_ns
        state.parts.append(frame.payload)
        state.next_fragment, state.end_ns = (frame.fragment + 1) % FRAGMENTS, sighting.end_ns
        if not frame.last:
            return
        if not state.headless:
            self._deliver(Delivery(frame.route, b"".join(state.parts), state.start_ns, sighting.end_ns, taken_ns))
            state.parts = []
        self._drop(state)

    def _drop(self, state: _Incoming) -> None:
        """Forget parts that nothing can be joined to."""
        if state.parts and self.witness is not None:
            self.witness.broken(state.start_ns, state.end_ns, b"" if state.headless else b"".join(state.parts))
        state.parts, state.next_fragment = [], None

    def _take_reply(self, sighting: Sighting) -> None:
        frame = sighting.frame
        if frame.kind is Kind.NAK and self.witness is not None:
            self.witness.link_event("nak", sighting)
        out = self._outgoing.get(frame.route.back())
        if out is None or out.under_way is None or out.under_way.seq != frame.seq:
            return
        if frame.kind is Kind.ACK:
            out.under_way = None
        elif frame.reason in {Reason.NO_ROUTE, Reason.NOT_POWERED}:
            self._give_up(out)
        else:
            out.due_ns = sighting.end_ns + (self._rules.retry_ns if frame.reason is Reason.BUSY else 0)
