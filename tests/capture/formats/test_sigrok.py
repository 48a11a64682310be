from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from capture.formats.sigrok import open_sr
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import RecordingError

Pack = Callable[[Mapping[str, bytes]], Path]
OPEN_FILES = Path("/proc/self/fd")


def metadata(unit: int = 1, channels: int = 3, rest: str = "samplerate=4 MHz") -> bytes:
    probes = "\n".join(f"probe{number}=c{number}" for number in range(1, channels + 1))
    return f"[device 1]\ncapturefile=logic-1\n{probes}\nunitsize={unit}\n{rest}\n".encode()


def words_of(chunks: Iterable[LogicChunk]) -> list[int]:
    """All words, checked to be dense and to begin where the chunk before ended."""
    words: list[int] = []
    for chunk in chunks:
        assert isinstance(chunk, Samples)
        assert chunk.start == len(words)
        words.extend(chunk.words.tolist())
    return words


def good_part(chunks: Iterator[LogicChunk]) -> tuple[list[int], RecordingError | None]:
    good: list[LogicChunk] = []
    fault = None
    try:
        good.extend(chunks)
    except RecordingError as raised:
        fault = raised
    return words_of(good), fault


def test_parts_come_in_the_order_of_their_numbers_not_of_their_names(pack: Pack) -> None:
    parts = {f"logic-1-{number}": bytes([number]) for number in (10, 2, 1, 11, 3, 9, 4, 8, 5, 7, 6)}
    recording = open_sr(pack(parts))
    assert (recording.name, recording.channels, recording.analog_channels) == ("recording.sr", ("sck", "mosi", "cs"), ())
    assert (recording.rate_hz, recording.length, recording.notes) == (4_000_000, 11, ())
    assert words_of(recording.chunks()) == list(range(1, 12))


def test_version_1_has_one_part_without_a_number(pack: Pack) -> None:
    recording = open_sr(pack({"version": b"1", "logic-1": b"\1\2\3"}))
    assert words_of(recording.chunks()) == [1, 2, 3]


@pytest.mark.parametrize("unit", range(1, 9))
def test_samples_of_every_width_become_words_of_the_next_width(pack: Pack, unit: int) -> None:
    values = [0, 1, (1 << unit * 8) - 1, 0x0123456789ABCDEF & ((1 << unit * 8) - 1)]
    raw = b"".join(value.to_bytes(unit, "little") for value in values)
    recording = open_sr(pack({"metadata": metadata(unit, unit * 8), "logic-1-1": raw}))
    (chunk,) = recording.chunks()
    assert isinstance(chunk, Samples)
    assert chunk.words.dtype == {1: np.uint8, 2: np.uint16, 3: np.uint32, 4: np.uint32}.get(unit, np.uint64)
    assert chunk.words.tolist() == values
    assert len(recording.channels) == unit * 8


@pytest.mark.parametrize("unit", [2, 3, 7])
def test_a_sample_cut_by_the_border_of_a_part_is_whole_again(pack: Pack, unit: int) -> None:
    raw = bytes(range(unit * 30))
    parts = {f"logic-1-{number + 1}": raw[number * 5 : number * 5 + 5] for number in range(-(-len(raw) // 5))}
    recording = open_sr(pack({"metadata": metadata(unit), **parts}))
    expected = [int.from_bytes(raw[at : at + unit], "little") for at in range(0, len(raw), unit)]
    assert words_of(recording.chunks()) == expected
    assert recording.length == len(expected)


@pytest.mark.parametrize("unit", [1, 3, 5])
def test_a_long_part_comes_in_chunks_of_about_a_mebibyte(pack: Pack, unit: int) -> None:
    raw = np.random.default_rng(unit).integers(0, 4, 5_000_000, np.uint8).tobytes()
    recording = open_sr(pack({"metadata": metadata(unit), "logic-1-1": raw}))
    chunks = list(recording.chunks())
    assert all(chunk.end - chunk.start <= (1 << 20) // unit + 1 for chunk in chunks)
    assert all(chunk.end - chunk.start >= (1 << 17) // unit - 1 for chunk in chunks[:-1])
    words = np.concatenate([chunk.words for chunk in chunks if isinstance(chunk, Samples)])
    low = np.frombuffer(raw, np.uint8)[: len(words) * unit : unit]
    assert np.array_equal(words & 0xFF, low)
    assert recording.length == len(words) == len(raw) // unit


def test_thousands_of_tiny_parts_are_joined(pack: Pack) -> None:
    recording = open_sr(pack({f"logic-1-{number}": bytes([number % 256]) * 100 for number in range(1, 3001)}))
    chunks = list(recording.chunks())
    assert len(chunks) == 3
    assert words_of(chunks) == [number % 256 for number in range(1, 3001) for _ in range(100)]


def test_a_recording_can_be_read_twice_and_twice_at_once(pack: Pack) -> None:
    recording = open_sr(pack({"logic-1-1": bytes(range(200))}))
    first, second = recording.chunks(), recording.chunks()
    assert words_of(first) == words_of(second) == words_of(recording.chunks()) == list(range(200))


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="this system does not list open files")
def test_a_reader_that_stops_early_holds_no_file_open(pack: Pack) -> None:
    path = pack({"logic-1-1": bytes(20 << 20)})

    def held_open() -> bool:
        return any(entry.is_symlink() and entry.readlink() == path for entry in OPEN_FILES.iterdir())

    chunks = open_sr(path).chunks()
    next(chunks)
    assert held_open()
    chunks.close()
    assert not held_open()


def test_reading_changes_neither_the_file_nor_its_folder(pack: Pack) -> None:
    path = pack({"logic-1-1": bytes(1000)})
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    with open_sr(path) as recording:
        list(recording.chunks())
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before


def test_a_file_made_read_only_opens(pack: Pack) -> None:
    path = pack({"logic-1-1": b"\1"})
    path.chmod(0o400)
    assert words_of(open_sr(path).chunks()) == [1]


# What is damaged, missing or absurd.


def test_a_missing_part_ends_the_samples_with_an_error(pack: Pack) -> None:
    recording = open_sr(pack({"logic-1-1": b"\1", "logic-1-2": b"\2", "logic-1-4": b"\4"}))
    assert recording.length == 2
    assert recording.notes == ("Part 3 of the samples is missing; what comes after it is at no known time and is not read.",)
    good, fault = good_part(recording.chunks())
    assert good == [1, 2]
    assert "part 3 of the samples is missing" in str(fault)


def test_a_missing_first_part_leaves_nothing_at_a_known_time(pack: Pack) -> None:
    recording = open_sr(pack({"logic-1-2": b"\2"}))
    good, fault = good_part(recording.chunks())
    assert (good, recording.length) == ([], 0)
    assert "part 1 of the samples is missing" in str(fault)


def test_samples_that_end_inside_a_sample_are_noted(pack: Pack) -> None:
    recording = open_sr(pack({"metadata": metadata(2), "logic-1-1": b"\1\0\2\0\3"}))
    assert words_of(recording.chunks()) == [1, 2]
    assert recording.length == 2
    assert recording.notes == ("The samples end with 1 of the 2 bytes of a sample, which are left out.",)


def test_a_damaged_part_yields_what_was_good(pack: Pack) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 300_000, np.uint8).tobytes()
    path = pack({"logic-1-1": noise, "logic-1-2": noise})
    raw = bytearray(path.read_bytes())
    second = raw.index(b"logic-1-2") + 9
    raw[second + 1000 : second + 1016] = bytes(16)
    path.write_bytes(raw)
    good, fault = good_part(open_sr(path).chunks())
    assert good[:300_000] == list(noise)
    assert fault is not None
    assert fault.where == str(path)
    assert "'logic-1-2'" in fault.what


def test_a_file_that_vanishes_while_it_is_read_is_an_error_not_a_crash(pack: Pack) -> None:
    path = pack({"logic-1-1": b"\1"})
    recording = open_sr(path)
    path.unlink()
    with pytest.raises(RecordingError, match="No such file"):
        list(recording.chunks())


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({}, "holds no samples"),
        ({"metadata": b"[device 1]\nsamplerate=4 MHz\n"}, "holds no samples"),
        ({"version": b"3", "logic-1-1": b"\1"}, "version 3 "),
        ({"version": b"\xff" * 999, "logic-1-1": b"\1"}, "version "),
        ({"metadata": b"\xff\xfe", "logic-1-1": b"\1"}, "no device"),
        ({"metadata": metadata(1, 9), "logic-1-1": b"\1"}, "channel 9 has no room"),
        ({"metadata": metadata() + bytes(2 << 20), "logic-1-1": b"\1"}, "far more than it needs"),
        ({"logic-1-1": b"\1", "logic-1-01": b"\1"}, "part 1 of 'logic-1' twice"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_one_sentence(pack: Pack, members: Mapping[str, bytes], complaint: str) -> None:
    path = pack(members)
    with pytest.raises(RecordingError, match=complaint) as raised:
        open_sr(path)
    assert raised.value.where == str(path)
    assert raised.value.remedy
    assert "\n" not in str(raised.value)


def test_an_archive_of_something_else_is_no_session(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.sr", "w") as archive:
        archive.writestr("header", "")
    with pytest.raises(RecordingError, match="no sigrok session"):
        open_sr(tmp_path / "a.sr")


# Analogue traces.


def test_analogue_samples_come_beside_the_logic(pack: Pack) -> None:
    volts = np.linspace(0, 3.3, 1000, dtype=np.float32)
    parts = {"analog-1-9-1": volts[:7].tobytes(), "analog-1-9-2": volts[7:].tobytes(), "analog-1-10-1": (-volts).tobytes()}
    recording = open_sr(pack({"metadata": metadata(rest="analog9=A0\nanalog10=A1"), "logic-1-1": b"\1", **parts}))
    assert recording.analog_channels == ("A0", "A1")
    traces: list[NDArray[np.float32]] = [np.concatenate(list(recording.analog_chunks(index))) for index in (0, 1)]
    assert np.array_equal(traces[0], volts)
    assert np.array_equal(traces[1], -volts)


def test_a_file_with_analogue_samples_only_opens_without_channels(pack: Pack) -> None:
    recording = open_sr(pack({"metadata": b"[device 1]\nsamplerate=1 kHz\nanalog1=A0\n", "analog-1-1-1": bytes(8)}))
    assert (recording.channels, recording.length, recording.analog_channels) == ((), 0, ("A0",))
    assert recording.notes == ("The file holds analogue samples only.",)
    assert list(recording.chunks()) == []
    assert [trace.tolist() for trace in recording.analog_chunks(0)] == [[0.0, 0.0]]


# Writing.


@given(
    channels=st.integers(1, 64),
    runs=st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 2**64 - 1)), min_size=1, max_size=20),
    dense=st.booleans(),
    start=st.sampled_from([0, 10**12]),
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, channels: int, runs: list[tuple[int, int]], dense: bool, start: int
) -> None:
    path = tmp_path_factory.mktemp("sr") / "a.sr"
    lengths = np.array([length for length, _ in runs])
    values = np.array([value & ((1 << channels) - 1) for _, value in runs], np.uint64)
    chunk: LogicChunk
    if dense:
        chunk = Samples(start, values.repeat(lengths))
    else:
        ticks = start + np.concatenate([[0], np.cumsum(lengths)[:-1]])
        chunk = Runs(start, start + int(lengths.sum()), ticks, values)
    write_sr(path, [f"D{number}" for number in range(channels)], 9600, [chunk])
    recording = open_sr(path)
    assert len(recording.channels) == channels
    assert words_of(recording.chunks()) == values.repeat(lengths).tolist()


def test_a_quiet_stretch_far_longer_than_a_member_is_written_in_members(tmp_path: Path) -> None:
    ticks = np.array([0, 9_999_999], np.int64)
    write_sr(tmp_path / "a.sr", ["a"], None, [Runs(0, 10_000_001, ticks, np.array([0, 1], np.uint8))])
    recording = open_sr(tmp_path / "a.sr")
    words = np.concatenate([chunk.words for chunk in recording.chunks() if isinstance(chunk, Samples)])
    assert np.flatnonzero(words).tolist() == [9_999_999, 10_000_000]
    assert recording.rate_hz is None
    with zipfile.ZipFile(tmp_path / "a.sr") as archive:
        assert [name for name in archive.namelist() if "logic" in name] == ["logic-1-1", "logic-1-2", "logic-1-3"]


def test_the_same_samples_give_the_same_bytes_on_any_day(tmp_path: Path) -> None:
    chunk = Samples(0, np.arange(1000, dtype=np.uint16))
    write_sr(tmp_path / "one.sr", ["a"] * 9, 1000, [chunk])
    written = (tmp_path / "one.sr").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.sr") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    write_sr(tmp_path / "two.sr", ["a"] * 9, 1000, [chunk])
    assert (tmp_path / "two.sr").read_bytes() == written


def test_a_fault_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[LogicChunk]:
        yield Samples(0, np.zeros(10, np.uint8))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_sr(tmp_path / "a.sr", ["a"], 1, broken())
    assert list(tmp_path.iterdir()) == []


def test_a_lost_stretch_has_no_place_in_the_format(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="samples were lost: overrun"):
        write_sr(tmp_path / "a.sr", ["a"], 1, [Lost(0, 5, "overrun")])
    with pytest.raises(ValueError, match="begins at 7 where 5 is next"):
        write_sr(tmp_path / "a.sr", ["a"], 1, [Samples(0, np.zeros(5, np.uint8)), Samples(7, np.zeros(5, np.uint8))])
    assert list(tmp_path.iterdir()) == []


def test_what_the_format_cannot_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="channel name"):
        write_sr(tmp_path / "a.sr", ["a\nunitsize=7"], 1, [])
    with pytest.raises(ValueError, match="1 to 64"):
        write_sr(tmp_path / "a.sr", [], 1, [])
    with pytest.raises(ValueError, match="no sample rate"):
        write_sr(tmp_path / "a.sr", ["a"], 0, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("sigrok-cli") is None, reason="sigrok-cli is not installed")
def test_sigrok_itself_reads_what_is_written(tmp_path: Path) -> None:
    words = np.random.default_rng(1).integers(0, 1 << 10, 5_000_000, np.uint16)
    path = tmp_path / "a.sr"
    write_sr(path, [f"D{number}" for number in range(10)], 12_500, [Samples(0, words)])
    seen = subprocess.run(["sigrok-cli", "-i", path, "-O", "binary"], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert np.array_equal(np.frombuffer(seen.stdout, np.uint16), words)
    shown = subprocess.run(["sigrok-cli", "-i", path, "--show"], check=True, capture_output=True, text=True)
    assert "Samplerate: 12500\n" in shown.stdout


# Whatever the bytes are, a recording or a RecordingError comes out.


def read_all(path: Path) -> None:
    try:
        recording = open_sr(path)
        for _ in recording.chunks():
            pass
        for index in range(len(recording.analog_channels)):
            for _ in recording.analog_chunks(index):
                pass
    except RecordingError as raised:
        fault = raised
    else:
        return
    assert fault.where == str(path)
    assert "\n" not in str(fault)


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> list[bytes]:
    """The bytes of real session files and of one of our own."""
    path = tmp_path_factory.mktemp("own") / "own.sr"
    write_sr(path, ["sck", "mosi"], 1000, [Samples(0, np.arange(3000, dtype=np.uint8))])
    real = sorted([*samples.glob("spi/*.sr"), *samples.glob("power/*.sr")])
    assert real
    return [path.read_bytes() for path in [*real, path]]


@given(content=st.binary(max_size=300), prefix=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06"]))
def test_random_bytes_are_no_recording(tmp_path_factory: pytest.TempPathFactory, content: bytes, prefix: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.sr"
    path.write_bytes(prefix + content)
    with pytest.raises(RecordingError):
        open_sr(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(
    which=st.integers(0, 10**6),
    edits=st.lists(
        st.tuples(st.integers(0, 2**31), st.sampled_from([b"\0", b"\xff", b"\x7f"]) | st.binary(max_size=4)), max_size=6
    ),
    from_end=st.booleans(),
    cut=st.none() | st.integers(0, 2**31),
)
def test_a_mutated_session_is_a_recording_or_a_recording_error(
    tmp_path_factory: pytest.TempPathFactory,
    originals: list[bytes],
    which: int,
    edits: list[tuple[int, bytes]],
    from_end: bool,
    cut: int | None,
) -> None:
    raw = bytearray(originals[which % len(originals)])
    for place, content in edits:
        # The directory at the end is where most of what can be forged lies.
        at = len(raw) - 1 - place % min(len(raw), 400) if from_end else place % len(raw)
        raw[at : at + len(content)] = content
    if cut is not None:
        del raw[cut % len(raw) :]
    path = tmp_path_factory.mktemp("fuzz") / "a.sr"
    path.write_bytes(raw)
    read_all(path)
