"""The packet pane by keyboard and mouse."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.analysis.packet_list.notes import Notes
from app.analysis.packet_list.text import COLUMNS, Column, TimeStyle
from app.desktop.selection import Record, Selection
from app.desktop.views import packet_table, packet_view
from app.desktop.views.packet_table import NOTHING_FOUND, NOTHING_OPEN, STILL_DECODING, PacketTable
from decoders.core.span import Timebase
from decoders.stack import Decoded
from tests.helpers import umi
from tests.helpers.growing import busy, demo
from tests.helpers.packet_list import Recorded

KEY, CTRL, ALT, SHIFT = (
    Qt.Key,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


W = TypeVar("W", bound=QWidget)


@functools.cache
def pieces(name: str) -> tuple[Decoded, ...]:
    return tuple(demo() if name == "demo" else busy(umi.shipped("reference-1")))


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def pane(qtbot: QtBot, selection: Selection) -> PacketTable:
    pane = opened(qtbot, selection)
    pane.show_workspace(Recorded(pieces("demo")).add_all(), Notes(None))
    pane.view.setFocus()
    return pane


def opened(qtbot: QtBot, selection: Selection) -> PacketTable:
    pane = PacketTable(selection)
    qtbot.addWidget(pane)
    pane.resize(1100, 400)
    with qtbot.waitActive(pane):
        pane.show()
        pane.activateWindow()
    return pane


def press(pane: PacketTable, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or pane, key, modifiers)


def part(pane: PacketTable, kind: type[W], name: str) -> W:
    found = pane.findChild(kind, name)
    assert found is not None
    return found


def go(pane: PacketTable, text: str) -> None:
    press(pane, KEY.Key_G, CTRL)
    QTest.keyClicks(pane.line_bar.line, text)
    press(pane, KEY.Key_Return)


def current(pane: PacketTable) -> str:
    return str(pane.view.currentIndex().siblingAtColumn(0).data())


def click(pane: PacketTable, row: int, x: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    rect = pane.view.visualRect(pane.model.index(row, 0))
    QTest.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, modifiers, QPoint(rect.x() + x, rect.center().y()))


# What is there


def test_an_empty_pane_says_what_would_fill_it(qtbot: QtBot, selection: Selection) -> None:
    pane = opened(qtbot, selection)
    label = part(pane, QLabel, "packets-empty")
    assert label.isVisible()
    assert label.text() == NOTHING_OPEN
    recorded = Recorded(pieces("demo"))
    pane.show_workspace(recorded, Notes(None))
    assert label.text() == STILL_DECODING
    recorded.add_all()
    pane.refresh()
    assert pane.view.isVisible()
    pane.show_workspace(Recorded([]).add_all(), Notes(None))
    assert label.text() == NOTHING_FOUND
    pressed = []
    action = QAction("Open a recording…", pane)
    action.triggered.connect(lambda: pressed.append(1))
    pane.offer(action)
    QTest.mouseClick(part(pane, QPushButton, "packets-offer"), Qt.MouseButton.LeftButton)
    assert pressed == [1]


def test_the_first_row_is_chosen_at_first(pane: PacketTable, selection: Selection) -> None:
    assert selection.record == Record("frames", 1)
    assert current(pane) == "f1"


def test_choosing_a_row_chooses_its_record_and_points_at_its_time(pane: PacketTable, selection: Selection) -> None:
    for _ in range(3):
        press(pane, KEY.Key_Down)
    assert selection.record == Record("packets", 1)
    assert selection.cursor == pane.model.text(3).tick
    click(pane, 5, 60)
    assert selection.record == Record("packets", 3)
    press(pane, KEY.Key_End)
    assert current(pane) == pane.model.text(pane.model.rowCount() - 1).cell(Column.NO)
    press(pane, KEY.Key_Home)
    assert current(pane) == "f1"


def test_a_record_that_another_pane_chooses_becomes_current(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 30))
    assert current(pane) == "30"
    assert pane.view.visualRect(pane.view.currentIndex()).intersects(pane.view.viewport().rect())
    selection.select(Record("frames", 20))
    assert current(pane) == "7"
    assert selection.record == Record("frames", 20)


def test_the_selection_and_the_rows_in_sight_stay_while_the_list_grows(qtbot: QtBot, selection: Selection) -> None:
    pane = opened(qtbot, selection)
    pane.resize(1100, 200)
    recorded = Recorded(pieces("busy"))
    recorded.add(len(pieces("busy")) // 2)
    pane.show_workspace(recorded, Notes(None))
    pane.view.setFocus()
    press(pane, KEY.Key_End)
    press(pane, KEY.Key_Up)
    chosen, top = current(pane), pane.model.text(pane.view.rowAt(0)).code
    before = pane.model.rowCount()
    while recorded.is_decoding:
        recorded.add(1)
        pane.refresh()
        assert current(pane) == chosen
        assert pane.model.text(pane.view.rowAt(0)).code == top
    assert pane.model.rowCount() > before


def test_the_newest_row_stays_in_sight_while_it_is_followed_until_one_scrolls(qtbot: QtBot, selection: Selection) -> None:
    pane = opened(qtbot, selection)
    recorded = Recorded(pieces("demo"))
    pane.show_workspace(recorded, Notes(None))
    pane.follow.setChecked(True)
    bar = pane.view.verticalScrollBar()
    while recorded.is_decoding:
        recorded.add(60)
        pane.refresh()
        assert bar.value() == bar.maximum()
    assert bar.maximum() > 0
    QTest.keyClick(bar, KEY.Key_PageUp)
    assert not pane.follow.isChecked()


# Folding


def test_the_right_arrow_unfolds_a_packet_and_the_left_one_goes_up_and_folds_it(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 7))
    rows = pane.model.rowCount()
    press(pane, KEY.Key_Right)
    assert pane.model.rowCount() == rows + 2
    press(pane, KEY.Key_Down)
    assert selection.record == Record("frames", 18)
    press(pane, KEY.Key_Left)
    assert selection.record == Record("packets", 7)
    press(pane, KEY.Key_Left)
    assert pane.model.rowCount() == rows


def test_shift_right_unfolds_all_and_shift_left_folds_all(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 30))
    rows = pane.model.rowCount()
    press(pane, KEY.Key_Right, SHIFT)
    assert pane.model.rowCount() > rows
    assert current(pane) == "30"
    press(pane, KEY.Key_Left, SHIFT)
    assert pane.model.rowCount() == rows
    assert current(pane) == "30"


def test_a_click_on_the_arrow_folds_and_unfolds_without_choosing(pane: PacketTable, selection: Selection) -> None:
    rows = pane.model.rowCount()
    click(pane, 3, 8)
    assert pane.model.rowCount() == rows + 1
    assert selection.record == Record("frames", 1)
    click(pane, 3, 8)
    assert pane.model.rowCount() == rows
    click(pane, 0, 8)
    assert pane.model.rowCount() == rows


def test_typing_letters_asks_no_row(pane: PacketTable) -> None:
    before = current(pane)
    press(pane, KEY.Key_1)
    assert current(pane) == before


# Going


def test_f8_and_f7_go_from_packet_to_packet(pane: PacketTable, selection: Selection) -> None:
    seen = []
    for key in (KEY.Key_F8, KEY.Key_F8, KEY.Key_F7):
        press(pane, key)
        seen.append(selection.record)
    assert seen == [Record("packets", 1), Record("packets", 2), Record("packets", 1)]
    press(pane, KEY.Key_F7)
    assert selection.record == Record("packets", 1)


def test_a_conversation_is_followed_in_both_directions(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 4))
    snapshot = Recorded(pieces("demo")).add_all().snapshot

    def parties(no: int) -> set[object]:
        header = snapshot.packet(no).reading.header
        return {header["source"], header["destination"]}

    same = [no for no in range(1, snapshot.count("packets") + 1) if parties(no) == parties(4)]
    press(pane, KEY.Key_Period, CTRL)
    assert selection.record == Record("packets", same[same.index(4) + 1])
    press(pane, KEY.Key_Comma, CTRL)
    press(pane, KEY.Key_Comma, CTRL)
    assert selection.record == Record("packets", same[same.index(4) - 1])


def test_one_goes_to_packets_frames_and_times(pane: PacketTable, selection: Selection) -> None:
    go(pane, "12")
    assert selection.record == Record("packets", 12)
    assert not pane.line_bar.isVisible()
    assert pane.view.hasFocus()
    go(pane, "f20")
    assert selection.record == Record("frames", 20)
    go(pane, "0 s")
    assert selection.record == Record("frames", 1)


@pytest.mark.parametrize(("place", "said"), [("nowhere", "no place"), ("9999", "only 34 packets"), ("f5", "not shown")])
def test_a_place_that_is_not_there_is_said_and_may_be_mended(
    pane: PacketTable, selection: Selection, place: str, said: str
) -> None:
    go(pane, place)
    assert said in pane.line_bar.said.text()
    assert pane.line_bar.isVisible()
    assert selection.record == Record("frames", 1)
    press(pane, KEY.Key_Escape)
    assert not pane.line_bar.isVisible()
    assert pane.view.hasFocus()


def test_alt_left_and_right_walk_the_places_one_has_been_at(pane: PacketTable, selection: Selection) -> None:
    for place in ("12", "f20", "30"):
        go(pane, place)
    press(pane, KEY.Key_Left, SHIFT)
    for key, record in (
        (KEY.Key_Left, Record("frames", 20)),
        (KEY.Key_Left, Record("packets", 12)),
        (KEY.Key_Right, Record("frames", 20)),
    ):
        press(pane, key, ALT)
        assert selection.record == record
        assert pane.current_record == record
    assert pane.actions_by_name["forward"].isEnabled()


# Finding


def test_text_is_found_while_one_writes_and_then_forth_and_back(qtbot: QtBot, pane: PacketTable, selection: Selection) -> None:
    press(pane, KEY.Key_F, CTRL)
    assert pane.find_bar.line.hasFocus()
    QTest.keyClicks(pane.find_bar.line, "200 bytes")
    qtbot.waitUntil(lambda: current(pane) == "21")
    press(pane, KEY.Key_Return)
    qtbot.waitUntil(lambda: current(pane) == "22")
    press(pane, KEY.Key_N, CTRL)
    qtbot.waitUntil(lambda: current(pane) == "23")
    press(pane, KEY.Key_B, CTRL)
    qtbot.waitUntil(lambda: current(pane) == "22")
    press(pane, KEY.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: current(pane) == "21")
    assert selection.record == Record("packets", 21)
    press(pane, KEY.Key_Escape)
    assert not pane.find_bar.isVisible()
    assert pane.view.hasFocus()


def test_a_search_goes_round_the_end_and_says_so(qtbot: QtBot, pane: PacketTable) -> None:
    go(pane, "30")
    press(pane, KEY.Key_F, CTRL)
    QTest.keyClicks(pane.find_bar.line, "cover opened")
    qtbot.waitUntil(lambda: current(pane) == "13")
    assert "round" in pane.find_bar.said.text()


def test_bytes_and_fields_are_found_and_what_is_not_there_is_said(qtbot: QtBot, pane: PacketTable) -> None:
    press(pane, KEY.Key_F, CTRL)
    look = part(pane, QComboBox, "find-look")
    QTest.keyClick(look, KEY.Key_Down)
    QTest.keyClicks(pane.find_bar.line, "5a7e")
    qtbot.waitUntil(lambda: current(pane) == "f36")
    QTest.keyClick(look, KEY.Key_Down)
    pane.find_bar.line.clear()
    QTest.keyClicks(pane.find_bar.line, "status=denied")
    qtbot.waitUntil(lambda: current(pane) == "12")
    pane.find_bar.line.clear()
    QTest.keyClicks(pane.find_bar.line, "status=replay")
    qtbot.waitUntil(lambda: "not found" in pane.find_bar.said.text())
    pane.find_bar.line.clear()
    QTest.keyClicks(pane.find_bar.line, "statsu=ok")
    press(pane, KEY.Key_Return)
    assert "status" in pane.find_bar.said.text()
    assert current(pane) == "12"


# Marks, comments and times


def test_marks_are_set_and_taken_away_undone_and_redone(pane: PacketTable, selection: Selection) -> None:
    row = 3
    selection.select(Record("packets", 1))
    press(pane, KEY.Key_M, CTRL)
    assert pane.model.note(row).marked
    press(pane, KEY.Key_M, CTRL)
    assert not pane.model.note(row).marked
    press(pane, KEY.Key_Z, CTRL)
    assert pane.model.note(row).marked
    press(pane, KEY.Key_Z, CTRL)
    assert not pane.model.note(row).marked
    press(pane, KEY.Key_Z, CTRL | SHIFT)
    assert pane.model.note(row).marked


def test_several_rows_are_marked_at_once(pane: PacketTable) -> None:
    click(pane, 3, 60)
    click(pane, 5, 60, SHIFT)
    press(pane, KEY.Key_M, CTRL)
    assert [pane.model.note(row).marked for row in range(2, 7)] == [False, True, True, True, False]
    press(pane, KEY.Key_Z, CTRL)
    assert not any(pane.model.note(row).marked for row in range(2, 7))


def test_a_comment_is_written_changed_and_kept(pane: PacketTable, selection: Selection, tmp_path: Path) -> None:
    notes = Notes(tmp_path / "notes.json")
    recorded = Recorded(pieces("demo")).add_all()
    pane.show_workspace(recorded, notes)
    selection.select(Record("packets", 1))
    press(pane, KEY.Key_C, CTRL | ALT)
    assert "packet 1" in pane.line_bar.title.text()
    QTest.keyClicks(pane.line_bar.line, "slow?")
    press(pane, KEY.Key_Return)
    press(pane, KEY.Key_C, CTRL | ALT)
    assert pane.line_bar.line.text() == "slow?"
    press(pane, KEY.Key_End)
    QTest.keyClicks(pane.line_bar.line, " yes")
    press(pane, KEY.Key_Return)
    pane.show_workspace(recorded, Notes(tmp_path / "notes.json"))
    assert pane.model.note(3).comment == "slow? yes"


def test_what_is_wrong_with_the_notes_is_said(pane: PacketTable, tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{")
    pane.show_workspace(Recorded(pieces("demo")).add_all(), Notes(tmp_path / "notes.json"))
    trouble = part(pane, QLabel, "packets-trouble")
    assert trouble.isVisible()
    assert "damaged" in trouble.text()


def test_a_time_reference_is_set_and_taken_away_with_the_same_keys(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 2))
    press(pane, KEY.Key_T, CTRL)
    row = pane.view.currentIndex().row()
    assert pane.model.text(row).cell(Column.TIME).startswith("0.000\u2009000")
    assert pane.model.text(row - 1).cell(Column.TIME).startswith("−0.")
    press(pane, KEY.Key_T, CTRL)
    assert pane.model.time_style is TimeStyle.START


# Columns and copying


def test_columns_their_order_widths_and_the_arrangement_are_restored(qtbot: QtBot, pane: PacketTable) -> None:
    header = pane.view.horizontalHeader()
    header.moveSection(header.visualIndex(COLUMNS.index(Column.STATUS)), 1)
    header.setSectionHidden(COLUMNS.index(Column.SECURITY), True)
    header.resizeSection(COLUMNS.index(Column.SOURCE), 177)
    pane.arrange(chronological=False, quiet=True)
    pane.model.count_times(TimeStyle.PREVIOUS)
    state = pane.column_state()
    other = PacketTable(Selection())
    qtbot.addWidget(other)
    other.restore_column_state(state)
    assert other.column_state() == state
    assert other.model.quiet
    assert other.model.time_style is TimeStyle.PREVIOUS
    assert other.view.horizontalHeader().logicalIndex(1) == COLUMNS.index(Column.STATUS)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"order": ["no", "nonsense", 5], "widths": {"no": "wide", "time": -5}, "hidden": 3, "time": "never"},
        {"hidden": [str(column) for column in COLUMNS]},
    ],
)
def test_a_state_that_makes_no_sense_leaves_a_usable_list(pane: PacketTable, state: dict[str, object]) -> None:
    pane.restore_column_state(state)
    shown = [section for section in range(len(COLUMNS)) if not pane.view.horizontalHeader().isSectionHidden(section)]
    assert shown
    assert all(pane.view.horizontalHeader().sectionSize(section) > 0 for section in shown)


def test_the_menu_of_the_headings_hides_columns_and_arranges_rows(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 12))

    def choose(text: str) -> None:
        pane.columns.menu.aboutToShow.emit()
        next(action for action in pane.columns.menu.actions() if action.text() == text).trigger()

    choose("Port")
    assert pane.view.horizontalHeader().isSectionHidden(COLUMNS.index(Column.PORT))
    choose("Port")
    assert not pane.view.horizontalHeader().isSectionHidden(COLUMNS.index(Column.PORT))
    choose("All frames in order of time")
    assert pane.model.chronological
    assert current(pane) == "12"
    choose("All frames in order of time")
    rows = pane.model.rowCount()
    choose("Link control frames (ack, poll, idle)")
    assert pane.model.rowCount() > rows
    choose("Time since the row above")
    assert pane.model.time_style is TimeStyle.PREVIOUS
    choose("Columns as at first")
    pane.columns.menu.aboutToShow.emit()
    utc = next(action for action in pane.columns.menu.actions() if action.text() == "Time in UTC")
    assert not utc.isEnabled()


def test_what_is_copied_is_plain_ascii_in_the_order_of_the_columns(pane: PacketTable, selection: Selection) -> None:
    selection.select(Record("packets", 2))
    press(pane, KEY.Key_C, CTRL)
    text = QGuiApplication.clipboard().text()
    assert text.isascii()
    heading, line = text.split("\n")
    assert heading.split("\t")[:4] == ["No.", "Time", "dt", "Port"]
    assert line.split("\t")[0] == "2"
    assert line.split("\t")[3] == "1 <"
    assert "Length" not in heading


def test_too_many_rows_are_neither_copied_in_full_nor_marked_and_that_is_said(
    pane: PacketTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_view, "MOST_COPIED", 3)
    monkeypatch.setattr(packet_table, "MOST_MARKED", 3)
    press(pane, KEY.Key_A, CTRL)
    press(pane, KEY.Key_C, CTRL)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[0] for line in lines[1:4]] == ["f1", "f2", "f3"]
    assert lines[4:] == [f"({pane.model.rowCount() - 3} more rows selected, not copied)"]
    press(pane, KEY.Key_M, CTRL)
    assert "too many" in part(pane, QLabel, "packets-trouble").text()
    assert not any(pane.model.note(row).marked for row in range(pane.model.rowCount()))


def test_every_kind_of_row_is_drawn(qtbot: QtBot, selection: Selection) -> None:
    pane = opened(qtbot, selection)
    pane.resize(1280, 800)
    pane.show_workspace(Recorded(pieces("busy")).add_all(), Notes(None))
    blank = pane.view.viewport().grab().toImage()
    pane.view.unfold_all(unfolded=True)
    press(pane, KEY.Key_M, CTRL)
    pane.view.scrollToBottom()
    assert pane.view.viewport().grab().toImage() != blank


def test_numbers_that_get_longer_make_their_column_wider(pane: PacketTable, qtbot: QtBot) -> None:
    section, delegate = COLUMNS.index(Column.TIME), pane.view.delegate
    before = pane.view.columnWidth(section)
    assert delegate.text_width(Column.TIME, pane.model.text(0).cell(Column.TIME)) <= before
    assert pane.model.texts is not None
    pane.model.texts._timebase = Timebase(2_000)  # a recording of minutes
    pane.model.count_times(TimeStyle.START)
    last = pane.model.text(pane.model.rowCount() - 1).cell(Column.TIME)
    qtbot.waitUntil(lambda: pane.view.columnWidth(section) >= delegate.text_width(Column.TIME, last))
    assert pane.view.columnWidth(section) > before


def test_a_narrow_column_of_security_shows_its_sign_and_a_wide_one_the_word_too(pane: PacketTable) -> None:
    section = COLUMNS.index(Column.SECURITY)
    row = next(row for row in range(pane.model.rowCount()) if pane.model.text(row).cell(Column.SECURITY) == "open")
    inked = []
    for width in (26, 90):
        pane.view.setColumnWidth(section, width)
        place = pane.view.visualRect(pane.model.index(row, section))
        assert width - 1 <= place.width() <= width
        image = pane.view.viewport().grab(place).toImage()
        ground = image.pixel(image.width() - 2, 2)
        inked.append({x for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) != ground})
    assert inked[0]
    assert len(inked[1]) > len(inked[0]) + 10
