"""What a logic lane does at a moment: the pulse there, and the period that it is part of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.timeline.lanes import Changes, Ticks
from app.analysis.timeline.time_axis import THIN, exact_text, frequency_text
from app.analysis.timeline.viewport import Viewport
from decoders.core.span import Span, Timebase

LEAST_PIXELS = 2


@dataclass(frozen=True, slots=True)
class Pulse:
    """The level that a lane has from one edge to the next, and the span of the period around it where three edges were seen."""

    high: bool
    span: Span
    period: Span | None

    @property
    def duty(self) -> float | None:
        """The share of the period in which the lane is high."""
        if self.period is None:
            return None
        share = self.span.length / self.period.length
        return share if self.high else 1 - share


def lane_edges(changes: Changes, channel: int, start: int, end: int) -> Ticks:
    """The ticks in [start, end) at which a lane moves."""
    low, high = (int(place) for place in np.searchsorted(changes.ticks, [start, end]))
    moves = (changes.toggled[low:high] >> np.uint64(channel) & np.uint64(1)) != 0
    edges: Ticks = changes.ticks[low:high][moves]
    return edges


def pulse_at(changes: Changes, channel: int, tick: int) -> Pulse | None:
    """The pulse of a lane at a tick; None where one of its edges was not seen.

    The period goes to the second edge after the pulse's first one; where that was not seen, from the edge before the pulse.
    """
    edges = lane_edges(changes, channel, changes.start, changes.end)
    place = int(np.searchsorted(edges, tick, "right"))
    if not 0 < place < len(edges):
        return None
    start, end = int(edges[place - 1]), int(edges[place])
    word = int(changes.words[int(np.searchsorted(changes.ticks, start))])
    period = None
    if place + 1 < len(edges):
        period = Span(start, int(edges[place + 1]))
    elif place > 1:
        period = Span(int(edges[place - 2]), end)
    return Pulse(bool(word >> channel & 1), Span(start, end), period)


def seen_pulse(changes: Changes, channel: int, view: Viewport, x: float) -> Pulse | None:
    """The pulse of a lane at a pixel; None where it is too short to be seen."""
    pulse = pulse_at(changes, channel, view.tick_at(x))
    return pulse if pulse is not None and pulse.span.length >= LEAST_PIXELS * view.ticks_per_pixel else None


def nearest_edge(changes: Changes, channel: int, tick: int) -> int | None:
    """The edge of a lane nearest to a tick, however far; None where none was seen."""
    edges = lane_edges(changes, channel, changes.start, changes.end)
    if not len(edges):
        return None
    place = int(np.searchsorted(edges, tick))
    near = [int(edges[at]) for at in (place - 1, place) if 0 <= at < len(edges)]
    return min(near, key=lambda edge: abs(edge - tick))


def pulse_text(pulse: Pulse, timebase: Timebase) -> str:
    """Width, period, frequency and duty cycle: high 1.25 µs · period 2.5 µs · 400 kHz · duty 50.0 %."""
    said = [f"{'high' if pulse.high else 'low'} {exact_text(pulse.span.length, timebase)}"]
    if pulse.period is not None and pulse.duty is not None:
        length = pulse.period.length
        duty = f"duty {pulse.duty * 100:.1f}{THIN}%"
        said += [f"period {exact_text(length, timebase)}", frequency_text(length, timebase), duty]
    return " · ".join(said)


def snapped(changes: Changes | None, tick: int, within: int | None, channel: int | None) -> int:
    """A tick, or the nearest edge of a lane, or of any, if that is within so many ticks; `within` None takes it however far."""
    if changes is None:
        return tick
    if channel is None:
        edge = changes.nearest(tick, changes.end - changes.start if within is None else within)
    else:
        edge = nearest_edge(changes, channel, tick)
    return tick if edge is None or (within is not None and abs(edge - tick) > within) else edge
