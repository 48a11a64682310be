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


@dataclass(slots=True)
class _Clock:
    """A source's clock: `low` to `high` are the seconds that it may be ahead of the recording's.

    `step` is +1 or −1 where no constant offset fitted at `step_s` any more, and how far ahead it was then at least is `step_low`.
    """

    low: float
    high: float
    step: int = 0
    step_s: float = 0.0
    step_low: float = 0.0
    is_told: bool = False


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
        sources, member = np.unique(headers.get("source")[rows], return_inverse=True)
        order = np.argsort(member, kind="stable")
        begin = np.searchsorted(member[order], np.arange(len(sources)))
        lowest, highest = (extreme.reduceat(low[order], begin).tolist() for extreme in (np.minimum, np.maximum))
        findings = []
        for place, source in enumerate(sources.tolist()):
            clock = self._clocks.setdefault(source, _Clock(-np.inf, np.inf))
            if not clock.is_told and not _narrow(clock, highest[place], lowest[place] + 1 + WAIT_S):
                end = begin[place + 1] if place + 1 < len(sources) else len(rows)
                mine = order[begin[place] : end]
                drifting = _drifts(clock, at_s[mine], low[mine])
                if drifting is not None:
                    at, rate = drifting
                    findings.append(_finding(packets, int(rows[mine[at]]), source, rate))
        return findings


def _narrow(clock: _Clock, low: float, high: float) -> bool:
    """Keep what both the clock's offsets and these allow; False, and nothing kept, where that is none."""
    low, high = max(clock.low, low), min(clock.high, high)
    if low >= high:
        return False
    clock.low, clock.high = low, high
    return True


def _drifts(clock: _Clock, at_s: NDArray[np.float64], lows: NDArray[np.float64]) -> tuple[int, float] | None:
    """Go through packets one by one: the one at which the clock is found to drift, and by which part of the time."""
    for place, (now_s, low) in enumerate(zip(at_s.tolist(), lows.tolist(), strict=True)):
        high = low + 1 + WAIT_S
        if _narrow(clock, low, high):
            continue
        step = 1 if low >= clock.high else -1
        gap = low - clock.high if step > 0 else clock.low - high
        is_gradual = gap < AT_ONCE_S
        if is_gradual and step == clock.step and now_s > clock.step_s:
            rate = (low - clock.step_low) / (now_s - clock.step_s)
            if abs(rate) <= MOST_RATE:
                clock.is_told = True
                return place, rate
        clock.low, clock.high = low, high
        clock.step, clock.step_s, clock.step_low = step if is_gradual else 0, now_s, low
    return None


def _finding(packets: PacketBytes, row: int, source: int, rate: float) -> Finding:
    text = f"the clock of {source:016x} runs about {abs(rate) * 1e6:.0f} ppm too {'fast' if rate > 0 else 'slow'}"
    span = Span(int(packets.start[row]), max(int(packets.start[row]), int(packets.end[row])) + 1)
    return Finding(CLOCK_DRIFT, text, span, packets.first_no + row)
