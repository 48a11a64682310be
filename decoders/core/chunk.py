"""Pieces of a logic recording as they reach the bus decoders.

A word holds the state of up to 64 channels at one tick: bit n is channel n. The two forms of a piece say the same thing;
bus decoders take both and a property test says that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32] | NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Dense samples: `words[i]` is the state of all channels at tick `start + i`; uint8, uint16, uint32 or uint64."""

    start: int
    words: Words

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs: `words[i]` holds from `ticks[i]` until the next run or `end`.

    `ticks` is int64, strictly increasing, within [start, end); unless the chunk is empty `ticks[0] == start`.
    A word may repeat its predecessor.
    """

    start: int
    end: int
    ticks: NDArray[np.int64]
    words: Words


@dataclass(frozen=True, slots=True)
class Lost:
    """A stretch [start, end) that the hardware or a damaged file did not deliver, with the reason in plain words."""

    start: int
    end: int
    reason: str


LogicChunk = Samples | Runs | Lost
