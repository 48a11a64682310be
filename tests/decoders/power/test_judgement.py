"""From what was seen to what is said."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.core.span import Span
from decoders.power.current import CurrentSeen, Stretch
from decoders.power.episodes import Episode
from decoders.power.judgement import (
    HighRequest,
    RailTrace,
    Sightings,
    battery,
    current_text,
    dips,
    duration_text,
    high_on_low,
    leaks,
    over_currents,
    unpowered,
)
from decoders.power.voltage import Dip

TRACE = RailTrace(3, "low", 100, 1_000_000)
"""Samples of 100 µs."""


def sightings(*rows: tuple[int, int, int]) -> Sightings:
    return Sightings(*np.array(rows, np.int64).reshape(-1, 3).T)


def test_a_sample_has_its_ticks_and_its_duration() -> None:
    assert TRACE.sample_ns == 100_000
    assert TRACE.span(2, 5) == Span(200, 500)
    assert TRACE.seconds(10_000) == 1
    assert TRACE.inside([(2, 6), (8, 10)]) == [(300, 500)]


def test_frames_that_lie_wholly_in_a_time_without_voltage_are_told() -> None:
    frames = sightings((4, 90, 110), (6, 120, 150), (7, 190, 205), (9, 400, 450))
    found = unpowered(TRACE, [(100, 200), (300, 500)], frames)
    assert [(one.code.name, one.record, one.span) for one in found] == [
        ("unpowered-port", 6, Span(120, 151)),
        ("unpowered-port", 9, Span(400, 451)),
    ]
    assert found[0].text == "a frame on port 3, whose 3 V rail is below 2 V"
    assert unpowered(TRACE, [], frames) == unpowered(TRACE, [(0, 900)], Sightings.none()) == []


def test_a_dip_during_a_transfer_is_a_brown_out_of_the_first_transfer_that_it_meets() -> None:
    transfers = sightings((1, 0, 50), (4, 230, 260), (5, 270, 280))
    found = dips(TRACE, [Dip(2, 3, 2.1), Dip(5, 9, 1.25)], transfers)
    assert [(one.code.name, one.record, one.span, one.text) for one in found] == [
        ("brown-out", 4, Span(200, 300), "port 3, 3 V rail: the voltage falls to 2.10 V for 100 µs"),
        ("voltage-dip", None, Span(500, 900), "port 3, 3 V rail: the voltage falls to 1.25 V for 400 µs"),
    ]


def test_episodes_are_told_with_mean_duration_and_peak() -> None:
    seen = CurrentSeen([Episode(10, 2010, 0.0781, 0.0752)], [Episode(0, 20_000, 4.1e-4, 4e-4)], None)
    (over,), (leak,) = over_currents(TRACE, seen), leaks(TRACE, seen)
    assert over.text == "port 3, 3 V rail: 75.2 mA for 200 ms, at most 78.1 mA; 50.0 mA are allowed"
    assert leak.text == "port 3, 3 V rail: 400 µA for 2.00 s, at most 410 µA, and the rail is off"
    assert (over.code.name, over.span, leak.code.name) == ("over-current", Span(1000, 201_000), "leakage")
    high = RailTrace(3, "high", 100, 1_000_000)
    assert over_currents(high, seen)[0].text.startswith("port 3, 12 V rail: 75.2 mA")
    assert over_currents(high, seen)[0].text.endswith("; 1.00 A are allowed")


@pytest.mark.parametrize(("samples", "mean", "is_told"), [(600_000, 15.1e-6, True), (600_000, 15e-6, False), (599_999, 1.0, False)])
def test_a_battery_is_judged_by_a_minute_or_more(samples: int, mean: float, is_told: bool) -> None:
    found = battery(TRACE, CurrentSeen([], [], Stretch(0, samples, mean)), 15, "the EM-G4")
    assert [one.code.name for one in found] == ["battery-current"] * is_told
    for one in found:
        assert one.text == "port 3, 3 V rail: 15.1 µA on average over 60.0 s; the EM-G4 claims 15 µA on a battery"


def test_nothing_is_said_of_a_battery_without_a_sample() -> None:
    assert battery(TRACE, CurrentSeen([], [], None), 15, "x") == []


def test_a_high_device_is_told_once_if_it_was_granted_or_takes_current() -> None:
    refused, granted = HighRequest(7, Span(100, 120), 3, 0), HighRequest(9, Span(300, 320), 3, 50)
    assert high_on_low([refused], []) == high_on_low([], [(0, 9)]) == []
    (told,) = high_on_low([refused, granted, granted], [])
    assert (told.record, told.text) == (9, "port 3: a device of the class high was granted 50 mA, but the port has only 3 V")
    (told,) = high_on_low([refused], [(110, 140)])
    assert (told.record, told.text) == (7, "port 3: a device of the class high draws more than 50 mA, but the port has only 3 V")
    assert high_on_low([refused], [(0, 90)]) == []


def test_figures_have_three_digits_and_the_unit_that_suits() -> None:
    texts = [current_text(value) for value in (0.0, 1.5e-9, 9.996e-6, 0.04996, 0.9996, 12)]
    assert texts == ["0.00 nA", "1.50 nA", "10.0 µA", "50.0 mA", "1.00 A", "12.0 A"]
    assert [duration_text(value) for value in (0.0005, 0.2, 3600)] == ["500 µs", "200 ms", "3600 s"]
