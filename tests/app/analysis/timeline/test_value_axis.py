from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.value_axis import THIN, kind_of, value_axis, value_text

values = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-9)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("current", "current"), ("I_meter", "current"), ("Power", "power"), ("A0", "voltage"), ("voltage", "voltage")],
)
def test_a_quantity_is_told_by_the_name_of_its_trace(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@given(one=values, other=values, most=st.integers(3, 12))
def test_an_axis_holds_its_values_between_few_round_ticks(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    axis = value_axis(low, high, "V", most)
    assert axis.low <= low <= high <= axis.high
    assert 2 <= len(axis.ticks) <= most
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high)
    assert len(set(axis.texts)) == len(axis.texts) == len(axis.ticks)


def test_ticks_are_multiples_of_one_two_or_five_with_the_unit_of_the_range() -> None:
    axis = value_axis(0.0021, 0.0478, "A", 4)
    assert axis.ticks == (0.0, 0.02, 0.04, 0.06)
    assert axis.texts == tuple(f"{number}{THIN}mA" for number in (0, 20, 40, 60))
    assert value_axis(3.28, 3.33, "V", 4).texts == tuple(f"{text}{THIN}V" for text in ("3.28", "3.30", "3.32", "3.34"))
    assert value_axis(-1.5e-6, 4e-6, "A", 5).texts[0] == f"−2{THIN}µA"


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0])
def test_a_trace_that_never_changes_lies_within_its_axis(value: float) -> None:
    axis = value_axis(value, value, "V", 4)
    assert axis.low < value < axis.high


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.01241, f"12.41{THIN}mA"),
        (1.5e-6, f"1.500{THIN}µA"),
        (-0.0468, f"−46.80{THIN}mA"),
        (0.0, f"0.000{THIN}A"),
        (0.9999999, f"1.000{THIN}A"),
        (230.0, f"230.0{THIN}A"),
        (float("nan"), "–"),
    ],
)
def test_a_value_has_four_digits_and_the_unit_that_suits_it(value: float, text: str) -> None:
    assert value_text(value, "A") == text
