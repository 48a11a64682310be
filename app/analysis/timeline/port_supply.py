"""Which traces are the currents and voltages of ports: their units and limits, and what a port took in a stretch."""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.power.meter import Meter
from app.analysis.power.text import charge_text, energy_text
from app.analysis.timeline.rows import supply_traces
from app.analysis.timeline.trace_heads import Took
from app.analysis.timeline.traces import Trace
from decoders.bus.wiring import PowerRail, Wiring
from decoders.core.span import Span
from decoders.power.notices import Place
from decoders.profile.article import RAIL_LIMIT_MA


class PortSupply:
    """The wired rails of one recording; gives their traces the quantity, scale and limit that they have as such.

    `currents` are the traces that are a current.
    """

    def __init__(self, wiring: Wiring, meter: Meter, traces: Sequence[Trace]) -> None:
        self._meter = meter
        self._places: dict[int, Place] = {}
        self._rails: dict[Place, int] = {}
        for rail in sorted(wiring.power, key=lambda one: one.rail != "low"):
            if rail.voltage is not None:
                traces[rail.voltage].kind = "voltage"
            if rail.current is not None:
                _limit(traces[rail.current], rail)
                self._places[rail.current] = (rail.stream, rail.port)
                self._rails[rail.stream, rail.port] = self._rails.get((rail.stream, rail.port), 0) + 1
        self._of_port: dict[int, list[int]] = {}
        for rail in wiring.power:
            found = supply_traces(wiring, rail.stream, rail.port)
            self._of_port.setdefault(rail.port, found)
        self.currents = frozenset(self._places)

    def trace_of(self, place: Place) -> int | None:
        """The current of a port, that of its low rail where it has several; None where none is wired."""
        return next((trace for trace, of_trace in self._places.items() if of_trace == place), None)

    def traces_at(self, port: int) -> list[int]:
        """The traces of a port by its number, on whichever stream it is: its currents first."""
        return self._of_port.get(port, [])

    def took(self, trace: int) -> Took | None:
        """How to tell what the port took whose first current a trace is; None for other traces."""
        place = self._places.get(trace)
        if place is None or self.trace_of(place) != trace:
            return None
        before = "both rails " if self._rails[place] > 1 else ""

        def text(start: int, end: int) -> str:
            found = self._meter.measure(place, Span(start, max(start, end)))
            return f"{before}{charge_text(found)} · {energy_text(found)}" if found is not None else ""

        return text


def _limit(trace: Trace, rail: PowerRail) -> None:
    trace.kind, trace.scale, trace.offset = "current", rail.scale, rail.offset
    trace.limits = (RAIL_LIMIT_MA[rail.rail] / 1000,)
