"""What the documentation shows is what happens: its Python is run, and so are the examples of the public face."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import umiscope

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LISTING = re.search(r"^```\n(gas-meter\.umi .*?)^```$", README, re.DOTALL | re.MULTILINE)
DECODE = re.search(r"^ *umiscope (decode resources/demo/\S+ --datasheet .*)$", README, re.MULTILINE)
LEFT_OUT = "…"
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


def test_the_readmes_conversation_is_what_its_command_prints() -> None:
    assert LISTING
    assert DECODE
    words = [sys.executable, "-m", "umiscope", *DECODE[1].split()]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    at, lines = 0, [line.rstrip() for line in printed.splitlines()]
    for part in LISTING[1].split(f"{LEFT_OUT}\n"):
        wanted = part.rstrip("\n").split("\n")
        assert wanted[0] in lines[at:]
        at = lines.index(wanted[0], at)
        assert lines[at : at + len(wanted)] == wanted
        at += len(wanted)
    assert at == len(lines)
