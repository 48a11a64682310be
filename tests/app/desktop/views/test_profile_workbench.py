"""The profile workbench: text, fault, fit, search and saving, driven as a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.analysis.tables.snapshot import Snapshot
from app.analysis.workspace import ProfileText
from app.desktop.views.profile_editor import ProfileEditor
from app.desktop.views.profile_offers import ALL_EXPLAINED_TEXT, HINT_TEXT, SEARCH_TEXT, STOP_TEXT
from app.desktop.views.profile_workbench import APPLIED_TEXT, CLOSED_TEXT, SAVED_TEXT, UNSAVED_TEXT, ProfileWorkbench
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.helpers import dialect, umi

CTRL = Qt.KeyboardModifier.ControlModifier


class Recording:
    """A finished recording, decoded by a profile's text."""

    def __init__(self, bench: umi.Bench, text: str = dialect.REFERENCE) -> None:
        self.profile_text = ProfileText("reference-1.toml", text)
        self.snapshot: Snapshot = dialect.decoded(bench, load_profile(text, "reference-1.toml"))
        self.timebase = Timebase(umi.RATE_HZ)
        self.wiring: Wiring = bench.wiring
        self.is_decoding = False


@pytest.fixture(scope="module")
def spoken() -> WireProfile:
    return dialect.altered(dialect.KERMIT)


@pytest.fixture(scope="module")
def foreign(spoken: WireProfile) -> umi.Bench:
    return dialect.talk(spoken)


@pytest.fixture
def bench(qtbot: QtBot) -> ProfileWorkbench:
    made = ProfileWorkbench()
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def write(editor: ProfileEditor, old: str, new: str) -> None:
    """Find a word and type another in its place."""
    editor.setFocus()
    editor.moveCursor(editor.textCursor().MoveOperation.Start)
    assert editor.find(old)
    QTest.keyClicks(editor, new)


def test_without_a_recording_there_is_nothing_to_work_on(bench: ProfileWorkbench) -> None:
    assert bench.message.text() == CLOSED_TEXT
    assert not bench.editor.isEnabled()
    assert not bench.save_button.isEnabled()
    assert bench.strip.lines == ["Open a recording to see how well this profile explains it."]


def test_it_says_how_well_the_profile_explains_the_recording(qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    assert bench.editor.toPlainText() == dialect.REFERENCE
    assert bench.message.text() == SAVED_TEXT
    first, second, third = bench.strip.lines[:3]
    assert first.startswith("0.0 % of ")
    assert "checksum holds in 0 of 80" in first
    assert second.endswith("nothing corrected yet")
    assert third.startswith("Unexplained bytes: ")
    qtbot.waitUntil(lambda: bench.strip.tip_at(12) == "Offset 0 of the unexplained stretches: A5 in 80 of 84, 95.2 %")
    assert len(bench.strip.lines) == 4


def test_a_fault_is_marked_on_its_line_as_one_types_and_nothing_is_saved(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench
) -> None:
    bench.set_workspace(Recording(foreign))
    write(bench.editor, "CRC-16/IBM-SDLC", "CRC-16/NOBODY")
    qtbot.waitUntil(lambda: bench.editor.fault_line is not None)
    line = dialect.REFERENCE[: dialect.REFERENCE.index('model = "CRC')].count("\n") + 1
    assert bench.editor.fault_line == line
    assert bench.message.text().startswith(
        f"✕ reference-1.toml, line {line}, crc.model: the CRC catalogue has no 'CRC-16/NOBODY'; write a name"
    )
    with qtbot.assertNotEmitted(bench.saved):
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)
    assert bench.editor.textCursor().blockNumber() == line - 1
    QTest.keyClick(bench.editor, Qt.Key.Key_Z, CTRL)


def test_ctrl_s_hands_the_new_text_over_once(qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    write(bench.editor, "CRC-16/IBM-SDLC", "CRC-16/KERMIT")
    qtbot.waitUntil(lambda: bench.message.text() == UNSAVED_TEXT)
    with qtbot.waitSignal(bench.saved) as caught:
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)
    assert caught.args is not None
    text = dialect.REFERENCE.replace("CRC-16/IBM-SDLC", "CRC-16/KERMIT")
    assert caught.args[0] == ProfileText("reference-1.toml", text)
    bench.set_workspace(Recording(foreign, text))
    assert bench.message.text() == SAVED_TEXT
    assert "checksum holds in 80 of 80" in bench.strip.lines[0]
    assert bench.strip.lines[1].endswith("1 value corrected")
    with qtbot.assertNotEmitted(bench.saved):
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)


def test_ctrl_s_belongs_to_the_editor_while_it_has_the_focus(qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    window_saves: list[bool] = []
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), bench)
    shortcut.activated.connect(lambda: window_saves.append(True))
    bench.set_workspace(Recording(foreign))
    write(bench.editor, "Reference profile, version 1", "Ours")
    with qtbot.waitSignal(bench.saved):
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)
    assert window_saves == []


def test_the_search_finds_the_dialect_and_applying_it_changes_the_text(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, spoken: WireProfile
) -> None:
    bench.set_workspace(Recording(foreign))
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    assert bench.offers.button.text() == STOP_TEXT
    qtbot.waitUntil(lambda: not bench.offers.is_searching, timeout=20_000)
    assert bench.offers.list.item(0).text().startswith("Frames by start byte and size, as now\nCRC-16/KERMIT, low byte first")
    QTest.mouseClick(bench.offers.apply_button, Qt.MouseButton.LeftButton)
    assert load_profile(bench.editor.toPlainText(), "found").crc == spoken.crc
    assert bench.message.text() == APPLIED_TEXT
    QTest.keyClick(bench.editor, Qt.Key.Key_Z, CTRL)
    assert bench.editor.toPlainText() == dialect.REFERENCE


def test_an_offer_is_taken_by_the_enter_key_too(qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bench.offers.is_searching, timeout=20_000)
    bench.offers.list.setFocus()
    QTest.keyClick(bench.offers.list, Qt.Key.Key_Return)
    assert 'model = "CRC-16/KERMIT"' in bench.editor.toPlainText()


def test_a_search_is_stopped_at_once(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    assert not bench.offers.is_searching
    assert bench.offers.button.text() == SEARCH_TEXT


def test_another_recording_ends_the_search(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    bench.set_workspace(None)
    assert not bench.offers.is_searching
    assert bench.offers.hint.text() == HINT_TEXT


def test_where_everything_is_explained_the_search_says_so(qtbot: QtBot, bench: ProfileWorkbench) -> None:
    bench.set_workspace(Recording(dialect.talk(umi.shipped("reference-1"), 4, noise=False)))
    QTest.mouseClick(bench.offers.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bench.offers.is_searching)
    assert bench.offers.hint.text() == ALL_EXPLAINED_TEXT
    assert not bench.offers.apply_button.isEnabled()


def test_what_was_typed_stays_while_the_same_profile_is_decoded_again(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    write(bench.editor, "Reference profile, version 1", "Ours")
    bench.set_workspace(Recording(foreign))
    assert 'title = "Ours"' in bench.editor.toPlainText()
    assert bench.is_changed


def test_a_text_that_is_changed_differs_only_where_it_must_for_any_letters(qtbot: QtBot) -> None:
    editor = ProfileEditor()
    qtbot.addWidget(editor)
    for old, new in (("", "a"), ("äß𝄞x", "äß𝄞yx"), ("one\ntwo\n", "one\n𝄞\ntwo\n"), ("aaaa", "aa"), ("same", "same")):
        editor.setPlainText(old)
        editor.change_text(new)
        assert editor.toPlainText() == new
        if old != new:
            editor.undo()
            assert editor.toPlainText() == old


def test_narrow_panes_put_the_offers_below_the_text(bench: ProfileWorkbench) -> None:
    bench.resize(500, 700)
    assert bench.offers.mapTo(bench, QPoint(0, 0)).y() > bench.editor.mapTo(bench, QPoint(0, 0)).y()
