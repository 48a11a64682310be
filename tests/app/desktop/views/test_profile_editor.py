"""The editor's drawing: each line is coloured once for a theme, however often Qt tells of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import theme
from app.desktop.views import profile_editor
from app.desktop.views.profile_editor import ProfileEditor
from tests.helpers import dialect


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    theme.apply(qapp, theme.LIGHT)
    yield qapp
    theme.apply(qapp, theme.LIGHT)


def test_another_theme_colours_every_line_once(application: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = ProfileEditor()
    qtbot.addWidget(editor)
    editor.show()
    editor.setPlainText(dialect.REFERENCE)
    coloured: list[str] = []
    tokens = profile_editor.TOKENS

    class Counted:
        def finditer(self, text: str) -> Iterator[re.Match[str]]:
            coloured.append(text)
            return tokens.finditer(text)

    monkeypatch.setattr(profile_editor, "TOKENS", Counted())
    theme.apply(application, theme.DARK)
    application.processEvents()
    assert coloured == editor.toPlainText().split("\n")
