from __future__ import annotations

from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.traces import Trace
from app.analysis.timeline.viewport import Viewport

sizes = st.lists(st.integers(0, 700), min_size=1, max_size=5)
ranges = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1, max_size=20)


def trace_of(*samples: float, step: int = 1) -> Trace:
    trace = Trace("current", step=step)
    trace.append(np.array(samples, np.float32))
    trace.publish()
    return trace


@given(sizes=sizes, ranges=ranges)
def test_the_envelope_of_a_trace_holds_each_of_its_samples_and_nothing_else(
    sizes: list[int], ranges: list[tuple[int, int]]
) -> None:
    samples = np.random.default_rng(1).normal(size=sum(sizes)).astype(np.float32)
    samples[::7] = np.nan
    trace = Trace("current")
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        trace.append(samples[end - size : end])
        trace.publish()
    assert len(trace) == len(samples)
    low, high = np.array([min(pair) for pair in ranges]), np.array([max(pair) for pair in ranges])
    lowest, highest = trace.envelope(low, high)
    for place, (one, other) in enumerate(zip(low, high, strict=True)):
        good = samples[one:other][~np.isnan(samples[one:other])]
        if len(good):
            assert (lowest[place], highest[place]) == (good.min(), good.max())
        else:
            assert np.isnan(lowest[place])
            assert np.isnan(highest[place])
    trace.close()


def test_what_was_not_published_does_not_show(tmp_path: Path) -> None:
    trace = Trace("voltage", tmp_path)
    trace.append(np.ones(10, np.float32))
    assert len(trace) == 0
    trace.publish()
    assert trace.between(-5, 100).tolist() == [1.0] * 10
    trace.close()
    assert not list(tmp_path.iterdir())


def test_near_by_a_trace_is_a_line_through_its_samples() -> None:
    trace = trace_of(0, 1, 0, 0, 4)
    columns = trace.columns(Viewport.whole(4, 8), 8)
    assert columns.is_line
    assert columns.low.tolist() == [0, 0.5, 0.5, 0, 0, 0, 0, 2]
    assert columns.high.tolist() == [0.5, 1, 1, 0.5, 0, 0, 2, 4]
    trace.close()


def test_a_peak_within_a_pixel_shows() -> None:
    trace = trace_of(0, 0, 9, 0, 0, 0)
    columns = trace.columns(Viewport.whole(6, 4), 4)
    assert columns.high.max() == 9
    trace.close()


def test_far_out_it_is_an_envelope_whose_pixels_touch() -> None:
    trace = trace_of(*range(100))
    columns = trace.columns(Viewport.whole(100, 10), 10)
    assert not columns.is_line
    assert columns.low.tolist() == [0, *range(9, 99, 10)]
    assert columns.high.tolist() == list(range(9, 109, 10))
    assert trace.extremes == (0.0, 99.0)
    trace.close()


@pytest.mark.parametrize("width", [5, 500])
def test_where_there_are_no_samples_there_is_no_value(width: int) -> None:
    trace = Trace("voltage")
    columns = trace.columns(Viewport.whole(100, width), width)
    assert np.isnan(columns.low).all()
    assert np.isnan(columns.high).all()
    trace.append(np.ones(50, np.float32))
    trace.publish()
    columns = trace.columns(Viewport.whole(100, width), width)
    assert not np.isnan(columns.low[: width * 49 // 100]).any()
    assert np.isnan(columns.low[width // 2 + 1 :]).all()
    trace.close()


@given(step=st.integers(1, 50), count=st.integers(1, 300), ranges=ranges)
def test_a_slow_trace_answers_as_if_each_sample_were_there_at_each_of_its_ticks(
    step: int, count: int, ranges: list[tuple[int, int]]
) -> None:
    samples = np.random.default_rng(count).normal(size=count).astype(np.float32)
    slow, held = Trace("current", step=step), Trace("current")
    for trace, values in ((slow, samples), (held, samples.repeat(step))):
        trace.append(values)
        trace.publish()
    assert slow.end_tick == held.end_tick == count * step
    low, high = np.array([min(pair) for pair in ranges]), np.array([max(pair) for pair in ranges])
    for of_slow, of_held in zip(slow.envelope(low, high), held.envelope(low, high), strict=True):
        np.testing.assert_array_equal(of_slow, of_held)
    for start, end in zip(low.tolist(), high.tolist(), strict=True):
        np.testing.assert_equal(slow.value_at(start), held.value_at(start))
        whole = slow.statistics(start // step * step, end // step * step), held.statistics(start // step * step, end // step * step)
        if whole[0] is None or whole[1] is None:
            assert whole == (None, None)
        else:
            assert (whole[0].low, whole[0].high, whole[0].count * step) == (whole[1].low, whole[1].high, whole[1].count)
            assert whole[0].mean == pytest.approx(whole[1].mean, abs=1e-6)
    if count >= 14:
        view = Viewport.whole(count * step, 7)
        np.testing.assert_array_equal(slow.columns(view, 7).high, held.columns(view, 7).high)
    slow.close()
    held.close()


def test_a_sample_of_a_slow_trace_is_drawn_in_the_middle_of_its_ticks_and_level_at_the_ends() -> None:
    trace = trace_of(0, 4, 2, step=4)
    columns = trace.columns(Viewport.whole(12, 12), 12)
    assert columns.is_line
    assert columns.low.tolist() == [0, 0, 0.5, 1.5, 2.5, 3.5, 3.25, 2.75, 2.25, 2, 2, 2]
    assert columns.high.tolist() == [0, 0.5, 1.5, 2.5, 3.5, 4, 3.75, 3.25, 2.75, 2.25, 2, 2]
    trace.close()


def test_a_trace_can_be_looked_at_while_another_thread_adds_to_it() -> None:
    trace = Trace("current")
    samples = np.tile(np.array([1.0, 3.0], np.float32), 40_000)

    def fill() -> None:
        for at in range(0, len(samples), 500):
            trace.append(samples[at : at + 500])
            trace.publish()

    filling = Thread(target=fill)
    filling.start()
    seen = 0
    while filling.is_alive() or not seen:
        found = trace.statistics(0, len(samples))
        if found is not None:
            assert (found.low, found.mean, found.high) == (1.0, 2.0, 3.0)
            seen += 1
    filling.join()
    assert len(trace) == len(samples)
    trace.close()
