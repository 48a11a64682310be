"""What the list panes have in common: what they ask of an open recording, the shape of a list, and how its rows grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from app.analysis.tables.snapshot import Snapshot
from app.analysis.workspace import ProfileText
from decoders.bus.wiring import Wiring
from decoders.core.finding import Severity
from decoders.core.span import Timebase

Numbers = NDArray[np.int64]
"""Record numbers, from 1."""
MOST_INSERTIONS = 64
"""More places than these are better told as a new list."""


class Decoded(Protocol):
    """An open recording as far as it is decoded."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def timebase(self) -> Timebase: ...
    @property
    def wiring(self) -> Wiring: ...
    @property
    def is_decoding(self) -> bool: ...


class Profiled(Decoded, Protocol):
    """The same with the profile that it is decoded by, as text."""

    @property
    def profile_text(self) -> ProfileText: ...


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list; numbers stand at the right, `sorts` says whether a click on its title orders the rows by it."""

    title: str
    right: bool = False
    sorts: bool = False
    sample: str = ""
    """As wide as its usual content."""
    spare: int = 0
    """Where there is no room for all columns, those with a number here are left out, the lowest first; 0 never is."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a row shows: a text for each column, what a tooltip adds, and the severity that colours `marked` columns."""

    cells: tuple[str, ...]
    tip: str = ""
    severity: Severity | None = None
    marked: tuple[int, ...] = ()


class Listing(Protocol):
    """A list of records: its columns, which records are in it and in what order, and each as a row."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    def order(self) -> Numbers:
        """The records to show, row by row, as the tables are now."""
        ...

    def row(self, no: int) -> Row: ...

    def sort_by(self, column: int, *, descending: bool) -> None:
        """Order by a column whose `sorts` is set."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where choosing a row leads: a record, or where there is none a tick, or a stretch to `end` of the supply of a `port`."""

    layer: Literal["frames", "packets", ""]
    no: int
    tick: int
    end: int = 0
    port: int | None = None


def insertions(old: Numbers, new: Numbers) -> list[tuple[int, int]] | None:
    """First row and number of rows of each run that has to come into `old`, one after the other, to make it `new`.

    None where rows of `old` are gone or stand in another order, or where there are too many runs to tell.
    """
    known = np.zeros(int(max(old.max(initial=0), new.max(initial=0))) + 1, np.bool_)
    known[old] = True
    is_new = ~known[new]
    if not np.array_equal(new[~is_new], old):
        return None
    edges = np.flatnonzero(np.diff(is_new, prepend=False, append=False)).reshape(-1, 2).tolist()
    return None if len(edges) > MOST_INSERTIONS else [(begin, end - begin) for begin, end in edges]
