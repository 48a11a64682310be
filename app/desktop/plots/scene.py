"""All that one picture of the timeline is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont, QFontMetricsF

from app.analysis.timeline.annotations import StripKey
from app.analysis.timeline.lanes import Lane
from app.analysis.timeline.markers import Markers
from app.analysis.timeline.pulses import Pulse
from app.analysis.timeline.rows import Placed, RowPlaces
from app.analysis.timeline.stretch import Stretch
from app.analysis.timeline.timeline import Hit, Timeline
from app.analysis.timeline.viewport import Viewport
from app.desktop import theme
from app.desktop.theme import Theme
from decoders.core.span import Span

PADDING = 8


@dataclass(frozen=True, slots=True)
class Fonts:
    """The faces of the timeline, with their measures."""

    small: QFont
    mono: QFont
    small_metrics: QFontMetricsF
    mono_metrics: QFontMetricsF


def fonts() -> Fonts:
    """The faces that are in force."""
    small, mono = theme.small_font(), theme.mono_font()
    mono.setPointSizeF(small.pointSizeF())
    return Fonts(small, mono, QFontMetricsF(small), QFontMetricsF(mono))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Sizes are in pixels: `gutter` is how wide the names are, `line` how high one line of the head, of which there are two.

    `is_log` shows currents on a logarithmic scale,
    `pointer` is the tick under the pointer, and `pulse` with its lane what a logic lane does there.
    """

    timeline: Timeline
    view: Viewport
    stretch: Stretch | None
    theme: Theme
    fonts: Fonts
    width: int
    height: int
    gutter: int
    line: int
    places: RowPlaces
    scroll_top: int
    folded: frozenset[str]
    is_log: bool
    chosen: set[Hit]
    chosen_spans: dict[StripKey, list[Span]]
    band: Span | None
    cursor: int
    markers: Markers
    pointer: int | None
    pointed: Placed | None
    pulse: tuple[Lane, Pulse] | None

    @property
    def head(self) -> int:
        """How high markers and axis are together."""
        return 2 * self.line

    @property
    def room(self) -> int:
        """How wide the plot is."""
        return max(1, self.width - self.gutter)

    @property
    def visible(self) -> list[Placed]:
        """The rows in sight."""
        return [row for row in self.places.rows if self.head < self.top(row) + row.height and self.top(row) < self.height]

    def top(self, row: Placed) -> int:
        """Where a row begins."""
        return self.head + row.top - self.scroll_top
