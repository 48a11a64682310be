"""Scenario files: what they may say, and that those which ship are sound."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from functools import cache

import pytest

from capture.simulator.faults import known
from capture.simulator.scenario import Scenario, load_scenario
from capture.simulator.simulation import Simulation
from decoders.core.chunk import Runs
from decoders.core.errors import MaterialError
from tests.capture.simulator.truth import SCENARIOS, Seen, Truth, decoded

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def text_of(name: str) -> str:
    """A shipped scenario."""
    return (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")


@cache
def shipped(name: str) -> Scenario:
    """The same, read."""
    return load_scenario(text_of(name), name, known())


GAS_METER = text_of("gas-meter")


def fingerprint(name: str, seconds: float, seed: int) -> str:
    """A digest of all bytes of a run."""
    simulation = Simulation(shipped(name), seconds, seed, analog_rate_hz=500)
    digest = hashlib.sha256()
    for piece in simulation.pieces():
        for chunk in piece.logic:
            assert isinstance(chunk, Runs)
            digest.update(chunk.ticks.tobytes() + chunk.words.tobytes())
        for trace in piece.analog:
            digest.update(trace.tobytes())
        digest.update(json.dumps(piece.ledger).encode())
    return digest.hexdigest()


def test_seven_scenarios_ship() -> None:
    assert NAMES == ["busy-15-ports", "comms-hub", "firmware-upgrade", "gas-meter", "hot-plug", "idle-night", "power-fail"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_loads_under_its_own_name(name: str) -> None:
    scenario = shipped(name)
    assert scenario.name == name
    assert scenario.ports
    assert scenario.description


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_the_seed_the_decoder_finds_what_the_ledger_tells_and_nothing_amiss(name: str, seed: int) -> None:
    scenario = shipped(name)
    told = decoded(Simulation(scenario, scenario.seconds, seed, analog_rate_hz=min(scenario.analog_rate_hz, 1_000)))
    truth = Truth(told)
    assert told.capture.findings == []
    assert Counter(Seen(told, truth).packets.values()) == Counter(truth.packets.values())
    assert len(truth.packets) > (2_000 if name == "busy-15-ports" else 30)


def test_a_day_of_a_gas_meter_has_its_display_its_events_and_nothing_amiss() -> None:
    told = decoded(Simulation(shipped("gas-meter"), 86_400, analog_rate_hz=2))
    truth = Truth(told)
    assert told.capture.findings == []
    assert Counter(Seen(told, truth).packets.values()) == Counter(truth.packets.values())
    packets = [entry for entry in told.ledger if entry["kind"] == "packet" and not entry["response"]]
    asked_by_display = [entry for entry in packets if {entry["source"][-4:], entry["destination"][-4:]} == {"c003", "a001"}]
    events = {entry["payload"][2:6] for entry in packets if (entry["service"], entry["operation"]) == ("events", "notify")}
    assert len(asked_by_display) == pytest.approx(1440, abs=5)
    assert {"0010", "0020", "0021", "0002"} <= events


@pytest.mark.parametrize("name", ["gas-meter", "comms-hub", "hot-plug"])
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(name: str) -> None:
    assert fingerprint(name, 6, seed=3) == fingerprint(name, 6, seed=3)
    assert fingerprint(name, 6, seed=3) != fingerprint(name, 6, seed=4)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_draws_more_than_its_port_gives(name: str, seed: int) -> None:
    scenario = shipped(name)
    simulation = Simulation(scenario, min(scenario.seconds, 30), seed, analog_rate_hz=10_000)
    greatest = dict.fromkeys(simulation.analog_channels, 0.0)
    for piece in simulation.pieces():
        for trace, samples in zip(simulation.analog_channels, piece.analog, strict=True):
            greatest[trace] = max(greatest[trace], float(samples.max(initial=0.0)))
    currents = {trace: amps for trace, amps in greatest.items() if trace.startswith("current")}
    assert currents
    assert {trace: amps for trace, amps in currents.items() if amps > (1.0 if trace.endswith("_12v") else 0.050)} == {}


def test_the_number_of_recorded_channels_suits_small_recorders() -> None:
    assert len(Simulation(shipped("comms-hub"), 1).channels) == 8
    assert len(Simulation(shipped("busy-15-ports"), 1).channels) == 24


def test_a_copy_with_another_name_and_rate_loads() -> None:
    copy = GAS_METER.replace('name = "gas-meter"', 'name = "mine"').replace("rate_hz = 1_000_000", "rate_hz = 2_000_000", 1)
    scenario = load_scenario(copy, "mine.toml", known())
    assert (scenario.name, scenario.rate_hz) == ("mine", 2_000_000)
    assert dataclasses.replace(scenario, name="gas-meter", rate_hz=1_000_000) == shipped("gas-meter")


def test_fifteen_ports_with_lines_of_their_own_are_too_many_to_record_at_once() -> None:
    text = text_of("idle-night").replace("[capture]\n", "[capture]\nshared_lines = false\n")
    with pytest.raises(MaterialError, match=r"90 lines are too many.*name up to 64"):
        load_scenario(text, "mine.toml", known())


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(MaterialError, match="bad-luck"):
        load_scenario(f'{GAS_METER}\n[[faults]]\nname = "bad-luck"\n', "mine.toml", known())


def line_of(text: str, part: str) -> int:
    """The number of the line that has this part."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


MISTAKES = [
    ("port = 3\ndevice", "port = 16\ndevice", "port = 16", "port"),
    ("port = 3\ndevice", "port = 2\ndevice", "", "port"),
    ('device = "display"', 'device = "toaster"', "toaster", "device"),
    ('id = "acde48000000c003"', 'id = "acde48000000b002"', "", "id"),
    ('id = "acde48000000c003"', 'id = "acde480000000001"', "", "id"),
    ('id = "acde48000000c003"', 'id = "acde"', '"acde"', "id"),
    ("clock_hz = 250_000", "clock_hz = 0", "clock_hz = 0", "clock_hz"),
    ("clock_hz = 250_000", "clock_hz = 400_000", "rate_hz = 1_000_000", "rate_hz"),
    ("analog_rate_hz = 10_000", "analog_rate_hz = 30_000", "analog_rate_hz = 30_000", "analog_rate_hz"),
    ("seconds = 30", "seconds = 0", "seconds = 0", "seconds"),
    ("seconds = 30", "seconds = 30\nspeed = 1", "speed", "speed"),
    ('port = 2\ncommand = "close"', 'port = 2\ncommand = "ajar"', 'command = "ajar"', "command"),
    ('port = 2\ncommand = "close"', "port = 2", "", "command"),
    ("bank = 0x0042", "bank = 0x10042", "0x10042", "bank"),
    ("to = 1", "to = 9", "to = 9", "to"),
    ("codes = [0x0042_0500]", "codes = []", "codes = []", "codes"),
    ("codes = [0x0042_0500]", "code = 5", "", "codes"),
    ('do = "list" # the objects', 'do = "dance" # the objects', "dance", "do"),
    ('# lines = ["SCK", "MOSI", "MISO", "CS1"]', 'lines = ["SCK", "MOSI", "CS4"]', '"CS4"', "lines"),
    ('# lines = ["SCK", "MOSI", "MISO", "CS1"]', 'lines = ["SCK", "MOSI", "SCK"]', '"SCK"', "lines"),
    ("first_s = 21.7", "first_s = 21.7\nfor_s = 3", "for_s = 3", "for_s"),
    ('id = "acde48000000c003"', 'id = "acde48000000c003"\nplugged_s = 5\nunplugged_s = 4', "unplugged_s = 4", "unplugged_s"),
    ("poll_s = 60", "poll_s = 0", "poll_s = 0", "poll_s"),
]


@pytest.mark.parametrize(("old", "new", "where", "key"), MISTAKES)
def test_a_mistake_is_one_line_that_names_line_and_key(old: str, new: str, where: str, key: str) -> None:
    text = GAS_METER.replace(old, new, 1)
    assert text != GAS_METER
    with pytest.raises(MaterialError) as caught:
        load_scenario(text, "mine.toml", known())
    message = str(caught.value)
    assert "\n" not in message
    assert "mine.toml" in message
    assert key in message
    assert (f"line {line_of(text, where)}," if where else ", line ") in message


def loaded(text: str) -> Scenario | str:
    """A scenario, or what is said of its mistake."""
    try:
        return load_scenario(text, "mine.toml", known())
    except MaterialError as error:
        return str(error)


VALUES = ('"x"', "-1", "0", "1", "true", "[]", "2.5", "99999999999999", "nan", "{ a = 1 }", '"acde48000000ffff"')


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "busy-15-ports"])
def test_whatever_stands_behind_a_key_is_refused_in_one_line_or_runs(name: str, value: str) -> None:
    lines = text_of(name).splitlines()
    for at, line in enumerate(lines):
        key, separator, _ = line.partition(" = ")
        if line.startswith("#") or not separator:
            continue
        text = "\n".join([*lines[:at], f"{key} = {value}", *lines[at + 1 :]])
        outcome = loaded(text)
        if isinstance(outcome, str):
            assert "\n" not in outcome
            assert outcome.startswith(f"mine.toml, line {at + 1}") or key in outcome or "lines" in outcome
        else:
            simulation = Simulation(outcome, 0.2)
            assert sum(chunk.end - chunk.start for piece in simulation.pieces() for chunk in piece.logic) == outcome.rate_hz // 5


def test_a_scenario_without_ports_is_refused() -> None:
    head = GAS_METER.partition("[[ports]]")[0]
    for text in (head, f"ports = []\n{head}"):
        with pytest.raises(MaterialError, match="ports"):
            load_scenario(text, "mine.toml", known())
