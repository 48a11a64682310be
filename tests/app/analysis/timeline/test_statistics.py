from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.markers import Markers
from app.analysis.timeline.time_axis import THIN
from app.analysis.timeline.trace_heads import measured
from app.analysis.timeline.traces import Trace
from app.analysis.timeline.viewport import Viewport

PIECES = (1, 5000, 4095, 4097, 9000, 300)
COUNT = sum(PIECES)


@pytest.fixture(scope="module")
def samples() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    made = np.random.default_rng(5).normal(size=COUNT).astype(np.float32)
    made[::11] = np.nan
    made[9000:14000] = np.nan
    return made


@pytest.fixture(scope="module")
def trace(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Iterator[Trace]:
    made = Trace("current")
    at = 0
    for size in PIECES:
        made.append(samples[at : at + size])
        made.publish()
        at += size
    yield made
    made.close()


@given(start=st.integers(-10, COUNT + 10), length=st.integers(0, COUNT))
def test_lowest_mean_and_highest_are_those_of_the_samples_that_are_there(
    trace: Trace, samples: np.ndarray[tuple[int], np.dtype[np.float32]], start: int, length: int
) -> None:
    part = samples[max(0, start) : max(0, start + length)]
    good = part[~np.isnan(part)].astype(np.float64)
    found = trace.statistics(start, start + length)
    if not len(good):
        assert found is None
        return
    assert found is not None
    assert (found.low, found.high, found.count) == (good.min(), good.max(), len(good))
    assert found.mean == pytest.approx(good.mean(), abs=1e-9)


def head(trace: Trace, cursor: int, pointed: int | None, markers: Markers) -> str:
    return "    ".join(measured(trace, Viewport.whole(5, 100), cursor, pointed, markers))


def test_the_head_of_a_trace_says_its_value_and_what_lies_between_the_markers() -> None:
    trace = Trace("current")
    trace.append(np.array([0.001, 0.002, 0.003, 0.006, np.nan], np.float32))
    trace.publish()
    assert head(trace, 1, None, Markers()) == f"cursor 2.000{THIN}mA"
    assert head(trace, 1, 3, Markers()) == f"pointer 6.000{THIN}mA"
    assert head(trace, 4, None, Markers()) == ""
    assert head(trace, -5, None, Markers(4, 0)) == f"A–B min 1.000{THIN}mA · mean 3.000{THIN}mA · max 6.000{THIN}mA"
    assert head(trace, 0, None, Markers(10, 20)) == f"cursor 1.000{THIN}mA"
    trace.close()


def test_the_head_of_a_ports_current_says_its_peak_and_what_the_port_took() -> None:
    trace = Trace("current")
    trace.append(np.array([0.001, 0.002, 0.003, 0.006, 0.001], np.float32))
    trace.publish()
    asked: list[tuple[int, int]] = []

    def took(start: int, end: int) -> str:
        asked.append((start, end))
        return "1 mC" if end > 2 else ""

    whole = Viewport.whole(8, 100)
    assert measured(trace, whole, 0, None, Markers(), took) == [
        f"peak 6.000{THIN}mA · mean 2.600{THIN}mA · 1 mC",
        f"cursor 1.000{THIN}mA",
    ]
    assert measured(trace, whole, 0, None, Markers(3, 1), took)[0] == (
        f"A–B min 2.000{THIN}mA · mean 2.500{THIN}mA · max 3.000{THIN}mA · 1 mC"
    )
    assert measured(trace, whole.between(0, 2), 0, None, Markers(), took)[0] == f"peak 2.000{THIN}mA · mean 1.500{THIN}mA"
    assert asked == [(0, 5), (1, 3), (0, 2)]
    trace.close()
