"""How far a decoder process has come, in memory that it shares with whoever watches; and the word to stop.

The memory is a small mapped file, which works the same on every system and outlives either side.
"""

from __future__ import annotations

import enum
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from app.analysis.tables.store import Counts

FILE_NAME = "progress"
HEAD = struct.Struct("<QqqqQ")
"""Sequence (odd while being written), state, tick reached, ticks in all (−1 unknown), stop wanted."""
COUNT = struct.Struct("<q")
STOP_AT = HEAD.size - 8


class State(enum.IntEnum):
    """What a decoder process is doing."""

    RUNNING = 0
    DONE = 1
    FAILED = 2
    STOPPED = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a decoder: the tick reached, of how many (None where nobody knows), and the rows that may be read."""

    state: State
    tick: int
    total: int | None
    counts: Counts


class ProgressFile:
    """The shared memory; `names` are the tables in an order that both sides know. Raises OSError for a file of other tables or none."""

    def __init__(self, folder: Path, names: list[str], *, create: bool = False) -> None:
        self._names = names
        path = folder / FILE_NAME
        size = HEAD.size + COUNT.size * len(names)
        if create:
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            if path.stat().st_size != size:  # a map would lengthen it on some systems and fail on others
                raise OSError(f"{path} tells nothing of {len(names)} tables: it has {path.stat().st_size} bytes instead of {size}")
            self._memory = mmap.mmap(file.fileno(), size)
        self._sequence = 0

    def publish(self, progress: Progress) -> None:
        """For the decoder: say how far it is. The rows must be flushed before."""
        self._sequence += 2
        total = -1 if progress.total is None else progress.total
        struct.pack_into("<Q", self._memory, 0, self._sequence - 1)
        struct.pack_into("<qqq", self._memory, 8, progress.state, progress.tick, total)
        for index, name in enumerate(self._names):
            COUNT.pack_into(self._memory, HEAD.size + index * COUNT.size, progress.counts.get(name, 0))
        struct.pack_into("<Q", self._memory, 0, self._sequence)

    def look(self) -> Progress | None:
        """For the window: the state as last published; None for a moment while it is being written, and for what no decoder wrote."""
        sequence, state, tick, total, _ = HEAD.unpack_from(self._memory, 0)
        counts = {
            name: COUNT.unpack_from(self._memory, HEAD.size + index * COUNT.size)[0] for index, name in enumerate(self._names)
        }
        if sequence % 2 or HEAD.unpack_from(self._memory, 0)[0] != sequence or state not in set(State):
            return None
        return Progress(State(state), tick, None if total < 0 else total, counts)

    def stop(self) -> None:
        """For the window: ask the decoder to end."""
        struct.pack_into("<Q", self._memory, STOP_AT, 1)

    @property
    def stop_wanted(self) -> bool:
        """For the decoder."""
        return bool(struct.unpack_from("<Q", self._memory, STOP_AT)[0])

    def close(self) -> None:
        self._memory.close()
