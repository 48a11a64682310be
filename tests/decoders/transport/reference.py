"""The transport layer once more, written frame by frame from wire-format 3: what the column work is compared with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.decoders.transport.conversation import (
    BUSY,
    DATA,
    H2P,
    NAK,
    NO_ROUTE,
    NOT_POWERED,
    P2H,
    RATE_HZ,
    RESET,
    Frame,
    Timed,
    TimedGap,
)

TIMEOUT = 2 * RATE_HZ
MANY_TIMES_BUSY = 4
ENDING_CODES = {
    "WHOLE": "",
    "NO_FIRST": "partial-packet",
    "GAP": "partial-packet",
    "END": "partial-packet",
    "NEXT_FIRST": "incomplete-packet",
    "JUMP": "incomplete-packet",
    "RESET": "incomplete-packet",
    "TOO_LONG": "incomplete-packet",
    "ABORTED": "packet-refused",
}
HOP_CODES = {"LOST": "lost-in-forwarding", "ALTERED": "altered-in-forwarding", "NOT_RECEIVED": "forwarded-from-nowhere"}
Route = tuple[int, int]
"""Destination and source."""


@dataclass
class Packet:
    """What was assembled: `no` is its number once it is out."""

    stream: int
    port: int
    route: Route
    pieces: list[Timed]
    ending: str = ""
    hop: str = "NONE"
    leaving: list[Timed] = field(default_factory=list)
    part_of: Packet | None = None
    """The packet of which this was the second sighting."""
    no: int = 0
    """0 while it is not out."""

    @property
    def content(self) -> bytes:
        return b"".join(piece.frame.payload for piece in self.pieces)

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return max(self.pieces[-1].end, self.leaving[-1].end) if self.leaving else self.pieces[-1].end

    @property
    def deadline(self) -> int:
        return self.pieces[-1].end + TIMEOUT

    @property
    def direction(self) -> int:
        return self.pieces[0].frame.direction


@dataclass
class Attempt:
    """An attempt to send DATA: `held` is the frame whose content stands for it, `packet` the one that this frame completed.

    `busy` is how often it was refused because the receiver was.
    """

    seq: int
    held: Timed | None = None
    packet: Packet | None = None
    busy: int = 0


@dataclass
class Chain:
    """The DATA of one route on one port since the last reset; `attempts` are those that a retransmission may repeat."""

    attempts: deque[Attempt]
    open: Packet | None = None

    def known(self, seq: int) -> Attempt | None:
        return next((attempt for attempt in reversed(self.attempts) if attempt.seq == seq), None)


class Reference:
    """Takes frames one at a time; afterwards its attributes say what was found."""

    def __init__(
        self, observed: Iterable[tuple[int, int]], *, fragment_bytes: int = 248, most_frames: int = 265, depth: int = 1
    ) -> None:
        self._fragment_bytes, self._most_frames, self._depth = fragment_bytes, most_frames, depth
        self.packets: list[Packet] = []
        self.repeats: dict[int, int] = {}
        self.findings: list[tuple[str, int]] = []
        """Code and record number."""
        self._observed = set(observed)
        self._chains: dict[tuple[int, int, Route], Chain] = {}
        self._zeroed: set[tuple[int, int]] = set()
        self._waiting: list[Packet] = []
        self._now: dict[int, int] = {}
        self._blind_until = TIMEOUT

    def run(self, events: Iterable[Timed | TimedGap]) -> None:
        for event in events:
            if isinstance(event, TimedGap):
                self.gap(event)
            else:
                self.feed(event)

    def feed(self, timed: Timed) -> None:
        frame = timed.frame
        self._give_up(self._overdue(frame.stream, timed.start))
        if not frame.ok:
            return
        here = (frame.stream, frame.port)
        if frame.port != (frame.dst if frame.direction == H2P else frame.src):
            self._find("route-not-of-port", timed.no)
        if frame.kind == DATA:
            self._data(timed, self._chain((*here, (frame.dst, frame.src))))
        elif frame.kind == NAK:
            self._nak(timed, self._chain((*here, (frame.src, frame.dst))))
        elif frame.kind == RESET:
            self._zeroed.add(here)
            self._end_all([key for key in self._chains if key[:2] == here], "RESET")

    def _chain(self, key: tuple[int, int, Route]) -> Chain:
        return self._chains.setdefault(key, Chain(deque(maxlen=self._depth)))

    def gap(self, gap: TimedGap) -> None:
        self.close("GAP", gap.start)
        self._blind_until = gap.end + TIMEOUT

    def close(self, ending: str, tick: int = 0) -> None:
        overdue = [packet for stream in {packet.stream for packet in self._waiting} for packet in self._overdue(stream, tick)]
        self._give_up(overdue)
        given_up = self._waiting + [chain.open for chain in self._chains.values() if chain.open]
        for packet in given_up:
            packet.ending = packet.ending or ending
            packet.hop = "UNKNOWN" if self._crosses(packet) else "NONE"
        for packet in sorted(given_up, key=_last_frame):
            self._out(packet)
        self._chains, self._zeroed, self._waiting = {}, set(), []

    def _judge_fragment(self, timed: Timed) -> None:
        frame = timed.frame
        if not frame.last and len(frame.payload) != self._fragment_bytes:
            self._find("short-fragment", timed.no)
        if frame.first and frame.fragment != 0:
            self._find("first-with-index", timed.no)

    def _data(self, timed: Timed, chain: Chain) -> None:
        frame = timed.frame
        known = chain.known(frame.seq)
        if known:
            self._find("retransmission", timed.no)
        elif self._is_jump(frame, chain):
            self._find("sequence-jump", timed.no)
        self._judge_fragment(timed)
        if known and known.held:
            self.repeats[timed.no] = known.held.no
            chain.attempts.append(known)
            return
        attempt = Attempt(frame.seq, timed)
        chain.attempts.append(attempt)
        if chain.open and frame.first:
            self._end(chain, "NEXT_FIRST")
        elif chain.open and frame.fragment % 256 != (chain.open.pieces[-1].frame.fragment + 1) % 256:
            self._end(chain, "JUMP")
        if chain.open is None:
            chain.open = Packet(frame.stream, frame.port, (frame.dst, frame.src), [])
        packet = chain.open
        packet.pieces.append(timed)
        if frame.last:
            attempt.packet = packet
            self._end(chain, "WHOLE" if packet.pieces[0].frame.first else "NO_FIRST")
        elif len(packet.pieces) == self._most_frames:
            self._end(chain, "TOO_LONG")

    def _is_jump(self, frame: Frame, chain: Chain) -> bool:
        if self._depth > 1:
            return False
        if chain.attempts:
            return frame.seq != (chain.attempts[-1].seq + 1) % 8
        return (frame.stream, frame.port) in self._zeroed and frame.seq != 0

    def _nak(self, timed: Timed, chain: Chain) -> None:
        self._find("nak", timed.no)
        attempt = chain.known(timed.frame.seq) or Attempt(timed.frame.seq)
        chain.attempts.append(attempt)
        attempt.busy += timed.frame.status == BUSY
        if timed.frame.status == BUSY and attempt.busy == MANY_TIMES_BUSY:
            self._find("stuck-busy", timed.no)
        if timed.frame.status not in (NO_ROUTE, NOT_POWERED):
            return
        if chain.open:
            self._end(chain, "ABORTED")
        if attempt.packet:
            packet = attempt.packet.part_of or attempt.packet
            if packet.no:
                self._find("packet-refused", packet.no)
            else:
                self._waiting.remove(packet)
                packet.ending = "ABORTED"
                self._out(packet)

    def _end_all(self, keys: list[tuple[int, int, Route]], ending: str) -> None:
        opened = [packet for key in keys if (packet := self._chains[key].open)]
        finished = [self._finish(packet, ending) for packet in sorted(opened, key=_last_frame)]
        for packet in sorted(filter(None, finished), key=_last_frame):
            self._out(packet)
        for key in keys:
            del self._chains[key]

    def _end(self, chain: Chain, ending: str) -> None:
        packet, chain.open = chain.open, None
        assert packet is not None
        finished = self._finish(packet, ending)
        if finished:
            self._out(finished)

    def _finish(self, packet: Packet, ending: str) -> Packet | None:
        """The packet that is out now, if one is."""
        packet.ending = ending
        if not self._crosses(packet):
            return packet
        if packet.direction == P2H:
            self._waiting.append(packet)
            return None
        candidates = [waiting for waiting in self._waiting if (waiting.stream, waiting.route) == (packet.stream, packet.route)]
        whole = [waiting for waiting in candidates if waiting.ending == packet.ending == "WHOLE"]
        for hop, found in (
            ("FORWARDED", [w for w in candidates if w.content == packet.content]),
            ("ALTERED", [w for w in whole if w.content[:32] == packet.content[:32]]),
            ("ALTERED", [w for w in whole if len(w.content) == len(packet.content)]),
        ):
            if found:
                self._waiting.remove(found[0])
                found[0].hop, found[0].leaving = hop, packet.pieces
                packet.part_of = found[0]
                return found[0]
        is_judged = packet.ending == "WHOLE" and packet.start >= self._blind_until
        packet.hop = "NOT_RECEIVED" if is_judged else "UNKNOWN"
        return packet

    def _crosses(self, packet: Packet) -> bool:
        """Whether the packet stands on one of the two ports that it crosses, and the other one is observed too."""
        destination, source = packet.route
        if 0 in packet.route or destination == source:
            return False
        if packet.direction == P2H:
            return packet.port == source and (packet.stream, destination) in self._observed
        return packet.port == destination and (packet.stream, source) in self._observed

    def _overdue(self, stream: int, tick: int) -> list[Packet]:
        """Time passes on a stream: what should have left by now, unless it may be what leaves just now."""
        self._now[stream] = max(self._now.get(stream, 0), tick)
        return [
            packet
            for packet in self._waiting
            if packet.stream == stream and packet.deadline < self._now[stream] and not self._leaves(packet)
        ]

    def _give_up(self, overdue: list[Packet]) -> None:
        """What should have left is lost."""
        for packet in sorted(overdue, key=_last_frame):
            self._waiting.remove(packet)
            packet.hop = "LOST" if packet.ending == "WHOLE" else "NONE"
            self._out(packet)

    def _leaves(self, packet: Packet) -> bool:
        """Whether a packet of the same route began in time to leave and goes on."""
        chain = self._chains.get((packet.stream, packet.route[0], packet.route))
        return bool(chain and chain.open and chain.open.direction == H2P and chain.open.start <= packet.deadline)

    def _out(self, packet: Packet) -> None:
        packet.no = len(self.packets) + 1
        self.packets.append(packet)
        code = ENDING_CODES[packet.ending]
        if code:
            self._find(code, packet.no)
        if packet.hop in HOP_CODES:
            self._find(HOP_CODES[packet.hop], packet.no)

    def _find(self, code: str, record: int) -> None:
        self.findings.append((code, record))


def _last_frame(packet: Packet) -> int:
    return packet.pieces[-1].no
