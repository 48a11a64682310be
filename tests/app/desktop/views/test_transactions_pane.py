"""The transactions pane, driven as a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.analysis.panes.transactions import LATENCY, NUMBER
from app.desktop.selection import Record, Selection
from app.desktop.views.transactions_pane import CLOSED_TEXT, DECODING_TEXT, TransactionsPane
from tests.app.desktop.views import recorded


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def pane(qtbot: QtBot, selection: Selection) -> TransactionsPane:
    made = TransactionsPane(selection)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    return made


def numbers(pane: TransactionsPane) -> list[str]:
    model = pane.table.model()
    return [model.index(row, NUMBER).data() for row in range(pane.table.row_count)]


def click_title(pane: TransactionsPane, column: int) -> None:
    header = pane.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_chooses_the_command_and_arrows_go_on(pane: TransactionsPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    model = pane.table.model()
    QTest.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=pane.table.visualRect(model.index(5, 2)).center())
    assert selection.record == Record("packets", recording.snapshot.transaction(6).command or 0)
    QTest.keyClick(pane.table, Qt.Key.Key_Down)
    assert selection.record == Record("packets", recording.snapshot.transaction(7).command or 0)


def test_a_click_on_a_title_sorts_and_the_chosen_row_stays_chosen(pane: TransactionsPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    model = pane.table.model()
    QTest.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=pane.table.visualRect(model.index(3, 2)).center())
    before, chosen = numbers(pane), selection.record
    click_title(pane, LATENCY)
    click_title(pane, LATENCY)
    assert numbers(pane) != before
    assert sorted(numbers(pane)) == sorted(before)
    assert numbers(pane)[pane.table.currentIndex().row()] == "4"
    assert selection.record == chosen
    click_title(pane, NUMBER)
    click_title(pane, NUMBER)
    assert numbers(pane) in (before, before[::-1])


def test_it_grows_while_decoding(pane: TransactionsPane) -> None:
    assert pane.table.empty_text == CLOSED_TEXT
    recording = recorded.demo()
    pane.set_workspace(recording)
    assert pane.table.empty_text == DECODING_TEXT
    seen = set()
    while recording.is_decoding:
        recording.add(1)
        pane.refresh()
        seen.add(pane.table.row_count)
    assert len(seen) > 3
    assert pane.summary.text() == "17 transactions"
    assert pane.table.row_count == 17


def test_a_packet_or_frame_chosen_elsewhere_has_its_transaction_in_sight(pane: TransactionsPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.resize(500, 160)
    pane.set_workspace(recording)
    snapshot, model = recording.snapshot, pane.table.model()
    focus = QApplication.focusWidget()
    for no in (30, 1):
        selection.select(Record("packets", no))
        exchange = snapshot.transaction_of_packet(no)
        assert numbers(pane)[pane.table.currentIndex().row()] == str(exchange)
        assert pane.table.viewport().rect().contains(pane.table.visualRect(pane.table.currentIndex()))
        assert [index.row() for index in pane.table.selectionModel().selectedRows()] == [pane.table.currentIndex().row()]
    frame = snapshot.frames_of_packet(12)[0]
    selection.select(Record("frames", frame))
    assert model.index(pane.table.currentIndex().row(), NUMBER).data() == str(snapshot.transaction_of_packet(12))
    selection.select(Record("frames", 1))
    assert not pane.table.selectionModel().hasSelection()
    assert selection.record == Record("frames", 1)
    assert QApplication.focusWidget() is focus


def test_a_transaction_that_comes_after_its_packet_was_chosen_is_shown_then(pane: TransactionsPane, selection: Selection) -> None:
    recording = recorded.demo()
    pane.set_workspace(recording)
    selection.select(Record("packets", 8))
    assert not pane.table.selectionModel().hasSelection()
    recording.add()
    pane.refresh()
    assert numbers(pane)[pane.table.currentIndex().row()] == str(recording.snapshot.transaction_of_packet(8))


def test_without_a_recording_it_offers_to_open_one(qtbot: QtBot, pane: TransactionsPane) -> None:
    pane.open_action = QAction("Open a recording…")
    pane.set_workspace(None)
    (button,) = pane.table.findChildren(QPushButton)
    with qtbot.waitSignal(pane.open_action.triggered):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    pane.set_workspace(recorded.demo())
    assert not button.isVisible()
