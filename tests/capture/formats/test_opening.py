from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capture.formats.base import LogicRecording
from capture.formats.opening import FORMATS, open_recording
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import Samples
from decoders.core.errors import RecordingError


def session(path: Path) -> Path:
    write_sr(path, ["sck"], 1000, [Samples(0, np.zeros(5, np.uint8))])
    return path


def test_a_recording_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.sr", "a.SR", "a.zip", "a"):
        with open_recording(session(tmp_path / name)) as recording:
            assert (recording.name, recording.channels, recording.length) == (name, ("sck",), 5)


def test_a_damaged_file_is_told_by_its_extension(tmp_path: Path) -> None:
    path = session(tmp_path / "a.sr")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordingError, match="cut short or damaged"):
        open_recording(path)


def test_a_text_file_with_the_extension_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "notes.SR"
    path.write_text("time,value\n")
    with pytest.raises(RecordingError, match="no zip archive"):
        open_recording(path)


def test_an_unknown_file_is_told_which_formats_are_known(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("time,value\n")
    with pytest.raises(RecordingError, match="no known format") as raised:
        open_recording(path)
    assert all(known.name in raised.value.remedy and known.extension in raised.value.remedy for known in FORMATS)


def test_an_empty_file_and_none_at_all_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.sr").touch()
    with pytest.raises(RecordingError, match="is empty"):
        open_recording(tmp_path / "empty.sr")
    with pytest.raises(RecordingError, match="No such file"):
        open_recording(tmp_path / "missing.sr")
    with pytest.raises(RecordingError, match="this is no file"):
        open_recording(tmp_path)


def test_every_real_capture_opens_with_all_its_samples(samples: Path, vectors: Path) -> None:
    paths = [*samples.rglob("*.sr"), *vectors.rglob("*.sr")]
    assert len(paths) >= 24
    for path in paths:
        recording: LogicRecording = open_recording(path)
        assert recording.rate_hz is not None
        assert recording.notes == ()
        chunks = list(recording.chunks())
        assert recording.length == chunks[-1].end > 0
        assert [chunk.start for chunk in chunks] == [0, *(chunk.end for chunk in chunks[:-1])]
