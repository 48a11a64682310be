"""A session file is opened, decoded and looked at like the recording that it was made of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.analysis.material import profile_text
from app.analysis.opening import OpenRequest, open_workspace
from app.analysis.timeline.stretch import Wanted, read_stretch
from app.analysis.wiring.stated import stated_text
from app.analysis.wiring.wiring import wiring_from_names
from app.analysis.workspace import Workspace
from capture.formats.opening import open_recording
from capture.formats.signals import Signals
from capture.formats.stretches import changes_of, cut
from capture.session.writer import SessionNotes, write_umi
from decoders.core.chunk import LogicChunk, Lost, Runs
from decoders.datasheet.sheets import DatasheetSet
from tests.helpers import story

STORY = story.recording()
PATIENCE_S = 60


def demo_chunks() -> tuple[Signals, list[LogicChunk]]:
    with open_recording(STORY) as demo:
        return Signals(demo.channels, demo.rate_hz), list(demo.chunks())


def as_runs(chunks: Sequence[LogicChunk]) -> list[LogicChunk]:
    return [Runs(chunk.start, chunk.end, *changes_of(chunk)) if not isinstance(chunk, Lost) else chunk for chunk in chunks]


def session(path: Path, signals: Signals, chunks: Sequence[LogicChunk], wiring: str = "") -> Path:
    write_umi(path, signals, [([chunk], ()) for chunk in chunks], SessionNotes(wiring=wiring))
    return path


def decoded(path: Path, cache: Path) -> Workspace:
    workspace = open_workspace(OpenRequest(path, profile_text("reference-1"), cache=cache), DatasheetSet())
    give_up = time.monotonic() + PATIENCE_S
    while workspace.is_decoding:
        assert time.monotonic() < give_up, workspace.progress
        workspace.poll()
        if workspace._run._process is not None:
            workspace._run._process.join(0.02)
    return workspace


@pytest.mark.parametrize("form", ["samples", "runs"])
def test_a_session_file_is_decoded_like_the_file_that_it_was_made_of(tmp_path: Path, form: str) -> None:
    signals, chunks = demo_chunks()
    path = session(tmp_path / "demo.umi", signals, as_runs(chunks) if form == "runs" else chunks)
    before = path.read_bytes()
    one, other = decoded(path, tmp_path), decoded(STORY, tmp_path)
    try:
        assert one.error == ""
        for layer in ("transfers", "frames", "packets", "transactions", "findings"):
            assert one.snapshot.count(layer) == other.snapshot.count(layer)
            for name in ("start", "end") if layer == "packets" else ("start",) if layer != "transactions" else ():
                np.testing.assert_array_equal(one.snapshot.column(layer, name), other.snapshot.column(layer, name))
        assert one.snapshot.count("packets") == 34
    finally:
        one.close()
        other.close()
    assert path.read_bytes() == before


def test_its_wiring_is_used_where_the_names_say_nothing(tmp_path: Path) -> None:
    signals, chunks = demo_chunks()
    nameless = tuple(f"D{bit}" for bit in range(len(signals.channels)))
    wiring = wiring_from_names(signals.channels)
    path = session(tmp_path / "demo.umi", Signals(nameless, signals.rate_hz), chunks, stated_text(wiring, nameless))
    workspace = decoded(path, tmp_path)
    try:
        assert workspace.wiring == wiring
        assert workspace.snapshot.count("packets") == 34
    finally:
        workspace.close()


def test_a_lost_stretch_is_a_gap_and_the_lines_behind_it_are_seen_with_those_before(tmp_path: Path) -> None:
    signals, chunks = demo_chunks()
    whole = as_runs(chunks)
    lost = Lost(1_000_000, 1_000_400, "the buffer was full")
    kept = [
        part for chunk in whole for part in (cut(chunk, 0, lost.start), cut(chunk, lost.end, chunk.end)) if part.end > part.start
    ]
    before = [part for part in kept if part.end <= lost.start]
    path = session(tmp_path / "gap.umi", signals, [*before, lost, *kept[len(before) :]])
    workspace = decoded(path, tmp_path)
    try:
        assert [int(value) for name in ("start", "end") for value in workspace.snapshot.column("gaps", name)] == [
            lost.start,
            lost.end,
        ]
        stretch = read_stretch(workspace.recording, workspace.wiring, 2_000_000, Wanted(999_000, 1_002_000, 999_000, {}))
        assert stretch.fault == ""
        assert len(stretch.changes.ticks)
        assert not ((stretch.changes.ticks > lost.start) & (stretch.changes.ticks < lost.end)).any()
    finally:
        workspace.close()


@pytest.mark.parametrize(("start", "end"), [(0, 3000), (1_000_000, 1_050_000), (2_999_000, 3_001_000)])
def test_a_stretch_of_it_shows_the_same_edges(tmp_path: Path, start: int, end: int) -> None:
    signals, chunks = demo_chunks()
    wanted = Wanted(start, end, start, {})
    wiring = wiring_from_names(signals.channels)
    seen = []
    for path in (STORY, session(tmp_path / "a.umi", signals, chunks), session(tmp_path / "b.umi", signals, as_runs(chunks))):
        with open_recording(path) as recording:
            seen.append(read_stretch(recording, wiring, 2_000_000, wanted))
    for one in seen[1:]:
        np.testing.assert_array_equal(one.changes.ticks, seen[0].changes.ticks)
        np.testing.assert_array_equal(one.changes.words, seen[0].changes.words)
        assert one.fault == seen[0].fault
