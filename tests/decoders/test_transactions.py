"""Transactions: which response answers which command, and what is noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.finding import Finding, Severity
from decoders.core.span import Span
from decoders.profile.wire_profile import WireProfile
from decoders.transactions import PacketFacts, Transaction, TransactionPairing
from tests.helpers.umi import PROFILES, altered, shipped

HOST, METER, VALVE = 0xACDE480000000001, 0xACDE48000000A001, 0xACDE48000000B002
REFERENCE, VARIANT = (shipped(name) for name in PROFILES)
RATE_HZ = 1000
TIMEOUT = 2000
"""Ticks of the reference profile's two seconds."""
READ, WRITE = (3, 1), (3, 2)

Seen = tuple[int | None, int | None]
"""Numbers of command and response."""


def said(
    no: int, start: int, *, by: int = HOST, to: int = METER, number: int = 7, call: tuple[int, int] = READ, lasts: int = 10,
    response: bool = False, answerable: bool = True, status: int = 0,
) -> PacketFacts:  # fmt: skip
    return PacketFacts(no, start, start + lasts, by, to, number, *call, status, response, answerable)


def answer(
    no: int, start: int, *, by: int = METER, to: int = HOST, number: int = 7, call: tuple[int, int] = READ, answerable: bool = True
) -> PacketFacts:
    return said(no, start, by=by, to=to, number=number, call=call, response=True, answerable=answerable)


class Course:
    """A pairing, the transactions that it made and what it noticed."""

    def __init__(self, profile: WireProfile = REFERENCE, rate_hz: int = RATE_HZ) -> None:
        self.pairing = TransactionPairing(profile, rate_hz)
        self.transactions: list[Transaction] = []
        self.findings: list[Finding] = []

    def feed(self, *packets: PacketFacts) -> Course:
        for packet in packets:
            transaction, findings = self.pairing.feed(packet)
            if transaction.no > len(self.transactions):
                self.transactions.append(transaction)
            assert self.transactions[transaction.no - 1] is transaction
            self.findings += findings
        return self

    def finish(self, tick: int) -> Course:
        self.findings += self.pairing.finish(tick)
        return self

    @property
    def pairs(self) -> list[Seen]:
        return [(one.command.no if one.command else None, one.response.no if one.response else None) for one in self.transactions]

    @property
    def codes(self) -> list[tuple[str, int | None]]:
        return [(one.code.name, one.record) for one in self.findings]


# Pairing.


def test_a_response_answers_the_command_of_its_number_the_other_way() -> None:
    course = Course().feed(said(1, 0), answer(2, 50)).finish(9999)
    assert (course.pairs, course.codes) == ([(1, 2)], [])
    one = course.transactions[0]
    assert (one.initiator, one.responder, one.number) == (HOST, METER, 7)


def test_either_side_may_start() -> None:
    course = Course().feed(said(1, 0, by=METER, to=HOST), answer(2, 50, by=HOST, to=METER))
    assert course.pairs == [(1, 2)]
    assert (course.transactions[0].initiator, course.transactions[0].responder) == (METER, HOST)


def test_both_sides_may_use_the_same_number_at_the_same_time() -> None:
    course = Course().feed(
        said(1, 0), said(2, 20, by=METER, to=HOST), answer(3, 50, by=HOST, to=METER), answer(4, 80)
    ).finish(9999)  # fmt: skip
    assert (course.pairs, course.codes) == ([(1, 4), (2, 3)], [])


@pytest.mark.parametrize(
    "other",
    [answer(2, 50, number=8), answer(2, 50, by=VALVE), answer(2, 50, to=VALVE), answer(2, 50, by=HOST, to=METER)],
    ids=["number", "responder", "initiator", "direction"],
)
def test_a_response_to_something_else_is_no_answer(other: PacketFacts) -> None:
    course = Course().feed(said(1, 0), other).finish(99)
    assert course.pairs == [(1, None), (None, 2)]
    assert course.codes == [("response-without-command", 2)]


def test_a_response_without_its_command_is_a_transaction_by_itself_and_no_fault() -> None:
    course = Course().feed(answer(1, 50)).finish(9999)
    one = course.transactions[0]
    assert (one.command, one.initiator, one.responder, one.number, one.latency) == (None, HOST, METER, 7, None)
    assert one.opening.no == 1
    assert [(finding.code.severity, finding.span) for finding in course.findings] == [(Severity.CHAT, Span(50, 61))]


def test_the_newest_unanswered_command_comes_first() -> None:
    course = Course().feed(said(1, 0), said(2, 100), said(3, 200), answer(4, 250), answer(5, 350), answer(6, 450))
    assert course.pairs == [(1, 6), (2, 5), (3, 4)]


def test_the_oldest_comes_first_where_the_profile_says_so() -> None:
    course = Course(VARIANT).feed(said(1, 0), said(2, 100), said(3, 200), answer(4, 250), answer(5, 350), answer(6, 450))
    assert course.pairs == [(1, 4), (2, 5), (3, 6)]


def test_an_answered_command_is_not_answered_again() -> None:
    course = Course().feed(said(1, 0), answer(2, 50), answer(3, 90))
    assert (course.pairs, course.codes) == ([(1, 2), (None, 3)], [("response-without-command", 2)])


def test_a_number_is_free_again_after_its_answer() -> None:
    course = Course().feed(said(1, 0), answer(2, 50), said(3, 100), answer(4, 150)).finish(9999)
    assert (course.pairs, course.codes) == ([(1, 2), (3, 4)], [])


@pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)
def test_a_response_that_began_before_a_command_ended_does_not_answer_it(profile: WireProfile) -> None:
    course = Course(profile).feed(said(1, 0), said(2, 40), answer(3, 45))
    assert course.pairs == [(1, 3), (2, None)]
    assert course.transactions[0].latency == 35
    course = Course(profile).feed(said(1, 0), answer(2, 10))
    assert course.pairs == [(1, None), (None, 2)]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.sampled_from([HOST, METER]), st.integers(1, 2)), max_size=20))
def test_every_packet_is_in_one_transaction_and_no_answer_comes_before_its_command(
    rows: list[tuple[bool, int, int, int]],
) -> None:
    other = {HOST: METER, METER: HOST}
    facts = [
        said(no, start, by=by, to=other[by], number=number, response=response)
        for no, (response, start, by, number) in enumerate(rows, 1)
    ]
    for profile in (REFERENCE, VARIANT):
        course = Course(profile).feed(*facts).finish(99)
        assert sorted(no for pair in course.pairs for no in pair if no is not None) == list(range(1, len(rows) + 1))
        assert [one.no for one in course.transactions] == list(range(1, len(course.pairs) + 1))
        for one in course.transactions:
            assert one.latency is None or one.latency > 0
            if one.command and one.response:
                assert (one.command.source, one.command.destination) == (one.response.destination, one.response.source)
                assert one.command.number == one.response.number == one.number


class Tick(int):
    """A tick that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Tick.compared += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        Tick.compared += 1
        return int(self) > int(other)

    def __add__(self, other: int) -> Tick:
        return Tick(int(self) + int(other))


def never_answered(count: int) -> Iterator[PacketFacts]:
    yield from (said(no, Tick(no * 100)) for no in range(count))


def all_asked_then_all_answered(count: int) -> Iterator[PacketFacts]:
    yield from (said(no, Tick(no * 100)) for no in range(count))
    yield from (answer(count + no, Tick((count + no) * 100)) for no in range(count))


def one_never_answered_before_many(count: int) -> Iterator[PacketFacts]:
    yield said(0, Tick(0), number=1)
    for no in range(1, count, 2):
        yield said(no, Tick(no * 100), number=no)
        yield answer(no + 1, Tick(no * 100 + 50), number=no)


@pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)
@pytest.mark.parametrize("traffic", [never_answered, all_asked_then_all_answered, one_never_answered_before_many])
def test_the_work_grows_with_the_packets_and_no_faster(profile: WireProfile, traffic: object) -> None:
    assert callable(traffic)
    count = 2000
    Tick.compared = 0
    course = Course(profile)
    for no, packet in enumerate(traffic(count)):
        course.feed(packet)
        if no % 10 == 0:
            course.pairing.gap(Tick(packet.end))
    course.finish(Tick(10**9))
    assert count / 2 <= Tick.compared < 12 * count


# What is noticed.


def test_latency_is_from_the_command_s_last_bit_to_the_response_s_first() -> None:
    course = Course().feed(said(1, 100, lasts=30), answer(2, 175))
    assert course.transactions[0].latency == 45


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (WRITE, "the command is objects read and the response objects write"),
        ((1, 1), "the command is objects read and the response power request"),
        ((9, 9), "the command is objects read and the response 9 9"),
    ],
)
def test_a_response_of_another_service_or_operation_is_a_mismatch(call: tuple[int, int], text: str) -> None:
    course = Course().feed(said(1, 0), answer(2, 50, call=call)).finish(9999)
    assert (course.pairs, course.codes) == ([(1, 2)], [("response-mismatch", 1)])
    assert (course.findings[0].text, course.findings[0].span) == (text, Span(0, 61))


@pytest.mark.parametrize(("start", "late"), [(10 + TIMEOUT, False), (11 + TIMEOUT, True)])
def test_a_response_after_the_profile_s_time_is_late(start: int, late: bool) -> None:
    course = Course().feed(said(1, 0), answer(2, start)).finish(start + 99)
    assert course.pairs == [(1, 2)]
    assert course.codes == [("late-response", 1)] * late


def test_the_time_for_a_response_is_the_profile_s() -> None:
    course = Course(VARIANT).feed(said(1, 0), answer(2, 5010), said(3, 6000), answer(4, 11011))
    assert course.codes == [("late-response", 2)]


def test_the_time_for_a_response_is_whole_ticks_rounded_up() -> None:
    assert Course(rate_hz=3).pairing._timeout == 6
    short = altered("reference-1", ("response_timeout_ms = 2000", "response_timeout_ms = 1001"))
    assert Course(short, rate_hz=3).pairing._timeout == 4


@pytest.mark.parametrize(("end", "told"), [(10 + TIMEOUT, False), (11 + TIMEOUT, True)])
def test_a_command_is_unanswered_only_if_the_recording_goes_on_long_enough(end: int, told: bool) -> None:
    course = Course().feed(said(1, 0)).finish(end)
    assert course.pairs == [(1, None)]
    assert course.codes == [("no-response", 1)] * told
    assert [finding.span for finding in course.findings] == [Span(0, 11)] * told


@pytest.mark.parametrize(("gap", "told"), [(20, False), (10 + TIMEOUT, False), (11 + TIMEOUT, True)])
def test_a_gap_within_the_time_for_a_response_hides_whether_it_came(gap: int, told: bool) -> None:
    course = Course().feed(said(1, 0))
    course.pairing.gap(gap)
    assert course.finish(99_999).codes == [("no-response", 1)] * told


def test_a_gap_before_a_command_does_not_excuse_it() -> None:
    course = Course()
    course.pairing.gap(100)
    assert course.feed(said(1, 500)).finish(99_999).codes == [("no-response", 1)]


def test_a_response_after_a_gap_still_finds_its_command() -> None:
    course = Course().feed(said(1, 0), said(2, 20, number=8))
    course.pairing.gap(TIMEOUT + 15)
    course.feed(answer(3, 4000), answer(4, 4100, number=8)).finish(99_999)
    assert course.pairs == [(1, 3), (2, 4)]
    assert course.codes == [("late-response", 1), ("late-response", 2)]


def test_a_command_that_did_not_come_whole_is_not_called_unanswered() -> None:
    course = (
        Course().feed(said(1, 0, answerable=False), said(2, 20, number=8, answerable=False), answer(3, 50, number=8)).finish(99_999)
    )
    assert (course.pairs, course.codes) == ([(1, None), (2, 3)], [])


def test_a_response_that_did_not_come_whole_is_an_answer() -> None:
    assert Course().feed(said(1, 0), answer(2, 50, answerable=False)).finish(99_999).codes == []


# Responses under another number.


def test_a_command_whose_answer_has_another_number_is_told_once() -> None:
    course = Course().feed(said(1, 0), answer(2, 50, number=8))
    assert course.codes == []
    course.finish(99_999)
    assert (course.pairs, course.codes) == ([(1, None), (None, 2)], [("wrong-transaction", 1)])
    assert course.findings[0].text == "packet 2 answers it under the number 8 instead of 7"


@pytest.mark.parametrize(("end", "code"), [(10 + TIMEOUT, "response-without-command"), (11 + TIMEOUT, "wrong-transaction")])
def test_another_number_is_wrong_only_once_the_time_for_the_right_one_is_over(end: int, code: str) -> None:
    assert [name for name, _ in Course().feed(said(1, 0), answer(2, 50, number=8)).finish(end).codes] == [code]


def test_a_command_that_is_answered_after_all_had_no_wrong_answer() -> None:
    course = Course().feed(said(1, 0), answer(2, 50, number=8), answer(3, 90)).finish(99_999)
    assert (course.pairs, course.codes) == ([(1, 3), (None, 2)], [("response-without-command", 2)])


@pytest.mark.parametrize(
    "other",
    [
        answer(2, 50, number=8, call=WRITE),
        answer(2, 50, number=8, by=VALVE),
        answer(2, 50, number=8, to=VALVE),
        answer(2, 5, number=8),
    ],
    ids=["operation", "responder", "initiator", "too soon"],
)
def test_a_response_to_something_else_does_not_explain_a_silence(other: PacketFacts) -> None:
    course = Course().feed(said(1, 0), other)
    assert course.codes == [("response-without-command", 2)]
    assert course.finish(99_999).codes == [("response-without-command", 2), ("no-response", 1)]


def test_each_wrong_answer_explains_one_silence_the_newest_first() -> None:
    course = Course().feed(said(1, 0), said(2, 20, number=8), answer(3, 50, number=108), answer(4, 70, number=107)).finish(99_999)
    assert course.codes == [("wrong-transaction", 1), ("wrong-transaction", 2)]
    assert ["packet 4" in course.findings[0].text, "packet 3" in course.findings[1].text] == [True, True]
    course = Course().feed(said(1, 0), answer(2, 50, number=8), answer(3, 70, number=9)).finish(99_999)
    assert course.codes == [("response-without-command", 3), ("wrong-transaction", 1)]


def test_a_gap_hides_which_number_was_right() -> None:
    course = Course().feed(said(1, 0), answer(2, 50, number=8))
    course.pairing.gap(60)
    assert course.finish(99_999).codes == [("response-without-command", 2)]


def test_a_command_that_was_refused_for_good_is_not_called_unanswered() -> None:
    course = Course().feed(said(1, 0), said(2, 20, number=8))
    course.pairing.excuse(1)
    assert course.finish(99_999).codes == [("no-response", 2)]


def test_unanswered_commands_are_told_in_their_order() -> None:
    packets: Iterable[PacketFacts] = (said(no, no * 100, number=no) for no in range(1, 6))
    course = Course().feed(*packets, answer(6, 700, number=3))
    course.pairing.gap(250 + TIMEOUT)
    assert course.finish(99_999).codes == [("no-response", 1), ("no-response", 2)]
