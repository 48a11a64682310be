"""Charge and energy of spans on a port, and the load that is taken off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from app.analysis.power.meter import Load, Measured, Meter
from app.analysis.power.text import between_markers, measured_text
from app.analysis.timeline.value_axis import THIN
from decoders.bus.wiring import PowerRail, Wiring
from decoders.core.span import Span, Timebase
from tests.app.analysis.power.traces import Drawn

RATE_HZ = 1000
PLACE = (0, 1)
LOW, HIGH = PowerRail(0, 1), PowerRail(2, 3, rail="high")
NAN = float("nan")


def near(value: float) -> Any:
    """Where types ask for a number."""
    return pytest.approx(value, rel=1e-6)


def meter_of(*traces: Drawn, rails: tuple[PowerRail, ...] = (LOW,), transfers: tuple[tuple[int, int], ...] = ()) -> Meter:
    meter = Meter(Wiring(power=rails), Timebase(RATE_HZ), traces)
    if transfers:
        meter.transfers[PLACE].extend(*np.array(transfers, np.int64).T)
    while meter.advance():
        pass
    return meter


def steps(*parts: tuple[int, float]) -> Drawn:
    """A trace of levels, each for so many ticks."""
    return Drawn([value for length, value in parts for _ in range(length)])


def test_a_span_by_hand() -> None:
    """20 ms at 5 mA and 2.9 V, above 10 µA at 3 V."""
    current, voltage = steps((500, 1e-5), (20, 5e-3), (80, 1e-5)), steps((500, 3.0), (20, 2.9), (80, 3.0))
    meter = meter_of(current, voltage, transfers=((500, 520),))
    gross = meter.measure(PLACE, Span(500, 520))
    assert gross == Measured(near(20e-3 * 5e-3), near(20e-3 * 5e-3 * 2.9), 0.02)
    net = meter.measure_above_base(PLACE, Span(500, 520))
    assert net is not None
    assert net.base == Load(near(1e-5), near(3e-5))
    assert net.charge_c == near(20e-3 * (5e-3 - 1e-5))
    assert net.energy_j == near(20e-3 * (5e-3 * 2.9 - 3e-5))
    assert (net.charge_nc, net.energy_nj) == (99_800, 289_400)
    assert net.mean_a == near(5e-3 - 1e-5)


def test_all_rails_of_a_port_count_together() -> None:
    traces = steps((100, 1e-3)), steps((100, 3.0)), steps((100, 0.1)), steps((100, 12.0))
    found = meter_of(*traces, rails=(LOW, HIGH)).measure(PLACE, Span(0, 100))
    assert found == Measured(near(0.1 * 0.101), near(0.1 * 1.203), 0.1)


def test_the_base_is_the_median_of_what_lies_outside_transfers_in_the_second_before() -> None:
    current = steps((1000, 9.0), (400, 1.0), (500, 7.0), (100, 2.0), (500, 5.0))
    meter = meter_of(current, rails=(PowerRail(0),), transfers=((1400, 1900), (2000, 2100)))
    assert meter.base(PLACE, 2000) == Load(1.0, 3.0)
    assert meter.base(PLACE, 1400) == Load(9.0, 27.0)
    assert meter.base(PLACE, 1950) == Load(1.0, 3.0)


def test_without_an_idle_sample_there_is_no_base_and_nothing_is_taken_off() -> None:
    meter = meter_of(steps((100, 2.0)), rails=(PowerRail(0),), transfers=((0, 100),))
    assert meter.base(PLACE, 50) is meter.base(PLACE, 0) is None
    found = meter.measure_above_base(PLACE, Span(50, 100))
    assert found == Measured(near(0.1), near(0.3), 0.05, None, is_nominal=True)
    assert found is not None
    assert measured_text(found).replace(THIN, " ") == (
        "100.0 mC, 300.0 mJ (no idle time before it, so that no base load is taken off; at the nominal voltage)"
    )


def test_the_base_does_not_reach_over_a_gap() -> None:
    meter = meter_of(steps((500, 1.0), (500, 3.0)), rails=(PowerRail(0),))
    meter.gaps.extend(np.array([100, 480]), np.array([200, 520]))
    assert meter.base(PLACE, 1000) == Load(3.0, 9.0)
    assert meter.base(PLACE, 520) is None


def test_of_many_samples_as_many_are_taken_as_make_a_median() -> None:
    """At a million samples a second the base is that of every 977th."""
    samples = np.full(1_000_000, 2e-6, np.float32)
    samples[::97] = 1.0
    meter = Meter(Wiring(power=(PowerRail(0),)), Timebase(1_000_000), [Drawn(samples.tolist())])
    base = meter.base(PLACE, 1_000_000)
    assert base == Load(near(2e-6), near(6e-6))


@pytest.mark.parametrize(
    "span",
    [Span(95, 105), Span(0, 1000), Span(390, 410), Span(195, 205), Span(250, 250)],
    ids=["sample", "all", "end", "gap", "in gap"],
)
def test_nobody_knows_across_a_gap_or_where_a_sample_is_missing(span: Span) -> None:
    meter = meter_of(steps((100, 1.0), (1, NAN), (299, 1.0)), rails=(PowerRail(0),))
    meter.gaps.extend(np.array([200]), np.array([300]))
    assert meter.measure(PLACE, span) is meter.measure_above_base(PLACE, span) is None


def test_nobody_knows_of_a_port_that_is_not_wired() -> None:
    meter = meter_of(steps((100, 3.0)), rails=(PowerRail(None, 0),))
    assert not meter.is_wired
    assert meter.measure(PLACE, Span(0, 9)) is meter.total(PLACE) is None
    assert between_markers(meter) is None


def test_a_port_in_all_leaves_out_what_is_missing() -> None:
    meter = meter_of(steps((500, 1e-3), (250, NAN), (250, 3e-3)), rails=(PowerRail(0),))
    total = meter.total(PLACE)
    assert total == Measured(near(1.25e-3), near(3.75e-3), 0.75, is_nominal=True)
    assert total is not None
    assert total.mean_a == near(1.25e-3 / 0.75)
    assert meter_of(steps(), rails=(PowerRail(0),)).total(PLACE) is None


def test_between_the_markers_all_ports_count_or_one() -> None:
    traces = steps((1000, 1e-3)), steps((1000, 2e-3))
    meter = meter_of(*traces, rails=(PowerRail(0), PowerRail(1, port=2)))
    both, one = between_markers(meter), between_markers(meter, (0, 2))
    assert both is not None
    assert one is not None
    assert [(reading.label, reading.text.replace(THIN, " ")) for reading in both(100, 600)] == [
        ("charge, 2 ports", "1.500 mC"),
        ("energy", "4.500 mJ"),
    ]
    assert [(reading.label, reading.text.replace(THIN, " ")) for reading in one(100, 600)] == [
        ("charge", "1.000 mC"),
        ("energy", "3.000 mJ"),
    ]
    assert both(900, 1100) == []


def test_a_span_without_length_has_no_mean() -> None:
    found = meter_of(steps((10, 1.0)), rails=(PowerRail(0),)).measure(PLACE, Span(5, 5))
    assert found is not None
    assert found.charge_c == found.energy_j == 0
    assert math.isnan(found.mean_a)
