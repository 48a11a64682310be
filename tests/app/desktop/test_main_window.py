"""The window when something is wrong, when it is closed, and what it remembers."""

from __future__ import annotations

import multiprocessing
import sys
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QMenu, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from app.analysis.packet_list.text import COLUMNS, Column
from app.desktop import theme
from app.desktop.crash import CrashReporter
from app.desktop.dialogs.wiring_dialog import WiringDialog
from app.desktop.main_window import MainWindow
from app.desktop.recent import RecentFiles
from app.desktop.views.start_page import NONE_YET
from tests.helpers import story
from tests.helpers.person import CTRL, DEMO, DEMO_PACKETS, KEY, Person, entry_of, live_in

STORY = story.recording()


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    live_in(tmp_path, monkeypatch)
    return Person(qtbot, tmp_path)


def copied(folder: Path) -> Path:
    path = folder / "copy.sr"
    path.write_bytes(STORY.read_bytes())
    return path


def damaged(folder: Path) -> Path:
    """The recording told by hand with a stretch in the middle of its samples changed."""
    path = folder / "damaged.sr"
    content = bytearray(STORY.read_bytes())
    with zipfile.ZipFile(STORY) as archive:
        member = archive.getinfo("logic-1-1")
    at = member.header_offset + member.compress_size // 2
    content[at : at + 64] = bytes(64)
    path.write_bytes(content)
    return path


def goes_to(person: Person, packet: str) -> None:
    person.presses(KEY.Key_G, CTRL)
    person.types(packet)
    person.presses(KEY.Key_Return)


def rewires(person: Person) -> None:
    """Decode again with the same wiring, from the menu."""
    person.chooses("Analyze", "Wiring…")
    dialog = person.dialog("wiring")
    assert isinstance(dialog, WiringDialog)
    buttons = dialog.findChild(QDialogButtonBox)
    assert isinstance(buttons, QDialogButtonBox)
    accept = buttons.button(QDialogButtonBox.StandardButton.Ok)
    person.qtbot.waitUntil(accept.isEnabled)
    person.clicks(accept)


# What is wrong with files


def test_a_file_that_is_no_recording_is_refused_in_plain_words(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "notes.sr"
    path.write_bytes(b"not a recording at all")
    person.opens(path)
    said = person.is_told()
    assert said.startswith("notes.sr cannot be opened: ")
    assert "Error" not in said
    assert person.status == "No recording is open"
    person.opens_demo()


def test_a_recording_cut_short_is_refused_and_the_open_one_stays(person: Person, tmp_path: Path) -> None:
    person.opens_demo()
    path = tmp_path / "short.sr"
    path.write_bytes(STORY.read_bytes()[:5000])
    person.opens(path)
    assert person.is_told().startswith("short.sr cannot be opened: ")
    assert person.status.startswith(f"{DEMO_PACKETS} packets")
    person.presses(KEY.Key_F8)
    assert person.cell(Column.NO) == "1"


def test_a_damaged_recording_is_shown_as_far_as_it_goes(person: Person, tmp_path: Path) -> None:
    person.opens(damaged(tmp_path))
    assert person.is_told().startswith("The recording was decoded only in part: ")
    assert person.sees(QLabel, "banner-text").text().startswith("! Only a part of the recording is shown: ")
    assert person.window.panes.packets.model.rowCount() > 0
    person.chooses("File", "Close")
    person.opens_demo()
    assert not person.window.panes.banner.isVisible()


def test_a_recording_deleted_while_it_is_open_can_still_be_read(person: Person, tmp_path: Path) -> None:
    path = copied(tmp_path)
    person.opens(path)
    person.waits_for_packets(story.PACKETS)
    path.unlink()
    for _ in range(5):
        person.presses(KEY.Key_F8)
    assert person.cell(Column.NO) == "5"
    rewires(person)
    assert person.is_told().startswith("copy.sr cannot be opened: ")
    assert person.status.startswith(f"{story.PACKETS} packets")


def test_a_recording_that_shrinks_while_it_is_open_does_no_harm(person: Person, tmp_path: Path) -> None:
    path = copied(tmp_path)
    person.opens(path)
    person.waits_for_packets(story.PACKETS)
    with path.open("r+b") as file:
        file.truncate(3000)
    person.clicks_button("tool-timeline_fit")
    for _ in range(6):
        person.clicks_button("tool-timeline_zoom_in")
        person.presses(KEY.Key_F8)
    assert person.cell(Column.NO) == "6"
    rewires(person)
    assert person.is_told().startswith("copy.sr cannot be opened: ")


def test_a_broken_datasheet_is_refused_and_the_names_stay(person: Person, tmp_path: Path) -> None:
    person.opens_demo()
    path = tmp_path / "broken.toml"
    path.write_text("[objects\n", encoding="utf-8")
    person.will_type_into_file_dialog(str(path))
    person.chooses("File", "Add datasheets…")
    said = person.is_told()
    assert said.startswith("The datasheet cannot be used: ")
    assert "broken.toml" in said
    assert person.status.startswith(f"{DEMO_PACKETS} packets")


def test_a_datasheet_names_the_objects(person: Person) -> None:
    person.opens_demo()
    goes_to(person, "13")
    assert "00420001" in person.cell(Column.INFO)
    person.will_type_into_file_dialog(str(DEMO.parents[1] / "datasheets" / "example-gas-meter.toml"))
    person.chooses("File", "Add datasheets…")
    person.waits_for_packets(DEMO_PACKETS)
    goes_to(person, "13")
    assert "serial number" in person.cell(Column.INFO)


def test_a_mistake_of_the_program_is_reported_and_the_window_lives_on(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.opens_demo()
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    reporter = CrashReporter("9.9", person.window)
    reporter.install()

    def fail(_text: str) -> None:
        raise KeyError("mistake")

    with monkeypatch.context() as broken:
        broken.setattr(person.window.panes.packets, "go_to", fail)
        person.presses(KEY.Key_G, CTRL)
        person.types("12")
        person.presses(KEY.Key_Return)
        QTest.keyClick(person.dialog("crash"), KEY.Key_Escape)
    reporter.remove()
    person.presses(KEY.Key_Return)
    assert person.cell(Column.NO) == "12"


# Closing


def test_quitting_while_decoding_leaves_no_process_behind(person: Person) -> None:
    person.clicks_button("open-demo")
    assert multiprocessing.active_children()
    person.presses(KEY.Key_Q, CTRL)
    assert not person.window.isVisible()
    person.qtbot.waitUntil(lambda: not multiprocessing.active_children())


def test_what_needs_a_recording_is_offered_only_with_one(person: Person) -> None:
    needing = ("close", "wiring", "mark", "comment", "find", "go_to", "next_packet", "expand_all", "time_reference")
    actions = person.window.named_actions
    assert [name for name in needing if actions[name].isEnabled()] == []
    person.opens_demo()
    assert [name for name in needing if not actions[name].isEnabled()] == []
    person.chooses("File", "Close")
    assert [name for name in needing if actions[name].isEnabled()] == []


# What is remembered


def test_theme_columns_and_recordings_are_there_the_next_time(person: Person, qtbot: QtBot, tmp_path: Path) -> None:
    person.opens_demo()
    person.chooses("View", "Dark")
    person.chooses("View", "Strictly chronological")
    header = person.window.panes.packets.view.horizontalHeader()
    section = COLUMNS.index(Column.SOURCE)
    edge = header.sectionViewportPosition(section) + header.sectionSize(section) - 1
    before = header.sectionSize(section)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(edge, 10))
    QTest.mouseMove(header.viewport(), QPoint(edge + 15, 10))
    QTest.mouseMove(header.viewport(), QPoint(edge + 30, 10))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(edge + 30, 10))
    wider = header.sectionSize(section)
    assert wider > before
    person.clicks(person.window.panes.findings.table.viewport())
    person.presses(KEY.Key_Q, CTRL)

    again = Person(qtbot, tmp_path)
    assert theme.current().name == "dark"
    assert again.window.panes.packets.view.horizontalHeader().sectionSize(section) == wider
    view = again.opens_menu("View")
    assert entry_of(view, "Strictly chronological").isChecked()
    assert entry_of(view, "Dark").isChecked()
    QTest.keyClick(view, KEY.Key_Escape)
    recent = again.opens_menu("File")
    submenu = entry_of(recent, "Open recent").menu()
    recent.close()
    assert submenu is not None
    again.clicks_button("recent")
    again.waits_for_packets(DEMO_PACKETS)
    again.chooses("View", "Light")


def test_panes_that_were_closed_stay_closed_until_they_are_wanted_again(person: Person, qtbot: QtBot, tmp_path: Path) -> None:
    person.chooses("View", "Bytes")
    assert not person.window.panes.dock("bytes").isVisible()
    person.presses(KEY.Key_Q, CTRL)
    again = Person(qtbot, tmp_path)
    assert not again.window.panes.dock("bytes").isVisible()
    again.chooses("View", "Panes as at first")
    assert again.window.panes.dock("bytes").isVisible()


def test_a_tab_has_its_title_once(person: Person) -> None:
    titled = {name: person.window.panes.dock(name).titleBarWidget() is None for name in ("tree", "findings", "timeline", "devices")}
    assert titled == {"tree": True, "findings": False, "timeline": False, "devices": False}


def test_the_first_shape_has_room_for_what_matters(person: Person) -> None:
    person.opens_demo()
    panes = person.window.panes
    view, tree = panes.packets.view, panes.detail.tree
    assert view.viewport().height() // view.rowHeight(0) >= 14
    assert tree.viewport().height() // tree.visualRect(tree.model().index(0, 0)).height() >= 12
    assert view.columnViewportPosition(COLUMNS.index(Column.INFO)) < view.viewport().width() - 80
    assert abs(panes.dock("tree").width() - person.window.width() / 3) < 30


def test_the_start_page_says_what_would_fill_it(person: Person) -> None:
    assert NONE_YET in [label.text() for label in person.window.start_page.findChildren(QLabel) if label.isVisible()]


# How it looks


def test_a_change_of_theme_reaches_the_start_page_and_dialogs_that_are_open(person: Person) -> None:
    muted = next(label for label in person.window.start_page.findChildren(QLabel) if label.text() == "Recent recordings")
    person.opens_demo()
    person.chooses("Analyze", "Wiring…")
    wiring = person.dialog("wiring")
    person.qtbot.waitUntil(lambda: "checksum" in person.sees(QLabel, "said", wiring).text())
    heading = next(label for label in wiring.findChildren(QLabel) if label.text() == "First edges")
    chip = person.sees(QLabel, "role-sck", wiring)
    person.window.named_actions["dark"].trigger()
    person.window.named_actions["shortcuts"].trigger()
    tree = person.dialog("shortcut-list").findChildren(QTreeWidget)[0]
    for name in ("light", "dark"):
        person.window.named_actions[name].trigger()
        colors = theme.THEMES[name]
        for label in (muted, heading):
            assert label.palette().color(QPalette.ColorRole.WindowText) == colors.color("muted")
        assert colors.color("window").rgb() in colors_of(chip)
        group = tree.topLevelItem(0)
        assert group is not None
        assert group.foreground(0).color() == colors.color("muted")
    person.window.named_actions["light"].trigger()


def test_the_tool_bar_says_at_its_right_end_where_the_bits_come_from(person: Person) -> None:
    source = next(label for label in person.window.toolbar.findChildren(QLabel) if label.objectName() == "source")
    assert source.text() == ""
    person.opens_demo()
    assert source.text() == "source: gas-meter.umi · 1 MS/s"
    assert source.geometry().right() > person.window.toolbar.width() - 20
    person.chooses("File", "Close")
    assert source.text() == ""


def test_the_status_bar_counts_packets_and_names_profile_keys_and_time(person: Person) -> None:
    person.opens_demo()
    person.presses(KEY.Key_F8)
    assert person.status == "73 packets · profile reference-1 (placeholder layouts) · no keys | 0.027 967 000 s"


def test_columns_are_chosen_from_the_view_menu_too(person: Person) -> None:
    person.opens_demo()
    header = person.window.panes.packets.view.horizontalHeader()
    assert header.isSectionHidden(COLUMNS.index(Column.LENGTH))
    assert not header.isSectionHidden(COLUMNS.index(Column.SECURITY))
    columns = entry_of(person.opens_menu("View"), "Columns").menu()
    assert isinstance(columns, QMenu)
    columns.popup(QPoint(0, 0))
    QTest.mouseClick(columns, Qt.MouseButton.LeftButton, pos=columns.actionGeometry(entry_of(columns, "Length")).center())
    assert not header.isSectionHidden(COLUMNS.index(Column.LENGTH))


def test_what_a_packet_says_has_room_at_first(person: Person) -> None:
    person.opens_demo()
    view = person.window.panes.packets.view
    assert view.columnWidth(COLUMNS.index(Column.INFO)) >= 150
    assert not view.horizontalScrollBar().isVisible()


def test_a_narrow_window_begins_without_the_columns_that_matter_least(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_in(tmp_path, monkeypatch)
    settings = QSettings(str(tmp_path / "narrow.ini"), QSettings.Format.IniFormat)
    window = MainWindow(settings, RecentFiles(tmp_path / "recent.json"), tmp_path / "cache")
    qtbot.addWidget(window)
    window.resize(1024, 700)
    with qtbot.waitExposed(window):
        window.show()
    header = window.panes.packets.view.horizontalHeader()
    window.open_file(DEMO)
    qtbot.waitUntil(lambda: window.panes.packets.model.rowCount() > 30)
    assert header.isSectionHidden(COLUMNS.index(Column.DELTA))
    assert not window.panes.packets.view.horizontalScrollBar().isVisible()
    assert header.sectionSize(COLUMNS.index(Column.INFO)) >= 100


def test_the_devices_pane_lists_four_devices_at_first(person: Person) -> None:
    person.opens_demo()
    person.window.panes.bring_up("devices")
    table = person.window.panes.devices.table
    person.qtbot.waitUntil(lambda: table.viewport().height() >= 4 * table.rowHeight(0))
    assert not table.horizontalScrollBar().isVisible()


def test_every_pane_without_a_recording_offers_to_open_one(person: Person) -> None:
    panes = person.window.panes
    for name in ("tree", "bytes", "findings", "transactions", "devices"):
        panes.bring_up(name)
        widget = panes.dock(name).widget()
        person.qtbot.waitUntil(widget.isVisible)
        assert [button.text() for button in widget.findChildren(QPushButton) if button.isVisible()] == ["Open a recording…"]


def test_the_tab_key_goes_round_all_panes_and_the_focus_is_always_in_sight(person: Person) -> None:
    person.opens_demo()
    panes, seen = person.window.panes, set()
    for _ in range(60):
        person.presses(KEY.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert not focused.visibleRegion().isEmpty()
        seen |= {name for name in ("tree", "bytes", "findings", "transactions", "devices", "workbench", "timeline")
                 if panes.dock(name).isAncestorOf(focused)}  # fmt: skip
        seen |= {"packets"} if panes.packets.isAncestorOf(focused) else set()
    assert seen == {"packets", "tree", "bytes", "findings", "transactions", "devices", "workbench", "timeline"}


def test_marks_of_an_earlier_day_can_be_undone(person: Person, qtbot: QtBot, tmp_path: Path) -> None:
    person.opens_demo()
    person.presses(KEY.Key_M, CTRL)
    assert person.window.panes.packets.model.note(person.window.panes.packets.view.currentIndex().row()).marked
    person.presses(KEY.Key_Q, CTRL)
    again = Person(qtbot, tmp_path)
    again.clicks_button("recent")
    again.waits_for_packets(DEMO_PACKETS)
    row = again.window.panes.packets.view.currentIndex().row()
    assert again.window.panes.packets.model.note(row).marked
    again.presses(KEY.Key_Z, CTRL)
    assert not again.window.panes.packets.model.note(row).marked


def colors_of(widget: QWidget) -> set[int]:
    image = widget.grab().toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
