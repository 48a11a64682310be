"""What a writer of recordings is given: the lines and traces there are, and pieces of them as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.chunk import LogicChunk

Piece = tuple[Sequence[LogicChunk], Sequence[NDArray[np.float32]]]
"""Logic chunks, each beginning where the one before ended, and the new samples of each trace; these may lag behind the logic."""


@dataclass(frozen=True, slots=True)
class AnalogTrace:
    """One analogue trace: its name, the unit of its samples, and the ticks that each of them lasts."""

    name: str
    unit: str
    step: int


@dataclass(frozen=True, slots=True)
class Signals:
    """The lines of a recording, bit 0 first, an empty name for one not used; the rate of their samples, and its traces.

    `length` is the ticks that will come, None where nobody knows.
    """

    channels: tuple[str, ...]
    rate_hz: int | None
    traces: tuple[AnalogTrace, ...] = ()
    length: int | None = None
