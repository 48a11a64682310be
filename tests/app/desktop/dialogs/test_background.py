from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from app.desktop.dialogs.background import Background
from decoders.core.errors import RecordingError


class Heard:
    def __init__(self, parent: QObject) -> None:
        self.done: list[int] = []
        self.failed: list[str] = []
        self.gate = threading.Event()
        self.work = Background[int](parent, self.done.append, self.failed.append)

    def slowly(self) -> int:
        self.gate.wait()
        return 1


@pytest.fixture
def heard(qapp: QObject) -> Iterator[Heard]:
    parent = QObject(qapp)
    made = Heard(parent)
    yield made
    made.gate.set()
    made.work.close()
    parent.deleteLater()


def test_of_several_only_the_last_is_answered(qtbot: QtBot, heard: Heard) -> None:
    for answer in (heard.slowly, lambda: 2, lambda: 3):
        heard.work.start(answer)
    assert heard.work.is_busy
    heard.gate.set()
    qtbot.waitUntil(lambda: not heard.work.is_busy)
    assert heard.done == [3]


def test_an_error_of_the_user_becomes_a_sentence(qtbot: QtBot, heard: Heard) -> None:
    def fail() -> int:
        raise RecordingError("the file is damaged", "a.sr")

    heard.work.start(fail)
    qtbot.waitUntil(lambda: heard.failed == ["a.sr: the file is damaged"])
    assert heard.done == []


def test_nothing_is_heard_after_it_was_closed(heard: Heard) -> None:
    ended = threading.Event()

    def work() -> int:
        answer = heard.slowly()
        ended.set()
        return answer

    heard.work.start(work)
    heard.work.close()
    heard.gate.set()
    ended.wait()
    QCoreApplication.processEvents()
    assert heard.done == []
