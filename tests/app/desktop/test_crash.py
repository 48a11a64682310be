from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.crash import CrashDialog, CrashReporter, report, without_data

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen says so of every window


@pytest.fixture
def reporter(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashReporter]:  # noqa: ARG001 - Qt has to run
    """Installed over hooks that say nothing."""
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    made = CrashReporter("9.9")
    made.install()
    yield made
    made.remove()
    if made.dialog is not None:
        made.dialog.close()


def button_that_fails(qtbot: QtBot) -> QPushButton:
    def fail() -> None:
        raise KeyError("mistake")

    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail)
    button.show()
    return button


def dialog_of(qtbot: QtBot, reporter: CrashReporter) -> CrashDialog:
    qtbot.waitUntil(lambda: reporter.dialog is not None and reporter.dialog.isVisible())
    assert reporter.dialog is not None
    return reporter.dialog


def click(button: QPushButton | None) -> None:
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def raised(error: Exception) -> str:
    return report("9.9", (type(error), error, error.__traceback__))


def test_a_mistake_in_a_slot_shows_a_report_that_can_be_copied(qtbot: QtBot, reporter: CrashReporter) -> None:
    click(button_that_fails(qtbot))
    dialog = dialog_of(qtbot, reporter)
    click(dialog.findChild(QPushButton, "copy"))
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("UMIscope 9.9\nPython 3.")
    assert "KeyError: 'mistake'" in copied
    assert "test_crash.py" in copied


def test_mistakes_that_follow_are_counted_and_not_stacked(qtbot: QtBot, reporter: CrashReporter) -> None:
    button = button_that_fails(qtbot)
    click(button)
    dialog = dialog_of(qtbot, reporter)
    for _ in range(3):
        button.click()
    more = dialog.findChild(QLabel, "more")
    assert isinstance(more, QLabel)
    assert more.text() == "3 more since; the first is usually the cause."
    assert reporter.dialog is dialog


def test_the_session_goes_on_and_a_later_mistake_is_shown_anew(qtbot: QtBot, reporter: CrashReporter) -> None:
    button = button_that_fails(qtbot)
    click(button)
    first = dialog_of(qtbot, reporter)
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert reporter.dialog is None
    button.click()
    assert dialog_of(qtbot, reporter) is not first


def test_a_mistake_in_a_thread_is_shown_too(qtbot: QtBot, reporter: CrashReporter) -> None:
    thread = threading.Thread(target=lambda: int("mistake"))
    thread.start()
    thread.join()
    text = dialog_of(qtbot, reporter).findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    assert "ValueError" in text.toPlainText()


def test_an_interruption_is_no_mistake(reporter: CrashReporter) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    QGuiApplication.processEvents()
    assert reporter.dialog is None


def test_hooks_are_given_back(qapp: object) -> None:  # noqa: ARG001 - Qt has to run
    before = sys.excepthook, threading.excepthook
    reporter = CrashReporter("9.9")
    reporter.install()
    assert sys.excepthook is not before[0]
    reporter.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_the_report_holds_the_errors_that_led_to_it(qapp: object) -> None:  # noqa: ARG001 - Qt has to run
    error = ValueError("late")
    error.__cause__ = KeyError("early")
    text = raised(error)
    assert text.index("early") < text.index("direct cause") < text.index("late")


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("'mosi_of_port' is not there", "'mosi_of_port' is not there"),
        ("invalid literal for int() with base 10: '0123'", "invalid literal for int() with base 10: …"),
        ("no key 'c0ffee'", "no key …"),
        ('a "word or two"', "a …"),
        ("cannot read b'\\xa5\\x10'", "cannot read …"),
        ("key 00112233445566778899aabbccddeeff is short", "key … is short"),
        ("no such file: '/somewhere/secret.key'", "no such file: …"),
        ("a 'quotation of more than twenty-five letters'", "a …"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_data_in_a_message_is_left_out(message: str, left: str) -> None:
    assert without_data(message) == left


def test_the_home_folder_is_left_out(qapp: object) -> None:  # noqa: ARG001 - Qt has to run
    assert str(Path.home()) not in raised(ValueError(f"in {Path.home()} something"))
    assert "in ~ something" in raised(ValueError(f"in {Path.home()} something"))
