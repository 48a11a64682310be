from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from app.analysis.timeline.lanes import LogicColumns
from app.analysis.timeline.traces import TraceColumns
from app.desktop.plots.images import bar_image, block_image, logic_image, trace_image

INK = QColor("#000000")


def shape(image: QImage) -> list[str]:
    """Pixels as text: # drawn in full, + in part, . not at all."""
    alphas = [[image.pixelColor(x, y).alpha() for x in range(image.width())] for y in range(image.height())]
    return ["".join("." if alpha == 0 else "#" if alpha == 255 else "+" for alpha in row) for row in alphas]


def words(*values: int) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


def test_a_lane_is_high_at_the_top_low_at_the_bottom_with_uprights_between() -> None:
    columns = LogicColumns(words(0, 0, 0, 2, 2, 2, 0), words(0, 0, 2, 0, 0, 2, 0))
    drawn = shape(logic_image(columns, 1, np.ones(7, np.bool_), 4, INK))
    assert drawn == ["..####.", "..#..#.", "..#..#.", "###..##"]


def test_a_lane_that_moves_in_every_pixel_is_filled() -> None:
    columns = LogicColumns(words(0, 0, 0, 0), words(1, 1, 1, 0))
    assert shape(logic_image(columns, 0, np.ones(4, np.bool_), 3, INK)) == ["###.", "++#.", "####"]


def test_what_is_not_known_is_not_drawn() -> None:
    columns = LogicColumns(words(1, 1, 1), words(0, 0, 1))
    assert shape(logic_image(columns, 0, np.array([True, False, False]), 3, INK)) == ["#..", "...", "..."]


def test_the_highest_channel_is_a_channel() -> None:
    columns = LogicColumns(words(1 << 63), words(0))
    assert shape(logic_image(columns, 63, np.ones(1, np.bool_), 3, INK)) == ["#", ".", "."]


def floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_an_envelope_is_filled_between_its_lines() -> None:
    columns = TraceColumns(floats(0, 0, 1), floats(4, 4, 3), is_line=False)
    assert shape(trace_image(columns, (0, 4), 5, INK)) == ["##.", "++#", "+++", "++#", "##."]


def test_a_line_is_drawn_in_full_and_what_is_missing_not_at_all() -> None:
    columns = TraceColumns(floats(0, 1, np.nan), floats(1, 2, np.nan), is_line=True)
    assert shape(trace_image(columns, (0, 2), 3, INK)) == [".#.", "##.", "#.."]


def test_a_trace_that_never_changes_is_a_line_in_the_middle() -> None:
    columns = TraceColumns(floats(5, 5), floats(5, 5), is_line=True)
    assert shape(trace_image(columns, (5, 5), 3, INK)) == ["..", "##", ".."]


def test_a_bar_is_where_something_is() -> None:
    assert shape(bar_image(np.array([True, False, True]), 2, INK)) == ["#.#", "#.#"]


def test_blocks_are_shaded_and_single_records_full() -> None:
    shaded, full = np.array([True, True, False, False]), np.array([False, True, True, False])
    assert shape(block_image(shaded, full, 0.3, INK)) == ["+##."]
