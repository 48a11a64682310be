"""The findings pane, driven as a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.selection import Record, Selection
from app.desktop.views.findings_pane import CLOSED_TEXT, DECODING_TEXT, HIDDEN_TEXT, NOTHING_TEXT, FindingsPane
from app.desktop.views.record_table import RecordTable
from tests.app.desktop.views import recorded
from tests.helpers import growing, umi


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def pane(qtbot: QtBot, selection: Selection) -> FindingsPane:
    made = FindingsPane(selection)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


def click(table: RecordTable, row: int) -> None:
    model = table.model()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(model.index(row, 2)).center())


def codes(table: RecordTable) -> list[str]:
    return [table.model().index(row, 2).data() for row in range(table.row_count)]


def test_a_click_on_a_finding_chooses_its_record(pane: FindingsPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    click(pane.table, 0)
    assert selection.record == Record("frames", 22)
    QTest.keyClick(pane.table, Qt.Key.Key_Down)
    QTest.keyClick(pane.table, Qt.Key.Key_Down)
    QTest.keyClick(pane.table, Qt.Key.Key_Down)
    assert selection.record == Record("packets", 12)


def test_a_finding_about_no_record_moves_the_cursor(pane: FindingsPane, selection: Selection) -> None:
    profile = umi.shipped("reference-1")
    pieces = growing.busy(profile)
    recording = recorded.Recorded(growing.GrowingTables(profile, pieces), umi.Bench(profile).wiring, umi.RATE_HZ)
    recording.add()
    pane.set_workspace(recording)
    row = codes(pane.table).index("gap")
    pane.table.scrollTo(pane.table.model().index(row, 0))
    click(pane.table, row)
    assert selection.record is None
    assert [selection.cursor] == [gap.start for piece in pieces for gap in piece.gaps]


def test_the_combos_choose_by_severity_and_code(pane: FindingsPane) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    assert pane.summary.text() == "! 3 · i 5"
    assert pane.summary.toolTip() == "8 findings: 3 warnings, 5 notes"
    assert [pane.code.itemText(at) for at in range(pane.code.count())] == [
        "All codes", "bad-crc (2)", "garbage (1)", "nak (2)", "operation-failed (1)", "retransmission (2)",
    ]  # fmt: skip
    QTest.keyClick(pane.severity, Qt.Key.Key_Down)
    QTest.keyClick(pane.severity, Qt.Key.Key_Down)
    assert codes(pane.table) == ["bad-crc", "garbage", "bad-crc"]
    QTest.keyClick(pane.code, Qt.Key.Key_Down)
    assert codes(pane.table) == ["bad-crc", "bad-crc"]
    assert pane.summary.text() == "2 of 8"
    QTest.keyClick(pane.severity, Qt.Key.Key_Down)
    assert codes(pane.table) == []
    assert pane.table.empty_text == HIDDEN_TEXT


def test_the_list_grows_while_decoding_and_the_chosen_row_stays(pane: FindingsPane, selection: Selection) -> None:
    recording = recorded.demo()
    pane.set_workspace(recording)
    assert pane.table.empty_text == DECODING_TEXT
    while recording.is_decoding:
        recording.add()
        pane.refresh()
        if pane.table.row_count == 1:
            click(pane.table, 0)
    assert pane.table.row_count == 8
    click(pane.table, 1)
    assert selection.record == Record("frames", 23)
    pane.refresh()
    assert pane.table.currentIndex().row() == 1


def test_a_chosen_code_is_still_chosen_when_others_come(pane: FindingsPane) -> None:
    recording = recorded.demo()
    pane.set_workspace(recording)
    while "nak (1)" not in [pane.code.itemText(at) for at in range(pane.code.count())]:
        recording.add(1)
        pane.refresh()
    pane.code.setFocus()
    QTest.keyClicks(pane.code, "nak")
    recording.add()
    pane.refresh()
    assert pane.code.currentText() == "nak (2)"
    assert codes(pane.table) == ["nak", "nak"]


def test_an_empty_pane_says_why(pane: FindingsPane) -> None:
    assert pane.table.empty_text == CLOSED_TEXT
    recording = recorded.Recorded(growing.GrowingTables(umi.shipped("reference-1"), []), recorded.demo().wiring, 1)
    pane.set_workspace(recording)
    assert pane.table.empty_text == NOTHING_TEXT
    pane.set_workspace(None)
    assert pane.table.empty_text == CLOSED_TEXT


def test_coming_by_the_tab_key_chooses_nothing(pane: FindingsPane, selection: Selection, qtbot: QtBot) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    qtbot.waitExposed(pane)
    pane.activateWindow()
    pane.code.setFocus()
    QTest.keyClick(pane.code, Qt.Key.Key_Tab)
    assert pane.table.hasFocus()
    assert selection.record is None
    QTest.keyClick(pane.table, Qt.Key.Key_Return)
    assert selection.record == Record("frames", 22)


def test_another_recording_forgets_the_choice_of_codes(pane: FindingsPane) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    QTest.keyClick(pane.code, Qt.Key.Key_Down)
    pane.set_workspace(recorded.demo())
    assert pane.code.currentText() == "All codes"
    QTest.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert pane.table.row_count == 0


def test_a_narrow_pane_leaves_out_what_matters_less(pane: FindingsPane) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    titles = [pane.table.model().headerData(at, Qt.Orientation.Horizontal) for at in range(5)]
    assert not any(pane.table.isColumnHidden(at) for at in range(5))
    pane.resize(620, 400)
    assert [title for at, title in enumerate(titles) if pane.table.isColumnHidden(at)] == ["Code"]
    pane.resize(400, 400)
    assert [title for at, title in enumerate(titles) if pane.table.isColumnHidden(at)] == ["Time s", "Code"]
    pane.resize(900, 400)
    assert not any(pane.table.isColumnHidden(at) for at in range(5))


def test_a_record_chosen_elsewhere_has_its_finding_shown_and_others_have_none(pane: FindingsPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    selection.select(Record("packets", 12))
    assert codes(pane.table)[pane.table.currentIndex().row()] == "operation-failed"
    assert not pane.table.hasFocus()
    selection.select(Record("packets", 1))
    assert not pane.table.selectionModel().hasSelection()
    selection.select(Record("frames", 36))
    assert pane.table.selectionModel().hasSelection()
    assert selection.record == Record("frames", 36)


def test_where_a_choice_hides_all_findings_one_click_shows_them_again(pane: FindingsPane) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    pane.severity.setFocus()
    QTest.keyClick(pane.severity, Qt.Key.Key_End)
    assert pane.table.row_count == 0
    (button,) = pane.table.findChildren(QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pane.table.row_count == 8
    assert not button.isVisible()


def test_the_two_choices_do_not_touch(pane: FindingsPane) -> None:
    assert pane.code.geometry().left() - pane.severity.geometry().right() > 4
