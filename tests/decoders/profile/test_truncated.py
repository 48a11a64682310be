"""Payloads and headers that end early, or go on: nothing raises, what was read is kept, what was not is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.core.tree import FieldNode
from decoders.profile.layout import Layout, Reading
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.decoders.profile.altered import ALTERED, altered_profiles
from tests.decoders.profile.records import records
from tests.decoders.profile.shipped import REFERENCE, SHIPPED, TEXTS

LAYOUTS = [
    pytest.param(profile, layout, id=f"{name}-{place}")
    for name, profile in SHIPPED.items()
    for place, layout in [("frame", profile.frame), ("packet", profile.packet), *profile.payloads.items()]
]

BOUNDED = [
    param for param in LAYOUTS if isinstance(param.values[1], Layout) and not any(f.is_endless for f in param.values[1].fields)
]


def layout_of(service: str, operation: str, *, response: bool = False) -> Layout:
    layout = REFERENCE.payload(service, operation, response=response)
    assert layout is not None
    return layout


def leaves(reading: Reading) -> list[FieldNode]:
    return [node for _, node in reading.tree.walk() if not node.children and node.end_bit > node.start_bit]


def check_prefixes(layout: Layout, data: bytes) -> None:
    whole = {(node.name, node.start_bit): node for node in leaves(layout.read(data))}
    for size in range(len(data)):
        reading = layout.read(data[:size])
        check_cut(layout, reading, size)
        for node in leaves(reading):
            assert node.end_bit <= size * 8
            if node.value is not None and node.name != "undecoded":
                assert begins(whole[node.name, node.start_bit], node)


def begins(whole: FieldNode, node: FieldNode) -> bool:
    """Whether a node is what the whole data has there; what goes on to the end may be less of it."""
    if whole.value == node.value:
        return True
    return node.end_bit < whole.end_bit and isinstance(node.value, str) and str(whole.value).startswith(node.value)


def check_cut(layout: Layout, reading: Reading, size: int) -> None:
    """A cut is named, and where fields follow each other every bit before it is in one of them or undecoded."""
    if "undecoded" in reading.record or (layout.fixed_bytes or 0) > size:
        assert reading.problems
    if any(field.at_bit is not None for field in layout.fields):
        return
    at = 0
    for node in reading.tree.children:
        assert node.start_bit == at
        at = node.end_bit
    assert size * 8 - at < (1 if reading.problems else 8)


@pytest.mark.parametrize(("profile", "layout"), LAYOUTS)
@settings(max_examples=10)
@given(data=st.data())
def test_a_shipped_layout_cut_at_every_length(profile: WireProfile, layout: Layout, data: st.DataObject) -> None:
    check_prefixes(layout, layout.write(data.draw(records(layout.fields, profile.types))))


@settings(max_examples=50)
@given(data=st.data(), profile=altered_profiles())
def test_an_altered_layout_cut_at_every_length(data: st.DataObject, profile: WireProfile) -> None:
    for layout in (profile.packet, profile.payload(*ALTERED, response=False)):
        assert layout is not None
        check_prefixes(layout, layout.write(data.draw(records(layout.fields, profile.types))))


@pytest.mark.parametrize(("profile", "layout"), BOUNDED)
@settings(max_examples=10)
@given(tail=st.binary(min_size=1, max_size=9), data=st.data())
def test_bytes_behind_the_fields_are_undecoded(profile: WireProfile, layout: Layout, tail: bytes, data: st.DataObject) -> None:
    record = data.draw(records(layout.fields, profile.types))
    reading = layout.read(layout.write(record) + tail)
    assert reading.record == {**record, "undecoded": tail.hex()}
    assert [(node.name, text) for node, text in reading.problems] == [("undecoded", "more bytes than the fields explain")]
    assert layout.read(layout.write(record) + tail, whole=False).record == record


@pytest.mark.parametrize(("profile", "layout"), LAYOUTS)
@settings(max_examples=20)
@given(data=st.binary(max_size=120))
def test_any_bytes_are_read_without_raising(profile: WireProfile, layout: Layout, data: bytes) -> None:
    reading = layout.read(data)
    assert profile.name
    assert reading.end_bit <= len(data) * 8


def problems(reading: Reading) -> list[tuple[str, str]]:
    return [(node.name, text) for node, text in reading.problems]


def test_the_field_that_is_cut_is_named_and_those_before_it_stay() -> None:
    reading = layout_of("power", "request").read(bytes.fromhex("01 0032 0000"))
    assert problems(reading) == [("duration_s", "the data ends inside this field")]
    assert reading.record == {"class": "high", "current_ma": 50, "duration_s": None, "undecoded": "0000"}


def test_a_field_of_which_nothing_came_is_named_too() -> None:
    reading = layout_of("power", "request").read(bytes.fromhex("01"))
    assert problems(reading) == [("current_ma", "the data ends before this field")]
    assert reading.record == {"class": "high", "current_ma": None}


def test_a_list_says_how_many_of_its_entries_came() -> None:
    reading = layout_of("objects", "read").read(bytes.fromhex("03 00010002 0001"))
    assert problems(reading) == [("[1]", "the data ends inside this field")]
    assert reading.record["codes"] == ["00010002", None]
    reading = layout_of("objects", "read").read(bytes.fromhex("03 00010002"))
    assert problems(reading) == [
        ("codes", "the data ends after 1 of 3 entries"),
        ("[1]", "the data ends before this field"),
    ]


def test_a_length_that_runs_past_the_end_is_a_problem_of_the_field_it_measures() -> None:
    reading = layout_of("security", "install").read(bytes.fromhex("0005 7f21"))
    assert problems(reading) == [("certificate", "the data ends inside this field")]
    assert reading.record == {"length": 5, "certificate": None, "undecoded": "7f21"}


def test_placed_fields_before_the_cut_are_read_whatever_their_order_in_the_profile() -> None:
    lines = {
        name: next(line for line in TEXTS["reference-1"].splitlines() if f'"{name}", at' in line) for name in ("status", "time")
    }
    text = TEXTS["reference-1"].replace(lines["status"], "@").replace(lines["time"], lines["status"]).replace("@", lines["time"])
    reading = load_profile(text, "shuffled.toml").packet.read(bytes.fromhex("10010103 0001"))
    assert reading.record["status"] == "unknown_code"
    assert reading.record["transaction"] == 1
    assert ("time", "the data ends before this field") in problems(reading)


def test_a_wrong_constant_is_a_problem_and_no_end() -> None:
    reading = REFERENCE.frame.read(bytes.fromhex("5a0710600000"))
    assert problems(reading) == [("sof", "must be 0xA5")]
    assert reading.record["type"] == "poll"


def test_a_huge_count_ends_with_the_bytes() -> None:
    fields = '{ name = "count", bytes = 4 }, { name = "codes", count = "count", item = { name = "event", bits = 1 } }'
    text = TEXTS["reference-1"].replace('command = [{ name = "event", bytes = 2 }]', f"command = [{fields}]")
    layout = load_profile(text, "p.toml").payload("events", "acknowledge", response=False)
    assert layout is not None
    reading = layout.read(bytes.fromhex("ffffffff 8001"))
    assert problems(reading)[0] == ("codes", "the data ends after 16 of 4294967295 entries")
    assert reading.record["codes"] == [1, *[0] * 14, 1, None]


def test_text_of_a_payload_that_is_not_utf8_is_marked() -> None:
    text = TEXTS["reference-1"].replace('{ name = "data", kind = "bytes", to_end', '{ name = "data", kind = "text", to_end', 1)
    layout = load_profile(text, "p.toml").payload("images", "block", response=False)
    assert layout is not None
    reading = layout.read(bytes(8) + b"ok\xff")
    assert reading.record["data"] == "ok\\xff"
    assert problems(reading) == [("data", "not UTF-8 text")]


def test_a_fixed_text_is_padded_with_zeros() -> None:
    text = TEXTS["reference-1"].replace(
        '{ name = "digest", kind = "bytes", bytes = 32', '{ name = "digest", kind = "text", bytes = 32'
    )
    layout = load_profile(text, "p.toml").payload("images", "announce", response=False)
    assert layout is not None
    data = bytes(22) + b"meter".ljust(32, b"\0") + bytes(64)
    reading = layout.read(data)
    assert reading.record["digest"] == "meter"
    assert layout.write(reading.record) == data
