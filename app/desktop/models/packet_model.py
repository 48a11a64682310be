"""The packet list as Qt asks for it: a flat table over row codes, grown without a reset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from app.analysis.packet_list.notes import NOTHING, Note, Notes, place_of
from app.analysis.packet_list.rows import Kind, Rows, Run, code_of, kind_of, number_of
from app.analysis.packet_list.supply import RowSupplies
from app.analysis.packet_list.text import COLUMNS, SUPPLY, Column, RowText, RowTexts, TimeStyle
from app.analysis.power.energies import Energies
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import SIGNS
from app.desktop.selection import Record
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.identity import maker_of
from decoders.services.words import Names

Index = QModelIndex | QPersistentModelIndex
TITLES = (
    "No.", "Time", "Δt", "Port", "Source", "Destination", "Service", "Operation", "Status", "Security", "Length",
    "Energy", "Charge", "Info",
)  # fmt: skip
NUMBERS = frozenset({Column.NO, Column.TIME, Column.DELTA, Column.LENGTH, *SUPPLY})
"""Columns whose digits stand below each other."""
MOST_RUNS = 4
"""Insertions that Qt is told of one by one; more are cheaper as one change of layout."""
_ID_DIGITS = 16
_ROOT = QModelIndex()


class Decoded(Protocol):
    """What the list needs of a workspace."""

    path: Path
    timebase: Timebase
    wiring: Wiring

    @property
    def snapshot(self) -> Snapshot: ...

    @property
    def names(self) -> Names: ...

    @property
    def is_decoding(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ListSource:
    """What a list shows; `streams` names the links that ports are numbered in."""

    snapshot: Snapshot
    timebase: Timebase
    names: Names
    notes: Notes
    streams: tuple[str, ...] = ()


class PacketModel(QAbstractTableModel):
    """Rows of packets and frames. Rows are painted from `text` and `note`; `data` serves everything else.

    A long list comes step by step, with time for the window's other work between two of them.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: ListSource | None = None
        self.rows: Rows | None = None
        self.texts: RowTexts | None = None
        self.chronological = False
        self.quiet = False
        self.time_style = TimeStyle.START
        self.supplies = RowSupplies()
        self._finished = False
        self._measure = QTimer(self)
        self._measure.setSingleShot(True)
        self._measure.timeout.connect(self._measure_some)
        self._next_step = QTimer(self)
        self._next_step.setSingleShot(True)
        self._next_step.timeout.connect(self._take_step)

    # What is shown

    def show(self, source: ListSource | None, *, finished: bool = True) -> None:
        """Show a recording, or none."""
        self.beginResetModel()
        self.source, self._finished, self.supplies = source, finished, RowSupplies()
        self.texts = RowTexts(source.snapshot, source.timebase, source.names, source.streams) if source else None
        if self.texts is not None:
            self.texts.severities.update()
            self.time_style = TimeStyle.START if self.time_style is TimeStyle.REFERENCE else self.time_style
            self.texts.time_style = self.time_style
        self.rows = self._arranged()
        self.endResetModel()
        self._take_step()

    def arrange(self, *, chronological: bool, quiet: bool) -> None:
        """Show packets with their frames folded, or every frame in order of time; with link control frames or without."""
        if (chronological, quiet) != (self.chronological, self.quiet):
            self.beginResetModel()
            self.chronological, self.quiet = chronological, quiet
            self.rows = self._arranged()
            self.endResetModel()
            self._take_step()

    def _arranged(self) -> Rows | None:
        if self.source is None:
            return None
        return Rows(
            self.source.snapshot, chronological=self.chronological, quiet=self.quiet, finished=self._finished, stepwise=True
        )

    def grow(self, *, finished: bool) -> None:
        """Show what was decoded since the last time."""
        if self.rows is None or self.texts is None:
            return
        self._finished = finished
        for run in self.rows.late_repeats():
            self._insert(self.rows, run)
        self._take_step()
        if self.texts.severities.update():
            self._redraw()

    @property
    def is_behind(self) -> bool:
        """Whether rows are still coming of what is decoded already."""
        return self.rows is not None and self.rows.is_behind

    def _take_step(self) -> None:
        if self.rows is None:
            return
        self._insert_all(self.rows, self.rows.grow(finished=self._finished))
        while self.rows.is_behind and not len(self.rows):  # an empty list would say that nothing was found
            self._insert_all(self.rows, self.rows.grow(finished=self._finished))
        if self.rows.is_behind:
            self._next_step.start()

    def _take_all(self) -> None:
        """All that is left, for those who cannot wait."""
        while self.is_behind:
            self._take_step()

    def _insert_all(self, rows: Rows, runs: list[Run]) -> None:
        if len(runs) <= MOST_RUNS:
            for run in runs:
                self._insert(rows, run)
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = np.array([index.row() for index in before], np.int64)
        rows.insert(*runs)
        for run in runs:
            places[places >= run.at] += len(run.codes)
        after = [self.index(row, index.column()) for row, index in zip(places.tolist(), before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _insert(self, rows: Rows, run: Run) -> None:
        self.beginInsertRows(_ROOT, run.at, run.at + len(run.codes) - 1)
        rows.insert(run)
        self.endInsertRows()

    # Folding

    def unfold(self, row: int) -> bool:
        """Show a packet's frames below it; False where it has none to show."""
        run = self.rows.unfold(row) if self.rows else None
        if self.rows is None or run is None:
            return False
        self._insert(self.rows, run)
        self._changed(row)
        return True

    def fold(self, row: int) -> bool:
        """Hide a packet's frames; False where they are not shown."""
        if self.rows is None:
            return False
        folded = self.rows.fold(row)
        if folded is None:
            return False
        at, size = folded
        if size:
            self.beginRemoveRows(_ROOT, at, at + size - 1)
            self.rows.remove(at, size)
            self.endRemoveRows()
        self._changed(row)
        return True

    def unfold_all(self, *, unfolded: bool) -> None:
        """Show the frames of all packets, also of those to come, or of none."""
        if self.rows is not None and not self.chronological:
            self.beginResetModel()
            self.rows.unfold_all(unfolded=unfolded)
            self.endResetModel()

    def is_unfolded(self, row: int) -> bool | None:
        """Whether a packet's frames are shown; None for rows that cannot be unfolded."""
        if self.rows is None or self.chronological:
            return None
        code = int(self.rows.codes[row])
        return self.rows.is_unfolded(number_of(code)) if kind_of(code) is Kind.PACKET else None

    # Times and notes

    def count_times(self, style: TimeStyle, reference: int = 0) -> None:
        """Change what the time column counts from; `reference` is a tick."""
        self.time_style = style
        if self.texts is not None:
            self.texts.time_style, self.texts.reference = style, reference
            self._redraw()

    def note(self, row: int) -> Note:
        """What the user noted about a row's record."""
        if self.source is None or self.rows is None or not len(self.source.notes):
            return NOTHING
        place = place_of(self.source.snapshot, int(self.rows.codes[row]))
        return self.source.notes.of(place) if place else NOTHING

    def notes_changed(self) -> None:
        """Show notes anew."""
        self._changed(0, self.rowCount() - 1)

    def _redraw(self) -> None:
        if self.texts is not None:
            self.texts.forget()
        self._changed(0, self.rowCount() - 1)

    def _changed(self, first: int, last: int | None = None) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(first, 0), self.index(first if last is None else last, len(COLUMNS) - 1))

    # Energy and charge

    def supply_by(self, energies: Energies | None) -> None:
        """Where the energies of this recording come from."""
        self.supplies = RowSupplies(energies)
        self._show_supplies()

    def supplies_grown(self) -> None:
        """More is known of what records took."""
        if self.supplies.is_wired:
            self.supplies.look_again()
            self._show_supplies()

    def cell(self, row: int, column: Column) -> str:
        """What a row says in a column; energy and charge are blank until they are measured, which is soon."""
        text = self.text(row)
        if column not in SUPPLY:
            return text.cell(column)
        found = self.supplies.cell(text.code, column)
        if self.supplies.is_behind:
            self._measure.start()
        return found

    def _measure_some(self) -> None:
        found = self.supplies.measure()
        if self.supplies.is_behind:
            self._measure.start()
        if found:
            self._show_supplies()

    def _show_supplies(self) -> None:
        if self.rowCount():
            first, last = (COLUMNS.index(column) for column in (SUPPLY[0], SUPPLY[-1]))
            self.dataChanged.emit(self.index(0, first), self.index(self.rowCount() - 1, last), [Qt.ItemDataRole.DisplayRole])

    # Rows and records

    def text(self, row: int) -> RowText:
        """What stands in a row that is there."""
        if self.rows is None or self.texts is None:
            raise IndexError(f"there is no row {row}")
        return self.texts.row(self.rows, row)

    def record(self, row: int) -> Record | None:
        """The record in a row; None for gaps."""
        if self.rows is None or not 0 <= row < len(self.rows):
            return None
        code = int(self.rows.codes[row])
        match kind_of(code):
            case Kind.PACKET:
                return Record("packets", number_of(code))
            case Kind.GAP:
                return None
            case _:
                return Record("frames", number_of(code))

    def row_of(self, record: Record, *, unfold: bool = False) -> int | None:
        """Where a record is shown, for a frame inside a folded packet the packet's row unless it may `unfold`."""
        if self.rows is None or self.source is None:
            return None
        row = self._row_in(self.rows, self.source.snapshot, record, unfold=unfold)
        if row is None and self.is_behind:
            self._take_all()
            row = self._row_in(self.rows, self.source.snapshot, record, unfold=unfold)
        return row

    def _row_in(self, rows: Rows, snapshot: Snapshot, record: Record, *, unfold: bool) -> int | None:
        if record.layer == "packets":
            return rows.row_of(code_of(Kind.PACKET, record.no))
        return self._row_of_frame(rows, snapshot, record.no, unfold=unfold)

    def _row_of_frame(self, rows: Rows, snapshot: Snapshot, no: int, *, unfold: bool) -> int | None:
        if not 1 <= no <= snapshot.count("frames"):
            return None
        kinds = (Kind.FRAME,) if self.chronological else (Kind.FRAME, Kind.MEMBER)
        shown = next(filter(_is_row, (rows.row_of(code_of(kind, no)) for kind in kinds)), None)
        packet = snapshot.packet_of_frame(no)
        row = rows.row_of(code_of(Kind.PACKET, packet)) if shown is None and packet else None
        if row is None or not unfold:
            return row if shown is None else shown
        self.unfold(row)
        return rows.row_of(code_of(Kind.MEMBER, no))

    # Qt

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name; the root index is constant
        return 0 if parent.isValid() or self.rows is None else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        answer = _ANSWERS.get(int(role))
        if answer is None or not index.isValid() or self.rows is None:
            return None
        return answer(self, index.row(), COLUMNS[index.column()])

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _alignment(COLUMNS[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _is_row(row: int | None) -> bool:
    return row is not None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


def _cell(model: PacketModel, row: int, column: Column) -> object:
    return model.cell(row, column)


def _tooltip(model: PacketModel, row: int, column: Column) -> object:
    """What a narrow cell cannot say."""
    text, note = model.text(row), model.note(row)
    cell = model.cell(row, column)
    match column:
        case Column.ENERGY | Column.CHARGE:
            return model.supplies.tip(text.code) or None
        case Column.NO:
            severity = text.severity
            worst = f"{SIGNS[severity.name.lower()]} {severity.name.lower()}" if severity else ""
            return "\n".join(filter(None, (worst, note.comment, "marked" if note.marked else ""))) or None
        case Column.SOURCE | Column.DESTINATION if len(cell) == _ID_DIGITS:
            return f"{cell}\n{maker_of(cell) or 'maker unknown'}"
        case _:
            return cell or None


def _aligned(_model: PacketModel, _row: int, column: Column) -> object:
    return _alignment(column)


def _spoken(model: PacketModel, row: int, column: Column) -> object:
    return f"{TITLES[COLUMNS.index(column)]} {model.cell(row, column)}"


_ANSWERS: dict[int, Callable[[PacketModel, int, Column], object]] = {
    int(Qt.ItemDataRole.DisplayRole): _cell,
    int(Qt.ItemDataRole.ToolTipRole): _tooltip,
    int(Qt.ItemDataRole.TextAlignmentRole): _aligned,
    int(Qt.ItemDataRole.AccessibleTextRole): _spoken,
}
