"""Members of a zip archive as a stream, in constant memory whatever a member's size.

The standard library reads the directory; the data are inflated here, since zlib-ng is two to thirty times as fast as zlib on
logic samples.

An archive that claims more than it can hold is refused before anything is inflated. Deflate makes at most 1032 bytes of one,
and a quiet capture comes close to that, so no smaller ratio can be called suspicious. What can: a member that claims a higher
ratio, and members that overlap. With both refused, an archive never yields more than 1032 times its own size.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zlib_ng import zlib_ng

from capture.formats.files import reading
from decoders.core.errors import RecordingError

ZIP_MAGIC = b"PK\x03\x04"
PIECE_BYTES = 1 << 20
"""The most that one piece of a member holds."""

_READ_BYTES = 1 << 18
_DEFLATE_LIMIT = 1032
_SMALL_BYTES = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
_COPY_AGAIN = "copy it again from where it was made"


def read_directory(path: Path) -> dict[str, zipfile.ZipInfo]:
    """The members of the archive by name; RecordingError if it is none, is cut short or claims what it cannot hold."""
    begins_like_zip = False
    try:
        with reading(path) as file:
            size = os.fstat(file.fileno()).st_size
            begins_like_zip = file.read(4) == ZIP_MAGIC
            members = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError) as fault:
        if begins_like_zip:
            raise RecordingError("the zip archive is cut short or damaged", str(path), _COPY_AGAIN) from fault
        raise RecordingError("this is no zip archive", str(path), "choose a file of the format that its name says") from fault
    directory: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        if member.filename in directory:
            raise RecordingError(f"the archive holds {_named(member)} twice", str(path), _COPY_AGAIN)
        _check_claims(path, member, size)
        directory[member.filename] = member
    if sum(member.compress_size for member in members) > size:
        raise RecordingError("members of the archive overlap, as only a forged file's do", str(path), "do not trust it")
    return directory


def _check_claims(path: Path, member: zipfile.ZipInfo, archive_size: int) -> None:
    most = member.compress_size * (_DEFLATE_LIMIT if member.compress_type == zipfile.ZIP_DEFLATED else 1)
    if member.compress_type in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED) and member.file_size > most:
        raise RecordingError(
            f"{_named(member)} claims {member.file_size} bytes but holds at most {most}", str(path), "do not trust the file"
        )
    if member.header_offset < 0 or member.header_offset + member.compress_size > archive_size:
        raise RecordingError(f"{_named(member)} lies outside the archive", str(path), _COPY_AGAIN)


def read_small(path: Path, member: zipfile.ZipInfo) -> bytes:
    """The whole of a member that is small by its nature, such as a header."""
    if member.file_size > _SMALL_BYTES:
        raise RecordingError(f"{_named(member)} is {member.file_size} bytes long, far more than it needs", str(path), _COPY_AGAIN)
    return b"".join(read_pieces(path, member))


def read_pieces(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes in pieces of at most `PIECE_BYTES`; what is damaged raises RecordingError after the good part."""
    size, crc = 0, 0
    try:
        for piece in _expanded(path, member):
            if size + len(piece) > member.file_size:
                raise RecordingError(f"{_named(member)} is longer than the archive's directory says", str(path), _COPY_AGAIN)
            size += len(piece)
            crc = zlib_ng.crc32(piece, crc)
            yield piece
    except zlib_ng.error as fault:  # type: ignore[misc] # its stub declares this class as an instance
        raise damaged(path, member, size) from fault
    if size != member.file_size:
        raise damaged(path, member, size)
    if crc != member.CRC:
        raise RecordingError(f"{_named(member)} does not match its checksum", str(path), _COPY_AGAIN)


@contextmanager
def opened_member(path: Path, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    """The archive, open at the first packed byte of a member that is stored or deflated; RecordingError for any other."""
    if member.flag_bits & _ENCRYPTED:
        raise RecordingError(f"{_named(member)} is encrypted", str(path), "unpack the archive and pack it without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RecordingError(f"{_named(member)} is compressed by method {member.compress_type}", str(path), "pack it with deflate")
    with reading(path) as file:
        _seek_data(path, file, member)
        yield file


def _expanded(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened_member(path, member) as file:
        packed = _packed(file, member)
        yield from packed if member.compress_type == zipfile.ZIP_STORED else _inflated(packed)


def _seek_data(path: Path, file: BinaryIO, member: zipfile.ZipInfo) -> None:
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(ZIP_MAGIC):
        raise damaged(path, member, 0)
    _, name_size, extra_size = _LOCAL_HEADER.unpack(header)
    file.seek(name_size + extra_size, os.SEEK_CUR)


def _packed(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    left = member.compress_size
    while left and (piece := file.read(min(left, _READ_BYTES))):
        left -= len(piece)
        yield piece


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib_ng.decompressobj(-15)
    for piece in packed:
        rest = piece
        while rest and not inflate.eof:
            if plain := inflate.decompress(rest, PIECE_BYTES):
                yield plain
            rest = inflate.unconsumed_tail
    # A match at the very end may be inside the decoder still when all input is taken.
    while not inflate.eof and (plain := inflate.decompress(b"", PIECE_BYTES)):
        yield plain


def damaged(path: Path, member: zipfile.ZipInfo, good: int) -> RecordingError:
    """What to raise for a member of which only the first `good` bytes can be read."""
    return RecordingError(
        f"{_named(member)} is damaged after byte {good} of {member.file_size}",
        str(path),
        f"what came before is good; {_COPY_AGAIN}",
    )


def _named(member: zipfile.ZipInfo) -> str:
    return ascii(member.filename)
