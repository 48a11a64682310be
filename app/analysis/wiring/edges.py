"""Which channels look like the lines of an SPI bus, from their edges alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.wiring.excerpt import Trace
from app.analysis.wiring.handshake import Handshake, Windows, find_handshakes

_CLOCK_EDGES = 16
_LEAST_REGULAR = 0.6
_DATA_EDGES = 3
_LEAST_ALIGNED = 0.85
_LEAST_WHOLE = 0.75
_LEAST_QUIET = 0.8
_MOST_OVERLAP = 0.02
_ALL_CYCLES = 0.99
_COARSE_PERIOD = 3
_WORD_TRANSFERS = 4
_WORDS = range(32, 4, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """A channel whose cycles are regular: `period` its usual length in ticks, `regular` the share of cycles near that."""

    channel: int
    trace: Trace
    period: int
    regular: float

    @property
    def is_coarse(self) -> bool:
        """Whether it has so few samples a cycle that what changes with one edge may be seen with the next."""
        return self.period <= _COARSE_PERIOD


@dataclass(frozen=True, slots=True)
class Select:
    """A channel that changes only while the clock rests: `whole` is the share of its active stretches with whole words.

    `clocked` is the share of all clock cycles that fall into its active stretches, `filled` how much of them the clock runs.
    """

    channel: int
    active_high: bool
    whole: float
    clocked: float
    filled: float
    word_bits: int = 8


@dataclass(frozen=True, slots=True)
class Data:
    """A channel that changes with the clock: `after_falling` is the share of its `edges` that follow a falling clock edge."""

    channel: int
    edges: int
    after_falling: float
    lag: float

    @property
    def aligned(self) -> float:
        return max(self.after_falling, 1 - self.after_falling)


@dataclass(frozen=True, slots=True, eq=False)
class Bus:
    """The lines that go with one clock, the data lines busiest first, and the SPI mode that they speak of."""

    clock: Clock
    selects: tuple[Select, ...]
    data: tuple[Data, ...]
    mode: int
    handshakes: tuple[Handshake, ...] = ()

    @property
    def channels(self) -> set[int]:
        with_clock = (*(line.channel for line in self.selects), *(line.channel for line in self.handshakes))
        return {self.clock.channel, *with_clock, *(line.channel for line in self.data)}


def find_buses(traces: Mapping[int, Trace]) -> list[Bus]:
    """The SPI buses among these channels, the busiest first; no channel belongs to two."""
    buses: list[Bus] = []
    spare = dict(traces)
    for clock in find_clocks(traces):
        if clock.channel in spare:
            bus = bus_of(clock, {channel: trace for channel, trace in spare.items() if channel != clock.channel})
            if bus is not None:
                buses.append(bus)
                spare = {channel: trace for channel, trace in spare.items() if channel not in bus.channels}
    return buses


def find_clocks(traces: Mapping[int, Trace]) -> list[Clock]:
    """Channels that may be a clock, the likeliest first: a clock has more edges than its data, at steadier distances."""
    clocks = [clock for channel, trace in traces.items() if (clock := clock_of(channel, trace)) and clock.regular >= _LEAST_REGULAR]
    return sorted(clocks, key=lambda clock: -clock.regular * len(clock.trace.ticks))


def clock_of(channel: int, trace: Trace) -> Clock | None:
    """The channel seen as a clock; None where it has too few edges to tell."""
    if len(trace.ticks) < _CLOCK_EDGES:
        return None
    cycles = np.diff(trace.rising)
    period = int(np.median(cycles))
    regular = (2 * cycles >= period) & (2 * cycles <= 3 * period)
    return Clock(channel, trace, period, float(regular.mean()))


def bus_of(clock: Clock, others: Mapping[int, Trace]) -> Bus | None:
    """The lines among `others` that go with this clock; None without a data line."""
    candidates = [select for channel, trace in others.items() if (select := _select(clock, channel, trace))]
    selects = _disjoint(clock, candidates, others)
    windows = {select.channel: windows_of(clock, others[select.channel], active_high=select.active_high) for select in selects}
    handshakes = find_handshakes(windows, {channel: trace for channel, trace in others.items() if channel not in windows})
    known = {*windows, *(line.channel for line in handshakes)}
    data = _data_lines(clock, {channel: trace for channel, trace in others.items() if channel not in known})
    if not data:
        return None
    mode = _mode(clock, data, [others[select.channel] for select in selects])
    return Bus(clock, tuple(selects), tuple(data), mode, tuple(handshakes))


def windows_of(clock: Clock, trace: Trace, *, active_high: bool) -> Windows:
    """The transfers of a cs: its stretches at the active level in which the clock runs."""
    first, after, start, length = _stretches(clock.trace.rising, trace, active_high=active_high)
    clocked = after > first
    return Windows(start[clocked], (start + length)[clocked], clock.period)


def _data_lines(clock: Clock, others: Mapping[int, Trace]) -> list[Data]:
    """The data lines, the busiest first.

    Within one sample of a coarse clock nobody can tell which edge came first: there what changes with the clock at all may be one
    of two lines, and checksums decide.
    """
    data = [line for channel, trace in others.items() if (line := _data(clock, channel, trace))]
    sure = sorted((line for line in data if line.aligned >= _LEAST_ALIGNED), key=lambda line: -line.edges)
    if not clock.is_coarse or len(sure) > 1:
        return sure
    doubtful = [line for line in data if line not in sure and _running(clock, others[line.channel]).sum() >= _CLOCK_EDGES]
    return sure + sorted(doubtful, key=lambda line: -line.edges)[: 2 - len(sure)]


def _data(clock: Clock, channel: int, trace: Trace) -> Data | None:
    edges = clock.trace.ticks
    # Two lines that change at one time may be seen a sample apart; on a clock of few samples that would be half a cycle.
    slack = 1 if clock.period >= 8 else 0
    before = np.searchsorted(edges, trace.ticks + slack, "right") - 1
    inside = (before >= 0) & (trace.ticks - edges[before] <= clock.period)
    before, lags = before[inside], (trace.ticks - edges[before])[inside]
    if len(before) < _DATA_EDGES:
        return None
    # Edge 0 of the clock falls where the clock begins high, and every second one after it.
    after_falling = float((before % 2 == (0 if clock.trace.initial else 1)).mean())
    found = Data(channel, len(before), after_falling, float(np.median(lags)))
    return found if _once_a_bit(clock, before) >= _LEAST_ALIGNED else None


def _once_a_bit(clock: Clock, before: NDArray[np.intp]) -> float:
    """The share of a line's changes, each after the clock edge `before`, that stand alone.

    Between bytes, where the clock rests, a line may go to its filler and back; that is left out where the rest says enough.
    """
    running = before[~_rests(clock)[before + 1]]
    judged = running if len(running) >= _CLOCK_EDGES else before
    return len(np.unique(judged)) / len(judged)


def _rests(clock: Clock) -> NDArray[np.bool_]:
    """For the time before each clock edge, and after the last, whether the clock rests longer than it does between two bits."""
    gaps = np.diff(clock.trace.ticks)
    usual = float(np.median(gaps))
    # Half a cycle of a coarse clock may be seen a sample longer than it is.
    return np.concatenate(([True], gaps >= max(1.4 * usual, usual + 1.5), [True]))


def _select(clock: Clock, channel: int, trace: Trace) -> Select | None:
    if not len(trace.ticks) or len(trace.ticks) > len(clock.trace.ticks) // 8 or _quiet(clock, trace) < _LEAST_QUIET:
        return None
    levels = [_active(clock, channel, trace, active_high=high) for high in (False, True)]
    # The clock runs more densely where its device is selected; low is the usual active level.
    return max((level for level in levels if level), key=lambda level: (level.filled, not level.active_high), default=None)


def _quiet(clock: Clock, trace: Trace) -> float:
    """The share of a channel's edges at which the clock rests."""
    return 1 - float(_running(clock, trace).mean())


def _running(clock: Clock, trace: Trace) -> NDArray[np.bool_]:
    """Whether the clock runs at each of a channel's edges."""
    return ~_rests(clock)[np.searchsorted(clock.trace.ticks, trace.ticks, "right")]


def _active(clock: Clock, channel: int, trace: Trace, *, active_high: bool) -> Select | None:
    cycles = clock.trace.rising
    first, after, _, length = _stretches(cycles, trace, active_high=active_high)
    counts = after - first
    clocked = counts > 0
    if not clocked.any():
        return None
    word_bits = _word_bits(counts[clocked])
    whole = float((counts[clocked] % word_bits == 0).mean()) * float(clocked.mean())
    filled = min(1.0, float(counts.sum()) * clock.period / max(1, int(length.sum())))
    select = Select(channel, active_high, whole, float(counts.sum() / len(cycles)), filled, word_bits)
    return select if whole >= _LEAST_WHOLE else None


def _word_bits(counts: NDArray[np.intp]) -> int:
    """The bits of a word where transfers have so many: 8, unless they do not fit and a longer word fits them all."""
    if (counts % 8 == 0).mean() >= _LEAST_WHOLE or len(counts) < _WORD_TRANSFERS:
        return 8
    return next((bits for bits in _WORDS if not (counts % bits).any()), 8)


def _stretches(
    cycles: NDArray[np.int64], trace: Trace, *, active_high: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """For each stretch at the active level its first clock cycle, the one after its last, its first tick and its length."""
    start, end = (trace.rising, trace.falling) if active_high else (trace.falling, trace.rising)
    if trace.initial == active_high:
        start = np.concatenate((np.minimum(trace.ticks[:1], cycles[:1]), start))
    if len(start) > len(end):
        end = np.concatenate((end, np.maximum(trace.ticks[-1:], cycles[-1:]) + 1))
    return np.searchsorted(cycles, start), np.searchsorted(cycles, end), start, end - start


def _disjoint(clock: Clock, selects: Iterable[Select], traces: Mapping[int, Trace]) -> list[Select]:
    """Selects of which no two are active at once, the best filled first: attn and ready overlap the cs that they go with.

    A channel with one or two edges in all, such as a reset or a trigger, is one only where nothing better is and no cycle is outside.
    """
    cycles = clock.trace.rising
    taken = np.zeros(len(cycles) + 1, np.int64)
    chosen = []
    for select in sorted(selects, key=lambda select: (len(traces[select.channel].ticks) <= 2, -select.whole * select.filled)):
        if len(traces[select.channel].ticks) <= 2 and select.clocked < _ALL_CYCLES:
            continue
        first, after, _, _ = _stretches(cycles, traces[select.channel], active_high=select.active_high)
        steps = np.zeros(len(cycles) + 1, np.int64)
        np.add.at(steps, first, 1)
        np.add.at(steps, after, -1)
        active = np.cumsum(steps)
        if ((active > 0) & (taken > 0)).sum() <= _MOST_OVERLAP * (active > 0).sum():
            taken += active
            chosen.append(select)
    return sorted(chosen, key=lambda select: select.channel)


def _mode(clock: Clock, data: Iterable[Data], selects: Sequence[Trace]) -> int:
    """The SPI mode: data are sampled on the edge on which they do not change; the clock's level at rest is its polarity."""
    # A slow answer may come after the sampling edge; the line that follows its edge at once tells the truth.
    prompt = min(data, key=lambda line: line.lag)
    samples_rising = prompt.after_falling >= 0.5
    rests_high = _rests_high(clock.trace, selects)
    return 2 * rests_high + (samples_rising == rests_high)


def _rests_high(clock: Trace, selects: Sequence[Trace]) -> bool:
    if selects:
        at = np.concatenate([select.ticks for select in selects])
        return bool((((np.searchsorted(clock.ticks, at) % 2) == 1) != clock.initial).mean() >= 0.5)
    longest = int(np.argmax(np.diff(clock.ticks)))
    return (longest % 2 == 0) != clock.initial
