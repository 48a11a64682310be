"""What the current of one rail shows: too much of it, some where there should be none, and its mean over the longest stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.power.codes import APART_NS, LEAK_A, LEAK_NS, MEAN_NS, MEAN_SAMPLES
from decoders.power.episodes import Episode, Episodes, Floats

BLOCK = 1 << 16
"""Samples that are judged at once, and counted from the first of all, so that it does not matter how they are cut."""
Samples = tuple[int, int]
"""A stretch [first, last) of sample numbers."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The longest stretch without a gap: its samples [first, last), and their mean."""

    first: int
    last: int
    mean: float


@dataclass(frozen=True, slots=True)
class CurrentSeen:
    """Episodes above the limit, leaks on the rail while it was off, and the longest stretch; None where there is no sample."""

    over: list[Episode]
    leaks: list[Episode]
    longest: Stretch | None


def samples_in(duration_ns: int, sample_ns: float, least: int = 1) -> int:
    """So many samples last for a duration or longer."""
    return max(least, -int(-duration_ns // sample_ns))


class CurrentWatch:
    """Reads the samples of one rail's current, in ampere once they are `scale`d and `offset`; not a number is a gap.

    `limit_a` is what the rail may give, `off` the stretches of samples, in order, in which it is off. One sample lasts `sample_ns`.
    However the samples are cut into pieces, the result is the same.
    """

    def __init__(
        self, sample_ns: float, limit_a: float, off: Sequence[Samples] = (), scale: float = 1.0, offset: float = 0.0
    ) -> None:
        self._scale, self._offset = scale, offset
        apart = samples_in(APART_NS, sample_ns)
        self._over = Episodes(limit_a, samples_in(MEAN_NS, sample_ns, MEAN_SAMPLES), apart)
        window = samples_in(LEAK_NS, sample_ns)
        self._leak = Episodes(LEAK_A, window, apart)
        self._off = [(first, last) for first, last in off if last > first]
        self._next_off = 0
        self._block: NDArray[np.float32] = np.empty(max(BLOCK, window), np.float32)
        self._filled = 0
        self._at = 0
        self._stretch_from, self._stretch_sum = 0, 0.0
        self._longest: Stretch | None = None

    def feed(self, samples: NDArray[np.float32]) -> None:
        """The next samples."""
        taken = 0
        while taken < len(samples):
            size = len(self._block)
            if not self._filled and len(samples) - taken >= size:
                self._take(samples[taken : taken + size])
                taken += size
                continue
            part = samples[taken : taken + size - self._filled]
            self._block[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            taken += len(part)
            if self._filled == size:
                self._flush()

    def finish(self) -> CurrentSeen:
        """What there was, once all samples were fed."""
        self._flush()
        self._end_stretch(self._at)
        return CurrentSeen(self._over.finish(), self._leak.finish(), self._longest)

    def _flush(self) -> None:
        if self._filled:
            self._take(self._block[: self._filled])
            self._filled = 0

    def _take(self, block: NDArray[np.float32]) -> None:
        amps = block.astype(np.float64)
        if self._scale != 1 or self._offset:
            amps = amps * self._scale + self._offset
        total = float(amps.sum())
        if np.isfinite(total):
            self._add(amps, total)
            return
        is_there = np.isfinite(amps)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_there.astype(np.int8), [0]])))
        start = self._at
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            self._skip(start + first)
            self._add(amps[first:last], float(amps[first:last].sum()))
        self._skip(start + len(amps))

    def _skip(self, until: int) -> None:
        if until > self._at:
            self._end_stretch(self._at)
            self._over.skip(until)
            self._at = self._stretch_from = until

    def _end_stretch(self, end: int) -> None:
        length = end - self._stretch_from
        if length and (self._longest is None or length > self._longest.last - self._longest.first):
            self._longest = Stretch(self._stretch_from, end, self._stretch_sum / length)
        self._stretch_from, self._stretch_sum = end, 0.0

    def _add(self, amps: Floats, total: float) -> None:
        self._over.feed(amps)
        self._stretch_sum += total
        start, self._at = self._at, self._at + len(amps)
        while self._next_off < len(self._off):
            first, last = self._off[self._next_off]
            if first >= self._at:
                return
            low, high = max(first, start), min(last, self._at)
            if low < high:
                if low != self._leak.at:
                    self._leak.skip(low)
                self._leak.feed(amps[low - start : high - start])
            if last > self._at:
                return
            self._next_off += 1
