"""Charge and energy of records: of the frame, packet or transaction with a number, worked out when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from app.analysis.power.meter import Measured, Meter
from app.analysis.power.port_spans import PortSpans, SpanColumns
from app.analysis.power.rail_sums import Samples
from app.analysis.tables.snapshot import Snapshot
from decoders.bus.wiring import Wiring
from decoders.core.span import Span, Timebase
from decoders.power.notices import Place

LAYERS = ("frames", "packets", "transactions")
MOST_ROWS = 1 << 16
"""Taken in by one step."""


class Records(Protocol):
    """Records of the layers of `LAYERS`, of transfers and of gaps, as far as they are decoded; gaps are on no port."""

    def count(self, layer: str) -> int: ...
    def spans(self, layer: str, first: int, last: int) -> SpanColumns:
        """Of rows [first, last), from 0."""
        ...


class Source(Protocol):
    """An open recording as far as it is decoded."""

    @property
    def wiring(self) -> Wiring: ...
    @property
    def timebase(self) -> Timebase: ...
    @property
    def snapshot(self) -> Snapshot: ...


def energies_of(source: Source, traces: Sequence[Samples]) -> Energies:
    """For the window: of an open recording whose analogue traces, all of them in their order, are read into `traces` meanwhile."""
    return Energies(Meter(source.wiring, source.timebase, traces), SnapshotSpans(lambda: source.snapshot))


class Energies:
    """What records took above the base load of their port; None for those of which nobody knows.

    Call `advance` as the recording is decoded and its traces are read, `settle` once when decoding has ended: the index of what
    overlaps what is made anew then, since transactions go on changing until there is a response. `meter` answers for other spans.
    """

    def __init__(self, meter: Meter, records: Records) -> None:
        self.meter = meter
        self._records = records
        self._taken = dict.fromkeys(("transfers", "gaps", *LAYERS), 0)
        self._spans: dict[str, dict[Place, PortSpans]] = {layer: _empty(meter) for layer in LAYERS}

    @property
    def is_wired(self) -> bool:
        """Whether any port's current is measured; where not, every answer is None."""
        return self.meter.is_wired

    def advance(self) -> bool:
        """Take in a part of what is new, some ten milliseconds' work; True where it should be called again soon."""
        if not self.is_wired:
            return False
        return any(self._take(layer) for layer in self._taken) or self.meter.advance()

    def finish(self) -> None:
        """Take in everything that is there."""
        while self.advance():
            pass

    def settle(self) -> None:
        """Decoding has ended: what overlaps what is found anew by the next calls of `advance`."""
        self._spans["transactions"] = _empty(self.meter)
        self._taken["transactions"] = 0

    def of(self, layer: str, no: int) -> Measured | None:
        """What one record of `LAYERS` took; `shared` where another record of that layer overlaps it on its port.

        None where its port's current is not wired or not read so far, where a sample is missing, or where a gap overlaps it.
        """
        if not self.is_wired or not 1 <= no <= self._records.count(layer):
            return None
        columns = self._records.spans(layer, no - 1, no)
        place = int(columns.stream[0]), int(columns.port[0])
        start = int(columns.start[0])
        span = Span(start, max(start, int(columns.end[0])))
        found = self.meter.measure_above_base(place, span)
        return found and replace(found, shared=self._spans[layer][place].is_shared(span.start, span.end))

    def _take(self, layer: str) -> bool:
        """Take in some of the new records of a layer; False where there are none."""
        taken, there = self._taken[layer], self._records.count(layer)
        until = min(there, taken + MOST_ROWS)
        if until <= taken:
            return False
        columns = self._records.spans(layer, taken, until)
        if layer == "gaps":
            self.meter.gaps.extend(columns.start, columns.end)
        else:
            _sort_out(columns, self.meter.transfers if layer == "transfers" else self._spans[layer])
        self._taken[layer] = until
        return True


def _empty(meter: Meter) -> dict[Place, PortSpans]:
    return {place: PortSpans() for place in meter.places}


def _sort_out(columns: SpanColumns, spans: dict[Place, PortSpans]) -> None:
    """Add spans to those of their places."""
    for (stream, port), of_place in spans.items():
        rows = np.flatnonzero((columns.stream == stream) & (columns.port == port))
        start = columns.start[rows].astype(np.int64)
        of_place.extend(start, np.maximum(start, columns.end[rows].astype(np.int64)))


class SnapshotSpans:
    """The spans of records in the tables of a decoder process; `snapshot` gives the tables as they are now."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def count(self, layer: str) -> int:
        return self._snapshot().count(layer)

    def spans(self, layer: str, first: int, last: int) -> SpanColumns:
        """Of rows [first, last), from 0; a transaction lasts from its command to its response, on the port of the first of them."""
        snapshot, rows = self._snapshot(), slice(first, last)
        if layer == "transactions":
            return _transactions(snapshot, rows)
        start = snapshot.column(layer, "start")[rows]
        end = start + snapshot.column(layer, "duration")[rows] if layer == "frames" else snapshot.column(layer, "end")[rows]
        if layer == "gaps":
            return SpanColumns(start, end, *(np.zeros(len(start), np.uint8),) * 2)
        return SpanColumns(start, end, *(snapshot.column(layer, name)[rows] for name in ("stream", "port")))


def _transactions(snapshot: Snapshot, rows: slice) -> SpanColumns:
    command, response = (snapshot.column("transactions", name)[rows].astype(np.int64) for name in ("command", "response"))
    known = snapshot.count("packets")
    # A number beyond the packets that are there is that of one still to come.
    command, response = np.where(command > known, 0, command), np.where(response > known, 0, response)
    opening, last = np.where(command > 0, command, response), np.where(response > 0, response, command)
    start, end, stream, port = (snapshot.column("packets", name) for name in ("start", "end", "stream", "port"))
    if not known:
        none = np.zeros(len(opening), np.int64)
        return SpanColumns(none, none, none.astype(np.uint8), none.astype(np.uint8))
    is_there = opening > 0
    return SpanColumns(start[opening - 1], end[last - 1], stream[opening - 1], np.where(is_there, port[opening - 1], 0))
