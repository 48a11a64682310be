"""Which stretch of a recording a plot shows, and how its pixels and ticks relate.

Positions are integers in parts of a tick, 4096 to each, so that a plot can be moved by less than a tick and zooming in and out
again comes back exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from decoders.core.span import Span

PARTS = 4096
"""Of a tick."""
LEAST_VISIBLE, MOST_VISIBLE = 0.25, 0.6
"""How much of the plot a record takes when it is zoomed to, and how much at most where another zoom is kept."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """The stretch [start, start + span) in parts of a tick, on `width` pixels, of a recording of `total` ticks."""

    start: int
    span: int
    width: int
    total: int

    @classmethod
    def whole(cls, total: int, width: int) -> Viewport:
        """All of a recording; an empty one counts as one tick."""
        return cls(0, max(1, total) * PARTS, max(1, width), max(1, total))

    @property
    def is_whole(self) -> bool:
        return self.span == self.total * PARTS

    @property
    def first_tick(self) -> int:
        """The tick at the left edge."""
        return self.start // PARTS

    @property
    def end_tick(self) -> int:
        """The tick behind the last that is visible."""
        return -(-(self.start + self.span) // PARTS)

    @property
    def ticks_per_pixel(self) -> float:
        return self.span / PARTS / self.width

    def tick_at(self, x: float) -> int:
        """The tick that lasts at a pixel."""
        return (self.start + int(self.span * x / self.width)) // PARTS

    def nearest_tick(self, x: float) -> int:
        """The tick that begins nearest to a pixel, within the recording."""
        tick = (self.start + int(self.span * x / self.width) + PARTS // 2) // PARTS
        return min(max(tick, 0), self.total)

    def x_of(self, tick: int) -> float:
        """The pixel, with fractions, at which a tick begins."""
        return (tick * PARTS - self.start) * self.width / self.span

    def x_column(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for a column of ticks."""
        return (ticks * np.int64(PARTS) - np.int64(self.start)) * np.float64(self.width / self.span)

    def edges(self, columns: int | None = None) -> NDArray[np.int64]:
        """For each pixel, and behind the last one, the first tick that begins in it or later; `columns` for other pixels."""
        columns = columns or self.width
        # Whole numbers all the way: a rounded product would leave the last pixel's end one part short.
        whole, rest = divmod(self.span, columns)
        place = np.arange(columns + 1, dtype=np.int64)
        offsets = place * whole + place * rest // columns
        return -(-(offsets + self.start) // PARTS)

    def resized(self, width: int, total: int) -> Viewport:
        """The same stretch on another width or of a recording that grew; a view of all of it keeps showing all."""
        if self.is_whole:
            return Viewport.whole(total, width)
        return replace(self, width=max(1, width), total=max(1, total)).panned(0)

    def panned(self, pixels: float) -> Viewport:
        """Moved to later times by some pixels."""
        return self._at(self.start + round(self.span * pixels / self.width), self.span)

    def zoomed(self, factor: float, x: float) -> Viewport:
        """`factor` times as much of the recording, with what is at pixel `x` staying there; from one tick to all."""
        span = min(max(round(self.span * factor), PARTS), self.total * PARTS)
        at = self.start + round(self.span * x / self.width)
        return self._at(at - round(span * x / self.width), span)

    def between(self, start: int, end: int) -> Viewport:
        """From one tick to another, at least one."""
        return self._at(start * PARTS, (end - start) * PARTS)

    def showing(self, span: Span, least_pixels: float) -> Viewport:
        """Moved as little as shows all of a span on at least some pixels: not at all, or moved, or zoomed as well."""
        pixels = span.length * PARTS * self.width / self.span
        is_seen = pixels >= least_pixels or self.span <= PARTS
        if is_seen and self.first_tick <= span.start and span.end <= self.end_tick and pixels <= self.width:
            return self
        middle = (span.start + span.end) * PARTS // 2
        keeps_zoom = is_seen and pixels <= MOST_VISIBLE * self.width
        visible = self.span if keeps_zoom else max(PARTS, round(span.length * PARTS / LEAST_VISIBLE))
        return self._at(middle - visible // 2, visible)

    def centred(self, tick: int) -> Viewport:
        """Moved so that a tick is visible: not at all, or to the middle."""
        if self.first_tick <= tick < self.end_tick:
            return self
        return self._at(tick * PARTS - self.span // 2, self.span)

    def _at(self, start: int, span: int) -> Viewport:
        """The nearest stretch that lies within the recording."""
        span = min(max(span, PARTS), self.total * PARTS)
        return replace(self, span=span, start=min(max(start, 0), self.total * PARTS - span))
