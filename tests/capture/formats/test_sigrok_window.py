from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.formats.sigrok import open_sr
from decoders.core.chunk import LogicChunk, Lost, Samples

Pack = Callable[[Mapping[str, bytes]], Path]


def words(chunks: list[LogicChunk], start: int) -> list[int]:
    if not chunks:
        return []
    (chunk,) = chunks
    assert isinstance(chunk, Samples)
    assert chunk.start == start
    return [int(word) for word in chunk.words]


@pytest.mark.parametrize("unit", [1, 3, 5])
@given(parts=st.lists(st.integers(0, 40), min_size=1, max_size=5), start=st.integers(0, 60), size=st.integers(0, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_a_window_is_the_same_stretch_of_all_samples(pack: Pack, unit: int, parts: list[int], start: int, size: int) -> None:
    raw = [np.random.default_rng(number).bytes(part) for number, part in enumerate(parts)]
    metadata = f"[device 1]\ncapturefile=logic-1\nprobe1=a\nunitsize={unit}\nsamplerate=1 MHz\n".encode()
    path = pack({"metadata": metadata, **{f"logic-1-{number}": part for number, part in enumerate(raw, 1)}})
    recording = open_sr(path)
    whole = [word for chunk in recording.chunks() if isinstance(chunk, Samples) for word in chunk.words.tolist()]
    assert words(recording.window(start, start + size), start) == whole[start : start + size]


def test_a_window_behind_the_end_is_empty(pack: Pack) -> None:
    recording = open_sr(pack({"logic-1-1": bytes(100)}))
    assert recording.window(1000, 2000) == []


def test_a_window_of_real_captures_is_what_their_stream_says(samples: Path) -> None:
    for path in sorted((samples / "spi").glob("*.sr")):
        recording = open_sr(path)
        stream = np.concatenate([chunk.words for chunk in recording.chunks() if isinstance(chunk, Samples)])
        for start in (0, len(stream) // 3, len(stream) - 50):
            (window,) = recording.window(start, start + 100_000)
            assert isinstance(window, Samples)
            assert np.array_equal(window.words, stream[start : start + 100_000])


def test_a_window_in_a_damaged_stretch_is_lost_and_says_why(pack: Pack) -> None:
    content = np.random.default_rng(1).integers(0, 16, 1 << 20, np.uint8).tobytes()
    path = pack({"logic-1-1": content})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 70_000] = bytes(70_000)
    path.write_bytes(raw)
    recording = open_sr(path)
    assert words(recording.window(0, 1000), 0) == list(content[:1000])
    (lost,) = recording.window((1 << 20) - 100, 1 << 20)
    assert isinstance(lost, Lost)
    assert (lost.start, lost.end) == ((1 << 20) - 100, 1 << 20)
    assert "damaged" in lost.reason
