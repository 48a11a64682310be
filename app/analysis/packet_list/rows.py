"""Which records a list shows, and in what order: one number a row, so that ten million rows are one array of 40 MB.

Two arrangements. *Folded*: packets by their first bit, with the frames that belong to no packet; a packet may be unfolded to show
its frames below it. *Chronological*: every frame record by its first bit, and each packet below its last frame. Gaps stand in both.
"""

from __future__ import annotations

import bisect
import enum
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.packet_list.members import members_of, packets_of_repeats
from app.analysis.tables.snapshot import Snapshot

Codes = NDArray[np.uint32]
"""Rows: the kind in the two top bits, the record's number below."""
KIND_BIT = 30
NUMBER = (1 << KIND_BIT) - 1
TABLES = ("frames", "packets", "gaps", "repeats")
BLOCK = 1 << 20
"""Frames taken in at once."""
QUIET_TYPES = ("ack", "poll", "idle")
"""Link control frames that say only that the link works."""


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

    `quiet` shows link control frames too. What is to come in or go is told first and done by `insert` and `remove`, so that a
    caller can announce it.
    """

    def __init__(self, snapshot: Snapshot, *, chronological: bool = False, quiet: bool = False, finished: bool = False) -> None:
        self.chronological = chronological
        self.quiet = quiet
        self._snapshot = snapshot
        self._seen = dict.fromkeys(TABLES, 0)
        self._finished = finished
        self._all_unfolded = False
        self._excepted: set[int] = set()
        # Pages that are not written to take no memory.
        self._buffer: Codes = np.empty(sum(map(snapshot.count, ("frames", "packets", "gaps"))), np.uint32)
        self._count = 0
        for upto in self._blocks():
            for run in self._runs(upto, finished=finished):
                self.insert(run)

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

    def grow(self, *, finished: bool) -> list[Run]:
        """What came since the last time, to be inserted in this order: mostly one run at the end, and above it packets that began
        before others which are there.
        """
        return self._runs({table: self._snapshot.count(table) for table in TABLES}, finished=finished)

    def _blocks(self) -> Iterator[dict[str, int]]:
        """How far to take in each table, step by step: fresh memory costs more than the steps."""
        counts = {table: self._snapshot.count(table) for table in TABLES}
        starts = {table: self._snapshot.column(table, "start") for table in ("frames", "gaps")}
        first_frames = self._snapshot.column("packets", "first_frame")
        for frames in range(BLOCK, counts["frames"], BLOCK):
            packets = max(int(np.searchsorted(first_frames, frames)), self._seen["packets"])
            if self.chronological:
                packets = self._ended(packets, frames)
            gaps = int(np.searchsorted(starts["gaps"], starts["frames"][frames]))
            yield counts | {"frames": frames, "packets": packets, "gaps": gaps}
        yield counts

    def _ended(self, packets: int, frames: int) -> int:
        """As many packets as end in the first so many frames, `packets` at the most."""
        seen = self._seen["packets"]
        later = np.flatnonzero(self._last_frames(np.arange(seen + 1, packets + 1, dtype=np.uint32)) > frames)
        return seen + int(later[0]) if len(later) else packets

    def _runs(self, upto: dict[str, int], *, finished: bool) -> list[Run]:
        since, self._seen = self._seen, self._seen | {table: upto[table] for table in ("frames", "packets", "gaps")}
        fresh = self._expanded(self._fresh(since, finished=finished))
        self._finished = finished
        if not len(fresh):
            return []
        at = self._tail(int(self._times(fresh[:1])[0]))
        if at == self._count:
            return [Run(at, fresh)]
        both = np.concatenate([self.codes[at:], fresh])
        order = self._order(both)
        is_new = order >= self._count - at
        edges = np.flatnonzero(np.diff(is_new, prepend=False, append=False))
        return [Run(at + begin, both[order[begin:end]]) for begin, end in edges.reshape(-1, 2).tolist()]

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

    def insert(self, run: Run) -> None:
        """Put rows in."""
        size = len(run.codes)
        if self._count + size > len(self._buffer):
            grown = np.empty(int((self._count + size) * 1.5), np.uint32)
            grown[: self._count] = self.codes
            self._buffer = grown
        self._buffer[run.at + size : self._count + size] = self._buffer[run.at : self._count]
        self._buffer[run.at : run.at + size] = run.codes
        self._count += size

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

    def _fresh(self, since: dict[str, int], *, finished: bool) -> Codes:
        """The folded rows of all records behind `since`, in order."""
        packets, gaps = (np.arange(since[table] + 1, self._seen[table] + 1, dtype=np.uint32) for table in ("packets", "gaps"))
        if self.chronological:
            return self._all_frames(since, packets, gaps)
        return self._folded(since, packets, gaps, finished=finished)

    def _folded(self, since: dict[str, int], packets: Codes, gaps: Codes, *, finished: bool) -> Codes:
        frames = self._loose(since["frames"], finished=finished)
        starts = {table: self._snapshot.column(table, "start") for table in ("packets", "frames", "gaps")}
        codes = np.concatenate([packets, _codes(Kind.FRAME, frames), _codes(Kind.GAP, gaps)])
        loose = starts["frames"][frames - np.uint32(1)]
        new = {table: starts[table][since[table] : self._seen[table]] for table in ("packets", "gaps")}
        return _in_order(codes, np.concatenate([new["packets"], loose, new["gaps"]]))

    def _loose(self, since: int, *, finished: bool) -> Codes:
        """Frames that belong to no packet. A data frame without one waits for its packet until the recording is decoded."""
        snapshot = self._snapshot
        begin, end = (0 if finished and not self._finished else since), self._seen["frames"]
        malformed = snapshot.column("frames", "malformed")[begin:end] != 0
        types = snapshot.header_column("frames", "type")
        names = snapshot.profile.enumerations["frame_type"].by_name
        hidden = [names[name] for name in ("data", *(() if self.quiet else QUIET_TYPES)) if name in names]
        is_control = np.zeros(len(malformed), np.bool_) if types is None else np.isin(types[begin:end], hidden, invert=True)
        loose = malformed | is_control
        loose[: since - begin] = False
        if finished:
            loose |= self._strays(begin, end, malformed)
        return (np.flatnonzero(loose) + (begin + 1)).astype(np.uint32)

    def _strays(self, begin: int, end: int, malformed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Data frames that no packet took and that repeat none."""
        types = self._snapshot.header_column("frames", "type")
        data = self._snapshot.profile.enumerations["frame_type"].by_name.get("data", -1)
        strays: NDArray[np.bool_] = (self._snapshot.column("frames", "packet")[begin:end] == 0) & ~malformed
        if types is not None:
            strays &= types[begin:end] == data
        repeated = self._snapshot.column("repeats", "frame").astype(np.int64) - 1 - begin
        strays[repeated[(repeated >= 0) & (repeated < end - begin)]] = False
        return strays

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
        return _in_order(codes, self._times(codes))

    def _last_frames(self, packets: Codes) -> NDArray[np.int64]:
        at, count, first = (self._snapshot.column("packets", name) for name in ("frames_at", "frame_count", "first_frame"))
        rows = packets.astype(np.int64) - 1
        if not len(rows):
            return rows
        members = self._snapshot.column("members", "frame")
        ends = np.maximum(at[rows] + count[rows] - 1, 0)
        last: NDArray[np.int64] = np.where(count[rows] > 0, members[ends], first[rows]).astype(np.int64)
        return last

    def _times(self, codes: Codes) -> NDArray[np.int64]:
        """The tick by which a row is placed."""
        times = np.empty(len(codes), np.int64)
        kinds = kinds_of(codes)
        for kind, table in ((Kind.PACKET, "packets"), (Kind.FRAME, "frames"), (Kind.GAP, "gaps")):
            rows = np.flatnonzero(kinds == kind)
            if len(rows):
                numbers = numbers_of(codes[rows])
                if kind is Kind.PACKET and self.chronological:
                    table, numbers = "frames", self._last_frames(codes[rows])  # noqa: PLW2901  # there a packet stands at its last frame
                times[rows] = self._snapshot.column(table, "start")[numbers - 1]
        return times[_owners(kinds)] if (kinds == Kind.MEMBER).any() else times

    def _order(self, codes: Codes) -> NDArray[np.intp]:
        """Rows by tick; at the same tick as a new list would have them."""
        kinds = kinds_of(codes)
        ranks = codes.astype(np.int64)
        if self.chronological:
            ranks = numbers_of(codes) * 2
            packets = kinds == Kind.PACKET
            ranks[packets] = self._last_frames(codes[packets]) * 2 + 1
            ranks[kinds == Kind.GAP] = 0
        return np.lexsort((ranks[_owners(kinds)], self._times(codes)))

    def _tail(self, tick: int) -> int:
        """The first row that does not begin before a tick."""
        look = 1 << 10
        while True:
            at = self.owner(max(0, self._count - look)) if self._count else 0
            times = self._times(self.codes[at:])
            if at == 0 or times[0] < tick:
                return at + int(np.searchsorted(times, tick))
            look <<= 2


def _codes(kind: Kind, numbers: Codes) -> Codes:
    return numbers | np.uint32(kind << KIND_BIT)


def _in_order(codes: Codes, times: NDArray[np.int64]) -> Codes:
    return codes if _ascends(times) else codes[np.argsort(times, kind="stable")]


def _ascends(numbers: NDArray[np.int64]) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())


def _owners(kinds: NDArray[np.uint32]) -> NDArray[np.intp]:
    """For each row its own place, or that of the packet above whose frame it is."""
    return np.maximum.accumulate(np.where(kinds == Kind.MEMBER, 0, np.arange(len(kinds))))
