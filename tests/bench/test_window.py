"""The window's part of the benchmark: every figure is taken, each in a process of its own. No speed is judged here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import window, window_open
from bench.__main__ import report
from bench.process import ROOT, own
from bench.report import Row
from bench.sizes import QUICK
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import Runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="what a process used cannot be measured there")


def test_every_figure_of_the_window_has_its_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = list(window.rows(tmp_path, QUICK))
    assert len(found) == 12
    assert all(row.value and row.target.startswith("≤") and row.reached is not None for row in found)
    pauses = [row.value for row in found if "longest pause" in row.subject]
    assert len(pauses) == 2
    assert all(value.startswith("opening ") and value.endswith(" ms") for value in pauses)
    assert [row.value.endswith(" MiB") for row in found].count(True) == 1
    assert [row.subject.startswith("stopping the decoder of ") for row in found].count(True) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("bench: ") == 7


def test_who_starts_the_parts_needs_no_qt() -> None:
    code = "import sys, bench.__main__; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    run = subprocess.run(
        own("bench.window", "nothing", str(tmp_path), "quick"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "nothing is no part; there are list" in run.stderr


def test_a_window_that_shows_fewer_frames_than_it_should_is_no_figure(tmp_path: Path) -> None:
    silent = tmp_path / "silent.sr"
    write_sr(silent, ["SCK", "MOSI", "MISO", "CS1"], 1_000_000, [Runs(0, 1_000, np.zeros(1, np.int64), np.zeros(1, np.uint16))])
    with pytest.raises(ValueError, match="0 frames turned up, not 1"):
        window_open.longest_pauses(silent, tmp_path / "cache", 1)


def test_both_groups_stand_in_the_report_with_the_machine_below() -> None:
    text = report([Row("a", "1 s")], [Row("b", "2 ms")], 0.0)
    assert text.index("| a |") < text.index("### The window, offscreen") < text.index("| b |") < text.index("Measured on ")
    assert "shared" not in text


def test_a_shared_machine_is_said() -> None:
    assert report([], [], 1.94).endswith(" The machine was shared: its load average was 1.9 before the measurement began.")
