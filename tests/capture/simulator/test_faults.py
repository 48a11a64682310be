"""Faults: how they are asked for, where they strike, and what happens where they cannot."""

from __future__ import annotations

import pytest

from capture.simulator.faults import FAULTS, fault_plan, known
from capture.simulator.ledger import Entry
from capture.simulator.scenario import FaultPlan, Scenario, load_scenario
from capture.simulator.simulation import Simulation
from decoders.core.errors import UsageError
from decoders.stack import ALL_CODES
from tests.capture.simulator.live import HEAD, port, task


def loaded(text: str) -> Scenario:
    return load_scenario(text, "small", known())


ONE = loaded(HEAD + port(1, "gas-index"))
TWO = loaded(
    HEAD + port(1, "gas-index") + port(4, "display") + task("read", 1.2, "port = 4\ncodes = [0x0043_0401]\nevery_s = 0.05")
)


def struck(plans: list[FaultPlan], seconds: float = 4.0, system: Scenario = TWO) -> list[Entry]:
    """What the ledger tells of faults."""
    simulation = Simulation(system, seconds, faults=tuple(plans), analog_rate_hz=0)
    return [entry for piece in simulation.pieces() for entry in piece.ledger if entry["kind"] == "fault"]


# How they are asked for.


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("bad-crc", FaultPlan("bad-crc")),
        ("bad-crc@2", FaultPlan("bad-crc", 2_000_000_000)),
        ("bad-crc@0", FaultPlan("bad-crc", 0)),
        ("bad-crc@0.25:port=4", FaultPlan("bad-crc", 250_000_000, 4)),
        ("bad-crc:port=15", FaultPlan("bad-crc", None, 15)),
    ],
)
def test_a_fault_has_a_name_and_perhaps_a_time_and_a_port(text: str, plan: FaultPlan) -> None:
    assert fault_plan(text) == plan


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bad-crk", "--fault: there is no fault 'bad-crk'; did you mean 'bad-crc'? choose from bad-crc, bit-noise, "),
        ("", "--fault: there is no fault ''; choose from bad-crc, "),
        ("bad-crc@soon", "--fault: 'soon' is no time; write bad-crc@2.5 for the first chance from 2.5 s on"),
        ("bad-crc@", "--fault: '' is no time; write "),
        ("bad-crc@-1", "--fault: '-1' is no time; write "),
        ("bad-crc@inf", "--fault: 'inf' is no time; write "),
        ("bad-crc@nan", "--fault: 'nan' is no time; write "),
        ("bad-crc:port=0", "--fault: 'port=0' is no port; write bad-crc:port=1 with a port from 1 to 15"),
        ("bad-crc:port=16", "--fault: 'port=16' is no port; "),
        ("bad-crc:port", "--fault: 'port' is no port; "),
        ("bad-crc:prot=1", "--fault: 'prot=1' is no port; "),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as told:
        fault_plan(text)
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)


def test_all_eighteen_faults_have_a_name_a_description_and_codes_that_there_are() -> None:
    assert len(FAULTS) == len(known()) == 18
    codes = {code.name for code in ALL_CODES}
    for fault in FAULTS:
        assert fault.name == fault.name.lower().replace(" ", "-")
        assert fault.description[0].isupper()
        assert not fault.description.endswith(".")
        assert set(fault.findings) <= codes


# Where they strike.


@pytest.mark.parametrize(
    "name", sorted(known() - {"bit-noise", "clock-drift", "capture-gap", "altered-forwarding", "lost-forwarding"})
)
@pytest.mark.parametrize("number", [1, 4])
def test_a_fault_strikes_once_from_its_time_on_at_the_port_that_is_asked_for(name: str, number: int) -> None:
    (entry,) = struck([FaultPlan(name, 1_500_000_000, number)])
    assert (entry["name"], entry["port"]) == (name, number)
    assert 1_500_000_000 <= entry["time_ns"] < 3_000_000_000


def test_a_fault_takes_the_first_chance_that_the_scenario_gives() -> None:
    """The host reads from port 4 all the time, and from port 1 only if it is made to."""
    (entry,) = struck([FaultPlan("bad-crc", 1_500_000_000)])
    assert entry["port"] == 4
    assert entry["time_ns"] < 1_560_000_000


def test_without_a_time_a_fault_strikes_after_a_third() -> None:
    (entry,) = struck([FaultPlan("bad-crc")], seconds=6.0)
    assert 2_000_000_000 <= entry["time_ns"] < 2_100_000_000


def test_where_nothing_happens_a_fault_makes_its_own_chance() -> None:
    (entry,) = struck([FaultPlan("stuck-busy", 2_000_000_000)], system=ONE)
    assert 2_500_000_000 <= entry["time_ns"] < 2_600_000_000


def test_the_same_fault_may_strike_twice() -> None:
    entries = struck([FaultPlan("no-response", 1_500_000_000, 4), FaultPlan("no-response", 2_000_000_000, 4)])
    assert [entry["time_ns"] // 500_000_000 for entry in entries] == [3, 4]


def test_faults_of_one_device_do_not_push_each_other_out() -> None:
    names = ("slow-response", "no-response", "wrong-transaction", "stuck-busy", "lost-fragment", "bad-crc", "garbage")
    entries = struck([FaultPlan(name, 1_500_000_000, 1) for name in names], seconds=6.0)
    assert {entry["name"] for entry in entries} == set(names)


def test_faults_at_the_same_time_take_one_packet_each() -> None:
    names = ("slow-response", "no-response", "wrong-transaction", "no-response", "altered-forwarding", "lost-forwarding")
    run = Simulation(TWO, 6.0, faults=tuple(FaultPlan(name, 1_500_000_000) for name in names), analog_rate_hz=0)
    entries = [entry for piece in run.pieces() for entry in piece.ledger if entry["kind"] == "fault"]
    assert sorted(entry["name"] for entry in entries) == sorted(names)
    assert len({entry["time_ns"] for entry in entries}) == len(names)


# Where they cannot.


@pytest.mark.parametrize("name", ["lost-forwarding", "altered-forwarding"])
def test_a_fault_without_a_chance_is_told_in_one_line_at_the_end(name: str) -> None:
    with pytest.raises(UsageError) as told:
        struck([FaultPlan(name, 1_500_000_000)], system=ONE)
    text = str(told.value)
    assert text.startswith(f"--fault: the fault {name} found no chance: from 1.5 s on there was never a ")
    assert text.endswith("; simulate for longer or choose another scenario, time or port")
    assert "\n" not in text


def test_a_fault_after_the_end_is_told_before_anything_is_simulated() -> None:
    with pytest.raises(UsageError) as told:
        Simulation(TWO, 4.0, faults=(FaultPlan("bad-crc", 9_500_000_000, 4),))
    message = (
        "--fault: the fault bad-crc should strike from 9.5 s on, but all ends at 4 s; name an earlier time or simulate for longer"
    )
    assert str(told.value) == message


def test_a_fault_that_a_scenario_has_for_later_is_left_out() -> None:
    later = loaded(HEAD + port(1, "gas-index") + '[[faults]]\nname = "bad-crc"\nat_s = 9\n')
    assert struck([], system=later) == []
    assert [entry["name"] for entry in struck([], seconds=12.0, system=later)] == ["bad-crc"]


def test_a_fault_on_a_port_where_nothing_happens_is_told_with_its_port() -> None:
    empty = loaded(HEAD + port(1, "gas-index") + port(2, "valve", "plugged_s = 60"))
    with pytest.raises(UsageError, match="found no chance: from 1 s on there was on port 2 never a device that the host knows"):
        struck([FaultPlan("bad-crc", 1_000_000_000, 2)], system=empty)


def test_a_fault_on_a_port_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError) as told:
        struck([FaultPlan("bad-crc", 0, 2)])
    assert str(told.value) == "--fault: there is no port 2 for the fault bad-crc; small has 1, 4"
