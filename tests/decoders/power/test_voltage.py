"""The voltage of one rail: off, giving way, or well."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from decoders.power.codes import RailLimits
from decoders.power.voltage import Dip, VoltageSeen, VoltageWatch
from tests.decoders.power.near import near

LOW = RailLimits.of("low")
NAN = float("nan")


def seen(*parts: list[float], apart: int = 3, limits: RailLimits = LOW) -> VoltageSeen:
    watch = VoltageWatch(limits, apart)
    for part in parts:
        watch.feed(np.array(part, np.float32))
    return watch.finish()


def test_the_limits_are_those_of_the_article_s_rails() -> None:
    assert RailLimits.of("low") == RailLimits(3.0, near(2.7), near(2.0), near(1.0), 0.05)
    assert RailLimits.of("high") == RailLimits(12.0, near(10.8), near(8.0), near(4.0), 1.0)


def test_a_rail_that_gives_way_has_a_dip() -> None:
    assert seen([3, 3, 2.71, 2.6, 2.1, 2.6, 2.9, 3]) == VoltageSeen([], [Dip(3, 6, near(2.1))], was_on=True)


def test_a_rail_that_is_switched_off_and_on_has_none_and_is_off_where_nobody_can_send() -> None:
    assert seen([0, 0, 1.5, 2.5, 3, 3, 2.6, 1.9, 0.9, 0, 2.2, 3]) == VoltageSeen([(0, 3), (7, 10)], [], was_on=True)


def test_a_rail_that_never_comes_up_is_off() -> None:
    assert seen([0, 0, 0.1]) == VoltageSeen([(0, 3)], [], was_on=False)


def test_a_dip_may_be_below_what_a_device_needs_without_being_off() -> None:
    assert seen([3, 1.5, 1.5, 3]) == VoltageSeen([], [Dip(1, 3, 1.5)], was_on=True)


def test_two_dips_that_are_close_are_one() -> None:
    assert seen([3, 2.5, 3, 3, 2.25, 3]).dips == [Dip(1, 5, 2.25)]
    assert seen([3, 2.5, 3, 3, 3, 2.25, 3]).dips == [Dip(1, 2, 2.5), Dip(5, 6, 2.25)]


def test_nothing_is_concluded_across_a_gap() -> None:
    assert seen([3, NAN, 2.5, 3]).dips == []
    assert seen([0, 0, NAN, 0, 3]).off == [(0, 2), (3, 4)]
    assert seen([3, 2.5, NAN, 0, 0, 3]) == VoltageSeen([(3, 5)], [Dip(1, 2, 2.5)], was_on=True)


@given(st.lists(st.sampled_from([0.0, 0.9, 1.5, 2.5, 2.8, 3.0, NAN]), max_size=40), st.data())
def test_the_same_is_seen_however_the_samples_are_cut(samples: list[float], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=6)))
    parts = [samples[low:high] for low, high in zip([0, *cuts], [*cuts, len(samples)], strict=True)]
    assert seen(*parts) == seen(samples) == seen(*([one] for one in samples))
