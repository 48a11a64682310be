"""One packet read through header, body and payload, as values and as one field tree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.tree import FieldNode
from decoders.packet_reading import PacketReader, PacketReading
from decoders.profile.wire_profile import WireProfile
from tests.helpers.umi import PROFILES, altered, header, packet, shipped

REFERENCE, VARIANT = (shipped(name) for name in PROFILES)
both_profiles = pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)
SIGNATURE = bytes(range(64))
ONE_READ = {"count": 1, "codes": ["00420001"]}


def read(profile: WireProfile, content: bytes, *, whole: bool = True, has_header: bool = True) -> PacketReading:
    return PacketReader(profile).read(content, whole=whole, has_header=has_header)


def tree(profile: WireProfile, content: bytes, *, whole: bool = True, has_header: bool = True) -> FieldNode:
    reader = PacketReader(profile)
    return reader.tree(content, reader.read(content, whole=whole, has_header=has_header))


def said(reading: PacketReading) -> list[tuple[str, str]]:
    return [(code.name, text) for code, text in reading.problems()]


def leaves(root: FieldNode) -> Iterator[FieldNode]:
    return (node for _, node in root.walk() if not node.children)


# Values.


@both_profiles
def test_a_packet_says_who_asks_whom_for_what(profile: WireProfile) -> None:
    content = packet(profile, "objects.read", {"codes": ["00420001"]}, counter=77, transaction=4)
    reading = read(profile, content)
    assert reading.header["service"] == "objects"
    assert reading.header["operation"] == "read"
    assert (reading.header["counter"], reading.header["transaction"]) == (77, 4)
    assert reading.payload is not None
    assert reading.payload.record["codes"] == ["00420001"]
    assert (reading.whole, reading.has_header, said(reading)) == (True, True, [])
    assert content[reading.header_size :] == reading.body.payload


def test_an_operation_without_a_name_stays_a_number() -> None:
    assert read(REFERENCE, header(REFERENCE, "power.release", size=0, operation=9)).header["operation"] == 9
    unknown = read(REFERENCE, header(REFERENCE, "power.release", size=0, service=9)).header
    assert (unknown["service"], unknown["operation"]) == (9, 2)


@both_profiles
def test_what_is_encrypted_is_locked(profile: WireProfile) -> None:
    reading = read(profile, packet(profile, "objects.read", bytes(40), encrypted=True))
    assert (reading.body.payload, reading.payload, said(reading)) == (None, None, [])
    assert reading.body.session_id == "00000000"


def test_a_signature_is_no_part_of_the_payload() -> None:
    reading = read(REFERENCE, packet(REFERENCE, "objects.read", b"\x01\x00\x42\x00\x01" + SIGNATURE, signed=True))
    assert reading.body.signature == SIGNATURE
    assert reading.payload is not None
    assert (reading.payload.record, said(reading)) == (ONE_READ, [])


@both_profiles
@pytest.mark.parametrize("size", [0, 1, 14])
def test_a_header_that_breaks_off_has_no_values(profile: WireProfile, size: int) -> None:
    content = packet(profile, "power.release")[:size]
    reading = read(profile, content)
    assert (reading.header, reading.header_size, reading.payload, said(reading)) == ({}, 0, None, [])
    assert reading.body.payload == content


@both_profiles
def test_what_comes_without_its_first_fragment_is_not_taken_for_a_header(profile: WireProfile) -> None:
    content = packet(profile, "power.port_state", {"port": 3})
    reading = read(profile, content, whole=False, has_header=False)
    assert (reading.header, reading.payload, reading.body.payload, said(reading)) == ({}, None, content, [])


# Problems.


def test_a_body_too_short_for_its_parts_is_told_before_its_payload() -> None:
    reading = read(REFERENCE, packet(REFERENCE, "objects.read", bytes(63), signed=True))
    assert said(reading) == [("malformed-body", "63 bytes cannot hold a signature of 64")]
    reading = read(REFERENCE, packet(REFERENCE, "objects.read", bytes(19), encrypted=True))
    assert said(reading) == [("malformed-body", "19 bytes are too few for an encrypted body, which has at least 20")]


def test_a_malformed_payload_is_told() -> None:
    reading = read(REFERENCE, packet(REFERENCE, "power.port_state", b"\x01\x02"))
    assert said(reading) == [("malformed-payload", "Undecoded at byte 1: more bytes than the fields explain")]


def test_a_refusal_with_a_payload_is_told() -> None:
    reading = read(REFERENCE, packet(REFERENCE, "objects.read", b"\x01", response=True, status="busy"))
    assert said(reading) == [("payload-not-empty", "1 byte follows a status that is not ok")]


@pytest.mark.parametrize("broken", [{"signed": True}, {"encrypted": True}, {}])
def test_nothing_is_judged_in_a_packet_that_did_not_come_whole(broken: dict[str, bool]) -> None:
    content = header(REFERENCE, "objects.read", size=200, **broken) + b"\x09\x01"
    assert said(read(REFERENCE, content, whole=False)) == []
    assert said(read(REFERENCE, content)) != []


def test_of_a_cut_packet_the_fields_that_came_are_read_and_no_others() -> None:
    content = packet(REFERENCE, "power.request", {"class": "high", "current_ma": 900, "duration_s": 30})
    reading = read(REFERENCE, content[:-2], whole=False)
    assert reading.payload is not None
    assert reading.payload.record["class"] == "high"
    assert reading.payload.record["current_ma"] == 900
    assert reading.payload.record["duration_s"] is None
    signed = packet(REFERENCE, "objects.read", b"\x01\x00\x42\x00\x01" + SIGNATURE, signed=True)
    cut = read(REFERENCE, signed[:50], whole=False)
    assert (cut.body.payload, cut.body.signature) == (b"\x01\x00\x42\x00\x01", SIGNATURE[:13])


# Trees.


def assert_covers(root: FieldNode, size: int) -> None:
    """Every bit of so many bytes stands in one of the tree's children, and in one leaf."""
    for nodes in (root.children, list(leaves(root))):
        places = sorted((node.start_bit, node.end_bit) for node in nodes if node.end_bit > node.start_bit)
        at = 0
        for start, end in places:
            assert start == at
            at = end
        assert at == size * 8
    assert (root.start_bit, root.end_bit) == (0, size * 8)


@both_profiles
@pytest.mark.parametrize(("signed", "encrypted"), [(False, False), (True, False), (False, True), (True, True)])
def test_every_bit_of_a_packet_stands_in_one_field_of_its_tree(profile: WireProfile, signed: bool, encrypted: bool) -> None:
    body = bytes(200) if signed or encrypted else bytes.fromhex("010042000105")
    content = packet(profile, "tunnelling.data", body, signed=signed, encrypted=encrypted)
    assert_covers(tree(profile, content), len(content))


def test_a_tree_has_the_header_s_fields_then_the_body_s_parts_in_order_of_the_bytes() -> None:
    content = packet(REFERENCE, "objects.read", b"\x01\x00\x42\x00\x01" + SIGNATURE, signed=True)
    root = tree(REFERENCE, content)
    assert [node.name for node in root.children] == [*(field.name for field in REFERENCE.packet.fields), "payload", "signature"]
    operation, payload, signature = root.children[6], root.children[-2], root.children[-1]
    assert operation.text == "read (1)"
    assert (payload.start_bit, payload.end_bit, payload.label, payload.text) == (256, 296, "Payload", "5 bytes")
    assert (signature.start_bit, signature.end_bit, signature.value) == (296, 808, SIGNATURE.hex())
    count, code_list = payload.children
    assert (count.name, count.start_bit, code_list.children[0].start_bit, code_list.children[0].value) == (
        "count", 256, 264, "00420001",
    )  # fmt: skip


def test_an_encrypted_body_shows_session_ciphertext_and_tag() -> None:
    root = tree(REFERENCE, packet(REFERENCE, "objects.read", bytes(25), encrypted=True))
    assert [(node.name, node.label) for node in root.children[-3:]] == [
        ("prefix", "Session"), ("ciphertext", "Ciphertext"), ("tag", "Tag"),
    ]  # fmt: skip
    variant = tree(VARIANT, packet(VARIANT, "objects.read", bytes(90), encrypted=True, signed=True))
    assert [node.label for node in variant.children[-5:]] == ["Signature", "Session", "IV", "Tag", "Ciphertext"]


def test_the_part_of_a_body_that_is_too_short_has_the_problem() -> None:
    assert tree(REFERENCE, packet(REFERENCE, "objects.read", bytes(9), encrypted=True)).children[-1].problem.startswith("9 bytes")
    assert tree(REFERENCE, packet(REFERENCE, "objects.read", bytes(9), signed=True)).children[-1].problem.startswith("9 bytes")


@both_profiles
def test_a_tree_is_the_same_however_often_it_is_asked_for(profile: WireProfile) -> None:
    content = packet(profile, "objects.read", {"codes": ["00420001", "00420002"]})
    reader = PacketReader(profile)
    reading = reader.read(content, whole=True)
    assert reader.tree(content, reading) == reader.tree(content, reading)


@both_profiles
def test_without_the_first_fragment_a_tree_has_no_header(profile: WireProfile) -> None:
    content = packet(profile, "power.port_state", {"port": 3})
    root = tree(profile, content, whole=False, has_header=False)
    assert [node.name for node in root.children] == ["payload"]
    assert root.text == f"{len(content)} bytes without the packet's beginning"
    assert_covers(root, len(content))


@pytest.mark.parametrize("size", range(32))
def test_a_header_that_breaks_off_is_shown_as_far_as_it_came(size: int) -> None:
    root = tree(REFERENCE, packet(REFERENCE, "power.release")[:size])
    assert "payload" not in [node.name for node in root.children]
    assert_covers(root, size)


@both_profiles
@given(st.binary(max_size=160), st.booleans(), st.booleans())
def test_no_bytes_raise_and_none_is_lost(profile: WireProfile, content: bytes, whole: bool, has_header: bool) -> None:
    reading = read(profile, content, whole=whole, has_header=has_header)
    json.dumps(reading.header, allow_nan=False)
    reading.problems()
    assert_covers(tree(profile, content, whole=whole, has_header=has_header), len(content))


@both_profiles
@given(st.data())
def test_nor_do_the_bytes_of_a_body(profile: WireProfile, data: st.DataObject) -> None:
    flags = {name: data.draw(st.booleans()) for name in ("signed", "encrypted", "response")}
    service = profile.services[data.draw(st.sampled_from(sorted(profile.services)))]
    operation = data.draw(st.sampled_from(sorted(service.operations)))
    call = f"{service.name}.{service.operations[operation].name}"
    content = packet(profile, call, data.draw(st.binary(max_size=200)), **flags)
    cut = data.draw(st.integers(len(content) - 20, len(content)))
    assert_covers(tree(profile, content[:cut], whole=cut == len(content)), cut)


def test_a_profile_without_a_body_length_reads_all_the_same() -> None:
    profile = altered("reference-1", ('{ name = "body_length", at = 6, bytes = 2, unit = "bytes" },', ""))
    reading = read(profile, packet(profile, "power.port_state", b"\x05"), whole=False)
    assert reading.payload is not None
    assert reading.payload.record == {"port": 5}


def test_every_known_packet_reads_as_its_answer_says(vectors: Path) -> None:
    same = ("source", "destination", "service", "operation", "response", "status", "transaction", "counter", "signed", "encrypted")
    for line in (vectors / "packets.jsonl").read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        if known["encrypted"]:
            continue
        fields = {name: known[name] for name in same} | {"body_length": known["length"] - 32, "time": known["time_utc"]}
        signature = SIGNATURE if known["signed"] else b""
        content = packet(REFERENCE, f"{known['service']}.{known['operation']}", bytes.fromhex(known["payload"]) + signature)
        content = REFERENCE.packet.write({**fields, "operation": content[2]}) + content[32:]
        reading = read(REFERENCE, content)
        assert reading.payload is not None
        assert {name: reading.header[name] for name in same} == {name: known[name] for name in same}
        assert reading.payload.record == known["fields"]
        assert said(reading) == []
