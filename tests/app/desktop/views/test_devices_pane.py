"""The devices pane: the star and its list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.analysis.panes.devices import Device
from app.desktop.selection import Record, Selection
from app.desktop.views.device_star import DeviceStar
from app.desktop.views.devices_pane import DevicesPane
from decoders.core.span import Timebase
from tests.app.desktop.views import recorded


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def pane(qtbot: QtBot, selection: Selection) -> DevicesPane:
    made = DevicesPane(selection)
    qtbot.addWidget(made)
    made.resize(600, 600)
    made.show()
    return made


def last_packet_of(recording: recorded.Recorded, source: str) -> Record:
    snapshot = recording.snapshot
    sent = [no for no in range(1, snapshot.count("packets") + 1) if snapshot.packet(no).reading.header["source"] == source]
    return Record("packets", max(sent))


def test_a_click_on_a_device_chooses_its_last_packet_and_its_row(pane: DevicesPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    QTest.mouseClick(pane.star, Qt.MouseButton.LeftButton, pos=pane.star.box_of(2).center().toPoint())
    assert selection.record == last_packet_of(recording, "acde48000000b002")
    assert pane.table.currentIndex().row() == 2


def test_the_list_and_the_arrow_keys_choose_too(pane: DevicesPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    model = pane.table.model()
    QTest.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=pane.table.visualRect(model.index(1, 0)).center())
    assert selection.record == last_packet_of(recording, "acde48000000a001")
    QTest.keyClick(pane.star, Qt.Key.Key_Left)
    assert selection.record == last_packet_of(recording, "acde480000000001")
    QTest.keyClick(pane.star, Qt.Key.Key_Left)
    assert selection.record == last_packet_of(recording, "acde48000000c003")


def test_it_counts_on_while_decoding(pane: DevicesPane) -> None:
    recording = recorded.demo()
    pane.set_workspace(recording)
    assert pane.summary.text() == "3 ports, 0 of them heard"
    while recording.is_decoding:
        recording.add(1)
        pane.refresh()
    assert pane.summary.text() == "3 ports, 3 of them heard"
    pane.set_workspace(None)
    assert pane.summary.text() == ""


@pytest.mark.parametrize("count", [1, 6, 15])
@pytest.mark.parametrize("size", [(420, 300), (900, 500)])
def test_no_two_boxes_lie_over_each_other(qtbot: QtBot, count: int, size: tuple[int, int]) -> None:
    star = DeviceStar()
    qtbot.addWidget(star)
    star.resize(*size)
    star.show_devices([Device("spi", 0, port) for port in range(count + 1)], Timebase(1))
    boxes = [star.box_of(at) for at in range(count + 1)]
    assert all(star.rect().toRectF().contains(box) for box in boxes)
    assert not any(one.intersects(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_of_a_record_chosen_elsewhere_the_sender_is_shown(pane: DevicesPane, selection: Selection) -> None:
    recording = recorded.demo()
    recording.add()
    pane.set_workspace(recording)
    rows = []
    for no in range(1, recording.snapshot.count("packets") + 1):
        selection.select(Record("packets", no))
        rows.append(pane.table.currentIndex().row())
    sources = [str(recording.snapshot.packet(no).reading.header["source"])[-4:] for no in range(1, len(rows) + 1)]
    assert dict(zip(sources, rows, strict=True)) == {"0001": 0, "a001": 1, "b002": 2, "c003": 3}
    assert len({*zip(sources, rows, strict=True)}) == 4


def test_four_devices_are_in_sight_in_a_low_pane_and_the_star_gives_way(pane: DevicesPane, qtbot: QtBot) -> None:
    recording = recorded.demo()
    recording.add()
    pane.hide()
    pane.resize(410, 240)
    pane.set_workspace(recording)
    pane.show()
    qtbot.waitUntil(lambda: pane.table.viewport().height() >= 4 * pane.table.rowHeight(0))
    assert pane.star.height() >= pane.star.minimumHeight()


def test_without_a_recording_it_offers_to_open_one(pane: DevicesPane, qtbot: QtBot) -> None:
    pane.open_action = QAction("Open a recording…")
    pane.set_workspace(None)
    button = next(one for one in pane.findChildren(QPushButton) if one.isVisible())
    with qtbot.waitSignal(pane.open_action.triggered):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
