"""Bytes from anywhere in the members of an archive, without reading what lies before them more than once.

Deflate can only be read from its beginning. While a long member is inflated the decoder's state is kept every few mebibytes, so
that a second look at any place begins close before it.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Self

from zlib_ng import zlib_ng

from capture.formats.archive import damaged, opened_member
from decoders.core.errors import RecordingError

PIECE_BYTES = 1 << 18
"""What is inflated and kept as one."""
KEPT_PIECES = 64
PIECES_BETWEEN_STATES = 32
_READ_BYTES = 1 << 15


class _Inflater:
    """Inflates a member piece by piece: `at` is the number of the next piece, `packed` how many packed bytes were taken."""

    def __init__(self, at: int, inflate: Any, packed: int) -> None:
        self.at = at
        self._inflate = inflate
        self.packed = packed

    @classmethod
    def at_start(cls) -> Self:
        return cls(0, zlib_ng.decompressobj(-15), 0)

    def copy(self) -> _Inflater:
        return _Inflater(self.at, self._inflate.copy(), self.packed)

    def piece(self, packed: BinaryIO, left: int, size: int) -> bytes:
        """The next `size` bytes, fewer where the member ends or is damaged; `packed` stands at byte `self.packed` of `left` more."""
        plain = bytearray()
        rest = b""
        self.at += 1
        while len(plain) < size and not self._inflate.eof:
            if not rest:
                rest = packed.read(min(_READ_BYTES, left))
                left -= len(rest)
            taken = len(rest)
            try:
                fresh = self._inflate.decompress(rest, size - len(plain))
            except zlib_ng.error:  # type: ignore[misc] # its stub declares this class as an instance
                break
            rest = self._inflate.unconsumed_tail
            self.packed += taken - len(rest)
            plain += fresh
            if not fresh and not taken:
                break
        packed.seek(-len(rest), 1)
        return bytes(plain)


class MemberBytes:
    """The bytes of some members, one behind the other; at most 16 MiB of them are kept. Threads may share it."""

    def __init__(self, path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
        self._path = path
        self._members = members
        self._starts = [0, *accumulate(member.file_size for member in members)]
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._states: dict[int, list[_Inflater]] = {}
        self._lock = Lock()

    def read(self, start: int, end: int) -> tuple[bytes, RecordingError | None]:
        """Bytes [start, end), as far as they are there and good; the error that ended them early, where it was one."""
        parts: list[bytes] = []
        with self._lock:
            try:
                for number, low, high in self._within(start, min(end, self._starts[-1])):
                    for index in range(low // PIECE_BYTES, -(-high // PIECE_BYTES)):
                        base = index * PIECE_BYTES
                        piece = self._piece(number, index)
                        parts.append(piece[max(0, low - base) : high - base])
                        self._check(number, index, piece)
            except RecordingError as fault:
                return b"".join(parts), fault
        return b"".join(parts), None

    def _within(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The members that hold bytes [start, end), each with the part of it that does."""
        number = bisect_right(self._starts, start) - 1
        while number < len(self._members) and self._starts[number] < end:
            base, size = self._starts[number], self._members[number].file_size
            if size:
                yield number, max(0, start - base), min(size, end - base)
            number += 1

    def _piece(self, number: int, index: int) -> bytes:
        if (number, index) not in self._kept:
            with opened_member(self._path, self._members[number]) as file:
                if self._members[number].compress_type == zipfile.ZIP_STORED:
                    file.seek(index * PIECE_BYTES, 1)
                    self._keep(number, index, file.read(self._size(number, index)))
                else:
                    self._inflate(number, index, file)
        self._kept.move_to_end((number, index))
        return self._kept[number, index]

    def _inflate(self, number: int, index: int, file: BinaryIO) -> None:
        """Keep a piece and those on the way to it, from the nearest state before it."""
        states = self._states.setdefault(number, [_Inflater.at_start()])
        nearest = max((state for state in states if state.at <= index), key=lambda state: state.at)
        inflater = nearest.copy()
        file.seek(inflater.packed, 1)
        while inflater.at <= index:
            at = inflater.at
            left = self._members[number].compress_size - inflater.packed
            piece = inflater.piece(file, left, self._size(number, at))
            self._keep(number, at, piece)
            self._check(number, at, piece)
            if inflater.at % PIECES_BETWEEN_STATES == 0 and all(state.at != inflater.at for state in states):
                states.append(inflater.copy())
        # Whoever reads on goes on from here; the one before gives way unless it is one of those kept for good.
        states[:] = [state for state in states if state.at % PIECES_BETWEEN_STATES == 0] + [inflater]

    def _keep(self, number: int, index: int, piece: bytes) -> None:
        self._kept[number, index] = piece
        while len(self._kept) > KEPT_PIECES:
            self._kept.popitem(last=False)

    def _size(self, number: int, index: int) -> int:
        return min(PIECE_BYTES, self._members[number].file_size - index * PIECE_BYTES)

    def _check(self, number: int, index: int, piece: bytes) -> None:
        if len(piece) < self._size(number, index):
            raise damaged(self._path, self._members[number], index * PIECE_BYTES + len(piece))
