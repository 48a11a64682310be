"""The frames that a batch's packets may be made of: those of the batch, and before them those that earlier batches left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.frames import FrameBatch
from decoders.transport.chains import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Columns of frames and their payloads.

    Piece i's payload is `size[i]` bytes at `offset[i]`: of `kept` for the first `kept_count` pieces, else of `data`. `start` and
    `end` are the ticks of the frame's first and last bit.
    """

    start: Ints
    end: Ints
    direction: NDArray[np.uint8]
    offset: Ints
    size: Ints
    kept_count: int
    kept: bytes
    data: NDArray[np.uint8]

    @classmethod
    def none(cls) -> Pieces:
        none, nothing = np.empty(0, np.int64), np.empty(0, np.uint8)
        return cls(none, none, nothing, none, none, 0, b"", nothing)

    def and_frames(self, frames: FrameBatch) -> Pieces:
        """These pieces, all kept, with a batch behind them."""
        return Pieces(
            np.concatenate([self.start, frames.start]),
            np.concatenate([self.end, frames.end]),
            np.concatenate([self.direction, frames.direction]),
            np.concatenate([self.offset, frames.payload_offset]),
            np.concatenate([self.size, frames.payload_size]),
            self.kept_count,
            self.kept,
            frames.data,
        )

    def keep(self, places: Ints) -> Pieces:
        """Only these pieces, for later batches."""
        size = self.size[places]
        return Pieces(
            self.start[places],
            self.end[places],
            self.direction[places],
            np.cumsum(size) - size,
            size,
            len(places),
            self.content(places),
            np.empty(0, np.uint8),
        )

    def content(self, places: Ints) -> bytes:
        """The payloads of pieces, joined."""
        return b"".join(self.payloads(places))

    def payloads(self, places: Ints) -> list[memoryview]:
        """The payloads of pieces, one by one."""
        kept, data = memoryview(self.kept), self.data.data
        offset, size = self.offset[places], self.size[places]
        parts = zip((places < self.kept_count).tolist(), offset.tolist(), (offset + size).tolist(), strict=True)
        return [(kept if is_kept else data)[start:stop] for is_kept, start, stop in parts]
