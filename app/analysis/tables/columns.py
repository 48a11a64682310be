"""Columns that grow: in memory, or in a file that another process maps while it grows.

A column has one writer. What a reader sees of a file is what the writer flushed before it published the number of rows.
"""

from __future__ import annotations

import mmap
import sys
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

FIRST_CAPACITY = 1024
GROWTH = 1.5


class Column(Protocol):
    """One column of a table."""

    def append(self, values: NDArray[Any]) -> None:
        """Add rows at the end."""

    def patch(self, rows: NDArray[np.int64], values: NDArray[Any]) -> None:
        """Change rows that are there: later knowledge, such as which packet a frame belongs to."""

    def flush(self) -> None:
        """Let other processes see what was written."""

    def view(self, rows: int) -> NDArray[Any]:
        """The first `rows` rows, not copied."""

    def close(self) -> None:
        """Give back what the column holds."""


class MemoryColumn:
    """A column in memory that grows by half when it is full."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._array = np.empty(FIRST_CAPACITY, dtype)
        self._rows = 0

    def append(self, values: NDArray[Any]) -> None:
        needed = self._rows + len(values)
        if needed > len(self._array):
            grown = np.empty(max(needed, int(len(self._array) * GROWTH)), self._array.dtype)
            grown[: self._rows] = self._array[: self._rows]
            self._array = grown
        self._array[self._rows : needed] = values
        self._rows = needed

    def patch(self, rows: NDArray[np.int64], values: NDArray[Any]) -> None:
        self._array[: self._rows][rows] = values

    def flush(self) -> None:
        pass

    def view(self, rows: int) -> NDArray[Any]:
        return self._array[:rows]

    def close(self) -> None:
        pass


class FileWriter:
    """A column in a file, written by this process."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._file: IO[bytes] = path.open("w+b")
        self._rows = 0

    def append(self, values: NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(values, self._dtype).data)
        self._rows += len(values)

    def patch(self, rows: NDArray[np.int64], values: NDArray[Any]) -> None:
        if not len(rows):
            return
        self._file.flush()
        mapped = np.memmap(self._file, self._dtype, "r+", shape=(self._rows,))
        mapped[rows] = values

    def flush(self) -> None:
        self._file.flush()

    def view(self, rows: int) -> NDArray[Any]:
        self._file.flush()
        return _mapped(self._file, self._dtype, rows)

    def close(self) -> None:
        self._file.close()


class FileReader:
    """A column in a file that another process writes; it is mapped anew as it grows."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._path = path
        self._dtype = dtype
        self._memory: mmap.mmap | None = None
        self._mapped: NDArray[Any] = np.empty(0, dtype)

    def view(self, rows: int) -> NDArray[Any]:
        if rows > len(self._mapped):
            with self._path.open("rb") as file:
                self._memory = mmap.mmap(file.fileno(), rows * self._dtype.itemsize, access=mmap.ACCESS_READ)
            self._mapped = np.frombuffer(self._memory, self._dtype)
        return self._mapped[:rows]

    def release(self) -> None:
        """Give the pages that were looked at back to the system, which reads them again for whoever looks again."""
        if self._memory is not None and sys.platform != "win32":
            self._memory.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        self._mapped = np.empty(0, self._dtype)
        self._memory = None


def _mapped(file: IO[bytes], dtype: np.dtype[Any], rows: int) -> NDArray[Any]:
    if rows == 0:
        return np.empty(0, dtype)
    # A plain array over the map: memmap's own subclass makes every slice several times as slow.
    return np.asarray(np.memmap(file, dtype, "r", shape=(rows,)))
