"""Someone without any hardware: starts a simulated meter, and looks at what its packets cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractItemView, QDialog, QLineEdit, QListWidget, QPushButton, QSpinBox, QTreeView
from pytestqt.qtbot import QtBot

from app.analysis.packet_list.text import COLUMNS, Column
from app.analysis.timeline.rows import TraceKey
from tests.helpers.person import LEFT, Person, live_in

PATIENCE_MS = 60_000
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    live_in(tmp_path, monkeypatch)
    return Person(qtbot, tmp_path)


def waits_for_the_recording(person: Person) -> None:
    window = person.window
    person.qtbot.waitUntil(
        lambda: window.session.workspace is not None and not window.session.workspace.is_decoding, timeout=PATIENCE_MS
    )
    person.qtbot.waitUntil(lambda: window.panes.packets.model.rowCount() > 0, timeout=PATIENCE_MS)


def waits_for_energy(person: Person) -> None:
    """Until the current packet's energy is measured."""
    person.qtbot.waitUntil(lambda: person.cell(Column.ENERGY) != "", timeout=PATIENCE_MS)


def line(person: Person, label: str) -> str:
    """What the packet tree says in a line; empty where it has none of that name."""
    model = person.sees(QTreeView, "packet-tree").model()
    rows = (row for row in range(model.rowCount()) if model.index(row, 0).data() == label)
    return next((str(model.index(row, 1).data()) for row in rows), "")


def cells(view: QAbstractItemView, title: str) -> list[str]:
    """A column of a list by its heading."""
    model = view.model()
    titles = [model.headerData(section, Qt.Orientation.Horizontal) for section in range(model.columnCount())]
    return [str(model.index(row, titles.index(title)).data()) for row in range(model.rowCount(QModelIndex()))]


def test_a_simulated_meter_is_one_click_away_and_its_packets_have_an_energy(person: Person, tmp_path: Path) -> None:
    window = person.window
    QAbstractItemModelTester(window.panes.packets.model, QAbstractItemModelTester.FailureReportingMode.Warning, window)
    person.clicks_button("start-simulated")
    assert person.sees(QDialog, "simulation-progress").isModal()
    waits_for_the_recording(person)
    assert window.session.workspace is not None
    assert window.session.workspace.path == tmp_path / "cache" / "umiscope" / "simulated" / "gas-meter.umi"
    waits_for_energy(person)
    assert person.cell(Column.ENERGY).endswith("J")
    assert person.cell(Column.CHARGE).endswith("C")
    person.qtbot.waitUntil(lambda: line(person, "Energy") != "", timeout=PATIENCE_MS)
    assert "J · " in line(person, "Energy")
    transactions, devices = window.panes.transactions.table, window.panes.devices.table
    person.qtbot.waitUntil(lambda: all(cells(devices, "Energy")[1:]), timeout=PATIENCE_MS)
    assert cells(devices, "Energy")[0] == ""
    assert all(text.endswith("A") for text in cells(devices, "Mean current")[1:])
    person.qtbot.waitUntil(lambda: any(text.endswith("J") for text in cells(transactions, "Energy")), timeout=PATIENCE_MS)


def test_without_currents_there_are_no_such_columns(person: Person) -> None:
    header = person.window.panes.packets.view.header
    assert all(header.isSectionHidden(COLUMNS.index(column)) for column in (Column.ENERGY, Column.CHARGE))
    person.clicks_button("start-simulated")
    waits_for_the_recording(person)
    assert not header.isSectionHidden(COLUMNS.index(Column.ENERGY))
    person.window.session.close()
    assert all(header.isSectionHidden(COLUMNS.index(column)) for column in (Column.ENERGY, Column.CHARGE))


def test_a_finding_of_the_supply_leads_to_its_place_on_its_port(person: Person, tmp_path: Path) -> None:
    person.chooses("Tools", "Simulate…")
    dialog = person.sees(QDialog, "simulate")
    person.qtbot.waitUntil(dialog.isActiveWindow)
    seconds, faults = person.sees(QSpinBox, "seconds", dialog), person.sees(QListWidget, "faults", dialog)
    seconds.selectAll()
    QTest.keyClicks(seconds, "15")
    (over,) = (row for row in range(faults.count()) if faults.item(row).text().startswith("over-current"))
    faults.setFocus()
    for _ in range(over + 1):
        QTest.keyClick(faults, Qt.Key.Key_Down)
    assert faults.currentRow() in {over, over + 1}
    while faults.currentRow() > over:
        QTest.keyClick(faults, Qt.Key.Key_Up)
    QTest.keyClick(faults, Qt.Key.Key_Space)
    QTest.keyClicks(person.sees(QLineEdit, "path", dialog), str(tmp_path / "mine.umi"))
    person.clicks(person.sees(QPushButton, "start", dialog))
    waits_for_the_recording(person)
    panes = person.window.panes
    table, canvas = panes.findings.table, panes.timeline.canvas
    person.qtbot.waitUntil(lambda: "over-current" in cells(table, "Code"), timeout=PATIENCE_MS)
    row = cells(table, "Code").index("over-current")
    assert "port 1" in canvas.folded
    QTest.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, table.visualRect(table.model().index(row, 4)).center())
    assert "port 1" not in canvas.folded
    timeline = canvas.timeline
    assert timeline is not None
    (current,) = (trace for trace in timeline.supply.traces_at(1) if timeline.traces[trace].name == "current1")
    placed = canvas.places.row_of(TraceKey(current))
    assert placed is not None
    assert 0 <= placed.top - canvas.scroll_top <= canvas.height() - canvas.head - placed.height
    assert canvas.band is not None
    assert canvas.view.first_tick <= canvas.band.start < canvas.band.end <= canvas.view.end_tick
    found = timeline.traces[current].statistics(canvas.band.start, canvas.band.end)
    assert found is not None
    assert found.high > 0.05
