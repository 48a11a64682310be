"""Two markers in time, what lies between them, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from app.analysis.timeline.time_axis import exact_text, frequency_text, seconds_text
from app.analysis.timeline.viewport import Viewport
from decoders.core.span import Timebase

Name = Literal["A", "B"]
NAMES: tuple[Name, Name] = ("A", "B")


@dataclass(frozen=True, slots=True)
class Markers:
    """Ticks of markers A and B; None for one that is not set."""

    a: int | None = None
    b: int | None = None

    def at(self, name: Name) -> int | None:
        """Where a marker stands."""
        return self.a if name == "A" else self.b

    def moved(self, name: Name, tick: int) -> Markers:
        """The same with one marker elsewhere."""
        return replace(self, a=tick) if name == "A" else replace(self, b=tick)

    @property
    def distance(self) -> int | None:
        """Ticks from A to B, negative where B comes first; None unless both are set."""
        return None if self.a is None or self.b is None else self.b - self.a

    def near(self, view: Viewport, x: float, within: float) -> Name | None:
        """The marker that stands within some pixels of `x`, the nearer of two."""
        distances = [(abs(view.x_of(tick) - x), name) for name in NAMES if (tick := self.at(name)) is not None]
        nearest = min(distances, default=None)
        return nearest[1] if nearest is not None and nearest[0] <= within else None


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of the ribbon between the markers: what it is and what it says."""

    label: str
    text: str


Measure = Callable[[int, int], list[Reading]]
"""What is read between two ticks, the earlier first, such as charge and energy."""


def readings(markers: Markers, timebase: Timebase, measure: Measure | None = None) -> list[Reading]:
    """What the ribbon says: time, its inverse, and what a measure reads between the markers."""
    distance = markers.distance
    if distance is None or markers.a is None or markers.b is None:
        return []
    found = [Reading("Δt", exact_text(distance, timebase))]
    if not distance:
        return found
    found.append(Reading("1/Δt", frequency_text(distance, timebase)))
    return found if measure is None else found + measure(*sorted((markers.a, markers.b)))


def time_at(tick: int, timebase: Timebase) -> str:
    """When a tick is, in seconds to the nanosecond."""
    return seconds_text(timebase.ns(tick) * 1000, 9)


def spread(view: Viewport) -> Markers:
    """Two markers that divide what is visible in three."""
    third = view.width / 3
    return Markers(view.nearest_tick(third), view.nearest_tick(2 * third))


class MarkerHistory:
    """The markers as they are, and as they were before each change."""

    def __init__(self) -> None:
        self.markers = Markers()
        self._before: list[Markers] = []

    def change(self, markers: Markers) -> None:
        """Set the markers; a change that changes nothing is none."""
        if markers != self.markers:
            self._before.append(self.markers)
            self.markers = markers

    def drag(self, markers: Markers) -> None:
        """Set the markers while they are being moved; what was before the move began stays what undo goes back to."""
        self.markers = markers

    def dropped(self, before: Markers) -> None:
        """A move that began at `before` has ended."""
        if before != self.markers:
            self._before.append(before)

    def undo(self) -> bool:
        """Go back by one change; False where there is none."""
        if not self._before:
            return False
        self.markers = self._before.pop()
        return True
