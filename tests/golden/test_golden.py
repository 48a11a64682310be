"""Small recordings and all records of every layer in them; README.md says how the expected records are written anew."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.analysis.capture import LAYERS
from decoders.core.chunk import LogicChunk, Lost, Samples
from decoders.profile.wire_profile import WireProfile
from tests.decoders.bus.drawing import runs_of, split
from tests.helpers.umi import Bench, decoded, dense, layers, shipped

HERE = Path(__file__).parent
FILLER, PAUSE = b"\xff", 10
CASES = sorted(path.parent.name for path in HERE.glob("*/input.toml"))


def drawn(description: dict[str, Any], profile: WireProfile) -> tuple[Bench, list[LogicChunk]]:
    """The recording that an `input.toml` describes."""
    bench = Bench(profile, description["ports"])
    missing: list[Lost] = []
    for step in description["steps"]:
        if "port" in step:
            mosi, miso = (bytes.fromhex(step.get(line, "")) for line in ("mosi", "miso"))
            length = max(len(mosi), len(miso))
            bench.wave.transfer(step["port"], mosi.ljust(length, FILLER), miso.ljust(length, FILLER))
            bench.wave.wait(PAUSE)
            continue
        start = bench.wave.now
        bench.wave.wait(step["lost_us"] if "lost_us" in step else step["wait_us"])
        if "lost_us" in step:
            missing.append(Lost(start, bench.wave.now, step["reason"]))
        bench.wave.wait(PAUSE)
    whole = dense(bench.wave.runs())
    pieces = split(whole, [tick for lost in missing for tick in (lost.start, lost.end)])
    by_start: dict[int, LogicChunk] = {lost.start: lost for lost in missing}
    return bench, [by_start.get(piece.start, piece) for piece in pieces]


def lines(case: str, chunks: list[LogicChunk], bench: Bench) -> dict[str, str]:
    """The expected files' text, by layer."""
    found = layers(decoded(chunks, bench.profile, bench.wiring), bench.profile, bench.wiring)
    assert set(found) == set(LAYERS), case
    return {layer: "".join(f"{json.dumps(record, allow_nan=False)}\n" for record in records) for layer, records in found.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_recording_has_the_records_that_stand_beside_it_and_no_others(case: str) -> None:
    description = tomllib.loads((HERE / case / "input.toml").read_text(encoding="utf-8"))
    bench, chunks = drawn(description, shipped(description["profile"]))
    found = lines(case, chunks, bench)
    for layer, text in found.items():
        path = HERE / case / f"{layer}.jsonl"
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8").splitlines() == text.splitlines()
    in_pieces = [piece for chunk in chunks for piece in _in_pieces(chunk)]
    assert lines(case, in_pieces, bench) == found
    assert lines(case, [runs_of(chunk) for chunk in chunks], bench) == found


def _in_pieces(chunk: LogicChunk) -> list[LogicChunk]:
    """Pieces of odd sizes, those of what is quiet for long larger."""
    step = 97 if chunk.end - chunk.start < 100_000 else 10_007
    return split(chunk, range(chunk.start, chunk.end, step)) if isinstance(chunk, Samples) else [chunk]


def test_there_are_cases_and_nothing_else_lies_in_their_folders() -> None:
    assert len(CASES) == 8
    for case in CASES:
        assert {path.name for path in (HERE / case).iterdir()} == {"input.toml", *(f"{layer}.jsonl" for layer in LAYERS)}
