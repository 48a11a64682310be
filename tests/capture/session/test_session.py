"""A session file gives back what was written, and is not changed by being read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.formats.opening import open_recording
from capture.formats.signals import AnalogTrace, Piece, Signals
from capture.session.reader import SessionRecording, open_session
from capture.session.schema import SUMMARY
from capture.session.writer import COMMIT_BYTES, SessionNotes, SessionWriter, write_umi
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import RecordingError
from tests.helpers.recorded import SIGNALS, expanded, logic_chunks, pieces_of

LINES = Signals(("a", "b"), 1000)


def written(tmp_path: Path, pieces: list[Piece], signals: Signals = LINES, about: SessionNotes | None = None) -> Path:
    path = tmp_path / "recording.umi"
    write_umi(path, signals, pieces, about)
    return path


@given(
    chunks=logic_chunks(), size=st.integers(1, 5), windows=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=8)
)
@settings(deadline=None, max_examples=60)
def test_whatever_is_written_comes_back_whole_and_in_windows(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[LogicChunk], size: int, windows: list[tuple[int, int]]
) -> None:
    with open_session(written(tmp_path_factory.mktemp("session"), pieces_of(chunks, size))) as recording:
        words = expanded(list(recording.chunks()))
        assert words == expanded(chunks)
        assert recording.length == len(words)
        reasons = [
            (chunk.start, chunk.end, chunk.reason) for chunk in chunks if isinstance(chunk, Lost) and chunk.end > chunk.start
        ]
        assert reasons == [(chunk.start, chunk.end, chunk.reason) for chunk in recording.chunks() if isinstance(chunk, Lost)]
        for start, end in [(min(pair), max(pair)) for pair in windows]:
            found = recording.window(start, end)
            assert [chunk.start for chunk in found[:1]] == [start][: len(words[start:end])]
            assert expanded(found) == words[start:end]


def test_a_window_has_the_lost_stretch_in_it(tmp_path: Path, gap: list[LogicChunk]) -> None:
    recording = open_session(written(tmp_path, pieces_of(gap, 1)))
    assert expanded(recording.window(90, 160)) == [1] * 10 + [None] * 50 + [9] * 10
    assert recording.window(110, 120) == [Lost(110, 120, "the buffer was full")]
    assert [type(chunk) for chunk in recording.window(155, 165)] == [Samples]
    assert len(expanded(recording.window(190, 900))) == 10
    assert recording.window(900, 950) == []


def test_kinds_stay_what_they_were(tmp_path: Path, gap: list[LogicChunk]) -> None:
    assert [type(chunk) for chunk in open_session(written(tmp_path, pieces_of(gap, 3))).chunks()] == [Runs, Lost, Samples]


@given(sizes=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 700)), max_size=6))
@settings(deadline=None, max_examples=60)
def test_the_samples_of_each_trace_come_back(tmp_path_factory: pytest.TempPathFactory, sizes: list[tuple[int, int]]) -> None:
    random = np.random.default_rng(5)
    pieces = [tuple(random.normal(size=size).astype(np.float32) for size in pair) for pair in sizes]
    for piece in pieces:
        piece[0][::7] = np.nan
    recording = open_session(written(tmp_path_factory.mktemp("session"), [((), piece) for piece in pieces], SIGNALS))
    assert (recording.analog_channels, recording.units, recording.analog_steps) == (("current1", "voltage1"), ("A", "V"), (10, 25))
    for channel in (0, 1):
        truth = np.concatenate([np.empty(0, np.float32), *(piece[channel] for piece in pieces)])
        np.testing.assert_array_equal(np.concatenate([np.empty(0, np.float32), *recording.analog_chunks(channel)]), truth)
        low, mean, high = recording.summaries(channel)
        for block, at in enumerate(range(0, len(truth), SUMMARY)):
            part = truth[at : at + SUMMARY]
            np.testing.assert_equal(
                (low[block], high[block]), (np.nanmin(part), np.nanmax(part)) if not np.isnan(part).all() else (np.nan,) * 2
            )
            if not np.isnan(part).all():
                assert mean[block] == pytest.approx(np.nanmean(part.astype(np.float64)), rel=1e-6)
        assert len(low) == -(-len(truth) // SUMMARY)


def test_what_is_said_of_a_recording_comes_back(tmp_path: Path) -> None:
    about = SessionNotes(1_772_344_800_000_000_000, "--spi port=1,sck=a\n--uart rx=b", ("The probe was loose.", "So it was."))
    recording = open_session(written(tmp_path, [], SIGNALS, about))
    assert (recording.name, recording.channels, recording.rate_hz) == ("recording.umi", ("sck", "mosi", "", "cs"), 1_000_000)
    assert (recording.start_utc_ns, recording.wiring) == (about.start_utc_ns, ("--spi port=1,sck=a", "--uart rx=b"))
    assert (recording.notes, recording.length) == (about.notes, 0)
    assert list(recording.chunks()) == []
    assert [len(part) for part in recording.analog_chunks(1)] == []


def test_large_chunks_are_cut_into_blocks_and_small_ones_joined(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    dense = Samples(0, random.integers(0, 1 << 16, 1_500_000, np.uint16))
    ticks = dense.end + np.concatenate([[0], np.cumsum(random.integers(1, 9, 300_000))])
    many = Runs(dense.end, int(ticks[-1]) + 5, ticks, random.integers(0, 4, len(ticks), np.uint16))
    few = [
        Runs(many.end + at, many.end + at + 10, np.array([many.end + at]), np.array([at % 7], np.uint16))
        for at in range(0, 5000, 10)
    ]
    path = written(tmp_path, [([dense], ()), ([many], ()), *(([one], ()) for one in few)])
    recording = open_session(path)
    chunks = list(recording.chunks())
    assert expanded(chunks) == expanded([dense, many, *few])
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as database:
        sizes = [count * (tick + word) for count, tick, word in database.execute("SELECT count, tick_bytes, word_bytes FROM logic")]
    database.close()
    assert max(sizes) <= 1 << 20
    assert len(sizes) == 3 + 5
    for start, end in ((0, 10), (524_280, 524_300), (many.start + 9, many.start + 20), (many.end - 5, many.end + 45)):
        assert expanded(recording.window(start, end)) == expanded(chunks)[start:end]


# Files.


def test_a_closed_file_is_one_file_and_reading_changes_no_byte_of_it(tmp_path: Path, gap: list[LogicChunk]) -> None:
    path = written(tmp_path, [(gap, [np.ones(9, np.float32), np.ones(4, np.float32)])], SIGNALS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["recording.umi"]
    before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
    with open_recording(path) as recording:
        assert isinstance(recording, SessionRecording)
        list(recording.chunks())
        recording.window(0, 10)
        list(recording.analog_chunks(0))
        recording.summaries(1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["recording.umi"]
    assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before
    with path.open("rb") as file:
        assert file.read(20)[18:] == b"\1\1"


def test_a_read_only_file_in_a_read_only_folder_opens(tmp_path: Path, gap: list[LogicChunk]) -> None:
    path = written(tmp_path, [(gap, ())])
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert len(list(open_session(path).chunks())) == 3
    finally:
        tmp_path.chmod(0o700)


def test_the_same_pieces_give_the_same_bytes(tmp_path: Path, gap: list[LogicChunk]) -> None:
    pieces: list[Piece] = [(gap, [np.arange(500, dtype=np.float32), np.ones(4, np.float32)])]
    files = []
    for name in ("first.umi", "second.umi"):
        write_umi(tmp_path / name, SIGNALS, pieces, SessionNotes(5))
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_a_quiet_day_is_small(tmp_path: Path) -> None:
    day = 86_400 * 1_000_000
    ticks = np.arange(0, day, 1_000_000, dtype=np.int64)
    path = written(tmp_path, [([Runs(0, day, ticks, np.arange(len(ticks), dtype=np.uint64) % 2)], ())])
    assert path.stat().st_size < 200_000
    assert open_session(path).length == day


def test_an_error_while_writing_leaves_nothing_behind_and_the_old_file_as_it_was(tmp_path: Path, gap: list[LogicChunk]) -> None:
    path = written(tmp_path, [(gap, ())])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="a chunk begins at 150 where 100 is next"):
        write_umi(path, LINES, [([gap[0]], ()), ([gap[2]], ())])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written") as raised:
        write_umi(tmp_path / "none" / "a.umi", LINES, [])
    assert raised.value.where == str(tmp_path / "none" / "a.umi")


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(tmp_path: Path, gap: list[LogicChunk]) -> None:
    def pieces() -> Iterator[Piece]:
        yield gap, ()
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(RecordingError, match="the file cannot be written: database or disk is full") as raised:
        write_umi(tmp_path / "a.umi", LINES, pieces())
    assert raised.value.where == str(tmp_path / "a.umi")
    assert list(tmp_path.iterdir()) == []


# The recorder's way of writing: committed by the clock.


def test_what_was_committed_is_there_when_the_writer_dies(tmp_path: Path) -> None:
    path = tmp_path / "live.umi"
    now = [0.0]
    writer = SessionWriter(path, LINES, SessionNotes(), lambda: now[0])

    def record() -> None:
        with writer:
            for number in range(9):
                writer.add([Samples(number * 10, np.full(10, number, np.uint8))])
                now[0] += 0.1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record()
    words = [chunk.words.tolist() for chunk in open_session(path).chunks() if isinstance(chunk, Samples)]
    assert words == [[number for number in committed for _ in range(10)] for committed in ((0, 1, 2, 3), (4, 5, 6))]


def test_much_is_committed_at_once_without_a_clock(tmp_path: Path) -> None:
    path = tmp_path / "live.umi"
    noise = np.random.default_rng(0).integers(0, 256, COMMIT_BYTES + (2 << 20), np.uint8)
    writer = SessionWriter(path, LINES, SessionNotes())

    def record() -> None:
        with writer:
            writer.add([Samples(0, noise)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record()
    assert (open_session(path).length or 0) >= COMMIT_BYTES


# What is damaged, newer or something else.


@pytest.mark.parametrize("keep", [0, 50, 100, 5000, 20_000])
def test_a_file_that_is_cut_short_is_refused_in_one_line(tmp_path: Path, keep: int, gap: list[LogicChunk]) -> None:
    path = written(tmp_path, [(gap, ())])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RecordingError) as raised:
        open_recording(path)
    assert "\n" not in str(raised.value)
    assert raised.value.remedy


def test_a_newer_file_is_refused_with_its_version(tmp_path: Path) -> None:
    path = written(tmp_path, [])
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=7")
    database.close()
    with pytest.raises(RecordingError, match=r"is of version 7, and this program knows versions up to 1"):
        open_recording(path)


def test_a_database_of_something_else_is_of_no_known_format(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE bookmarks (name)")
    database.close()
    with pytest.raises(RecordingError, match="no known format"):
        open_recording(path)
    with pytest.raises(RecordingError, match="no session file"):
        open_session(path)


def test_a_file_that_is_being_written_is_not_mistaken_for_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "live.umi"
    with SessionWriter(path, LINES, SessionNotes()) as writer:
        writer.add([Samples(0, np.zeros(10, np.uint8))])
        writer.flush()
        with pytest.raises(RecordingError, match="still being written"):
            open_session(path)
    assert open_session(path).length == 10


def all_read(path: Path) -> list[LogicChunk]:
    """Everything that a reader gives; only RecordingError may come out instead."""
    faults: list[RecordingError] = []
    good: list[LogicChunk] = []

    def read(what: Callable[[], Iterable[object]]) -> None:
        try:
            good.extend(part for part in what() if isinstance(part, Samples | Runs | Lost))
        except RecordingError as fault:
            faults.append(fault)

    try:
        recording = open_session(path)
    except RecordingError as fault:
        faults.append(fault)
    else:
        for start in (0, 30, 120):
            recording.window(start, start + 60)
        for channel in range(len(recording.analog_channels)):
            read(lambda channel=channel: recording.analog_chunks(channel))  # type: ignore[misc] # mypy knows no default in a lambda
            read(lambda channel=channel: recording.summaries(channel))  # type: ignore[misc] # the same
        read(recording.chunks)
    assert all(fault.remedy and "\n" not in str(fault) for fault in faults)
    return good


@given(place=st.integers(100, 1 << 17), noise=st.binary(min_size=1, max_size=64))
@settings(deadline=None, max_examples=60)
def test_noise_anywhere_in_a_file_raises_nothing_but_one_line(
    tmp_path_factory: pytest.TempPathFactory, place: int, noise: bytes
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    chunks: list[LogicChunk] = [
        Runs(0, 100, np.arange(100), np.arange(100, dtype=np.uint8)),
        Samples(100, np.arange(90, dtype=np.uint8)),
    ]
    path = written(folder, [(chunks, [np.ones(19, np.float32), np.ones(4, np.float32)])], SIGNALS)
    raw = bytearray(path.read_bytes())
    place %= len(raw) - len(noise)
    raw[place : place + len(noise)] = noise
    path.write_bytes(raw)
    all_read(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE logic SET data = zeroblob(900000), crc = 0",
        "UPDATE logic SET count = 1 << 60",
        "UPDATE logic SET count = -1",
        "UPDATE logic SET count = 'many'",
        "UPDATE logic SET word_bytes = 3",
        "UPDATE logic SET tick_bytes = 16 WHERE kind = 1",
        "UPDATE logic SET kind = 9",
        "UPDATE logic SET packing = 1 - packing",
        "UPDATE logic SET data = 'text'",
        "UPDATE logic SET end = start",
        "UPDATE logic SET end = 5 WHERE kind = 1",
        "DELETE FROM logic WHERE start = 100",
        "DELETE FROM logic WHERE start = 150",
        "DROP TABLE logic",
        "UPDATE session SET length = 9999999",
    ],
)
def test_a_block_that_makes_no_sense_ends_the_recording_with_one_line(
    tmp_path: Path, statement: str, gap: list[LogicChunk]
) -> None:
    path = written(tmp_path, [(gap, ())])
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    recording = open_session(path)
    with pytest.raises(RecordingError, match="the session file is damaged: ") as raised:
        list(recording.chunks())
    assert raised.value.where == str(path)
    assert all_read(path) is not None


def test_what_comes_before_a_damaged_block_is_given(tmp_path: Path, gap: list[LogicChunk]) -> None:
    path = written(tmp_path, [(gap, ())])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE logic SET crc = crc + 1 WHERE start = 150")
    database.close()
    chunks = open_session(path).chunks()
    assert [next(chunks).end, next(chunks).end] == [100, 150]
    with pytest.raises(RecordingError, match="does not match its checksum"):
        next(chunks)
    assert expanded(open_session(path).window(80, 180)) == [1] * 20 + [None] * 50
    lost = Lost(160, 180, "the session file is damaged: a block does not match its checksum")
    assert open_session(path).window(160, 180) == [lost]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM session",
        "UPDATE session SET rate_hz = 0",
        "UPDATE session SET rate_hz = 'fast'",
        "UPDATE session SET length = -5",
        "DROP TABLE traces",
        "UPDATE traces SET step = 0",
        "UPDATE traces SET name = x'00ff' WHERE number = 0",
        "DELETE FROM channels WHERE bit = 1",
        "DROP TABLE notes",
        "WITH RECURSIVE n(bit) AS (SELECT 4 UNION ALL SELECT bit + 1 FROM n LIMIT 90) INSERT INTO channels SELECT bit, 'x' FROM n",
    ],
)
def test_a_file_that_does_not_say_what_it_holds_is_refused(tmp_path: Path, statement: str) -> None:
    path = written(tmp_path, [], SIGNALS)
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    with pytest.raises(RecordingError, match="the session file is damaged: "):
        open_recording(path)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE analog SET first = 5", "UPDATE analog SET count = 0", "UPDATE analog SET count = 'nine'", "UPDATE analog SET crc = 0"],
)
def test_a_damaged_trace_raises_one_line(tmp_path: Path, statement: str) -> None:
    path = written(tmp_path, [((), [np.ones(9, np.float32), np.ones(4, np.float32)])], SIGNALS)
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    with pytest.raises(RecordingError, match="the session file is damaged: "):
        list(open_session(path).analog_chunks(0))


def test_a_trace_of_more_than_a_block(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=700_000).astype(np.float32)
    signals = Signals(("a",), 1000, (AnalogTrace("current", "A", 1),))
    path = written(tmp_path, [((), [part]) for part in np.array_split(values, 7)], signals)
    recording = open_session(path)
    np.testing.assert_array_equal(np.concatenate(list(recording.analog_chunks(0))), values)
    assert recording.summaries(0).shape == (3, -(-700_000 // SUMMARY))
