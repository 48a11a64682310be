"""Stretches of time on one clock, and what its ticks mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range [start, end) of integer ticks on one clock."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end at {self.end} before its start {self.start}")

    @property
    def length(self) -> int:
        return self.end - self.start

    def __contains__(self, tick: int) -> bool:
        return self.start <= tick < self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Timebase:
    """What a tick of one clock means.

    `rate_hz` is whole ticks in a second; `start_utc_ns` the UTC time of tick 0 in nanoseconds since 1970-01-01, where known;
    `uncertainty_ns` how far a second clock that was aligned to this one may be off.
    """

    rate_hz: int
    start_utc_ns: int | None = None
    uncertainty_ns: int = 0

    def __post_init__(self) -> None:
        if self.rate_hz <= 0:
            raise ValueError(f"a clock needs a positive rate, not {self.rate_hz} Hz")

    def ns(self, tick: int) -> int:
        """Nanoseconds from tick 0 to `tick`, rounded down."""
        return tick * NS_PER_S // self.rate_hz

    def ns_column(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same for a column of ticks, without overflow for any rate up to 9 GHz."""
        seconds, rest = np.divmod(ticks, np.int64(self.rate_hz))
        return seconds * np.int64(NS_PER_S) + rest * np.int64(NS_PER_S) // np.int64(self.rate_hz)

    def ticks(self, duration_ns: int) -> int:
        """Whole ticks in `duration_ns`, rounded up, so that a time-out is never short."""
        return -(-duration_ns * self.rate_hz // NS_PER_S)
