"""From what was seen of rails and said on ports to findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding
from decoders.core.span import NS_PER_S, Span
from decoders.power.codes import BATTERY, BATTERY_NS, BROWN_OUT, DIP, HIGH_ON_LOW, LEAKAGE, OVER_CURRENT, UNPOWERED, RailLimits
from decoders.power.current import CurrentSeen
from decoders.power.episodes import Episode
from decoders.power.voltage import Dip
from decoders.profile.article import RAIL_LIMIT_MA

Ticks = NDArray[np.int64]
Stretch = tuple[int, int]
"""Ticks or samples [first, last)."""


@dataclass(frozen=True, slots=True)
class RailTrace:
    """Which rail a trace is of, and what its samples mean: one lasts `step` ticks of a clock of `rate_hz`."""

    port: int
    rail: str
    step: int
    rate_hz: int

    @property
    def sample_ns(self) -> float:
        """Nanoseconds that one sample lasts."""
        return self.step * NS_PER_S / self.rate_hz

    @property
    def name(self) -> str:
        """The rail in words."""
        return f"port {self.port}, {RailLimits.of(self.rail).nominal:g} V rail"

    def span(self, first: int, last: int) -> Span:
        """The ticks of samples [first, last)."""
        return Span(first * self.step, last * self.step)

    def inside(self, stretches: Sequence[Stretch]) -> list[Stretch]:
        """The ticks that lie wholly within stretches of samples: the samples at their ends may be of both states."""
        inner = ((first + 1, last - 1) for first, last in stretches)
        return [(first * self.step, last * self.step) for first, last in inner if last > first]

    def seconds(self, samples: int) -> float:
        """How long so many samples last."""
        return samples * self.step / self.rate_hz


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """Records of one kind on one port, in order of their start: their numbers, and the ticks of their first and last bit."""

    no: Ticks
    start: Ticks
    end: Ticks

    @classmethod
    def none(cls) -> Sightings:
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty)


def unpowered(trace: RailTrace, off: Sequence[Stretch], frames: Sightings) -> list[Finding]:
    """The frames that lie wholly within ticks in which the low rail has too little voltage for anybody to send."""
    if not off or not len(frames.no):
        return []
    starts, ends = np.array(off).T
    place = np.searchsorted(starts, frames.start, "right") - 1
    rows = np.flatnonzero((place >= 0) & (frames.end < ends[np.maximum(place, 0)]))
    limit = RailLimits.of(trace.rail).dead
    text = f"a frame on port {trace.port}, whose {RailLimits.of(trace.rail).nominal:g} V rail is below {limit:g} V"
    return [
        Finding(UNPOWERED, text, Span(start, max(start, end) + 1), no)
        for no, start, end in zip(*(column[rows].tolist() for column in (frames.no, frames.start, frames.end)), strict=True)
    ]


def dips(trace: RailTrace, found: Sequence[Dip], transfers: Sightings) -> list[Finding]:
    """Brown-outs, each with the first transfer that it falls into, and dips that fall into none."""
    findings = []
    for dip in found:
        span = trace.span(dip.first, dip.last)
        first = int(np.searchsorted(transfers.end, span.start, "right"))
        during = first < len(transfers.no) and transfers.start[first] < span.end
        length = duration_text(trace.seconds(dip.last - dip.first))
        text = f"{trace.name}: the voltage falls to {dip.lowest:.2f} V for {length}"
        code: Code = BROWN_OUT if during else DIP
        findings.append(Finding(code, text, span, int(transfers.no[first]) if during else None))
    return findings


def over_currents(trace: RailTrace, seen: CurrentSeen) -> list[Finding]:
    """One finding for each time that a port gave more than it may."""
    limit = current_text(RailLimits.of(trace.rail).amps)
    return [_episode(trace, OVER_CURRENT, one, f"; {limit} are allowed") for one in seen.over]


def leaks(trace: RailTrace, seen: CurrentSeen) -> list[Finding]:
    """One finding for each time that current flowed although the rail is off."""
    return [_episode(trace, LEAKAGE, one, ", and the rail is off") for one in seen.leaks]


def _episode(trace: RailTrace, code: Code, one: Episode, remark: str) -> Finding:
    length = duration_text(trace.seconds(one.last - one.first))
    text = f"{trace.name}: {current_text(one.mean)} for {length}, at most {current_text(one.peak)}{remark}"
    return Finding(code, text, trace.span(one.first, one.last))


def battery(trace: RailTrace, seen: CurrentSeen, allowed_ua: float, whose: str) -> list[Finding]:
    """Where a device takes more on average than `whose` datasheet claims; nothing for less than a minute."""
    longest = seen.longest
    if longest is None or (longest.last - longest.first) * trace.sample_ns < BATTERY_NS or longest.mean * 1e6 <= allowed_ua:
        return []
    length = duration_text(trace.seconds(longest.last - longest.first))
    text = f"{trace.name}: {current_text(longest.mean)} on average over {length}; {whose} claims {allowed_ua:g} µA on a battery"
    return [Finding(BATTERY, text, trace.span(longest.first, longest.last))]


@dataclass(frozen=True, slots=True)
class HighRequest:
    """A request for power of the class high: the packet's number and span, its port, and what was granted, 0 where nothing was."""

    no: int
    span: Span
    port: int
    granted_ma: int


def high_on_low(requests: Sequence[HighRequest], drawn: Sequence[Stretch]) -> list[Finding]:
    """Of a port that gives 3 V only: its first request of the class high, if it was granted or more was drawn than the low rail gives.

    `drawn` are the ticks in which the port's low rail gave more than it may.
    """
    for request in requests:
        late = any(end > request.span.start for _, end in drawn)
        if request.granted_ma or late:
            did = f"was granted {request.granted_ma} mA" if request.granted_ma else f"draws more than {RAIL_LIMIT_MA['low']} mA"
            text = f"port {request.port}: a device of the class high {did}, but the port has only 3 V"
            return [Finding(HIGH_ON_LOW, text, request.span, request.no)]
    return []


def current_text(amps: float) -> str:
    """A current to three digits in the unit that suits it: 75.2 mA."""
    return _scaled(amps, ((1, "A"), (1e-3, "mA"), (1e-6, "µA"), (1e-9, "nA")))


def duration_text(seconds: float) -> str:
    """A duration in the same way: 200 ms."""
    return _scaled(seconds, ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")))


def _scaled(value: float, units: Sequence[tuple[float, str]]) -> str:
    size, unit = next((unit for unit in units if abs(value) >= 0.9995 * unit[0]), units[-1])
    scaled = value / size
    decimals = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    return f"{scaled:.{decimals}f} {unit}"
