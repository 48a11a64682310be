"""The decoder process: finished, found again, stopped, killed, and on damaged recordings."""

from __future__ import annotations

import os
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.analysis.decoding import decode_recording
from app.analysis.tables import decode_process
from app.analysis.tables.decode_process import DecodeJob, DecodeRun, decode, start_decoding
from app.analysis.tables.progress import FILE_NAME, Progress, ProgressFile, State
from app.analysis.tables.schema import tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import StoreReader
from app.analysis.wiring.wiring import wiring_from_names, wiring_to_text
from capture.formats.opening import open_recording
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.span import Timebase
from tests.app.analysis.tables.test_snapshot import assert_same
from tests.app.analysis.test_decoding import Drawn
from tests.decoders.bus.drawing import split
from tests.helpers import story, umi
from tests.helpers.umi import Bench, dense, shipped

REFERENCE, VARIANT = shipped("reference-1"), shipped("variant-a")
PROFILES = umi.ROOT / "resources" / "profiles"
STORY = story.recording()
PATIENCE_S = 60

Start = Callable[..., DecodeRun]


def job_for(path: Path, profile: str = "reference-1") -> DecodeJob:
    with open_recording(path) as recording:
        spi, uart = wiring_to_text(wiring_from_names(recording.channels), recording.channels)
        rate_hz = recording.rate_hz or 1
    text = (PROFILES / f"{profile}.toml").read_text(encoding="utf-8")
    return DecodeJob(path, tuple(spi), tuple(uart), text, profile, rate_hz)


def end_of(run: DecodeRun) -> Progress:
    """The last word of a decoder, waited for."""
    give_up = time.monotonic() + PATIENCE_S
    while (progress := run.look()).state is State.RUNNING:
        assert time.monotonic() < give_up, progress
        if run._process is not None:
            run._process.join(0.02)
    return progress


def snapshot_of(run: DecodeRun) -> tuple[Snapshot, StoreReader]:
    reader = StoreReader(REFERENCE, run.folder)
    reader.advance(run.look().counts)
    return Snapshot(REFERENCE, reader), reader


def assert_whole(run: DecodeRun, path: Path) -> None:
    """The tables say what decoding in this process says."""
    snapshot, reader = snapshot_of(run)
    with open_recording(path) as recording:
        rate_hz = recording.rate_hz or 1
        capture = decode_recording(recording, REFERENCE, wiring_from_names(recording.channels), Timebase(rate_hz))
    assert_same(snapshot, capture)
    assert snapshot.count("activity") > 0
    reader.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[DecodeRun] = []

    def begin(job: DecodeJob, root: Path = tmp_path / "decoded") -> DecodeRun:
        runs.append(start_decoding(job, REFERENCE, root))
        return runs[-1]

    yield begin
    for run in runs:
        run.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copy2(STORY, tmp_path / "copy.sr"))


def test_a_decode_finishes_and_is_found_again_without_a_process(start: Start, copy: Path, tmp_path: Path) -> None:
    first = start(job_for(copy))
    assert first._process is not None
    done = end_of(first)
    assert (done.state, done.tick, done.total, first.error) == (State.DONE, 1_130_640, 1_130_640, "")
    assert_whole(first, copy)
    again = start(job_for(copy))
    assert (again.folder, again._process, again.look()) == (first.folder, None, done)
    assert_whole(again, copy)
    again.close()
    other = start(replace(job_for(copy), rate_hz=1_000_000))
    assert other.folder != first.folder
    assert other._process is not None
    assert len(list((tmp_path / "decoded").iterdir())) == 2


@pytest.mark.parametrize("harm", ["no columns", "short column", "short progress", "no progress", "odd state"])
def test_a_decode_that_is_damaged_is_made_again(start: Start, copy: Path, harm: str) -> None:
    first = start(job_for(copy))
    assert end_of(first).state is State.DONE
    first.close()
    folder = first.folder
    match harm:
        case "no columns":
            (folder / "packets.start").unlink()
        case "short column":
            os.truncate(folder / "frames.packet", 8)
        case "short progress":
            os.truncate(folder / FILE_NAME, 8)
        case "no progress":
            (folder / FILE_NAME).unlink()
        case _:
            with (folder / FILE_NAME).open("r+b") as file:
                file.seek(8)
                file.write(b"\x63")
    again = start(job_for(copy))
    assert again.folder != folder
    assert end_of(again).state is State.DONE
    assert_whole(again, copy)


def test_deleting_the_cache_loses_nothing(start: Start, copy: Path, tmp_path: Path) -> None:
    first = start(job_for(copy))
    before = end_of(first)
    first.close()
    files = {path.name: path.read_bytes() for path in first.folder.iterdir() if path.name != FILE_NAME}
    shutil.rmtree(tmp_path / "decoded")
    again = start(job_for(copy))
    after = end_of(again)
    assert (after.state, after.counts) == (before.state, before.counts)
    assert {path.name: path.read_bytes() for path in again.folder.iterdir() if path.name != FILE_NAME} == files


def test_two_processes_decode_the_same_recording_without_disturbing_each_other(start: Start, copy: Path) -> None:
    one, other = start(job_for(copy)), start(job_for(copy))
    assert one.folder != other.folder
    assert [end_of(run).state for run in (one, other)] == [State.DONE, State.DONE]
    assert_whole(one, copy)
    assert_whole(other, copy)


def test_a_process_that_is_asked_to_stop_says_that_it_did_and_is_not_taken_for_finished(start: Start, copy: Path) -> None:
    run = start(job_for(copy))
    run.stop()
    assert end_of(run).state is State.STOPPED
    assert run.error == ""
    again = start(job_for(copy))
    assert again.folder != run.folder
    assert end_of(again).state is State.DONE


def test_a_process_that_is_killed_has_failed(start: Start, copy: Path) -> None:
    run = start(job_for(copy))
    assert run._process is not None
    assert run._process.pid is not None
    os.kill(run._process.pid, signal.SIGTERM)
    assert end_of(run).state is State.FAILED
    assert run.look().state is State.FAILED
    assert run.error == ""
    assert end_of(start(job_for(copy))).state is State.DONE


def test_closing_ends_the_process(start: Start, copy: Path) -> None:
    run = start(job_for(copy))
    assert run._process is not None
    process = run._process
    run.close()
    run.close()
    process.join(PATIENCE_S)
    assert process.exitcode


def test_closing_waits_for_nobody(start: Start, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(job_for(copy))
    process = run._process
    assert process is not None

    def wait(_timeout: float | None = None) -> None:
        raise AssertionError("the window waits")

    with monkeypatch.context() as patch:
        patch.setattr(process, "join", wait)
        run.close()
    process.join(PATIENCE_S)
    assert not process.is_alive()


def test_a_long_chunk_is_decoded_in_pieces_that_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_process, "PIECE_TICKS", 1000)
    monkeypatch.setattr(decode_process, "PIECE_RUNS", 7)
    bench = Bench(REFERENCE)
    bench.frame(1, "poll", (0, 1), seq=1)
    runs = bench.wave.runs()
    samples = dense(runs)
    lost = Lost(samples.end, samples.end + 5, "the cable was pulled")
    pieces = list(decode_process._pieces([samples, lost]))
    assert pieces.pop() is lost
    assert all(isinstance(piece, Samples) and len(piece.words) <= 1000 for piece in pieces)
    assert [piece.start for piece in pieces] == list(range(0, samples.end, 1000))
    assert np.array_equal(np.concatenate([piece.words for piece in pieces if isinstance(piece, Samples)]), samples.words)
    cut = [piece for piece in decode_process._pieces([runs]) if isinstance(piece, Runs)]
    assert [len(piece.ticks) for piece in cut[:-1]] == [7] * ((len(runs.ticks) - 1) // 7)
    assert all(piece.ticks[0] == piece.start for piece in cut)
    assert [(piece.start, piece.end) for piece in cut] == list(pairwise([*(piece.start for piece in cut), runs.end]))
    assert np.array_equal(np.concatenate([piece.ticks for piece in cut]), runs.ticks)
    assert np.array_equal(np.concatenate([piece.words for piece in cut]), runs.words)


def damaged(path: Path, at: float) -> Path:
    """A recording whose samples are spoilt some way into them."""
    members = []
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    target = path.with_name("damaged.sr")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(name, content)
        logic = next(info for info in archive.infolist() if info.filename.startswith("logic"))
    with target.open("r+b") as file:
        file.seek(logic.header_offset + 30 + len(logic.filename) + int(logic.file_size * at))
        file.write(b"\x55" * 64)
    return target


def test_a_damaged_recording_fails_and_keeps_what_came_before(start: Start, copy: Path) -> None:
    path = damaged(copy, 0.95)
    run = start(job_for(path))
    assert end_of(run).state is State.FAILED
    with open_recording(path) as recording:
        capture = decode_recording(recording, REFERENCE, wiring_from_names(recording.channels), Timebase(recording.rate_hz or 1))
    assert capture.fault is not None
    assert run.error == str(capture.fault)
    snapshot, reader = snapshot_of(run)
    assert_same(snapshot, capture)
    reader.close()


def test_a_recording_that_is_none_fails_with_its_reason(start: Start, copy: Path) -> None:
    job = job_for(copy)
    copy.write_bytes(b"PK\x03\x04 no recording")
    run = start(job)
    assert end_of(run).state is State.FAILED
    assert str(copy) in run.error


def test_a_cache_that_cannot_be_written_is_said_at_once(start: Start, copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "a file"
    root.touch()
    with pytest.raises(OSError, match="a file"):
        start(job_for(copy), root)
    with pytest.raises(FileNotFoundError):
        start(replace(job_for(copy), recording=tmp_path / "nowhere.sr"))


class Watched(Drawn):
    """A recording that calls back before each chunk."""

    def __init__(self, chunks: list[LogicChunk], before: Callable[[int], None], length: int | None = None, fault: str = "") -> None:
        super().__init__(chunks, length=length, fault=fault)
        self.channels = ("SCK", "MOSI", "MISO", "CS1", "CS2")
        self._before = before

    def chunks(self) -> Iterator[LogicChunk]:
        for at, chunk in enumerate(super().chunks()):
            self._before(at)
            yield chunk


def talk() -> list[LogicChunk]:
    bench = Bench(REFERENCE)
    for seq in range(8):
        bench.frame(1, "poll", (0, 1), seq=seq)
    whole = dense(bench.wave.runs())
    return list(split(whole, range(0, whole.end, 100)))


def run_here(
    recording: Watched, folder: Path, monkeypatch: pytest.MonkeyPatch, publish_s: float = 0
) -> tuple[Progress | None, StoreReader]:
    monkeypatch.setattr(decode_process, "PUBLISH_S", publish_s)
    monkeypatch.setattr(decode_process, "open_recording", lambda _path: recording)
    text = (PROFILES / "reference-1.toml").read_text(encoding="utf-8")
    decode(DecodeJob(Path("drawn.sr"), ("sck=SCK,mosi=MOSI,miso=MISO,cs=CS1",), (), text, "reference-1", umi.RATE_HZ), folder)
    progress = ProgressFile(folder, list(tables(REFERENCE)))
    found = progress.look()
    progress.close()
    reader = StoreReader(REFERENCE, folder)
    reader.advance(found.counts if found else {})
    return found, reader


def test_a_stop_is_obeyed_before_the_next_piece_and_what_has_come_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = ProgressFile(tmp_path, list(tables(REFERENCE)), create=True)
    chunks = talk()
    asked: list[int] = []

    def before(at: int) -> None:
        asked.append(at)
        if at == 5:
            window.stop()

    found, reader = run_here(Watched(chunks, before, length=chunks[-1].end), tmp_path, monkeypatch)
    assert found is not None
    assert (found.state, found.tick, found.total) == (State.STOPPED, chunks[5].end, chunks[-1].end)
    assert asked == [0, 1, 2, 3, 4, 5]
    assert 0 < found.counts["frames"] < 8
    assert len(reader.view("frames", "start")) == found.counts["frames"]
    reader.close()


def test_rows_are_there_as_soon_as_they_are_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = ProgressFile(tmp_path, list(tables(REFERENCE)), create=True)
    reader = StoreReader(REFERENCE, tmp_path)
    seen: list[tuple[int, int]] = []

    def before(_at: int) -> None:
        found = window.look()
        assert found is not None
        assert found.state is State.RUNNING
        reader.advance(found.counts)
        assert all(
            len(reader.view(table, name)) == found.counts[table] for table in found.counts for name in tables(REFERENCE)[table]
        )
        seen.append((found.tick, found.counts["frames"]))

    found, whole = run_here(Watched(talk(), before), tmp_path, monkeypatch)
    assert found is not None
    assert (found.state, found.counts["frames"]) == (State.DONE, 8)
    assert seen == sorted(seen)
    assert len({frames for _, frames in seen}) > 4
    assert np.all(np.diff(whole.view("frames", "start")) > 0)
    whole.close()
    reader.close()


def test_a_fault_ends_with_a_gap_to_where_the_recording_should_have_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ProgressFile(tmp_path, list(tables(REFERENCE)), create=True).close()
    chunks = talk()
    end = chunks[-1].end
    found, reader = run_here(
        Watched(chunks, lambda _at: None, length=end + 1_000, fault="the disk was full"), tmp_path, monkeypatch, publish_s=60
    )
    assert found is not None
    assert (found.state, found.tick, found.counts["frames"]) == (State.FAILED, end, 8)
    assert (tmp_path / "error").read_text(encoding="utf-8") == "drawn.sr: the disk was full; record it again"
    assert (reader.view("gaps", "start").tolist(), reader.view("gaps", "end").tolist()) == ([end], [end + 1_000])
    reader.close()
