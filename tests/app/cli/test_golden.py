"""The text of a small recording, letter by letter: with UPDATE_GOLDEN=1 the expected text is written anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.analysis.decoding import decode_recording, timebase_of
from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.text.link import frame_lines
from app.analysis.text.packets import packet_lines, transaction_lines
from app.analysis.text.page import Page
from app.analysis.text.sessions import session_lines
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.opening import open_recording
from tests.app.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "small-talk"
DATASHEET = ROOT / "resources" / "datasheets" / "example-gas-meter.toml"

CALLS = {
    "packets.txt": (),
    "packets-fields.txt": ("-V", "-x", "--datasheet", DATASHEET),
    "packets.jsonl": ("--format", "jsonl"),
    "packets.csv": ("--format", "csv"),
    "frames.txt": ("--layer", "frames"),
    "frames.csv": ("--layer", "frames", "--format", "csv"),
    "transfers.txt": ("--layer", "transfers"),
    "transactions.txt": ("--layer", "transactions", "--datasheet", DATASHEET),
    "transactions.jsonl": ("--layer", "transactions", "--format", "jsonl"),
    "sessions.txt": ("--layer", "sessions", "-V"),
    "sessions.csv": ("--layer", "sessions", "--format", "csv"),
    "findings.txt": ("--layer", "findings"),
    "findings.jsonl": ("--layer", "findings", "--format", "jsonl"),
}
NARROW = {"packets": packet_lines, "transactions": transaction_lines, "frames": frame_lines, "sessions": session_lines}


def expect(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.parametrize("name", CALLS)
def test_a_small_recording_reads_as_it_should(name: str, umiscope: Run, recording: Path) -> None:
    outcome = umiscope("decode", recording, *CALLS[name])
    assert (outcome.status, outcome.err) == (0, "")
    expect(name, outcome.out)


def test_what_it_holds_is_told_in_a_few_lines(umiscope: Run, recording: Path) -> None:
    outcome = umiscope("info", recording)
    assert (outcome.status, outcome.err) == (0, "")
    expect("info.txt", outcome.out)


@pytest.mark.parametrize("layer", NARROW)
@pytest.mark.parametrize("width", [80, 100, 130])
def test_lists_fit_the_terminal(layer: str, width: int, recording: Path) -> None:
    with open_recording(recording) as opened:
        wiring = wiring_from_names(opened.channels)
        capture = decode_recording(opened, read_profile("reference-1"), wiring, timebase_of(opened))
    lines = list(NARROW[layer](capture, Page(DatasheetNames(read_datasheets([])), width=width)))
    rows = [line for line in lines if not line.startswith("     ")]
    assert max(map(len, rows)) <= width
    expect(f"{layer}-{width}.txt", "\n".join(lines) + "\n")


def test_every_expected_text_belongs_to_a_test() -> None:
    narrow = {f"{layer}-{width}.txt" for layer in NARROW for width in (80, 100, 130)}
    assert {path.name for path in GOLDEN.iterdir()} == {*CALLS, *narrow, "info.txt"}
