"""Packets and typed values on the simulated wire: byte for byte those that were written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.packets import HEADER, BadPacketError, Packet, Service, Status, Typed, TypeTag, decode_packet, read_typed
from tests.handwritten.answers import Fields, Header, TypedValue
from tests.handwritten.answers import Packet as Known
from tests.handwritten.packets import BROKEN_PACKETS, HEADERS, PACKETS
from tests.handwritten.typed_values import TYPED_VALUES

CLEAR = [known for known in PACKETS if known.body is not None and known.body.session_id is None and known.body.signature is None]
FLOATS = frozenset({"float32", "float64"})
UNNAMEABLE = {"UNKNOWN_SERVICE", "UNKNOWN_OPERATION"}
"""Statuses of which a header names a service or an operation that there is not."""
UNUSUAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def is_plain(fields: Fields) -> bool:
    """Whether a header is one that simulated devices write: in clear, and with numbers that have names."""
    known = all(isinstance(fields[name], str) for name in ("service", "operation", "status"))
    return known and fields["version"] == 1 and not fields["signed"] and not fields["encrypted"]


PLAIN = [known for known in HEADERS if is_plain(known.fields) and known.name != "the reserved bit"]


def packet_of(fields: Fields, operation: int, payload: bytes) -> Packet:
    """What a simulated device would make of a packet that was written by hand."""

    def number(name: str, base: int = 0) -> int:
        value = fields[name]
        return int(value, base) if isinstance(value, str) else int(str(value))

    return Packet(
        number("source", 16), number("destination", 16), Service[str(fields["service"]).upper()], operation, number("transaction"),
        number("counter"), number("time"), payload, bool(fields["response"]), Status[str(fields["status"]).upper()],
    )  # fmt: skip


@pytest.mark.parametrize("known", PLAIN, ids=lambda known: known.name)
def test_a_header_has_the_bytes_that_were_written_by_hand(known: Header) -> None:
    size = known.fields["body_length"]
    assert isinstance(size, int)
    packet = packet_of(known.fields, known.data[2], bytes(size))
    assert packet.encode() == known.data + bytes(size)
    assert decode_packet(known.data + bytes(size)) == packet


def test_most_plain_headers_are_spoken_of() -> None:
    assert len(PLAIN) > 20
    assert {known.fields["service"] for known in PLAIN} == {service.name.lower() for service in Service}
    assert {known.fields["status"] for known in PLAIN} >= {
        status.name.lower() for status in Status if status.name not in UNNAMEABLE
    }


@pytest.mark.parametrize("known", CLEAR, ids=lambda known: known.name)
def test_a_packet_in_clear_is_read_and_written_as_it_was_by_hand(known: Known) -> None:
    packet = decode_packet(known.head + known.tail)
    assert known.body is not None
    assert packet.payload == bytes.fromhex(known.body.payload or "")
    assert packet.encode() == known.head + known.tail


@pytest.mark.parametrize("known", [known for known in PACKETS if known not in CLEAR], ids=lambda known: known.name)
def test_a_protected_packet_is_not_read(known: Known) -> None:
    with pytest.raises(BadPacketError):
        decode_packet(known.head + known.tail)


@pytest.mark.parametrize("known", BROKEN_PACKETS, ids=lambda known: known.name)
def test_a_broken_packet_is_not_read(known: Known) -> None:
    with pytest.raises(BadPacketError):
        decode_packet(known.head + known.tail)


@given(st.binary(max_size=HEADER.size - 1))
def test_less_than_a_header_is_no_packet(data: bytes) -> None:
    with pytest.raises(BadPacketError, match=f"{len(data)} bytes are no packet"):
        decode_packet(data)


def typed_of(name: str, value: object) -> Typed:
    """A typed value as simulated devices have it, of one as records show it."""
    tag = TypeTag[name.upper()]
    match name:
        case "array" | "struct":
            assert isinstance(value, list)
            items = tuple(typed_of(item["type"], item["value"]) for item in value)
            return Typed(tag, items, items[0].tag if name == "array" else None)
        case "umi_id":
            return Typed(tag, int(str(value), 16))
        case "bytes":
            return Typed(tag, bytes.fromhex(str(value)))
    assert isinstance(value, int | float | str)
    return Typed(tag, UNUSUAL[value] if name in FLOATS and isinstance(value, str) else value)


@pytest.mark.parametrize("known", [known for known in TYPED_VALUES if not known.lossy], ids=lambda known: known.title)
def test_a_typed_value_has_the_bytes_that_were_written_by_hand(known: TypedValue) -> None:
    assert typed_of(known.type, known.value).encode() == known.data


@pytest.mark.parametrize("known", TYPED_VALUES, ids=lambda known: known.title)
def test_a_typed_value_that_was_written_by_hand_is_read(known: TypedValue) -> None:
    value, end = read_typed(b"\x99" + known.data + b"\x99", 1)
    assert (value.tag.name.lower(), end) == (known.type, 1 + len(known.data))
    if not known.lossy:
        # A NaN equals nothing, but is written as one.
        assert repr(value) == repr(typed_of(known.type, known.value))


@pytest.mark.parametrize("known", [known for known in TYPED_VALUES if not known.lossy], ids=lambda known: known.title)
def test_a_typed_value_that_breaks_off_is_none(known: TypedValue) -> None:
    for size in range(len(known.data)):
        with pytest.raises(BadPacketError):
            read_typed(known.data[:size], 0)
