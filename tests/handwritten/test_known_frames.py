"""The profile's link header, checksum and power notice against frames written by hand."""

from __future__ import annotations

import pytest

from decoders.profile.crc import crc_bytes
from decoders.profile.wire_profile import WireProfile
from tests.handwritten.answers import Fields, Frame, as_json
from tests.handwritten.frames import FRAMES
from tests.handwritten.names import FRAME_TYPES, LINK_STATUSES

HEADER_FIELDS = ("type", "dst_port", "src_port", "first", "last", "seq", "fragment", "length")
HEADER_SIZE = 6
CRC_SIZE = 2


def _header(frame: Frame) -> Fields:
    return {"sof": 0xA5, "link_status": frame.link_status, **{name: frame.fields[name] for name in HEADER_FIELDS}}


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_a_link_header_says_what_its_bytes_say(profile: WireProfile, frame: Frame) -> None:
    reading = profile.frame.read(frame.data, whole=False)
    assert as_json(reading.record) == as_json(_header(frame))
    assert reading.problems == []
    assert reading.end_bit == 8 * HEADER_SIZE


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_the_fields_of_a_link_header_are_written_as_its_bytes(profile: WireProfile, frame: Frame) -> None:
    assert profile.frame.write(_header(frame)) == frame.data[:HEADER_SIZE]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_the_checksum_covers_sof_to_payload_and_goes_low_byte_first(profile: WireProfile, frame: Frame) -> None:
    assert profile.crc is not None
    assert profile.crc_of is not None
    assert profile.crc.first_byte == 0
    assert crc_bytes(profile.crc, profile.crc_of(frame.data[:-CRC_SIZE])) == frame.data[-CRC_SIZE:]


@pytest.mark.parametrize("frame", [f for f in FRAMES if f.notice is not None], ids=lambda f: f.name)
def test_a_power_frame_says_which_rail_a_port_has(profile: WireProfile, frame: Frame) -> None:
    layout = profile.frame_payloads["power"]
    reading = layout.read(frame.data[HEADER_SIZE:-CRC_SIZE])
    assert as_json(reading.record) == as_json(frame.notice)
    assert reading.problems == []
    assert layout.write(frame.notice or {}) == frame.data[HEADER_SIZE:-CRC_SIZE]


def test_only_power_frames_have_a_payload_with_fields(profile: WireProfile) -> None:
    assert set(profile.frame_payloads) == {"power"}


def test_frame_types_and_link_statuses_have_their_numbers(profile: WireProfile) -> None:
    assert profile.enumerations["frame_type"].by_number == dict(enumerate(FRAME_TYPES))
    assert profile.enumerations["link_status"].by_number == dict(enumerate(LINK_STATUSES))


def test_frames_are_8_to_256_bytes_between_two_fillers(profile: WireProfile) -> None:
    assert (profile.framing.min_bytes, profile.framing.max_bytes) == (8, 256)
    assert profile.framing.filler == {0x00, 0xFF}
