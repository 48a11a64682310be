"""Tables in memory that a test fills row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.schema import tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from decoders.profile.wire_profile import WireProfile


class Tables:
    """Tables in memory, rows added with the columns that matter."""

    def __init__(self, profile: WireProfile) -> None:
        self._types = tables(profile)
        self.store = Store(profile)
        self.snapshot = Snapshot(profile, self.store)

    def add(self, table: str, **columns: list[int]) -> None:
        count = len(next(iter(columns.values())))
        rows: dict[str, NDArray[Any]] = {name: np.zeros(count, dtype) for name, dtype in self._types[table].items()}
        self.store.append(table, rows | {name: np.array(values) for name, values in columns.items()})
