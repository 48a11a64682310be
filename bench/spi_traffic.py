"""SPI traffic of no particular protocol: bursts of random bytes, close together or far apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.waveform import CLOCK_HZ, RATE_HZ, Traffic, draw
from decoders.core.chunk import Runs

MOST_BYTES = 64
BATCH = 1 << 13


def bursts(samples: int, busy: float, seed: int) -> Iterator[tuple[Traffic, Runs]]:
    """Bursts of 1 to 64 bytes until at least so many samples are full, with their bytes; clocked for a part `busy` of the time."""
    random = np.random.default_rng(seed)
    byte_ticks = 8 * RATE_HZ / CLOCK_HZ
    mean_pause = (1 + MOST_BYTES) / 2 * byte_ticks * (1 - busy) / busy
    batch = max(1, min(BATCH, int(samples / (mean_pause + MOST_BYTES / 2 * byte_ticks) / 16)))
    at = 0
    while at < samples:
        sizes = random.integers(1, MOST_BYTES + 1, batch)
        offset = np.concatenate(([0], np.cumsum(sizes)))
        mosi, miso = random.integers(0, 256, (2, int(offset[-1])), np.uint8)
        pause = 8 + random.exponential(mean_pause, batch).astype(np.int64)
        traffic = Traffic(mosi, miso, offset, pause)
        runs = draw(traffic, at)
        at = runs.end
        yield traffic, runs
