"""Forwarding through the host (wire-format 3, forwarding): two sightings, one packet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from decoders.link import LinkDecoder
from decoders.profile.wire_profile import WireProfile
from decoders.transport.reassembly import Reassembler
from tests.decoders.transport.conversation import (
    BUSY,
    H2P,
    NAK,
    NO_ROUTE,
    NOT_POWERED,
    POLL,
    RATE_HZ,
    RESET,
    Frame,
    Gap,
    Step,
    Timed,
    answer,
    fragments,
    timed,
    transfers,
)  # fmt: skip
from tests.decoders.transport.running import Outcome, collect, run

TIMEOUT = 2 * RATE_HZ
CONTENT = bytes(range(160)) * 2
IN = Frame(port=1, src=1, dst=2, payload=CONTENT[:40])
OUT = replace(IN, port=2, direction=H2P, pause=30)
BLIND = Frame(POLL, port=1, src=0, dst=1, direction=H2P, pause=TIMEOUT)
"""Takes so long that whatever leaves after it must have come in."""


def hops(outcome: Outcome) -> list[tuple[str, tuple[int, ...]]]:
    return [(packet.hop, packet.frames) for packet in outcome.packets]


def wait(ticks: int) -> Frame:
    """A frame that has nothing to do with forwarding and begins after a pause."""
    return replace(BLIND, pause=ticks)


@pytest.mark.parametrize("pieces", [[], [1], [1, 1]])
def test_both_sightings_make_one_packet_on_the_port_where_it_came_in(profile: WireProfile, pieces: list[int]) -> None:
    outcome = run(profile, [IN, answer(IN), OUT, answer(OUT)], pieces=pieces)
    (packet,) = outcome.packets
    came, left = timed([IN, answer(IN), OUT])[::2]
    assert isinstance(came, Timed)
    assert isinstance(left, Timed)
    assert (packet.port, packet.direction, packet.frames, packet.frame_count) == (1, 1, (1, 3), 2)
    assert (packet.start, packet.end, packet.hop_start) == (came.start, left.end, left.start)
    assert (packet.hop, packet.content, outcome.hops) == ("FORWARDED", IN.payload, {1: 3, 3: 1})
    assert outcome.findings == []


def test_numbers_are_of_the_port_and_need_not_be_the_same(profile: WireProfile) -> None:
    outcome = run(profile, [replace(IN, seq=3), replace(OUT, seq=6)])
    assert (hops(outcome), outcome.findings) == ([("FORWARDED", (1, 2))], [])


@pytest.mark.parametrize("pieces", [[], [1] * 5])
def test_fragments_are_forwarded_one_by_one_or_when_all_are_there(profile: WireProfile, pieces: list[int]) -> None:
    came, left = fragments(IN, CONTENT), fragments(OUT, CONTENT)
    at_once = run(profile, [came[0], left[0], came[1], left[1]], pieces=pieces)
    stored = run(profile, [*came, *left], pieces=pieces)
    assert hops(at_once) == [("FORWARDED", (1, 3, 2, 4))]
    assert hops(stored) == [("FORWARDED", (1, 2, 3, 4))]
    assert at_once.hops == {1: 2, 2: 1, 3: 4, 4: 3}
    assert stored.hops == {1: 3, 3: 1, 2: 4, 4: 2}
    assert at_once.findings + stored.findings == []


def test_a_packet_comes_in_the_order_in_which_it_left(profile: WireProfile) -> None:
    direct = Frame(port=1, src=1, dst=0, payload=b"direct")
    outcome = run(profile, [IN, direct, OUT])
    assert [packet.frames for packet in outcome.packets] == [(2,), (1, 3)]


def test_packets_of_one_route_may_overtake_each_other(profile: WireProfile) -> None:
    second = {"seq": 1, "payload": b"second"}
    outcome = run(profile, [IN, replace(IN, seq=1, payload=b"second"), replace(OUT, payload=b"second"), replace(OUT, seq=1)])
    assert second["payload"] == outcome.packets[0].content
    assert hops(outcome) == [("FORWARDED", (2, 3)), ("FORWARDED", (1, 4))]


def test_equal_packets_leave_in_the_order_in_which_they_came(profile: WireProfile) -> None:
    outcome = run(profile, [IN, replace(IN, seq=1), OUT, replace(OUT, seq=1)])
    assert hops(outcome) == [("FORWARDED", (1, 3)), ("FORWARDED", (2, 4))]


def test_both_ways_at_once(profile: WireProfile) -> None:
    back_in = Frame(port=2, src=2, dst=1, payload=b"back")
    back_out = replace(back_in, port=1, direction=H2P)
    outcome = run(profile, [IN, back_in, back_out, OUT])
    assert hops(outcome) == [("FORWARDED", (2, 3)), ("FORWARDED", (1, 4))]


def test_retransmissions_on_either_hop_belong_to_no_other_packet(profile: WireProfile) -> None:
    outcome = run(profile, [IN, IN, OUT, answer(OUT, NAK, BUSY), OUT])
    assert hops(outcome) == [("FORWARDED", (1, 3))]
    assert outcome.findings == [("nak", 4), ("retransmission", 2), ("retransmission", 5)]


# --- lost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [[], [1]])
def test_in_but_not_out_within_2_s_is_lost(profile: WireProfile, pieces: list[int]) -> None:
    outcome = run(profile, [IN, wait(TIMEOUT), OUT], pieces=pieces)
    assert hops(outcome) == [("LOST", (1,)), ("NOT_RECEIVED", (3,))]
    assert outcome.findings == [("forwarded-from-nowhere", 2), ("lost-in-forwarding", 1)]


def test_what_leaves_a_tick_after_the_2_s_is_another_packet(profile: WireProfile) -> None:
    assert hops(run(profile, [IN, replace(OUT, pause=TIMEOUT)])) == [("LOST", (1,)), ("NOT_RECEIVED", (2,))]


def test_2_s_must_have_passed(profile: WireProfile) -> None:
    outcome = run(profile, [IN, replace(OUT, pause=TIMEOUT - 1), wait(1)])
    assert (hops(outcome), outcome.findings) == ([("FORWARDED", (1, 2))], [])


def test_what_began_to_leave_in_time_is_not_lost_however_long_it_takes(profile: WireProfile) -> None:
    first, last = fragments(OUT, CONTENT)
    outcome = run(profile, [*fragments(IN, CONTENT), first, wait(3 * TIMEOUT), last])
    assert (hops(outcome), outcome.findings) == ([("FORWARDED", (1, 2, 3, 5))], [])


def test_another_packet_on_its_way_out_only_puts_the_verdict_off(profile: WireProfile) -> None:
    other = bytes(reversed(CONTENT))
    came = [*fragments(replace(IN, seq=0), CONTENT), *fragments(replace(IN, seq=2), other)]
    first, last = fragments(OUT, other)
    outcome = run(profile, [*came, first, wait(3 * TIMEOUT), last, wait(1)], pieces=[1] * 9)
    assert hops(outcome) == [("FORWARDED", (3, 4, 5, 7)), ("LOST", (1, 2))]
    assert outcome.findings == [("lost-in-forwarding", 2)]


def test_only_what_leaves_on_the_destination_s_port_puts_the_verdict_off(profile: WireProfile) -> None:
    elsewhere = replace(fragments(OUT, CONTENT)[0], port=1)
    outcome = run(profile, [IN, elsewhere, wait(TIMEOUT)])
    assert hops(outcome)[0] == ("LOST", (1,))


@pytest.mark.parametrize("pieces", [[], [1], [2], [1] * 4])
def test_a_packet_that_is_seen_late_is_judged_from_there_on(profile: WireProfile, pieces: list[int]) -> None:
    """Transfers of two buses overlap, so that one that began long before may end behind one that began after it."""
    direct = Frame(port=1, src=1, dst=0, payload=b"direct")
    outcome = run(profile, [wait(3 * TIMEOUT), direct, replace(IN, pause=-3 * TIMEOUT), wait(1), OUT], pieces=pieces)
    assert hops(outcome) == [("NONE", (2,)), ("LOST", (3,)), ("UNKNOWN", (5,))]


def test_a_forwarded_packet_lasts_to_the_later_of_its_two_ends(profile: WireProfile) -> None:
    (packet,) = run(profile, [IN, replace(OUT, pause=-60)]).packets
    assert (packet.start, packet.end, packet.hop_start) == (1, 48, 0)


def test_time_on_another_stream_does_not_count(profile: WireProfile) -> None:
    """Streams may be decoded one behind the other, so that one is hours ahead."""
    outcome = run(profile, [IN, replace(wait(5 * TIMEOUT), stream=1), replace(OUT, pause=-5 * TIMEOUT)])
    assert (hops(outcome), outcome.findings) == ([("FORWARDED", (1, 3))], [])


def test_nothing_is_lost_at_the_end_of_the_recording(profile: WireProfile) -> None:
    outcome = run(profile, [IN, wait(TIMEOUT - 1)])
    assert (hops(outcome), outcome.findings) == ([("UNKNOWN", (1,))], [])


@pytest.mark.parametrize(("end", "hop"), [(TIMEOUT + 48, "UNKNOWN"), (TIMEOUT + 49, "LOST")])
def test_the_end_of_the_recording_tells_how_much_time_has_passed(profile: WireProfile, end: int, hop: str) -> None:
    placed = [event for event in timed([IN]) if isinstance(event, Timed)]
    assert placed[0].end == 48
    transport = Reassembler(profile, frozenset({(0, 1), (0, 2)}), RATE_HZ)
    transport.feed(LinkDecoder(profile, RATE_HZ).feed(transfers(placed)))
    outcome = Outcome()
    collect(outcome, transport.finish(end))
    assert hops(outcome) == [(hop, (1,))]


@pytest.mark.parametrize(("pause", "hop"), [(TIMEOUT, "UNKNOWN"), (TIMEOUT + 1, "LOST")])
def test_a_gap_within_2_s_hides_whether_a_packet_left(profile: WireProfile, pause: int, hop: str) -> None:
    link, transport = LinkDecoder(profile, RATE_HZ), Reassembler(profile, frozenset({(0, 1), (0, 2)}), RATE_HZ)
    placed = [event for event in timed([IN]) if isinstance(event, Timed)]
    transport.feed(link.feed(transfers(placed)))
    outcome = Outcome()
    collect(outcome, transport.gap(placed[0].end + pause, placed[0].end + 5 * pause))
    assert hops(outcome) == [(hop, (1,))]


@pytest.mark.parametrize("observed", [[(0, 1)], [(0, 1), (1, 2)]])
def test_nothing_is_lost_on_its_way_to_a_port_that_is_not_recorded(
    profile: WireProfile, observed: Sequence[tuple[int, int]]
) -> None:
    outcome = run(profile, [IN, wait(3 * TIMEOUT)], observed)
    assert (hops(outcome), outcome.findings) == ([("NONE", (1,))], [])


@pytest.mark.parametrize("reason", [NO_ROUTE, NOT_POWERED])
@pytest.mark.parametrize("pieces", [[], [1]])
def test_what_the_host_refuses_is_refused_and_not_lost(profile: WireProfile, reason: int, pieces: list[int]) -> None:
    outcome = run(profile, [IN, answer(IN, NAK, reason), wait(3 * TIMEOUT)], pieces=pieces)
    assert [(packet.ending, packet.hop) for packet in outcome.packets] == [("ABORTED", "NONE")]
    assert outcome.findings == [("nak", 2), ("packet-refused", 1)]


def test_what_the_destination_refuses_is_refused(profile: WireProfile) -> None:
    outcome = run(profile, [IN, OUT, answer(OUT, NAK, NOT_POWERED)])
    assert hops(outcome) == [("FORWARDED", (1, 2))]
    assert outcome.findings == [("nak", 3), ("packet-refused", 1)]


def test_a_packet_that_did_not_come_in_whole_is_not_lost(profile: WireProfile) -> None:
    first = fragments(IN, CONTENT)[0]
    reset = Frame(RESET, port=1, src=0, dst=1, direction=H2P, first=False, last=False)
    outcome = run(profile, [first, reset, wait(3 * TIMEOUT)])
    assert [(packet.ending, packet.hop) for packet in outcome.packets] == [("RESET", "NONE")]
    assert outcome.findings == [("incomplete-packet", 1)]


def test_a_packet_that_both_ports_cut_at_one_place_is_one_packet(profile: WireProfile) -> None:
    first_in, first_out = fragments(IN, CONTENT)[0], fragments(OUT, CONTENT)[0]
    steps: list[Step] = [first_in, first_out, replace(IN, seq=1), replace(OUT, seq=1)]
    outcome = run(profile, steps)
    assert [(p.ending, p.hop, p.frames) for p in outcome.packets] == [
        ("NEXT_FIRST", "FORWARDED", (1, 2)),
        ("WHOLE", "FORWARDED", (3, 4)),
    ]


# --- altered, and from nowhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [IN.payload[:-1] + b"\x00", IN.payload + b"more", b"\xee" + IN.payload[1:]])
def test_what_leaves_with_other_bytes_was_altered(profile: WireProfile, changed: bytes) -> None:
    outcome = run(profile, [BLIND, IN, replace(OUT, payload=changed)])
    assert hops(outcome) == [("ALTERED", (2, 3))]
    assert outcome.packets[0].content == IN.payload
    assert outcome.findings == [("altered-in-forwarding", 1)]


def test_a_packet_that_shares_its_beginning_is_the_altered_one_before_one_that_shares_its_size(profile: WireProfile) -> None:
    other = replace(IN, seq=1, payload=bytes(40))
    outcome = run(profile, [BLIND, other, replace(IN, seq=2), replace(OUT, payload=IN.payload[:-1] + b"\x00")])
    assert hops(outcome)[0] == ("ALTERED", (3, 4))


def test_out_but_not_in_comes_from_nowhere(profile: WireProfile) -> None:
    outcome = run(profile, [BLIND, OUT])
    assert (hops(outcome), outcome.findings) == ([("NOT_RECEIVED", (2,))], [("forwarded-from-nowhere", 1)])


def test_a_packet_that_leaves_twice_comes_from_nowhere_the_second_time(profile: WireProfile) -> None:
    outcome = run(profile, [BLIND, IN, OUT, replace(OUT, seq=1)])
    assert hops(outcome) == [("FORWARDED", (2, 3)), ("NOT_RECEIVED", (4,))]


@pytest.mark.parametrize("before", [[], [BLIND, Gap()]])
def test_what_leaves_just_after_the_beginning_or_a_gap_may_have_come_in_unseen(profile: WireProfile, before: list[Step]) -> None:
    outcome = run(profile, [*before, OUT])
    assert (hops(outcome)[-1][0], outcome.findings) == ("UNKNOWN", [])


def test_what_comes_from_a_port_that_is_not_recorded_is_as_it_should_be(profile: WireProfile) -> None:
    outcome = run(profile, [BLIND, OUT], [(0, 2)])
    assert (hops(outcome), outcome.findings) == ([("NONE", (2,))], [])


def test_a_packet_that_was_cut_on_its_way_out_is_none_that_came_in(profile: WireProfile) -> None:
    """The host may send it again from the beginning, and then that is the second sighting."""
    first, last = fragments(OUT, CONTENT)
    again = fragments(replace(OUT, seq=1), CONTENT)
    outcome = run(profile, [BLIND, *fragments(IN, CONTENT), first, answer(first, NAK, NOT_POWERED), *again])
    assert last.last
    assert [(p.ending, p.hop, p.frames) for p in outcome.packets] == [
        ("ABORTED", "UNKNOWN", (4,)),
        ("WHOLE", "FORWARDED", (2, 3, 6, 7)),
    ]


# --- what is no forwarding ---------------------------------------------------------------------------------------------


def test_a_profile_without_forwarding_shows_each_sighting_by_itself(profile: WireProfile) -> None:
    without = replace(profile, procedures=replace(profile.procedures, forwarding="none"))
    outcome = run(without, [BLIND, IN, OUT])
    assert (hops(outcome), outcome.findings) == ([("NONE", (2,)), ("NONE", (3,))], [])


def test_a_packet_to_its_own_port_is_not_forwarded(profile: WireProfile) -> None:
    outcome = run(profile, [BLIND, replace(IN, dst=1), wait(3 * TIMEOUT)])
    assert (hops(outcome), outcome.findings) == ([("NONE", (2,))], [])


def test_a_sighting_on_a_port_that_its_route_does_not_name_is_none_of_the_two(profile: WireProfile) -> None:
    outcome = run(profile, [BLIND, replace(IN, port=2), replace(OUT, port=1), wait(3 * TIMEOUT)])
    assert hops(outcome) == [("NONE", (2,)), ("NONE", (3,))]
    assert outcome.findings == [("route-not-of-port", 2), ("route-not-of-port", 3)]


def test_each_stream_forwards_for_itself(profile: WireProfile) -> None:
    both = [(stream, port) for stream in (0, 1) for port in (1, 2)]
    outcome = run(profile, [BLIND, IN, replace(IN, stream=1), replace(OUT, stream=1), OUT], both)
    assert hops(outcome) == [("FORWARDED", (3, 4)), ("FORWARDED", (2, 5))]
