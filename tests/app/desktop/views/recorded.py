"""Recordings for the panes, decoded in memory so that a test says when they grow."""

from __future__ import annotations

from app.analysis.tables.snapshot import Snapshot
from app.analysis.wiring.wiring import wiring_from_names
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from tests.helpers import growing, umi

DEMO_RATE_HZ = 2_000_000


class Recorded:
    """A recording of which `add` decodes more."""

    def __init__(self, tables: growing.GrowingTables, wiring: Wiring, rate_hz: int) -> None:
        self._tables = tables
        self.wiring = wiring
        self.timebase = Timebase(rate_hz)

    @property
    def snapshot(self) -> Snapshot:
        return self._tables.snapshot

    @property
    def is_decoding(self) -> bool:
        return self._tables.left > 0

    def add(self, pieces: int = 1_000_000) -> None:
        """So many pieces more, or all that are left."""
        self._tables.add(pieces)


def demo() -> Recorded:
    """The shipped recording, of which nothing is decoded yet."""
    wiring = wiring_from_names(("SCK", "MOSI", "MISO", "CS1", "CS2", "CS3"))
    return Recorded(growing.GrowingTables(umi.shipped("reference-1"), growing.demo()), wiring, DEMO_RATE_HZ)
