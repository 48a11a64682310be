"""The window as a person uses it: keyboard and mouse from the start page to a comment that is still there the next day."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QMessageBox, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.analysis.packet_list.text import Column
from app.analysis.timeline.markers import readings
from app.analysis.timeline.timeline import Hit
from app.desktop import theme
from app.desktop.dialogs.wiring_dialog import WiringDialog
from app.desktop.views.bit_strip import BitStrip
from app.desktop.views.start_page import StartPage
from tests.helpers import story
from tests.helpers.person import ALT, CTRL, DEMO, DEMO_PACKETS, KEY, SHIFT, Person, live_in

ROOT = Path(__file__).resolve().parents[3]
PICTURE = "UMISCOPE_TEST_PICTURE"
"""Where the test that runs on a real screen puts what it sees."""


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    live_in(tmp_path, monkeypatch)
    return Person(qtbot, tmp_path)


def finds_denied(person: Person) -> None:
    person.presses(KEY.Key_F, CTRL)
    person.types("denied")
    person.qtbot.waitUntil(lambda: person.cell(Column.STATUS) == "denied")


def colors_in(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}


def test_the_failed_write_is_found_and_its_waveform_is_in_sight(person: Person) -> None:
    person.opens_demo()
    finds_denied(person)
    person.presses(KEY.Key_Escape)
    assert person.cell(Column.NO) == "24"
    canvas = person.window.panes.timeline.canvas
    person.qtbot.waitUntil(lambda: canvas.stretch is not None and canvas.band is not None)
    assert canvas.band is not None
    assert Hit("packets", 24) in canvas.chosen
    assert canvas.view.first_tick <= canvas.band.start
    assert canvas.band.end <= canvas.view.end_tick
    picture, ratio = canvas.grab().toImage(), canvas.devicePixelRatioF()
    row = round((canvas.height() - 2) * ratio)
    inside = canvas.gutter + canvas.view.x_of((canvas.band.start + canvas.band.end) // 2)
    outside = canvas.gutter + canvas.view.x_of(canvas.band.end) + 20
    assert picture.pixel(round(inside * ratio), row) != picture.pixel(round(outside * ratio), row)


def test_the_bytes_of_a_field_are_marked_from_the_tree(person: Person) -> None:
    person.opens_demo()
    finds_denied(person)
    tree = person.window.panes.detail.tree
    person.clicks(tree.viewport(), tree.visualRect(tree.model().index(0, 0)).center())
    for _ in range(3):
        person.presses(KEY.Key_Down)
    assert person.window.selection.bits[0] == "frame"
    assert person.sees(BitStrip).text


def test_two_markers_say_how_far_apart_they_are(person: Person) -> None:
    person.opens_demo()
    finds_denied(person)
    canvas = person.window.panes.timeline.canvas
    person.clicks(canvas, QPoint(4, canvas.height() - 4))
    before = canvas.grab().toImage()
    person.presses(KEY.Key_D)
    workspace = person.window.session.workspace
    assert workspace is not None
    markers = canvas.history.markers
    assert markers.distance is not None
    shown = (canvas.view.end_tick - canvas.view.first_tick) / 3
    assert markers.distance == pytest.approx(shown, rel=0.01)
    assert [reading.label for reading in readings(markers, workspace.timebase)] == ["Δt", "1/Δt"]
    ribbon = range(canvas.gutter, canvas.width()), range(canvas.head // 2)
    after = canvas.grab().toImage()
    assert any(before.pixel(x, y) != after.pixel(x, y) for x in ribbon[0] for y in ribbon[1])
    person.presses(KEY.Key_Z, CTRL)
    assert canvas.history.markers.distance is None


def test_a_comment_outlives_the_recordings_closing_and_can_be_undone(person: Person) -> None:
    person.opens_demo()
    finds_denied(person)
    person.presses(KEY.Key_Escape)
    person.presses(KEY.Key_C, CTRL | ALT)
    person.types("why was this refused?")
    person.presses(KEY.Key_Return)
    assert person.comment == "why was this refused?"
    person.chooses("File", "Close")
    assert person.status == "No recording is open"

    person.clicks_button("recent", person.sees(StartPage))
    person.waits_for_packets(DEMO_PACKETS)
    person.presses(KEY.Key_G, CTRL)
    person.types("24")
    person.presses(KEY.Key_Return)
    assert person.comment == "why was this refused?"
    person.presses(KEY.Key_C, CTRL | ALT)
    person.presses(KEY.Key_Backspace)
    person.presses(KEY.Key_Return)
    assert person.comment == ""
    person.presses(KEY.Key_Z, CTRL)
    assert person.comment == "why was this refused?"
    person.presses(KEY.Key_Z, CTRL | SHIFT)
    assert person.comment == ""


def test_undo_reaches_the_notes_from_other_panes_but_not_from_the_timeline(person: Person) -> None:
    person.opens_demo()
    person.clicks(person.window.panes.packets.view.viewport(), QPoint(200, 5))
    person.presses(KEY.Key_M, CTRL)
    notes = person.window.panes.packets.model.note
    row = person.window.panes.packets.view.currentIndex().row()
    assert notes(row).marked
    person.clicks(person.window.panes.timeline.canvas, QPoint(4, 100))
    person.presses(KEY.Key_Z, CTRL)
    assert notes(row).marked
    person.clicks(person.window.panes.detail.tree.viewport(), QPoint(40, 8))
    person.presses(KEY.Key_Z, CTRL)
    assert not notes(row).marked


def test_keys_go_through_the_packets_from_every_pane(person: Person) -> None:
    person.opens_demo()
    panes = person.window.panes
    seen = []
    for pane in (panes.packets.view, panes.detail.tree, panes.timeline.canvas, panes.findings.table):
        pane.setFocus()
        person.presses(KEY.Key_F8)
        seen.append(person.cell(Column.NO))
    assert seen == ["1", "2", "3", "4"]
    person.presses(KEY.Key_F7)
    assert person.cell(Column.NO) == "3"
    person.presses(KEY.Key_Period, CTRL)
    assert person.cell(Column.NO) == "4"
    person.presses(KEY.Key_Comma, CTRL)
    assert person.cell(Column.NO) == "3"
    finds_denied(person)
    person.presses(KEY.Key_Left, ALT)
    assert person.cell(Column.NO) == "3"
    person.presses(KEY.Key_Right, ALT)
    assert person.cell(Column.NO) == "24"


def test_the_tool_bar_zooms_the_timeline(person: Person) -> None:
    person.opens_demo()
    canvas = person.window.panes.timeline.canvas
    person.clicks(person.sees(QToolButton, "tool-timeline_fit"))
    whole = canvas.view.end_tick - canvas.view.first_tick
    person.clicks(person.sees(QToolButton, "tool-timeline_zoom_in"))
    assert canvas.view.end_tick - canvas.view.first_tick == pytest.approx(whole / 2, abs=2)
    person.clicks(person.sees(QToolButton, "tool-timeline_zoom_out"))
    assert canvas.view.end_tick - canvas.view.first_tick == pytest.approx(whole, abs=2)


def nameless(folder: Path) -> Path:
    """The recording told by hand with channels whose names say nothing."""
    path = folder / "nameless.sr"
    with zipfile.ZipFile(story.recording()) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata":
                for number, channel in enumerate((b"SCK", b"MOSI", b"MISO", b"CS1", b"CS2", b"CS3")):
                    content = content.replace(b"=" + channel + b"\n", f"=D{number}\n".encode())
            new.writestr(name, content)
    return path


def test_a_recording_whose_names_say_nothing_is_wired_by_proposal(person: Person, tmp_path: Path) -> None:
    person.opens(nameless(tmp_path))
    dialog = person.dialog("wiring")
    assert isinstance(dialog, WiringDialog)
    assert person.status.startswith("0 packets")
    person.clicks_button("propose", dialog)
    person.qtbot.waitUntil(lambda: dialog.said.startswith("✓"), timeout=20_000)
    accept = dialog.findChild(QDialogButtonBox)
    assert isinstance(accept, QDialogButtonBox)
    person.clicks(accept.button(QDialogButtonBox.StandardButton.Ok))
    person.waits_for_packets(story.PACKETS)


def test_a_wiring_that_was_put_off_is_one_click_away(person: Person, tmp_path: Path) -> None:
    person.opens(nameless(tmp_path))
    QTest.keyClick(person.dialog("wiring"), KEY.Key_Escape)
    person.qtbot.waitUntil(lambda: "Decoding" not in person.status)
    person.clicks(person.sees(QPushButton, "packets-offer"))
    person.dialog("wiring")


def test_an_edited_profile_changes_the_packets_and_is_there_the_next_day(person: Person, tmp_path: Path) -> None:
    person.opens_demo()
    person.presses(KEY.Key_F8)
    assert person.cell(Column.OPERATION) == "notify"
    person.chooses("Analyze", "Wire profile workbench")
    editor = person.window.panes.workbench.editor
    person.qtbot.waitUntil(editor.hasFocus)
    assert isinstance(editor, QPlainTextEdit)
    # To the code of the operation by keys; with another code it is not the one that was recorded.
    text = editor.toPlainText()
    wanted = "[services.events.operations.notify]\ncode = 1\n"
    assert wanted in text
    person.presses(KEY.Key_Home, CTRL)
    for _ in range(text[: text.index(wanted)].count("\n") + 1):
        person.presses(KEY.Key_Down)
    person.presses(KEY.Key_End)
    person.types("4")
    person.presses(KEY.Key_S, CTRL)
    # One that came with the program is never written: the text gets a file of its own.
    shown = person.dialog("profile-save-as")
    assert isinstance(shown, QFileDialog)
    shown.selectFile(str(tmp_path / "mine.toml"))
    buttons = shown.findChild(QDialogButtonBox)
    assert buttons is not None
    person.clicks(buttons.buttons()[0])
    assert "operations.notify]\ncode = 14" in (tmp_path / "mine.toml").read_text(encoding="utf-8")
    person.waits_for_packets(DEMO_PACKETS)
    assert person.window.focusWidget() is editor
    person.window.panes.packets.view.setFocus()
    person.presses(KEY.Key_F8)
    assert person.cell(Column.NO) == "1"
    assert person.cell(Column.OPERATION) == "1"

    person.chooses("File", "Close")
    assert person.status == "No recording is open"
    person.clicks_button("recent", person.sees(StartPage))
    person.waits_for_packets(DEMO_PACKETS)
    workspace = person.window.session.workspace
    assert workspace is not None
    assert workspace.profile_text.name == str(tmp_path / "mine.toml")


def test_a_recording_whose_profile_is_gone_is_read_by_the_shipped_one_and_one_is_told(person: Person, tmp_path: Path) -> None:
    window = person.window
    choices = window.panes.workbench.files.choices
    assert choices is not None
    choices.choose(DEMO, tmp_path / "gone.toml")
    told: list[tuple[str, str]] = []
    window.session.failed.connect(lambda title, text: told.append((title, text)))
    person.opens_demo()
    box = person.sees(QMessageBox)
    assert "gone.toml" in box.informativeText()
    assert "It is read by reference-1" in box.informativeText()
    assert window.session.workspace is not None
    assert window.session.workspace.profile.name == "reference-1"
    assert told == []


def test_a_window_with_a_changed_profile_asks_before_it_closes(person: Person) -> None:
    person.opens_demo()
    person.chooses("Analyze", "Wire profile workbench")
    editor = person.window.panes.workbench.editor
    person.qtbot.waitUntil(editor.hasFocus)
    person.presses(KEY.Key_Home, CTRL)
    person.types("#")
    person.window.close()
    assert person.window.isVisible()
    box = person.sees(QMessageBox, "profile-leave")
    person.clicks(box.button(QMessageBox.StandardButton.Cancel))
    assert person.window.isVisible()
    person.chooses("File", "Close")
    assert person.window.session.workspace is not None
    person.clicks(person.sees(QMessageBox, "profile-leave").button(QMessageBox.StandardButton.Discard))
    assert person.status == "No recording is open"
    person.window.close()
    assert [person.window.isVisible()] == [False]


def test_the_list_of_keys_is_one_key_away(person: Person) -> None:
    person.opens_demo()
    person.window.panes.packets.view.setFocus()
    person.types("?")
    listed = person.dialog("shortcut-list")
    QTest.keyClick(listed, KEY.Key_Escape)
    person.presses(KEY.Key_F, CTRL)
    person.types("what?")
    assert person.sees(QLineEdit, "find-line").text() == "what?"


@pytest.mark.skipif(PICTURE not in os.environ, reason="run by the test below, on a screen of its own")
def test_what_stands_on_the_screen(person: Person) -> None:
    person.opens_demo()
    person.window.move(0, 0)
    finds_denied(person)
    screen = QGuiApplication.primaryScreen()
    window, selection = (theme.current().color(name).rgb() for name in ("window", "selection"))
    person.qtbot.waitUntil(lambda: {window, selection} <= colors_in(screen.grabWindow(0).toImage()))
    assert screen.grabWindow(0).save(os.environ[PICTURE])


@pytest.fixture
def display() -> Iterator[str]:
    """An X server without a monitor."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    words = [program, "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as said:
            number = said.readline().strip()
        yield f":{number}"
        server.terminate()


def test_all_of_it_works_on_a_real_x_server(display: str, tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    story = "failed_write or every_pane or outlives or by_proposal or on_the_screen"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(Path(__file__)), "-k", story],
        cwd=ROOT, env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", PICTURE: str(picture)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
    seen = QImage(str(picture))
    assert (seen.width(), seen.height()) == (1280, 800)
    assert len(colors_in(seen)) > 20
