"""Supply rails: what is measured, and what they have given in all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.rails import HIGH, LOW, Rail, RailType

FLAT = RailType("low", 3.0, 0.05, 0.0, 0, 0, 0.5)
"""Comes up at once and draws nothing for it."""
STEP_NS = 100_000
END_NS = 100 * STEP_NS
TIMES = st.integers(0, END_NS - 1)
Burst = tuple[int, int, float]
BURSTS = st.lists(st.tuples(TIMES, TIMES, st.floats(1e-6, 0.04)), max_size=12)


def rail(kind: RailType = FLAT) -> Rail:
    return Rail(kind, np.random.default_rng(7))


def with_bursts(bursts: list[Burst], kind: RailType = FLAT) -> Rail:
    """A rail that is on from the start, and that draws so much more between two times."""
    supply = rail(kind)
    supply.switch(0, on=True)
    for one, other, amps in bursts:
        supply.burst(min(one, other), max(one, other), amps)
    return supply


def edges(until_ns: int = END_NS, from_ns: int = 0) -> NDArray[np.int64]:
    return np.arange(from_ns, until_ns + 1, STEP_NS, dtype=np.int64)


def by_hand(bursts: list[Burst]) -> tuple[float, float]:
    """Charge and energy of the bursts on a flat rail, span by span."""
    spans = [(min(one, other), max(one, other), amps) for one, other, amps in bursts]
    borders = sorted({0, END_NS, *(time_ns for begin, end, _ in spans for time_ns in (begin, end))})
    charge = energy = 0.0
    for begin, end in itertools.pairwise(borders):
        amps = sum(amps for first, last, amps in spans if first <= begin and end <= last)
        seconds = (end - begin) / NS_PER_S
        charge += amps * seconds
        energy += amps * (3.0 - 0.5 * amps) * seconds
    return charge, energy


@given(BURSTS)
def test_charge_and_energy_are_those_of_a_sum_by_hand(bursts: list[Burst]) -> None:
    supply = with_bursts(bursts)
    supply.measure(edges())
    charge, energy = by_hand(bursts)
    assert supply.charge_c == pytest.approx(charge, rel=1e-12, abs=1e-18)
    assert supply.energy_j == pytest.approx(energy, rel=1e-12, abs=1e-18)


@given(BURSTS, st.lists(st.integers(1, 99), max_size=6))
def test_samples_and_sums_do_not_depend_on_when_they_are_taken(bursts: list[Burst], cuts: list[int]) -> None:
    whole, pieces = with_bursts(bursts, LOW), with_bursts(bursts, LOW)
    borders = [0, *sorted({cut * STEP_NS for cut in cuts}), END_NS]
    parts = [pieces.measure(edges(end, begin)) for begin, end in itertools.pairwise(borders)]
    volts, amps = whole.measure(edges())
    assert np.array_equal(np.concatenate([part[0] for part in parts]), volts)
    assert np.array_equal(np.concatenate([part[1] for part in parts]), amps)
    assert pieces.charge_c == pytest.approx(whole.charge_c, rel=1e-12)
    assert pieces.energy_j == pytest.approx(whole.energy_j, rel=1e-12)


def test_a_sample_is_the_mean_over_its_time() -> None:
    supply = with_bursts([(STEP_NS // 4, STEP_NS, 0.020), (5 * STEP_NS, 7 * STEP_NS, 0.040)])
    volts, amps = supply.measure(edges())
    assert amps[:8] == pytest.approx([0.015, 0, 0, 0, 0, 0.040, 0.040, 0], abs=2e-4)
    assert volts[:8] == pytest.approx([2.9925, 3, 3, 3, 3, 2.98, 2.98, 3], abs=2e-2)


def test_the_voltage_gives_way_under_load_and_never_below_zero() -> None:
    assert with_bursts([(0, END_NS, 0.5)]).measure(edges())[0] == pytest.approx(2.75, abs=2e-2)
    assert with_bursts([(0, END_NS, 50.0)]).measure(edges())[0].max() < 5e-3


@pytest.mark.parametrize("kind", [LOW, HIGH], ids=lambda kind: kind.name)
def test_a_rail_comes_up_and_goes_down_in_its_time(kind: RailType) -> None:
    supply = rail(kind)
    on, off = 10 * NS_PER_MS, 50 * NS_PER_MS
    supply.switch(on, on=True)
    supply.inrush(on)
    supply.switch(off, on=False)
    volts, amps = supply.measure(edges(100 * NS_PER_MS))
    at = np.arange(len(volts)) * STEP_NS
    assert np.abs(volts[at < on]).max() < 5e-3
    assert volts[(at >= on + kind.rise_ns) & (at < off)] == pytest.approx(kind.volts, rel=1e-2)
    assert np.abs(volts[at >= off + kind.fall_ns]).max() < 5e-3
    rising, falling = (volts[(at >= begin) & (at < begin + lasts)] for begin, lasts in ((on, kind.rise_ns), (off, kind.fall_ns)))
    assert np.all(np.diff(rising) > -0.05)
    assert np.all(np.diff(falling) < 0.05)
    assert amps[int(on // STEP_NS)] == pytest.approx(kind.inrush_a, rel=0.3)
    assert np.abs(amps[at >= on + kind.rise_ns]).max() < 1e-4


def test_a_load_is_told_by_its_name_and_replaced() -> None:
    supply = rail()
    supply.switch(0, on=True)
    for time_ns, load, amps in ((0, "a", 0.010), (STEP_NS, "b", 0.002), (2 * STEP_NS, "a", 0.0), (3 * STEP_NS, "a", 0.0)):
        supply.draw(time_ns, load, amps)
    assert supply.drawn_a == pytest.approx(0.002)
    assert supply.measure(edges())[1][:5] == pytest.approx([0.010, 0.012, 0.002, 0.002, 0.002], abs=1e-4)


def test_the_voltage_sags_for_a_while() -> None:
    supply = with_bursts([])
    supply.sag(3 * STEP_NS, 1.8, 2 * STEP_NS)
    assert supply.measure(edges())[0][:7] == pytest.approx([3, 3, 3, 1.8, 1.8, 3, 3], abs=2e-2)


def test_what_was_told_too_late_counts_from_where_measuring_has_come() -> None:
    supply = with_bursts([])
    supply.measure(edges(10 * STEP_NS))
    supply.burst(0, 12 * STEP_NS, 0.030)
    amps = supply.measure(edges(20 * STEP_NS, 10 * STEP_NS))[1]
    assert amps[:4] == pytest.approx([0.030, 0.030, 0, 0], abs=2e-4)


def test_the_instrument_has_a_noise_floor_and_steps() -> None:
    supply = with_bursts([])
    supply.draw(0, "sleep", 3e-6)
    volts, amps = supply.measure(np.arange(0, 20_000 * STEP_NS, STEP_NS, dtype=np.int64))
    assert float(amps.mean()) == pytest.approx(3e-6, rel=0.01)
    assert float(amps.std()) == pytest.approx(1.5e-7, rel=0.1)
    assert np.abs(amps / 5e-8 - np.round(amps / 5e-8)).max() < 1e-3
    assert len(np.unique(volts)) > 10
