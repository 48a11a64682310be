"""Draws transfers as the logic samples that an analyser would record: SPI mode 0 with a clock that keeps no step with the samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.bus.wiring import SpiPort
from decoders.core.chunk import Runs

CHANNELS = ("sck", "mosi", "miso", "cs")
PORT = SpiPort(sck=0, mosi=1, miso=2, cs=3)
RATE_HZ = 24_000_000
CLOCK_HZ = 2_950_000
"""About eight samples a bit; their number varies from bit to bit, as it does in a real capture."""

BYTE_TICKS = 8 * RATE_HZ // CLOCK_HZ
SCK, MOSI, MISO, CS = (1 << bit for bit in range(4))
EDGE_TICKS = 12
"""From the fall of cs to the first bit, and from the last bit to its rise."""


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """The bytes of n transfers: transfer i owns `[offset[i], offset[i + 1])` of both lines; then the bus is idle for `pause[i]` ticks."""

    mosi: NDArray[np.uint8]
    miso: NDArray[np.uint8]
    offset: NDArray[np.int64]
    pause: NDArray[np.int64]


def half_bit_ticks(count: int) -> NDArray[np.int64]:
    """How many samples each of so many half bits lasts."""
    edges = np.arange(count + 1) * RATE_HZ // (2 * CLOCK_HZ)
    return np.diff(edges)


def draw(traffic: Traffic, start: int) -> Runs:
    """The samples of some transfers and of the pauses after them, as runs."""
    halves = 16 * np.diff(traffic.offset)
    count = int(halves.sum())
    nth = np.arange(len(halves))
    place = np.arange(count) + 2 * np.repeat(nth, halves)
    behind = np.cumsum(halves) + 2 * nth
    data = (np.unpackbits(traffic.mosi) * np.uint8(MOSI)) | (np.unpackbits(traffic.miso) * np.uint8(MISO))
    data = np.repeat(data, 2)
    data[1::2] |= np.uint8(SCK)
    words = np.full(count + 2 * len(halves), CS, np.uint8)
    words[place] = data
    words[behind] = 0
    lasts = np.empty(len(words), np.int64)
    lasts[place] = half_bit_ticks(count)
    lasts[behind - halves] += EDGE_TICKS
    lasts[behind] = EDGE_TICKS
    lasts[behind + 1] = traffic.pause
    ends = start + np.cumsum(lasts)
    return Runs(start, int(ends[-1]), np.concatenate(([start], ends[:-1])), words)
