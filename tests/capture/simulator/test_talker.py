"""Transaction numbers, counters, and who waits for an answer."""

from __future__ import annotations

import itertools

from capture.simulator.kernel import NS_PER_S, Kernel
from capture.simulator.packets import Packet, Service, Status, decode_packet
from capture.simulator.talker import PATIENCE_NS, Answer, Talker

HOST, METER, VALVE = 1, 2, 3
READ = 1


class Two:
    """A talker, what it sends, and what it is answered."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.talker = Talker(self.kernel, HOST, lambda: 1_700_000_000 + self.kernel.now_ns // NS_PER_S, 100)
        self.sent: list[Packet] = []
        self.heard: list[Packet | None] = []

    def ask(self, destination: int = METER, payload: bytes = b"?") -> Packet:
        return self.talker.command(self._send, destination, Service.OBJECTS, READ, payload, self.heard.append)

    def answer(self, command: Packet, answer: Answer) -> Packet:
        other = Talker(self.kernel, command.destination, lambda: 0, 7)
        other.respond(self._send, command, answer)
        return self.sent[-1]

    def _send(self, raw: bytes) -> None:
        self.sent.append(decode_packet(raw))


def test_numbers_and_counters_grow_with_every_packet() -> None:
    two = Two()
    packets = [two.ask(to) for to in (METER, VALVE, METER)]
    assert [one.counter for one in packets] == [101, 102, 103]
    assert [b.transaction - a.transaction for a, b in itertools.pairwise(packets)] == [1, 1]
    assert two.sent == packets
    assert (packets[0].source, packets[0].time, packets[0].response) == (HOST, 1_700_000_000, False)


def test_a_response_repeats_its_command_s_number_the_other_way_and_says_its_time() -> None:
    two = Two()
    command = two.ask()
    response = two.answer(command, Answer(b"!"))
    assert (response.source, response.destination, response.transaction) == (METER, HOST, command.transaction)
    assert (response.response, response.status, response.payload, response.counter, response.time) == (True, Status.OK, b"!", 8, 0)


def test_a_refusal_has_no_payload() -> None:
    two = Two()
    assert two.answer(two.ask(), Answer(b"!", Status.DENIED)).payload == b""


def test_a_device_may_be_off_with_the_number() -> None:
    two = Two()
    command = two.ask()
    response = two.answer(command, Answer(number_off=0xFFFF))
    assert response.transaction == (command.transaction - 1) & 0xFFFF
    two.talker.take_response(response)
    assert two.heard == []


def test_an_answer_is_heard_once_by_the_one_who_asked() -> None:
    two = Two()
    first, second = two.ask(METER), two.ask(VALVE)
    to_second, to_first = two.answer(second, Answer(b"2")), two.answer(first, Answer(b"1"))
    for response in (to_second, to_first, to_first):
        two.talker.take_response(response)
    two.kernel.run(2 * PATIENCE_NS)
    assert two.heard == [to_second, to_first]


def test_who_is_not_answered_hears_of_it_after_a_while() -> None:
    two = Two()
    command = two.ask()
    two.kernel.run(PATIENCE_NS)
    assert (two.heard, two.talker.waits_for(METER), two.talker.waits_for(VALVE)) == ([], True, False)
    two.kernel.run(PATIENCE_NS + 1)
    assert (two.heard, two.talker.waits_for(METER)) == ([None], False)
    two.talker.take_response(two.answer(command, Answer()))
    assert two.heard == [None]


def test_without_power_nobody_waits() -> None:
    two = Two()
    two.ask()
    two.talker.forget()
    two.kernel.run(2 * PATIENCE_NS)
    assert (two.heard, two.talker.waits_for(METER)) == ([], False)
