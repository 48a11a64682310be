"""A workspace for the packet list without files and processes: tables that grow when a test says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.analysis.names import DatasheetNames
from app.analysis.tables.snapshot import Snapshot
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.stack import Decoded
from tests.helpers import umi
from tests.helpers.growing import GrowingTables


class Recorded:
    """As much of a workspace as the list asks for."""

    def __init__(self, pieces: Sequence[Decoded], start_utc_ns: int | None = None, profile: str = "reference-1") -> None:
        self._tables = GrowingTables(umi.shipped(profile), pieces)
        self.path = Path("recording.sr")
        self.timebase = Timebase(2_000_000, start_utc_ns)
        self.wiring = Wiring()
        self.names = DatasheetNames(DatasheetSet())

    @property
    def snapshot(self) -> Snapshot:
        return self._tables.snapshot

    @property
    def is_decoding(self) -> bool:
        return self._tables.left > 0

    def add(self, pieces: int) -> None:
        self._tables.add(pieces)

    def add_all(self) -> Recorded:
        self._tables.add(self._tables.left)
        return self
