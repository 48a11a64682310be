"""What the lines of a serial link did lately, as edges that can be read again from any tick on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import AnyWords, Edges, Ticks, mask
from decoders.bus.wiring import UartLine
from decoders.core.chunk import Runs

RX, TX = 0, 1


class LineHistory:
    """The levels of one link's lines from `start` to `end`, as runs.

    Bit 0 of a word is rx, bit 1 tx, each 1 where the line idles, whatever channels and polarity the recording has.
    `beginnings` are the falls that follow a pause of `pause` ticks or of unknown length: ticks with the bit that fell.
    """

    def __init__(self, line: UartLine, pause: int) -> None:
        self._channels = (line.rx,) if line.tx is None else (line.rx, line.tx)
        self._inverted = line.inverted
        self.pause = pause
        self.restart(0)

    @property
    def watched(self) -> int:
        """The recording's channels, as a mask."""
        return sum(1 << channel for channel in set(self._channels))

    @property
    def start(self) -> int:
        return int(self._ticks[0]) if len(self._ticks) else self.end

    def restart(self, tick: int) -> None:
        """Know nothing from `tick` on."""
        self.end = tick
        self.beginnings: list[tuple[int, int]] = []
        self._ticks = np.empty(0, np.int64)
        self._words = np.empty(0, np.uint8)
        self._last_edges: dict[int, int] = {}

    def append(self, edges: Edges) -> None:
        """Take what happened from `end` on."""
        ticks, words = edges.ticks, self._normal(edges.words)
        if edges.initial is not None:
            first = np.array([edges.initial], np.uint64)
            ticks, words = np.append(edges.start, ticks), np.append(self._normal(first), words)
        before = self._words[-1:] if len(self._words) else words[:1]
        self._note_beginnings(ticks, words, words ^ np.append(before, words[:-1]))
        self._ticks, self._words = np.append(self._ticks, ticks), np.append(self._words, words)
        self.end = edges.end

    def runs(self, start: int, end: int) -> Runs:
        """All lines from `start` to `end`; `start` is known."""
        low, high = int(np.searchsorted(self._ticks, start, "right")) - 1, int(np.searchsorted(self._ticks, end))
        return Runs(start, end, np.maximum(self._ticks[low:high], start), self._words[low:high])

    def edges(self, bit: int, start: int, end: int) -> Ticks:
        """When one line changed after `start` and before `end`."""
        runs = self.runs(start, end)
        levels = runs.words >> np.uint8(bit) & np.uint8(1)
        changes: Ticks = runs.ticks[1:][levels[1:] != levels[:-1]]
        return changes

    def forget(self, before: int) -> None:
        """Let go of what lies before a tick."""
        low = int(np.searchsorted(self._ticks, before, "right")) - 1
        if low > 0:
            self._ticks, self._words = self._ticks[low:].copy(), self._words[low:].copy()
            self.beginnings = [beginning for beginning in self.beginnings if beginning[0] >= before]

    def _normal(self, words: AnyWords) -> NDArray[np.uint8]:
        normal = np.zeros(len(words), np.uint8)
        for bit, channel in enumerate(self._channels):
            idle = ((words & mask(1 << channel, words)) != 0) != self._inverted
            normal |= idle.astype(np.uint8) << np.uint8(bit)
        return normal

    def _note_beginnings(self, ticks: Ticks, words: NDArray[np.uint8], changed: NDArray[np.uint8]) -> None:
        found = []
        for bit in range(len(self._channels)):
            rows = np.flatnonzero(changed >> np.uint8(bit) & np.uint8(1))
            if not len(rows):
                continue
            at = ticks[rows]
            since = at - np.append(self._last_edges.get(bit, at[0] - self.pause), at[:-1])
            fell = (words[rows] >> np.uint8(bit) & np.uint8(1)) == 0
            found += [(tick, bit) for tick in at[fell & (since >= self.pause)].tolist()]
            self._last_edges[bit] = int(at[-1])
        self.beginnings += sorted(found)
