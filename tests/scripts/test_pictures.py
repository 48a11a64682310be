"""The pictures of the readme: drawn from the recording that ships, with few colours and without a change that a reader would see."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from scripts.pictures import COLOURS, Picture, draw, shrink


def test_a_picture_of_few_colours_keeps_every_one_of_them(tmp_path: Path) -> None:
    path = tmp_path / "few.png"
    image = QImage(COLOURS, 3, QImage.Format.Format_RGB32)
    for x in range(COLOURS):
        for y in range(3):
            image.setPixelColor(x, y, QColor(x, 255 - x, 40))
    image.save(str(path))
    shrink(path)
    small = QImage(str(path))
    assert small.format() is QImage.Format.Format_Indexed8
    assert small.convertToFormat(QImage.Format.Format_RGB32) == image


def test_a_colour_that_is_rare_but_like_no_other_stays_and_its_like_are_merged(tmp_path: Path) -> None:
    path = tmp_path / "many.png"
    image = QImage(COLOURS + 1, 2, QImage.Format.Format_RGB32)
    for x in range(COLOURS):
        image.setPixelColor(x, 0, QColor(x, 0, 0))
        image.setPixelColor(x, 1, QColor(x, 0, 0))
    image.setPixelColor(COLOURS, 0, QColor(0, 200, 0))
    image.setPixelColor(COLOURS, 1, QColor(0, 0, 0))
    image.save(str(path))
    shrink(path)
    small = QImage(str(path))
    assert small.pixelColor(COLOURS, 0) == QColor(0, 200, 0)
    assert {abs(small.pixelColor(x, 1).red() - x) for x in range(COLOURS)} == {0, 1}


def test_a_picture_has_the_size_of_the_window_that_it_is_made_for(tmp_path: Path) -> None:
    path = draw(Picture("one", "packets", 51), tmp_path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1280, 800)


def test_a_picture_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"one\.png was not drawn: (?s:.*)missing/one\.png cannot be written"):
        draw(Picture("one", "packets", 51), tmp_path / "missing")
