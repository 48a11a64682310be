"""Typed values: every type, nested ones too, and data made to exhaust a reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.core.tree import FieldNode, Value
from decoders.profile.bits import BitReader, BitWriter
from decoders.profile.layout import Layout
from decoders.profile.leaf import EncodeError
from decoders.profile.schema import ValueTypes
from decoders.profile.typed import TypedReader, write_typed
from decoders.profile.wire_profile import load_profile
from tests.decoders.profile.records import typed_values
from tests.decoders.profile.shipped import REFERENCE, SHIPPED, TEXTS, VARIANT

NOTIFY = REFERENCE.payload("events", "notify", response=False)
KNOWN = [  # the reference profile's tags and widths (wire-format 6)
    ("01ff", "uint8", 255),
    ("02ff", "int8", -1),
    ("03fffe", "uint16", 65534),
    ("048000", "int16", -32768),
    ("0500000001", "uint32", 1),
    ("06fffffffe", "int32", -2),
    ("07ffffffffffffffff", "uint64", (1 << 64) - 1),
    ("088000000000000000", "int64", -(1 << 63)),
    ("093fc00000", "float32", 1.5),
    ("097f800000", "float32", "Infinity"),
    ("0abff8000000000000", "float64", -1.5),
    ("0afff0000000000000", "float64", "-Infinity"),
    ("0a7ff8000000000000", "float64", "NaN"),
    ("0b00", "bool", False),
    ("0b01", "bool", True),
    ("0b02", "bool", 2),
    ("0c6553f100", "time", 1_700_000_000),
    ("0d00237ebb1818e811", "umi_id", "00237ebb1818e811"),
    ("100003e282ac", "string", "€"),
    ("100000", "string", ""),
    ("11000200ff", "bytes", "00ff"),
    ("2101" + "0101", "struct", [{"type": "uint8", "value": 1}]),
    ("2100", "struct", []),
    ("20030002" + "00010002", "array", [{"type": "uint16", "value": 1}, {"type": "uint16", "value": 2}]),
    ("20010000", "array", []),
    ("20200001" + "010001" + "07", "array", [{"type": "array", "value": [{"type": "uint8", "value": 7}]}]),
]


def read(types: ValueTypes, data: bytes) -> tuple[FieldNode, bool]:
    return TypedReader(types).read(BitReader(data), "value", "Value", "P")


def write(types: ValueTypes, value: Value) -> bytes:
    writer = BitWriter()
    write_typed(writer, types, value)
    return bytes(writer.data)


def nodes(node: FieldNode) -> int:
    return sum(1 for _ in node.walk())


@pytest.mark.parametrize(("data", "kind", "value"), KNOWN)
def test_a_known_value_reads_and_writes(data: str, kind: str, value: Value) -> None:
    node, complete = read(REFERENCE.types, bytes.fromhex(data))
    assert (node.value, complete, node.problem) == ({"type": kind, "value": value}, True, "")
    assert (node.start_bit, node.end_bit) == (0, len(data) * 4)
    assert write(REFERENCE.types, {"type": kind, "value": value}).hex() == data


def test_the_known_values_are_of_every_type() -> None:
    assert {kind for _, kind, _ in KNOWN} == set(REFERENCE.types.by_name)


def test_an_empty_array_may_say_its_element_type() -> None:
    assert write(REFERENCE.types, {"type": "array", "value": [], "element": "uint16"}).hex() == "20030000"


def test_the_variant_writes_its_own_tags_and_byte_order() -> None:
    assert write(VARIANT.types, {"type": "uint16", "value": 0x0102}).hex() == "1002" + "0201"
    assert (
        write(VARIANT.types, {"type": "array", "value": [{"type": "bool", "value": True}]}).hex()
        == "0101" + "0105" + "01000000" + "01"
    )


@pytest.mark.parametrize("name", SHIPPED)
@given(data=st.data())
def test_every_value_reads_as_it_was_written(name: str, data: st.DataObject) -> None:
    types = SHIPPED[name].types
    value = data.draw(typed_values(types))
    written = write(types, value)
    node, complete = read(types, written)
    assert (node.value, complete, node.end_bit) == (value, True, len(written) * 8)
    assert all(below.problem == "" for _, below in node.walk())


@pytest.mark.parametrize("name", SHIPPED)
@given(data=st.data())
def test_a_value_cut_anywhere_keeps_what_was_read_and_says_so(name: str, data: st.DataObject) -> None:
    types = SHIPPED[name].types
    written = write(types, data.draw(typed_values(types)))
    for size in range(len(written)):
        node, complete = read(types, written[:size])
        assert (node.value, complete, node.problem) == (None, False, "the data ends inside this value")
        assert node.end_bit <= size * 8
        for child in node.children[:-1]:
            assert child.value is not None


@pytest.mark.parametrize("name", SHIPPED)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_without_raising_and_with_few_nodes(name: str, data: bytes) -> None:
    node, complete = read(SHIPPED[name].types, data)
    assert complete == (node.value is not None)
    assert nodes(node) <= len(data) + 1


def nested(depth: int) -> Value:
    value: Value = {"type": "uint8", "value": 1}
    for level in range(depth):
        value = {"type": "struct" if level % 2 else "array", "value": [value]}
    return value


@pytest.mark.parametrize("name", SHIPPED)
def test_values_nest_as_deep_as_the_profile_says_and_no_deeper(name: str) -> None:
    types = SHIPPED[name].types
    written = write(types, nested(types.max_depth))
    assert read(types, written)[0].value == nested(types.max_depth)
    with pytest.raises(EncodeError, match=f"nested more than {types.max_depth} deep"):
        write(types, nested(types.max_depth + 1))


def test_deep_nesting_stops_at_the_limit_and_keeps_what_is_above() -> None:
    node, complete = read(REFERENCE.types, bytes.fromhex("2101") * 5000)
    assert not complete
    assert node.problem == "values nested more than 16 deep"
    assert max(depth for depth, _ in node.walk()) == 16


@pytest.mark.parametrize("data", ["20 01 ffff 01", "10 ffff 41", "11 ffff 00", "21 ff", "20 20 ffff 01 ffff"])
def test_a_huge_count_with_few_bytes_behind_it_ends_with_the_bytes(data: str) -> None:
    node, complete = read(REFERENCE.types, bytes.fromhex(data))
    assert not complete
    assert node.problem == "the data ends inside this value"
    assert nodes(node) < 10


def test_more_values_than_the_profile_allows_are_cut_off() -> None:
    """An array of empty structs costs one byte a value."""
    text = TEXTS["reference-1"].replace("max_items = 65536", "max_items = 100")
    types = load_profile(text, "small.toml").types
    node, complete = read(types, bytes.fromhex("2021ffff") + bytes(1000))
    assert not complete
    assert node.problem == "more than 100 values in one"
    assert nodes(node) <= 102


def test_the_limit_counts_all_values_of_a_payload() -> None:
    text = TEXTS["reference-1"].replace("max_items = 65536", "max_items = 3")
    layout = load_profile(text, "small.toml").payload("events", "notify", response=False)
    assert layout is not None
    event = bytes.fromhex("0001 00 00000001 0101")
    reading = layout.read(b"\x04" + event * 4)
    assert [(node.name, problem) for node, problem in reading.problems] == [("detail", "more than 3 values in one")]
    items = reading.record["items"]
    assert isinstance(items, list)
    assert len(items) == 4


def test_an_unknown_type_is_a_problem_and_its_bytes_stay() -> None:
    assert isinstance(NOTIFY, Layout)
    reading = NOTIFY.read(bytes.fromhex("01 0001 00 00000001 7f 0102"))
    assert [(node.name, problem) for node, problem in reading.problems] == [("detail", "no type has the number 0x7F")]
    assert reading.record["undecoded"] == "7f0102"


def test_text_that_is_not_utf8_is_shown_and_marked() -> None:
    node, complete = read(REFERENCE.types, bytes.fromhex("100002 41ff"))
    assert (node.value, complete, node.problem) == ({"type": "string", "value": "A\\xff"}, True, "not UTF-8 text")


def test_a_time_beyond_the_calendar_has_a_text() -> None:
    node, _ = read(VARIANT.types, bytes.fromhex("2006ffffffffff"))
    assert node.value == {"type": "time", "value": (1 << 40) - 1}
    assert node.text == "1099511627775 s after 1970 (time)"


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        {"type": "uint9", "value": 1},
        {"type": ["uint8"], "value": 1},
        {"value": 1},
        {"type": "uint8"},
        {"type": "uint8", "value": 256},
        {"type": "int8", "value": 128},
        {"type": "uint8", "value": "1"},
        {"type": "float32", "value": 1e39},
        {"type": "float64", "value": 10**400},
        {"type": "float32", "value": "many"},
        {"type": "umi_id", "value": "00"},
        {"type": "umi_id", "value": "x" * 16},
        {"type": "string", "value": "a" * 65_536},
        {"type": "string", "value": "\ud800"},
        {"type": "string", "value": 1},
        {"type": "bytes", "value": "0"},
        {"type": "array", "value": [{"type": "uint8", "value": 1}, {"type": "int8", "value": 1}]},
        {"type": "array", "value": 1},
        {"type": "struct", "value": [{"type": "uint8", "value": 1}] * 256},
        {"type": "struct", "value": [1]},
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_fits_no_type_is_an_encode_error(value: Value) -> None:
    with pytest.raises(EncodeError):
        write(REFERENCE.types, value)
