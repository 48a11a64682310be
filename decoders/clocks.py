"""The clocks of packets' sources against the recording's: whether one runs too fast or too slow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding, Severity
from decoders.core.span import Span
from decoders.packet import PacketBytes
from decoders.profile.columns import Columns

CLOCK_DRIFT = Code(
    "clock-drift", "packets", Severity.WARNING, "The clock of a packet's source runs too fast or too slow against the recording."
)
CODES = (CLOCK_DRIFT,)

WAIT_S = 0.25
"""So long a packet may have waited in its source, after its time was written, until it was sent."""
AT_ONCE_S = 1.0
"""A clock that is off by so much at once was set; one that drifts gets there little by little."""
MOST_RATE = 0.2
"""A clock that is off by more than this part of the time that passes does not drift: it stands, or is none."""

MOST_STEPS = 32
"""A clock that was set so often is given up."""


@dataclass(slots=True)
class _Clock:
    """A source's clock: `low` to `high` are the seconds that it may be ahead of the recording's.

    `direction` is +1 or −1 where no constant offset fitted at `step_s` any more, and how far ahead it was then at least is `step_low`.
    `steps` counts how often that was so; a clock that is `is_done` is not judged any more.
    """

    low: float
    high: float
    direction: int = 0
    step_s: float = 0.0
    step_low: float = 0.0
    steps: int = 0
    is_done: bool = False


class ClockWatch:
    """Judges the header `time` of each source, once per source; `rate_hz` is the ticks in a second.

    A time of whole seconds, written shortly before its packet begins at the second c of the recording, allows offsets from time − c to
    time + 1 − c, and a little more for the wait. While one offset fits all, the clock is right. Where none does, the clock was set,
    or it drifts: it drifts if the same happens again in the same direction.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._clocks: dict[int, _Clock] = {}

    def feed(self, packets: PacketBytes, headers: Columns) -> list[Finding]:
        """The packets at which a clock is found to drift; 0 stands for a clock that is not set."""
        if "time" not in headers.numbers or "source" not in headers.numbers:
            return []
        rows = np.flatnonzero(headers.complete & ~packets.relayed & (headers.numbers["time"] != 0))
        if not len(rows):
            return []
        at_s = packets.start[rows] / self._rate_hz
        low = headers.numbers["time"][rows].astype(np.float64) - at_s
        source_of = headers.get("source")[rows]
        order = np.argsort(source_of, kind="stable")
        begin = np.flatnonzero(np.append(True, np.diff(source_of[order])))
        lowest, highest = (extreme.reduceat(low[order], begin).tolist() for extreme in (np.minimum, np.maximum))
        findings = []
        for place, source in enumerate(source_of[order[begin]].tolist()):
            clock = self._clocks.setdefault(source, _Clock(-np.inf, np.inf))
            low_most, high_most = max(clock.low, highest[place]), min(clock.high, lowest[place] + 1 + WAIT_S)
            if low_most < high_most:
                clock.low, clock.high = low_most, high_most
            elif not clock.is_done:
                mine = order[begin[place] :][: int(np.append(begin, len(rows))[place + 1] - begin[place])]
                drifting = _drifts(clock, at_s[mine], low[mine])
                if drifting is not None:
                    at, rate = drifting
                    findings.append(_finding(packets, int(rows[mine[at]]), source, rate))
        return findings


def _drifts(clock: _Clock, at_s: NDArray[np.float64], lows: NDArray[np.float64]) -> tuple[int, float] | None:
    """Go on with packets: the one at which the clock is found to drift, and by which part of the time."""
    place = 0
    while not clock.is_done:
        low = np.maximum.accumulate(np.maximum(lows[place:], clock.low))
        high = np.minimum.accumulate(np.minimum(lows[place:] + 1 + WAIT_S, clock.high))
        fits = int(np.searchsorted(low >= high, True))
        if fits:
            clock.low, clock.high = float(low[fits - 1]), float(high[fits - 1])
        place += fits
        if place == len(lows):
            return None
        rate = _step(clock, float(at_s[place]), float(lows[place]))
        if rate is not None:
            return place, rate
        place += 1
    return None


def _step(clock: _Clock, now_s: float, low: float) -> float | None:
    """A packet shows another offset than all before it: how fast the clock drifts, if it does."""
    high = low + 1 + WAIT_S
    direction = 1 if low >= clock.high else -1
    gap = low - clock.high if direction > 0 else clock.low - high
    is_gradual = gap < AT_ONCE_S
    clock.low, clock.high = low, high
    clock.steps += 1
    clock.is_done = clock.steps == MOST_STEPS
    rate = None
    if is_gradual and direction == clock.direction and now_s > clock.step_s:
        rate = (low - clock.step_low) / (now_s - clock.step_s)
    clock.direction, clock.step_s, clock.step_low = direction if is_gradual else 0, now_s, low
    if rate is None or abs(rate) > MOST_RATE:
        return None
    clock.is_done = True
    return rate


def _finding(packets: PacketBytes, row: int, source: int, rate: float) -> Finding:
    text = f"the clock of {source:016x} runs about {abs(rate) * 1e6:.0f} ppm too {'fast' if rate > 0 else 'slow'}"
    span = Span(int(packets.start[row]), max(int(packets.start[row]), int(packets.end[row])) + 1)
    return Finding(CLOCK_DRIFT, text, span, packets.first_no + row)
