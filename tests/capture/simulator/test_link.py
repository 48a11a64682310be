"""Two ends of a link with a line between them that loses and damages."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.frames import PAYLOAD_BYTES, Frame, Kind, Reason, Route, Sighting, fragments
from capture.simulator.link import Delivery, LinkEnd, LinkRules

HOST, DEVICE = 0, 3
DOWN, UP = Route(HOST, DEVICE), Route(DEVICE, HOST)
RULES = LinkRules(retry_ns=100, most_tries=4)
FRAME_NS = 10


@dataclass
class Log:
    """What one end sees."""

    events: list[tuple[str, int]] = field(default_factory=list)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    """Start, end, and how many bytes from the packet's beginning on."""

    def link_event(self, kind: str, sighting: Sighting) -> None:
        self.events.append((kind, sighting.start_ns))

    def broken(self, start_ns: int, end_ns: int, begin: bytes) -> None:
        self.pieces.append((start_ns, end_ns, len(begin)))


class Line:
    """Carries frames from end to end, one at a time; `fates` say what becomes of each: fine, lost or damaged."""

    def __init__(self, fates: list[str]) -> None:
        self.now_ns = 0
        self.arrived: dict[int, list[Delivery]] = {HOST: [], DEVICE: []}
        self.given_up: list[Route] = []
        self.logs = {HOST: Log(), DEVICE: Log()}
        self.ends = {port: LinkEnd(port, RULES, self.arrived[port].append) for port in (HOST, DEVICE)}
        for port, end in self.ends.items():
            end.on_given_up = self.given_up.append
            end.witness = self.logs[port]
        self._fates = iter(fates)
        self.sent: list[Frame] = []

    def play(self) -> None:
        """Until nobody has anything to say."""
        while True:
            dues = [due for end in self.ends.values() if (due := end.next_due_ns(self.now_ns)) is not None]
            if not dues:
                return
            self.now_ns = max(self.now_ns, min(dues))
            for port in (HOST, DEVICE):
                frame = self.ends[port].next_reply() or self.ends[port].next_data(self.now_ns)
                if frame is not None:
                    self._carry(frame, DEVICE if port == HOST else HOST)

    def _carry(self, frame: Frame, to: int) -> None:
        self.sent.append(frame)
        start, self.now_ns = self.now_ns, self.now_ns + FRAME_NS
        match next(self._fates, "fine"):
            case "fine":
                self.ends[to].take(Sighting(frame, start, self.now_ns - 1))
            case "damaged":
                self.ends[to].take_damaged(frame)

    def packets(self, port: int) -> list[bytes]:
        return [delivery.packet for delivery in self.arrived[port]]


FATES = st.lists(st.sampled_from(["fine", "fine", "lost", "damaged"]), max_size=60)
PACKETS = st.lists(st.binary(max_size=3 * PAYLOAD_BYTES), max_size=4)


@given(PACKETS, PACKETS, FATES)
def test_packets_arrive_once_and_in_order_as_long_as_one_try_succeeds(down: list[bytes], up: list[bytes], fates: list[str]) -> None:
    line = Line(fates)
    for packet in down:
        line.ends[HOST].send(DOWN, packet)
    for packet in up:
        line.ends[DEVICE].send(UP, packet)
    line.play()
    if not line.given_up:
        assert (line.packets(DEVICE), line.packets(HOST)) == (down, up)
    else:
        for sent, came in ((down, line.packets(DEVICE)), (up, line.packets(HOST))):
            assert came == [packet for packet in sent if packet in came]


@given(PACKETS, FATES)
def test_no_frame_is_tried_more_often_than_the_rules_say(packets: list[bytes], fates: list[str]) -> None:
    line = Line(fates)
    for packet in packets:
        line.ends[HOST].send(DOWN, packet)
    line.play()
    tries: list[int] = []
    before = None
    for frame in line.sent:
        if frame.kind is Kind.DATA:
            tries = [*tries[:-1], tries[-1] + 1] if frame == before else [*tries, 1]
            before = frame
    assert max(tries, default=0) <= RULES.most_tries


def test_a_packet_that_nobody_answers_is_given_up_and_the_next_one_tried() -> None:
    line = Line(["lost"] * RULES.most_tries)
    line.ends[HOST].send(DOWN, b"\1" * (PAYLOAD_BYTES + 1))
    line.ends[HOST].send(DOWN, b"\2")
    line.play()
    assert (line.given_up, line.packets(DEVICE)) == ([DOWN], [b"\2"])
    assert [frame.seq for frame in line.sent if frame.kind is Kind.DATA] == [0] * RULES.most_tries + [1]


def test_a_lost_acknowledgement_makes_one_retransmission_and_no_second_packet() -> None:
    line = Line(["fine", "lost"])
    line.ends[HOST].send(DOWN, b"once")
    line.play()
    assert line.packets(DEVICE) == [b"once"]
    assert [kind for kind, _ in line.logs[DEVICE].events] == ["retransmission"]


def test_a_damaged_frame_is_refused_and_its_repeat_is_a_retransmission() -> None:
    line = Line(["damaged"])
    line.ends[HOST].send(DOWN, b"again")
    line.play()
    assert [(frame.kind, frame.reason) for frame in line.sent[:2]] == [(Kind.DATA, Reason.OK), (Kind.NAK, Reason.BAD_CRC)]
    assert line.logs == {HOST: Log([("nak", 10)]), DEVICE: Log([("retransmission", 20)])}
    assert [(one.start_ns, one.end_ns, one.taken_ns) for one in line.arrived[DEVICE]] == [(20, 29, 29)]


def test_a_lost_frame_has_no_retransmission_as_nobody_saw_the_first_attempt() -> None:
    line = Line(["lost"])
    line.ends[HOST].send(DOWN, b"late")
    line.play()
    assert (line.packets(DEVICE), line.logs[DEVICE].events) == ([b"late"], [])


def test_a_busy_receiver_is_asked_again_and_the_packet_stands_where_it_first_was_whole() -> None:
    line = Line([])
    refusals = iter([Reason.BUSY, Reason.BUSY])
    line.ends[DEVICE].accept = lambda _: next(refusals, Reason.OK)
    line.ends[HOST].send(DOWN, b"patience")
    line.play()
    data = [frame for frame in line.sent if frame.kind is Kind.DATA]
    assert len(data) == 3
    assert [(one.start_ns, one.end_ns) for one in line.arrived[DEVICE]] == [(0, 9)]
    assert line.arrived[DEVICE][0].taken_ns == line.logs[DEVICE].events[-1][1] + 9
    assert [kind for kind, _ in line.logs[DEVICE].events] == ["retransmission"] * 2
    assert [kind for kind, _ in line.logs[HOST].events] == ["nak"] * 2


def test_a_frame_for_somebody_else_is_refused_for_good_where_nobody_passes_it_on() -> None:
    line = Line([])
    line.ends[DEVICE].send(Route(DEVICE, 7), b"\1" * 600)
    line.play()
    assert line.given_up == [Route(DEVICE, 7)]
    assert [(frame.kind, frame.reason) for frame in line.sent] == [(Kind.DATA, Reason.OK), (Kind.NAK, Reason.NO_ROUTE)]


@pytest.mark.parametrize(
    ("skipped", "broken"), [((1,), [(0, 9, 248), (20, 29, 0)]), ((0,), [(0, 29, 0)]), ((0, 1), [(0, 9, 0)]), ((2,), [])], ids=str
)  # fmt: skip
def test_parts_that_cannot_be_joined_are_told(skipped: tuple[int, ...], broken: list[tuple[int, int, int]]) -> None:
    line = Line([])
    line.ends[HOST].skip = lambda frames: [frame for place, frame in enumerate(frames) if place not in skipped]
    line.ends[HOST].send(DOWN, bytes(2 * PAYLOAD_BYTES + 1))
    line.play()
    assert (line.packets(DEVICE), line.logs[DEVICE].pieces) == ([], broken)


def test_a_packet_without_its_end_is_told_when_the_next_one_begins() -> None:
    line = Line([])
    line.ends[HOST].skip = lambda frames: frames[:-1] if len(frames) > 1 else frames
    line.ends[HOST].send(DOWN, bytes(2 * PAYLOAD_BYTES + 1))
    line.ends[HOST].send(DOWN, b"next")
    line.play()
    assert (line.packets(DEVICE), line.logs[DEVICE].pieces) == ([b"next"], [(0, 29, 496)])


def test_a_reset_begins_with_number_0_and_nothing_under_way() -> None:
    line = Line([])
    line.ends[HOST].send(DOWN, b"before")
    line.play()
    line.ends[HOST].send(DOWN, b"forgotten")
    for end in line.ends.values():
        end.take(Sighting(Frame(Kind.RESET, DOWN), 0, 1))
    line.ends[HOST].send(DOWN, b"after")
    line.play()
    assert line.packets(DEVICE) == [b"before", b"after"]
    assert [frame.seq for frame in line.sent if frame.kind is Kind.DATA] == [0, 0]


def test_routes_take_turns() -> None:
    end = LinkEnd(DEVICE, RULES, lambda _: None)
    routes = [UP, Route(DEVICE, 1), Route(DEVICE, 2)]
    for route in routes:
        end.send(route, bytes(300))
    assert [frame.route for _ in routes if (frame := end.next_data(0)) is not None] == routes
    assert end.next_data(50) is None
    assert end.next_due_ns(50) == 100


@given(st.binary(max_size=70_000))
def test_fragments_are_full_but_for_the_last(packet: bytes) -> None:
    parts = fragments(packet)
    assert b"".join(parts) == packet
    assert all(len(part) == PAYLOAD_BYTES for part in parts[:-1])
    assert len(parts[-1]) <= PAYLOAD_BYTES
    assert len(parts) == max(1, -(-len(packet) // PAYLOAD_BYTES))
