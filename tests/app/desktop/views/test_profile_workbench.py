"""The profile workbench: text, fault, fit, search and saving, driven as a person does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QListView, QMessageBox, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from app.analysis.fit.profile_files import ProfileChoices
from app.analysis.material import PROFILES
from app.analysis.tables.snapshot import Snapshot
from app.analysis.workspace import ProfileText
from app.desktop.views.profile_editor import ProfileEditor
from app.desktop.views.profile_offers import ALL_EXPLAINED_TEXT, HINT_TEXT, SEARCH_TEXT, STOP_TEXT
from app.desktop.views.profile_workbench import (
    APPLIED_TEXT,
    CLOSED_TEXT,
    SAVED_TEXT,
    STILL_TEXT,
    UNFILED_TEXT,
    UNSAVED_TEXT,
    ProfileWorkbench,
)
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.helpers import dialect, umi

CTRL = Qt.KeyboardModifier.ControlModifier


class Recording:
    """A finished recording, decoded by a profile's text."""

    def __init__(self, bench: umi.Bench, text: str = dialect.REFERENCE, name: str = "reference-1.toml") -> None:
        self.path = Path("/recordings/meter.sr")
        self.profile_text = ProfileText(name, text)
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
    qtbot.waitUntil(lambda: bool(bench.editor.fault_lines))
    line = dialect.REFERENCE[: dialect.REFERENCE.index('model = "CRC')].count("\n") + 1
    assert bench.editor.fault_lines == [line]
    assert bench.message.text() == STILL_TEXT
    said = f"✕ Line {line}, crc.model: the CRC catalogue has no 'CRC-16/NOBODY'; write a name"
    assert bench.faults.item(0).text().startswith(said)
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
    assert bench.message.text() == UNFILED_TEXT
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


def in_a_file(bench: ProfileWorkbench, folder: Path, foreign: umi.Bench, text: str = dialect.REFERENCE) -> Path:
    """The workbench on a recording that is read by a file of the user's own."""
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    bench.remember_in(ProfileChoices(folder / "profiles.json"))
    bench.set_workspace(Recording(foreign, text, str(file)))
    return file


def dialog(bench: ProfileWorkbench) -> QFileDialog:
    return next(found for found in bench.findChildren(QFileDialog) if found.isVisible())


def choose(bench: ProfileWorkbench, file: Path) -> None:
    """Choose a file in the dialog that is open."""
    shown = dialog(bench)
    buttons = shown.findChild(QDialogButtonBox)
    assert buttons is not None
    shown.selectFile(str(file))
    QTest.mouseClick(buttons.buttons()[0], Qt.MouseButton.LeftButton)


def answer(bench: ProfileWorkbench, button: str) -> None:
    box = next(found for found in bench.findChildren(QMessageBox) if found.isVisible())
    QTest.mouseClick(next(each for each in box.buttons() if each.text().replace("&", "") == button), Qt.MouseButton.LeftButton)


def menu(bench: ProfileWorkbench, name: str) -> None:
    next(action for action in bench.files.menu.actions() if action.text() == name).trigger()


def test_ctrl_s_writes_a_file_of_one_s_own_and_decodes_by_it(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    file = in_a_file(bench, tmp_path, foreign)
    assert bench.files.title.text() == "mine.toml"
    write(bench.editor, "CRC-16/IBM-SDLC", "CRC-16/KERMIT")
    qtbot.waitUntil(lambda: bench.files.title.text() == "● mine.toml – changed")
    with qtbot.waitSignal(bench.saved) as caught:
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)
    assert caught.args == [ProfileText(str(file), bench.editor.toPlainText())]
    assert file.read_text(encoding="utf-8") == bench.editor.toPlainText()
    assert bench.files.title.text() == "mine.toml"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".mine")] == []


def test_a_shipped_profile_is_decoded_by_at_once_and_asks_for_a_file_of_its_own(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    bench.remember_in(ProfileChoices(tmp_path / "profiles.json"))
    bench.set_workspace(Recording(foreign))
    assert bench.files.title.text() == "reference-1.toml (came with the program)"
    write(bench.editor, "CRC-16/IBM-SDLC", "CRC-16/KERMIT")
    with qtbot.waitSignal(bench.saved):
        QTest.keyClick(bench.editor, Qt.Key.Key_S, CTRL)
    with qtbot.waitSignal(bench.saved) as caught:
        choose(bench, tmp_path / "ours")
    assert caught.args == [ProfileText(str(tmp_path / "ours.toml"), bench.editor.toPlainText())]
    assert bench.files.title.text() == "ours.toml"
    assert (tmp_path / "ours.toml").read_text(encoding="utf-8") == bench.editor.toPlainText()
    assert bench.files.choices is not None
    assert bench.files.choices.recent() == [tmp_path / "ours.toml"]
    assert bench.files.choices.chosen_for(Path("/recordings/meter.sr")) == tmp_path / "ours.toml"
    assert umi.shipped("reference-1").crc == load_profile((PROFILES / "reference-1.toml").read_text(encoding="utf-8"), "").crc


def test_another_file_is_overwritten_only_when_one_says_so(bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path) -> None:
    in_a_file(bench, tmp_path, foreign)
    other = tmp_path / "theirs.toml"
    other.write_text("theirs", encoding="utf-8")
    menu(bench, "Save as…")
    choose(bench, other)
    answer(bench, "Cancel")
    assert other.read_text(encoding="utf-8") == "theirs"
    menu(bench, "Save as…")
    choose(bench, other)
    answer(bench, "Overwrite")
    assert other.read_text(encoding="utf-8") == dialect.REFERENCE
    assert bench.files.title.text() == "theirs.toml"


def test_a_place_that_cannot_be_written_to_is_told_in_plain_words(
    bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    in_a_file(bench, tmp_path, foreign)
    bench.files.write_to(tmp_path / "nowhere" / "mine.toml")
    assert bench.message.text() == f"✕ {tmp_path / 'nowhere'}: there is no such folder; choose a folder that is there"
    bench.files.write_to(PROFILES / "reference-1.toml")
    assert "came with the program and is not overwritten" in bench.message.text()


def test_what_is_opened_is_decoded_by_and_remembered_as_recent(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    in_a_file(bench, tmp_path, foreign)
    other = tmp_path / "other.toml"
    other.write_text(dialect.REFERENCE.replace("CRC-16/IBM-SDLC", "CRC-16/KERMIT"), encoding="utf-8")
    menu(bench, "Open profile…")
    with qtbot.waitSignal(bench.saved) as caught:
        choose(bench, other)
    assert caught.args is not None
    assert caught.args[0].name == str(other)
    assert bench.files.title.text() == "other.toml"
    assert bench.files.choices is not None
    assert bench.files.choices.recent() == [other]


def test_a_broken_file_is_shown_with_its_faults_and_the_last_good_profile_stays(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    in_a_file(bench, tmp_path, foreign)
    other = tmp_path / "broken.toml"
    broken = dialect.REFERENCE.replace("CRC-16/IBM-SDLC", "CRC-16/NOBODY").replace("max_depth = 16", "max_depth = 99")
    other.write_text(broken, encoding="utf-8")
    with qtbot.assertNotEmitted(bench.saved):
        bench.files.open_profile(other)
    assert bench.message.text() == STILL_TEXT
    lines = [broken[: broken.index(word)].count("\n") + 1 for word in ("model = ", "max_depth")]
    assert bench.editor.fault_lines == lines
    assert [bench.faults.item(row).text().split(": ")[0] for row in range(2)] == [
        f"✕ Line {lines[0]}, crc.model", f"✕ Line {lines[1]}, types.max_depth",
    ]  # fmt: skip
    second = bench.faults.visualItemRect(bench.faults.item(1)).center()
    QTest.mouseClick(bench.faults.viewport(), Qt.MouseButton.LeftButton, pos=second)
    assert bench.editor.textCursor().selectedText() == "max_depth"
    assert bench.editor.textCursor().blockNumber() == lines[1] - 1


def test_reverting_brings_back_what_stands_in_the_file(
    qtbot: QtBot, bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path
) -> None:
    in_a_file(bench, tmp_path, foreign)
    write(bench.editor, "Reference profile, version 1", "Ours")
    qtbot.waitUntil(bench.files.revert_action.isEnabled)
    menu(bench, "Revert to saved")
    assert bench.editor.toPlainText() == dialect.REFERENCE
    assert not bench.is_modified


def test_leaving_a_changed_text_asks_first(bench: ProfileWorkbench, foreign: umi.Bench, tmp_path: Path) -> None:
    file = in_a_file(bench, tmp_path, foreign)
    left: list[str] = []
    assert bench.leave(lambda: left.append("at once"))
    write(bench.editor, "Reference profile, version 1", "Ours")
    assert not bench.leave(lambda: left.append("cancelled"))
    answer(bench, "Cancel")
    assert left == ["at once"]
    assert not bench.leave(lambda: left.append("saved"))
    answer(bench, "Save")
    assert left == ["at once", "saved"]
    assert 'title = "Ours"' in file.read_text(encoding="utf-8")
    write(bench.editor, '"Ours', '"Nobody')
    assert not bench.leave(lambda: left.append("discarded"))
    answer(bench, "Discard")
    assert left == ["at once", "saved", "discarded"]
    assert 'title = "Ours"' in bench.editor.toPlainText()


def rows(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for child in map(item.child, range(item.childCount())) if child is not None]


def test_a_placeholder_is_marked_as_confirmed_with_one_s_own_source(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign, dialect.REFERENCE.replace("CRC-16/IBM-SDLC", "CRC-16/KERMIT")))
    bench.tabs.setCurrentWidget(bench.corrections)
    pane = bench.corrections
    assert pane.corrected.text(0) == "1 value corrected"
    cells = [item.text(column) for item in rows(pane.corrected) for column in range(3)]
    assert cells == ["crc.model", '"CRC-16/IBM-SDLC"', '"CRC-16/KERMIT"']
    before = pane.open.childCount()
    assert pane.open.text(0) == f"{before} placeholders left"
    assert not pane.confirm.isEnabled()
    row = next(item for item in rows(pane.open) if item.text(0) == "crc")
    pane.tree.scrollToItem(row)
    QTest.mouseClick(pane.tree.viewport(), Qt.MouseButton.LeftButton, pos=pane.tree.visualItemRect(row).center())
    QTest.keyClicks(pane.source, "spec 1.2 §4")
    QTest.mouseClick(pane.confirm, Qt.MouseButton.LeftButton)
    crc = load_profile(bench.editor.toPlainText(), "confirmed").crc
    assert crc is not None
    assert crc.provenance == "S: spec 1.2 §4"
    assert pane.open.childCount() == before - 1
    assert bench.strip.lines[1].endswith("1 placeholders confirmed")


def test_words_are_offered_and_taken_by_keys(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    write(bench.editor, '"CRC-16/IBM-SDLC"', '"CRC-16/KER')
    QTest.keyClick(bench.editor, Qt.Key.Key_Space, CTRL)
    popup = next(view for view in QApplication.topLevelWidgets() if view.objectName() == "profile-words" and view.isVisible())
    assert isinstance(popup, QListView)
    assert popup.model().index(0, 0).data() == "CRC-16/KERMIT  –  A model of the CRC catalogue."
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert not popup.isVisible()
    QTest.keyClicks(bench.editor, '"')
    assert 'model = "CRC-16/KERMIT" ' in bench.editor.toPlainText()


def test_a_word_under_the_mouse_is_explained(bench: ProfileWorkbench, foreign: umi.Bench) -> None:
    bench.set_workspace(Recording(foreign))
    editor = bench.editor
    editor.moveCursor(editor.textCursor().MoveOperation.Start)
    assert editor.find("length_field")
    area = editor.cursorRect()
    assert editor.meaning_under(area.center() - QPoint(20, 0)).startswith("length_field: The link field that says")
    assert editor.meaning_under(QPoint(editor.viewport().width() - 2, area.center().y())) == ""
