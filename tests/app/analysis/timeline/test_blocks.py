from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.timeline.blocks import GAP_PIXELS, Blocks, count_text, free_place, merged

pieces = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 5), st.integers(1, 9)), max_size=60)


def blocks_of(pieces: list[tuple[float, float, int]]) -> Blocks:
    pieces = sorted(pieces)
    left = np.array([left for left, _, _ in pieces], np.float64)
    right = left + np.array([width for _, width, _ in pieces], np.float64)
    return merged(left, right, np.array([count for _, _, count in pieces], np.int64))


def listed(blocks: Blocks) -> list[tuple[float, float, int]]:
    return list(zip(blocks.left.tolist(), blocks.right.tolist(), blocks.count.tolist(), strict=True))


@given(pieces)
def test_blocks_hold_every_record_once_and_stand_apart(pieces: list[tuple[float, float, int]]) -> None:
    blocks = listed(blocks_of(pieces))
    assert sum(count for _, _, count in blocks) == sum(count for _, _, count in pieces)
    for (_, right, _), (left, _, _) in pairwise(blocks):
        assert left - right > GAP_PIXELS
    for left, width, _ in pieces:
        assert any(low <= left and left + width <= high for low, high, _ in blocks)


def test_records_that_are_near_each_other_make_one_block_and_each_is_a_pixel_at_least() -> None:
    assert listed(blocks_of([(10, 0.1, 1), (12, 2, 1), (17, 1, 5), (30, 0, 2)])) == [(10, 18, 7), (30, 31, 2)]
    assert listed(blocks_of([(10, 40, 1), (12, 1, 1), (52, 1, 1)])) == [(10, 53, 3)]


@pytest.mark.parametrize(
    ("count", "text"),
    [(2, "×2"), (999, "×999"), (1000, "×1.0 k"), (8449, "×8.4 k"), (120_000, "×120 k"), (999_999, "×1.0 M"), (2_500_000, "×2.5 M")],
)
def test_a_count_is_short(count: int, text: str) -> None:
    assert count_text(count) == text


def test_a_count_makes_way_for_marks_and_is_left_out_where_it_has_no_room() -> None:
    assert free_place(0, 100, 20, []) == 40
    assert free_place(0, 100, 20, [(45, 59)]) == 0
    assert free_place(0, 100, 20, [(45, 59), (5, 19)]) == 80
    assert free_place(0, 100, 20, [(45, 59), (5, 19), (90, 104)]) is None
    assert free_place(0, 19, 20, []) is None
