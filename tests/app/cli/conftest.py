"""The command line, run inside the tests' process, and a small recording with most kinds of trouble in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli.main import status_of
from capture.formats.sigrok_writer import write_sr
from tests.app.cli.small_talk import RATE_HZ, small_talk

VERSION = "1.2.3"


@dataclass(frozen=True)
class Outcome:
    """What one call left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def umiscope(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line with some arguments."""
    monkeypatch.delenv("UMISCOPE_TRACEBACK", raising=False)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = status_of([str(argument) for argument in arguments], VERSION)
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few seconds of a host with two peripherals, wired by the names of the channels."""
    path = tmp_path_factory.mktemp("small") / "small-talk.sr"
    wave = small_talk()
    write_sr(path, wave.channels, RATE_HZ, [wave.runs()])
    return path


@pytest.fixture(scope="session")
def unnamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with channels whose names say nothing."""
    path = tmp_path_factory.mktemp("small") / "unnamed.sr"
    wave = small_talk()
    write_sr(path, [f"D{number}" for number in range(len(wave.channels))], RATE_HZ, [wave.runs()])
    return path
