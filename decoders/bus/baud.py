"""The speed of a serial line, given or found from its shortest pulses."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import Ticks

Levels = NDArray[np.bool_]

STANDARD_BAUD = (
    *(50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600),
    *(76800, 115200, 230400, 250000, 460800, 500000, 921600, 1000000, 2000000, 3000000, 4000000),
)
_SNAP = 0.03
# EN 62056-21 messages follow each other after 20 ms at least, and the next may have another speed.
_PAUSE_MS = 15
# So many edges show the speed of what comes between two pauses; the rest of it need not be waited for.
_ENOUGH_EDGES = 256
# From so many pulses on one is taken to be a single bit.
_TELLING_PULSES = 16
# A low pulse within a character: start bit, nine data bits, parity, and a stop bit that is wrong.
_LONGEST_LOW_BITS = 12


def estimate_baud(pulses: Ticks, rate_hz: int) -> int | None:
    """The speed of a line from the lengths of its pulses in ticks, or None where they do not tell it.

    The shortest pulses are taken to be one bit, apart from a few that may be glitches; a speed within 3 % of a standard one is that one.
    """
    if not len(pulses):
        return None
    bit = float(np.sort(pulses)[len(pulses) // 32])
    for longest in (1, 2, 4, 8):
        near = pulses[pulses < (longest + 0.5) * bit]
        bits = np.rint(near / bit)
        fits = (bits > 0) & (np.abs(near / bit - bits) <= 0.3)
        bit = float(near[fits].sum() / bits[fits].sum())
    standard = min(STANDARD_BAUD, key=lambda baud: abs(rate_hz / bit / baud - 1))
    baud = standard if abs(rate_hz / bit / standard - 1) <= _SNAP else round(rate_hz / bit)
    return baud if 0 < 2 * baud <= rate_hz else None


class Stretch(NamedTuple):
    """Edges of a line up to `end`, all at one speed: ticks (int64), the levels after them (bool), and the speed in baud."""

    ticks: Ticks
    levels: Levels
    end: int
    baud: int


class FixedBaud:
    """The speed is given."""

    waiting: int | None = None

    def __init__(self, baud: int) -> None:
        self._baud = baud

    def feed(self, ticks: Ticks, levels: Levels, end: int) -> list[Stretch]:
        return [Stretch(ticks, levels, end, self._baud)]

    def finish(self, end: int) -> list[Stretch]:  # noqa: ARG002 — the same call as for a speed that is followed
        return []


class BaudFollower:
    """Finds the speed of all that lies between two pauses, and holds its edges back until it is known.

    EN 62056-21 changes the speed between two messages. A few pulses that the speed of before explains do not change it.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._pause = max(rate_hz * _PAUSE_MS // 1000, 1)
        self._baud: int | None = None
        self._forget()

    def _forget(self) -> None:
        self._ticks = np.empty(0, np.int64)
        self._levels = np.empty(0, np.bool_)
        self._last: int | None = None
        self._known = False

    @property
    def waiting(self) -> int | None:
        """The first tick that is held back."""
        return int(self._ticks[0]) if len(self._ticks) else None

    def feed(self, ticks: Ticks, levels: Levels, end: int) -> list[Stretch]:
        """The stretches whose speed is known at `end`."""
        if not len(ticks):
            return self._settled(end)
        before = np.concatenate((ticks[:1] if self._last is None else [self._last], ticks[:-1]))
        after_pause = np.flatnonzero(~levels & (ticks - before >= self._pause)).tolist()
        bounds = [*after_pause, len(ticks)]
        self._hold(ticks[: bounds[0]], levels[: bounds[0]])
        found: list[Stretch] = []
        for low, high in pairwise(bounds):
            found += self._release(int(ticks[low]))
            self._known = False
            self._hold(ticks[low:high], levels[low:high])
        self._last = int(ticks[-1])
        return found + self._settled(end)

    def finish(self, end: int) -> list[Stretch]:
        """What is held back, at the speed that it shows; what follows is a new beginning."""
        found = self._release(end)
        self._forget()
        return found

    def _hold(self, ticks: Ticks, levels: Levels) -> None:
        self._ticks = np.concatenate((self._ticks, ticks))
        self._levels = np.concatenate((self._levels, levels))

    def _settled(self, end: int) -> list[Stretch]:
        paused = len(self._ticks) > 0 and bool(self._levels[-1]) and end - int(self._ticks[-1]) >= self._pause
        return self._release(end) if self._known or paused or len(self._ticks) >= _ENOUGH_EDGES else []

    def _release(self, end: int) -> list[Stretch]:
        if not self._known:
            self._decide()
        stretch = None if self._baud is None else Stretch(self._ticks, self._levels, end, self._baud)
        self._ticks, self._levels = self._ticks[:0], self._levels[:0]
        return [] if stretch is None else [stretch]

    def _decide(self) -> None:
        self._known = True
        ticks, levels = self._ticks[:_ENOUGH_EDGES], self._levels[:_ENOUGH_EDGES]
        pulses = np.diff(ticks)
        if self._baud is None or len(pulses) >= _TELLING_PULSES or not self._explains(pulses[~levels[:-1]]):
            self._baud = estimate_baud(pulses, self._rate_hz) or self._baud

    def _explains(self, lows: Ticks) -> bool:
        bits = lows * (self._baud or 0) / self._rate_hz
        whole = np.rint(bits)
        return bool(((whole >= 1) & (whole <= _LONGEST_LOW_BITS) & (np.abs(bits - whole) <= 0.35)).all())
