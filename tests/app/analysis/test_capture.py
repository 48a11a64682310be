"""A decoded recording, asked by layer and number."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.analysis.capture import LAYERS, Capture
from app.analysis.decoding import decode_recording, timebase_of
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.opening import open_recording
from decoders.core.chunk import Samples
from decoders.core.finding import Finding
from decoders.core.span import Timebase
from decoders.packet_reading import PacketReader, PacketReading
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Stack
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop
from tests.helpers.umi import (
    HOST,
    METER,
    RATE_HZ,
    VALVE,
    Bench,
    codes,
    decode,
    decoded,
    dense,
    packet,
    shipped,
    without,
)

REFERENCE = shipped("reference-1")
READ = packet(REFERENCE, "objects.read", {"codes": ["00420001"]}, source=HOST, destination=METER)
ANSWER = packet(REFERENCE, "objects.read", b"\x00", source=METER, destination=HOST, response=True)
CAPACITY = 50
"""Bytes that a frame may take in memory beside its own bytes (architecture, core types)."""


@pytest.fixture(scope="module")
def conversation(vectors: Path) -> Capture:
    """The conversation that another encoder made."""
    with open_recording(vectors / "conversation.sr") as recording:
        return decode_recording(recording, REFERENCE, wiring_from_names(recording.channels), timebase_of(recording))


def repeated() -> Capture:
    """A command refused and sent again twice, then its answer in three fragments, one of them sent twice."""
    bench = Bench(REFERENCE)
    bench.frame(1, "data", (0, 1), READ)
    bench.frame(1, "nak", (1, 0), link_status="busy")
    bench.frame(1, "data", (0, 1), READ)
    bench.frame(1, "data", (0, 1), READ)
    long = packet(REFERENCE, "tunnelling.data", bytes(600), response=True)
    for index, seq in ((0, 0), (1, 1), (1, 1), (2, 2)):
        piece = long[index * 248 : index * 248 + 248]
        bench.frame(1, "data", (1, 0), piece, seq=seq, first=index == 0, last=index == 2, fragment=index)
    return bench.decode()


def forwarded() -> Capture:
    """A packet of two fragments through the host, the second fragment sent twice on its way out."""
    bench = Bench(REFERENCE)
    content = packet(REFERENCE, "tunnelling.data", bytes(300), destination=VALVE)
    bench.frame(2, "poll", (0, 2))
    bench.data(1, (1, 2), content)
    bench.frame(2, "data", (1, 2), content[:248], last=False)
    for _ in range(2):
        bench.frame(2, "data", (1, 2), content[248:], first=False, fragment=1, seq=1)
    return bench.decode()


# Numbering.


def test_records_are_numbered_from_one_without_a_hole(conversation: Capture) -> None:
    assert [frame.no for frame in conversation.frames()] == list(range(1, conversation.frame_count + 1))
    assert [one.no for one in conversation.packets()] == list(range(1, conversation.packet_count + 1))
    assert [one.no for one in conversation.transactions] == list(range(1, len(conversation.transactions) + 1))
    assert conversation.frame_count > 600
    assert conversation.packet_count == 188


def test_a_record_is_the_same_by_its_number_as_in_the_row(conversation: Capture) -> None:
    for frame in conversation.frames():
        assert conversation.frame(frame.no) == frame
    for one in conversation.packets():
        assert conversation.packet(one.no) == one


@pytest.mark.parametrize("no", [-1, 0])
def test_there_is_no_record_before_the_first(no: int) -> None:
    capture = repeated()
    with pytest.raises(IndexError, match=f"no frame {no}"):
        capture.frame(no)
    with pytest.raises(IndexError, match=f"no packet {no}"):
        capture.packet(no)


def test_nor_behind_the_last() -> None:
    capture = repeated()
    with pytest.raises(IndexError, match="no frame 9"):
        capture.frame(capture.frame_count + 1)
    with pytest.raises(IndexError, match="no packet 3"):
        capture.packet(capture.packet_count + 1)


def test_a_recording_of_nothing_answers_too() -> None:
    capture = decode([], REFERENCE, Bench(REFERENCE).wiring)
    assert (list(capture.frames()), list(capture.packets()), capture.resident_bytes < 100) == ([], [], True)
    with pytest.raises(IndexError):
        capture.frame(1)


# Frames and packets.


def test_frames_of_a_packet_leave_out_what_was_sent_again_but_each_knows_its_packet() -> None:
    capture = repeated()
    assert [capture.frames_of_packet(no) for no in (1, 2)] == [[1], [5, 6, 8]]
    assert [capture.packet_of_frame(no) for no in range(1, 9)] == [1, None, 1, 1, 2, 2, 2, 2]
    assert [no for no in range(1, 9) if capture.is_retransmission(no)] == [3, 4, 7]
    assert [capture.hop_of_frame(no) for no in range(1, 9)] == [None] * 8


def test_both_sightings_of_a_forwarded_packet_are_its_frames_and_know_each_other() -> None:
    capture = forwarded()
    assert capture.packet_count == 1
    assert capture.frames_of_packet(1) == [2, 3, 4, 5]
    assert [capture.packet_of_frame(no) for no in range(1, 7)] == [None, 1, 1, 1, 1, 1]
    assert {no: capture.hop_of_frame(no) for no in range(1, 7)} == {1: None, 2: 4, 3: 5, 4: 2, 5: 3, 6: None}
    one = capture.packet(1)
    assert (one.port, one.direction, one.hop, one.hop_start) == (1, "p2h", Hop.FORWARDED, capture.frame(4).start)
    assert (one.start, one.end) == (capture.frame(2).start, capture.frame(5).end)


def test_links_between_frames_and_packets_agree(conversation: Capture) -> None:
    hops = {no: conversation.hop_of_frame(no) for no in range(1, conversation.frame_count + 1)}
    for no, other in hops.items():
        assert other is None or hops[other] == no
        assert other is None or conversation.packet_of_frame(other) == conversation.packet_of_frame(no)
    of_packets = [no for one in conversation.packets() for no in conversation.frames_of_packet(one.no)]
    assert len(set(of_packets)) == len(of_packets)
    for one in conversation.packets():
        frames = conversation.frames_of_packet(one.no)
        assert [conversation.packet_of_frame(no) for no in frames] == [one.no] * len(frames)
        mine = [no for no in frames if conversation.frame(no).port == one.port]
        assert b"".join(conversation.frame(no).payload for no in mine) == one.content
    alone = set(range(1, conversation.frame_count + 1)) - set(of_packets)
    for no in alone:
        assert conversation.packet_of_frame(no) is None or conversation.is_retransmission(no)


def test_a_packet_in_parts_says_so() -> None:
    bench = Bench(REFERENCE)
    bench.data(1, (1, 0), packet(REFERENCE, "tunnelling.data", bytes(600)), only=[1])
    at = bench.wave.now
    bench.wave.wait(40)
    bench.data(1, (1, 0), packet(REFERENCE, "tunnelling.data", bytes(600)), only=[0])
    capture = decode(without(dense(bench.wave.runs()), at, at + 10), REFERENCE, bench.wiring)
    first, second = capture.packets()
    assert (first.ending, first.reading.has_header, first.reading.header) == (Ending.GAP, False, {})
    assert (second.ending, second.reading.has_header, second.reading.header["service"]) == (Ending.END, True, "tunnelling")
    assert capture.packet_tree(first).text == "248 bytes without the packet's beginning"
    assert capture.packet_tree(second).children[-1].name == "payload"


def test_the_tree_of_a_packet_is_the_same_whenever_it_is_asked_for() -> None:
    capture = repeated()
    assert capture.packet_tree(capture.packet(1)) == capture.packet_tree(capture.packet(1))


def test_known_frames_and_packets_are_found_both_ways(conversation: Capture, vectors: Path) -> None:
    known = [json.loads(line) for line in (vectors / "packets.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [
        {name: one.reading.header[name] for name in ("source", "destination", "transaction", "counter", "service", "operation")}
        | {"length": len(one.content), "port": one.port}
        for one in conversation.packets()
    ]
    assert found == [{name: one[name] for name in found[0]} for one in known]


# Findings.


def test_findings_are_in_order_of_time_then_layer_then_record() -> None:
    bench = Bench(REFERENCE)
    bench.data(1, (1, 0), packet(REFERENCE, "power.port_state", b"\x01\x02\x03", service=9, version=3))
    bench.say(2, b"\x5a")
    bench.data(1, (1, 0), packet(REFERENCE, "power.port_state", b"\x01\x02\x03"))
    bench.wave.wait(3 * RATE_HZ)
    capture = bench.decode()
    assert codes(capture) == [
        ("unknown-service", 1),
        ("wrong-header-constant", 1),
        ("no-response", 1),
        ("garbage", 2),
        ("counter-not-increasing", 2),
        ("malformed-payload", 2),
        ("no-response", 2),
    ]
    assert capture.codes_of_packet(1) == ["unknown-service", "wrong-header-constant"]
    assert capture.codes_of_packet(2) == ["counter-not-increasing", "malformed-payload"]
    assert capture.codes_of_packet(3) == []


def test_a_packet_lists_each_of_its_codes_once() -> None:
    bench = Bench(REFERENCE)
    bench.data(1, (1, 0), packet(REFERENCE, "power.release", reserved=1, version=2))
    capture = bench.decode()
    assert codes(capture) == [("wrong-header-constant", 1)] * 2
    assert capture.codes_of_packet(1) == ["wrong-header-constant"]


def test_findings_are_in_the_same_order_whatever_the_batches(vectors: Path) -> None:
    with open_recording(vectors / "conversation.sr") as recording:
        chunks = list(recording.chunks())
        wiring, rate = wiring_from_names(recording.channels), recording.rate_hz or 1
    words = np.concatenate([chunk.words for chunk in chunks if isinstance(chunk, Samples)])
    assert len(words) == chunks[-1].end
    captures = []
    for step in (len(words), 100_003, 7_001):
        capture = Capture(REFERENCE, wiring, Timebase(rate))
        pieces = [Samples(at, words[at : at + step]) for at in range(0, len(words), step)]
        for piece in decoded(pieces, REFERENCE, wiring, rate):
            capture.add(piece)
        capture.finish()
        captures.append(capture)
    for one, other in pairwise(captures):
        assert one.findings == other.findings
        assert list(one.frames()) == list(other.frames())
        assert list(one.packets()) == list(other.packets())
    assert captures[0].findings


def unchecked(profile: WireProfile, bench: Bench) -> Capture:
    """A capture that checks payloads itself."""
    stack = Stack(profile, bench.wiring, RATE_HZ, check_payloads=False)
    capture = Capture(profile, bench.wiring, Timebase(RATE_HZ), check_payloads=True)
    for chunk in bench.chunks():
        for piece in stack.feed(chunk):
            capture.add(piece)
    for piece in stack.finish():
        capture.add(piece)
    capture.finish()
    return capture


def broken(count: int) -> Bench:
    """So many packets, every second with a payload that is too long, one of them cut."""
    bench = Bench(REFERENCE)
    for number in range(count):
        payload = b"\x01\x02\x03" if number % 2 else b"\x01\x00"
        bench.data(1, (1, 0), packet(REFERENCE, "power.port_state", payload, counter=number + 1, transaction=number))
    bench.frame(1, "data", (1, 0), packet(REFERENCE, "power.port_state", b"\x01\x02\x03"), last=False)
    return bench


@pytest.mark.parametrize("asked", ["findings", "packets", "half", "codes", "one packet"])
def test_payloads_are_checked_in_whatever_order_they_are_asked_for(asked: str) -> None:
    bench = broken(8)
    expected, capture = bench.decode(), unchecked(REFERENCE, bench)
    match asked:
        case "packets":
            assert list(capture.packets()) == list(expected.packets())
        case "half":
            packets = capture.packets()
            assert [next(packets).no for _ in range(3)] == [1, 2, 3]
            assert [one.no for one in capture.packets()] == list(range(1, 10))
            assert [one.no for one in packets] == list(range(4, 10))
        case "codes":
            assert [capture.codes_of_packet(no) for no in (6, 2, 9)] == [expected.codes_of_packet(no) for no in (6, 2, 9)]
        case "one packet":
            assert capture.packet(5) == expected.packet(5)
    assert capture.findings == expected.findings
    assert "malformed-payload" in capture.codes_of_packet(2)
    assert [capture.codes_of_packet(no) for no in range(1, 10)] == [expected.codes_of_packet(no) for no in range(1, 10)]


def test_no_payload_is_read_twice_while_records_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    capture = unchecked(REFERENCE, broken(8))
    read: list[bytes] = []
    reading = PacketReader.read

    def counted(reader: PacketReader, content: bytes, *, whole: bool, has_header: bool = True) -> PacketReading:
        read.append(content)
        return reading(reader, content, whole=whole, has_header=has_header)

    monkeypatch.setattr(PacketReader, "read", counted)
    found = [(one.no, capture.codes_of_packet(one.no)) for one in capture.packets()]
    assert len(capture.findings) > 4
    assert len(read) == len(found) == 9


def test_every_finding_is_sorted_and_belongs_to_a_record_that_exists(conversation: Capture) -> None:
    def place(finding: Finding) -> tuple[int, int, int]:
        return finding.span.start, LAYERS.index(finding.code.layer), finding.record or 0

    assert [place(finding) for finding in conversation.findings] == sorted(place(finding) for finding in conversation.findings)
    most = {
        "transfers": conversation.transfer_count,
        "frames": conversation.frame_count,
        "packets": conversation.packet_count,
        "transactions": len(conversation.transactions),
    }
    for finding in conversation.findings:
        assert finding.record is not None
        assert 1 <= finding.record <= most[finding.code.layer]


# Memory.


def test_a_frame_takes_no_more_memory_than_it_may(conversation: Capture) -> None:
    assert 20 < conversation.resident_bytes / conversation.frame_count <= CAPACITY


def test_nor_in_a_long_recording_of_forwarded_packets_and_repeats() -> None:
    bench = Bench(REFERENCE)
    for counter in range(1500):
        content = packet(REFERENCE, "power.release", destination=VALVE, counter=counter + 1, transaction=counter)
        bench.data(1, (1, 2), content)
        bench.frame(1, "ack", (2, 1), seq=counter % 8)
        bench.data(2, (1, 2), content)
        bench.frame(2, "ack", (2, 1), seq=counter % 8)
    capture = bench.decode()
    assert (capture.frame_count, capture.packet_count) == (6000, 1500)
    assert 20 < capture.resident_bytes / capture.frame_count <= CAPACITY
