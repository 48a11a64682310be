"""The known answers themselves: they cover all there is, and their literals are sound. No decoder of the project is involved."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator

import pytest

from decoders.core.tree import Value
from tests.handwritten.answers import Bad, Frame, Header, Packet, Seen, Stream, as_json
from tests.handwritten.flawed import FLAWED
from tests.handwritten.frames import FRAMES
from tests.handwritten.names import (
    CLASSES,
    EMPTY_COMMANDS,
    EMPTY_RESPONSES,
    FRAME_TYPES,
    LINK_STATUSES,
    PROTOCOLS,
    RAILS,
    SEVERITIES,
    STATUSES,
    TYPES,
    VERDICTS,
    operation_numbers,
)
from tests.handwritten.packets import BROKEN_PACKETS, HEADERS, PACKETS
from tests.handwritten.payloads import SERVICES
from tests.handwritten.payloads_security import SECURITY
from tests.handwritten.streams import STREAMS
from tests.handwritten.typed_values import TYPED_VALUES

PAYLOADS = [*SERVICES, *SECURITY]

SOF = 0xA5
FILLER = b"\x00\xff"


def crc(data: bytes) -> bytes:
    """CRC-16/IBM-SDLC bit by bit, low byte first."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return (register ^ 0xFFFF).to_bytes(2, "little")


def _inside(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, dict):
        for below in value.values():
            yield from _inside(below)
    elif isinstance(value, list):
        for below in value:
            yield from _inside(below)


# --- coverage ----------------------------------------------------------------------------------------------------------


def test_every_operation_of_every_service_occurs_in_both_directions() -> None:
    expected = {(service, operation, way) for service, _, operation, _ in operation_numbers() for way in (False, True)}
    assert {(p.service, p.operation, p.response) for p in PAYLOADS} == expected


def test_payloads_are_empty_just_where_there_are_none() -> None:
    empty = [p for p in PAYLOADS if p.fields == {}]
    assert {(p.service, p.operation) for p in empty if not p.response} == EMPTY_COMMANDS
    assert {(p.service, p.operation) for p in empty if p.response} == EMPTY_RESPONSES
    assert all(p.data == b"" for p in empty)


def test_every_status_occurs_in_a_header_and_as_a_result_and_so_does_one_without_a_name() -> None:
    assert {h.fields["status"] for h in HEADERS if h.fields["response"]} == {*STATUSES, 14, 255}
    assert _found("result") == {*STATUSES, 14, 255}


@pytest.mark.parametrize(
    ("field", "names", "numbers"),
    [
        ("class", CLASSES, {3}),
        ("rail", RAILS, {255}),
        ("severity", SEVERITIES, {9}),
        ("verdict", VERDICTS, {5}),
        ("protocol", PROTOCOLS, {0, 7, 128, 255}),
    ],
)
def test_every_name_of_an_enumeration_occurs_and_so_does_a_number_without_one(
    field: str, names: set[str], numbers: set[int]
) -> None:
    assert _found(field) == names | numbers


def _found(field: str) -> set[Value]:
    return {below[field] for p in PAYLOADS for below in _inside(p.fields) if isinstance(below, dict) and field in below}


def test_every_type_occurs_by_itself_and_in_an_array() -> None:
    assert {v.type for v in TYPED_VALUES} == TYPES
    elements = [as_json(element["type"]) for v in TYPED_VALUES if v.type == "array" for element in _elements(v.value)]
    assert set(elements) == {as_json(name) for name in TYPES}


def _elements(value: Value) -> list[dict[str, Value]]:
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def test_every_frame_type_and_link_status_occurs() -> None:
    assert [as_json(kind) for kind in (*FRAME_TYPES, 7)] == list(dict.fromkeys(as_json(f.fields["type"]) for f in FRAMES))
    assert {f.link_status for f in FRAMES if f.fields["type"] == "nak"} == {*LINK_STATUSES, 7, 255}
    assert {f.fields["length"] for f in FRAMES} >= {8, 9, 255, 256}
    data = [f.fields for f in FRAMES if f.fields["type"] == "data"]
    assert {(f["first"], f["last"]) for f in data} == {(False, False), (False, True), (True, False), (True, True)}
    assert {f["seq"] for f in data} == set(range(8))


def test_every_reason_for_a_malformed_stretch_occurs() -> None:
    assert {r.malformed for s in STREAMS for r in s.records if isinstance(r, Bad)} == {"bad_crc", "truncated", "garbage"}


def test_no_answer_is_given_twice() -> None:
    for titles in (
        [(p.service, p.operation, p.response, p.data) for p in PAYLOADS],
        [(p.service, p.operation, p.response, p.data) for p in FLAWED],
        [v.data for v in TYPED_VALUES],
        [f.data for f in FRAMES],
        [f.name for f in FRAMES],
        [s.data for s in STREAMS],
        [s.name for s in STREAMS],
        [h.data for h in HEADERS],
        [(p.head, p.tail) for p in PACKETS],
    ):
        assert len(set(titles)) == len(titles)


# --- literals ----------------------------------------------------------------------------------------------------------


def test_the_checksum_has_the_check_value_of_the_catalogue() -> None:
    assert crc(b"123456789") == bytes.fromhex("6E90")


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_a_frame_is_what_its_fields_say_bit_by_bit(frame: Frame) -> None:
    data, fields = frame.data, frame.fields
    assert 8 <= len(data) <= 256
    assert data[-2:] == crc(data[:-2])
    assert data[0] == SOF
    assert data[1] == len(data) - 1
    assert fields["length"] == len(data)
    assert (fields["dst_port"], fields["src_port"]) == (data[2] >> 4, data[2] & 15)
    assert fields["type"] == (FRAME_TYPES[data[3] >> 5] if data[3] >> 5 < 7 else 7)
    assert (fields["first"], fields["last"]) == (bool(data[3] & 0x10), bool(data[3] & 8))
    assert fields["seq"] == data[3] & 7
    assert frame.link_status == (LINK_STATUSES[data[4]] if data[4] < 7 else data[4])
    assert fields["fragment"] == data[5]
    assert fields["payload"] == data[6:-2].hex()
    assert (frame.notice is not None) == (fields["type"] == "power")


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.name)
def test_a_header_is_what_its_fields_say_bit_by_bit(header: Header) -> None:
    fields = header.fields
    flags, service, operation, status, transaction, length, source, destination, counter, time = struct.unpack(
        ">BBBBHHQQII", header.data
    )
    assert fields["version"] == flags >> 4
    assert [fields["response"], fields["signed"], fields["encrypted"]] == [bool(flags & bit) for bit in (8, 4, 2)]
    names = {(number, code): (name, call) for name, number, call, code in operation_numbers()}
    services = {number: name for name, number, _, _ in operation_numbers()}
    assert (fields["service"], fields["operation"]) == names.get((service, operation), (services.get(service, service), operation))
    assert fields["status"] == (STATUSES[status] if status < 14 else status)
    assert (fields["transaction"], fields["body_length"]) == (transaction, length)
    assert (fields["source"], fields["destination"]) == (f"{source:016x}", f"{destination:016x}")
    assert (fields["counter"], fields["time"]) == (counter, time)


@pytest.mark.parametrize("packet", PACKETS, ids=lambda p: p.name)
def test_the_parts_of_a_body_make_up_the_body(packet: Packet) -> None:
    assert packet.body is not None
    body, flags = packet.body, packet.head[0]
    assert len(packet.head) == 32
    assert int.from_bytes(packet.head[6:8], "big") == len(packet.tail) <= 65503
    parts = [body.session_id, body.ciphertext, body.payload, body.signature, body.tag]
    assert b"".join(bytes.fromhex(part or "") for part in parts) == packet.tail
    assert (body.session_id is not None, body.ciphertext is not None, body.tag is not None) == (bool(flags & 2),) * 3
    assert (body.payload is not None, packet.fields is not None) == (not flags & 2,) * 2
    assert (body.signature is not None) == (flags & 6 == 4)
    assert [len(bytes.fromhex(part)) for part in (body.session_id, body.signature, body.tag) if part is not None] == [
        size for size, given in ((4, flags & 2), (64, flags & 6 == 4), (16, flags & 2)) if given
    ]


def test_broken_packets_are_broken() -> None:
    for packet in BROKEN_PACKETS:
        flags, length = packet.head[0], int.from_bytes(packet.head[6:8], "big")
        needed = (64 if flags & 4 else 0) + (20 if flags & 2 else 0)
        assert len(packet.head) < 32 or length != len(packet.tail) or length < needed
        assert packet.body is None


# --- streams -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_every_byte_of_a_stream_is_a_record_s_or_filler(stream: Stream) -> None:
    at = 0
    for record in stream.records:
        assert at <= record.start < record.end <= len(stream.data)
        assert not stream.data[at : record.start].strip(FILLER)
        at = record.end
    assert not stream.data[at:].strip(FILLER)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_the_frames_of_a_stream_are_all_its_valid_candidates_left_to_right(stream: Stream) -> None:
    data, at, failed_to = stream.data, 0, 0
    found: list[tuple[int, int, bool]] = []
    while (at := data.find(SOF, at)) >= 0:
        claimed = at + 1 + (data[at + 1] if at + 1 < len(data) else 255)
        fits = claimed <= len(data)
        if fits and claimed - at >= 8 and data[claimed - 2 : claimed] == crc(data[at : claimed - 2]):
            found.append((at, claimed, at < failed_to))
            at = claimed
        else:
            failed_to = max(failed_to, claimed if claimed - at >= 8 else 0)
            at += 1
    assert [(r.start, r.end, r.in_failed) for r in stream.records if isinstance(r, Seen)] == found
    assert all(data[r.start : r.end] == r.frame.data for r in stream.records if isinstance(r, Seen))


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_a_malformed_stretch_is_trimmed_and_has_the_reason_of_its_first_byte(stream: Stream) -> None:
    for record in stream.records:
        if isinstance(record, Seen):
            continue
        stretch = stream.data[record.start : record.end]
        assert stretch.strip(FILLER) == stretch
        left = len(stream.data) - record.start
        length = stream.data[record.start + 1] if left > 1 else 255
        if stretch[0] != SOF or length < 7:
            assert record.malformed == "garbage"
        else:
            assert record.malformed == ("truncated" if length + 1 > left else "bad_crc")


def test_two_malformed_stretches_have_a_frame_between_them() -> None:
    for stream in STREAMS:
        kinds = [type(record) for record in stream.records]
        assert not any(first is second is Bad for first, second in itertools.pairwise(kinds))
