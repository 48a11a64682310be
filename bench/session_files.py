"""How fast session files are written and read, and a day of a simulated meter with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.progress import say
from bench.report import Row, digits, scaled
from bench.sizes import Sizes
from bench.spi_traffic import bursts
from bench.waveform import CHANNELS, RATE_HZ
from capture.formats.signals import AnalogTrace, Piece, Signals
from capture.session.reader import open_session
from capture.session.writer import write_umi
from decoders.core.chunk import Runs, Samples

NOISY = Signals(tuple(f"D{bit}" for bit in range(16)), RATE_HZ)
SPI = Signals(CHANNELS, RATE_HZ)
TRACED = Signals(CHANNELS, RATE_HZ, (AnalogTrace("current1", "A", 12),))
LEAST_BYTES = 115_000_000
"""A second, of samples that cannot be packed."""
MOST_WINDOW_MS = 10.0
WINDOW_TICKS = 100_000


class WrongContentError(Exception):
    """A session file gave back something else than was written: its speed means nothing."""


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """The rows for noise, for SPI traffic as runs with windows of it, and for a trace."""
    path = folder / "long.umi"
    say("writing session files")
    words = np.random.default_rng(1).integers(0, 1 << 16, 1 << 20, np.uint16)
    count = max(1, sizes.session_bytes >> 21)
    noise: list[Piece] = [([Samples(number << 20, words)], ()) for number in range(count)]
    wrote, read = _timed(path, NOISY, noise, count << 20)
    value = f"{scaled((count << 21) / wrote, 'B/s')} written, {scaled((count << 21) / read, 'B/s')} read"
    target = f"≥ {scaled(LEAST_BYTES, 'B/s')} written"
    yield Row("a session file of noise on 16 lines", value, target, (count << 21) / wrote >= LEAST_BYTES, "one SQLite file")
    yield from _of_spi(path, sizes)
    samples = (np.random.default_rng(1).normal(size=1 << 20) * 1e-3).astype(np.float32)
    count = max(1, sizes.session_bytes >> 22)
    wrote, read = _timed(path, TRACED, [((), [samples]) for _ in range(count)], 0)
    value = f"{scaled((count << 20) / wrote, 'S/s')} written, {scaled((count << 20) / read, 'S/s')} read"
    yield Row("a session file of a noisy trace, with its summaries", value, how="float32")
    path.unlink()


def _of_spi(path: Path, sizes: Sizes) -> Iterator[Row]:
    runs: list[Runs] = [one for _, one in bursts(sizes.session_ticks, 0.95, seed=2)]
    changes, end = sum(len(one.ticks) for one in runs), runs[-1].end
    wrote, read = _timed(path, SPI, [([one], ()) for one in runs], end)
    size = f"{path.stat().st_size / changes:.2f} bytes a change"
    value = f"{scaled(changes / wrote, ' changes/s')} written, {scaled(changes / read, ' changes/s')} read"
    yield Row("a session file of SPI traffic", value, how=f"95 % busy, random bytes; {size}")
    with open_session(path) as recording:
        begin = time.perf_counter()
        for number in range(sizes.repeats):
            recording.window(end * number // sizes.repeats, end * number // sizes.repeats + WINDOW_TICKS)
        milliseconds = (time.perf_counter() - begin) / sizes.repeats * 1000
    yield Row(
        f"any window of {scaled(WINDOW_TICKS, ' ticks')} of it", f"{digits(milliseconds)} ms", f"≤ {MOST_WINDOW_MS:.0f} ms",
        milliseconds <= MOST_WINDOW_MS, "mean of windows all over the file",
    )  # fmt: skip


def _timed(path: Path, signals: Signals, pieces: list[Piece], ticks: int) -> tuple[float, float]:
    """Seconds to write a session file and to read all of it."""
    begin = time.perf_counter()
    write_umi(path, signals, pieces)
    wrote = time.perf_counter() - begin
    begin = time.perf_counter()
    with open_session(path) as recording:
        end = max((chunk.end for chunk in recording.chunks()), default=0)
        count = sum(len(part) for channel in range(len(signals.traces)) for part in recording.analog_chunks(channel))
    read = time.perf_counter() - begin
    if (end, count) != (ticks, sum(len(values) for _, samples in pieces for values in samples)):
        raise WrongContentError(f"{path.name} has {end} ticks and {count} samples")
    return wrote, read
