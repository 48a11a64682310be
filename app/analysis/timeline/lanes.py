"""Logic lanes: which there are, and the state of every channel at each pixel of a plot.

Far out a pixel is told by the activity table, near by the samples themselves; both give the same columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.pyramid import Pyramid
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.chunk import LogicChunk, Lost, Samples

Ticks = NDArray[np.int64]
WordColumn = NDArray[np.uint64]
SPI_ROLES = ("cs", "sck", "mosi", "miso", "attn", "ready")
UART_ROLES = ("rx", "tx")
UART_PORT = 1
"""Bursts of a serial line are of this port of its stream."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One logic channel: its bit in a word, its name, and what it is for; an empty role where nobody said."""

    channel: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """Lanes that belong together: those of one port or serial line, those that several share (`port` None), or all others."""

    title: str
    lanes: tuple[Lane, ...]
    stream: int | None = None
    port: int | None = None


def lane_groups(wiring: Wiring, channels: tuple[str, ...]) -> list[LaneGroup]:
    """One for the lines that ports share, then one for each port and serial line; without wiring all channels in one group."""
    users: dict[int, set[tuple[int, int]]] = {}
    roles: dict[tuple[int, int], list[tuple[int, str]]] = {}
    titles: dict[tuple[int, int], str] = {}
    links: tuple[SpiPort | UartLine, ...] = (*wiring.spi, *wiring.uart)
    for link in links:
        key = (link.stream, link.port if isinstance(link, SpiPort) else UART_PORT)
        titles[key] = _title(link, wiring)
        for role in SPI_ROLES if isinstance(link, SpiPort) else UART_ROLES:
            channel = getattr(link, role)
            if channel is not None:
                users.setdefault(channel, set()).add(key)
                roles.setdefault(key, []).append((channel, role))
    if not users:
        unwired = tuple(Lane(channel, name, "") for channel, name in enumerate(channels) if name)
        return [LaneGroup("not wired", unwired)] if unwired else []
    groups = [
        LaneGroup(titles[key], _lanes([pair for pair in roles[key] if len(users[pair[0]]) == 1], channels), *key)
        for key in sorted(roles)
    ]
    shared = dict(pair for key in sorted(roles) for pair in roles[key] if len(users[pair[0]]) > 1)
    return [LaneGroup("shared", _lanes(list(shared.items()), channels)), *groups] if shared else groups


def _title(link: SpiPort | UartLine, wiring: Wiring) -> str:
    return f"port {link.port}" if isinstance(link, SpiPort) else wiring.streams[link.stream]


def _lanes(pairs: list[tuple[int, str]], channels: tuple[str, ...]) -> tuple[Lane, ...]:
    return tuple(Lane(channel, channels[channel] or f"channel {channel}", role) for channel, role in pairs)


@dataclass(frozen=True, slots=True, eq=False)
class LogicColumns:
    """For each pixel the state of all channels before anything moves in it, and a bit for each channel that does."""

    word: WordColumn
    toggled: WordColumn


class ActivityLanes:
    """Columns from the activity table, however long it is; exact to a block of 256 ticks."""

    def __init__(self) -> None:
        self._pyramid = Pyramid(np.bitwise_or, np.dtype(np.uint64), 0)
        self._start: Ticks = np.empty(0, np.int64)
        self._word: WordColumn = np.empty(0, np.uint64)
        self._toggled: WordColumn = self._word

    def extend(self, start: Ticks, word: WordColumn, toggled: WordColumn) -> None:
        """Take in the table as it is now; it only grows."""
        self._start, self._word, self._toggled = start, word, toggled
        self._pyramid.extend(toggled)

    def columns(self, edges: Ticks) -> LogicColumns:
        """The state in each pixel [edges[i], edges[i + 1])."""
        if not len(self._start):
            return _empty(len(edges) - 1)
        place = np.searchsorted(self._start, edges)
        within = self._pyramid.over(self._toggled, place[:-1], place[1:])
        # The row that reaches into a pixel from the left counts as well.
        reaching = np.maximum(np.searchsorted(self._start, edges[:-1], "right") - 1, 0)
        return LogicColumns(self._word[reaching], within | self._toggled[reaching])


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """A stretch [start, end) of samples as the ticks (int64) and words (uint64) of its changes; the first is that of `start`.

    `toggled` (uint64) has a bit for each channel that a change moves, none for the first, and a 0 behind the last.
    """

    start: int
    end: int
    ticks: Ticks
    words: WordColumn
    toggled: WordColumn

    def columns(self, edges: Ticks) -> LogicColumns:
        """The state in each pixel [edges[i], edges[i + 1]), exact to the tick."""
        if not len(self.ticks):
            return _empty(len(edges) - 1)
        place = np.searchsorted(self.ticks, edges)
        before = np.maximum(place[:-1] - 1, 0)
        within = np.bitwise_or.reduceat(self.toggled, place)[:-1]
        return LogicColumns(self.words[before], np.where(place[1:] > place[:-1], within, np.uint64(0)))

    def nearest(self, tick: int, within: int) -> int | None:
        """The change nearest to a tick, of any channel, if one is within so many ticks."""
        place = max(1, int(np.searchsorted(self.ticks, tick)))
        near = [int(self.ticks[at]) for at in (place - 1, place) if 0 < at < len(self.ticks)]
        best = min(near, key=lambda other: abs(other - tick), default=None)
        return best if best is not None and abs(best - tick) <= within else None


def changes_of(chunk: LogicChunk) -> Changes:
    """What changes in a chunk; nothing in one that was lost."""
    if isinstance(chunk, Lost) or chunk.end == chunk.start:
        return Changes(chunk.start, chunk.start, np.empty(0, np.int64), np.empty(0, np.uint64), np.zeros(1, np.uint64))
    if isinstance(chunk, Samples):
        places = np.concatenate([[0], np.flatnonzero(chunk.words[1:] != chunk.words[:-1]) + 1])
        ticks, words = places + chunk.start, chunk.words[places].astype(np.uint64)
    else:
        ticks, words = chunk.ticks, chunk.words.astype(np.uint64)
    toggled = np.zeros(len(words) + 1, np.uint64)
    toggled[1:-1] = words[1:] ^ words[:-1]
    return Changes(chunk.start, chunk.end, ticks, words, toggled)


def _empty(columns: int) -> LogicColumns:
    none = np.zeros(columns, np.uint64)
    return LogicColumns(none, none)
