"""Writing a session file: what comes is collected into blocks, and blocks into short transactions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from capture.formats.files import replacing_path, unwritable
from capture.formats.signals import Piece, Signals
from capture.session.blobs import RUNS_AT_ONCE, SAMPLES_AT_ONCE, pack, packed_runs, packed_samples, plain, summary
from capture.session.schema import APPLICATION_ID, BLOB_BYTES, PAGE_BYTES, TABLES, VERSION, Kind
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import RecordingError

COMMIT_S = 0.25
COMMIT_BYTES = 8 << 20
_LOGIC = "INSERT INTO logic VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ANALOG = "INSERT INTO analog VALUES (?, ?, ?, ?, ?, ?)"
_SUMMARIES = "INSERT INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class SessionNotes:
    """What is said of a recording beside its signals: when tick 0 was (ns since 1970 UTC), its wiring as options, one a line, and
    plain sentences.
    """

    start_utc_ns: int | None = None
    wiring: str = ""
    notes: tuple[str, ...] = ()


def write_umi(path: Path, signals: Signals, pieces: Iterable[Piece], about: SessionNotes | None = None) -> None:
    """Write a whole session file; `path` changes only once all is written, and an error leaves nothing behind.

    RecordingError where it cannot be written. The same pieces give the same bytes.
    """
    with replacing_path(path) as part:
        try:
            with SessionWriter(part, signals, about or SessionNotes()) as writer:
                for logic, samples in pieces:
                    writer.add(logic, samples)
        except sqlite3.Error as fault:
            raise unwritable(path, str(fault)) from fault


class SessionWriter:
    """Writes a new session file; without error the end of the block leaves one file, otherwise what was committed last can be read.

    With a clock, which gives seconds, all that came is committed every `COMMIT_S`; otherwise only where there is enough of it, and the
    same pieces give the same bytes. Raises ValueError for pieces that do not follow one another, and sqlite3.Error.
    """

    def __init__(self, path: Path, signals: Signals, about: SessionNotes, clock: Callable[[], float] | None = None) -> None:
        if signals.rate_hz is None:
            raise RecordingError("a session file needs the rate of its samples", str(path), "state the rate")
        self._clock = clock
        self._committed_s = clock() if clock else 0.0
        self._open: list[Samples | Runs] = []
        self._next = 0
        self._length = 0
        self._traces = [_OpenTrace(number) for number in range(len(signals.traces))]
        self._rows: list[tuple[str, tuple[Any, ...]]] = []
        self._bytes = 0
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._lay_out(signals, about)
        except BaseException:
            self._database.close()
            raise

    def _lay_out(self, signals: Signals, about: SessionNotes) -> None:
        run = self._database.execute
        run(f"PRAGMA page_size={PAGE_BYTES}")
        run(f"PRAGMA application_id={APPLICATION_ID}")
        run(f"PRAGMA user_version={VERSION}")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=NORMAL")
        self._database.executescript(TABLES)
        run("BEGIN IMMEDIATE")
        run("INSERT INTO session VALUES (?, ?, 0, ?)", (signals.rate_hz, about.start_utc_ns, about.wiring))
        self._database.executemany("INSERT INTO channels VALUES (?, ?)", enumerate(signals.channels))
        traces = ((number, trace.name, trace.unit, trace.step) for number, trace in enumerate(signals.traces))
        self._database.executemany("INSERT INTO traces VALUES (?, ?, ?, ?)", traces)
        self._database.executemany("INSERT INTO notes VALUES (?, ?)", enumerate(about.notes))
        run("COMMIT")

    def add(self, logic: Sequence[LogicChunk], samples: Sequence[NDArray[np.float32]] = ()) -> None:
        """Take a piece; the samples are those of each trace, or none of any."""
        for chunk in logic:
            if chunk.start != self._next:
                raise ValueError(f"a chunk begins at {chunk.start} where {self._next} is next")
            self._next = chunk.end
            if chunk.end > chunk.start:
                self._add_logic(chunk)
        for trace, values in zip(self._traces, samples, strict=False):
            for rows in trace.add(values):
                self._put(*rows)
        if self._bytes >= COMMIT_BYTES:
            self._commit()
        if self._clock is not None and self._clock() - self._committed_s >= COMMIT_S:
            self.flush()

    def flush(self) -> None:
        """Commit all that came."""
        self._close_block()
        for trace in self._traces:
            for rows in trace.close():
                self._put(*rows)
        self._commit()
        self._committed_s = self._clock() if self._clock else 0.0

    def _add_logic(self, chunk: LogicChunk) -> None:
        if isinstance(chunk, Lost):
            self._close_block()
            self._put(_LOGIC, (chunk.start, chunk.end, Kind.LOST, 0, 0, 0, *plain(chunk.reason.encode()[:BLOB_BYTES])))
            return
        for part in _parts(chunk):
            if self._open and not _fit_together(self._open, part):
                self._close_block()
            self._open.append(part)

    def _close_block(self) -> None:
        """Make one block of what has come since the last."""
        if not self._open:
            return
        first, last = self._open[0], self._open[-1]
        words = np.concatenate([part.words for part in self._open])
        if isinstance(first, Samples):
            form, content = (Kind.SAMPLES, len(words), 0, words.itemsize), words.astype(f"<u{words.itemsize}").tobytes()
        else:
            ticks = np.concatenate([part.ticks for part in self._open if isinstance(part, Runs)])
            tick_bytes, word_bytes, content = packed_runs(Runs(first.start, last.end, ticks, words))
            form = (Kind.RUNS, len(ticks), tick_bytes, word_bytes)
        self._put(_LOGIC, (first.start, last.end, *form, *pack(content)))
        self._open = []

    def _put(self, statement: str, row: tuple[Any, ...]) -> None:
        self._rows.append((statement, row))
        self._bytes += len(row[-1])
        if statement == _LOGIC:
            self._length = row[1]

    def _commit(self) -> None:
        if not self._rows:
            return
        self._database.execute("BEGIN IMMEDIATE")
        for statement, row in self._rows:
            self._database.execute(statement, row)
        self._database.execute("UPDATE session SET length = ?", (self._length,))
        self._database.execute("COMMIT")
        self._rows, self._bytes = [], 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None:
        with contextlib.closing(self._database):
            if kind is None:
                self.flush()
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._database.execute("PRAGMA journal_mode=DELETE")


class _OpenTrace:
    """The samples of a trace that are in no block yet."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._first = 0
        self._held: list[NDArray[np.float32]] = []
        self._count = 0

    def add(self, values: NDArray[np.float32]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Take samples; the rows of the blocks that are full."""
        self._held.append(values)
        self._count += len(values)
        if self._count >= SAMPLES_AT_ONCE:
            yield from self._blocks(self._count - self._count % SAMPLES_AT_ONCE)

    def close(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The rows of all that is left."""
        yield from self._blocks(self._count)

    def _blocks(self, count: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
        held = np.concatenate([*self._held, np.empty(0, np.float32)])
        for at in range(0, count, SAMPLES_AT_ONCE):
            values = held[at : min(at + SAMPLES_AT_ONCE, count)]
            yield _ANALOG, (self._number, self._first, len(values), *pack(packed_samples(values)))
            yield _SUMMARIES, (self._number, self._first, len(values), *_whole(values), summary(values).astype("<f4").tobytes())
            self._first += len(values)
        self._held, self._count = [held[count:]], self._count - count


def _whole(values: NDArray[np.float32]) -> tuple[float | None, float | None, float | None]:
    """Lowest, mean and highest of all, None where none is a number."""
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.mean(dtype=np.float64)), float(known.max())) if len(known) else (None, None, None)


def _parts(chunk: Samples | Runs) -> Iterator[Samples | Runs]:
    """The same in parts of which each fits a block."""
    if isinstance(chunk, Samples):
        most = BLOB_BYTES // chunk.words.itemsize
        for at in range(0, len(chunk.words), most):
            yield Samples(chunk.start + at, chunk.words[at : at + most])
        return
    for at in range(0, len(chunk.ticks), RUNS_AT_ONCE):
        after = at + RUNS_AT_ONCE
        end = chunk.end if after >= len(chunk.ticks) else int(chunk.ticks[after])
        yield Runs(int(chunk.ticks[at]), end, chunk.ticks[at:after], chunk.words[at:after])


def _fit_together(parts: list[Samples | Runs], new: Samples | Runs) -> bool:
    """Whether a block has room for one more, of the same kind."""
    if type(parts[0]) is not type(new) or parts[0].words.dtype != new.words.dtype:
        return False
    most = RUNS_AT_ONCE if isinstance(new, Runs) else BLOB_BYTES // new.words.itemsize
    return sum(len(part.words) for part in parts) + len(new.words) <= most
