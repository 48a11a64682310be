"""Frames as columns: what the link layer hands to transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

H2P: Final = 0
P2H: Final = 1
DIRECTIONS = ("h2p", "p2h")
Column = NDArray[Any]
"""uint8 to uint64, or object where a number is wider."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """Columns of n frame records, malformed stretches included, in record order.

    The order is that of the transfers, within one the host's direction first, then the place on the wire. `start` and `end` are
    the ticks of the first and last sampled bit (int64). Record i's bytes, unstuffed, are `data[offset[i] : offset[i] + size[i]]`.
    `malformed` is 0 for a frame, else the framing's reason; the header's columns are 0 where it is set. `header` and `payload_size` (bytes)
    belong to frames. `first_no` is the number of record 0.
    """

    first_no: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    stream: NDArray[np.uint8]
    port: NDArray[np.uint8]
    direction: NDArray[np.uint8]
    malformed: NDArray[np.uint8]
    inside_failed: NDArray[np.bool_]
    transfer: NDArray[np.int64]
    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    header: dict[str, Column]
    payload_offset: NDArray[np.int64]
    payload_size: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def column(self, name: str, default: int) -> Column:
        """A link header field's numbers, or `default` throughout where the profile has no such field."""
        return self.header[name] if name in self.header else np.full(len(self), default, np.uint8)

    def payload(self, row: int) -> bytes:
        """The payload bytes of a frame."""
        start = int(self.payload_offset[row])
        return self.data[start : start + int(self.payload_size[row])].tobytes()
