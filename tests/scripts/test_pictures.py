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


def test_a_colour_too_many_becomes_the_nearest_that_stays(tmp_path: Path) -> None:
    path = tmp_path / "many.png"
    image = QImage(COLOURS + 1, 2, QImage.Format.Format_RGB32)
    for x in range(COLOURS):
        image.setPixelColor(x, 0, QColor(x, 0, 0))
        image.setPixelColor(x, 1, QColor(x, 0, 0))
    image.setPixelColor(COLOURS, 0, QColor(9, 2, 0))
    image.setPixelColor(COLOURS, 1, QColor(200, 0, 0))
    image.save(str(path))
    shrink(path)
    assert QImage(str(path)).pixelColor(COLOURS, 0) == QColor(9, 0, 0)


def test_a_picture_has_the_size_of_the_window_that_it_is_made_for(tmp_path: Path) -> None:
    path = draw(Picture("one", "packets", 18), tmp_path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1280, 800)


def test_a_picture_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"one\.png was not drawn: (?s:.*)missing/one\.png cannot be written"):
        draw(Picture("one", "packets", 18), tmp_path / "missing")
