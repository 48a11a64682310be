"""From frames to packets: chains of DATA are cut into packets, batch by batch, with the same result for any split.

What is not finished at a batch's end is carried into the next as elements of its own, so that each batch is one piece of column
work; only forwarded packets are handled one by one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from decoders.core.finding import Finding
from decoders.core.frames import FrameBatch
from decoders.profile.wire_profile import WireProfile
from decoders.transport.attempts import Attempts, judge_attempts, window_depth
from decoders.transport.busy import BusyWatch
from decoders.transport.carrying import carried_elements
from decoders.transport.chains import PLACES, PORT_BITS, Bools, ElementReader, Elements, Ending, Place, Role
from decoders.transport.forwarding import Clock, Event, Forwarding, Refusal, Sighting
from decoders.transport.judgement import frame_findings, packet_findings, refusal_finding
from decoders.transport.numbering import Finished, numbered
from decoders.transport.packets import FrameLinks, PacketBatch, Transported
from decoders.transport.pieces import Pieces
from decoders.transport.segments import Segments, cut_segments
from decoders.transport.sightings import beginnings, sightings


class Reassembler:
    """Turns frames into packets.

    `observed` is every (stream, port) in the recording, `rate_hz` the ticks in a second.
    """

    def __init__(self, profile: WireProfile, observed: frozenset[tuple[int, int]], rate_hz: int) -> None:
        self._profile = profile
        self._procedures = profile.procedures
        self._reader = ElementReader(profile)
        self._observed = observed
        self._timeout = -(-profile.procedures.forwarding_timeout_ns * rate_hz // 1_000_000_000)
        self._blind_until = self._timeout
        self._forwarding: dict[int, Forwarding] = {}
        self._now: dict[int, int] = {}
        self._carried = Elements.empty()
        self._pieces = Pieces.none()
        self._busy = BusyWatch(window_depth(profile.procedures))
        self._zeroed: set[int] = set()
        self._packet_of: dict[int, int] = {}
        """By the last frame of a packet that may still be refused."""
        self._next_frame = 1
        self._next_packet = 1

    def feed(self, frames: FrameBatch) -> Transported:
        """The packets that these frames complete or end."""
        self._next_frame = frames.first_no + len(frames)
        pieces = self._pieces.and_frames(frames)
        fresh, resets = self._reader.read(frames, self._pieces.kept_count)
        elements = Elements.joined([self._carried, fresh]).sorted_by_chain()
        epoch = resets.epoch(elements.port, elements.frame_no)
        zeroed = (epoch > 0) | np.isin(elements.port, list(self._zeroed))
        attempts = judge_attempts(elements, epoch, zeroed, self._procedures)
        segments = cut_segments(elements, attempts, epoch, resets, self._procedures)
        is_current = epoch == resets.epoch(elements.port, np.full(len(epoch), self._next_frame))
        self._carried, needed = carried_elements(elements, attempts, segments, is_current, window_depth(self._procedures))
        self._pieces = pieces.keep(needed)
        self._zeroed |= resets.ports()

        refusals = _refusals(elements, attempts)
        forwarded = self._are_forwarded(elements, segments)
        done = segments.ending != Ending.OPEN
        ended = sightings(pieces, elements, segments, np.flatnonzero(forwarded & done))
        begun = beginnings(pieces, elements, segments, np.flatnonzero(forwarded))
        settled = self._settle(frames, [*ended, *begun, *refusals])
        packets, links = self._number(pieces, elements, segments, ~forwarded & done, settled)
        links = replace(links, retransmission=elements.frame_no[attempts.retransmission], repeats=_repeats(elements, attempts))
        stuck = self._busy.feed(elements, attempts, self._reader.busy(frames, elements), is_current)
        findings = frame_findings(self._profile, frames, elements, attempts, stuck) + self._refused(frames, refusals, links)
        return Transported(packets, links, findings + packet_findings(packets))

    def gap(self, start: int, end: int) -> Transported:
        """The recording lacks [start, end) in ticks: nothing carries on over it."""
        ended = self._close(Ending.GAP, start)
        self._blind_until = end + self._timeout
        return ended

    def finish(self, end: int | None = None) -> Transported:
        """What is left when the recording ends, at the tick `end` where that is known."""
        return self._close(Ending.END, end)

    @property
    def open_since(self) -> int | None:
        """The number of the earliest frame whose packet is not finished, None where there is none."""
        unfinished = self._carried.frame_no[self._carried.role == Role.HELD].tolist()
        waiting = [no for forwarding in self._forwarding.values() for no in forwarding.first_frames()]
        return min(unfinished + waiting, default=None)

    def _are_forwarded(self, elements: Elements, segments: Segments) -> Bools:
        """Whether segments are packets from one peripheral to another."""
        route = elements.route[segments.head]
        source, destination = route & 0xFF, route >> PORT_BITS
        if self._procedures.forwarding == "none":
            return np.zeros(len(route), np.bool_)
        return np.asarray((source != 0) & (destination != 0) & (source != destination))

    def _settle(self, frames: FrameBatch, events: list[Event]) -> list[Sighting]:
        """The forwarded packets that are finished, stream by stream."""
        settled = []
        events = sorted(events, key=lambda event: (event.order, event.last_frame))
        for stream in np.flatnonzero(np.bincount(frames.stream)).tolist():
            rows = np.flatnonzero(frames.stream == stream)
            ticks = np.maximum.accumulate(frames.start[rows])
            clock = Clock(np.maximum(ticks, self._now.get(stream, 0)), rows + frames.first_no)
            self._now[stream] = int(clock.ticks[-1])
            settled += self._forwarding_on(stream).feed([event for event in events if event.stream == stream], clock)
        return settled

    def _forwarding_on(self, stream: int) -> Forwarding:
        if stream not in self._forwarding:
            ports = frozenset(port for of, port in self._observed if of == stream)
            self._forwarding[stream] = Forwarding(ports, self._timeout, self._blind_until)
        return self._forwarding[stream]

    def _close(self, ending: Ending, end: int | None) -> Transported:
        """Give up all unfinished and waiting packets; those whose time to leave was up at the tick `end` are lost."""
        order = self._next_frame * PLACES + Place.ENDED
        elements = self._carried.take(self._carried.role == Role.HELD)
        begin = np.append(np.flatnonzero(np.diff(elements.key, prepend=-1)), len(elements))
        count = len(begin) - 1
        segments = Segments(np.arange(len(elements)), begin, np.full(count, ending), np.full(count, order))
        forwarded = self._are_forwarded(elements, segments)
        unfinished = sightings(self._pieces, elements, segments, np.flatnonzero(forwarded))
        settled = []
        for stream in {*self._forwarding, *(packet.stream for packet in unfinished)}:
            now = max(self._now.get(stream, 0), end or 0)
            clock = Clock(np.array([now]), np.array([self._next_frame]))
            forwarding = self._forwarding_on(stream)
            settled += forwarding.feed([], clock)
            settled += forwarding.give_up([packet for packet in unfinished if packet.stream == stream], order)
        packets, links = self._number(self._pieces, elements, segments, ~forwarded, settled)
        self._carried, self._pieces = Elements.empty(), Pieces.none()
        self._forwarding, self._zeroed, self._packet_of = {}, set(), {}
        return Transported(packets, links, packet_findings(packets))

    def _number(
        self, pieces: Pieces, elements: Elements, segments: Segments, chosen: Bools, settled: list[Sighting]
    ) -> tuple[PacketBatch, FrameLinks]:
        """The chosen segments and the settled forwarded packets, in order and numbered."""
        direct, content = Finished.of_segments(pieces, elements, segments, np.flatnonzero(chosen))
        finished = direct.and_also(Finished.of_sightings(settled, len(pieces.data) + len(content)))
        content += b"".join([packet.content for packet in settled])
        data = np.concatenate([pieces.data, np.frombuffer(content, np.uint8)]) if content else pieces.data
        packets, of_frame = numbered(finished, data, self._next_packet)
        self._next_packet += len(packets)
        return packets, FrameLinks(finished.frame, of_frame, np.empty(0, np.int64), {}, _hops(settled))

    def _refused(self, frames: FrameBatch, refusals: list[Refusal], links: FrameLinks) -> list[Finding]:
        """Findings of whole packets that were refused for good, and the packets that may be refused in the next batch."""
        last = self._carried.frame_no[(self._carried.role == Role.SEEN) & (self._carried.last == 1)].tolist()
        wanted = [*last, *(refusal.last_frame for refusal in refusals)]
        found = np.flatnonzero(np.isin(links.frame, wanted))
        packet_of = self._packet_of | dict(zip(links.frame[found].tolist(), links.packet[found].tolist(), strict=True))
        self._packet_of = {no: packet_of[no] for no in last if no in packet_of}
        unsettled = [refusal for refusal in refusals if not refusal.settled]
        return [refusal_finding(frames, refusal.frame_no, packet_of[refusal.last_frame]) for refusal in unsettled]


def _refusals(elements: Elements, attempts: Attempts) -> list[Refusal]:
    """The NAKs that refuse for good what completed a packet."""
    aborts = np.flatnonzero((elements.role == Role.ABORT) & (attempts.holder >= 0))
    refused = attempts.holder[aborts]
    complete = elements.last[refused] == 1
    aborts, refused = aborts[complete], refused[complete]
    naks, last_frames = elements.frame_no[aborts], elements.frame_no[refused]
    # In one transfer the host's refusal has a lower number than the frame that it refuses.
    orders = np.maximum(naks, last_frames + 1) * PLACES + Place.ENDED
    columns = (orders, elements.port[aborts] >> PORT_BITS, last_frames, naks)
    return list(map(Refusal, *(column.tolist() for column in columns)))


def _repeats(elements: Elements, attempts: Attempts) -> dict[int, int]:
    """For each frame that repeats content the frame whose content was used."""
    repeated = np.flatnonzero(attempts.duplicate)
    original = elements.frame_no[attempts.holder[repeated]]
    return dict(zip(elements.frame_no[repeated].tolist(), original.tolist(), strict=True))


def _hops(settled: list[Sighting]) -> dict[int, int]:
    """For each sighting of a forwarded frame the other one."""
    hops = {}
    for packet in settled:
        for one, other in zip(packet.frames, packet.hop_frames, strict=False):
            hops[one], hops[other] = other, one
    return hops
