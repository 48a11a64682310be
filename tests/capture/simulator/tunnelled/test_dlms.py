"""DLMS APDUs, against bytes written by hand from the standard."""

from __future__ import annotations

from capture.simulator.tunnelled import dlms


def test_a_client_asks_for_an_association_by_logical_names_without_security() -> None:
    assert dlms.aarq().hex(" ") == ("60 1d a1 09 06 07 60 85 74 05 08 01 01 be 10 04 0e 01 00 00 00 06 5f 1f 04 00 00 7e 1f 04 b0")


def test_a_server_accepts_it_and_says_what_it_can_do() -> None:
    assert dlms.aare().hex(" ") == (
        "61 29 a1 09 06 07 60 85 74 05 08 01 01 a2 03 02 01 00 a3 05 a1 03 02 01 00 "
        "be 10 04 0e 08 00 06 5f 1f 04 00 00 10 1d 04 b0 00 07"
    )


def test_an_attribute_is_asked_for_by_class_name_and_number() -> None:
    request = dlms.get_request(1, dlms.CLOCK)
    assert request.hex(" ") == "c0 01 c1 00 08 00 00 01 00 00 ff 02 00"
    assert dlms.requested(request) == (0xC1, dlms.CLOCK)
    assert dlms.requested(request[:-1]) is None
    assert dlms.requested(dlms.aarq()) is None


def test_a_response_has_data_or_the_reason_why_not() -> None:
    assert dlms.get_response(0xC1, dlms.unsigned(57_201_954)).hex(" ") == "c4 01 c1 00 06 03 68 d5 22"
    assert dlms.get_response(0xC2, dlms.OBJECT_UNDEFINED).hex(" ") == "c4 01 c2 01 04"


def test_a_date_is_twelve_octets_with_the_day_of_the_week() -> None:
    # Sunday, 1 March 2026, 05:00:07 UTC.
    assert dlms.date_time(1_772_341_207).hex(" ") == "09 0c 07 ea 03 01 07 05 00 07 ff 00 00 00"


def test_an_association_is_released_and_that_is_confirmed() -> None:
    assert dlms.release(dlms.RLRQ).hex(" ") == "62 03 80 01 00"
    assert dlms.release(dlms.RLRE).hex(" ") == "63 03 80 01 00"
