from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.plots.timeline_canvas import TimelineCanvas
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Selection
from tests.helpers import timelines


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def view(qtbot: QtBot, selection: Selection) -> Iterator[TimelineView]:
    made = TimelineView(selection)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    yield made
    made.close_recording()


@pytest.fixture
def canvas(qtbot: QtBot, view: TimelineView) -> TimelineCanvas:
    """Of the shipped recording, decoded, with the focus."""
    view.set_workspace(timelines.demo().decode())
    view.canvas.setFocus()
    qtbot.waitUntil(view.canvas.hasFocus)
    return view.canvas
