"""Sequence numbers: stop and wait, retransmission, refusal, reset (wire-format 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from decoders.profile.wire_profile import WireProfile
from tests.decoders.transport.conversation import (
    ACK,
    BAD_CRC,
    BUSY,
    H2P,
    IDLE,
    NAK,
    NO_BUFFER,
    NO_ROUTE,
    NOT_POWERED,
    POLL,
    POWER,
    RESET,
    SEQUENCE,
    Frame,
    Step,
    answer,
    fragments,
)  # fmt: skip
from tests.decoders.transport.running import Outcome, run

UP = Frame(port=1, src=1, dst=0, payload=b"up")
DOWN = Frame(port=1, src=0, dst=1, direction=H2P, payload=b"down")


def contents(outcome: Outcome) -> list[bytes]:
    return [packet.content for packet in outcome.packets]


def numbered(frame: Frame, *numbers: int) -> list[Step]:
    """One packet a number, each with its own content."""
    return [replace(frame, seq=seq, payload=bytes([place])) for place, seq in enumerate(numbers)]


def test_numbers_that_count_on_modulo_8_are_as_they_should_be(profile: WireProfile) -> None:
    outcome = run(profile, numbered(UP, *(n % 8 for n in range(20))))
    assert contents(outcome) == [bytes([n]) for n in range(20)]
    assert (outcome.findings, outcome.retransmissions, outcome.repeats) == ([], [], {})


def test_each_port_and_route_counts_for_itself(profile: WireProfile) -> None:
    other = replace(UP, port=2, src=2)
    outcome = run(profile, [UP, DOWN, other, replace(UP, seq=1), replace(DOWN, seq=1), replace(other, seq=1)])
    assert outcome.findings == []
    assert len(outcome.packets) == 6


def test_each_stream_counts_for_itself(profile: WireProfile) -> None:
    assert run(profile, [UP, replace(UP, stream=1)]).findings == []


def test_the_number_of_the_attempt_before_is_a_retransmission_and_is_assembled_once(profile: WireProfile) -> None:
    outcome = run(profile, [UP, UP, answer(UP)])
    assert contents(outcome) == [b"up"]
    assert outcome.packets[0].frames == (1,)
    assert (outcome.retransmissions, outcome.repeats) == ([2], {2: 1})
    assert outcome.findings == [("retransmission", 2)]


def test_what_is_repeated_again_and_again_stands_for_the_first(profile: WireProfile) -> None:
    outcome = run(profile, [UP] * 4, pieces=[2])
    assert outcome.repeats == {2: 1, 3: 1, 4: 1}
    assert len(outcome.packets) == 1


def test_a_malformed_attempt_that_was_refused_is_the_attempt_before(profile: WireProfile) -> None:
    outcome = run(profile, [replace(UP, ok=False), answer(UP, NAK, BAD_CRC), UP])
    assert contents(outcome) == [b"up"]
    assert outcome.packets[0].frames == (3,)
    assert (outcome.retransmissions, outcome.repeats) == ([3], {})
    assert outcome.findings == [("nak", 2), ("retransmission", 3)]


def test_a_malformed_attempt_that_nobody_refused_is_not_known(profile: WireProfile) -> None:
    assert run(profile, [replace(UP, ok=False), UP]).retransmissions == []


@pytest.mark.parametrize("reason", [BAD_CRC, BUSY, NO_BUFFER, SEQUENCE, 7, 255])
def test_a_refusal_asks_for_the_frame_again(profile: WireProfile, reason: int) -> None:
    outcome = run(profile, [UP, answer(UP, NAK, reason), UP, answer(UP)])
    assert contents(outcome) == [b"up"]
    assert outcome.repeats == {3: 1}
    assert outcome.findings == [("nak", 2), ("retransmission", 3)]


def test_a_refused_and_repeated_frame_stands_for_the_first_in_any_batches(profile: WireProfile) -> None:
    outcome = run(profile, [UP, answer(UP, NAK, BUSY), UP], pieces=[2])
    assert outcome.repeats == {3: 1}


@pytest.mark.parametrize("reason", [NO_ROUTE, NOT_POWERED])
def test_no_route_and_not_powered_end_a_packet_that_is_on_its_way(profile: WireProfile, reason: int) -> None:
    first, second, third = fragments(UP, bytes(600))
    outcome = run(profile, [first, answer(first), second, answer(second, NAK, reason), third])
    assert [(packet.ending, packet.frames) for packet in outcome.packets] == [("ABORTED", (1, 3)), ("NO_FIRST", (5,))]
    assert outcome.findings == [("nak", 4), ("packet-refused", 1), ("partial-packet", 2)]


@pytest.mark.parametrize("reason", [NO_ROUTE, NOT_POWERED])
def test_a_refused_attempt_that_was_malformed_ends_the_packet_too(profile: WireProfile, reason: int) -> None:
    first, second = fragments(UP, bytes(300))
    outcome = run(profile, [first, answer(first), replace(second, ok=False), answer(second, NAK, reason)])
    assert [(packet.ending, packet.frames) for packet in outcome.packets] == [("ABORTED", (1,))]


@pytest.mark.parametrize("pieces", [[], [1], [1, 1]])
def test_a_packet_that_is_refused_after_its_last_frame_is_said_to_be(profile: WireProfile, pieces: list[int]) -> None:
    outcome = run(profile, [UP, answer(UP, NAK, NO_ROUTE), replace(UP, seq=1)], pieces=pieces)
    assert [packet.ending for packet in outcome.packets] == ["WHOLE", "WHOLE"]
    assert outcome.findings == [("nak", 2), ("packet-refused", 1)]


@pytest.mark.parametrize("pieces", [[], [1, 1, 1]])
def test_a_second_first_after_a_refusal_is_a_packet_of_its_own(profile: WireProfile, pieces: list[int]) -> None:
    first, second = fragments(UP, bytes(300))
    outcome = run(profile, [first, answer(first, NAK, NO_ROUTE), replace(first, seq=1), replace(second, seq=2)], pieces=pieces)
    assert [(packet.ending, packet.frames) for packet in outcome.packets] == [("ABORTED", (1,)), ("WHOLE", (3, 4))]


def test_a_number_that_does_not_follow_is_found(profile: WireProfile) -> None:
    outcome = run(profile, numbered(UP, 0, 1, 4, 5, 3))
    assert outcome.findings == [("sequence-jump", 3), ("sequence-jump", 5)]
    assert len(outcome.packets) == 5


def test_a_number_that_was_used_before_the_last_is_new_data(profile: WireProfile) -> None:
    outcome = run(profile, numbered(UP, 0, 1, 0))
    assert (len(outcome.packets), outcome.retransmissions, outcome.findings) == (3, [], [("sequence-jump", 3)])


def test_a_recording_may_begin_at_any_number(profile: WireProfile) -> None:
    assert run(profile, numbered(UP, 5, 6, 7, 0)).findings == []


@pytest.mark.parametrize("reset", [Frame(RESET, port=1, src=1, dst=0), Frame(RESET, port=1, src=0, dst=1, direction=H2P)])
def test_a_reset_zeroes_the_numbers_of_its_port_in_both_directions(profile: WireProfile, reset: Frame) -> None:
    other = replace(UP, port=2, src=2)
    before: list[Step] = [replace(frame, seq=0) for frame in (UP, DOWN, other)]
    reset = replace(reset, first=False, last=False)
    again: list[Step] = [UP, DOWN, replace(other, seq=1)]
    outcome = run(profile, [*before, reset, *again])
    assert outcome.findings == []
    assert len(outcome.packets) == 6


@pytest.mark.parametrize("pieces", [[], [1], [2]])
def test_after_a_reset_numbers_begin_at_zero(profile: WireProfile, pieces: list[int]) -> None:
    reset = Frame(RESET, port=1, src=0, dst=1, direction=H2P, first=False, last=False)
    outcome = run(profile, [replace(UP, seq=4), reset, replace(UP, seq=5), replace(UP, seq=6)], pieces=pieces)
    assert outcome.findings == [("sequence-jump", 3)]


@pytest.mark.parametrize("pieces", [[], [1], [2], [1, 1, 1]])
def test_a_reset_drops_half_assembled_packets_of_its_port_in_both_directions(profile: WireProfile, pieces: list[int]) -> None:
    up, rest = fragments(UP, bytes(300))
    down, _ = fragments(DOWN, bytes(300))
    other, other_rest = fragments(replace(UP, port=2, src=2), bytes(300))
    reset = Frame(RESET, port=1, src=0, dst=1, direction=H2P, first=False, last=False)
    outcome = run(profile, [up, down, other, reset, other_rest, replace(rest, seq=0)], pieces=pieces)
    assert [(packet.ending, packet.frames) for packet in outcome.packets] == [
        ("RESET", (1,)),
        ("RESET", (2,)),
        ("WHOLE", (3, 5)),
        ("NO_FIRST", (6,)),
    ]
    assert outcome.findings == [("incomplete-packet", 1), ("incomplete-packet", 2), ("partial-packet", 4)]


@pytest.mark.parametrize("kind", [ACK, POLL, IDLE, POWER, 7])
def test_other_frames_are_no_attempts(profile: WireProfile, kind: int) -> None:
    outcome = run(profile, [UP, replace(UP, kind=kind, seq=5, payload=b""), replace(UP, seq=1)])
    assert (len(outcome.packets), outcome.findings) == (2, [])


def test_a_refusal_says_its_reason(profile: WireProfile) -> None:
    found = run(profile, [UP, answer(UP, NAK, BUSY), replace(UP, seq=1), answer(replace(UP, seq=1), NAK, 77)]).texts
    assert [finding.text for finding in found if finding.code.name == "nak"] == ["refused with busy", "refused with 77"]


@pytest.mark.parametrize("left_out", ["stream", "port", "route"])
def test_what_the_profile_leaves_out_of_the_reassembly_key_is_not_told_apart(profile: WireProfile, left_out: str) -> None:
    others = {"stream": replace(UP, stream=1), "port": replace(UP, port=2), "route": replace(UP, dst=3)}
    key = tuple(part for part in ("stream", "port", "route") if part != left_out)
    procedures = replace(profile.procedures, reassembly_key=key, forwarding="none")
    for name, other in others.items():
        outcome = run(replace(profile, procedures=procedures), [UP, other, DOWN])
        assert outcome.retransmissions == ([2] if name == left_out else [])


def test_a_profile_without_acknowledgements_knows_no_retransmissions(profile: WireProfile) -> None:
    procedures = replace(profile.procedures, acknowledgement="none")
    outcome = run(replace(profile, procedures=procedures), [UP, UP, replace(UP, seq=5)], pieces=[1, 1])
    assert (len(outcome.packets), outcome.findings, outcome.retransmissions) == (3, [], [])


@pytest.mark.parametrize("pieces", [[], [1] * 9])
def test_in_a_window_a_repeated_number_is_one_of_the_last(profile: WireProfile, pieces: list[int]) -> None:
    procedures = replace(profile.procedures, acknowledgement="window", window=2)
    outcome = run(replace(profile, procedures=procedures), numbered(UP, 0, 1, 2, 0, 1, 2, 3, 4, 0), pieces=pieces)
    assert outcome.retransmissions == [4, 5, 6]
    assert outcome.repeats == {4: 1, 5: 2, 6: 3}
    assert contents(outcome) == [bytes([0]), bytes([1]), bytes([2]), bytes([6]), bytes([7]), bytes([8])]
