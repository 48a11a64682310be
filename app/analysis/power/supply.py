"""Judges the rails of a recording from their traces, once its logic is decoded; for the command line and the decoder process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.analysis.power.evidence import Evidence
from capture.formats.base import LogicRecording
from decoders.bus.wiring import PowerRail, Wiring
from decoders.core.errors import RecordingError
from decoders.core.finding import Finding
from decoders.core.span import Timebase
from decoders.power import judgement
from decoders.power.codes import APART_NS, FALL_NS, RISE_NS, RailLimits
from decoders.power.current import CurrentSeen, CurrentWatch, samples_in
from decoders.power.judgement import RailTrace
from decoders.power.notices import Place
from decoders.power.voltage import VoltageWatch

OnSamples = Callable[[int, NDArray[np.float32]], None]
"""Called with the number of a trace and its next samples, for whoever wants them too; each wired trace is told once."""
Ticks = tuple[int, int]
"""A stretch [start, end)."""
Seen = TypeVar("Seen")
Judging = Generator[list[Finding], None, Seen]
"""Gives findings, or none, after every piece of a trace, and in the end what was seen."""
SPOKEN_S = 1
"""So long before the host speaks of a port again it may have switched it on."""


def no_samples(_trace: int, _samples: NDArray[np.float32]) -> None:
    """For callers that want findings only."""


def supply_findings(
    recording: LogicRecording, wiring: Wiring, rate_hz: int, evidence: Evidence, on_samples: OnSamples = no_samples
) -> Iterator[list[Finding]]:
    """Read the wired traces, port by port; what was found so far is given after every piece of a trace.

    A trace that is damaged on the way is judged as far as it goes. Close the iterator to stop.
    """
    return _Supply(recording, rate_hz, evidence, on_samples).judge(wiring)


class _Supply:
    """One reading of all wired traces."""

    def __init__(self, recording: LogicRecording, rate_hz: int, evidence: Evidence, on_samples: OnSamples) -> None:
        self._recording, self._rate_hz, self._evidence = recording, rate_hz, evidence
        self._on_samples = on_samples
        self._told: set[int] = set()
        self._drawn: dict[Place, list[Ticks]] = {}
        self._watched: set[Place] = set()
        self._high: set[Place] = set()

    def judge(self, wiring: Wiring) -> Iterator[list[Finding]]:
        for rail in sorted(wiring.power, key=lambda one: (one.stream, one.port, one.rail != "low")):
            off = None if rail.voltage is None else (yield from self._voltage(rail, rail.voltage))
            if rail.current is not None:
                yield from self._current(rail, rail.current, off)
        yield from self._high_on_low()

    def _voltage(self, rail: PowerRail, number: int) -> Judging[list[Ticks]]:
        """The ticks in which the rail is off."""
        trace, place = self._trace(rail, number), (rail.stream, rail.port)
        watch = VoltageWatch(RailLimits.of(rail.rail), samples_in(APART_NS, trace.sample_ns))
        for samples in self._samples(number):
            watch.feed(samples)
            yield []
        seen = watch.finish()
        off = trace.inside(seen.off)
        yield judgement.dips(trace, seen.dips, self._evidence.transfers(place))
        if rail.rail == "high":
            self._watched.add(place)
            self._high |= {place} if seen.was_on else set()
        elif place not in self._evidence.notices.self_powered:
            frames = self._evidence.frames(place)
            yield [one for one in judgement.unpowered(trace, off, frames) if one.record not in self._evidence.unpowered]
        return off

    def _current(self, rail: PowerRail, number: int, off: list[Ticks] | None) -> Judging[None]:
        trace, place = self._trace(rail, number), (rail.stream, rail.port)
        off = self._said_off(place) if off is None else off
        fall, rise = (Timebase(self._rate_hz).ticks(duration_ns) for duration_ns in (FALL_NS, RISE_NS))
        resting = [(-(-(start + fall) // trace.step), (end - rise) // trace.step) for start, end in off]
        watch = CurrentWatch(trace.sample_ns, RailLimits.of(rail.rail).amps, resting, rail.scale, rail.offset)
        for samples in self._samples(number):
            watch.feed(samples)
            yield []
        seen = watch.finish()
        yield judgement.over_currents(trace, seen) + judgement.leaks(trace, seen)
        if rail.rail == "low":
            self._drawn[place] = [(span.start, span.end) for one in seen.over for span in (trace.span(one.first, one.last),)]
            yield self._battery(trace, place, seen)

    def _battery(self, trace: RailTrace, place: Place, seen: CurrentSeen) -> list[Finding]:
        """By the strictest claim, where one device only was seen in the port."""
        claims = self._evidence.claimed.get(place)
        if not claims or len(self._evidence.devices.get(place, ())) > 1:
            return []
        claim = min(claims, key=lambda one: (one.average_ua, one.name))
        return judgement.battery(trace, seen, claim.average_ua, claim.name)

    def _said_off(self, place: Place) -> list[Ticks]:
        """Where the host says that a port is off, but for the time in which it may have switched it on again."""
        said = self._evidence.notices.said.get(place)
        spoken = SPOKEN_S * self._rate_hz
        return [(start, end - spoken) for start, end in said.off if end - spoken > start] if said is not None else []

    def _high_on_low(self) -> Iterator[list[Finding]]:
        """Judged where it is known that a port never gives 12 V: by the host's notices or by the voltage, and without a gap."""
        if self._evidence.gaps:
            return
        for place, requests in sorted(self._evidence.high_requests.items()):
            said = self._evidence.notices.said.get(place)
            rails = said.rails if said is not None else set()
            if "high" not in rails and place not in self._high and ("low" in rails or place in self._watched):
                yield judgement.high_on_low(requests, self._drawn.get(place, []))

    def _trace(self, rail: PowerRail, number: int) -> RailTrace:
        return RailTrace(rail.port, rail.rail, self._recording.analog_steps[number], self._rate_hz)

    def _samples(self, number: int) -> Iterator[NDArray[np.float32]]:
        is_new = number not in self._told
        self._told.add(number)
        with contextlib.suppress(RecordingError):
            for samples in self._recording.analog_chunks(number):
                if is_new:
                    self._on_samples(number, samples)
                yield samples
