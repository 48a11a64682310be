"""Which records a list shows, and in what order: one number a row, so that ten million rows are one array of 40 MB.

Two arrangements. *Folded*: packets by their first bit, with the frames that belong to no packet; a packet may be unfolded to show
its frames below it. *Chronological*: every frame record by its first bit, and each packet below its last frame. Gaps stand in both.
"""

from __future__ import annotations

import bisect
import enum
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.packet_list.loose import alone, strays
from app.analysis.packet_list.members import members_of, packets_of_repeats
from app.analysis.tables.snapshot import Snapshot

Codes = NDArray[np.uint32]
"""Rows: the kind in the two top bits, the record's number below."""
KIND_BIT = 30
NUMBER = (1 << KIND_BIT) - 1
GROWING = ("frames", "packets", "gaps")
"""The tables that rows are of."""
BLOCK = 1 << 20
"""The most frames that one step takes in, some ten milliseconds' work."""


class Kind(enum.IntEnum):
    """What a row shows; at the same tick rows are in this order."""

    PACKET = 0
    FRAME = 1
    """A frame or malformed stretch by itself."""
    MEMBER = 2
    """A frame of the unfolded packet above."""
    GAP = 3


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Rows that come in before row `at`."""

    at: int
    codes: Codes


def code_of(kind: Kind, no: int) -> int:
    """The row of a record."""
    return kind << KIND_BIT | no


def kind_of(code: int) -> Kind:
    return Kind(code >> KIND_BIT)


def number_of(code: int) -> int:
    return code & NUMBER


def kinds_of(codes: Codes) -> Codes:
    """The kinds of many rows."""
    return (codes >> KIND_BIT).astype(np.uint32, copy=False)


def numbers_of(codes: Codes) -> NDArray[np.int64]:
    """The record numbers of many rows."""
    return (codes & NUMBER).astype(np.int64)


class Rows:
    """The rows of one list over a recording that may still be decoded.

    `quiet` shows link control frames too. All rows that there are come in at once, or where `stepwise` none, and `grow` takes them
    in step by step. What is to come in or go is told first and done by `insert` and `remove`, so that a caller can announce it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        chronological: bool = False,
        quiet: bool = False,
        finished: bool = False,
        stepwise: bool = False,
    ) -> None:
        self.chronological = chronological
        self.quiet = quiet
        self._snapshot = snapshot
        self._seen = dict.fromkeys((*GROWING, "repeats"), 0)
        self._judged = 0
        self._finished = finished
        self._all_unfolded = False
        self._excepted: set[int] = set()
        self._buffer: Codes = np.empty(self._most_rows(), np.uint32)
        self._count = 0
        while self.is_behind and not stepwise:
            self.insert(*self.grow(finished=finished))

    def __len__(self) -> int:
        return self._count

    @property
    def codes(self) -> Codes:
        """All rows, not copied."""
        return self._buffer[: self._count]

    # Places

    def row_of(self, code: int) -> int | None:
        """Where a record stands; None where it is not shown."""
        found = self.codes == code
        row = int(found.argmax()) if len(found) else 0
        return row if len(found) and found[row] else None

    def owner(self, row: int) -> int:
        """The row itself, or that of the packet whose frame it shows."""
        while self._buffer[row] >> KIND_BIT == Kind.MEMBER:
            row -= 1
        return row

    def time_of(self, code: int) -> int:
        """The tick of a record's first bit; for a packet among all frames that of its last frame, below which it stands."""
        kind, no = kind_of(code), number_of(code)
        if kind is Kind.PACKET and self.chronological:
            kind, no = Kind.FRAME, int(self._last_frames(np.array([no], np.uint32))[0])
        table = "packets" if kind is Kind.PACKET else "gaps" if kind is Kind.GAP else "frames"
        return int(self._snapshot.column(table, "start")[no - 1])

    def row_at(self, tick: int) -> int:
        """The first row that begins at a tick or later, the last one where none does."""
        row = bisect.bisect_left(range(self._count), tick, key=self._begin_of)
        return min(row, max(self._count - 1, 0))

    def _begin_of(self, row: int) -> int:
        return self.time_of(int(self._buffer[self.owner(row)]))

    # Growth

    @property
    def is_behind(self) -> bool:
        """Whether there is more to take in by `grow`."""
        unjudged = self._finished and not self.chronological and self._judged < self._seen["frames"]
        return unjudged or any(self._snapshot.count(table) > self._seen[table] for table in GROWING)

    def grow(self, *, finished: bool) -> list[Run]:
        """Some of what came since the last time, to be inserted in this order: mostly one run at the end, and above it packets that
        began before others which are there. A step is a bounded amount; `is_behind` says whether another is due.
        """
        since, self._seen = self._seen, self._seen | self._step()
        self._finished = finished
        fresh = self._expanded(self._fresh(since))
        if not len(fresh):
            return []
        least = bisect.bisect_left(range(self._count), self.time_of(int(fresh[0])), key=self._begin_of)
        if least == self._count:
            return [Run(least, fresh)]
        places = self._places(fresh, least)
        edges = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(fresh)]
        return [Run(int(places[begin]) + begin, fresh[begin:end]) for begin, end in itertools.pairwise(edges)]

    def _step(self) -> dict[str, int]:
        """How far to take in each table next: so many frames, and what belongs to later ones later."""
        counts = {table: self._snapshot.count(table) for table in GROWING}
        frames = self._seen["frames"] + BLOCK
        if counts["frames"] <= frames:
            return counts
        first_frames, gap_starts = self._snapshot.column("packets", "first_frame"), self._snapshot.column("gaps", "start")
        # A number of another type would have the whole column converted.
        packets = max(int(np.searchsorted(first_frames, first_frames.dtype.type(frames), "right")), self._seen["packets"])
        if self.chronological:
            packets = self._ended(packets, frames)
        gaps = int(np.searchsorted(gap_starts, self._snapshot.column("frames", "start")[frames]))
        return {"frames": frames, "packets": packets, "gaps": max(gaps, self._seen["gaps"])}

    def _ended(self, packets: int, frames: int) -> int:
        """As many packets as end in the first so many frames, `packets` at the most."""
        seen = self._seen["packets"]
        later = np.flatnonzero(self._last_frames(np.arange(seen + 1, packets + 1, dtype=np.uint32)) > frames)
        return seen + int(later[0]) if len(later) else packets

    def late_repeats(self) -> Iterator[Run]:
        """Frames that repeat those of packets which are unfolded already; each is to be inserted before the next is asked for."""
        seen, now = self._seen["repeats"], self._snapshot.count("repeats")
        self._seen["repeats"] = now
        if self.chronological or now == seen or not (self._all_unfolded or self._excepted):
            return
        frames, packets = packets_of_repeats(self._snapshot, seen)
        for frame, packet in zip(frames.tolist(), packets.tolist(), strict=True):
            row = self.row_of(packet) if self.is_unfolded(packet) else None
            if row is not None:
                member = _codes(Kind.MEMBER, np.array([frame], np.uint32))
                below = self.codes[row + 1 : row + 1 + self._members_below(row)]
                if member[0] not in below:
                    yield Run(row + 1 + int(np.searchsorted(below, member[0])), member)

    def insert(self, *runs: Run) -> None:
        """Put rows in, those of later runs behind those of earlier ones."""
        if not runs:
            return
        first, count = runs[0].at, self._count + sum(len(run.codes) for run in runs)
        behind = self._buffer[first : self._count].copy()
        if count > len(self._buffer):
            grown = np.empty(max(count * 3 // 2, self._most_rows()), np.uint32)
            grown[: self._count] = self.codes
            self._buffer = grown
        is_new = np.zeros(count - first, np.bool_)
        for run in runs:
            is_new[run.at - first : run.at - first + len(run.codes)] = True
        rows = self._buffer[first:count]
        rows[~is_new] = behind
        for run in runs:
            self._buffer[run.at : run.at + len(run.codes)] = run.codes
        self._count = count

    def _most_rows(self) -> int:
        """As many as there can be of what has come while all is folded; pages that are not written to take no memory."""
        return sum(map(self._snapshot.count, GROWING))

    def remove(self, at: int, size: int) -> None:
        """Take rows out."""
        self._buffer[at : self._count - size] = self._buffer[at + size : self._count]
        self._count -= size

    # Folding

    def is_unfolded(self, packet: int) -> bool:
        return not self.chronological and (packet in self._excepted) != self._all_unfolded

    def unfold(self, row: int) -> Run | None:
        """The frames of the packet in a row, which from now on is unfolded; None where there is nothing to unfold."""
        code = int(self._buffer[row])
        if self.chronological or kind_of(code) is not Kind.PACKET or self.is_unfolded(code):
            return None
        self._excepted ^= {code}
        frames, _ = members_of(self._snapshot, self._buffer[row : row + 1])
        return Run(row + 1, _codes(Kind.MEMBER, frames))

    def fold(self, row: int) -> tuple[int, int] | None:
        """The first and the number of the rows to remove, after which the packet in a row is folded; None where it is."""
        code = int(self._buffer[row])
        if kind_of(code) is not Kind.PACKET or not self.is_unfolded(code):
            return None
        self._excepted ^= {code}
        return row + 1, self._members_below(row)

    def unfold_all(self, *, unfolded: bool) -> None:
        """Unfold every packet, also those to come, or fold all: new rows throughout."""
        folded = self.codes[kinds_of(self.codes) != Kind.MEMBER]
        self._excepted, self._all_unfolded = set(), unfolded
        self._buffer = self._expanded(folded)
        self._count = len(self._buffer)

    def _members_below(self, row: int) -> int:
        size = 0
        while row + 1 + size < self._count and self._buffer[row + 1 + size] >> KIND_BIT == Kind.MEMBER:
            size += 1
        return size

    def _expanded(self, codes: Codes) -> Codes:
        """The same rows with the frames of unfolded packets below them."""
        if self.chronological or not (self._all_unfolded or self._excepted):
            return codes
        blocks = [self._with_members(codes[at : at + BLOCK]) for at in range(0, len(codes), BLOCK)]
        return np.concatenate(blocks) if blocks else codes

    def _with_members(self, codes: Codes) -> Codes:
        excepted = np.fromiter(self._excepted, np.uint32, len(self._excepted))
        is_unfolded = (kinds_of(codes) == Kind.PACKET) & np.isin(codes, excepted, invert=self._all_unfolded)
        rows = np.flatnonzero(is_unfolded)
        frames, counts = members_of(self._snapshot, codes[rows])
        sizes = np.ones(len(codes), np.int64)
        sizes[rows] += counts
        starts = np.cumsum(sizes) - sizes
        is_member = np.ones(int(sizes.sum()), np.bool_)
        is_member[starts] = False
        out = np.empty(len(is_member), np.uint32)
        out[starts], out[is_member] = codes, _codes(Kind.MEMBER, frames)
        return out

    # Order

    def _fresh(self, since: dict[str, int]) -> Codes:
        """The folded rows of all records behind `since`, in order."""
        packets, gaps = (np.arange(since[table] + 1, self._seen[table] + 1, dtype=np.uint32) for table in ("packets", "gaps"))
        if self.chronological:
            return self._all_frames(since, packets, gaps)
        return self._folded(since, packets, gaps)

    def _folded(self, since: dict[str, int], packets: Codes, gaps: Codes) -> Codes:
        frames = self._loose(since["frames"])
        starts = {table: self._snapshot.column(table, "start") for table in ("packets", "frames", "gaps")}
        codes = np.concatenate([packets, _codes(Kind.FRAME, frames), _codes(Kind.GAP, gaps)])
        loose = starts["frames"][frames - np.uint32(1)]
        new = {table: starts[table][since[table] : self._seen[table]] for table in ("packets", "gaps")}
        return _in_order(codes, np.concatenate([new["packets"], loose, new["gaps"]]))

    def _loose(self, since: int) -> Codes:
        """Frames that belong to no packet. A data frame without one waits for its packet until the recording is decoded."""
        end = self._seen["frames"]
        loose = alone(self._snapshot, since, end, quiet=self.quiet)
        if self._finished:
            begin, self._judged = self._judged, min(self._judged + BLOCK, end)
            found = strays(self._snapshot, begin, self._judged)
            loose = np.sort(np.concatenate([loose, found]), kind="stable") if len(found) else loose
        return loose

    def _all_frames(self, since: dict[str, int], packets: Codes, gaps: Codes) -> Codes:
        """Frames and gaps by their first bit, each packet below its last frame."""
        seen = since["frames"]
        frames = np.arange(seen + 1, self._seen["frames"] + 1, dtype=np.uint32)
        last = self._last_frames(packets)
        if not _ascends(last):
            order = np.argsort(last, kind="stable")
            packets, last = packets[order], last[order]
        # A packet that ends in an earlier frame comes before all, and is sorted to its place.
        places = np.maximum(last - seen, 0) + np.arange(len(packets))
        is_frame = np.ones(len(frames) + len(packets), np.bool_)
        is_frame[places] = False
        codes = np.empty(len(is_frame), np.uint32)
        codes[places], codes[is_frame] = packets, _codes(Kind.FRAME, frames)
        reaches_back = len(last) and last[0] <= seen
        if not len(gaps) and not reaches_back and _ascends(self._snapshot.column("frames", "start")[seen : self._seen["frames"]]):
            return codes
        codes = np.concatenate([_codes(Kind.GAP, gaps), codes])
        return _in_order(codes, self._keys(codes)[0])

    def _last_frames(self, packets: Codes) -> NDArray[np.int64]:
        at, count, first = (self._snapshot.column("packets", name) for name in ("frames_at", "frame_count", "first_frame"))
        rows = packets.astype(np.int64) - 1
        if not len(rows):
            return rows
        members = self._snapshot.column("members", "frame")
        ends = np.maximum(at[rows] + count[rows] - 1, 0)
        last: NDArray[np.int64] = np.where(count[rows] > 0, members[ends], first[rows]).astype(np.int64)
        return last

    def _places(self, fresh: Codes, least: int) -> NDArray[np.int64]:
        """Before which row from `least` on each new one comes in; at the same tick rows stand as a new list would have them."""
        is_owner = kinds_of(fresh) != Kind.MEMBER
        times, ranks = self._keys(fresh[is_owner])
        low, high = np.full(len(times), least), np.full(len(times), self._count)
        middle, left = high - 1, np.arange(len(times))
        while len(left):
            their_times, their_ranks = self._keys(self._owner_codes(middle[left]))
            stays = (their_times < times[left]) | ((their_times == times[left]) & (their_ranks <= ranks[left]))
            low[left[stays]], high[left[~stays]] = middle[left[stays]] + 1, middle[left[~stays]]
            left = left[low[left] < high[left]]
            middle[left] = (low[left] + high[left]) // 2
        places: NDArray[np.int64] = low[np.cumsum(is_owner) - 1]
        return places

    def _owner_codes(self, rows: NDArray[np.int64]) -> Codes:
        """What stands in rows, or the packets whose frames do."""
        codes = self._buffer[rows]
        while (is_member := kinds_of(codes) == Kind.MEMBER).any():
            rows = rows - is_member
            codes = self._buffer[rows]
        return codes

    def _keys(self, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ticks by which rows are placed, and what decides at the same tick."""
        times, ranks = np.empty(len(codes), np.int64), codes.astype(np.int64)
        kinds, numbers = kinds_of(codes), numbers_of(codes)
        for kind, table in ((Kind.PACKET, "packets"), (Kind.FRAME, "frames"), (Kind.GAP, "gaps")):
            rows = np.flatnonzero(kinds == kind)
            if not len(rows):
                continue
            named = numbers[rows]
            if self.chronological:
                ranks[rows] = 0 if kind is Kind.GAP else named * 2
            if self.chronological and kind is Kind.PACKET:
                table, named = "frames", self._last_frames(codes[rows])  # noqa: PLW2901  # there a packet stands at its last frame
                ranks[rows] = named * 2 + 1
            times[rows] = self._snapshot.column(table, "start")[named - 1]
        return times, ranks


def _codes(kind: Kind, numbers: Codes) -> Codes:
    return numbers | np.uint32(kind << KIND_BIT)


def _in_order(codes: Codes, times: NDArray[np.int64]) -> Codes:
    return codes if _ascends(times) else codes[np.argsort(times, kind="stable")]


def _ascends(numbers: NDArray[np.int64]) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())
