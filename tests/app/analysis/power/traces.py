"""Traces and systems for tests of charge and energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass
class Drawn:
    """A trace of given samples, of which the first `read` were read so far; all of them for None."""

    values: Sequence[float]
    step: int = 1
    read: int | None = None
    samples: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.samples = np.array(self.values, np.float32)

    @property
    def end_tick(self) -> int:
        return len(self.samples[: self.read]) * self.step

    def between(self, start: int, end: int) -> NDArray[np.float32]:
        return self.samples[: self.read][start // self.step : -(-end // self.step)]
