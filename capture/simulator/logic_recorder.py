"""What a logic analyser on the simulated lines records: runs on the clock of its samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capture.simulator.kernel import NS_PER_S
from decoders.core.chunk import Runs

Times = NDArray[np.int64]
Flips = NDArray[np.uint64]
MOST_CHANNELS = 64


def ticks_of(times_ns: Times, rate_hz: int) -> Times:
    """The sample at or before each time, without overflow for rates below 9 GHz."""
    seconds, rest = np.divmod(times_ns, np.int64(NS_PER_S))
    return seconds * np.int64(rate_hz) + rest * np.int64(rate_hz) // np.int64(NS_PER_S)


def tick_of(time_ns: int, rate_hz: int) -> int:
    """The same for one time."""
    return time_ns * rate_hz // NS_PER_S


class LogicRecorder:
    """Collects changes of lines and gives them out as runs.

    Each line has one driver, which tells of its changes in order of time; drivers may tell of what is still to come. `channels`
    names the recorded lines, bit 0 first; a line that is not recorded has no bit and may be driven all the same.
    """

    def __init__(self, rate_hz: int, channels: tuple[str, ...], high: frozenset[str]) -> None:
        if len(channels) > MOST_CHANNELS:
            raise ValueError(f"a logic word has at most {MOST_CHANNELS} channels, not {len(channels)}")
        self.rate_hz = rate_hz
        self.channels = channels
        self._bits = {name: 1 << bit for bit, name in enumerate(channels)}
        self._told = sum(bit for name, bit in self._bits.items() if name in high)
        self._given = self._told
        self._tick = 0
        self._dtype = next(np.dtype(f"u{width}") for width in (1, 2, 4, 8) if len(channels) <= width * 8)
        self._times: list[Times] = []
        self._flips: list[Flips] = []
        self._single_times: list[int] = []
        self._single_flips: list[int] = []

    def bit(self, line: str) -> int:
        """The mask of a line in a logic word; 0 where it is not recorded."""
        return self._bits.get(line, 0)

    def set(self, time_ns: int, line: str, *, high: bool) -> None:
        """A line has this level from a time on."""
        bit = self._bits.get(line, 0)
        if bit and bool(self._told & bit) != high:
            self._told ^= bit
            self._single_times.append(time_ns)
            self._single_flips.append(bit)

    def add(self, times_ns: Times, words: Flips, mask: int) -> None:
        """Lines of `mask` have these levels from each of these times on, which are in order."""
        levels = words & np.uint64(mask)
        before = np.concatenate([[np.uint64(self._told & mask)], levels[:-1]])
        self._times.append(times_ns)
        self._flips.append(levels ^ before)
        self._told = self._told & ~mask | int(levels[-1])

    def drain(self, until_ns: int) -> Runs:
        """All from the last drained tick up to a time of which nobody tells any more."""
        times = np.concatenate([*self._times, np.array(self._single_times, np.int64)])
        flips = np.concatenate([*self._flips, np.array(self._single_flips, np.uint64)])
        end = tick_of(until_ns, self.rate_hz)
        ticks = ticks_of(times, self.rate_hz)
        due = ticks < end
        later = ~due
        self._times, self._flips = [times[later]], [flips[later]]
        self._single_times, self._single_flips = [], []
        runs = self._runs(ticks[due], flips[due], end)
        self._tick = end
        return runs

    def _runs(self, ticks: Times, flips: Flips, end: int) -> Runs:
        order = np.argsort(ticks, kind="stable")
        ticks, words = ticks[order], np.bitwise_xor.accumulate(flips[order]) ^ np.uint64(self._given)
        if len(words):
            # Of several changes within one sample the analyser sees the outcome.
            last = np.append(ticks[1:] != ticks[:-1], True)
            ticks, words = ticks[last], words[last]
            changed = np.concatenate([[words[0] != self._given], words[1:] != words[:-1]])
            ticks, words = ticks[changed], words[changed]
        if end > self._tick and (not len(ticks) or ticks[0] != self._tick):
            ticks = np.concatenate([[np.int64(self._tick)], ticks])
            words = np.concatenate([[np.uint64(self._given)], words])
        if len(words):
            self._given = int(words[-1])
        return Runs(self._tick, end, ticks, words.astype(self._dtype))
