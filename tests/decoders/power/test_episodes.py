"""A running mean above a limit: where it is, how high it gets, and what is one episode."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from decoders.power.episodes import Episode, Episodes
from tests.decoders.power.near import near

values = st.lists(st.integers(0, 9).map(float), max_size=60)


def found(parts: list[list[float]], limit: float = 4, window: int = 3, apart: int = 4) -> list[Episode]:
    episodes = Episodes(limit, window, apart)
    for part in parts:
        episodes.feed(np.array(part, np.float64))
    return episodes.finish()


def by_hand(column: list[float], limit: float, window: int, apart: int) -> list[Episode]:
    """Every window by itself."""
    stretches: list[list[int]] = []
    for start in range(len(column) - window + 1):
        if sum(column[start : start + window]) <= limit * window:
            continue
        if stretches and start - stretches[-1][1] < apart:
            stretches[-1][1] = start + window
        else:
            stretches.append([start, start + window])
    return [Episode(a, b, max(column[a:b]), near(sum(column[a:b]) / (b - a))) for a, b in stretches]


def test_a_peak_that_the_mean_forgives_is_no_episode() -> None:
    assert found([[0, 0, 12, 0, 0]]) == []


def test_an_episode_is_all_samples_of_the_windows_that_are_too_high() -> None:
    assert found([[0, 0, 9, 9, 0, 0, 0]]) == [Episode(1, 5, 9, 4.5)]


def test_two_that_are_close_are_one_with_what_lies_between() -> None:
    assert found([[9, 9, 9, 0, 0, 0, 9, 9, 9]], apart=4) == [Episode(0, 9, 9, 6)]
    assert found([[9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9]], apart=4) == [Episode(0, 4, 9, 6.75), Episode(9, 13, 9, 6.75)]


def test_nothing_is_concluded_across_what_is_left_out() -> None:
    episodes = Episodes(4, 3, 4)
    episodes.feed(np.array([9.0, 9.0]))
    episodes.skip(10)
    episodes.feed(np.array([9.0, 9.0]))
    assert episodes.finish() == []
    assert episodes.at == 12


@given(values, st.integers(1, 5), st.integers(1, 8), st.data())
def test_the_same_is_found_however_the_column_is_cut(column: list[float], window: int, apart: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(column)), max_size=6)))
    parts = [column[low:high] for low, high in zip([0, *cuts], [*cuts, len(column)], strict=True)]
    expected = by_hand(column, 4, window, apart)
    assert found(parts, 4, window, apart) == expected
    assert found([[one] for one in column], 4, window, apart) == expected
