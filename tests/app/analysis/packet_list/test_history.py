"""Back and forward."""

from __future__ import annotations

from app.analysis.packet_list.history import MOST, History


def test_back_and_forward_walk_the_places_in_order() -> None:
    history = History[int]()
    assert history.back() is None
    assert history.forward() is None
    for place in (1, 50, 7):
        history.visit(place)
    assert [history.back(), history.back(), history.back()] == [50, 1, None]
    assert [history.forward(), history.forward(), history.forward()] == [50, 7, None]


def test_a_new_place_forgets_what_was_forward() -> None:
    history = History[int]()
    for place in (1, 2, 3):
        history.visit(place)
    history.back()
    history.visit(9)
    assert not history.can_go_forward
    assert [history.back(), history.back()] == [2, 1]


def test_walking_row_by_row_leaves_one_entry_and_staying_none() -> None:
    history = History[int]()
    history.visit(1)
    for place in (10, 10, 11, 12):
        history.visit(place, beside=place > 10)
    assert history.back() == 1
    assert not history.can_go_back


def test_the_oldest_places_are_forgotten() -> None:
    history = History[int]()
    for place in range(MOST + 10):
        history.visit(place)
    last = 0
    while history.can_go_back:
        last = history.back() or 0
    assert last == 10
