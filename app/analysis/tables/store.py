"""All tables of one decoded recording, with the one writer and the readers that follow it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.columns import Column, FileReader, FileWriter, MemoryColumn
from app.analysis.tables.schema import tables
from decoders.profile.wire_profile import WireProfile

Counts = dict[str, int]


class Store:
    """Tables being written; `folder` None keeps them in memory."""

    def __init__(self, profile: WireProfile, folder: Path | None = None) -> None:
        self.counts: Counts = {}
        self._columns: dict[str, dict[str, Column]] = {}
        for table, columns in tables(profile).items():
            self.counts[table] = 0
            self._columns[table] = {name: _writer(folder, table, name, dtype) for name, dtype in columns.items()}

    def append(self, table: str, columns: dict[str, NDArray[Any]]) -> int:
        """Add rows to every column of a table; the number of the first, from 0. Every column must be given."""
        known = self._columns[table]
        if columns.keys() != known.keys():
            raise ValueError(f"{table} needs {sorted(known.keys() ^ columns.keys())}")
        first = self.counts[table]
        rows = len(next(iter(columns.values())))
        if any(len(values) != rows for values in columns.values()):
            raise ValueError(f"the columns of {table} have different lengths")
        for name, values in columns.items():
            known[name].append(values)
        self.counts[table] = first + rows
        return first

    def patch(self, table: str, column: str, rows: NDArray[np.int64], values: NDArray[Any]) -> None:
        """Change rows that were added before."""
        self._columns[table][column].patch(rows, values)

    def view(self, table: str, column: str) -> NDArray[Any]:
        """A column as it is now."""
        return self._columns[table][column].view(self.counts[table])

    def flush(self) -> Counts:
        """Make all rows visible to other processes; their numbers."""
        for columns in self._columns.values():
            for column in columns.values():
                column.flush()
        return dict(self.counts)

    def close(self) -> None:
        for columns in self._columns.values():
            for column in columns.values():
                column.close()


class StoreReader:
    """Tables that another process writes into `folder`, as far as `counts` says that they are there."""

    def __init__(self, profile: WireProfile, folder: Path) -> None:
        self.counts: Counts = dict.fromkeys(tables(profile), 0)
        self._columns = {
            table: {name: FileReader(folder / f"{table}.{name}", dtype) for name, dtype in columns.items()}
            for table, columns in tables(profile).items()
        }

    def advance(self, counts: Counts) -> None:
        """See rows up to these numbers, which the writer published."""
        self.counts = dict(counts)

    def view(self, table: str, column: str) -> NDArray[Any]:
        """A column as far as it is published."""
        return self._columns[table][column].view(self.counts[table])

    def release(self) -> None:
        """Take no memory for what was looked at, until it is looked at again."""
        for columns in self._columns.values():
            for column in columns.values():
                column.release()

    def close(self) -> None:
        for columns in self._columns.values():
            for column in columns.values():
                column.close()


Tables = Store | StoreReader


def are_complete(profile: WireProfile, folder: Path, counts: Counts) -> bool:
    """Whether `folder` holds every column of every table in its full length."""
    return all(
        (path := folder / f"{table}.{name}").is_file() and path.stat().st_size == counts[table] * dtype.itemsize
        for table, columns in tables(profile).items()
        for name, dtype in columns.items()
    )


def _writer(folder: Path | None, table: str, name: str, dtype: np.dtype[Any]) -> Column:
    return MemoryColumn(dtype) if folder is None else FileWriter(folder / f"{table}.{name}", dtype)
