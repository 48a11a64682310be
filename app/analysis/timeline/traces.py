"""Analogue traces of any length: kept on disk, shown as the lowest and highest value at each pixel."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.analysis.timeline.pyramid import Places, Pyramid
from app.analysis.timeline.statistics import RunningSums, Statistics
from app.analysis.timeline.value_axis import UNITS, Kind, kind_of
from app.analysis.timeline.viewport import PARTS, Viewport

Values = NDArray[np.float32]
DENSE = 2
"""Samples in a pixel from which on a trace is an envelope instead of a line."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceColumns:
    """The lowest and highest value in each pixel, not a number where there is none; `is_line` where they join to one line."""

    low: Values
    high: Values
    is_line: bool


class Trace:
    """An analogue trace on disk, one float32 sample every `step` ticks from tick 0, with the pyramids that show it.

    A sample holds for its ticks; not a number is no value. One thread may add samples while another draws. `kind` is its quantity
    and `unit` that of what is shown, which is sample × `scale` + `offset`; `limits` are values that it should keep. `extremes`
    are the lowest and highest of all samples that show; `fault` says what is wrong where they end too early.
    """

    def __init__(self, name: str, folder: Path | None = None, step: int = 1) -> None:
        self.name = name
        self.step = step
        self.kind: Kind = kind_of(name)
        self.scale, self.offset = 1.0, 0.0
        self.limits: tuple[float, ...] = ()
        self.fault = ""
        self.extremes: tuple[float, float] = (np.nan, np.nan)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the trace
        self._samples: Values = np.empty(0, np.float32)
        self._length = 0
        self._low = Pyramid(np.fmin, np.dtype(np.float32), np.nan)
        self._high = Pyramid(np.fmax, np.dtype(np.float32), np.nan)
        self._sums = RunningSums()
        self._growing = Lock()
        """Held while one of them moves to where it has more room; whoever draws waits for that."""

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def unit(self) -> str:
        """The unit of what is shown."""
        return UNITS[self.kind]

    @property
    def end_tick(self) -> int:
        """The tick behind the last sample that shows."""
        return len(self._samples) * self.step

    def append(self, samples: Values) -> None:
        """Add samples at the end; they show after the next `publish`."""
        self._file.write(np.ascontiguousarray(samples, np.float32).data)
        self._length += len(samples)

    def publish(self) -> None:
        """Show what was added."""
        self._file.flush()
        if self._length:
            samples = np.asarray(np.memmap(self._file, np.float32, "r", shape=(self._length,)))
            for column in (self._low, self._high, self._sums):
                with self._growing:
                    column.extend(samples)
            low, high = (
                pyramid.over(samples, np.zeros(1, np.int64), np.full(1, len(samples))) for pyramid in (self._low, self._high)
            )
            self.extremes = float(low[0]), float(high[0])
            self._samples = samples

    def between(self, start: int, end: int) -> Values:
        """The samples of ticks [start, end) as far as they are there; one of which any tick counts counts."""
        return self._samples[max(0, start // self.step) : max(0, -(-end // self.step))] if end > start else self._samples[:0]

    def columns(self, view: Viewport, columns: int) -> TraceColumns:
        """What a plot shows on so many pixels; neighbouring pixels touch."""
        found = self._columns(view, columns)
        if (self.scale, self.offset) == (1.0, 0.0):
            return found
        one, other = (self._shown(values) for values in (found.low, found.high))
        return TraceColumns(np.fmin(one, other), np.fmax(one, other), found.is_line)

    def _shown(self, samples: Values) -> Values:
        return (samples * self.scale + self.offset).astype(np.float32)

    def _columns(self, view: Viewport, columns: int) -> TraceColumns:
        edges = view.edges(columns)
        if view.span >= DENSE * PARTS * columns * self.step:
            return TraceColumns(*self.envelope(edges[:-1] - 1, edges[1:]), is_line=False)
        first = max(0, view.first_tick // self.step - 1)
        samples = self._samples[first : view.end_tick // self.step + 2]
        if not len(samples):
            none = np.full(columns, np.nan, np.float32)
            return TraceColumns(none, none, is_line=True)
        # A sample is drawn in the middle of its ticks; what is left of those before the first and behind the last is level.
        half = (self.step - 1) / 2
        borders = np.arange(columns + 1) * (view.span / columns / PARTS) + (view.start / PARTS - first * self.step - half)
        value = np.interp(borders / self.step, np.arange(len(samples)), samples).astype(np.float32)
        value[(borders < -half) | (borders > (len(samples) - 1) * self.step + half)] = np.nan
        low, high = np.fmin(value[:-1], value[1:]), np.fmax(value[:-1], value[1:])
        # A sample within a pixel may be a peak between its borders.
        middles = np.arange(first, first + len(samples)) * self.step + (self.step - 1) // 2
        pixel = np.searchsorted(edges, middles, "right") - 1
        inside = (pixel >= 0) & (pixel < columns)
        np.fmin.at(low, pixel[inside], samples[inside])
        np.fmax.at(high, pixel[inside], samples[inside])
        return TraceColumns(low, high, is_line=True)

    def envelope(self, low: Places, high: Places) -> tuple[Values, Values]:
        """The lowest and highest sample of each range of ticks [low, high); not a number where there is none."""
        samples = self._samples
        low, high = low // self.step, np.where(high > low, -(-high // self.step), low // self.step)
        low, high = np.clip(low, 0, len(samples)), np.clip(high, 0, len(samples))
        with self._growing:
            return self._low.over(samples, low, high), self._high.over(samples, low, high)

    def value_at(self, tick: int) -> float:
        """The sample of a tick; not a number where there is none."""
        found = self.between(tick, tick + 1) if tick >= 0 else np.empty(0, np.float32)
        return float(found[0]) * self.scale + self.offset if len(found) else np.nan

    def statistics(self, start: int, end: int) -> Statistics | None:
        """Of the samples of ticks [start, end); None where there are none."""
        samples = self._samples
        start, end = max(0, start), min(end, len(samples) * self.step)
        first, last = start // self.step, -(-end // self.step)
        with self._growing:
            total, count = self._sums.over(samples, first, last) if end > start else (0.0, 0)
        if not count:
            return None
        low, high = sorted(
            float(found[0]) * self.scale + self.offset for found in self.envelope(np.array([start]), np.array([end]))
        )
        return Statistics(low, total / count * self.scale + self.offset, high, count)

    def close(self) -> None:
        """Give the disk space back."""
        self._samples = np.empty(0, np.float32)
        self._file.close()
