from __future__ import annotations

from pathlib import Path

import pytest

from app.desktop.recent import MOST, RecentFiles


def test_the_latest_stands_first_and_none_twice(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "config" / "recent.json")
    for name in ("a.sr", "b.sr", "a.sr"):
        recent.add(tmp_path / name)
    assert recent.paths() == [tmp_path / "a.sr", tmp_path / "b.sr"]


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    for number in range(MOST + 3):
        recent.add(tmp_path / f"{number}.sr")
    assert recent.paths() == [tmp_path / f"{number}.sr" for number in range(MOST + 2, 2, -1)]


def test_a_recording_can_be_forgotten(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(tmp_path / "a.sr")
    recent.remove(tmp_path / "a.sr")
    assert recent.paths() == []
    assert list(tmp_path.iterdir()) == [tmp_path / "recent.json"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"\xff\xfe", b"[1, null]"])
def test_a_list_that_cannot_be_read_is_empty_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "recent.json"
    file.write_bytes(content)
    recent = RecentFiles(file)
    assert recent.paths() == []
    recent.add(tmp_path / "a.sr")
    assert recent.paths() == [tmp_path / "a.sr"]


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file in the way", encoding="utf-8")
    recent = RecentFiles(tmp_path / "config" / "recent.json")
    recent.add(tmp_path / "a.sr")
    assert recent.paths() == []
