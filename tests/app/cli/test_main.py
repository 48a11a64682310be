"""Global options and exit statuses: every mistake is one line on standard error, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import decode_file
from app.cli.main import global_options_first, status_of
from tests.app.cli.conftest import VERSION, Run

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = ("decode", "info", "wiring", "profile", "findings")


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "umiscope", *map(str, arguments)]


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, its output in a pipe."""
    return subprocess.run(
        command_line(*arguments),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_a_status_of_0_says_that_it_is_done(umiscope: Run, recording: Path) -> None:
    assert umiscope("decode", recording).status == 0


@pytest.mark.parametrize(("severity", "status"), [("chat", 1), ("note", 1), ("warning", 1), ("error", 1)])
def test_a_status_of_1_says_that_there_are_findings(severity: str, status: int, umiscope: Run, recording: Path) -> None:
    outcome = umiscope("decode", recording, "--fail-on", severity)
    assert (outcome.status, outcome.err) == (status, "")
    assert outcome.out == umiscope("decode", recording).out


def test_findings_below_the_asked_severity_do_not_fail(umiscope: Run, vectors: Path) -> None:
    path = vectors / "conversation.sr"
    assert umiscope("decode", path, "--fail-on", "warning", "--layer", "findings").status == 1
    assert umiscope("decode", path, "--fail-on", "error", "--layer", "findings").status == 0


@pytest.mark.parametrize("arguments", [
    ("bogus",),
    ("decode",),
    ("decode", "--nothing"),
    ("decode", "--rate"),
    ("decode", "--layer", "bits", "x.sr"),
    ("decode", "--color", "pink", "x.sr"),
    ("decode", "x.sr", "y.sr"),
    ("decode", "x.sr", "--as", "frame"),
    ("decode", "x.sr", "--hex", "a5"),
    ("decode", "--hex", "a5", "--format", "csv"),
    ("decode", "--hex", "7f21", "--as", "certificate", "--format", "jsonl"),
    ("decode", "--hex", ""),
    ("decode", "--hex", "not hex"),
    ("decode", "--hex", "00 01 02"),
    ("info",),
    ("wiring",),
    ("profile", "check"),
    ("findings", "--format", "pdf"),
])  # fmt: skip
def test_a_status_of_2_says_that_the_call_makes_no_sense(arguments: tuple[str, ...], umiscope: Run) -> None:
    outcome = umiscope(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("umiscope: ")
    assert outcome.err.count("\n") == 1
    assert ";" in outcome.err


def test_interruption_is_one_line_and_130(umiscope: Run, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(decode_file, "show", interrupted)
    outcome = umiscope("decode", recording)
    assert (outcome.status, outcome.out, outcome.err) == (130, "", "umiscope: interrupted\n")


def test_a_mistake_of_the_program_is_one_line_too(umiscope: Run, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_arguments: object) -> bool:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(decode_file, "show", mistaken)
    outcome = umiscope("decode", recording)
    assert (outcome.status, outcome.out) == (70, "")
    assert outcome.err.startswith("umiscope: test_main.py, line ")
    assert "ZeroDivisionError: by\\x0azero; please report it" in outcome.err
    assert outcome.err.count("\n") == 1
    monkeypatch.setenv("UMISCOPE_TRACEBACK", "1")
    assert status_of(["decode", str(recording)], VERSION) == 70


def test_a_reader_that_has_seen_enough_is_no_mistake(recording: Path) -> None:
    command = command_line("decode", recording, "-V", "-x", "--layer", "frames")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        told = program.stderr.read()
        status = program.wait(60)
    assert (status, told) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_output_that_cannot_be_written_is_one_line_and_3(recording: Path) -> None:
    command = command_line("decode", recording)
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert told.returncode == 3
    assert told.stderr == "umiscope: the output cannot be written: No space left on device; make room or choose another place\n"


def test_output_into_a_pipe_is_utf_8_whatever_the_terminal_speaks(recording: Path) -> None:
    told = run("decode", recording, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert (told.returncode, told.stderr) == (0, "")
    assert "1 ▸" in told.stdout


def test_a_pipe_gets_no_colour_unless_it_is_asked_for(umiscope: Run, recording: Path) -> None:
    assert "\x1b[" not in umiscope("decode", recording).out
    coloured = umiscope("decode", recording, "--color", "always").out
    assert "\x1b[33m! bad-crc\x1b[0m" in coloured
    assert "\x1b[1;31m✕ malformed-payload\x1b[0m" in coloured


def test_colour_changes_no_letter(umiscope: Run, recording: Path) -> None:
    coloured = umiscope("--color=always", "decode", recording, "-V").out
    for code in ("1", "33", "36", "90", "1;31", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == umiscope("decode", recording, "-V").out


def test_what_a_device_sends_cannot_steer_the_terminal(umiscope: Run, recording: Path) -> None:
    told = umiscope("decode", recording, "-V", "-x").out
    assert "\\x1b[31mtilt" in told
    assert "\x1b" not in told


def test_quiet_leaves_records_only(umiscope: Run, recording: Path) -> None:
    loud, quiet = umiscope("decode", recording).out.splitlines(), umiscope("decode", recording, "--quiet").out.splitlines()
    assert loud[3:-2] == quiet
    assert quiet == umiscope("-q", "decode", recording).out.splitlines()


def test_the_version_is_told(umiscope: Run) -> None:
    assert umiscope("--version").out == f"umiscope {VERSION}\n"
    assert umiscope("decode", "--quiet", "--version").status == 2


def test_without_a_command_help_is_shown(umiscope: Run) -> None:
    outcome = umiscope()
    assert (outcome.status, outcome.err) == (0, "")
    assert [command for command in COMMANDS if command not in outcome.out] == []
    assert umiscope("profile").status == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, umiscope: Run) -> None:
    outcome = umiscope(command, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"umiscope {command}" in outcome.out


def test_help_needs_nothing_slow() -> None:
    program = (
        "import sys; from app.cli.main import status_of; status = status_of(['decode', '--help'], '1'); "
        "print(status, sorted({'numpy', 'fastcrc', 'netaddr'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(("shell", "word"), [("bash", "complete"), ("zsh", "compdef"), ("fish", "complete")])
def test_shells_are_told_how_to_complete(shell: str, word: str) -> None:
    told = run(_UMISCOPE_COMPLETE=f"source_{shell}")
    assert told.returncode == 0
    assert word in told.stdout
    assert "umiscope" in told.stdout


def test_a_shell_completes_commands_and_layers() -> None:
    told = run(_UMISCOPE_COMPLETE="complete_bash", COMP_WORDS="umiscope decode --layer tran", COMP_CWORD="3")
    assert told.stdout.split() == ["transfers", "transactions"]


def test_global_options_stand_anywhere_but_behind_two_dashes() -> None:
    assert global_options_first(["decode", "x", "-q", "--color", "never"]) == ["-q", "--color", "never", "decode", "x"]
    assert global_options_first(["decode", "--", "-q"]) == ["decode", "--", "-q"]
    assert global_options_first(["decode", "--color"]) == ["--color", "decode"]


@pytest.mark.parametrize("columns", [80, 200])
def test_a_terminal_gets_colours_and_rows_that_fit(columns: int, recording: Path) -> None:
    open_terminal = getattr(os, "openpty", None)
    if open_terminal is None:
        pytest.skip("there are no pseudo-terminals on Windows")
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    master, slave = open_terminal()
    command = command_line("decode", recording, "--layer", "packets")
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=slave, stderr=slave) as program:
        os.close(slave)
        shown = b"".join(_read_until_closed(master)).decode()
        assert program.wait(60) == 0
    assert "\x1b[33m! bad-crc\x1b[0m" in shown
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.splitlines()]
    packets = [row for row in rows if re.match(r" *[0-9]+  [0-9]", row)]
    assert len(packets) == 15
    assert max(map(len, packets)) <= columns
    assert any(row.endswith("…") for row in packets) == (columns == 80)


def _read_until_closed(terminal: int) -> Iterator[bytes]:
    """All that is written to a pseudo-terminal; Linux ends it with an error."""
    try:
        while piece := os.read(terminal, 1 << 16):
            yield piece
    except OSError:
        pass
    finally:
        os.close(terminal)
