"""Transfers as columns: what bus decoders hand to the link layer."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class TransferFlag(enum.IntFlag):
    """What is special about a transfer: its bounds, and characters that came damaged."""

    STARTED_BEFORE = 1
    """The recording, or what followed a gap, begins inside the transfer."""
    ENDED_AFTER = 2
    """The recording ends inside the transfer."""
    CUT_BY_GAP = 4
    """A gap in the recording ends the transfer."""
    CUT_BY_LENGTH = 8
    """The transfer went on for so long that it was cut; the rest is the next record."""
    PARITY_ERROR = 16
    """A character of a serial burst has a wrong parity bit; its byte is kept."""
    FRAMING_ERROR = 32
    """A character of a serial burst has no stop bit; its byte is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One direction of a batch of n transfers.

    Transfer i owns `data[offset[i]:offset[i + 1]]` (uint8; `offset` is int64 with n + 1 entries);
    `first` and `last` are the ticks (int64, one a byte) at which the byte's first and last bit were sampled.
    """

    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @classmethod
    def silent(cls, transfers: int) -> Line:
        """A direction on which nothing was sent, or that is not wired."""
        none = np.empty(0, np.int64)
        return cls(np.empty(0, np.uint8), np.zeros(transfers + 1, np.int64), none, none)


@dataclass(frozen=True, slots=True, eq=False)
class TransferBatch:
    """Columns of n transfers, in order of their end, then of their port.

    `start` and `end` are ticks (int64) of the cs edges, or of the first and last bit where nothing else bounds the transfer;
    `stream` and `port` uint8; `partial_bits` uint8, clocked bits that fill no word; `flags` uint8 of `TransferFlag`.
    `h2p` is MOSI (or the tool), `p2h` MISO (or the device).
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    stream: NDArray[np.uint8]
    port: NDArray[np.uint8]
    partial_bits: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    h2p: Line
    p2h: Line

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def empty(cls) -> TransferBatch:
        ticks, small = np.empty(0, np.int64), np.empty(0, np.uint8)
        return cls(ticks, ticks, small, small, small, small, Line.silent(0), Line.silent(0))
