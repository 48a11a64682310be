"""The public face: how the program is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import umiscope

ROOT = Path(__file__).resolve().parent.parent
IN_A_DELETED_FOLDER = """
import os, runpy, sys
os.mkdir("gone")
os.chdir("gone")
os.rmdir("../gone")
runpy.run_module("umiscope", run_name="__main__")
"""


@pytest.fixture
def users_folder(tmp_path: Path) -> Path:
    """A folder in which a user keeps an `app` of their own."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('this is the wrong app')\n", encoding="utf-8")
    return tmp_path


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_version_is_told_from_any_folder(users_folder: Path) -> None:
    told = run("-m", "umiscope", "--version", folder=users_folder)
    assert (told.stdout, told.stderr, told.returncode) == (f"umiscope {umiscope.__version__}\n", "", 0)


def test_the_version_is_told_without_loading_anything_slow() -> None:
    program = (
        "import sys, umiscope; sys.argv = ['umiscope', '--version']; umiscope.main(); "
        "print(sorted({'app', 'decoders', 'numpy', 'rich', 'typer'} & set(sys.modules)))"
    )
    assert run("-c", program, folder=ROOT).stdout == f"umiscope {umiscope.__version__}\n[]\n"


def test_a_users_own_app_folder_is_not_taken_for_the_programs(users_folder: Path) -> None:
    helped = run("-m", "umiscope", "--help", folder=users_folder)
    assert "wrong app" not in helped.stdout + helped.stderr
    assert "decode" in helped.stdout
    assert helped.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a directory that a program is in")
def test_a_working_directory_that_was_deleted_keeps_nobody_from_working(tmp_path: Path) -> None:
    demo, missing = ROOT / "resources" / "demo" / "gas-meter.umi", "no-such-recording.sr"
    picture = tmp_path / "window.png"
    for arguments, said, status in (
        (["--version"], "umiscope ", 0),
        (["info", str(demo)], "Findings", 0),
        (["info", missing], f"umiscope: {missing}: the file cannot be read", 3),
        (["open", str(demo), "--screenshot", str(picture)], "", 0),
    ):
        told = run("-c", IN_A_DELETED_FOLDER, *arguments, folder=tmp_path)
        assert said in told.stdout + told.stderr
        assert "Traceback" not in told.stderr
        assert told.returncode == status
    assert picture.is_file()


def test_the_programs_own_folder_stays_on_the_search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", ["", str(ROOT)])
    monkeypatch.setattr(sys, "argv", ["umiscope", "--version"])
    umiscope.main()
    assert sys.path == ["", str(ROOT)]
