"""What a person chooses to simulate, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.analysis.simulation_run import Order
from app.desktop.dialogs.simulate_dialog import SimulateDialog
from app.desktop.dialogs.simulation_progress import SimulationProgress
from tests.helpers.person import live_in

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 60_000
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulateDialog:
    live_in(tmp_path, monkeypatch)
    made = SimulateDialog()
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def start(dialog: SimulateDialog) -> None:
    button = dialog.findChild(QPushButton, "start")
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, LEFT)


def tick(dialog: SimulateDialog, row: int) -> None:
    """Click the box of a fault."""
    faults = dialog.faults
    option = QStyleOptionViewItem()
    faults.initViewItemOption(option)
    option.rect = faults.visualItemRect(faults.item(row))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = faults.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, faults)
    QTest.mouseClick(faults.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, box.center())


def test_the_standard_order_is_a_gas_meter_in_the_cache(qtbot: QtBot, dialog: SimulateDialog, tmp_path: Path) -> None:
    assert "gas meter" in dialog.description.text()
    with qtbot.waitSignal(dialog.ordered) as told:
        start(dialog)
    assert told.args == [Order(tmp_path / "cache" / "umiscope" / "simulated" / "gas-meter.umi", "gas-meter", 30.0, 0, ())]


def test_scenario_length_seed_faults_and_place_are_as_chosen(qtbot: QtBot, dialog: SimulateDialog, tmp_path: Path) -> None:
    dialog.scenario.setFocus()
    QTest.keyClick(dialog.scenario, Qt.Key.Key_End)
    assert dialog.scenario.currentText() == "power-fail"
    dialog.seconds.selectAll()
    QTest.keyClicks(dialog.seconds, "5")
    dialog.seed.selectAll()
    QTest.keyClicks(dialog.seed, "7")
    tick(dialog, 0)
    tick(dialog, 4)
    QTest.keyClicks(dialog.path, str(tmp_path / "mine.umi"))
    with qtbot.waitSignal(dialog.ordered) as told:
        start(dialog)
    assert told.args == [Order(tmp_path / "mine.umi", "power-fail", 5.0, 7, ("bad-crc", "garbage"))]


def test_another_scenario_lasts_as_long_as_it_says(dialog: SimulateDialog) -> None:
    before = dialog.description.text()
    QTest.keyClick(dialog.scenario, Qt.Key.Key_Down)
    assert dialog.description.text() != before
    assert dialog.seconds.value() == round(dialog._scenarios[1].seconds)


def test_where_there_is_no_place_that_is_said(dialog: SimulateDialog, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    start(dialog)
    assert dialog.isVisible()
    assert dialog.said.startswith("✕ ")


def progress(qtbot: QtBot, order: Order) -> SimulationProgress:
    made = SimulationProgress(order)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_simulation_shows_how_far_it_is_and_tells_of_its_file(qtbot: QtBot, tmp_path: Path) -> None:
    shown = progress(qtbot, Order(tmp_path / "a.umi", seconds=2))
    with qtbot.waitSignal(shown.simulated, timeout=PATIENCE_MS) as told:
        assert "gas-meter" in shown.said.text()
    assert told.args == [tmp_path / "a.umi"]
    assert (tmp_path / "a.umi").is_file()
    assert not shown.isVisible()
    assert not shown.is_busy


def test_a_simulation_can_be_cancelled(qtbot: QtBot, tmp_path: Path) -> None:
    shown = progress(qtbot, Order(tmp_path / "a.umi", "busy-15-ports", seconds=3600))
    process = shown._run._process if shown._run is not None else None
    qtbot.waitUntil(lambda: shown.bar.value() > 0, timeout=PATIENCE_MS)
    with qtbot.assertNotEmitted(shown.simulated):
        QTest.mouseClick(shown.button, LEFT)
        qtbot.waitUntil(lambda: process is not None and not process.is_alive(), timeout=PATIENCE_MS)
    assert not shown.isVisible()
    assert not list(tmp_path.iterdir())


def test_what_goes_wrong_stays_in_sight_until_it_is_closed(qtbot: QtBot, tmp_path: Path) -> None:
    shown = progress(qtbot, Order(tmp_path / "nowhere" / "a.umi", seconds=1))
    qtbot.waitUntil(lambda: not shown.is_busy, timeout=PATIENCE_MS)
    assert shown.said.text().startswith("✕ ")
    assert shown.button.text() == "Close"
    QTest.mouseClick(shown.button, LEFT)
    assert not shown.isVisible()
