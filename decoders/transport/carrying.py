"""What a batch leaves to the next: unfinished packets, and the attempts that a retransmission may repeat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from decoders.transport.attempts import Attempts
from decoders.transport.chains import Bools, Elements, Ending, Ints, Role
from decoders.transport.segments import Segments


def carried_elements(
    elements: Elements, attempts: Attempts, segments: Segments, is_current: Bools, depth: int
) -> tuple[Elements, Ints]:
    """The carried elements, sorted by chain, and the pieces that they need, which their `source` counts from 0.

    `is_current` marks elements with no reset behind them; `depth` is how many attempts back a repetition may be.
    """
    held = elements.take(segments.members(np.flatnonzero(segments.ending == Ending.OPEN)))
    places = held.source
    held = replace(held, role=np.full(len(held), Role.HELD), source=np.arange(len(held)))
    attempted = _last_attempts(elements, attempts, np.flatnonzero(is_current & (elements.role != Role.HELD)), depth)
    return Elements.joined([held, attempted]).sorted_by_chain(), places


def _last_attempts(elements: Elements, attempts: Attempts, rows: Ints, depth: int) -> Elements:
    """The last attempts of each chain; one whose content was assembled stands with the frame that it came in."""
    key = elements.key[rows]
    is_last = np.ones(len(rows), np.bool_)
    is_last[:-depth] = key[depth:] != key[:-depth]
    rows = rows[is_last]
    last = elements.take(rows)
    holder = attempts.holder[rows]
    seen = holder >= 0
    return replace(
        last,
        role=np.where(seen, Role.SEEN, Role.REFUSED).astype(np.int64),
        last=np.where(seen, elements.last[holder], last.last),
        frame_no=np.where(seen, elements.frame_no[holder], last.frame_no),
        source=np.zeros(len(rows), np.int64),
    )
