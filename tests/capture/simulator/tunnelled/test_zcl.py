"""ZCL frames, against bytes written by hand from the specification."""

from __future__ import annotations

from capture.simulator.tunnelled import zcl

TOTAL = zcl.Attribute(zcl.SUMMATION, zcl.UINT48, 0x0102_0304)


def test_attributes_are_asked_for_low_byte_first() -> None:
    assert zcl.read(0x05, (zcl.SUMMATION, zcl.UNIT)).hex(" ") == "00 05 00 00 00 00 03"


def test_a_question_is_read_back() -> None:
    assert zcl.asked(zcl.read(0x1FF, (1, 2))) == (0xFF, (1, 2))
    assert zcl.asked(b"\x00\x05\x00\x01") is None
    assert zcl.asked(zcl.read_response(1, (1,), {})) is None


def test_known_attributes_come_with_type_and_value_and_others_with_a_status() -> None:
    answer = zcl.read_response(7, (zcl.SUMMATION, zcl.UNIT), {zcl.SUMMATION: TOTAL})
    assert answer.hex(" ") == "18 07 01 00 00 00 25 04 03 02 01 00 00 00 03 86"
