"""From the transfers that have ended on several ports to one batch in the order of their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import Ticks
from decoders.bus.octets import Bytes, Octets
from decoders.core.transfers import Line, TransferBatch

_Order = NDArray[np.intp] | slice


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """Transfers that ended on one port, in order.

    `known` is the tick of the sample that shows the end; `counts` (int64) the number of bytes of each on every line that it uses.
    """

    stream: int
    port: int
    start: Ticks
    end: Ticks
    known: Ticks
    partial_bits: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    counts: Ticks
    octets: Octets

    def __len__(self) -> int:
        return len(self.start)


def batch_of(closed: Sequence[Closed]) -> TransferBatch:
    """All of them, by the tick at which the end is known, then by stream and port."""
    if not closed:
        return TransferBatch.empty()
    known = np.concatenate([part.known for part in closed])
    stream = np.concatenate([np.full(len(part), part.stream, np.uint8) for part in closed])
    port = np.concatenate([np.full(len(part), part.port, np.uint8) for part in closed])
    ends = np.lexsort((port, stream, known))
    order: _Order = slice(None) if np.array_equal(ends, np.arange(len(ends))) else ends
    h2p, rows = _line(closed, [part.octets.h2p for part in closed], order)
    p2h_data = [part.octets.p2h for part in closed]
    if all(part.octets.h2p is not None and part.octets.p2h is not None for part in closed):
        p2h = Line(_joined(p2h_data)[rows], h2p.offset, h2p.first, h2p.last)
    else:
        p2h, _ = _line(closed, p2h_data, order)
    return TransferBatch(
        np.concatenate([part.start for part in closed])[order],
        np.concatenate([part.end for part in closed])[order],
        stream[order],
        port[order],
        np.concatenate([part.partial_bits for part in closed])[order],
        np.concatenate([part.flags for part in closed])[order],
        h2p,
        p2h,
    )


def _line(closed: Sequence[Closed], data: Sequence[Bytes | None], order: _Order) -> tuple[Line, _Order]:
    """One direction, and which bytes of the joined parts it took."""
    used = [part for part, piece in zip(closed, data, strict=True) if piece is not None]
    if not used:
        return Line.silent(sum(map(len, closed))), slice(None)
    counts = np.concatenate([part.counts * (piece is not None) for part, piece in zip(closed, data, strict=True)])
    rows = order if isinstance(order, slice) else _rows(counts, order)
    offset = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts[order], out=offset[1:])
    first = np.concatenate([part.octets.first for part in used])
    last = np.concatenate([part.octets.last for part in used])
    return Line(_joined(data)[rows], offset, first[rows], last[rows]), rows


def _joined(data: Sequence[Bytes | None]) -> Bytes:
    return np.concatenate([piece for piece in data if piece is not None])


def _rows(counts: Ticks, order: NDArray[np.intp]) -> NDArray[np.int64]:
    """Where the bytes of transfers of so many bytes each lie that are to be put in `order`."""
    old = (np.cumsum(counts) - counts)[order]
    lengths = counts[order]
    new = np.cumsum(lengths) - lengths
    return np.repeat(old - new, lengths) + np.arange(lengths.sum())
