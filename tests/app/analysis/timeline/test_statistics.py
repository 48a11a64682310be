from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.markers import Markers
from app.analysis.timeline.time_axis import THIN
from app.analysis.timeline.traces import Trace, measured

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


def test_the_head_of_a_trace_says_its_value_and_what_lies_between_the_markers() -> None:
    trace = Trace("current")
    trace.append(np.array([0.001, 0.002, 0.003, 0.006, np.nan], np.float32))
    trace.publish()
    assert measured(trace, 1, None, Markers()) == f"cursor 2.000{THIN}mA"
    assert measured(trace, 1, 3, Markers()) == f"pointer 6.000{THIN}mA"
    assert measured(trace, 4, None, Markers()) == ""
    assert measured(trace, -5, None, Markers(4, 0)) == f"A–B min 1.000{THIN}mA · mean 3.000{THIN}mA · max 6.000{THIN}mA"
    assert measured(trace, 0, None, Markers(10, 20)) == f"cursor 1.000{THIN}mA"
    trace.close()
