"""A record becomes a frame's bytes, and these become what stands on the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.profile.frame_writer import frame_bytes, on_wire
from decoders.profile.framing_delimited import cobs_decode, stuff, unstuff
from decoders.profile.layout import Record
from decoders.profile.leaf import EncodeError
from decoders.profile.wire_profile import load_profile
from tests.decoders.profile.shipped import REFERENCE, TEXTS, VARIANT

POLL: Record = {
    "type": "poll", "dst_port": 1, "src_port": 0, "first": False, "last": False, "seq": 0, "link_status": "ok", "fragment": 0,
}  # fmt: skip
DATA: Record = {**POLL, "type": "data", "first": True, "last": True, "seq": 5}


def test_known_frames_are_written_as_they_were_recorded(vectors: Path) -> None:
    frames = [json.loads(line) for line in (vectors / "frames.jsonl").read_text(encoding="utf-8").splitlines()]
    written = 0
    for frame in frames:
        if frame["malformed"] is None and frame["type"] == "data":
            payload = bytes.fromhex(frame["payload"])
            record = {name: frame[name] for name in ("type", "src_port", "dst_port", "first", "last", "seq", "fragment", "length")}
            content = frame_bytes(REFERENCE, {**record, "link_status": 0}, payload)
            assert len(content) == frame["length"]
            assert content[6:-2] == payload
            written += 1
    assert written > 100


def test_a_frame_of_the_reference_profile_byte_by_byte() -> None:
    assert frame_bytes(REFERENCE, POLL, b"").hex() == "a50710600000fa95"


def test_a_frame_of_the_variant_byte_by_byte() -> None:
    """Type 1, seq 5 over a byte's border, last, first; ports; two bytes of fragment, no status; then the payload."""
    record: Record = {**DATA, "dst_port": 9, "src_port": 3, "fragment": 0x0102}
    content = frame_bytes(VARIANT, record, b"\x7e")
    # 0001 000101 1 1 | 0011 00 1001 00 | little-endian fragment | payload
    assert content[:-4].hex() == "1173240201" + "7e"
    assert len(content) == 10


def test_a_given_length_must_be_right() -> None:
    assert frame_bytes(REFERENCE, {**POLL, "length": 8}, b"") == frame_bytes(REFERENCE, POLL, b"")
    with pytest.raises(EncodeError, match="length is 9 in a frame of 8 bytes"):
        frame_bytes(REFERENCE, {**POLL, "length": 9}, b"")


def test_a_payload_of_248_bytes_is_the_largest_of_the_reference_profile() -> None:
    assert len(frame_bytes(REFERENCE, DATA, bytes(248))) == 256
    with pytest.raises(EncodeError, match="257 bytes where 8 to 256"):
        frame_bytes(REFERENCE, DATA, bytes(249))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dst_port": 16}, "16 does not fit 4 bits"),
        ({"type": "shout"}, "no frame_type"),
        ({"seq": "one"}, "cannot hold 'one'"),
        ({"sof": 0x5A}, "does not begin with a5"),
        ({"fragment": -1}, "does not fit 8 bits"),
    ],
)
def test_what_does_not_fit_is_an_encode_error(change: Record, message: str) -> None:
    with pytest.raises(EncodeError, match=message):
        frame_bytes(REFERENCE, {**DATA, **change}, b"")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(EncodeError, match="seq is missing"):
        frame_bytes(REFERENCE, {name: value for name, value in DATA.items() if name != "seq"}, b"")


def test_a_length_in_steps_refuses_a_frame_between_them() -> None:
    text = TEXTS["reference-1"].replace('bits = 8, bias = 1, unit = "bytes"', 'bits = 8, scale = 4, unit = "bytes"')
    profile = load_profile(text, "words.toml")
    content = frame_bytes(profile, POLL, b"")
    assert content[1] == 2
    with pytest.raises(EncodeError, match="length goes in steps of 4"):
        frame_bytes(profile, POLL, b"1")


def test_frames_between_flags_are_stuffed() -> None:
    assert on_wire(VARIANT, b"\x01\x7e\x02\x7d\x03").hex() == "7e017d5e027d5d037e"


def test_a_start_byte_needs_no_stuffing() -> None:
    assert on_wire(REFERENCE, b"\xa5\xa5") == b"\xa5\xa5"


@given(content=st.binary(max_size=600))
def test_stuffing_is_undone(content: bytes) -> None:
    stuffed = stuff(content, VARIANT.framing)
    assert VARIANT.framing.flag not in stuffed[1:-1]
    assert unstuff(stuffed[1:-1], VARIANT.framing) == content


@pytest.mark.parametrize(
    ("content", "encoded"),
    [
        ("", "0100"),
        ("00", "010100"),
        ("11220033", "0311220233 00"),
        ("11000000", "0211010101 00"),
        ("01" * 254, "ff" + "01" * 254 + "00"),
        ("01" * 255, "ff" + "01" * 254 + "0201 00"),
        ("01" * 254 + "00", "ff" + "01" * 254 + "0101 00"),
    ],
)
def test_cobs_blocks(content: str, encoded: str) -> None:
    text = (
        TEXTS["reference-1"]
        .replace('strategy = "length"', 'strategy = "cobs"')
        .replace('start = "A5"\nlength_field = "length"\n', "")
    )
    text = text.replace('start = "P"\nlength_field = "P"\n', "")
    written = on_wire(load_profile(text, "cobs.toml"), bytes.fromhex(content))
    assert written == b"\0" + bytes.fromhex(encoded)
    assert cobs_decode(written[1:-1]) == bytes.fromhex(content)


@given(content=st.binary(max_size=600) | st.integers(250, 520).map(lambda size: b"\x01" * size))
def test_cobs_is_undone(content: bytes) -> None:
    text = (
        TEXTS["reference-1"]
        .replace('strategy = "length"', 'strategy = "cobs"')
        .replace('start = "A5"\nlength_field = "length"\n', "")
    )
    written = on_wire(load_profile(text.replace('start = "P"\nlength_field = "P"\n', ""), "cobs.toml"), content)
    assert 0 not in written[1:-1]
    assert cobs_decode(written[1:-1]) == content
