"""One record's tree: every field points to its own bytes, and says what is known of it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from string import hexdigits

import pytest

from app.analysis.material import PROFILES, read_datasheets
from app.analysis.names import DatasheetNames
from app.analysis.panes.detail import EMPTY, Detail, DetailNode, frame_detail, packet_detail
from app.analysis.tables.snapshot import Snapshot
from decoders.core.span import Timebase
from decoders.core.tree import FieldNode
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.layout import Record
from decoders.profile.wire_profile import WireProfile
from tests.helpers import growing, umi
from tests.helpers.umi import HOST, METER, Bench, packet, shipped

REFERENCE, VARIANT = shipped("reference-1"), shipped("variant-a")
CLOCK = Timebase(2_000_000)
NOBODY = DatasheetNames(DatasheetSet())


@functools.cache
def demo() -> Snapshot:
    return growing.whole(REFERENCE, growing.demo())


@functools.cache
def busy() -> Snapshot:
    return growing.whole(VARIANT, growing.busy(VARIANT))


def drawn(bench: Bench) -> Snapshot:
    return growing.whole(bench.profile, umi.decoded(bench.chunks(), bench.profile, bench.wiring))


def nodes(detail: Detail) -> Iterator[DetailNode]:
    stack = list(detail.nodes)
    while stack:
        node = stack.pop()
        yield node
        stack += node.children


def details(snapshot: Snapshot) -> Iterator[Detail]:
    for no in range(1, snapshot.count("packets") + 1):
        yield packet_detail(snapshot, NOBODY, CLOCK, no)
    for no in range(1, snapshot.count("frames") + 1):
        yield frame_detail(snapshot, NOBODY, CLOCK, no)


def named(detail: Detail, label: str) -> DetailNode:
    return next(node for node in nodes(detail) if node.label == label)


@pytest.mark.parametrize("recording", [demo, busy])
def test_every_node_lies_in_its_bytes_and_below_its_parent(recording: functools._lru_cache_wrapper[Snapshot]) -> None:
    for detail in details(recording()):
        size = {source.key: len(source.data) * 8 for source in detail.sources}
        for node in nodes(detail):
            assert node.source in {"", *size}
            assert 0 <= node.start_bit <= node.end_bit <= size.get(node.source, 0)
            for child in node.children:
                assert child.source in {node.source, ""}
                assert not child.source or node.start_bit <= child.start_bit <= child.end_bit <= node.end_bit


def fields(root: FieldNode) -> Iterator[FieldNode]:
    yield from (node for _, node in root.walk() if not node.children)


def assert_bytes_are_the_value(node: FieldNode, data: bytes) -> bool:
    """Whether the field is of a kind whose value can be told from its bytes."""
    if node.start_bit % 8 or node.end_bit % 8 or node.end_bit == node.start_bit:
        return False
    content = data[node.start_bit // 8 : node.end_bit // 8]
    if isinstance(node.value, str) and len(node.value) == 2 * len(content) and set(node.value) <= set(hexdigits):
        assert content.hex() == node.value
        return True
    if type(node.value) is int and node.name not in {"length", "crc"}:  # one counts from elsewhere, the other is little-endian
        assert int.from_bytes(content, "big") == node.value, node
        return True
    return False


def test_the_bytes_of_every_whole_field_are_its_value() -> None:
    snapshot = demo()
    checked = set()
    for no in range(1, snapshot.count("packets") + 1):
        one = snapshot.packet(no)
        for node in fields(snapshot.packet_tree(one)):
            if assert_bytes_are_the_value(node, one.content):
                checked.add(node.name)
    for no in range(1, snapshot.count("frames") + 1):
        frame = snapshot.frame(no)
        if frame.malformed is None:
            for node in fields(snapshot.frame_tree(no)):
                if assert_bytes_are_the_value(node, frame.content):
                    checked.add(node.name)
    assert {"source", "destination", "counter", "time", "transaction", "body_length", "code", "port", "sof"} <= checked


def test_the_tree_of_a_record_has_the_fields_of_the_layers_and_no_others() -> None:
    def shape(node: FieldNode | DetailNode) -> list[object]:
        return [node.label, node.start_bit, node.end_bit, node.provenance, [shape(child) for child in node.children]]

    snapshot = demo()
    for no in range(1, snapshot.count("packets") + 1):
        detail = packet_detail(snapshot, NOBODY, CLOCK, no)
        assert shape(detail.nodes[1]) == shape(snapshot.packet_tree(snapshot.packet(no)))
        members = snapshot.frames_of_packet(no)
        if len(members) == 1:
            assert shape(detail.nodes[0]) == shape(snapshot.frame_tree(members[0]))
            assert detail.nodes[0].target == ("frames", members[0])
        else:
            assert [child.target for child in detail.nodes[0].children] == [("frames", member) for member in members]


@pytest.mark.parametrize("no", [1, 8, 13])
def test_a_byte_leads_to_the_smallest_field_that_holds_it(no: int) -> None:
    detail = packet_detail(demo(), NOBODY, CLOCK, no)
    for source in detail.sources:
        for bit in range(len(source.data) * 8):
            found = detail.at_bit(source.key, bit)
            key, place = (source.within or source.key), bit + source.at_bit
            holders = [node for node in nodes(detail) if node.source == key and node.start_bit <= place < node.end_bit]
            assert found is not None
            assert found.end_bit - found.start_bit == min(node.end_bit - node.start_bit for node in holders)
            assert found in holders
            assert not any(child.start_bit <= place < child.end_bit for child in found.children)
    assert detail.at_bit("packet", len(detail.sources[-2].data) * 80) is None
    assert detail.at_bit("nothing", 0) is None
    assert EMPTY.at_bit("packet", 0) is None


def test_the_payload_is_a_part_of_the_packet() -> None:
    detail = packet_detail(demo(), NOBODY, CLOCK, 1)
    assert [source.key for source in detail.sources] == ["frame", "packet", "payload"]
    payload, whole = detail.sources[2], detail.sources[1]
    assert (payload.within, payload.at_bit, payload.data) == ("packet", 256, whole.data[32:])
    count = detail.at_bit("payload", 0)
    assert count is not None
    assert (count.label, count.source, count.start_bit) == ("Count", "packet", 256)


def test_a_device_has_a_maker_and_an_object_its_name_and_value_from_the_datasheet() -> None:
    names = DatasheetNames(read_datasheets([PROFILES.parent / "datasheets" / "example-gas-meter.toml"]))
    detail = packet_detail(demo(), names, CLOCK, 8)
    assert {label: named(detail, label).note for label in ("Source", "Code", "Value")} == {
        "Source": "Private",
        "Code": "volume index",
        "Value": "12481.377 m³",
    }
    unnamed = packet_detail(demo(), NOBODY, CLOCK, 8)
    assert (named(unnamed, "Code").note, named(unnamed, "Value").note) == ("", "")


def test_an_event_has_the_name_that_its_device_gives_it() -> None:
    names = DatasheetNames(read_datasheets([PROFILES.parent / "datasheets" / "example-gas-meter.toml"]))
    event: Record = {"event": 0x21, "severity": "info", "time": 1, "detail": {"type": "uint8", "value": 1}}
    bench = Bench(REFERENCE)
    bench.data(1, (1, 0), packet(REFERENCE, "events.notify", {"items": [event]}, source=METER, destination=HOST))
    bench.data(1, (0, 1), packet(REFERENCE, "events.acknowledge", {"event": 0x21}, source=HOST, destination=METER, transaction=2))
    notified, acknowledged = (packet_detail(drawn(bench), names, CLOCK, no) for no in (1, 2))
    assert named(notified, "Event").note == "restarted"
    assert named(acknowledged, "Event").note == "restarted"


def test_makers_are_those_of_the_registry() -> None:
    bench = Bench(REFERENCE)
    for counter, source in ((1, "0001c80000000001"), (2, "02fffe0000000001")):
        bench.data(1, (1, 0), packet(REFERENCE, "power.release", source=source, counter=counter, transaction=counter))
    snapshot = drawn(bench)
    notes = [named(packet_detail(snapshot, NOBODY, CLOCK, no), "Source").note for no in (1, 2)]
    assert notes[0] not in {"", "maker unknown"}
    assert notes[1] == "maker unknown"


def test_fields_say_where_their_layout_comes_from() -> None:
    detail = packet_detail(demo(), NOBODY, CLOCK, 1)
    assert named(detail, "Source").provenance == "A"
    assert named(detail, "Counter").provenance == "P"


def test_findings_stand_with_their_record_and_no_other() -> None:
    snapshot = demo()
    told = []
    for layer, make in (("packets", packet_detail), ("frames", frame_detail)):
        for no in range(1, snapshot.count(layer) + 1):
            found = [node for node in nodes(make(snapshot, NOBODY, CLOCK, no)) if node.severity is not None and node.note]
            told += [(layer, no, node.label, node.severity) for node in found]
    all_findings = [snapshot.finding(no) for no in range(1, snapshot.count("findings") + 1)]
    assert sorted(told) == sorted(
        (one.code.layer, one.record or 0, one.code.name, one.code.severity)
        for one in all_findings
        if one.code.layer in {"packets", "frames"}
    )
    assert len(told) == 8


def targets(detail: Detail) -> set[tuple[str, int]]:
    return {node.target for node in nodes(detail) if node.target is not None}


def test_a_packet_leads_to_its_frames_and_its_partner_and_they_lead_back() -> None:
    snapshot = demo()
    assert targets(packet_detail(snapshot, NOBODY, CLOCK, 8)) == {("frames", 24), ("frames", 26), ("packets", 7)}
    assert ("packets", 8) in targets(packet_detail(snapshot, NOBODY, CLOCK, 7))
    assert targets(frame_detail(snapshot, NOBODY, CLOCK, 24)) == {("packets", 8), ("frames", 26)}
    assert targets(frame_detail(snapshot, NOBODY, CLOCK, 26)) == {("packets", 8), ("frames", 24)}


def test_a_repeated_frame_leads_to_its_packet() -> None:
    snapshot = busy()
    repeat = int(snapshot.column("repeats", "frame")[0])
    original = int(snapshot.column("repeats", "original")[0])
    assert targets(frame_detail(snapshot, NOBODY, CLOCK, repeat)) == targets(frame_detail(snapshot, NOBODY, CLOCK, original))


def test_a_malformed_stretch_is_no_frame() -> None:
    snapshot = demo()
    no = next(no for no in range(1, snapshot.count("frames") + 1) if snapshot.frame(no).malformed)
    detail = frame_detail(snapshot, NOBODY, CLOCK, no)
    root = detail.nodes[0]
    assert (root.label, root.value, root.children) == ("No frame", snapshot.frame_content(no).hex(), [])
    assert "_" not in root.text
    assert detail.at_bit("frame", 0) is root


def lonely(profile: WireProfile, **fields: object) -> Snapshot:
    bench = Bench(profile)
    bench.data(1, (1, 0), packet(profile, "power.release", source=METER, **fields))
    return drawn(bench)


def test_a_partner_that_is_not_in_the_recording_is_said_to_be_missing() -> None:
    command = packet_detail(lonely(REFERENCE), NOBODY, CLOCK, 1)
    assert (named(command, "Response").text, named(command, "Response").target) == ("not in the recording", None)
    response = packet_detail(lonely(REFERENCE, response=True), NOBODY, CLOCK, 1)
    assert named(response, "Command").text == "not in the recording"


def test_frames_without_a_fragment_index_say_none() -> None:
    for detail in details(busy()):
        assert all("None" not in node.text for node in nodes(detail))


def test_a_number_that_is_not_there_is_refused() -> None:
    for make in (packet_detail, frame_detail):
        with pytest.raises(IndexError):
            make(demo(), NOBODY, CLOCK, 1_000)
