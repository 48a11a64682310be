from __future__ import annotations

import os
from pathlib import Path

import pytest

from capture.formats.files import reading, replacing
from decoders.core.errors import RecordingError


def test_a_file_takes_its_name_only_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere.*cannot be written"), replacing(tmp_path / "nowhere" / "out"):
        pass


@pytest.mark.parametrize("name", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    make_pipe = getattr(os, "mkfifo", None)
    if make_pipe is None:
        pytest.skip("this system has no named pipes in folders")
    make_pipe(tmp_path / "pipe")
    with pytest.raises(RecordingError, match=name), reading(tmp_path / name):
        pass
