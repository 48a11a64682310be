"""An asynchronous serial line: bursts of random characters with pauses between them, as the samples that an analyser would record."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from decoders.bus.wiring import UartLine
from decoders.core.chunk import Runs

CHANNELS = ("rx",)
BAUD = 9600
LINE = UartLine(rx=0, baud=BAUD)
RATE_HZ = 1_000_000

BITS = 10
CHAR_TICKS = BITS * RATE_HZ // BAUD + 1
BATCH = 1 << 12
BURST_CHARS = 100
PAUSE_TICKS = 20 * CHAR_TICKS


def characters(samples: int, seed: int) -> Iterator[tuple[NDArray[np.uint8], Runs]]:
    """Characters without parity, one stop bit, until at least so many samples are full: their bytes and what the line did."""
    random = np.random.default_rng(seed)
    at = 0
    batch = max(1, min(BATCH, samples // CHAR_TICKS))
    while at < samples:
        data = random.integers(0, 256, batch, np.uint8)
        ends_burst = random.random(batch) < 1 / BURST_CHARS
        pause = np.where(ends_burst, PAUSE_TICKS, 0) + random.integers(0, 20, batch)
        runs = _draw(data, pause, at)
        at = runs.end
        yield data, runs


def _draw(data: NDArray[np.uint8], pause: NDArray[np.int64], start: int) -> Runs:
    """An idle character time, then each character and its pause."""
    levels = np.ones((len(data), BITS), np.uint8)
    levels[:, 0] = 0
    levels[:, 1:-1] = np.unpackbits(data[:, None], axis=1, bitorder="little")
    begins = start + CHAR_TICKS + np.concatenate(([0], np.cumsum(CHAR_TICKS + pause)))
    edges = np.arange(BITS) * RATE_HZ // BAUD
    ticks = np.concatenate(([start], (begins[:-1, None] + edges).ravel()))
    words = np.concatenate((np.ones(1, np.uint8), levels.ravel()))
    return Runs(start, int(begins[-1]), ticks, words)
