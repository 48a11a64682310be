from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QLabel, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.analysis.material import read_profile
from app.analysis.wiring.wiring import wiring_from_names
from app.desktop.dialogs.wiring_channels import ChannelGrid, role_data
from app.desktop.dialogs.wiring_dialog import WiringDialog
from capture.formats.sigrok import SigrokRecording, open_sr
from decoders.bus.wiring import Wiring
from tests.helpers import story

STORY = story.recording()
FRAMES = "✓ 83 frames with a right checksum in the first 565 ms, 2 with a wrong one; they hold 94 % of the bytes."
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window
MOUSE = Qt.MouseButton.LeftButton


@pytest.fixture
def demo() -> SigrokRecording:
    return open_sr(STORY)


def opened(qtbot: QtBot, recording: SigrokRecording, wiring: Wiring) -> WiringDialog:
    dialog = WiringDialog(recording, wiring, read_profile("reference-1"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # pytest-qt closes it once more
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


@pytest.fixture
def dialog(qtbot: QtBot, demo: SigrokRecording) -> WiringDialog:
    made = opened(qtbot, demo, wiring_from_names(demo.channels))
    qtbot.waitUntil(lambda: made.said == FRAMES)
    return made


def box(dialog: QWidget, name: str) -> QComboBox:
    found = dialog.findChild(QComboBox, name)
    assert isinstance(found, QComboBox)
    return found


def choose(widget: QComboBox, text: str) -> None:
    """Open the list by key and take the line that begins with a text."""
    widget.setFocus()
    steps = next(at for at in range(widget.count()) if widget.itemText(at).startswith(text)) - widget.currentIndex()
    for _ in range(abs(steps)):
        QTest.keyClick(widget, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)


def write(widget: QComboBox, text: str) -> None:
    line = widget.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def ok_button(dialog: WiringDialog) -> QPushButton:
    buttons = dialog.findChild(QDialogButtonBox)
    assert isinstance(buttons, QDialogButtonBox)
    return buttons.button(QDialogButtonBox.StandardButton.Ok)


def propose(dialog: WiringDialog) -> None:
    button = dialog.findChild(QPushButton, "propose")
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, MOUSE)


def drop(grid: ChannelGrid, role: str, place: QPoint) -> bool:
    """A role dragged onto a place of the grid and let go there."""
    data, copy, none = role_data(role), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(grid, QDragEnterEvent(place, copy, data, MOUSE, none))
    QApplication.sendEvent(grid, QDragMoveEvent(place, copy, data, MOUSE, none))
    event = QDropEvent(QPointF(place), copy, data, MOUSE, none, QEvent.Type.Drop)
    QApplication.sendEvent(grid, event)
    return event.isAccepted()


def test_a_wiring_that_fits_says_how_many_frames_come_to_light(dialog: WiringDialog) -> None:
    assert ok_button(dialog).isEnabled()


def test_ok_hands_on_the_wiring(qtbot: QtBot, dialog: WiringDialog, demo: SigrokRecording) -> None:
    choose(box(dialog, "mode-of-spi-1"), "3")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.mouseClick(ok_button(dialog), MOUSE)
    named = wiring_from_names(demo.channels)
    assert chosen.args == [replace(named, spi=tuple(replace(port, mode=3) for port in named.spi))]


def test_two_clocks_are_an_error_in_plain_words_and_cannot_be_accepted(qtbot: QtBot, dialog: WiringDialog) -> None:
    choose(box(dialog, "role-of-5"), "sck")
    assert dialog.said == "✕ SCK and CS3 are both sck of ports 1 and 2 of spi: keep one, or number their ports apart."
    assert not ok_button(dialog).isEnabled()
    choose(box(dialog, "role-of-5"), "cs")
    qtbot.waitUntil(lambda: dialog.said == FRAMES)
    assert ok_button(dialog).isEnabled()


def test_the_check_follows_a_setting(qtbot: QtBot, dialog: WiringDialog) -> None:
    choose(box(dialog, "order-of-spi-1"), "lsb")
    qtbot.waitUntil(lambda: dialog.said.startswith("! No frame with a right checksum in the first 565 ms"))


def test_a_role_dropped_on_a_channel_is_taken(dialog: WiringDialog) -> None:
    grid = dialog.findChild(ChannelGrid)
    assert isinstance(grid, ChannelGrid)
    assert drop(grid, "attn", grid.place_of(4))
    assert dialog.table.rows[4].role == "attn"
    assert not drop(grid, "attn", QPoint(grid.width() // 2, 1))


def test_propose_wires_a_recording_that_is_not_wired_and_says_why(qtbot: QtBot, demo: SigrokRecording) -> None:
    made = opened(qtbot, demo, Wiring(spi=()))
    assert made.said.startswith("i No channel has a role yet")
    reasons = made.findChild(QLabel, "reasons")
    propose(made)
    qtbot.waitUntil(lambda: made.said == FRAMES, timeout=20_000)
    assert made.table.wiring() == wiring_from_names(demo.channels)
    assert isinstance(reasons, QLabel)
    assert reasons.text().startswith("A bus with 3 ports: all but certain (97 %)\n    The names of the channels")


def test_ports_can_be_written_and_nonsense_is_refused(dialog: WiringDialog) -> None:
    write(box(dialog, "ports-of-0"), "all")
    assert dialog.isVisible()  # Enter ends the entry, not the dialog
    write(box(dialog, "ports-of-0"), "1, 2")
    assert dialog.table.rows[0].ports == (1, 2)
    assert "Port 3 of spi has no clock" in dialog.said
    write(box(dialog, "ports-of-0"), "first")
    assert "“first” is no port" in dialog.said
    assert box(dialog, "ports-of-0").currentText() == "1, 2"


def test_ports_that_are_not_read_alike_have_a_row_each(dialog: WiringDialog) -> None:
    assert dialog.findChild(QComboBox, "mode-of-spi-2") is None
    alike = next(
        one for one in dialog.findChildren(QWidget) if getattr(one, "text", str)() == "All ports of a stream are read alike"
    )
    alike.setFocus()
    QTest.keyClick(alike, Qt.Key.Key_Space)
    choose(box(dialog, "mode-of-spi-2"), "1")
    assert [port.mode for port in dialog.table.wiring().spi] == [0, 1, 0]
    QTest.keyClick(alike, Qt.Key.Key_Space)
    assert [port.mode for port in dialog.table.wiring().spi] == [0, 0, 0]


def test_word_size_and_pause_are_settings_of_the_port(dialog: WiringDialog) -> None:
    for channel in (3, 4, 5):
        choose(box(dialog, f"role-of-{channel}"), "not used")
    word = dialog.findChild(QSpinBox, "word-of-spi-1")
    assert isinstance(word, QSpinBox)
    word.setFocus()
    QTest.keyClick(word, Qt.Key.Key_Up)
    write(box(dialog, "idle-of-spi-1"), "2ms")
    (port,) = dialog.table.wiring().spi
    assert (port.word_bits, port.idle_ns) == (9, 2_000_000)
    write(box(dialog, "idle-of-spi-1"), "soon")
    assert "“soon” is no duration" in dialog.said
    assert box(dialog, "idle-of-spi-1").currentText() == "2ms"


def test_a_serial_link_has_speed_format_and_protocol(dialog: WiringDialog) -> None:
    choose(box(dialog, "role-of-5"), "rx")
    choose(box(dialog, "protocol-of-opto"), "UMI")
    write(box(dialog, "baud-of-opto"), "19200")
    (line,) = dialog.table.wiring().uart
    assert (line.baud, line.data_bits, line.parity, line.protocol) == (19200, 8, "none", "raw")
    write(box(dialog, "stream-of-5"), "head")
    assert dialog.table.wiring().streams == ("spi", "head")
    assert box(dialog, "baud-of-head").currentText() == "19200"


def test_escape_leaves_without_a_word(qtbot: QtBot, dialog: WiringDialog) -> None:
    with qtbot.assertNotEmitted(dialog.chosen):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_dialog_can_be_closed_while_it_works(qtbot: QtBot, demo: SigrokRecording) -> None:
    made = opened(qtbot, demo, wiring_from_names(demo.channels))
    propose(made)
    with qtbot.assertNotEmitted(made.chosen):
        made.close()
    assert not made.isVisible()
