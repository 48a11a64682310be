"""What the tables answer is what a capture in memory answers, for every recording and however it was cut."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import pytest

from app.analysis.capture import Capture
from app.analysis.tables.snapshot import Snapshot
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.sigrok import open_sr
from decoders.bus.wiring import Wiring
from decoders.core.chunk import LogicChunk, Runs, Samples
from decoders.core.span import Timebase
from decoders.profile.columns import value_at
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from decoders.transactions import Transaction
from tests.decoders.bus.drawing import split
from tests.golden import test_golden
from tests.helpers import growing, story, umi
from tests.helpers.umi import METER, Bench, altered, packet, shipped

REFERENCE, VARIANT = shipped("reference-1"), shipped("variant-a")
STORY = story.recording()
WIDE_IDS = (
    ('{ name = "source", at = 8, kind = "umi_id", from = "A" }', '{ name = "source", at = 8, kind = "bytes", bytes = 10 }'),
    ('"destination", at = 16', '"destination", at = 18'),
    ('"counter", at = 24', '"counter", at = 26'),
    ('{ name = "time", at = 28', '{ name = "time", at = 30'),
)


def captured(profile: WireProfile, pieces: list[Decoded]) -> Capture:
    capture = Capture(profile, Wiring(), Timebase(umi.RATE_HZ))
    for piece in pieces:
        capture.add(piece)
    capture.finish()
    return capture


def expected_exchange(capture: Capture, one: Transaction) -> tuple[object, ...]:
    profile, names = capture.profile, ("source", "destination") if one.command else ("destination", "source")
    initiator, responder = (profile.packet.field(name) for name in names)
    status = profile.enumerations["status"].by_number
    return (
        one.command.no if one.command else None,
        one.response.no if one.response else None,
        value_at(initiator, one.initiator),
        value_at(responder, one.responder),
        profile.service_name(one.opening.service),
        profile.operation_name(one.opening.service, one.opening.operation),
        status.get(one.response.status, one.response.status) if one.response else None,
        one.latency,
    )


def assert_same(snapshot: Snapshot, capture: Capture) -> None:
    """Every record of every layer, and no more; links among them in both directions."""
    frames = range(1, snapshot.count("frames") + 1)
    assert [snapshot.frame(no) for no in frames] == list(capture.frames())
    assert [snapshot.packet_of_frame(no) for no in frames] == [capture.packet_of_frame(no) for no in frames]
    assert (snapshot.column("frames", "resent") != 0).tolist() == [capture.is_retransmission(no) for no in frames]
    hops = dict(zip(snapshot.column("hops", "frame").tolist(), snapshot.column("hops", "other").tolist(), strict=True))
    assert hops == {no: other for no in frames if (other := capture.hop_of_frame(no)) is not None}
    packets = range(1, snapshot.count("packets") + 1)
    assert [snapshot.packet(no) for no in packets] == list(capture.packets())
    for no in packets:
        assert snapshot.frames_of_packet(no) == capture.frames_of_packet(no)
        assert snapshot.packet_tree(snapshot.packet(no)) == capture.packet_tree(capture.packet(no))
    exchanges = [snapshot.transaction(no) for no in range(1, snapshot.count("transactions") + 1)]
    assert [
        (one.command, one.response, one.initiator, one.responder, one.service, one.operation, one.status, one.latency)
        for one in exchanges
    ] == [expected_exchange(capture, one) for one in capture.transactions]
    of_packet = {packet.no: one.no for one in capture.transactions for packet in (one.command, one.response) if packet}
    assert {no: snapshot.transaction_of_packet(no) for no in packets} == {no: of_packet.get(no) for no in packets}
    findings = [snapshot.finding(no) for no in range(1, snapshot.count("findings") + 1)]
    assert sorted((one.code.name, one.start, one.end, one.record or 0, one.text) for one in findings) == sorted(
        (one.code.name, one.span.start, one.span.end, one.record or 0, one.text) for one in capture.findings
    )
    gaps = list(zip(snapshot.column("gaps", "start").tolist(), snapshot.column("gaps", "end").tolist(), strict=True))
    assert gaps == [(gap.start, gap.end) for gap in capture.gaps]
    assert snapshot.count("transfers") == capture.transfer_count


def assert_transfers(snapshot: Snapshot, pieces: list[Decoded]) -> None:
    """The bytes of both lines of every transfer."""
    row = 0
    for piece in pieces:
        for at in range(len(piece.transfers)):
            for name, line in (("h2p", piece.transfers.h2p), ("p2h", piece.transfers.p2h)):
                begin, size = (int(snapshot.column("transfers", f"{name}_{what}")[row]) for what in ("at", "size"))
                kept = snapshot.column("bytes", "data")[begin : begin + size].tobytes()
                assert kept == line.data[line.offset[at] : line.offset[at + 1]].tobytes()
            row += 1
    assert row == snapshot.count("transfers")


def check(profile: WireProfile, pieces: list[Decoded]) -> tuple[Snapshot, Capture]:
    snapshot, capture = growing.whole(profile, pieces), captured(profile, pieces)
    assert_same(snapshot, capture)
    assert_transfers(snapshot, pieces)
    return snapshot, capture


def in_steps(chunks: list[LogicChunk], step: int) -> list[LogicChunk]:
    pieces: list[LogicChunk] = []
    for chunk in chunks:
        pieces += split(chunk, range(chunk.start, chunk.end, step)) if isinstance(chunk, Samples) else [chunk]
    return pieces


@functools.cache
def recorded(path: Path) -> tuple[tuple[LogicChunk, ...], Wiring, int]:
    with open_sr(path) as recording:
        return tuple(recording.chunks()), wiring_from_names(recording.channels), recording.rate_hz or umi.RATE_HZ


@pytest.mark.parametrize("step", [1 << 30, 9_973])
def test_the_shipped_recording(step: int) -> None:
    chunks, wiring, rate_hz = recorded(STORY)
    snapshot, _ = check(REFERENCE, umi.decoded(in_steps(list(chunks), step), REFERENCE, wiring, rate_hz))
    assert snapshot.count("packets") == 34


def test_the_conversation_of_the_known_answers(vectors: Path) -> None:
    chunks, wiring, rate_hz = recorded(vectors / "conversation.sr")
    snapshot, _ = check(REFERENCE, umi.decoded(chunks, REFERENCE, wiring, rate_hz))
    assert snapshot.count("packets") > 30


@pytest.mark.parametrize("case", test_golden.CASES)
def test_the_small_recordings(case: str) -> None:
    description = tomllib.loads((test_golden.HERE / case / "input.toml").read_text(encoding="utf-8"))
    profile = shipped(description["profile"])
    bench, chunks = test_golden.drawn(description, profile)
    whole, _ = check(profile, umi.decoded(chunks, profile, bench.wiring))
    split_up, _ = check(profile, umi.decoded(in_steps(chunks, 1_009), profile, bench.wiring))
    assert split_up.count("frames") == whole.count("frames")


@pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=["reference-1", "variant-a"])
def test_a_busy_line_with_repeats_control_frames_garbage_and_a_gap(profile: WireProfile) -> None:
    snapshot, capture = check(profile, growing.busy(profile))
    assert snapshot.count("repeats") == 1
    repeat = int(snapshot.column("repeats", "frame")[0])
    assert snapshot.packet_of_frame(repeat) == capture.packet_of_frame(repeat) is not None
    assert repeat not in snapshot.frames_of_packet(snapshot.packet_of_frame(repeat) or 0)


def test_tables_answer_while_they_grow() -> None:
    pieces = growing.demo()
    tables = growing.GrowingTables(REFERENCE, pieces)
    seen: list[int] = []
    while tables.left:
        tables.add()
        assert_answers_are_there(tables.snapshot)
        seen.append(tables.snapshot.count("packets"))
    assert len(set(seen)) > 5
    assert_same(tables.snapshot, captured(REFERENCE, pieces))


def assert_answers_are_there(snapshot: Snapshot) -> None:
    for no in range(1, snapshot.count("packets") + 1):
        assert all(snapshot.packet_of_frame(frame) == no for frame in snapshot.frames_of_packet(no))
        number = snapshot.transaction_of_packet(no)
        assert number is None or no in (snapshot.transaction(number).command, snapshot.transaction(number).response)


def exchange(profile: WireProfile, **fields: object) -> Bench:
    bench = Bench(profile)
    for counter in (1, 2):
        numbers = {"counter": counter, "transaction": counter} | fields
        bench.data(1, (0, 1), packet(profile, "power.release", **numbers))
        bench.data(1, (1, 0), packet(profile, "power.release", response=True, **numbers))
    return bench


def test_ids_wider_than_64_bits_stand_in_the_bytes_and_not_in_a_column() -> None:
    profile = altered("reference-1", *WIDE_IDS)
    bench = exchange(profile, source="ac" * 10)
    snapshot, _ = check(profile, umi.decoded(bench.chunks(), profile, bench.wiring))
    assert snapshot.count("packets") == 4
    assert snapshot.header_column("packets", "source") is None
    assert snapshot.header_column("packets", "counter") is not None
    assert snapshot.packet(1).reading.header["source"] == "ac" * 10


def test_a_number_that_outgrows_64_bits_by_its_unit_has_no_column() -> None:
    old = '{ name = "counter", at = 24, bytes = 4 },'
    profile = altered(
        "reference-1",
        (old, '{ name = "counter", at = 24, bytes = 8, bias = 1 },'),
        ('{ name = "time", at = 28', '{ name = "time", at = 32'),
    )
    bench = exchange(profile, source=METER)
    snapshot, _ = check(profile, umi.decoded(bench.chunks(), profile, bench.wiring))
    assert snapshot.header_column("packets", "counter") is None
    assert [snapshot.packet(no).reading.header["counter"] for no in (1, 3)] == [1, 2]


def test_a_link_header_field_that_is_absent_is_not_there() -> None:
    bench = Bench(VARIANT)
    bench.frame(1, "poll", (0, 1))
    bench.frame(1, "data", (1, 0), b"\x01\x02")
    bench.frame(1, "nak", (0, 1), link_status="busy")
    snapshot, _ = check(VARIANT, umi.decoded(bench.chunks(), VARIANT, bench.wiring))
    headers = [snapshot.frame(no).header for no in range(1, snapshot.count("frames") + 1)]
    assert [(header["type"], header.get("link_status"), header.get("fragment")) for header in headers] == [
        ("poll", None, None),
        ("data", None, 0),
        ("nak", "busy", None),
    ]


def test_a_profile_without_some_header_fields_has_no_columns_for_them() -> None:
    snapshot, _ = check(VARIANT, growing.busy(VARIANT))
    assert snapshot.header_column("frames", "length") is None
    assert snapshot.header_column("packets", "x_extension") is None
    assert snapshot.header_column("frames", "x_priority") is not None


def test_a_malformed_stretch_keeps_all_its_bytes_and_its_duration() -> None:
    bench = Bench(REFERENCE)
    noise = bytes(range(1, 0xA5)) * 420
    bench.say(1, noise)
    runs = bench.wave.runs()
    slow = Runs(runs.start * 50_000, runs.end * 50_000, runs.ticks * 50_000, runs.words)
    snapshot, _ = check(REFERENCE, umi.decoded([slow], REFERENCE, bench.wiring))
    stretches = [snapshot.frame(no) for no in range(1, snapshot.count("frames") + 1)]
    longest = max(stretches, key=lambda one: len(one.content))
    assert longest.content == noise
    assert longest.end - longest.start > 1 << 32


def test_numbers_that_are_not_there_are_refused() -> None:
    snapshot = growing.whole(REFERENCE, growing.demo())
    for number in (0, -1, 35):
        with pytest.raises(IndexError, match=f"packets has no record {number}"):
            snapshot.packet(number)
    with pytest.raises(IndexError, match="frames has no record 0"):
        snapshot.packet_of_frame(0)
    with pytest.raises(IndexError, match="findings has no record"):
        snapshot.finding(snapshot.count("findings") + 1)


def test_an_empty_recording_has_nothing() -> None:
    snapshot, _ = check(REFERENCE, umi.decoded([], REFERENCE, Wiring()))
    assert [snapshot.count(name) for name in ("bytes", "frames", "packets", "findings", "gaps")] == [0] * 5
    assert len(snapshot.column("packets", "start")) == 0
