"""sigrok session files with analogue traces that are slower than the logic, as our reader and sigrok's own program read them."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from capture.formats.signals import AnalogTrace, Piece, Signals
from capture.formats.sigrok import open_sr
from capture.formats.sigrok_writer import check_sr_size, write_sr_pieces
from decoders.core.chunk import LogicChunk, Lost, Runs
from decoders.core.errors import RecordingError

TRACES = (AnalogTrace("voltage1", "V", 10), AnalogTrace("current1", "A", 25))
SIGNALS = Signals(("SCK", "MOSI", "CS"), 1_000_000, TRACES)


def quiet(start: int, end: int) -> LogicChunk:
    return Runs(start, end, np.array([start]), np.array([5], np.uint8))


def trace_of(path: Path, channel: int) -> NDArray[np.float32]:
    return np.concatenate([np.empty(0, np.float32), *open_sr(path).analog_chunks(channel)])


@given(cuts=st.lists(st.integers(0, 300), min_size=1, max_size=5), steps=st.tuples(st.integers(1, 90), st.integers(1, 400)))
@settings(deadline=None, max_examples=60)
def test_a_trace_holds_each_sample_for_its_ticks_and_the_last_to_the_end(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], steps: tuple[int, int]
) -> None:
    ends = np.cumsum(cuts).tolist()
    random = np.random.default_rng(1)
    whole = [random.normal(size=ends[-1] // step).astype(np.float32) for step in steps]
    pieces: list[Piece] = []
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        pieces.append(
            (
                [quiet(start, end)] if end > start else [],
                [values[start // step : end // step] for values, step in zip(whole, steps, strict=True)],
            )
        )
    path = tmp_path_factory.mktemp("sr") / "a.sr"
    write_sr_pieces(path, Signals(("a",), 1000, tuple(AnalogTrace(f"v{step}", "V", step) for step in steps)), pieces)
    if not ends[-1]:
        return
    assert open_sr(path).length == ends[-1]
    for channel, (values, step) in enumerate(zip(whole, steps, strict=True)):
        last = values[-1:] if len(values) else np.full(1, np.nan, np.float32)
        held = np.concatenate([values.repeat(step), last.repeat(ends[-1] - len(values) * step)])
        np.testing.assert_array_equal(trace_of(path, channel), held)


def test_a_sample_may_last_longer_than_a_member_of_the_archive_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.sr"
    values = np.array([1, 2], np.float32)
    write_sr_pieces(path, Signals(("a",), 1000, (AnalogTrace("v", "V", 600_000),)), [([quiet(0, 1_200_000)], [values])])
    np.testing.assert_array_equal(trace_of(path, 0), values.repeat(600_000))
    with zipfile.ZipFile(path) as archive:
        assert max(info.file_size for info in archive.infolist()) <= 4 << 20


def test_the_same_pieces_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.sr", "b.sr"):
        write_sr_pieces(tmp_path / name, SIGNALS, [([quiet(0, 100)], [np.arange(10, dtype=np.float32), np.ones(4, np.float32)])])
    assert (tmp_path / "a.sr").read_bytes() == (tmp_path / "b.sr").read_bytes()


def test_an_absurd_size_is_refused_with_its_gigabytes(tmp_path: Path) -> None:
    day = Signals(("a", "b"), 1_000_000, TRACES, 86_400 * 1_000_000)
    with pytest.raises(RecordingError, match=r"this would be 778 GB of samples.*save it as \.umi"):
        check_sr_size(tmp_path / "day.sr", day)
    with pytest.raises(RecordingError, match=r"778 GB"):
        write_sr_pieces(tmp_path / "day.sr", day, [])
    assert list(tmp_path.iterdir()) == []
    check_sr_size(tmp_path / "a.sr", Signals(("a", "b"), 1_000_000, TRACES, 60 * 1_000_000))


def test_a_lost_stretch_is_refused_with_the_formats_that_can_say_it(tmp_path: Path) -> None:
    pieces: list[Piece] = [([quiet(0, 10), Lost(10, 20, "the buffer was full")], [np.ones(1, np.float32), np.empty(0, np.float32)])]
    with pytest.raises(RecordingError, match=r"samples were lost: the buffer was full.*\.umi or \.csv"):
        write_sr_pieces(tmp_path / "a.sr", SIGNALS, pieces)
    assert list(tmp_path.iterdir()) == []


needs_sigrok = pytest.mark.skipif(shutil.which("sigrok-cli") is None, reason="sigrok-cli is not installed")


def sigrok(arguments: Sequence[object]) -> str:
    # Its output of analogue samples ends with status 1 for its own files too.
    return subprocess.run(["sigrok-cli", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60).stdout


@needs_sigrok
def test_sigrok_sees_the_lines_and_the_traces(tmp_path: Path) -> None:
    path = tmp_path / "a.sr"
    volts, amps = np.linspace(0, 49.75, 200).astype(np.float32), np.linspace(0, -9.875, 80).astype(np.float32)
    write_sr_pieces(path, SIGNALS, [([quiet(0, 2000)], [volts, amps])])
    shown = sigrok(["-i", path, "--show"])
    assert "Samplerate: 1000000" in shown
    assert [line for line in shown.splitlines() if line.startswith("- ")] == [
        "- SCK: logic", "- MOSI: logic", "- CS: logic", "- voltage1: analog", "- current1: analog",
    ]  # fmt: skip
    assert "Logic sample count: 2000\nAnalog sample count: 2000" in shown
    values: dict[str, list[float]] = {"voltage1": [], "current1": []}
    for line in sigrok(["-i", path, "-O", "analog"]).splitlines():
        name, value, *_ = line.split()
        values[name.rstrip(":")].append(float(value))
    np.testing.assert_allclose(values["voltage1"], volts.repeat(10), atol=0.006)
    np.testing.assert_allclose(values["current1"], amps.repeat(25), atol=0.006)
    bits = sigrok(["-i", path, "-O", "bits:width=2000"]).splitlines()
    assert [line.split(":")[1].replace(" ", "") for line in bits if line[:4] in {"SCK:", "MOSI", "  CS"} or line.startswith("CS:")] == [
        "1" * 2000, "0" * 2000, "1" * 2000,
    ]  # fmt: skip
