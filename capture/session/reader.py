"""Reading a session file: as a recording like any other, without changing one byte of it, and without trusting one."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from capture.formats.files import reading
from capture.formats.stretches import cut
from capture.session.blobs import unpacked_logic, unpacked_samples
from capture.session.schema import APPLICATION_ID, BLOB_BYTES, HEADER_BYTES, VERSION, Header, parse_header
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.errors import RecordingError

_MOST_CHANNELS = 64
_REMEDY = "copy it again from where it was made"
_BLOCKS = (
    "SELECT start, end, kind, count, tick_bytes, word_bytes, packing, crc, data FROM logic WHERE start >= ? ORDER BY start LIMIT 16"
)
_SAMPLES = "SELECT first, count, packing, crc, data FROM analog WHERE trace = ? AND first >= ? ORDER BY first LIMIT 16"
_SUMMARIES = "SELECT count, data FROM summaries WHERE trace = ? ORDER BY first"


class SessionRecording:
    """A session file, read as a `LogicRecording`; nothing stays open between reads.

    `units` are those of the analogue traces, `start_utc_ns` is when tick 0 was, and `wiring` has the options that describe it.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        rate_hz, start_utc_ns, length, wiring = self._session()
        self.rate_hz: int | None = rate_hz
        self.length: int | None = length
        self.start_utc_ns: int | None = start_utc_ns
        self.wiring: tuple[str, ...] = tuple(wiring.splitlines())
        self.channels = self._names("SELECT bit, name FROM channels ORDER BY bit")
        if len(self.channels) > _MOST_CHANNELS:
            raise self._damaged(f"it has {len(self.channels)} lines")
        self.analog_channels = self._names("SELECT number, name FROM traces ORDER BY number")
        self.units = self._names("SELECT number, unit FROM traces ORDER BY number")
        self.analog_steps = tuple(self._steps())
        self.notes = tuple(str(text) for (text,) in self._rows("SELECT text FROM notes ORDER BY number"))

    def chunks(self) -> Iterator[LogicChunk]:
        """All there is from tick 0; a damaged block raises RecordingError after the good part."""
        at = 0
        for chunk in self._blocks(0):
            yield chunk
            at = chunk.end
        if at < (self.length or 0):
            raise self._damaged(f"what was recorded from tick {at} on is missing")

    def window(self, start: int, end: int) -> list[LogicChunk]:
        """The ticks [start, end) as far as there are any; `Lost` where the file is damaged from `start` on."""
        found: list[LogicChunk] = []
        try:
            for chunk in self._blocks(self._block_at(start)):
                if chunk.start >= end:
                    break
                part = cut(chunk, start, end)
                found += [part] if part.end > part.start else []
        except RecordingError as fault:
            return found or [Lost(start, end, fault.what)]
        return found

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        """The samples of one trace in its unit, with the same errors as `chunks`."""
        at = 0
        while rows := self._rows(_SAMPLES, channel, at):
            for first, count, packing, crc, data in rows:
                try:
                    values = unpacked_samples(count, packing, crc, data)
                except ValueError as fault:
                    raise self._damaged(str(fault)) from fault
                if first != at:
                    raise self._damaged(f"sample {at} of a trace is missing")
                yield values
                at += len(values)

    def summaries(self, channel: int) -> NDArray[np.float32]:
        """Lowest, mean and highest (three rows) of every stretch of `SUMMARY` samples of a trace, fewer where a block ends."""
        parts = [np.empty((3, 0), np.float32)]
        for _, data in self._rows(_SUMMARIES, channel):
            if not isinstance(data, bytes) or len(data) % 12:
                raise self._damaged("a summary has another size than it says")
            parts.append(np.frombuffer(data, "<f4").reshape(3, -1))
        return np.concatenate(parts, axis=1)

    def close(self) -> None:
        """Nothing is open between reads, so there is nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None:
        self.close()

    def _blocks(self, at: int) -> Iterator[LogicChunk]:
        """All blocks from the one that begins at a tick on."""
        while rows := self._rows(_BLOCKS, at):
            for row in rows:
                try:
                    chunk = unpacked_logic(row)
                except ValueError as fault:
                    raise self._damaged(str(fault)) from fault
                if chunk.start != at:
                    raise self._damaged(f"what was recorded from tick {at} on is missing")
                yield chunk
                at = chunk.end

    def _block_at(self, tick: int) -> int:
        """Where the block begins that holds a tick, or 0."""
        ((start,),) = self._rows("SELECT max(start) FROM logic WHERE start <= ?", tick)
        return start if isinstance(start, int) else 0

    def _session(self) -> tuple[int, int | None, int, str]:
        rows = self._rows("SELECT rate_hz, start_utc_ns, length, wiring FROM session")
        match rows:
            case [(int(rate_hz), int() | None as start_utc_ns, int(length), str(wiring))] if rate_hz > 0 and length >= 0:
                return rate_hz, start_utc_ns, length, wiring
            case _:
                raise self._damaged("it does not say how it was recorded")

    def _names(self, statement: str) -> tuple[str, ...]:
        rows = self._rows(statement)
        if [number for number, _ in rows] != list(range(len(rows))) or not all(isinstance(name, str) for _, name in rows):
            raise self._damaged("the names of its lines are not in order")
        return tuple(name for _, name in rows)

    def _steps(self) -> Iterator[int]:
        for (step,) in self._rows("SELECT step FROM traces ORDER BY number"):
            if not isinstance(step, int) or step < 1:
                raise self._damaged("a trace does not say how fast it is")
            yield step

    def _rows(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        """The answer to one question, asked on a connection of its own, so that any thread may."""
        try:
            with contextlib.closing(_connected(self._path)) as database:
                return database.execute(statement, values).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as fault:
            raise self._damaged(" ".join(str(fault).split())) from fault

    def _damaged(self, why: str) -> RecordingError:
        return RecordingError(f"the session file is damaged: {why}", str(self._path), f"what came before is good; {_REMEDY}")


def is_session(head: bytes) -> bool:
    """Whether a file that begins like this is a session file, of whatever version."""
    header = parse_header(head)
    return header is not None and header.application_id == APPLICATION_ID


def open_session(path: Path) -> SessionRecording:
    """Open a session file; RecordingError if it is none, is newer than this program, is not closed, or cannot be read."""
    with reading(path) as file:
        header = parse_header(file.read(HEADER_BYTES))
    _check(path, header)
    return SessionRecording(path)


def _check(path: Path, header: Header | None) -> None:
    where = str(path)
    if header is None or header.application_id != APPLICATION_ID:
        raise RecordingError("this is no session file", where, "choose a file that UMIscope wrote")
    if header.version > VERSION:
        raise RecordingError(
            f"the session file is of version {header.version}, and this program knows versions up to {VERSION}", where,
            "open it with a newer UMIscope",
        )  # fmt: skip
    if not header.version:
        raise RecordingError("the session file does not say its version", where, _REMEDY)
    size = path.stat().st_size
    if size < header.size:
        raise RecordingError(f"the session file is cut short: {size} of its {header.size} bytes are there", where, _REMEDY)
    log = path.with_name(path.name + "-wal")
    if not header.is_closed and log.exists() and log.stat().st_size:
        raise RecordingError("the session file is still being written", where, "end the recording, or wait for it")


def _connected(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, not even beside the file, and takes nothing larger than a block may be."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * BLOB_BYTES)
    database.execute("PRAGMA trusted_schema=OFF")
    return database
