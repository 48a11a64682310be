"""Lines made of transfers, with a tick for each bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from decoders.core.transfers import Line
from decoders.profile.framing import Found

BYTE_TICKS = 8
PAUSE_TICKS = 100


def line_of(transfers: Sequence[bytes | Sequence[bytes]]) -> Line:
    """A line; a transfer is its bytes, or its bursts, which are a pause apart."""
    bursts = [[transfer] if isinstance(transfer, bytes) else list(transfer) for transfer in transfers]
    sizes = [sum(map(len, parts)) for parts in bursts]
    data = b"".join(itertools.chain.from_iterable(bursts))
    first = np.arange(len(data), dtype=np.int64) * BYTE_TICKS
    at = 0
    for part in itertools.chain.from_iterable(bursts):
        first[at:] += 2 * PAUSE_TICKS
        at += len(part)
    offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Line(np.frombuffer(data, np.uint8), offset, first, first + BYTE_TICKS - 1)


def frames_in(found: Found) -> list[tuple[int, bytes]]:
    """Each frame's transfer and bytes, without stuffing."""
    raw = found.data.tobytes()
    spans = zip(found.transfer.tolist(), found.offset.tolist(), found.size.tolist(), strict=True)
    return [(transfer, raw[offset : offset + size]) for transfer, offset, size in spans]


def owners(found: Found) -> list[tuple[int, int, int]]:
    """Start, end and transfer of every frame and malformed stretch, in order of the wire."""
    columns: Iterable[tuple[int, int, int]] = itertools.chain(
        zip(found.wire_start.tolist(), found.wire_end.tolist(), found.transfer.tolist(), strict=True),
        zip(found.bad_start.tolist(), found.bad_end.tolist(), found.bad_transfer.tolist(), strict=True),
    )
    return sorted(columns)
