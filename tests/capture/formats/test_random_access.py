from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.formats import random_access
from capture.formats.archive import read_directory
from capture.formats.random_access import KEPT_PIECES, PIECE_BYTES, PIECES_BETWEEN_STATES, MemberBytes


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that deflate to about half."""
    return np.random.default_rng(seed).integers(0, 16, size, np.uint8).tobytes()


def opened(path: Path, contents: list[bytes], method: int = zipfile.ZIP_DEFLATED) -> MemberBytes:
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"part-{number}", content)
    directory = read_directory(path)
    return MemberBytes(path, [directory[f"part-{number}"] for number in range(len(contents))])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_any_stretch_of_several_members_is_what_lies_there(tmp_path: Path, method: int) -> None:
    contents = [noise(700_000, 1), b"", noise(3, 2), noise(PIECE_BYTES * 2, 3), noise(1, 4)]
    whole = b"".join(contents)
    anywhere = opened(tmp_path / "a.zip", contents, method)

    @given(st.lists(st.tuples(st.integers(0, len(whole) + 10), st.integers(0, 600_000)), max_size=8))
    @settings(max_examples=40, deadline=None)
    def reads(stretches: list[tuple[int, int]]) -> None:
        for start, size in stretches:
            assert anywhere.read(start, start + size) == (whole[start : start + size], None)

    reads()


def test_a_long_member_read_backwards_and_across_its_kept_states(tmp_path: Path) -> None:
    pieces = PIECES_BETWEEN_STATES * 3 + 5
    whole = noise(PIECE_BYTES) * pieces
    anywhere = opened(tmp_path / "a.zip", [whole])
    for index in [*range(pieces - 1, 0, -7), *range(0, pieces, 11), pieces - 1, 0]:
        start = index * PIECE_BYTES - 5 if index else 0
        assert anywhere.read(start, start + 10) == (whole[start : start + 10], None)
    assert len(anywhere._kept) <= KEPT_PIECES


def test_reading_on_inflates_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = noise(PIECE_BYTES) * (PIECES_BETWEEN_STATES * 2)
    anywhere = opened(tmp_path / "a.zip", [whole])
    inflated: list[int] = []
    piece = random_access._Inflater.piece

    def counted(self: random_access._Inflater, *arguments: object) -> bytes:
        inflated.append(self.at)
        return piece(self, *arguments)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(random_access._Inflater, "piece", counted)
    for start in range(0, len(whole), 100_000):
        anywhere.read(start, start + 100_000)
    assert inflated == list(range(PIECES_BETWEEN_STATES * 2))
    inflated.clear()
    anywhere.read(PIECES_BETWEEN_STATES * PIECE_BYTES - 10, PIECES_BETWEEN_STATES * PIECE_BYTES)
    assert inflated == []


def test_a_damaged_member_gives_its_good_part_and_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    content = noise(PIECE_BYTES * 4)
    opened(path, [content])
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 70_000] = bytes(70_000)
    path.write_bytes(raw)
    anywhere = MemberBytes(path, [read_directory(path)["part-0"]])
    for _ in range(2):
        good, fault = anywhere.read(0, len(content))
        assert fault is not None
        assert "'part-0' is damaged after byte" in fault.what
        assert PIECE_BYTES < len(good) < len(content)
        assert good[:PIECE_BYTES] == content[:PIECE_BYTES]
    assert anywhere.read(10, 20) == (content[10:20], None)
    assert anywhere.read(len(content) - 10, len(content))[0] == b""


def test_an_archive_cut_short_while_it_is_open_is_damaged_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    content = noise(PIECE_BYTES * 4)
    anywhere = opened(path, [content])
    path.write_bytes(path.read_bytes()[:PIECE_BYTES])
    good, fault = anywhere.read(0, len(content))
    assert fault is not None
    assert content.startswith(good)
    path.unlink()
    assert anywhere.read(len(content) - 10, len(content))[1] is not None
