"""Frames that their receiver refuses as busy again and again."""

from __future__ import annotations

import numpy as np

from decoders.transport.attempts import Attempts
from decoders.transport.chains import Bools, Elements, Ints, Role

MANY = 4
"""So many refusals of one frame as busy are worth telling."""

Key = tuple[int, int]
"""A chain's key and a sequence number."""


class BusyWatch:
    """Counts the refusals of each frame as busy; a frame's refusals may be spread over batches.

    `depth` is how many attempts back a repetition may be, as for the attempts that are carried on.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._open: dict[Key, int] = {}

    def feed(self, elements: Elements, attempts: Attempts, is_busy: Bools, is_current: Bools) -> list[int]:
        """The frame numbers of NAKs that refuse a frame as busy for the `MANY`th time; elements are sorted by chain.

        `is_busy` marks such NAKs, `is_current` elements with no reset behind them.
        """
        rows = np.flatnonzero(is_busy)
        if not len(rows) and not self._open:
            return []
        refusals = self._carried(elements, attempts.origin)
        told = []
        for row in rows.tolist():
            origin = int(attempts.origin[row])
            refusals[origin] = refusals.get(origin, 0) + 1
            if refusals[origin] == MANY:
                told.append(int(elements.frame_no[row]))
        self._open = {}
        for origin, count in refusals.items():
            if self._may_go_on(elements, attempts.origin, is_current, origin):
                self._open[int(elements.key[origin]), int(elements.seq[origin])] = count
        return told

    def _carried(self, elements: Elements, origins: Ints) -> dict[int, int]:
        """What earlier batches counted, by where the attempts of a frame begin in this batch."""
        carried: dict[int, int] = {}
        for (key, seq), count in self._open.items():
            first, end = np.searchsorted(elements.key, [key, key + 1]).tolist()
            chain = slice(first, end)
            left = (elements.role[chain] == Role.SEEN) | (elements.role[chain] == Role.REFUSED)
            for row in (np.flatnonzero(left & (elements.seq[chain] == seq)) + first).tolist():
                carried[int(origins[row])] = count
        return carried

    def _may_go_on(self, elements: Elements, origins: Ints, is_current: Bools, origin: int) -> bool:
        """Whether a frame is among the last attempts of its chain."""
        end = int(np.searchsorted(elements.key, elements.key[origin], side="right"))
        last = slice(max(end - self._depth, 0), end)
        return bool(((origins[last] == origin) & is_current[last]).any())
