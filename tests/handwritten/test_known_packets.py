"""The profile's packet header, and the packet layer, against headers and packets written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.packet import PacketBytes, header_findings, packet_headers
from decoders.packet_reading import PacketReader
from decoders.profile.wire_profile import WireProfile
from tests.handwritten.answers import Header, Packet, as_json
from tests.handwritten.names import STATUSES, operation_numbers
from tests.handwritten.packets import BROKEN_PACKETS, HEADERS, PACKETS


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_a_header_says_what_its_bytes_say(profile: WireProfile, header: Header) -> None:
    reading = profile.packet.read(header.data)
    record = dict(reading.record)
    assert record.pop("reserved") == header.data[0] & 1
    record["operation"] = profile.operation_name(header.data[1], header.data[2])
    assert as_json(record) == as_json(header.fields)
    assert reading.end_bit == 256


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_a_header_has_a_problem_just_where_a_fixed_value_is_another(profile: WireProfile, header: Header) -> None:
    expected = ["version"] * (header.fields["version"] != 1) + ["reserved"] * (header.data[0] & 1)
    assert [node.name for node, _ in profile.packet.read(header.data).problems] == expected


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_the_fields_of_a_header_are_written_as_its_bytes(profile: WireProfile, header: Header) -> None:
    record = {**header.fields, "operation": header.data[2], "reserved": header.data[0] & 1}
    assert profile.packet.write(record) == header.data


@pytest.mark.parametrize("size", range(32))
def test_a_header_that_breaks_off_has_a_problem(profile: WireProfile, size: int) -> None:
    reading = profile.packet.read(HEADERS[0].data[:size])
    assert reading.problems
    assert reading.end_bit == 8 * size


def test_services_operations_and_statuses_have_their_numbers(profile: WireProfile) -> None:
    known = {
        (service.name, service.code, operation.name, operation.code)
        for service in profile.services.values()
        for operation in service.operations.values()
    }
    assert known == set(operation_numbers())
    assert profile.enumerations["status"].by_number == dict(enumerate(STATUSES))


@pytest.mark.parametrize("packet", PACKETS, ids=lambda p: p.name)
def test_the_parts_of_a_body_have_the_sizes_that_the_profile_gives(profile: WireProfile, packet: Packet) -> None:
    assert packet.body is not None
    header, rules = profile.packet.read(packet.head).record, profile.protection
    signature = rules.signature_size if header["signed"] else 0
    tail = packet.tail
    if header["encrypted"]:
        prefix = sum(field.bits or 0 for field in rules.prefix) // 8
        assert tail[:prefix].hex() == packet.body.session_id
        assert tail[prefix : len(tail) - rules.tag_size].hex() == packet.body.ciphertext
        assert tail[len(tail) - rules.tag_size :].hex() == packet.body.tag
        assert len(tail) - prefix - rules.tag_size >= signature
    else:
        assert tail[: len(tail) - signature] == bytes.fromhex(packet.body.payload or "")
        assert tail[len(tail) - signature :] == bytes.fromhex(packet.body.signature or "")


@pytest.mark.parametrize("packet", [p for p in PACKETS if p.fields is not None], ids=lambda p: p.name)
def test_the_payload_of_a_packet_in_clear_says_what_its_bytes_say(profile: WireProfile, packet: Packet) -> None:
    assert packet.body is not None
    header = profile.packet.read(packet.head)
    payload = bytes.fromhex(packet.body.payload or "")
    if header.numbers["status"]:  # a refusal has no payload, whatever its operation answers when all is well
        assert (payload, packet.fields) == (b"", {})
        return
    layout = profile.payload(packet.head[1], packet.head[2], response=bool(header.record["response"]))
    assert layout is not None
    reading = layout.read(payload)
    assert as_json(reading.record) == as_json(packet.fields)
    assert reading.problems == []


# Through the packet layer.

REFUSALS = {packet.name for packet in PACKETS if packet.head[3]}
UNKNOWN_SERVICE = "an answer to an unknown service"
BROKEN = {
    "a byte less than body_length": ["body-length", "malformed-payload"],
    "a byte more than body_length": ["body-length", "malformed-payload"],
    "nothing of the longest body": ["body-length", "malformed-payload"],
    "a body too short for its signature": ["malformed-body"],
    "a body too short for session and tag": ["malformed-body"],
    "an encrypted packet without a body": ["malformed-body"],
    "half a header": ["short-packet"],
    "a header without its last byte": ["short-packet"],
}


def _bytes_of(content: bytes) -> PacketBytes:
    """One whole packet."""
    yes, no, nothing = np.ones(1, np.bool_), np.zeros(1, np.bool_), np.zeros(1, np.int64)
    data = np.frombuffer(content, np.uint8)
    return PacketBytes(1, data, nothing, np.array([len(content)]), yes, yes, no, no, nothing, nothing, nothing + 1)


def _codes(profile: WireProfile, content: bytes) -> list[str]:
    """All that the packet layer says of a packet."""
    batch = _bytes_of(content)
    codes = [finding.code.name for finding in header_findings(profile, batch, packet_headers(profile, batch))]
    problems = PacketReader(profile).read(content, whole=True).problems()
    return codes + list(dict.fromkeys(code.name for code, _ in problems))


@pytest.mark.parametrize("packet", PACKETS, ids=lambda p: p.name)
def test_a_packet_falls_into_its_header_and_the_parts_of_its_body(profile: WireProfile, packet: Packet) -> None:
    reading = PacketReader(profile).read(packet.head + packet.tail, whole=True)
    assert packet.body is not None
    assert reading.header_size == 32
    assert reading.body.payload == _data(packet.body.payload)
    assert reading.body.signature == _data(packet.body.signature)
    assert reading.body.session_id == packet.body.session_id
    assert reading.body.ciphertext == _data(packet.body.ciphertext)
    assert reading.body.tag == (_data(packet.body.tag) or b"")
    if packet.fields is None:
        assert reading.payload is None
    else:
        assert reading.payload is not None
        assert as_json(reading.payload.record) == as_json(packet.fields)


def _data(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


@pytest.mark.parametrize("packet", PACKETS, ids=lambda p: p.name)
def test_nothing_is_said_of_a_good_packet_but_that_it_refuses(profile: WireProfile, packet: Packet) -> None:
    expected = ["unknown-service"] * (packet.name == UNKNOWN_SERVICE) + ["operation-failed"] * (packet.name in REFUSALS)
    assert _codes(profile, packet.head + packet.tail) == expected


@pytest.mark.parametrize("packet", BROKEN_PACKETS, ids=lambda p: p.name)
def test_what_is_wrong_with_a_broken_packet_is_said(profile: WireProfile, packet: Packet) -> None:
    assert _codes(profile, packet.head + packet.tail) == BROKEN[packet.name]


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_the_reader_has_the_values_of_a_header(profile: WireProfile, header: Header) -> None:
    reading = PacketReader(profile).read(header.data, whole=False)
    assert as_json({name: reading.header[name] for name in header.fields}) == as_json(header.fields)


@pytest.mark.parametrize("packet", [*PACKETS, *BROKEN_PACKETS], ids=lambda p: p.name)
def test_every_byte_of_a_packet_stands_in_its_tree(profile: WireProfile, packet: Packet) -> None:
    content = packet.head + packet.tail
    reader = PacketReader(profile)
    tree = reader.tree(content, reader.read(content, whole=True))
    at = 0
    for node in sorted(tree.children, key=lambda child: (child.start_bit, child.end_bit)):
        assert node.start_bit == at or node.start_bit == node.end_bit
        at = max(at, node.end_bit)
    assert at == 8 * len(content)
