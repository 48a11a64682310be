from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.time_axis import THIN, axis_ticks, exact_text, frequency_text, seconds_text
from app.analysis.timeline.viewport import PARTS, Viewport
from decoders.core.span import Timebase

RATE = Timebase(4_000_000)


def spaced(text: str) -> str:
    return text.replace(" ", THIN)


def told_seconds(text: str) -> Fraction:
    """What a label says, in seconds."""
    if ":" not in text:
        return Fraction(text.replace(THIN, "").removesuffix("s"))
    days, _, clock = text.replace(THIN, "").rpartition("d")
    hours, minutes, seconds = map(int, clock.strip().split(":"))
    assert minutes < 60
    assert seconds < 60
    assert hours < 24
    return Fraction(int(days or 0) * 86_400 + hours * 3600 + minutes * 60 + seconds)


@pytest.mark.parametrize(
    ("ps", "decimals", "text"),
    [
        (12_034_500_000_000, 4, "12.034 5 s"),
        (12_034_512_003_250, 12, "12.034 512 003 250 s"),
        (86_400 * 10**12, 0, "86 400 s"),
        (0, 3, "0.000 s"),
        (-250, 12, "−0.000 000 000 250 s"),
    ],
)
def test_seconds_are_written_in_groups_of_three(ps: int, decimals: int, text: str) -> None:
    assert seconds_text(ps, decimals) == spaced(text)


@pytest.mark.parametrize(
    ("ticks", "rate_hz", "text"),
    [
        (1, 4_000_000, "250 ns"),
        (26_165, 4_000_000, "6.541 25 ms"),
        (1, 3_000_000, "333.333 ns"),
        (-8_000_000, 4_000_000, "−2 s"),
        (1, 10**9 * 8, "125 ps"),
        (0, 4_000_000, "0 ps"),
        (4_000_000 * 5000, 4_000_000, "5 000 s"),
    ],
)
def test_durations_are_exact(ticks: int, rate_hz: int, text: str) -> None:
    assert exact_text(ticks, Timebase(rate_hz)) == spaced(text)


@pytest.mark.parametrize(("ticks", "text"), [(26_165, "152.9 Hz"), (4, "1 MHz"), (-4000, "1 kHz"), (40_000_000, "100 mHz")])
def test_frequencies_have_four_digits(ticks: int, text: str) -> None:
    assert frequency_text(ticks, RATE) == spaced(text)


def test_labels_stand_at_round_times() -> None:
    ticks = axis_ticks(Viewport.whole(4_000_000, 1000), RATE, 100)
    assert [tick.text for tick in ticks if tick.text] == [spaced(f"{tenth / 10:.1f} s") for tenth in range(11)]
    assert [tick.x for tick in ticks if tick.text] == [100.0 * place for place in range(11)]
    assert len(ticks) == 51


@given(
    rate=st.integers(1, 10**9),
    total=st.integers(1, 10**13),
    factor=st.floats(1e-13, 1),
    x=st.floats(0, 1),
    width=st.integers(100, 3000),
)
def test_every_label_says_exactly_where_it_stands(rate: int, total: int, factor: float, x: float, width: int) -> None:
    view = Viewport.whole(total, width).zoomed(factor, x * width)
    ticks = axis_ticks(view, Timebase(rate), 90)
    labelled = [tick for tick in ticks if tick.text]
    assert all(-1e-6 <= tick.x <= width + 1e-6 for tick in ticks)
    assert all(other.x - one.x >= 90 - 1e-6 for one, other in pairwise(labelled))
    assert len(labelled) >= width // 500
    for tick in labelled:
        seconds = told_seconds(tick.text)
        place = (seconds * rate * PARTS - view.start) * width / view.span
        assert abs(float(place) - tick.x) < 1e-6
