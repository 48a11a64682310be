"""Programs run to be measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAUNCH = ROOT / "bench" / "launch.py"


class ProgramError(Exception):
    """A program that was to be measured failed."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: seconds by the clock and of processor time, and the most memory that it held."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measured(command: Sequence[str], output: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command in a process of its own with its standard output in a file; ProgramError where it fails."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as report, output.open("wb") as file:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", str(LAUNCH), str(writing), *command],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.PIPE,
                pass_fds=(writing,),
                cwd=ROOT,
                env=os.environ | (environment or {}),
                check=False,
            )
        finally:
            os.close(writing)
        text = report.read()
    status, seconds, cpu_seconds, peak_bytes = json.loads(text) if text else (done.returncode, 0.0, 0.0, 0)
    if status:
        raise ProgramError(f"{' '.join(command)} ended with {status}: {done.stderr.decode(errors='replace')[-400:].strip()}")
    return Run(seconds, cpu_seconds, peak_bytes)


def own(*arguments: str) -> list[str]:
    """The command for a module of this project."""
    return [sys.executable, "-m", *arguments]
