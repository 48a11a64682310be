from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.formats.archive import PIECE_BYTES, read_directory, read_pieces, read_small
from decoders.core.errors import RecordingError


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def good_part(pieces: Iterator[bytes]) -> tuple[bytes, RecordingError | None]:
    good = b""
    try:
        for piece in pieces:
            good += piece
    except RecordingError as fault:
        return good, fault
    return good, None


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@given(content=st.binary(max_size=5000) | st.builds(lambda piece, times: piece * times, st.binary(), st.integers(0, 30_000)))
def test_members_come_out_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, method: int, content: bytes) -> None:
    path = zipped(tmp_path_factory.mktemp("zip") / "a.zip", {"first": b"x" * 10, "second": content}, method)
    directory = read_directory(path)
    pieces = list(read_pieces(path, directory["second"]))
    assert b"".join(pieces) == content
    assert all(0 < len(piece) <= PIECE_BYTES for piece in pieces)


def test_a_quiet_gigabyte_takes_only_a_few_megabytes_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "quiet.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open("quiet", "w") as member:
        for _ in range(256):
            member.write(bytes(1 << 20))
    directory = read_directory(path)
    tracemalloc.start()
    size = sum(map(len, read_pieces(path, directory["quiet"])))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 256 << 20
    assert peak < 4 << 20


def test_a_damaged_member_yields_its_good_part_first(tmp_path: Path) -> None:
    content = np.random.default_rng(1).bytes(1_600_000)
    path = zipped(tmp_path / "a.zip", {"data": content})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 70_000] = bytes(70_000)  # long enough to hit the head of a deflate block
    path.write_bytes(raw)
    good, fault = good_part(read_pieces(path, read_directory(path)["data"]))
    assert fault is not None
    assert "'data'" in str(fault)
    quarter = len(content) // 4
    assert good[:quarter] == content[:quarter]
    assert len(good) < len(content)


def test_a_stored_member_with_one_wrong_bit_does_not_match_its_checksum(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"data": bytes(1000)}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    raw[500] ^= 1
    path.write_bytes(raw)
    good, fault = good_part(read_pieces(path, read_directory(path)["data"]))
    assert len(good) == 1000
    assert "checksum" in str(fault)


def forged(path: Path, *, size: int | None = None, packed: int | None = None, flags: int = 0, method: int = 8) -> Path:
    """An archive with one member of a thousand zeros whose directory entry says something else."""
    body = zlib.compress(bytes(1000), 9)[2:-4]
    crc = zlib.crc32(bytes(1000))
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, flags, method, 0, 0, crc, len(body) if packed is None else packed,
        1000 if size is None else size, 4, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, flags, method, 0, 0, crc, len(body), 1000, 4, 0)
    start = len(local) + 4 + len(body)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) + 4, start, 0)
    path.write_bytes(local + b"data" + body + entry + b"data" + end)
    return path


def test_the_forger_of_these_tests_makes_a_good_archive_when_told_nothing(tmp_path: Path) -> None:
    path = forged(tmp_path / "a.zip")
    assert b"".join(read_pieces(path, read_directory(path)["data"])) == bytes(1000)


def test_a_member_that_claims_more_than_deflate_can_hold_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="claims 4000000000 bytes"):
        read_directory(forged(tmp_path / "a.zip", size=4_000_000_000))


def test_a_member_longer_than_it_claims_is_cut_off_there(tmp_path: Path) -> None:
    path = forged(tmp_path / "a.zip", size=999)
    good, fault = good_part(read_pieces(path, read_directory(path)["data"]))
    assert good == b""
    assert "longer than" in str(fault)


def test_a_member_shorter_than_it_claims_is_damaged(tmp_path: Path) -> None:
    path = forged(tmp_path / "a.zip", size=1001)
    good, fault = good_part(read_pieces(path, read_directory(path)["data"]))
    assert len(good) == 1000
    assert "damaged after byte 1000 of 1001" in str(fault)


def test_a_member_that_reaches_past_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="outside the archive"):
        read_directory(forged(tmp_path / "a.zip", packed=5000))


def test_encrypted_and_unknown_compression_are_named(tmp_path: Path) -> None:
    path = forged(tmp_path / "a.zip", flags=1)
    assert "encrypted" in str(good_part(read_pieces(path, read_directory(path)["data"]))[1])
    path = forged(tmp_path / "b.zip", method=14)
    assert "method 14" in str(good_part(read_pieces(path, read_directory(path)["data"]))[1])


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"one": bytes(range(256)) * 4}, zipfile.ZIP_STORED)
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    entry = raw[start : raw.index(b"PK\x05\x06")]
    other = entry.replace(b"one", b"two")
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(entry) * 2, start, 0)
    path.write_bytes(raw[:start] + entry + other + end)
    with pytest.raises(RecordingError, match="overlap"):
        read_directory(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one", b"1")
        archive.writestr("one", b"2")
    with pytest.raises(RecordingError, match="'one' twice"):
        read_directory(tmp_path / "a.zip")


def test_an_archive_cut_short_is_told_from_what_is_no_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"data": bytes(range(256)) * 40})
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(RecordingError, match="cut short or damaged"):
        read_directory(path)
    path.write_bytes(b"time,value\n1,2\n")
    with pytest.raises(RecordingError, match="no zip archive"):
        read_directory(path)


def test_a_small_member_is_not_read_when_it_is_large(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"metadata": bytes(2 << 20)})
    with pytest.raises(RecordingError, match="far more than it needs"):
        read_small(path, read_directory(path)["metadata"])
