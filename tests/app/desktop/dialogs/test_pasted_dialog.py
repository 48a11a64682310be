from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.panes.pasted import NOTHING_YET
from app.desktop.dialogs.pasted_dialog import PastedDialog
from app.desktop.views.bytes_view import HexDump
from app.desktop.views.packet_tree import PacketTree
from tests.helpers.certificates import certificate

FRAME = "a50b10c0000001010032d816"
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window


def opened(qtbot: QtBot, copied: str = "") -> PastedDialog:
    QGuiApplication.clipboard().setText(copied)
    dialog = PastedDialog(read_profile("reference-1"), DatasheetNames(read_datasheets([])))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # pytest-qt closes it once more
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def text_of(dialog: PastedDialog) -> QPlainTextEdit:
    found = dialog.findChild(QPlainTextEdit, "hex")
    assert isinstance(found, QPlainTextEdit)
    return found


def test_bytes_that_are_written_are_read_at_once(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    assert dialog.said == NOTHING_YET
    QTest.keyClicks(text_of(dialog), FRAME)
    qtbot.waitUntil(lambda: dialog.said == "12 bytes read as frames.")
    tree = dialog.findChild(PacketTree)
    assert isinstance(tree, PacketTree)
    assert tree.model().rowCount() == 1


def test_what_was_copied_is_taken_over_where_it_is_hexadecimal(qtbot: QtBot) -> None:
    dialog = opened(qtbot, FRAME)
    qtbot.waitUntil(lambda: dialog.said == "12 bytes read as frames.")
    assert text_of(opened(qtbot, "a letter to my aunt")).toPlainText() == ""


def test_a_problem_is_said_and_goes_with_its_cause(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    QTest.keyClicks(text_of(dialog), "xyz")
    qtbot.waitUntil(lambda: dialog.said == "✕ 'xyz' is not hexadecimal: paste hexadecimal digits.")
    QTest.keyClick(text_of(dialog), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(text_of(dialog), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog.said == NOTHING_YET)


def test_another_kind_can_be_chosen(qtbot: QtBot) -> None:
    dialog = opened(qtbot, FRAME)
    kind = dialog.findChild(QComboBox, "kind")
    assert isinstance(kind, QComboBox)
    kind.setFocus()
    for _ in range(2):
        QTest.keyClick(kind, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "read as a packet" in dialog.said)


def test_a_certificate_is_guessed_and_can_be_chosen(qtbot: QtBot) -> None:
    dialog = opened(qtbot, certificate().hex())
    qtbot.waitUntil(lambda: dialog.said == "229 bytes read as certificates.")
    text_of(dialog).setPlainText(FRAME)
    qtbot.waitUntil(lambda: dialog.said == "12 bytes read as frames.")
    kind = dialog.findChild(QComboBox, "kind")
    assert isinstance(kind, QComboBox)
    kind.setFocus()
    for _ in range(3):
        QTest.keyClick(kind, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: dialog.said == "✕ 12 bytes read as certificates; 1 piece with a fault.")


def test_a_byte_chooses_its_field(qtbot: QtBot) -> None:
    dialog = opened(qtbot, FRAME)
    qtbot.waitUntil(lambda: bool(dialog.detail.nodes))
    dump, tree = dialog.findChild(HexDump), dialog.findChild(PacketTree)
    assert isinstance(dump, HexDump)
    assert isinstance(tree, PacketTree)
    dump.setFocus()
    QTest.keyClick(dump, Qt.Key.Key_Right)
    node = tree.current_node()
    assert node is not None
    assert node.label == "Frame length"
