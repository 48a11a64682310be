"""What the host does by itself and because a scenario says so."""

from __future__ import annotations

import hashlib
import struct
from itertools import pairwise

import numpy as np
import pytest

from capture.simulator.ledger import Entry
from capture.simulator.scenario import load_scenario
from capture.simulator.simulation import Simulation
from capture.simulator.spi_bus import Transfer
from decoders.core.chunk import Runs
from tests.capture.simulator.live import HEAD, HOST_ID, Life, device_id, live, port, task

INDEX = port(1, "gas-index")
FIVE_AM = 1_772_341_200


def rails(life: Life, number: int) -> list[tuple[float, str]]:
    """When a port was switched, in milliseconds, and to what."""
    return [
        (entry["time_ns"] / 1e6, entry["rail"]) for entry in life.ledger if entry["kind"] == "power" and entry["port"] == number
    ]


def told(life: Life, operation: str, number: int, *, response: bool = False) -> list[Entry]:
    """Packets of an operation that the device in a port sent."""
    return [entry for entry in life.packets(operation, response=response) if entry["source"] == device_id(number)]


def test_ports_are_switched_on_one_after_the_other() -> None:
    life = live("".join(port(number, "display") for number in range(1, 6)), 1)
    assert [rails(life, number) for number in range(1, 6)] == [[(1.0 + 30 * at, "low")] for at in range(5)]


def test_every_device_is_greeted_and_says_that_it_has_started() -> None:
    life = live("".join(port(number, kind) for number, kind in enumerate(("gas-index", "zigbee", "valve"), 1)), 1)
    for number in 1, 2, 3:
        (event,) = told(life, "events notify", number)
        assert event["destination"] == HOST_ID
        assert event["payload"].startswith("010021")


def test_a_task_is_repeated_from_its_first_time_on() -> None:
    life = live(INDEX + task("read", 0.5, "port = 1\ncodes = [0x0042_0100]\nevery_s = 0.7"), 3)
    assert [round(entry["time_ns"] / 1e9, 2) for entry in life.packets("objects read", response=False)] == [0.5, 1.2, 1.9, 2.6]


def test_a_task_for_a_port_where_nobody_is_known_waits_for_its_next_time() -> None:
    life = live(port(1, "gas-index", "plugged_s = 2") + task("read", 1, "port = 1\ncodes = [1]\nevery_s = 2"), 4)
    assert [round(entry["time_ns"] / 1e9, 2) for entry in life.packets("objects read", response=False)] == [3.0]


def test_a_clock_is_set_to_the_hosts_time() -> None:
    life = live(INDEX + task("clock", 2, "port = 1"), 4)
    (written,) = life.packets("objects write", response=False)
    assert written["payload"] == f"01004204000c{FIVE_AM + 2:08x}"
    assert told(life, "objects write", 1, response=True)[0]["time_utc"] == FIVE_AM + 2


def test_a_list_names_the_objects_of_one_bank() -> None:
    life = live(port(2, "valve") + task("list", 1, "port = 2\nbank = 0x0042") + task("list", 2, "port = 2\nbank = 0x0043"), 3)
    lists = [bytes.fromhex(entry["payload"]) for entry in life.packets("objects list", response=True)]
    assert [struct.unpack(f">H{raw[1]}I", raw)[1:] for raw in lists] == [
        (0x0042_0300, 0x0042_0301, 0x0042_0501),
        (0x0043_0001, 0x0043_0002, 0x0043_0003, 0x0043_0010),
    ]


@pytest.mark.parametrize(("size", "block"), [(1000, 200), (1001, 300), (70_000, 65_000)])
def test_an_upgrade_hands_out_a_whole_image_that_is_verified_and_runs(size: int, block: int) -> None:
    text = INDEX + task("upgrade", 1, f"port = 1\nbytes = {size}\nblock = {block}")
    life = live(text + task("read", 9, "port = 1\ncodes = [0x0042_0002]"), 10, measured=False)
    (announced,) = (bytes.fromhex(entry["payload"]) for entry in life.packets("images announce", response=False))
    image_id, version, told_size, told_block, publisher, digest, _ = struct.unpack(">IIIHQ32s64s", announced)
    image, received = b"", []
    for entry in life.packets("images block", response=False):
        raw = bytes.fromhex(entry["payload"])
        assert struct.unpack_from(">II", raw) == (image_id, len(image))
        image += raw[8:]
        received.append(len(image))
    assert (told_size, told_block, publisher) == (size, block, int(HOST_ID, 16))
    assert len(image) == size
    assert hashlib.sha256(image).digest() == digest
    assert [int(entry["payload"], 16) for entry in life.packets("images block", response=True)] == received
    assert [entry["payload"] for entry in life.packets("images verify", response=True)] == ["00"]
    assert life.events(1).count((0x0030, b"\x05" + version.to_bytes(4, "big"))) == 1
    assert life.packets("objects read", response=True)[-1]["payload"].endswith(f"05{version:08x}")


def test_each_step_of_an_upgrade_waits_for_the_answer_before() -> None:
    life = live(INDEX + task("upgrade", 1, "port = 1\nbytes = 1000\nblock = 200"), 4)
    steps = [entry for entry in life.packets() if entry["service"] == "images"]
    assert [entry["response"] for entry in steps] == [False, True] * 8
    assert all(before["end_ns"] < after["time_ns"] for before, after in pairwise(steps))


def test_a_second_upgrade_of_a_device_has_a_newer_version() -> None:
    life = live(INDEX + task("upgrade", 1, "port = 1\nbytes = 400\nevery_s = 4"), 8)
    versions = [int(entry["payload"][8:16], 16) for entry in life.packets("images announce", response=False)]
    assert versions == [0x0102_0301, 0x0102_0302]


def test_a_power_failure_takes_all_ports_and_all_that_is_not_kept() -> None:
    text = INDEX + port(3, "display") + task("clock", 0.5, "port = 1") + task("introduce", 1, "port = 3\nto = 1")
    text += task("power-fail", 3.5, "for_s = 1") + task("read", 6, "port = 1\ncodes = [0x0042_0400]")
    life = live(text, 16)
    assert [rail for _, rail in rails(life, 1)] == ["low", "off", "low"]
    assert [when for when, _ in rails(life, 3)] == pytest.approx([31, 3500, 4530])
    assert [code for code, _ in life.events(1) if code == 0x0021] == [0x0021] * 2
    assert life.packets("objects read", response=True)[-1]["payload"].endswith("0c00000000")
    assert not [
        entry for entry in life.packets("objects read") if entry["destination"] == device_id(1) and entry["time_ns"] > 6.1e9
    ]
    counters = [entry["counter"] for entry in life.packets() if entry["source"] == device_id(1)]
    assert counters == sorted(set(counters)), "counters are kept"


def test_a_supply_that_fails_holds_until_what_is_under_way_has_ended() -> None:
    text = INDEX + task("upgrade", 1, "port = 1\nbytes = 65_000\nblock = 65_000") + task("power-fail", 1.2, "for_s = 0.1")
    life = live(text, 4, measured=False)
    assert life.packets("images block") == [], "half a second of it is more than the supply holds"
    (off, first), (on, then) = rails(life, 1)[1:]
    assert (first, then) == ("off", "low")
    assert off == pytest.approx(1500, abs=15)
    assert on == pytest.approx(off + 100, abs=0.1)


def test_nothing_flows_while_a_port_is_off() -> None:
    life = live(INDEX + task("port-off", 1, "port = 1\nfor_s = 2"), 5)
    assert [rail for _, rail in rails(life, 1)] == ["low", "off", "low"]
    assert life.mean("voltage1", 0.5, 1) == pytest.approx(3, abs=0.01)
    assert life.mean("voltage1", 1.5, 2.9) == pytest.approx(0, abs=0.001)
    assert life.mean("current1", 1.5, 2.9) == pytest.approx(0, abs=1e-8)
    assert [round(entry["time_ns"] / 1e9, 1) for entry in told(life, "events notify", 1) if "0021" in entry["payload"][:6]] == [
        0,
        3,
    ]


def test_a_device_that_is_plugged_in_draws_an_inrush_boots_and_is_greeted() -> None:
    life = live(port(2, "zigbee", "plugged_s = 2"), 4)
    assert life.mean("voltage2", 1, 1.9) == pytest.approx(3, abs=0.01)
    assert life.mean("current2", 1, 1.9) == pytest.approx(0, abs=1e-8)
    assert life.greatest("current2", 2, 2.001) > 35e-3
    assert life.mean("current2", 2.01, 2.1) == pytest.approx(12e-3, rel=0.01)
    (event,) = told(life, "events notify", 2)
    assert 2.12 < event["time_ns"] / 1e9 < 2.13


def test_a_device_that_is_pulled_out_is_forgotten_after_polls_without_an_answer() -> None:
    text = port(1, "gas-index", "unplugged_s = 2.2") + task("read", 0.5, "port = 1\ncodes = [1]\nevery_s = 1")
    life = live(text, 12)
    assert life.mean("current1", 2.3, 12) == pytest.approx(0, abs=1e-8)
    asked = [entry["time_ns"] / 1e9 for entry in life.packets("objects read", response=False)]
    assert asked == pytest.approx([0.5, 1.5], abs=0.01)
    assert life.simulation.system.host.places[1].umi_id is None


def test_an_empty_port_is_polled_now_and_then_and_nobody_drives_its_lines() -> None:
    text = HEAD + port(1, "display", "plugged_s = 3600")
    simulation = Simulation(load_scenario(text, "empty.toml", frozenset()), 300, analog_rate_hz=0)
    words = np.concatenate([chunk.words for piece in simulation.pieces() for chunk in piece.logic if isinstance(chunk, Runs)])
    bits = {name: 1 << bit for bit, name in enumerate(simulation.channels)}
    selected = words & bits["CS1"] == 0
    polls = int((~selected[:-1] & selected[1:]).sum())
    assert polls == 298
    assert not (words & bits["MISO"]).any()
    assert (words & bits["READY1"]).all()
    assert (words & bits["ATTN1"]).all()
    assert len(words) < polls * 17 * 32


class Mute:
    """A device of which no byte reaches the host."""

    def __init__(self) -> None:
        self.transfers: list[int] = []

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        if transfer.start_ns not in self.transfers:
            self.transfers.append(transfer.start_ns)
        return mosi, bytes(len(miso))


def test_a_mute_device_is_asked_ever_more_rarely() -> None:
    simulation = Simulation(load_scenario(HEAD.replace("poll_s = 1", "") + INDEX, "mute.toml", frozenset()), 50, analog_rate_hz=0)
    mute = Mute()
    simulation.system.ports[1].disturbances.append(mute)
    assert not [entry for piece in simulation.pieces() for entry in piece.ledger if entry["kind"] == "packet"]
    assert 5 < len([start for start in mute.transfers if start < 1e9]) < 25
    assert 5 < len([start for start in mute.transfers if start > 40e9]) < 40


def test_one_device_after_another_is_met_in_the_same_life() -> None:
    text = port(1, "gas-index") + port(2, "display", "plugged_s = 2\nunplugged_s = 5") + port(3, "valve", "plugged_s = 4")
    life = live(text, 8)
    known = {number: place.umi_id for number, place in life.simulation.system.host.places.items()}
    assert known == {1: int(device_id(1), 16), 2: None, 3: int(device_id(3), 16)}
