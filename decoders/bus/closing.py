"""From the transfers that have ended on several ports to one batch in the order of their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import Ticks
from decoders.bus.octets import Octets
from decoders.core.transfers import Line, TransferBatch


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
    order = slice(None) if np.array_equal(ends, np.arange(len(ends))) else ends
    h2p = _line(closed, order, h2p=True)
    p2h = _line(closed, order, h2p=False)
    if all(part.octets.h2p is not None and part.octets.p2h is not None for part in closed):
        p2h = Line(p2h.data, h2p.offset, h2p.first, h2p.last)
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


def _line(closed: Sequence[Closed], order: NDArray[np.intp] | slice, *, h2p: bool) -> Line:
    data = [part.octets.h2p if h2p else part.octets.p2h for part in closed]
    used = [part for part, piece in zip(closed, data, strict=True) if piece is not None]
    if not used:
        return Line.silent(sum(map(len, closed)))
    counts = np.concatenate([part.counts * (piece is not None) for part, piece in zip(closed, data, strict=True)])
    rows = slice(None) if isinstance(order, slice) else _rows(counts, order)
    offset = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts[order], out=offset[1:])
    return Line(
        np.concatenate([piece for piece in data if piece is not None])[rows],
        offset,
        np.concatenate([part.octets.first for part in used])[rows],
        np.concatenate([part.octets.last for part in used])[rows],
    )


def _rows(counts: Ticks, order: NDArray[np.intp]) -> NDArray[np.int64]:
    """Where the bytes of transfers of so many bytes each lie that are to be put in `order`."""
    old = (np.cumsum(counts) - counts)[order]
    lengths = counts[order]
    new = np.cumsum(lengths) - lengths
    return np.repeat(old - new, lengths) + np.arange(lengths.sum())
