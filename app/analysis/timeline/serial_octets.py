"""Bytes of a serial line whose speed the wiring does not say: read at the speed at which the decoder must have read them.

A speed is right where the characters it gives begin and end with the transfer that the decoder told of.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.lanes import Ticks, changes_of
from app.analysis.timeline.pulses import lane_edges
from decoders.bus.baud import estimate_baud
from decoders.bus.uart import CharBatch, CharFlag, UartDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import Runs, Samples

MOST_SPEEDS = 6
"""A stretch is tried at no more speeds, the commonest first."""


@dataclass(frozen=True, slots=True, eq=False)
class SerialOctets:
    """Bytes of one channel: value (uint8), ticks of their first and last bit."""

    value: NDArray[np.uint8]
    first: Ticks
    last: Ticks


def serial_octets(
    line: UartLine, channel: int, chunk: Samples | Runs, rate_hz: int, starts: Ticks, ends: Ticks
) -> tuple[SerialOctets, NDArray[np.bool_]]:
    """The bytes of the transfers [starts, ends) that are on a channel, and which transfers are."""
    mine = np.zeros(len(starts), np.bool_)
    parts: list[CharBatch] = []
    decoded: list[CharBatch] = []
    for baud in _speeds(line, channel, chunk, rate_hz, starts, ends):
        decoder = UartDecoder(channel, replace(line, baud=baud), rate_hz)
        decoded.append(CharBatch.joined([decoder.feed(chunk), decoder.finish()]))
    # A transfer that a gap or the recording's end cut ends between two characters; there its characters must be sound.
    for fits in (_fits_exactly, _is_sound):
        for chars in decoded:
            bounds = np.searchsorted(chars.start, np.stack([starts, ends])).T.tolist()
            for row in np.flatnonzero(~mine).tolist():
                within = chars.part(slice(*bounds[row]))
                if len(within) and within.start[0] == starts[row] and fits(within, int(ends[row])):
                    mine[row] = True
                    parts.append(within)
    chars = CharBatch.joined(parts)
    order = np.argsort(chars.start, kind="stable")
    return SerialOctets(chars.value[order].astype(np.uint8), chars.first[order], chars.last[order]), mine


def _fits_exactly(chars: CharBatch, end: int) -> bool:
    return bool(chars.end[-1] == end)


def _is_sound(chars: CharBatch, _end: int) -> bool:
    return not (chars.flags & (CharFlag.FRAMING | CharFlag.BREAK)).any()


def _speeds(line: UartLine, channel: int, chunk: Samples | Runs, rate_hz: int, starts: Ticks, ends: Ticks) -> list[int]:
    """The speeds that the pulses of the transfers show, the commonest first, with that of the wiring."""
    changes = changes_of(chunk)
    edges = lane_edges(changes, channel, chunk.start, chunk.end)
    bounds = np.searchsorted(edges, np.stack([starts, ends]))
    found: Counter[int] = Counter()
    for low, high in bounds.T.tolist():
        baud = estimate_baud(np.diff(edges[low:high]), rate_hz)
        if baud is not None:
            found[baud] += 1
    if line.baud is not None and 2 * line.baud <= rate_hz:
        found[line.baud] += 1
    return [baud for baud, _ in found.most_common(MOST_SPEEDS)]
