"""A stretch of a recording seen from near: every edge in it, and the bytes on its lines with their ticks.

Bytes are decoded from the samples again, which is exact; only transfers that the decoder has told of are, and only where the whole
transfer up to the stretch can be read at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.activity import BLOCK
from app.analysis.timeline.annotations import BOTH_WAYS, Annotations, StripKey
from app.analysis.timeline.lanes import UART_PORT, Changes, Ticks, changes_of
from app.analysis.timeline.rows import OctetKey
from app.analysis.timeline.serial_octets import serial_octets
from app.analysis.timeline.viewport import Viewport
from capture.formats.base import LogicRecording
from capture.formats.stretches import joined
from decoders.bus.bursts import BurstDecoder
from decoders.bus.spi import SpiDecoder
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.frames import H2P, P2H
from decoders.core.transfers import Line, TransferBatch

MOST_VISIBLE = 1 << 19
"""Ticks in sight beyond which lanes are drawn from the activity table, unless a pixel then had less than a block of it."""
MOST_BEFORE = 1 << 21
"""The most ticks that are read before what is in sight to find where its transfers begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Octets:
    """Bytes of one line: value (uint8), ticks of their first and last bit."""

    value: NDArray[np.uint8]
    first: Ticks
    last: Ticks

    def within(self, start: int, end: int) -> Octets:
        """Those that lie in or reach into [start, end)."""
        low, high = int(np.searchsorted(self.last, start)), int(np.searchsorted(self.first, end))
        return Octets(self.value[low:high], self.first[low:high], self.last[low:high])


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Which stretch to read: [start, end) to show, from tick `read_from`, with the transfers to decode by stream and port: their
    starts in order, and their ends.
    """

    start: int
    end: int
    read_from: int
    transfers: dict[tuple[int, int], Ticks]
    ends: dict[tuple[int, int], Ticks] = field(default_factory=dict)

    def covers(self, other: Wanted) -> bool:
        """Whether reading this makes reading the other needless."""
        return (
            self.start <= other.start
            and other.end <= self.end
            and all(np.isin(starts, self.transfers.get(key, np.empty(0))).all() for key, starts in other.transfers.items())
        )


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What was read: the edges, the bytes by line, and what is wrong where the samples end too early.

    `unread` are lines that carried something whose speed is not known.
    """

    wanted: Wanted
    changes: Changes
    octets: dict[OctetKey, Octets]
    fault: str
    unread: frozenset[OctetKey] = frozenset()


def wanted_stretch(view: Viewport, annotations: Annotations, wiring: Wiring, margin: float = 0.0) -> Wanted | None:
    """What a view needs, with a margin of so many views on each side; None where it is too far out."""
    if view.end_tick - view.first_tick > max(MOST_VISIBLE, BLOCK * view.width):
        return None
    beside = int((view.end_tick - view.first_tick) * margin)
    start, end = max(0, view.first_tick - beside), min(view.total, view.end_tick + beside)
    transfers: dict[tuple[int, int], Ticks] = {}
    ends: dict[tuple[int, int], Ticks] = {}
    read_from = start
    for key in _links(wiring):
        begun, ended = annotations.strip(StripKey("transfers", *key, BOTH_WAYS)).spans(start, end)
        near = np.flatnonzero(begun >= start - MOST_BEFORE)
        if len(near):
            order = near[np.argsort(begun[near], kind="stable")]
            transfers[key], ends[key] = begun[order], ended[order]
            read_from = min(read_from, int(begun[order[0]]))
    # The edge with which a transfer begins is seen only beside the sample before it.
    return Wanted(start, end, max(0, read_from - 1), transfers, ends)


def read_stretch(recording: LogicRecording, wiring: Wiring, rate_hz: int, wanted: Wanted) -> Stretch:
    """Read a stretch; takes some milliseconds, so that it is best done beside what must not wait."""
    chunks = recording.window(wanted.read_from, wanted.end)
    chunk = joined(chunks, wanted.read_from)
    lost = [part.reason for part in chunks if isinstance(part, Lost)]
    if len(lost) == len(chunks) > 0:
        return Stretch(wanted, changes_of(chunk), {}, lost[0])
    octets: dict[OctetKey, list[Line]] = {}
    for batch in _decoded(chunks, wiring, rate_hz):
        for key, starts in wanted.transfers.items():
            mine = (batch.stream == key[0]) & (batch.port == key[1]) & np.isin(batch.start, starts)
            for direction, line in ((H2P, batch.h2p), (P2H, batch.p2h)):
                octets.setdefault(OctetKey(*key, direction), []).append(_of_transfers(line, mine))
    found = {key: _joined(lines) for key, lines in octets.items()}
    unread: set[OctetKey] = set()
    for link in wiring.uart:
        if not _has_speed(link):
            unread |= _read_serial(link, chunk, rate_hz, wanted, found)
    fault = "" if chunk.end >= wanted.end else "the samples end here"
    return Stretch(wanted, changes_of(chunk), found, fault, frozenset(unread))


def _links(wiring: Wiring) -> list[tuple[int, int]]:
    """Streams and ports that have bytes."""
    return [(port.stream, port.port) for port in wiring.spi] + [(line.stream, UART_PORT) for line in wiring.uart]


def _has_speed(line: UartLine) -> bool:
    """Whether all that a serial line carries has one speed that is known."""
    return line.protocol == "raw" and line.baud is not None


def _decoded(chunks: list[LogicChunk], wiring: Wiring, rate_hz: int) -> list[TransferBatch]:
    buses: list[SpiDecoder | BurstDecoder] = [SpiDecoder(wiring.spi, rate_hz)] if wiring.spi else []
    buses += [BurstDecoder(line, rate_hz) for line in wiring.uart if _has_speed(line)]
    return [batch for bus in buses for batch in (*map(bus.feed, chunks), bus.finish())]


def _read_serial(
    line: UartLine, chunk: Samples | Runs, rate_hz: int, wanted: Wanted, found: dict[OctetKey, Octets]
) -> set[OctetKey]:
    """Read a line without a given speed into `found`; its directions where something could not be read."""
    key = (line.stream, UART_PORT)
    starts, ends = wanted.transfers.get(key), wanted.ends.get(key)
    if starts is None or ends is None:
        return set()
    read = np.zeros(len(starts), np.bool_)
    channels = {P2H: line.rx} if line.tx is None else {H2P: line.tx, P2H: line.rx}
    found[OctetKey(*key, H2P)] = Octets(np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))
    for direction, channel in channels.items():
        octets, mine = serial_octets(line, channel, chunk, rate_hz, starts, ends)
        found[OctetKey(*key, direction)] = Octets(octets.value, octets.first, octets.last)
        read |= mine
    return set() if read.all() else {OctetKey(*key, direction) for direction in channels}


def _of_transfers(line: Line, mine: NDArray[np.bool_]) -> Line:
    """The bytes of some of the transfers."""
    counts = np.diff(line.offset)
    kept = np.repeat(mine, counts)
    offset = np.concatenate([[0], np.cumsum(counts[mine])])
    return Line(line.data[kept], offset, line.first[kept], line.last[kept])


def _joined(lines: list[Line]) -> Octets:
    value, first, last = (np.concatenate([getattr(line, name) for line in lines]) for name in ("data", "first", "last"))
    order = np.argsort(first, kind="stable")
    return Octets(value[order], first[order], last[order])
