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
from decoders.bus.uart import CharBatch, UartDecoder
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
    for baud in _speeds(line, channel, chunk, rate_hz, starts, ends):
        if mine.all():
            break
        decoder = UartDecoder(channel, replace(line, baud=baud), rate_hz)
        chars = CharBatch.joined([decoder.feed(chunk), decoder.finish()])
        for row in np.flatnonzero(~mine & _fits(chars, chunk, starts, ends)).tolist():
            mine[row] = True
            parts.append(chars.part((chars.start >= starts[row]) & (chars.start < ends[row])))
    chars = CharBatch.joined(parts)
    order = np.argsort(chars.start, kind="stable")
    return SerialOctets(chars.value[order].astype(np.uint8), chars.first[order], chars.last[order]), mine


def _fits(chars: CharBatch, chunk: Samples | Runs, starts: Ticks, ends: Ticks) -> NDArray[np.bool_]:
    """Which transfers begin and end with a character, as far as they are in the stretch."""
    begun = np.isin(starts, chars.start)
    whole = np.isin(ends, chars.end) | (ends > chunk.end)
    fits: NDArray[np.bool_] = begun & whole
    return fits


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
