"""`umiscope open` as a command: what it draws, what it says and with which status it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.desktop.run import DIALOGS, VIEWS
from tests.helpers import story

ROOT = Path(__file__).resolve().parents[3]
STORY = story.recording()


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CONFIG", "CACHE")}
    return subprocess.run(
        [sys.executable, str(ROOT / "umiscope.py"), "open", *words],
        cwd=folder, env={**environment, **homes}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Lines on standard error but those in which Qt says that there is no screen."""
    return [line for line in done.stderr.splitlines() if not line.startswith("This plugin does not support")]


@pytest.mark.parametrize("view", VIEWS)
def test_every_pane_can_be_drawn(tmp_path: Path, view: str) -> None:
    done = run(tmp_path, str(STORY), "--screenshot", "a.png", "--size", "900x600", "--view", view, "--select", "12")
    assert (done.returncode, done.stderr) == (0, "")
    picture = QImage(str(tmp_path / "a.png"))
    assert (picture.width(), picture.height()) == (900, 600)


@pytest.mark.parametrize("view", DIALOGS)
def test_a_dialog_has_a_size_of_its_own(tmp_path: Path, view: str) -> None:
    assert run(tmp_path, str(STORY), "--screenshot", "a.png", "--view", view).returncode == 0
    picture = QImage(str(tmp_path / "a.png"))
    assert 400 < picture.width() < 1280
    assert 300 < picture.height() < 800


def test_a_dialog_that_needs_a_recording_asks_for_one(tmp_path: Path) -> None:
    done = run(tmp_path, "--screenshot", "a.png", "--view", "wiring")
    assert (done.returncode, done.stderr) == (3, "umiscope: there is nothing to draw as wiring without a recording; name one\n")


def test_selection_and_theme_are_seen_in_the_picture(tmp_path: Path) -> None:
    pictures = []
    for number, words in enumerate((["--select", "1"], ["--select", "12"], ["--select", "12", "--theme", "dark"])):
        assert run(tmp_path, str(STORY), "--screenshot", f"{number}.png", *words).returncode == 0
        pictures.append((tmp_path / f"{number}.png").read_bytes())
    assert len(set(pictures)) == 3


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["gone.sr", "--screenshot", "a.png"], 3, "umiscope: there is no file gone.sr; check the name"),
        ([str(STORY), "--screenshot", "a.png", "--size", "big"], 2, "umiscope: big is no size; write one such as 1280x800"),
        ([str(STORY), "--screenshot", "a.png", "--size", "0x10"], 2, "umiscope: 0x10 is no size; write one such as 1280x800"),
        ([str(STORY), "--screenshot", "a.png", "--select", "99"], 3, "umiscope: there is no packet 99"),
        (
            [str(STORY), "--screenshot", "no/a.png"], 3,
            "umiscope: no/a.png cannot be written; choose another folder or a name that ends in .png",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, words: list[str], status: int, line: str) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, said(done), done.stdout) == (status, [line], "")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(("name", "content"), [("bad.sr", b"no recording"), ("bad.toml", b"[objects\n")])
def test_a_file_of_another_kind_is_named_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    words = [name] if name.endswith(".sr") else [str(STORY), "--datasheet", name]
    done = run(tmp_path, *words, "--screenshot", "a.png")
    assert done.returncode == 3
    assert len(said(done)) == 1
    assert name in done.stderr


def test_an_unknown_word_is_answered_with_the_usage(tmp_path: Path) -> None:
    done = run(tmp_path, "--view", "ceiling")
    assert done.returncode == 2
    assert "ceiling" in done.stderr


def test_without_a_screen_the_window_is_drawn_into_a_file(tmp_path: Path) -> None:
    done = run(tmp_path, str(STORY))
    assert done.returncode == 0
    assert done.stdout == f"There is no screen here. The window is drawn in {tmp_path / 'umiscope.png'}\n"
    assert not QImage(str(tmp_path / "umiscope.png")).isNull()
