"""The profile's packet header against headers and packets written by hand."""

from __future__ import annotations

import pytest

from decoders.profile.wire_profile import WireProfile
from tests.handwritten.answers import Header, Packet, as_json
from tests.handwritten.names import STATUSES, operation_numbers
from tests.handwritten.packets import HEADERS, PACKETS


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
