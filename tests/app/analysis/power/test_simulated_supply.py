"""Every scenario with every fault of the supply: what is found is what happened, no more and no less."""

from __future__ import annotations

import re

import pytest

from capture.simulator.faults import FAULTS
from tests.app.analysis.power.simulated import SCENARIOS, decode, simulate, supply_codes

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.toml"))
POWER_FAULTS = ("over-current", "brown-out", "leakage")
OTHER_FAULTS = sorted(fault.name for fault in FAULTS if fault.name not in POWER_FAULTS)
SECONDS = {"busy-15-ports": 4.5, "firmware-upgrade": 6.0}
FINE_HZ = 1000
"""Samples of a brown-out have to be shorter than it is; a night is recorded with fewer."""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_with_a_supply_without_faults(name: str) -> None:
    scenario_s = 600.0 if name == "idle-night" else 20.0 if name != "busy-15-ports" else 3.0
    assert supply_codes(decode(simulate(name, scenario_s))) == []


@pytest.mark.parametrize("fault", POWER_FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_of_the_supply_raises_its_finding_and_no_other(name: str, fault: str) -> None:
    recording = simulate(name, SECONDS.get(name, 8.0), f"{fault}@1.6", analog_rate_hz=FINE_HZ if name == "idle-night" else None)
    assert recording.told() == [fault]
    assert supply_codes(decode(recording)) == [fault]


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_faults_of_the_bus_leave_the_supply_alone(fault: str) -> None:
    recording = simulate("gas-meter", 20.0, f"{fault}@1.6", analog_rate_hz=FINE_HZ)
    assert supply_codes(decode(recording)) == []


def test_findings_say_where_and_how_much() -> None:
    capture = decode(simulate("gas-meter", 8, "over-current@2:port=1", "brown-out@5:port=1"))
    found = {finding.code.name: finding for finding in capture.findings}
    over, brown = found["over-current"], found["brown-out"]
    figures = r"port 1, 3 V rail: 7[45]\.\d mA for 20[01] ms, at most 7[5-9]\.\d mA; 50\.0 mA are allowed"
    assert re.fullmatch(figures, over.text)
    assert abs(over.span.start - 2 * capture.timebase.rate_hz) < capture.timebase.rate_hz // 100
    assert re.fullmatch(r"port 1, 3 V rail: the voltage falls to 2\.(09|10) V for [45]\.\d\d ms", brown.text)
    assert brown.record is not None
    assert brown.code.layer == "transfers"


IN_A_LOW_PORT = ('power = "high"\n', "")


def test_a_high_device_in_a_low_port_that_makes_do_is_not_told() -> None:
    """The valve asks for 12 V whenever it moves; where there are none the host grants nothing, and it turns gently."""
    assert supply_codes(decode(simulate("gas-meter", 20, change=IN_A_LOW_PORT))) == []


def test_a_high_device_in_a_low_port_that_takes_what_it_wants_is_told_once() -> None:
    capture = decode(simulate("gas-meter", 25, "over-current@14:port=2", change=IN_A_LOW_PORT))
    assert supply_codes(capture) == ["high-on-low-port", "over-current"]
    (found,) = [finding for finding in capture.findings if finding.code.name == "high-on-low-port"]
    assert found.text == "port 2: a device of the class high draws more than 50 mA, but the port has only 3 V"
    assert found.record is not None
    packet = capture.packet(found.record)
    assert (packet.port, packet.reading.header["operation"], packet.start) == (2, "request", found.span.start)
