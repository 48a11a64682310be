"""The headings of the packet list; a column of signs alone has a sign for its heading."""

from __future__ import annotations

import qtawesome  # type: ignore[import-untyped]  # the package has no type marks
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

from app.analysis.packet_list.text import COLUMNS, Column
from app.desktop import theme
from app.desktop.models.packet_model import TITLES

PADDING = 12
SECURITY = COLUMNS.index(Column.SECURITY)


class PacketHeader(QHeaderView):
    """Qt's own but for the column of locks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def title_width(self, section: int) -> int:
        """The width that a heading needs."""
        return self.fontMetrics().horizontalAdvance(TITLES[section]) + PADDING + 2

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:  # noqa: N802, N803  # Qt's names
        super().initStyleOptionForIndex(option, logicalIndex)
        if logicalIndex == SECURITY and self.sectionSize(SECURITY) < self.title_width(SECURITY):
            option.text = ""
            option.icon = qtawesome.icon("ph.lock", color=theme.current(self).muted)
