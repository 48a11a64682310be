"""Integrals of one rail: by hand, in parts, and at any rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.power.rail_sums import BLOCK, MOST_DIRECT, RailSums, Sums
from decoders.bus.wiring import PowerRail
from tests.app.analysis.power.traces import Drawn

NAN = float("nan")


def sums_of(current: Drawn, voltage: Drawn | None = None, rail: PowerRail | None = None) -> RailSums:
    sums = RailSums(rail or PowerRail(0, 1), current, voltage)
    while sums.advance(1):
        pass
    return sums


def test_a_sample_counts_for_its_ticks_and_in_part_for_a_part_of_them() -> None:
    sums = sums_of(Drawn([1, 2, 4], step=10), Drawn([3, 3, 2], step=10))
    assert sums.sums(0, 30) == Sums(70, 3 * 10 + 6 * 10 + 8 * 10, 0)
    assert sums.sums(5, 12) == Sums(5 * 1 + 2 * 2, 5 * 3 + 2 * 6, 0)
    assert sums.sums(11, 13) == Sums(4, 12, 0)
    assert sums.sums(7, 7) == Sums(0, 0, 0)


def test_the_nominal_voltage_stands_in_where_there_is_none() -> None:
    assert sums_of(Drawn([2])).sums(0, 1) == Sums(2, 6, 0)
    assert sums_of(Drawn([2]), None, PowerRail(0, rail="high")).sums(0, 1) == Sums(2, 24, 0)
    assert sums_of(Drawn([2])).is_nominal
    assert not sums_of(Drawn([2]), Drawn([3])).is_nominal


def test_a_current_in_other_units_is_scaled() -> None:
    assert sums_of(Drawn([2, 4]), None, PowerRail(0, scale=0.5, offset=1)).sums(0, 2) == Sums(5, 15, 0)


@pytest.mark.parametrize(
    ("steps", "current", "voltage", "energy"),
    [
        ((2, 1), [1, 3], [2, 4, 1, 1], 1 * 3 * 2 + 3 * 1 * 2),
        ((1, 2), [1, 2, 3, 4], [2, 3], 1 * 2 + 2 * 2 + 3 * 3 + 4 * 3),
        ((3, 2), [1, 2], [6, 3, 0], 1 * (2 * 6 + 3) + 2 * 3),
    ],
)
def test_a_voltage_at_another_rate_counts_as_its_mean_over_each_sample(
    steps: tuple[int, int], current: list[float], voltage: list[float], energy: float
) -> None:
    found = sums_of(Drawn(current, steps[0]), Drawn(voltage, steps[1])).sums(0, len(current) * steps[0])
    assert found is not None
    assert found.energy == pytest.approx(energy)


def test_what_is_missing_is_counted() -> None:
    sums = sums_of(Drawn([1, NAN, 1, 1], step=5), Drawn([3, 3, NAN, 3], step=5))
    assert sums.sums(0, 20) == Sums(10, 30, 10)
    assert sums.sums(4, 12) == Sums(1, 3, 7)
    assert sums.sums(15, 24) == Sums(5, 15, 4)
    assert sums.sums(40, 50) == Sums(0, 0, 10)
    assert sums_of(Drawn([1, math.inf])).sums(0, 2) == Sums(1, 3, 1)


def test_what_is_not_read_yet_is_missing_and_a_long_rest_is_not_answered() -> None:
    current = Drawn(np.ones(MOST_DIRECT + 5 * BLOCK).tolist(), read=10)
    sums = RailSums(PowerRail(0), current, None)
    assert sums.sums(0, 15) == Sums(10, 30, 5)
    current.read = None
    assert sums.sums(0, current.end_tick) is None
    while not sums.has_caught_up:
        sums.advance(16)
    assert sums.sums(3, current.end_tick) == Sums(current.end_tick - 3, 3 * (current.end_tick - 3), 0)


@settings(max_examples=30)
@given(st.integers(1, 7), st.lists(st.integers(0, 3 * BLOCK * 7), min_size=3, max_size=3).map(sorted), st.booleans())
def test_two_parts_of_a_stretch_add_up_to_it(step: int, cuts: list[int], summed: bool) -> None:
    numbers = np.random.default_rng(7).random((2, 3 * BLOCK + 17))
    current, voltage = Drawn(numbers[0].tolist(), step), Drawn((3 + numbers[1]).tolist(), step)
    sums = sums_of(current, voltage) if summed else RailSums(PowerRail(0, 1), current, voltage)
    low, mid, high = cuts
    whole, first, second = sums.sums(low, high), sums.sums(low, mid), sums.sums(mid, high)
    assert whole is not None
    assert first is not None
    assert second is not None
    assert whole.charge == pytest.approx(first.charge + second.charge, rel=1e-9, abs=1e-9)
    assert whole.energy == pytest.approx(first.energy + second.energy, rel=1e-9, abs=1e-9)
    assert whole.missing == first.missing + second.missing
    ticks = np.arange(low, high) // step
    ticks = ticks[ticks < len(current.samples)]
    assert whole.charge == pytest.approx(current.samples.astype(np.float64)[ticks].sum(), rel=1e-9, abs=1e-9)
