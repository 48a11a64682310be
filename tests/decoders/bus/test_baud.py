from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.bus.baud import STANDARD_BAUD, estimate_baud
from decoders.bus.wiring import UartLine
from tests.decoders.bus.serial_drawing import bits_of, levels_of

TEXT = b"/XYZ5\\2meter\r\n"


def pulses_of(text: bytes, baud: Fraction, rate_hz: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    line = UartLine(rx=0, data_bits=7, parity="even")
    levels = levels_of([1, *(bit for value in text for bit in bits_of(line, value))], rate_hz / baud)
    return np.diff(np.flatnonzero(np.diff(levels))).astype(np.int64)


@pytest.mark.parametrize("baud", [baud for baud in STANDARD_BAUD if baud <= 115_200])
@pytest.mark.parametrize("rate_hz", [1_000_000, 24_000_000])
@pytest.mark.parametrize("off_percent", [-2, 0, 2])
def test_a_speed_near_a_standard_one_is_that_one(baud: int, rate_hz: int, off_percent: int) -> None:
    assert estimate_baud(pulses_of(TEXT, Fraction(baud * (100 + off_percent), 100), rate_hz), rate_hz) == baud


def test_another_speed_stays_what_it_is() -> None:
    found = estimate_baud(pulses_of(TEXT, Fraction(10_400), 24_000_000), 24_000_000)
    assert found == pytest.approx(10_400, rel=0.001)


def test_low_pulses_may_be_longer_than_high_ones_as_optical_heads_make_them() -> None:
    pulses = pulses_of(TEXT, Fraction(9600), 1_000_000)
    pulses[::2] += 12
    pulses[1::2] -= 12
    assert estimate_baud(pulses, 1_000_000) == 9600


def test_a_few_glitches_do_not_count() -> None:
    pulses = np.append(pulses_of(TEXT * 3, Fraction(9600), 1_000_000), [2, 3])
    assert estimate_baud(pulses, 1_000_000) == 9600


@pytest.mark.parametrize("pulses", [[], [1], [1, 1, 2, 1]])
def test_pulses_that_tell_no_speed_give_none(pulses: list[int]) -> None:
    assert estimate_baud(np.array(pulses, np.int64), 1_000_000) is None


@given(st.lists(st.integers(1, 10**9), max_size=50), st.sampled_from([1, 1000, 10**6, 10**9]))
def test_any_pulses_give_a_speed_that_the_samples_can_show_or_none(pulses: list[int], rate_hz: int) -> None:
    found = estimate_baud(np.array(pulses, np.int64), rate_hz)
    assert found is None or 0 < 2 * found <= rate_hz
