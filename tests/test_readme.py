"""What the documentation shows is what happens: its Python is run, and so are the examples of the public face."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import umiscope

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^ *```(?:python|pycon|py)\n(.*?)^ *```$", README, re.DOTALL | re.MULTILINE)


def run(text: str, name: str) -> doctest.TestResults:
    """Run a text of examples in the project's folder; what differs from it is printed."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    assert test.examples, f"{name} has no examples: begin its lines with >>>"
    return doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)


def test_the_readmes_python_does_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert PYTHON, "the README shows no Python"
    results = [run(block, f"README.md, example {number}") for number, block in enumerate(PYTHON, 1)]
    assert [result.failed for result in results] == [0] * len(PYTHON)


def test_the_public_face_does_what_its_description_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run(umiscope.open.__doc__ or "", "umiscope.open").failed == 0
