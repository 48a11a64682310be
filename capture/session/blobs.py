"""Columns as blobs and back: smaller where that is quick, and never trusted when they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from zlib_ng import zlib_ng

from capture.session.schema import BLOB_BYTES, SUMMARY, Kind, Packing
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words

LEVEL = 1
WORTH = 0.9
"""A blob is packed where that leaves at most so much of it."""
TASTE = 1 << 14
RUNS_AT_ONCE = BLOB_BYTES // 16
SAMPLES_AT_ONCE = BLOB_BYTES // 4
_WIDTHS = (1, 2, 4, 8)
_MOST_TICK = 1 << 62


def pack(raw: bytes) -> tuple[Packing, int, bytes]:
    """How a blob is packed, its checksum, and itself."""
    if len(raw) > 8 * TASTE and not _is_worth(raw):
        return plain(raw)
    packed = zlib_ng.compress(raw, LEVEL)
    return (Packing.ZLIB, zlib_ng.crc32(packed), packed) if len(packed) <= WORTH * len(raw) else plain(raw)


def _is_worth(raw: bytes) -> bool:
    """Whether some of the beginning, the middle and the end can be packed; trying all of it takes longer than writing it."""
    places = (0, len(raw) // 2, len(raw) - TASTE)
    return any(len(zlib_ng.compress(raw[at : at + TASTE], LEVEL)) <= WORTH * TASTE for at in places)


def plain(raw: bytes) -> tuple[Packing, int, bytes]:
    """The same of a blob that is not packed."""
    return Packing.PLAIN, zlib_ng.crc32(raw), raw


def unpack(packing: int, crc: int, data: bytes, size: int) -> bytes:
    """The content of a blob; ValueError where it is not whole."""
    if not 0 <= size <= BLOB_BYTES or zlib_ng.crc32(data) != crc:
        raise ValueError("a block does not match its checksum")
    if packing == Packing.ZLIB:
        try:
            data = zlib_ng.decompressobj().decompress(data, size + 1)
        except zlib_ng.error as fault:  # type: ignore[misc] # its stub declares this class as an instance
            raise ValueError("a block cannot be unpacked") from fault
    if len(data) != size:
        raise ValueError("a block has another size than it says")
    return data


def packed_runs(runs: Runs) -> tuple[int, int, bytes]:
    """Bytes of a tick difference and of a word, and the content of the blob."""
    steps = np.diff(runs.ticks, prepend=runs.start)
    tick_bytes = next(width for width in _WIDTHS if int(steps.max(initial=0)) < 1 << (8 * width))
    words = runs.words.astype(f"<u{runs.words.itemsize}")
    words[1:] ^= runs.words[:-1]
    return tick_bytes, words.itemsize, _planes(steps.astype(f"<u{tick_bytes}")) + _planes(words)


def unpacked_logic(row: Sequence[object]) -> LogicChunk:
    """A row of `logic` as what it holds; ValueError where it makes no sense."""
    match row:
        case (int(start), int(end), int(kind), int(count), int(tick_bytes), int(word_bytes), int(packing), int(crc), bytes(data)):
            pass
        case _:
            raise ValueError("a block has numbers that are none")
    if not 0 <= start < end < _MOST_TICK:
        raise ValueError("a block has no time")
    match kind:
        case Kind.LOST:
            return Lost(start, end, unpack(packing, crc, data, len(data)).decode("utf-8", "replace"))
        case Kind.SAMPLES if count == end - start and word_bytes in _WIDTHS:
            return Samples(start, np.frombuffer(unpack(packing, crc, data, count * word_bytes), f"<u{word_bytes}"))
        case Kind.RUNS if tick_bytes in _WIDTHS and word_bytes in _WIDTHS:
            content = unpack(packing, crc, data, count * (tick_bytes + word_bytes))
            return _runs(start, end, content[: count * tick_bytes], content[count * tick_bytes :], tick_bytes)
        case _:
            raise ValueError("a block is of no known kind")


def _runs(start: int, end: int, tick_planes: bytes, word_planes: bytes, tick_bytes: int) -> Runs:
    steps = _from_planes(tick_planes, tick_bytes).astype(np.int64)
    ticks = start + np.cumsum(steps)
    if not len(steps) or steps[0] or steps[1:].min(initial=1) < 1 or not start <= ticks[-1] < end:
        raise ValueError("a block has times that do not follow one another")
    words: Words = np.bitwise_xor.accumulate(_from_planes(word_planes, len(word_planes) // len(steps)))
    return Runs(start, end, ticks, words)


def packed_samples(values: NDArray[np.float32]) -> bytes:
    """The samples of a trace as the content of a blob: the lowest byte of all, then the next, which packs well."""
    return _planes(values.astype("<f4", copy=False))


def unpacked_samples(count: object, packing: object, crc: object, data: object) -> NDArray[np.float32]:
    """The samples of a row of `analog`; ValueError where it makes no sense."""
    match count, packing, crc, data:
        case int(count), int(packing), int(crc), bytes(data) if count > 0:
            return _from_planes(unpack(packing, crc, data, 4 * count), 4).view("<f4")
        case _:
            raise ValueError("a block has numbers that are none")


def summary(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lowest, mean and highest (three rows) of every `SUMMARY` samples; not a number where none of them is one."""
    known = ~np.isnan(values)
    starts = np.arange(0, len(values), SUMMARY)
    sums = np.add.reduceat(np.where(known, values, 0).astype(np.float64), starts)
    counts = np.add.reduceat(known.astype(np.float64), starts)
    mean = np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0)
    return np.stack([np.fmin.reduceat(values, starts), mean.astype(np.float32), np.fmax.reduceat(values, starts)])


def _planes(values: NDArray[np.generic]) -> bytes:
    """The bytes of little-endian values, first the lowest of all of them."""
    return values.view(np.uint8).reshape(len(values), -1).T.tobytes()


def _from_planes(content: bytes, width: int) -> Words:
    planes = np.frombuffer(content, np.uint8).reshape(width, -1)
    words: Words = np.ascontiguousarray(planes.T).view(f"<u{width}").reshape(-1)
    return words
