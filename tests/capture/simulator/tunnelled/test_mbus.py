"""M-Bus frames, against bytes written by hand from the standard."""

from __future__ import annotations

import pytest

from capture.simulator.tunnelled import mbus

WATER = mbus.Readings(12345678, "EXM", mbus.WATER, access=0x2A, total=4321, rate=18)


def test_a_master_resets_a_slave_with_a_short_frame() -> None:
    assert mbus.short_frame(mbus.SND_NKE, 1).hex(" ") == "10 40 01 41 16"


def test_a_request_for_data_names_the_slave() -> None:
    assert mbus.short_frame(mbus.REQ_UD2, 3).hex(" ") == "10 5b 03 5e 16"
    assert mbus.asked(bytes.fromhex("105b035e16")) == (mbus.REQ_UD2, 3)


@pytest.mark.parametrize("frame", ["", "105b035f16", "105b035e17", "685b035e16", "105b035e1600"])
def test_what_is_no_short_frame_asks_nothing(frame: str) -> None:
    assert mbus.asked(bytes.fromhex(frame)) is None


def test_three_letters_make_a_manufacturer() -> None:
    # E, X and M are letters 5, 24 and 13: 5 · 1024 + 24 · 32 + 13.
    assert mbus.maker("EXM") == 5901


def test_a_water_meter_answers_with_volume_in_litres_and_flow_in_litres_an_hour() -> None:
    head = "68 1a 1a 68 08 01 72"
    identity = "78 56 34 12 0d 17 01 07 2a 00 00 00"
    records = "0c 13 21 43 00 00 0b 3b 18 00 00"
    body = bytes.fromhex(f"08 01 72 {identity} {records}")
    assert WATER.frame(1) == bytes.fromhex(f"{head} {identity} {records}") + bytes((sum(body) % 256, 0x16))


def test_a_heat_meter_answers_with_energy_power_and_two_temperatures() -> None:
    heat = mbus.Readings(1, "EXH", mbus.HEAT, access=0, total=98, rate=145, temperatures=(553, 381))
    assert heat.records().hex(" ") == "0c 06 98 00 00 00 0b 2b 45 01 00 0a 5a 53 05 0a 5e 81 03"
