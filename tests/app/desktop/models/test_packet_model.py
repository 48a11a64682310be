"""The packet list's model: what Qt may rely on, growth without a reset, records and rows."""

from __future__ import annotations

import functools

import pytest
from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.analysis.packet_list import rows as rows_module
from app.analysis.packet_list.notes import Note, Notes, place_of
from app.analysis.packet_list.text import COLUMNS, Column, TimeStyle
from app.desktop.models import packet_model
from app.desktop.models.packet_model import TITLES, ListSource, PacketModel
from app.desktop.selection import Record
from decoders.stack import Decoded
from tests.helpers import umi
from tests.helpers.growing import busy, demo
from tests.helpers.packet_list import Recorded

pytestmark = pytest.mark.usefixtures("qapp")


@functools.cache
def pieces(name: str) -> tuple[Decoded, ...]:
    return tuple(demo() if name == "demo" else busy(umi.shipped("reference-1")))


def source(recorded: Recorded) -> ListSource:
    return ListSource(recorded.snapshot, recorded.timebase, recorded.names, Notes(None))


def made(name: str = "demo") -> PacketModel:
    recorded = Recorded(pieces(name)).add_all()
    model = PacketModel()
    model.show(source(recorded))
    return model


def checked(model: QAbstractItemModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def cells(model: PacketModel) -> list[list[object]]:
    return [[model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())]


def test_an_empty_list_keeps_qts_rules() -> None:
    model = PacketModel()
    watch = checked(model)
    assert (model.rowCount(), model.columnCount()) == (0, len(COLUMNS))
    model.show(source(Recorded(pieces("demo")).add_all()))
    model.show(None)
    assert model.rowCount() == 0
    assert model.data(model.index(0, 0)) is None
    assert model.row_of(Record("packets", 1)) is None
    del watch


@pytest.mark.parametrize("most_runs", [0, packet_model.MOST_RUNS])
@pytest.mark.parametrize("unfolded", [False, True])
@pytest.mark.parametrize("chronological", [False, True])
@pytest.mark.parametrize("name", ["demo", "busy"])
def test_a_growing_list_keeps_qts_rules_selection_and_places(
    monkeypatch: pytest.MonkeyPatch, name: str, chronological: bool, unfolded: bool, most_runs: int
) -> None:
    monkeypatch.setattr(packet_model, "MOST_RUNS", most_runs)
    recorded = Recorded(pieces(name))
    model = PacketModel()
    watch = checked(model)
    model.arrange(chronological=chronological, quiet=True)
    model.show(source(recorded), finished=False)
    resets: list[int] = []
    followed: dict[int, QPersistentModelIndex] = {}
    selection = QItemSelectionModel(model)
    while recorded.is_decoding:
        recorded.add(9)
        model.grow(finished=not recorded.is_decoding)
        if model.rows is not None and len(model.rows) and not followed:
            model.unfold_all(unfolded=unfolded)
            model.modelReset.connect(lambda: resets.append(1))
            selection.select(model.index(0, 0), QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows)
        for row in range(model.rowCount()):
            followed.setdefault(model.text(row).code, QPersistentModelIndex(model.index(row, 3)))
    assert not resets
    assert model.rows is not None
    assert {code: index.row() for code, index in followed.items()} == {
        code: row for row, code in enumerate(model.rows.codes.tolist())
    }
    assert {index.column() for index in followed.values()} == {3}
    assert len(selection.selectedRows()) == 1
    fresh = PacketModel()
    fresh.arrange(chronological=chronological, quiet=True)
    fresh.show(source(Recorded(pieces(name)).add_all()))
    fresh.unfold_all(unfolded=unfolded)
    assert cells(model) == cells(fresh)
    del watch


@pytest.mark.parametrize("chronological", [False, True])
def test_a_long_list_comes_step_by_step_and_is_the_same(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, chronological: bool) -> None:
    whole = made("busy")
    whole.arrange(chronological=chronological, quiet=True)
    monkeypatch.setattr(rows_module, "BLOCK", 10)
    model = PacketModel()
    watch = checked(model)
    lengths: list[int] = []
    model.rowsInserted.connect(lambda _parent, _first, _last: lengths.append(model.rowCount()))
    model.arrange(chronological=chronological, quiet=True)
    model.show(source(Recorded(pieces("busy")).add_all()))
    assert model.is_behind
    assert model.rowCount() < whole.rowCount()
    qtbot.waitUntil(lambda: not model.is_behind)
    assert len(lengths) > 3
    assert cells(model) == cells(whole)
    del watch


def test_a_record_that_is_asked_for_is_there_before_its_step_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made("busy")
    monkeypatch.setattr(rows_module, "BLOCK", 20)
    model = made("busy")
    assert model.source is not None
    last = Record("packets", model.source.snapshot.count("packets"))
    assert model.row_of(last) == whole.row_of(last)
    assert not model.is_behind


def test_a_list_is_not_empty_while_rows_are_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 1)
    assert made("demo").rowCount() > 0


def test_folding_and_unfolding_keeps_qts_rules() -> None:
    model = made("busy")
    watch = checked(model)
    before = cells(model)
    row = model.row_of(Record("packets", 1))
    assert row is not None
    assert model.is_unfolded(row) is False
    assert model.unfold(row)
    assert not model.unfold(row)
    assert model.is_unfolded(row) is True
    assert model.is_unfolded(row + 1) is None
    assert model.rowCount() > len(before)
    assert model.fold(row)
    assert not model.fold(row)
    assert cells(model) == before
    model.unfold_all(unfolded=True)
    model.unfold_all(unfolded=False)
    assert cells(model) == before
    del watch


def test_every_record_has_its_row_and_every_row_its_record() -> None:
    model = made()
    model.unfold_all(unfolded=True)
    for row in range(model.rowCount()):
        record = model.record(row)
        assert record is not None
        assert model.row_of(record) == row
    assert model.record(model.rowCount()) is None
    assert model.record(-1) is None


def test_a_frame_inside_a_folded_packet_is_at_the_packets_row_until_it_is_unfolded() -> None:
    model = made()
    packet = model.row_of(Record("packets", 7))
    assert packet is not None
    assert model.row_of(Record("frames", 20)) == packet
    assert model.row_of(Record("frames", 20), unfold=True) == packet + 2
    assert model.record(packet + 2) == Record("frames", 20)
    assert model.row_of(Record("frames", 5)) is None
    assert model.row_of(Record("frames", 9_999)) is None
    assert model.row_of(Record("packets", 9_999)) is None


def test_numbers_stand_right_and_headings_above_their_columns() -> None:
    model = made()
    for section, (column, title) in enumerate(zip(COLUMNS, TITLES, strict=True)):
        assert model.headerData(section, Qt.Orientation.Horizontal) == title
        heading = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        cell = model.index(0, section).data(Qt.ItemDataRole.TextAlignmentRole)
        assert heading == cell
        is_right = bool(Qt.AlignmentFlag(cell) & Qt.AlignmentFlag.AlignRight)
        assert is_right == (column in {Column.NO, Column.TIME, Column.DELTA, Column.LENGTH, Column.ENERGY, Column.CHARGE})
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_a_tooltip_says_what_a_narrow_cell_cannot() -> None:
    model = made()
    assert model.source is not None
    row = model.row_of(Record("packets", 12))
    assert row is not None
    place = place_of(model.source.snapshot, 12)
    assert place is not None
    model.source.notes.change({place: Note(marked=True, comment="who may?")})
    tips = [model.index(row, section).data(Qt.ItemDataRole.ToolTipRole) for section in range(len(COLUMNS))]
    assert tips[COLUMNS.index(Column.NO)] == "i note\nwho may?\nmarked"
    assert tips[COLUMNS.index(Column.SOURCE)].startswith("acde48000000a001\n")
    assert tips[COLUMNS.index(Column.INFO)] is None
    assert model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "No. 12"
    assert model.index(row, 0).data(Qt.ItemDataRole.DecorationRole) is None


def test_a_time_reference_is_forgotten_with_its_recording_and_another_way_to_count_is_not() -> None:
    model = made()
    styles = []
    for style in (TimeStyle.REFERENCE, TimeStyle.PREVIOUS):
        model.count_times(style, 5)
        model.show(model.source)
        assert model.texts is not None
        assert model.texts.time_style is model.time_style
        styles.append(model.time_style)
    assert styles == [TimeStyle.START, TimeStyle.PREVIOUS]


def test_an_index_of_another_row_has_no_children() -> None:
    model = made()
    inside = model.index(0, 0)
    assert (model.rowCount(inside), model.columnCount(inside)) == (0, 0)
    assert not model.index(0, 0, inside).isValid()
