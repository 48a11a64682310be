"""What all tests share: where real captures and known answers lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers import story

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


# How long an example takes says more about the machine than about the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


def pytest_configure() -> None:
    """Draw the hand-told recording before other processes are started, so that all of them find the same."""
    story.recording()


def _folder(variable: str, default: Path) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        if SHARED.is_dir() or variable in os.environ:
            pytest.fail(f"{folder} is missing: set {variable} to the folder of samples")
        pytest.skip(f"real captures are not here: set {variable} to their folder")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real captures made by others."""
    return _folder("UMISCOPE_SAMPLES", SHARED / "samples")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of known answers for the reference wire profile."""
    return _folder("UMISCOPE_VECTORS", SHARED / "vectors")
