"""Serial waveforms for tests, and a second UART that looks at one sample after the other."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from decoders.bus.uart import CharBatch, CharFlag
from decoders.bus.wiring import Parity, UartLine
from decoders.core.chunk import Lost, Samples

Character = tuple[int, int, int, int, int, int]


def parity_bit(parity: Parity, value: int) -> list[int]:
    return {"none": [], "mark": [1], "space": [0], "odd": [1 - value.bit_count() % 2], "even": [value.bit_count() % 2]}[parity]


def bits_of(line: UartLine, value: int) -> list[int]:
    """Start bit, data, parity and stop bits as they are on the wire."""
    data = [value >> i & 1 for i in range(line.data_bits)]
    return [0, *data, *parity_bit(line.parity, value), *[1] * line.stop_bits]


def levels_of(bits: Sequence[int], samples_per_bit: Fraction) -> NDArray[np.uint8]:
    """Each bit for so many samples."""
    edges = [ceil(i * samples_per_bit) for i in range(len(bits) + 1)]
    return np.repeat(np.array(bits, np.uint8), np.diff(edges))


def characters(batches: Sequence[CharBatch]) -> list[Character]:
    batch = CharBatch.joined(batches)
    columns = (batch.start, batch.end, batch.first, batch.last, batch.value, batch.flags)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def received_by_sample(channel: int, line: UartLine, rate_hz: int, chunks: Sequence[Samples | Lost]) -> list[Character]:
    found: list[Character] = []
    stretch: list[int] = []
    start = 0
    for chunk in [*chunks, Lost(-1, -1, "the end")]:
        if isinstance(chunk, Samples):
            stretch += [(word >> channel & 1) ^ line.inverted for word in chunk.words.tolist()]
        else:
            found += _stretch(line, rate_hz, start, stretch)
            start, stretch = chunk.end, []
    return found


def _stretch(line: UartLine, rate_hz: int, origin: int, levels: list[int]) -> list[Character]:
    assert line.baud is not None
    bit = Fraction(rate_hz, line.baud)
    has_parity = line.parity != "none"
    points = [ceil((bit - 1) / 2 + k * bit) for k in range(line.data_bits + has_parity + 2)]
    found = []
    at = 1
    while at < len(levels):
        if not (levels[at - 1] and not levels[at]):
            at += 1
            continue
        seen = [levels[at + point] for point in points if at + point < len(levels)]
        if not seen or seen[0]:
            at += points[0] + 1
            continue
        data = seen[1 : 1 + line.data_bits]
        value = sum(level << i for i, level in enumerate(data))
        end = at + ceil((1 + line.data_bits + has_parity + line.stop_bits) * bit)
        if len(seen) < len(points):
            flags, end = CharFlag.CUT, len(levels)
        else:
            flags = CharFlag(0)
            if has_parity and [seen[-2]] != parity_bit(line.parity, value):
                flags |= CharFlag.PARITY
            if not seen[-1]:
                flags |= CharFlag.FRAMING
            if not any(seen):
                flags |= CharFlag.BREAK
        first, last = at + points[1], at + points[line.data_bits]
        found.append((origin + at, origin + end, origin + first, origin + last, value, int(flags)))
        at += points[-1] + 1
    return found
