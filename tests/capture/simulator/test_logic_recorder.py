"""What a logic analyser on the simulated lines records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.kernel import NS_PER_S
from capture.simulator.logic_recorder import LogicRecorder, tick_of, ticks_of
from decoders.core.chunk import Runs

CHANNELS = ("A", "B", "C", "D")
END_NS = 1_000
RATE_HZ = 100_000_000
"""A sample every 10 ns."""
Change = tuple[int, str, bool]
CHANGES = st.lists(st.tuples(st.integers(0, END_NS - 1), st.sampled_from(CHANNELS[2:]), st.booleans()), max_size=30)
WORDS = st.lists(st.tuples(st.integers(0, END_NS - 1), st.integers(0, 3)), max_size=20)


def recorder() -> LogicRecorder:
    return LogicRecorder(RATE_HZ, CHANNELS, frozenset({"D"}))


def level_by_level(changes: list[Change], words: list[tuple[int, int]]) -> list[int]:
    """The samples, one by one: what is on the lines at the end of each."""
    levels = dict.fromkeys(CHANNELS, False) | {"D": True}
    told = [(time_ns, {name: high}) for time_ns, name, high in changes]
    told += [(time_ns, {"A": bool(word & 1), "B": bool(word & 2)}) for time_ns, word in words]
    samples = []
    for tick in range(END_NS // 10):
        for time_ns, change in sorted(told, key=lambda one: one[0]):
            if time_ns // 10 == tick:
                levels |= change
        samples.append(sum(levels[name] << bit for bit, name in enumerate(CHANNELS)))
    return samples


def samples_of(runs: list[Runs]) -> list[int]:
    """The same of runs, which follow each other and change at each tick."""
    samples: list[int] = []
    at = 0
    for one in runs:
        assert one.start == at
        at = one.end
        assert (len(one.ticks) > 0) == (one.end > one.start)
        if one.end > one.start:
            assert one.ticks[0] == one.start
            assert np.all(np.diff(one.ticks) > 0)
            assert np.all(np.diff(one.words.astype(np.int64)) != 0)
            samples += np.repeat(one.words, np.diff(one.ticks, append=one.end)).tolist()
    return samples


def feed(logic: LogicRecorder, changes: list[Change], words: list[tuple[int, int]]) -> None:
    for time_ns, name, high in sorted(changes, key=lambda change: change[0]):
        logic.set(time_ns, name, high=high)
    ordered = sorted(words, key=lambda word: word[0])
    if ordered:
        times, levels = (np.array(column) for column in zip(*ordered, strict=True))
        logic.add(times.astype(np.int64), levels.astype(np.uint64), logic.bit("A") | logic.bit("B"))


@given(CHANGES, WORDS, st.lists(st.integers(0, END_NS), max_size=8))
def test_any_drains_give_what_was_on_the_lines(changes: list[Change], words: list[tuple[int, int]], drains: list[int]) -> None:
    logic = recorder()
    feed(logic, changes, words)
    runs = [logic.drain(until) for until in [*sorted(drains), END_NS]]
    assert samples_of(runs) == level_by_level(changes, words)


@given(CHANGES, st.integers(0, END_NS))
def test_drivers_may_tell_of_what_is_after_a_drain_before_it(changes: list[Change], drain: int) -> None:
    early, late = recorder(), recorder()
    feed(early, changes, [])
    first = early.drain(drain)
    feed(late, [change for change in changes if change[0] < drain], [])
    assert samples_of([first]) == samples_of([late.drain(drain)])
    feed(late, [change for change in changes if change[0] >= drain], [])
    assert samples_of([first, early.drain(END_NS)]) == samples_of([first, late.drain(END_NS)])


def test_a_line_that_is_not_recorded_may_be_driven_all_the_same() -> None:
    logic = recorder()
    logic.set(5, "E", high=True)
    assert logic.bit("E") == 0
    assert samples_of([logic.drain(50)]) == [8] * 5


def test_of_changes_within_a_sample_the_outcome_is_seen() -> None:
    logic = recorder()
    for time_ns, high in ((20, True), (25, False), (31, True), (36, False), (39, True)):
        logic.set(time_ns, "A", high=high)
    assert samples_of([logic.drain(50)]) == [8, 8, 8, 9, 9]


@pytest.mark.parametrize(("count", "dtype"), [(1, "u1"), (8, "u1"), (9, "u2"), (17, "u4"), (33, "u8"), (64, "u8")])
def test_words_are_as_wide_as_the_channels_need(count: int, dtype: str) -> None:
    logic = LogicRecorder(RATE_HZ, tuple(f"D{no}" for no in range(count)), frozenset())
    logic.set(0, f"D{count - 1}", high=True)
    runs = logic.drain(10)
    assert (runs.words.dtype, runs.words.tolist()) == (np.dtype(dtype), [1 << (count - 1)])


def test_more_channels_than_a_word_has_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 64 channels, not 65"):
        LogicRecorder(RATE_HZ, tuple(f"D{no}" for no in range(65)), frozenset())


@given(st.lists(st.integers(0, 400 * 86_400 * NS_PER_S), min_size=1, max_size=9), st.integers(1, 9_000_000_000))
def test_the_tick_of_a_time_is_exact_for_days(times_ns: list[int], rate_hz: int) -> None:
    exact = [time_ns * rate_hz // NS_PER_S for time_ns in times_ns]
    assert ticks_of(np.array(times_ns, np.int64), rate_hz).tolist() == exact == [tick_of(time_ns, rate_hz) for time_ns in times_ns]
