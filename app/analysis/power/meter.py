"""Charge and energy of spans on a port, less what it takes anyway; the ammeter that all layers and both faces of the program read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.power.port_spans import PortSpans
from app.analysis.power.rail_sums import Floats, RailSums, Samples, Sums
from decoders.bus.wiring import Wiring
from decoders.core.span import Span, Timebase
from decoders.power.notices import Place

BASE_S = 1
"""The base load is measured in so many seconds before a span."""
BASE_SAMPLES = 1024
"""Of more samples in that time as many are taken, evenly spaced."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a port takes while nothing is transferred, in ampere and watt."""

    amps: float
    watts: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Charge and energy of a span on one port, all its rails together, in coulomb and joule; `seconds` is how long the span is.

    `base` is the load that was taken off, None where nothing was. `is_nominal` says that the voltage of a rail was not measured
    and its nominal one stands in; `shared` that another span of the same layer overlaps it on this port, so that both hold the same
    charge.
    """

    charge_c: float
    energy_j: float
    seconds: float
    base: Load | None = None
    is_nominal: bool = False
    shared: bool = False

    @property
    def charge_nc(self) -> int:
        """To whole nanocoulombs, as records have it."""
        return round(self.charge_c * 1e9)

    @property
    def energy_nj(self) -> int:
        """To whole nanojoules."""
        return round(self.energy_j * 1e9)

    @property
    def mean_a(self) -> float:
        """The mean current; not a number for a span without length."""
        return self.charge_c / self.seconds if self.seconds else float("nan")


class Meter:
    """Reads the wired rails of a recording; `traces` are its analogue traces in order, which may still grow.

    Call `advance` as they grow. `transfers` are those of each wired place, `gaps` the stretches that the recording leaves out:
    whoever follows the decoder adds to both, as they come.
    """

    def __init__(self, wiring: Wiring, timebase: Timebase, traces: Sequence[Samples]) -> None:
        self._rate_hz = timebase.rate_hz
        self._rails: dict[Place, list[RailSums]] = {}
        for rail in wiring.power:
            if rail.current is not None:
                voltage = None if rail.voltage is None else traces[rail.voltage]
                self._rails.setdefault((rail.stream, rail.port), []).append(RailSums(rail, traces[rail.current], voltage))
        self.transfers: dict[Place, PortSpans] = {place: PortSpans() for place in self._rails}
        self.gaps = PortSpans()

    @property
    def is_wired(self) -> bool:
        """Whether any port's current is measured."""
        return bool(self._rails)

    @property
    def places(self) -> list[Place]:
        """The ports whose current is measured, in order."""
        return sorted(self._rails)

    def advance(self) -> bool:
        """Take in a part of what has been read of one rail, some ten milliseconds' work; True where there is more of any."""
        behind = [rail for rails in self._rails.values() for rail in rails if not rail.has_caught_up]
        if behind:
            min(behind, key=lambda rail: rail.summed_tick).advance()
        return bool(behind)

    def measure(self, place: Place, span: Span) -> Measured | None:
        """What a span took, nothing taken off. None where no current is wired, a sample is missing, or a gap overlaps it.

        Also None where the traces have not been read or taken in so far.
        """
        rails = self._rails.get(place)
        if rails is None or self.gaps.first_within(span.start, max(span.end, span.start + 1)) is not None:
            return None
        sums = [rail.sums(span.start, span.end) for rail in rails]
        if any(one is None or one.missing for one in sums):
            return None
        return self._measured(rails, [one for one in sums if one is not None], span.length / self._rate_hz)

    def measure_above_base(self, place: Place, span: Span) -> Measured | None:
        """What a span took more than the port takes anyway; the same where nobody knows that, then `base` is None."""
        gross = self.measure(place, span)
        base = None if gross is None else self.base(place, span.start)
        if gross is None or base is None:
            return gross
        charge, energy = gross.charge_c - base.amps * gross.seconds, gross.energy_j - base.watts * gross.seconds
        return Measured(charge, energy, gross.seconds, base, gross.is_nominal)

    def total(self, place: Place) -> Measured | None:
        """What a port took in all, as far as its traces were taken in; stretches without samples are left out of it and its time."""
        rails = self._rails.get(place, [])
        is_done = all(rail.has_caught_up for rail in rails)
        end = min((rail.end_tick if is_done else rail.summed_tick for rail in rails), default=0)
        sums = [found for rail in rails if (found := rail.sums(0, end)) is not None]
        if not end or len(sums) < len(rails):
            return None
        return self._measured(rails, sums, (end - max(one.missing for one in sums)) / self._rate_hz)

    def base(self, place: Place, tick: int) -> Load | None:
        """The base load of a port at a tick: on each rail the median of the samples in the second before that touch no transfer.

        It reaches back to the last gap; None where there is no such sample.
        """
        start = max(0, tick - BASE_S * self._rate_hz)
        if tick <= start:
            return None
        gap = self.gaps.first_within(start, tick)
        if gap is not None:
            ends = self.gaps.end[gap:]
            start = max(start, int(ends[self.gaps.start[gap:] < tick].max()))
        loads = [self._idle(rail, self.transfers[place], start, tick) for rail in self._rails[place]]
        known = [load for load in loads if load is not None]
        if len(known) < len(loads):
            return None
        return Load(sum(load.amps for load in known), sum(load.watts for load in known))

    def _idle(self, rail: RailSums, transfers: PortSpans, start: int, end: int) -> Load | None:
        first, last = -(-start // rail.step), min(end, rail.end_tick) // rail.step
        if first >= last:
            return None
        stride = -(-(last - first) // BASE_SAMPLES)
        ticks = np.arange(first, last, stride, dtype=np.int64) * rail.step
        amps, watts = rail.values(first, last, stride)
        idle = ~transfers.touched(ticks, ticks + rail.step) & ~np.isnan(watts)
        return Load(_median(amps[idle]), _median(watts[idle])) if idle.any() else None

    def _measured(self, rails: list[RailSums], sums: list[Sums], seconds: float) -> Measured:
        charge, energy = (sum(values) / self._rate_hz for values in zip(*((one.charge, one.energy) for one in sums), strict=True))
        return Measured(charge, energy, seconds, None, any(rail.is_nominal for rail in rails))


def _median(values: Floats) -> float:
    return float(np.median(values))
