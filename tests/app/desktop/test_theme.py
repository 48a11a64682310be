"""Colours are measured: text can be read on every ground, and lines that mean something can be seen."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop import theme
from app.desktop.theme import DARK, LIGHT, Theme, color_names, contrast

TEXT_COLORS = ("text", "muted", "accent", "error", "warning", "note", "chat")
LINE_COLORS = ("edge", "current", "voltage", "power", "marker")
GROUNDS = ("window", "panel", "selection")

themes = pytest.mark.parametrize("one", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == contrast("#FFFFFF", "#777777") == pytest.approx(4.48, abs=0.01)
    assert contrast("#D55E00", "#FFFFFF") == pytest.approx(3.9, abs=0.05)
    assert contrast("#123456", "#123456") == 1


@themes
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", TEXT_COLORS)
def test_text_can_be_read_on_every_ground(one: Theme, name: str, ground: str) -> None:
    assert contrast(getattr(one, name), getattr(one, ground)) >= 4.5


@themes
def test_selected_text_can_be_read(one: Theme) -> None:
    assert contrast(one.selection_text, one.selection) >= 4.5


@themes
@pytest.mark.parametrize("ground", ["window", "panel"])
@pytest.mark.parametrize("name", LINE_COLORS)
def test_lines_that_carry_meaning_can_be_seen(one: Theme, name: str, ground: str) -> None:
    assert contrast(getattr(one, name), getattr(one, ground)) >= 3


@themes
def test_every_colour_is_written_alike_and_the_grounds_are_those_of_the_design(one: Theme) -> None:
    assert all(re.fullmatch("#[0-9A-F]{6}", getattr(one, name)) for name in color_names())
    assert {*TEXT_COLORS, *LINE_COLORS, *GROUNDS, "line", "selection_text"} == set(color_names())
    expected = ("#FFFFFF", "#F6F7F8", "#D9DCE0", "#1C1E21") if one is LIGHT else ("#16181B", "#1E2125", "#33383E", "#E6E8EB")
    assert (one.window, one.panel, one.line, one.text) == expected


@themes
def test_traces_and_severities_differ_from_one_another(one: Theme) -> None:
    assert len({one.current, one.voltage, one.power, one.marker}) == 4
    assert len({one.error, one.warning, one.note, one.chat}) == 4


@themes
def test_a_theme_that_is_applied_is_in_force(qapp: QApplication, one: Theme) -> None:
    theme.apply(qapp, one)
    assert theme.current() is one
    assert qapp.palette().color(QPalette.ColorRole.Base) == one.color("window")
    assert qapp.palette().color(QPalette.ColorRole.HighlightedText) == one.color("selection_text")
    theme.apply(qapp, LIGHT)
    assert theme.current() is LIGHT


def test_numbers_have_equal_digits_in_the_size_of_the_interface(qapp: QApplication) -> None:
    mono = theme.mono_font()
    assert mono.pointSizeF() == qapp.font().pointSizeF()
    assert QFontInfo(mono).fixedPitch()
    assert theme.small_font().pointSizeF() < qapp.font().pointSizeF()


def test_words_in_a_tone_follow_the_theme_without_being_told(qtbot: QtBot, qapp: QApplication) -> None:
    label = QLabel("silent")
    qtbot.addWidget(label)
    label.show()
    theme.apply(qapp, LIGHT)
    for name in (*theme.TONES, ""):
        theme.tone(label, name)
        for one in (DARK, LIGHT):
            theme.apply(qapp, one)
            assert label.palette().color(QPalette.ColorRole.WindowText) == one.color(name or "text")


def test_every_picture_of_the_style_sheet_is_there(qapp: QApplication) -> None:
    for one in (DARK, LIGHT):
        theme.apply(qapp, one)
        named = re.findall(r'url\("([^"]+)"\)', qapp.styleSheet())
        assert named
        assert [name for name in named if not QIcon(name).availableSizes() and QIcon(name).pixmap(10, 10).isNull()] == []
