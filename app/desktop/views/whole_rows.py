"""Rows are whole or not there: half a line at the bottom of a pane cannot be read."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView


def cover_cut_row(view: QAbstractItemView, row_height: int) -> None:
    """Paint over the row that the lower edge cuts; for views that scroll by whole rows of one height, after they have painted."""
    port = view.viewport()
    cut = port.height() % row_height if row_height > 0 else 0
    if cut and port.height() > row_height:
        painter = QPainter(port)
        painter.fillRect(0, port.height() - cut, port.width(), cut, view.palette().brush(QPalette.ColorRole.Base))
