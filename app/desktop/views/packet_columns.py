"""The packet list's columns: which are shown, where and how wide, what the time counts from; and the menu that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHeaderView, QMenu

from app.analysis.packet_list.text import COLUMNS, SUPPLY, Column, TimeStyle
from app.desktop.models.packet_model import TITLES, PacketModel
from app.desktop.views.packet_view import PacketView

SAMPLES = {
    Column.NO: "888",
    Column.TIME: "88.888 888 s",
    Column.DELTA: "88.8 ms",
    Column.PORT: "88 ▸",
    Column.SOURCE: "acde…0011",
    Column.DESTINATION: "acde…0011",
    Column.SERVICE: "security",
    Column.OPERATION: "request",
    Column.STATUS: "command",
    Column.SECURITY: "",
    Column.LENGTH: "8888 B",
    Column.ENERGY: "* 888.8 µJ",
    Column.CHARGE: "* 888.8 nC",
    Column.INFO: "12 bytes locked",
}
"""Text that each column is wide enough for at first; the last one takes what is left. Security is told by its sign alone."""
GROWING = (Column.NO, Column.TIME)
"""Columns whose numbers get longer in the course of a recording."""
HIDDEN_AT_FIRST = frozenset({Column.LENGTH})
SPARED_FIRST = (Column.CHARGE, Column.DELTA, Column.DESTINATION, Column.SECURITY, Column.ENERGY)
"""Columns that a narrow window begins without, in this order, so that the last column is in sight."""
LEAST_INFO = 120
TIME_TEXTS = {
    TimeStyle.START: "Time since the start",
    TimeStyle.PREVIOUS: "Time since the row above",
    TimeStyle.REFERENCE: "Time since the reference",
    TimeStyle.UTC: "Time in UTC",
}
LEAST_WIDTH = 24

State = dict[str, object]


class PacketColumns(QObject):
    """Looks after the header of a view. `arrange` is called with (chronological, quiet) when the user wants other rows."""

    def __init__(self, view: PacketView, model: PacketModel, arrange: Callable[[bool, bool], None]) -> None:
        super().__init__(view)
        self._view, self._model, self._arrange = view, model, arrange
        self._unwanted: set[str] = set()
        self._is_wired = False
        self._header = view.header
        self._header.setSectionsMovable(True)
        self._header.setMinimumSectionSize(LEAST_WIDTH)
        self._header.setStretchLastSection(True)
        self._header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._open)
        self._room = QTimer(self)
        self._room.setSingleShot(True)
        self._room.setInterval(0)
        self._room.timeout.connect(self._make_room)
        for told in (model.modelReset, model.rowsInserted, model.dataChanged):
            told.connect(self._room.start)
        self.menu = QMenu("Columns", view)
        self.menu.aboutToShow.connect(self._fill)
        self.reset()

    def reset(self) -> None:
        """Columns as they are at first."""
        self._unwanted = set(HIDDEN_AT_FIRST)
        self._hide()
        for section, column in enumerate(COLUMNS):
            self._header.moveSection(self._header.visualIndex(section), section)
            width = self._view.delegate.text_width(column, SAMPLES[column])
            title = 0 if column is Column.SECURITY else self._header.title_width(section)
            self._header.resizeSection(section, max(width, title))
        self._make_room()
        if self._view.isVisible():
            self.spare(self._view.viewport().width())

    def offer_supply(self, *, is_wired: bool) -> None:
        """Offer energy and charge, or hide them where no current is wired."""
        if is_wired != self._is_wired:
            self._is_wired = is_wired
            self._hide()

    def _hide(self) -> None:
        """Hide what is not wanted, and what there cannot be."""
        for section, column in enumerate(COLUMNS):
            self._header.setSectionHidden(section, column in self._unwanted or (column in SUPPLY and not self._is_wired))

    def spare(self, room: int) -> None:
        """Leave out of the columns at first those that a list of so many pixels has no room for."""
        shown = [at for at in range(len(COLUMNS) - 1) if not self._header.isSectionHidden(at)]
        over = sum(self._header.sectionSize(at) for at in shown) + LEAST_INFO - room
        for section in (COLUMNS.index(column) for column in SPARED_FIRST):
            if over > 0 and section in shown:
                over -= self._header.sectionSize(section)
                self._unwanted.add(COLUMNS[section])
        self._hide()

    def state(self) -> State:
        """All of it in plain values, for whoever keeps settings."""
        order = [COLUMNS[self._header.logicalIndex(place)] for place in range(len(COLUMNS))]
        return {
            "order": [str(column) for column in order],
            "hidden": [str(column) for column in COLUMNS if column in self._unwanted],
            "widths": {str(column): self._width(section) for section, column in enumerate(COLUMNS)},
            "time": str(self._model.time_style),
            "chronological": self._model.chronological,
            "quiet": self._model.quiet,
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """What `state` gave, perhaps of another version: what makes no sense is left as it is."""
        order, hidden, widths = state.get("order"), state.get("hidden"), state.get("widths")
        if isinstance(order, list):
            known = [column for column in order if column in COLUMNS]
            # Those of a later version stand where they do at first, before the last column.
            known[-1:-1] = [column for column in COLUMNS if column not in known]
            for place, column in enumerate(dict.fromkeys(known)):
                self._header.moveSection(self._header.visualIndex(COLUMNS.index(Column(column))), place)
        if isinstance(hidden, list) and len(set(hidden) & set(COLUMNS)) < len(COLUMNS):
            self._unwanted = {column for column in COLUMNS if column in hidden}
            self._hide()
        if isinstance(widths, dict):
            for section, column in enumerate(COLUMNS):
                width = widths.get(column)
                if isinstance(width, int) and not self._header.isSectionHidden(section):
                    self._header.resizeSection(section, max(LEAST_WIDTH, width))
        self._arrange(state.get("chronological") is True, state.get("quiet") is True)
        if state.get("time") in set(TimeStyle) - {TimeStyle.REFERENCE}:
            self._model.count_times(TimeStyle(str(state["time"])))

    def _make_room(self) -> None:
        """Numbers that got longer than their column make it wider; nothing makes it narrower again."""
        if not self._model.rowCount():
            return
        last = self._model.text(self._model.rowCount() - 1)
        for column in GROWING:
            section, width = COLUMNS.index(column), self._view.delegate.text_width(column, last.cell(column))
            if not self._header.isSectionHidden(section) and self._header.sectionSize(section) < width:
                self._header.resizeSection(section, width)

    def _width(self, section: int) -> int:
        """The width, also of a column that is hidden."""
        hidden = self._header.isSectionHidden(section)
        if hidden:
            self._header.setSectionHidden(section, False)  # Qt's function
        width = self._header.sectionSize(section)
        if hidden:
            self._header.setSectionHidden(section, True)
        return width

    def _open(self, place: QPoint) -> None:
        self.menu.popup(self._header.mapToGlobal(place))

    def _fill(self) -> None:
        """The menu as things are now."""
        self.menu.clear()
        shown = [section for section in range(len(COLUMNS)) if not self._header.isSectionHidden(section)]
        for section, title in enumerate(TITLES):
            action = _checkable(self.menu, title, section in shown)
            action.setEnabled(shown != [section] and (COLUMNS[section] not in SUPPLY or self._is_wired))
            action.toggled.connect(lambda on, section=section: self._show(section, on))
        self.menu.addSeparator()
        self._add_times()
        self.menu.addSeparator()
        model = self._model
        time = _checkable(self.menu, "All frames in order of time", model.chronological)
        time.toggled.connect(lambda on: self._arrange(on, model.quiet))
        quiet = _checkable(self.menu, "Link control frames (ack, poll, idle)", model.quiet or model.chronological)
        quiet.setEnabled(not model.chronological)
        quiet.toggled.connect(lambda on: self._arrange(model.chronological, on))
        self.menu.addSeparator()
        self.menu.addAction("Columns as at first", self.reset)

    def _add_times(self) -> None:
        group = QActionGroup(self.menu)
        source = self._model.source
        for style, text in TIME_TEXTS.items():
            action = _checkable(self.menu, text, self._model.time_style is style)
            action.setActionGroup(group)
            action.setEnabled(style is not TimeStyle.REFERENCE and (style is not TimeStyle.UTC or _has_utc(source)))
            action.triggered.connect(lambda _on=True, style=style: self._model.count_times(style))

    def _show(self, section: int, shown: object) -> None:
        self._unwanted = self._unwanted - {COLUMNS[section]} if shown else self._unwanted | {COLUMNS[section]}
        self._hide()
        if shown and self._header.sectionSize(section) < LEAST_WIDTH:
            self._header.resizeSection(section, self._header.sectionSizeHint(section))


def _has_utc(source: object) -> bool:
    return getattr(getattr(source, "timebase", None), "start_utc_ns", None) is not None


def _checkable(menu: QMenu, text: str, checked: object) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(bool(checked))
    return action
