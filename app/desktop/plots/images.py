"""Rows of pixels from columns of numbers: lanes, traces and bars as pictures, so that a plot costs the same at every zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from app.analysis.timeline.lanes import LogicColumns
from app.analysis.timeline.traces import TraceColumns

Picture = NDArray[np.uint32]
FILL = 0.25
"""How much of its colour the inside of an envelope, or of a lane that moves in every pixel, has."""


def logic_image(columns: LogicColumns, channel: int, known: NDArray[np.bool_], height: int, color: QColor) -> QImage:
    """One lane: high at the top, low at the bottom, an upright where it moves, filled where it moves all the time."""
    bit = np.uint64(1 << channel)
    high, moves = (columns.word & bit) != 0, (columns.toggled & bit) != 0
    line, fill = np.uint32(_argb(color)), np.uint32(_argb(color, FILL))
    moves &= known
    crowded = moves.copy()
    crowded[1:] &= moves[:-1]
    crowded[:-1] &= moves[1:]
    picture = np.empty((height, len(high)), np.uint32)
    picture[1:-1] = np.where(moves, np.where(crowded, fill, line), np.uint32(0))
    picture[0] = np.where((high | moves) & known, line, np.uint32(0))
    picture[-1] = np.where((~high | moves) & known, line, np.uint32(0))
    return _image(picture)


def trace_image(columns: TraceColumns, extremes: tuple[float, float], height: int, color: QColor) -> QImage:
    """One trace between its extremes: a line, or an envelope with a line along its top and bottom."""
    low, high = extremes
    scale = (height - 1) / (high - low) if high > low else 0.0
    known = ~np.isnan(columns.low)
    top = np.where(known, (high - columns.high) * scale if scale else height // 2, height).astype(np.int64)
    bottom = np.where(known, (high - columns.low) * scale if scale else height // 2, -1).astype(np.int64)
    rows = np.arange(height)[:, None]
    inside = (rows >= top) & (rows <= bottom)
    picture = np.where(inside, np.uint32(_argb(color, 1.0 if columns.is_line else FILL)), np.uint32(0))
    if not columns.is_line:
        for edge in (top, bottom):
            before = np.concatenate([edge[:1], edge[:-1]])
            along = (rows >= np.minimum(edge, before)) & (rows <= np.maximum(edge, before)) & inside
            picture[along | ((rows == edge) & inside)] = _argb(color)
    return _image(picture)


def bar_image(bar: NDArray[np.bool_], height: int, color: QColor) -> QImage:
    """Filled where there is something."""
    return _image(np.broadcast_to(np.where(bar, np.uint32(_argb(color)), np.uint32(0)), (height, len(bar))))


def block_image(shaded: NDArray[np.bool_], full: NDArray[np.bool_], share: float, color: QColor) -> QImage:
    """One row of pixels: a share of a colour where something is shaded, all of it where it is drawn in full."""
    inside = np.where(shaded, np.uint32(_argb(color, share)), np.uint32(0))
    return _image(np.where(full, np.uint32(_argb(color)), inside)[None, :])


def _image(picture: Picture) -> QImage:
    picture = np.ascontiguousarray(picture, np.uint32)
    height, width = picture.shape
    image = QImage(picture.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def _argb(color: QColor, share: float = 1.0) -> int:
    """Premultiplied by its share."""
    parts = (share, color.redF() * share, color.greenF() * share, color.blueF() * share)
    alpha, red, green, blue = (round(part * 255) for part in parts)
    return alpha << 24 | red << 16 | green << 8 | blue
