"""The transactions pane, driven as a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
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
