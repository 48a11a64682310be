"""Records too narrow to be seen each, merged into blocks that say how many they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float64]
GAP_PIXELS = 3
"""Narrow records that stand nearer to each other make one block."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks from left to right: their pixels [left, right), each at least one wide, and how many records each holds."""

    left: Pixels
    right: Pixels
    count: NDArray[np.int64]


def merged(left: Pixels, right: Pixels, count: NDArray[np.int64]) -> Blocks:
    """Blocks of pieces that come in order of `left`; `count` is how many records each piece holds."""
    if not len(left):
        return Blocks(left, right, count)
    right = np.maximum(right, left + 1)
    reached = np.maximum.accumulate(right)
    opens = np.flatnonzero(np.concatenate([[True], left[1:] - reached[:-1] > GAP_PIXELS]))
    last = np.append(opens[1:], len(left)) - 1
    return Blocks(left[opens], reached[last], np.add.reduceat(count, opens))


def count_text(count: int) -> str:
    """How many records a block holds, short: ×24, ×8.4 k."""
    if count < 1000:
        return f"×{count}"
    unit, size = ("M", 1_000_000) if count >= 999_950 else ("k", 1000)
    value = count / size
    return f"×{value:.1f} {unit}" if value < 99.95 else f"×{value:.0f} {unit}"


def free_place(left: float, right: float, width: float, taken: list[tuple[float, float]]) -> float | None:
    """Where a text of a width stands between two pixels without covering what is taken: in the middle, else at an end, else nowhere."""
    places = ((left + right - width) / 2, left, right - width)
    free = (at for at in places if all(at + width <= low or high <= at for low, high in taken))
    return next(free, None) if width <= right - left else None
