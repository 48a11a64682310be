"""The index module, the display and the valve: what they tell, do and draw."""

from __future__ import annotations

import struct
from itertools import pairwise
from random import Random

import pytest

from capture.simulator.devices.gas_index import DAY_S, HOUR_S, GasIndex
from capture.simulator.kernel import NS_PER_S
from tests.capture.simulator.live import HOST_ID, device_id, live, port, task

MIDNIGHT = 1_772_323_200
"""The start of 1 March 2026, UTC."""
INDEX = port(1, "gas-index")


def values(payload: str) -> list[tuple[int, int, bytes]]:
    """Code, result and the rest of the first item of a response to a read of one object."""
    raw = bytes.fromhex(payload)
    assert raw[0] == 1
    return [(int.from_bytes(raw[1:5], "big"), raw[5], raw[6:])]


def meter() -> GasIndex:
    """An index module whose counting begins at midnight."""
    return GasIndex("X", Random(1), MIDNIGHT)  # noqa: S311  # a simulation keeps no secrets


def test_a_day_of_gas_is_the_sum_of_its_hours() -> None:
    index = meter()
    litres = [index.volume(second * NS_PER_S) for second in range(0, DAY_S + 1, 60)]
    assert all(after >= before for before, after in pairwise(litres))
    by_flow = sum(index.flow(hour * HOUR_S * NS_PER_S) for hour in range(24)) / 10
    assert litres[-1] - litres[0] == pytest.approx(by_flow, abs=1)


def test_a_house_burns_more_gas_in_the_morning_than_at_night() -> None:
    index = meter()
    assert index.flow(7 * HOUR_S * NS_PER_S) > 10 * index.flow(2 * HOUR_S * NS_PER_S)


def test_the_volume_of_a_year_later_takes_no_longer_to_know() -> None:
    index = meter()
    day = index.volume(DAY_S * NS_PER_S) - index.volume(0)
    assert index.volume(365 * DAY_S * NS_PER_S) - index.volume(0) == pytest.approx(365 * day, abs=365)


def test_the_daily_log_has_an_index_for_each_midnight_newest_first() -> None:
    life = live(INDEX + task("clock", 0.5, "port = 1") + task("read", 1, "port = 1\ncodes = [0x0042_0500]"), 2)
    ((code, result, data),) = values(life.packets("objects read", response=True)[0]["payload"])
    assert (code, result) == (0x0042_0500, 0)
    assert data[:4].hex() == "2021000e"  # an array of 14 structs
    entry = struct.Struct(">BBIBQBhBH")
    days = [entry.unpack_from(data, 4 + at * entry.size) for at in range(14)]
    assert 4 + 14 * entry.size == len(data)
    assert [(*day[:2], day[3], day[5], day[7]) for day in days] == [(4, 0x0C, 0x07, 0x04, 0x03)] * 14
    assert [day[2] for day in days] == [MIDNIGHT - at * DAY_S for at in range(14)]
    assert all(newer > older for newer, older in pairwise(day[4] for day in days))


def test_the_log_is_empty_and_a_flag_is_up_while_the_clock_is_not_set() -> None:
    reads = "port = 1\ncodes = [{}]"
    life = live(INDEX + task("read", 1, reads.format("0x0042_0500")) + task("read", 1.2, reads.format("0x0042_0302")), 2)
    log, flags = (values(entry["payload"])[0] for entry in life.packets("objects read", response=True))
    assert log[2].hex() == "20210000"
    assert flags[2].hex() == "030020"


def test_what_happens_is_told_and_stays_flagged_until_it_is_acknowledged() -> None:
    read = "port = 1\ncodes = [0x0042_0302]"
    quiet = live(INDEX + task("read", 9.5, read), 10)
    assert quiet.events(1)[1][0] == 0x0002
    assert values(quiet.packets("objects read", response=True)[0]["payload"])[0][2].hex() == "030022"
    heard = live(INDEX + task("acknowledge", 0, "port = 1") + task("read", 9.8, read), 10)
    assert [entry["payload"] for entry in heard.packets("events acknowledge", response=False)] == ["0021", "0002"]
    assert values(heard.packets("objects read", response=True)[0]["payload"])[0][2].hex() == "030020"


def test_the_log_of_events_tells_them_newest_first() -> None:
    life = live(INDEX + task("clock", 1, "port = 1") + task("log", 2, "port = 1\nmost = 1") + task("log", 3, "port = 1"), 4)
    one, all_of_them = (bytes.fromhex(entry["payload"]) for entry in life.packets("events read_log", response=True))
    assert (one[0], one[1:3].hex()) == (1, "0020")
    assert (all_of_them[0], all_of_them[1:3].hex()) == (2, "0020")
    assert all_of_them.startswith(one[1:], 1)


def test_tariffs_share_the_volume_between_them() -> None:
    write = "port = 1\ncode = 0x0042_0303\ntype = 'uint8'\nvalue = {}"
    read = "port = 1\ncodes = [0x0042_0304]"
    life = live(INDEX + task("write", 1, write.format(2)) + task("read", 30, read) + task("write", 31, write.format(9)), 32)
    first, second, third = struct.unpack(">3I", values(life.packets("objects read", response=True)[0]["payload"])[0][2][4:])
    assert first > 1_000_000
    assert 0 < second < 100
    assert third == 0
    assert [entry["payload"][-2:] for entry in life.packets("objects write", response=True)] == ["00", "05"]


def test_an_index_module_sleeps_on_microamperes() -> None:
    life = live(INDEX, 3)
    assert life.mean("current1", 1.5, 2.0) == pytest.approx(2.4e-6, rel=0.05)
    assert life.greatest("current1", 0, 0.1) > 20e-3
    assert life.mean("voltage1", 1.5, 2.0) == pytest.approx(3.0, abs=0.01)


DISPLAY = INDEX + port(3, "display")
INTRODUCED = DISPLAY + task("introduce", 1, "port = 3\nto = 1")


def test_a_display_sets_its_clock_by_the_host() -> None:
    life = live(DISPLAY + task("read", 1, "port = 3\ncodes = [0x0043_0010]"), 2)
    ((_, _, clock),) = values(life.packets("objects read", response=True)[-1]["payload"])
    assert clock[0] == 0x0C
    assert int.from_bytes(clock[1:], "big") - MIDNIGHT == 5 * HOUR_S + 1


def test_a_display_asks_nobody_until_it_is_introduced() -> None:
    life = live(DISPLAY, 15)
    assert {entry["destination"] for entry in life.packets() if entry["source"] == device_id(3)} == {HOST_ID}


def test_a_display_asks_its_peer_through_the_host_and_shows_what_it_hears() -> None:
    life = live(INTRODUCED + task("read", 14, "port = 3\ncodes = [0x0043_0401]"), 15)
    (introduction,) = life.packets("objects write", response=False)
    assert introduction["payload"] == f"0100430400210301010d{device_id(1)}0500420100"
    asked = [entry for entry in life.packets("objects read", response=False) if entry["source"] == device_id(3)][1:]
    assert [(entry["destination"], entry["port"]) for entry in asked] == [(device_id(1), 3)] * 2
    answers = [entry for entry in life.packets("objects read", response=True) if entry["destination"] == device_id(3)][1:]
    shown = life.packets("objects read", response=True)[-1]
    assert shown["source"] == device_id(3)
    assert values(shown["payload"])[0][2] == values(answers[-1]["payload"])[0][2]


def test_a_display_that_nobody_can_answer_goes_on_asking() -> None:
    life = live(INDEX + port(3, "display") + task("introduce", 1, "port = 3\nto = 1\ncode = 0x0042_0999"), 13)
    answers = [entry for entry in life.packets("objects read", response=True) if entry["destination"] == device_id(3)][1:]
    assert [entry["payload"] for entry in answers] == ["010042099903"] * 2


def test_a_period_out_of_range_is_refused() -> None:
    write = "port = 3\ncode = 0x0043_0402\ntype = 'uint32'\nvalue = {}"
    life = live(DISPLAY + task("write", 1, write.format(0)) + task("write", 2, write.format(5)), 3)
    assert [entry["payload"] for entry in life.packets("objects write", response=True)] == ["010043040205", "010043040200"]


VALVE = port(2, "valve", 'power = "high"')
CLOSE = task("valve", 1, "port = 2\ncommand = 'close'")
READ_STATE = "port = 2\ncodes = [0x0042_0300]"


def states(life_text: str, seconds: float) -> list[str]:
    """What reads of the valve's state gave."""
    return [values(entry["payload"])[0][2].hex() for entry in live(life_text, seconds).packets("objects read", response=True)]


def test_a_valve_takes_its_time_and_says_when_it_is_closed() -> None:
    reads = task("read", 0.9, READ_STATE) + task("read", 2, READ_STATE) + task("read", 4, READ_STATE)
    life = live(VALVE + CLOSE + reads, 5)
    assert [values(entry["payload"])[0][2].hex() for entry in life.packets("objects read", response=True)] == [
        "0101", "0103", "0100"
    ]  # fmt: skip
    assert life.events(2)[1:] == [(0x0010, bytes.fromhex("0100"))]
    changed = life.packets("events notify", response=False)[-1]
    assert 3.0 < changed["time_ns"] / 1e9 < 3.1


def test_a_valve_borrows_the_12_volts_for_its_motor_and_gives_them_back() -> None:
    life = live(VALVE + CLOSE, 5)
    rails = [(entry["rail"], entry["time_ns"] / 1e9) for entry in life.ledger if entry["kind"] == "power"]
    assert [rail for rail, _ in rails] == ["low", "high", "low"]
    assert life.mean("current2_12v", 1.1, 3.0) == pytest.approx(0.150, rel=0.01)
    assert life.mean("voltage2_12v", 1.1, 3.0) == pytest.approx(12.0, rel=0.01)
    assert life.mean("current2_12v", 3.5, 4.5) == pytest.approx(0.0, abs=1e-6)
    assert life.mean("voltage2_12v", 3.5, 4.5) == pytest.approx(0.0, abs=0.01)


def test_a_valve_in_a_low_power_port_turns_gently() -> None:
    life = live(port(2, "valve") + CLOSE, 5)
    (answer,) = life.packets("power request", response=True)
    assert int.from_bytes(bytes.fromhex(answer["payload"])[:2], "big") == 0
    assert life.mean("current2", 1.1, 3.0) == pytest.approx(0.028, rel=0.02)
    assert life.events(2)[1:] == [(0x0010, bytes.fromhex("0100"))]


def test_a_valve_that_moves_takes_no_other_command() -> None:
    life = live(VALVE + CLOSE + task("valve", 2, "port = 2\ncommand = 'open'"), 5)
    assert [entry["payload"][-2:] for entry in life.packets("objects write", response=True)] == ["00", "08"]


def test_the_last_change_tells_when_and_at_whose_order() -> None:
    clock = task("clock", 0.5, "port = 2\ncode = 0x0043_0010")
    life = live(VALVE + clock + CLOSE + task("read", 4, "port = 2\ncodes = [0x0042_0501]"), 5)
    ((_, _, data),) = values(life.packets("objects read", response=True)[0]["payload"])
    assert data.hex() == f"21030c{MIDNIGHT + 5 * HOUR_S + 3:08x}01000d{HOST_ID}"
