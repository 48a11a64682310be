"""What is said in the head of a trace, and in what range it is shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.analysis.timeline.markers import Markers
from app.analysis.timeline.traces import Trace, TraceColumns
from app.analysis.timeline.value_axis import ValueAxis, log_axis, value_axis, value_text
from app.analysis.timeline.viewport import Viewport

Took = Callable[[int, int], str]
"""What a port took between two ticks, such as its charge and energy; empty where nobody knows."""
_NAMES = ("min", "mean", "max")


def measured(
    trace: Trace, view: Viewport, cursor: int, pointed: int | None, markers: Markers, took: Took | None = None
) -> list[str]:
    """What is said of a trace, what matters most first.

    Between the markers its statistics, else of a port's current peak and mean of what is in sight, both with what the port took; and
    the value at the pointer, else at the cursor.
    """
    said = []
    if markers.a is not None and markers.b is not None:
        said.append(_between(trace, min(markers.a, markers.b), max(markers.a, markers.b), took))
    elif took is not None:
        said.append(_in_sight(trace, view, took))
    value = trace.value_at(cursor if pointed is None else pointed)
    if not np.isnan(value):
        said.append(f"{'cursor' if pointed is None else 'pointer'} {value_text(value, trace.unit)}")
    return [text for text in said if text]


def _between(trace: Trace, start: int, end: int, took: Took | None) -> str:
    found = trace.statistics(start, end)
    if found is None:
        return ""
    values = zip(_NAMES, (found.low, found.mean, found.high), strict=True)
    texts = [f"{name} {value_text(value, trace.unit)}" for name, value in values]
    return "A–B " + " · ".join(filter(None, [*texts, took(start, end) if took is not None else ""]))


def _in_sight(trace: Trace, view: Viewport, took: Took) -> str:
    found = trace.statistics(view.first_tick, view.end_tick)
    if found is None:
        return ""
    values = f"peak {value_text(found.high, trace.unit)}", f"mean {value_text(found.mean, trace.unit)}"
    return " · ".join(filter(None, (*values, took(view.first_tick, min(view.end_tick, trace.end_tick)))))


def axis_of(trace: Trace, columns: TraceColumns, most: int, *, is_log: bool) -> ValueAxis | None:
    """The range in which what is in sight is shown, with at most so many values; None where nothing is.

    On a logarithmic scale the limits have room in it too, so that it stays where it is while a plot moves.
    """
    known = ~np.isnan(columns.low)
    if not known.any():
        return None
    low, high = float(columns.low[known].min()), float(columns.high[known].max())
    found = log_axis(low, max((high, *trace.limits)), trace.unit, most) if is_log else None
    return found or value_axis(low, high, trace.unit, most)


def in_range(columns: TraceColumns, axis: ValueAxis) -> TraceColumns:
    """The same with heights in the range instead of values, from 0 to 1."""
    low, high = (axis.shares(values.astype(np.float64)).astype(np.float32) for values in (columns.low, columns.high))
    return TraceColumns(low, high, columns.is_line)
