"""The word between the decoder and the window."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from app.analysis.tables.progress import FILE_NAME, HEAD, Progress, ProgressFile, State

NAMES = ["frames", "packets"]


def pair(folder: Path) -> tuple[ProgressFile, ProgressFile]:
    return ProgressFile(folder, NAMES, create=True), ProgressFile(folder, NAMES)


def test_before_the_first_word_a_decoder_is_running_at_the_beginning(tmp_path: Path) -> None:
    decoder, window = pair(tmp_path)
    assert window.look() == Progress(State.RUNNING, 0, 0, {"frames": 0, "packets": 0})
    assert not decoder.stop_wanted


@pytest.mark.parametrize("state", State)
def test_what_one_side_publishes_the_other_sees(tmp_path: Path, state: State) -> None:
    decoder, window = pair(tmp_path)
    for total in (None, 0, 1 << 40):
        said = Progress(state, 1 << 39, total, {"frames": 5, "packets": 1 << 33})
        decoder.publish(said)
        assert window.look() == said
    decoder.publish(Progress(state, 1, None, {"packets": 2}))
    assert window.look() == Progress(state, 1, None, {"frames": 0, "packets": 2})
    for side in (decoder, window):
        side.close()


def test_the_word_to_stop_goes_the_other_way_and_outlasts_what_is_published(tmp_path: Path) -> None:
    decoder, window = pair(tmp_path)
    window.stop()
    decoder.publish(Progress(State.RUNNING, 3, 9, {}))
    assert decoder.stop_wanted
    assert window.look() == Progress(State.RUNNING, 3, 9, {"frames": 0, "packets": 0})


def test_a_look_in_the_middle_of_a_write_sees_nothing(tmp_path: Path) -> None:
    decoder, window = pair(tmp_path)
    decoder.publish(Progress(State.RUNNING, 3, 9, {}))
    path = tmp_path / FILE_NAME
    data = bytearray(path.read_bytes())
    struct.pack_into("<Q", data, 0, 3)
    with path.open("r+b") as file:
        file.write(data)
    assert window.look() is None
    decoder.publish(Progress(State.DONE, 9, 9, {}))
    assert window.look() == Progress(State.DONE, 9, 9, {"frames": 0, "packets": 0})


def test_a_write_between_the_first_and_the_last_word_of_a_look_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder, window = pair(tmp_path)
    decoder.publish(Progress(State.RUNNING, 3, 9, {}))

    class Interrupted:
        """Reads the head, and the other side writes as soon as it has been read once."""

        size = HEAD.size
        reads = 0

        def unpack_from(self, memory: bytes, at: int) -> tuple[int, ...]:
            found = HEAD.unpack_from(memory, at)
            self.reads += 1
            if self.reads == 1:
                decoder.publish(Progress(State.DONE, 9, 9, {"frames": 7}))
            return found

    with monkeypatch.context() as patched:
        patched.setattr("app.analysis.tables.progress.HEAD", Interrupted())
        assert window.look() is None
    assert window.look() == Progress(State.DONE, 9, 9, {"frames": 7, "packets": 0})


def test_a_state_that_no_decoder_has_is_no_word(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(struct.pack("<QqqqQ", 2, 99, 0, 0, 0) + bytes(16))
    assert ProgressFile(tmp_path, NAMES).look() is None


def test_a_missing_or_short_file_or_one_of_other_tables_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ProgressFile(tmp_path, NAMES)
    path = tmp_path / FILE_NAME
    for size in (0, 10, HEAD.size + 8, HEAD.size + 24):
        path.write_bytes(bytes(size))
        with pytest.raises(OSError, match=f"{size} bytes instead of {HEAD.size + 16}"):
            ProgressFile(tmp_path, NAMES)
        assert path.stat().st_size == size
