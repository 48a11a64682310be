"""Fragments and packets (wire-format 3, fragmentation)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from decoders.link import LinkDecoder
from decoders.profile.wire_profile import WireProfile
from decoders.transport.reassembly import Reassembler
from tests.decoders.transport.conversation import BYTE_TICKS, H2P, RATE_HZ, Frame, Gap, Step, Timed, fragments, timed, transfers
from tests.decoders.transport.running import Outcome, run

UP = Frame(port=1, src=1, dst=0)
DOWN = Frame(port=1, src=0, dst=1, direction=H2P)
CONTENT = bytes(range(160)) * 4
HEAD_AND_CRC = 8


def packets(outcome: Outcome) -> list[tuple[str, tuple[int, ...]]]:
    return [(packet.ending, packet.frames) for packet in outcome.packets]


@pytest.mark.parametrize("size", [0, 1, 32, 247, 248])
def test_a_packet_that_fits_one_frame_has_first_and_last(profile: WireProfile, size: int) -> None:
    (frame,) = fragments(UP, CONTENT[:size])
    assert frame.first
    assert frame.last
    outcome = run(profile, [frame])
    assert [(p.ending, p.content, p.frames) for p in outcome.packets] == [("WHOLE", CONTENT[:size], (1,))]
    assert outcome.findings == []


@pytest.mark.parametrize(("size", "count"), [(249, 2), (496, 2), (497, 3), (640, 3)])
@pytest.mark.parametrize("pieces", [[], [1], [2], [1, 1, 1]])
def test_a_longer_packet_is_put_together_in_any_batches(profile: WireProfile, size: int, count: int, pieces: list[int]) -> None:
    frames = fragments(UP, CONTENT[:size])
    outcome = run(profile, frames, pieces=pieces)
    (packet,) = outcome.packets
    assert (packet.content, packet.frames) == (CONTENT[:size], tuple(range(1, count + 1)))
    assert (packet.first_frame, packet.frame_count, outcome.findings) == (1, count, [])


def test_a_packet_lasts_from_its_first_frame_s_first_bit_to_its_last_frame_s_last(profile: WireProfile) -> None:
    frames = fragments(replace(UP, pause=10), CONTENT[:300])
    (packet,) = run(profile, frames).packets
    length = BYTE_TICKS * (300 + 2 * HEAD_AND_CRC)
    assert (packet.start, packet.end) == (10, 10 + length + 10 - 1)


@pytest.mark.parametrize("at_once", [1, 64, 300])
def test_65535_bytes_need_265_fragments_whose_index_wraps(profile: WireProfile, at_once: int) -> None:
    content = bytes(place * 7 % 160 for place in range(65535))
    frames = fragments(UP, content)
    assert (len(frames), frames[256].fragment, frames[264].fragment) == (265, 0, 8)
    outcome = run(profile, frames, pieces=[at_once] * 265)
    (packet,) = outcome.packets
    assert (packet.ending, packet.content, packet.frame_count) == ("WHOLE", content, 265)
    assert outcome.findings == []


def test_a_packet_never_has_more_than_265_frames(profile: WireProfile) -> None:
    frames = fragments(UP, bytes(248 * 267))
    outcome = run(profile, frames)
    assert [(p.ending, p.frame_count) for p in outcome.packets] == [("TOO_LONG", 265), ("NO_FIRST", 2)]
    assert outcome.findings == [("incomplete-packet", 1), ("partial-packet", 2)]


def test_routes_interleave(profile: WireProfile) -> None:
    up, down, other = (fragments(frame, CONTENT[:300]) for frame in (UP, DOWN, replace(UP, port=2, src=2)))
    steps = [frame for part in zip(up, down, other, strict=True) for frame in part]
    assert packets(run(profile, steps)) == [("WHOLE", (1, 4)), ("WHOLE", (2, 5)), ("WHOLE", (3, 6))]


def test_streams_with_the_same_ports_interleave(profile: WireProfile) -> None:
    here, there = fragments(UP, CONTENT[:300]), fragments(replace(UP, stream=1), CONTENT[:400])
    outcome = run(profile, [here[0], there[0], there[1], here[1]])
    assert [(p.stream, p.content) for p in outcome.packets] == [(1, CONTENT[:400]), (0, CONTENT[:300])]


def test_packets_come_in_order_of_their_last_frames(profile: WireProfile) -> None:
    slow = fragments(UP, CONTENT[:600])
    quick = replace(DOWN, payload=b"quick")
    outcome = run(profile, [slow[0], quick, slow[1], replace(quick, seq=1), slow[2]])
    assert packets(outcome) == [("WHOLE", (2,)), ("WHOLE", (4,)), ("WHOLE", (1, 3, 5))]
    assert [packet.no for packet in outcome.packets] == [1, 2, 3]


@pytest.mark.parametrize("pieces", [[], [1], [1, 1]])
def test_a_second_first_ends_the_old_packet_as_incomplete(profile: WireProfile, pieces: list[int]) -> None:
    old = fragments(UP, CONTENT[:300])[0]
    new = fragments(replace(UP, seq=1), CONTENT[100:400])
    outcome = run(profile, [old, *new], pieces=pieces)
    assert packets(outcome) == [("NEXT_FIRST", (1,)), ("WHOLE", (2, 3))]
    assert outcome.packets[0].content == CONTENT[:248]
    assert outcome.findings == [("incomplete-packet", 1)]


@pytest.mark.parametrize("pieces", [[], [1], [1, 1]])
def test_a_jump_in_the_index_ends_the_old_packet_as_incomplete(profile: WireProfile, pieces: list[int]) -> None:
    frames: list[Frame] = fragments(UP, CONTENT[:640])
    skipped = replace(frames[2], seq=1)
    outcome = run(profile, [frames[0], skipped], pieces=pieces)
    assert packets(outcome) == [("JUMP", (1,)), ("NO_FIRST", (2,))]
    assert outcome.findings == [("incomplete-packet", 1), ("partial-packet", 2)]


def test_a_lost_fragment_jumps_in_number_and_index(profile: WireProfile) -> None:
    first, _, last = fragments(UP, CONTENT[:640])
    assert run(profile, [first, last]).findings == [("incomplete-packet", 1), ("partial-packet", 2), ("sequence-jump", 2)]


@pytest.mark.parametrize("pieces", [[], [1]])
def test_a_gap_ends_what_is_open_and_nothing_carries_over_it(profile: WireProfile, pieces: list[int]) -> None:
    first, last = fragments(UP, CONTENT[:300])
    outcome = run(profile, [first, Gap(), replace(last, seq=4), replace(DOWN, seq=2)], pieces=pieces)
    assert packets(outcome) == [("GAP", (1,)), ("NO_FIRST", (2,)), ("WHOLE", (3,))]
    assert outcome.findings == [("partial-packet", 1), ("partial-packet", 2)]


def test_after_a_gap_no_frame_is_a_retransmission(profile: WireProfile) -> None:
    outcome = run(profile, [UP, Gap(), UP])
    assert (len(outcome.packets), outcome.retransmissions) == (2, [])


def test_the_end_of_the_recording_ends_what_is_open(profile: WireProfile) -> None:
    outcome = run(profile, fragments(UP, CONTENT)[:2])
    assert packets(outcome) == [("END", (1, 2))]
    assert outcome.findings == [("partial-packet", 1)]


@pytest.mark.parametrize("pieces", [[], [1]])
def test_an_analyser_that_starts_in_mid_conversation_shows_partial_records_not_errors(
    profile: WireProfile, pieces: list[int]
) -> None:
    _, second, third = fragments(replace(UP, seq=4), CONTENT)
    outcome = run(profile, [second, third, replace(UP, seq=7)], pieces=pieces)
    assert packets(outcome) == [("NO_FIRST", (1, 2)), ("WHOLE", (3,))]
    assert outcome.packets[0].content == CONTENT[248:]
    assert outcome.findings == [("partial-packet", 1)]
    assert [finding.code.severity.name for finding in outcome.texts] == ["CHAT"]


def test_a_repeated_fragment_is_assembled_once(profile: WireProfile) -> None:
    first, second, third = fragments(UP, CONTENT)
    outcome = run(profile, [first, first, second, third, third], pieces=[1] * 5)
    assert packets(outcome) == [("WHOLE", (1, 3, 4))]
    assert (outcome.packets[0].content, outcome.repeats) == (CONTENT, {2: 1, 5: 4})


def test_only_the_last_fragment_may_be_short(profile: WireProfile) -> None:
    short, last = fragments(UP, CONTENT[:300], size=200)
    outcome = run(profile, [short, last])
    assert outcome.findings == [("short-fragment", 1)]
    assert outcome.packets[0].content == CONTENT[:300]


def test_a_frame_whose_route_does_not_name_its_port_is_found(profile: WireProfile) -> None:
    steps: list[Step] = [replace(UP, port=2), replace(DOWN, port=2), UP, DOWN]
    outcome = run(profile, steps)
    assert outcome.findings == [("route-not-of-port", 1), ("route-not-of-port", 2)]


def test_what_is_open_is_known_by_its_earliest_frame(profile: WireProfile) -> None:
    first, second, third = fragments(UP, CONTENT)
    placed = [event for event in timed([DOWN, first, second, third]) if isinstance(event, Timed)]
    link, transport = LinkDecoder(profile, RATE_HZ), Reassembler(profile, frozenset({(0, 1)}), RATE_HZ)
    since = []
    for event in placed:
        transport.feed(link.feed(transfers([event])))
        since.append(transport.open_since)
    assert since == [None, 2, 2, None]


def test_a_first_fragment_with_an_index_is_noticed_and_still_begins_a_packet(profile: WireProfile) -> None:
    whole = replace(UP, payload=CONTENT[:40], fragment=3)
    outcome = run(profile, [whole, replace(DOWN, payload=CONTENT[:40])])
    assert packets(outcome) == [("WHOLE", (1,)), ("WHOLE", (2,))]
    assert outcome.findings == [("first-with-index", 1)]
    assert [finding.text for finding in outcome.texts] == ["the frame begins a packet with fragment index 3"]


def test_fragments_go_on_from_the_index_of_the_first(profile: WireProfile) -> None:
    outcome = run(profile, [replace(frame, fragment=frame.fragment + 255 & 0xFF) for frame in fragments(UP, CONTENT[:600])])
    assert packets(outcome) == [("WHOLE", (1, 2, 3))]
    assert outcome.findings == [("first-with-index", 1)]
