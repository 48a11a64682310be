"""How a list that grows tells where its new rows come in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.panes.listing import MOST_INSERTIONS, Numbers, insertions


def inserted(old: Numbers, new: Numbers, runs: list[tuple[int, int]]) -> list[int]:
    rows: list[int] = old.tolist()
    for at, count in runs:
        rows[at:at] = new[at : at + count].tolist()
    return rows


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(0, 60))
def test_the_insertions_in_their_order_make_the_new_list(times: list[int], known: int) -> None:
    def order(count: int) -> Numbers:
        return np.argsort(np.array(times[:count], np.int64), kind="stable") + 1

    old, new = order(known), order(len(times))
    runs = insertions(old, new)
    assert runs is not None
    assert inserted(old, new, runs) == new.tolist()


def test_rows_that_go_or_change_places_are_no_insertion() -> None:
    assert insertions(np.array([1, 2, 3]), np.array([1, 3])) is None
    assert insertions(np.array([1, 2]), np.array([2, 1, 3])) is None


def test_a_list_that_did_not_change_has_nothing_to_insert() -> None:
    assert insertions(np.array([2, 1]), np.array([2, 1])) == []
    assert insertions(np.array([], np.int64), np.array([], np.int64)) == []


def test_very_many_places_are_told_as_a_new_list() -> None:
    old = np.arange(1, MOST_INSERTIONS + 3)
    new = np.insert(old, np.arange(1, MOST_INSERTIONS + 2), np.arange(1000, 1000 + MOST_INSERTIONS + 1))
    assert insertions(old, new) is None
