"""Which bytes frames begin with, and which of their bytes says how long they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.fit.pieces import TAIL, Piece
from decoders.profile.schema import ByteOrder

LONGEST_START = 3
START_SHARE = 0.6
"""Of the pieces that begin alike enough to have the same start bytes."""
HEADER_BYTES = 12
SCALES = (1, 2, 4)
MOST_BIAS = 64
LEAST_SHARE = 0.25
LEAST_SIZES = 3
"""Fewer different sizes fit a field that says nothing about them."""
MOST_LAYOUTS = 6
MOST_ENDS = 12
"""Of one stretch: behind it, or where the start bytes come again."""
NO_END = -1


@dataclass(frozen=True, slots=True)
class LengthLayout:
    """A frame's size is the number at byte `at` times `scale` plus `bias`; it holds in `fits` of `of` stretches of `sizes` sizes."""

    start: bytes
    at: int
    bits: int
    order: ByteOrder
    scale: int
    bias: int
    fits: int
    of: int
    sizes: int

    @property
    def text(self) -> str:
        wide = "" if self.bits == 8 else f" ({self.bits} bits, {'low' if self.order == 'little' else 'high'} byte first)"
        times = "" if self.scale == 1 else f" times {self.scale}"
        plus = f" plus {self.bias}" if self.bias else ""
        return f"Frames begin with {self.start.hex(' ').upper()}, their size is byte {self.at}{wide}{times}{plus}"


def start_bytes(pieces: list[Piece]) -> list[bytes]:
    """The bytes that most pieces begin with, the longest first."""
    found = []
    for size in range(1, LONGEST_START + 1):
        counts = Counter(piece.data[:size] for piece in pieces if piece.size > size)
        start, times = counts.most_common(1)[0] if counts else (b"", 0)
        if not start or times < START_SHARE * len(pieces):
            break
        found.append(start)
    return found[::-1]


def length_layouts(pieces: list[Piece]) -> list[LengthLayout]:
    """Places of a size that fit most pieces, best first; for each the longest start before it, then shorter ones."""
    layouts: list[LengthLayout] = []
    starts = start_bytes(pieces)
    if not starts:
        return []
    first = starts[-1]
    begun = [piece for piece in pieces if piece.data.startswith(first) and piece.size >= 2]
    head = np.zeros((len(begun), HEADER_BYTES + 1), np.int64)
    for row, piece in enumerate(begun):
        data = np.frombuffer(piece.data[: HEADER_BYTES + 1], np.uint8)
        head[row, : len(data)] = data
    ends = np.array([_ends(piece, first) for piece in begun])
    for at in range(len(first), HEADER_BYTES):
        for bits, order, raw in _numbers(head, at):
            for scale in SCALES:
                layout = _best_bias(raw, scale, ends)
                if layout is None or layout[1] < LEAST_SHARE * len(pieces):
                    continue
                bias, fits, sizes = layout
                layouts += [
                    LengthLayout(start, at, bits, order, scale, bias, fits, len(pieces), sizes)
                    for start in starts
                    if len(start) <= at
                ]
    return sorted(layouts, key=lambda one: (-one.fits, one.bits, one.scale, one.at, -len(one.start)))[:MOST_LAYOUTS]


def _numbers(head: NDArray[np.int64], at: int) -> list[tuple[int, ByteOrder, NDArray[np.int64]]]:
    high, low = head[:, at], head[:, at + 1]
    return [(8, "big", high), (16, "big", high << 8 | low), (16, "little", low << 8 | high)]


def _ends(piece: Piece, start: bytes) -> list[int]:
    """Where a frame that begins with the stretch may end: behind it, where another begins, and in what looks like filler.

    The first is the likeliest: a frame may end in what looks like filler, so that up to a checksum's bytes of it stand behind.
    """
    ends = [piece.size]
    at = piece.data.find(start, 1, piece.size)
    while at >= 0 and len(ends) < MOST_ENDS - TAIL // 2:
        ends.append(at)
        at = piece.data.find(start, at + 1, piece.size)
    ends += range(piece.size + 1, min(len(piece.data), piece.size + TAIL // 2) + 1)
    return ends + [NO_END] * (MOST_ENDS - len(ends))


def _best_bias(raw: NDArray[np.int64], scale: int, ends: NDArray[np.int64]) -> tuple[int, int, int] | None:
    """The bias with which the number fits most sizes, how many it fits, and how many different sizes these have."""
    distances = np.where(ends == NO_END, NO_END, ends - (raw * scale)[:, np.newaxis])
    possible = distances[(distances >= 0) & (distances <= MOST_BIAS)]
    if not len(possible):
        return None
    chosen = int(np.bincount(possible).argmax())
    fits = (distances == chosen).any(axis=1)
    sizes = len(np.unique(raw[fits]))
    return (chosen, int(np.count_nonzero(fits)), sizes) if sizes >= LEAST_SIZES else None
