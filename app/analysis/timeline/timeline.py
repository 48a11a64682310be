"""The timeline of one recording: what its rows show, what a pointer hits, and where a record is."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from app.analysis.power.energies import energies_of
from app.analysis.power.text import between_markers
from app.analysis.tables.progress import Progress, State
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import clean
from app.analysis.timeline.annotation_text import Labels
from app.analysis.timeline.annotations import BOTH_WAYS, Annotations, StripKey
from app.analysis.timeline.faults import Faults, Mark
from app.analysis.timeline.lanes import ActivityLanes
from app.analysis.timeline.markers import Measure, time_at
from app.analysis.timeline.port_supply import PortSupply
from app.analysis.timeline.rows import OctetKey, TimelineRow, timeline_rows
from app.analysis.timeline.stretch import Octets, Stretch
from app.analysis.timeline.time_axis import exact_text
from app.analysis.timeline.traces import Trace
from app.analysis.timeline.viewport import Viewport
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.frames import H2P, P2H
from decoders.core.span import Span, Timebase
from decoders.services.words import Names


class Source(Protocol):
    """An open recording as far as it is decoded."""

    @property
    def recording(self) -> LogicRecording: ...
    @property
    def wiring(self) -> Wiring: ...
    @property
    def timebase(self) -> Timebase: ...
    @property
    def names(self) -> Names: ...
    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def progress(self) -> Progress: ...


class Hit(NamedTuple):
    """A record that a pointer is on."""

    layer: str
    no: int


class Timeline:
    """Follows a recording while it is decoded; `traces` are filled by whoever reads them.

    `measure` says what else is read between the markers: charge and energy, where currents are wired. `energies` answers for
    records; whoever reads the traces calls its `advance` too.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        recording = source.recording
        self.rows: list[TimelineRow] = timeline_rows(source.wiring, recording.channels, recording.analog_channels)
        self.traces = [Trace(name, step=step) for name, step in zip(recording.analog_channels, recording.analog_steps, strict=True)]
        self.annotations = Annotations()
        self.faults = Faults()
        self.energies = energies_of(source, self.traces)
        self.supply = PortSupply(source.wiring, self.energies.meter, self.traces)
        self.measure: Measure | None = between_markers(self.energies.meter)
        self.activity = ActivityLanes()
        self.labels = Labels(source.snapshot, source.timebase, source.names)

    def refresh(self) -> bool:
        """Take in what is new; True where there is more, and it should be called again soon."""
        snapshot = self.source.snapshot
        self.activity.extend(*(snapshot.column("activity", name) for name in ("start", "word", "toggled")))
        self.labels.forget()
        more_faults = self.faults.update(snapshot)
        return self.annotations.update(snapshot) or more_faults

    @property
    def total(self) -> int:
        """The ticks of the recording, at least as many as are decoded."""
        traced = max((trace.end_tick for trace in self.traces), default=0)
        return max(self.source.recording.length or 0, self.source.progress.tick, traced, 1)

    @property
    def lines_end(self) -> int:
        """The tick up to which the lines are known from the decoder."""
        running = self.source.progress.state is not State.DONE
        return self.source.progress.tick if running else self.source.recording.length or self.source.progress.tick

    def gaps(self, view: Viewport) -> list[Span]:
        """The lost stretches in sight."""
        start, end = (self.source.snapshot.column("gaps", name) for name in ("start", "end"))
        rows = np.flatnonzero((start < view.end_tick) & (end > view.first_tick))
        return [Span(int(start[row]), int(end[row])) for row in rows]

    def marks(self, key: StripKey, view: Viewport) -> list[Mark]:
        """Where in a strip something grave was noticed, thinned out."""
        directions = (H2P, P2H) if key.direction == BOTH_WAYS else (key.direction,)
        return self.faults.marks(key.layer, key.stream, key.port, directions, view)

    def span_of(self, hit: Hit) -> Span | None:
        """When a record was on the wire; None where it is not there."""
        snapshot, row = self.source.snapshot, hit.no - 1
        if not 0 <= row < snapshot.count(hit.layer):
            return None
        if hit.layer == "transactions":
            command, response = (int(snapshot.column("transactions", name)[row]) for name in ("command", "response"))
            spans = [span for no in (command, response) if no and (span := self.span_of(Hit("packets", no)))]
            return Span(spans[0].start, max(spans[-1].end, spans[0].start)) if spans else None
        start = int(snapshot.column(hit.layer, "start")[row])
        if hit.layer == "frames":
            return Span(start, start + int(snapshot.column("frames", "duration")[row]))
        return Span(start, max(start, int(snapshot.column(hit.layer, "end")[row])))

    def strip_of(self, hit: Hit) -> StripKey:
        """The strip that a frame or packet stands in."""
        stream, port, direction = (
            int(self.source.snapshot.column(hit.layer, name)[hit.no - 1]) for name in ("stream", "port", "direction")
        )
        return StripKey(hit.layer, stream, port, direction)

    def related(self, hit: Hit) -> set[Hit]:
        """A record with what it belongs to and what belongs to it: a packet's frames and transaction, a frame's packet and its."""
        snapshot = self.source.snapshot
        if not 1 <= hit.no <= snapshot.count(hit.layer):
            return set()
        if hit.layer == "frames":
            packet = snapshot.packet_of_frame(hit.no)
            if not packet or packet > snapshot.count("packets"):
                return {hit}
            transaction = snapshot.transaction_of_packet(packet)
            return {hit, Hit("packets", packet)} | ({Hit("transactions", transaction)} if transaction else set())
        transaction = snapshot.transaction_of_packet(hit.no)
        frames = {Hit("frames", no) for no in snapshot.frames_of_packet(hit.no)}
        return {hit} | frames | ({Hit("transactions", transaction)} if transaction else set())

    def hit(self, shows: object, tick: int, within: int) -> Hit | None:
        """The record of a row at a tick; of a row of bytes the frame that they are in."""
        match shows:
            case StripKey():
                no = self.annotations.strip(shows).at(tick, within)
                return None if no is None else Hit(shows.layer, no)
            case OctetKey():
                return self.hit(StripKey("frames", shows.stream, shows.port, shows.direction), tick, within)
            case _:
                return None

    def chosen_spans(self, hits: set[Hit]) -> dict[StripKey, list[Span]]:
        """When some records were on the wire, by the strips in which they stand."""
        found: dict[StripKey, list[Span]] = {}
        for hit in hits:
            span = self.span_of(hit)
            stands = self.selectable(hit)
            if span is None or stands is None:
                continue
            strip = self.strip_of(stands)._replace(layer=hit.layer)
            ways = {"transactions": (BOTH_WAYS,), "packets": (strip.direction, BOTH_WAYS)}.get(hit.layer, (strip.direction,))
            for way in ways:
                found.setdefault(strip._replace(direction=way), []).append(span)
        return found

    def tip(self, hit: Hit) -> str:
        """What is said of a record beside a pointer: which it is and what it says, when it was, and how long."""
        text = f"{hit.layer.removesuffix('s')} {hit.no}: {clean(self.labels.label(hit.layer, hit.no).texts[0])}"
        span = self.span_of(hit)
        if span is None:
            return text
        timebase = self.source.timebase
        return f"{text}\n{time_at(span.start, timebase)}, {exact_text(span.length, timebase)} long"

    def selectable(self, hit: Hit) -> Hit | None:
        """What choosing a record chooses: of a transaction its command, else its response."""
        if hit.layer != "transactions":
            return hit
        exchange = self.source.snapshot.transaction(hit.no)
        no = exchange.command or exchange.response
        return Hit("packets", no) if no else None

    def close(self) -> None:
        """Give back what the traces take."""
        for trace in self.traces:
            trace.close()


def transfers_of(key: OctetKey) -> StripKey:
    """The strip that stands for a line's bytes far out."""
    return StripKey("transfers", key.stream, key.port, BOTH_WAYS)


def octets_in(stretch: Stretch | None, key: OctetKey, view: Viewport) -> Octets | None:
    """The bytes of a line in sight; None where they were not read."""
    if stretch is None or not (stretch.wanted.start <= view.first_tick and view.end_tick <= stretch.wanted.end):
        return None
    octets = stretch.octets.get(key)
    return None if octets is None else octets.within(view.first_tick, view.end_tick)
