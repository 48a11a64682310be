"""Writing recordings as CSV: a row for each change of a line and each analogue sample.

The header is `Time [s]`, the lines, and the traces with their units. A line is 0 or 1, empty where it is not known; a trace is empty
where no sample of it begins. Times are exact where the rate's decimals end, else one digit finer than a tick. A lost stretch is a
comment `# gap <start> <end> <reason>` in front of the first row behind its start, and the last line is `# end <time>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from capture.formats.files import replacing
from capture.formats.signals import Piece, Signals
from capture.formats.stretches import Ticks, changes_of
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.errors import RecordingError

_MOST_DECIMALS = 18
_UNKNOWN = -1
"""What stands for the lines of a lost stretch."""
_ROWS = 1 << 16
"""Rows that are put together at once."""


def write_csv(path: Path, signals: Signals, pieces: Iterable[Piece]) -> None:
    """Write a table of UTF-8 text; `path` changes only once all is written, and an error leaves nothing behind.

    RecordingError where the rate is not known. The same samples give the same bytes.
    """
    if signals.rate_hz is None:
        raise RecordingError("without the sample rate there are no times to write", str(path), "state the rate")
    with replacing(path) as file:
        rows = _Rows(file, signals, signals.rate_hz)
        for chunks, samples in pieces:
            rows.add(chunks, samples)
        rows.close()


class Clock:
    """Ticks as seconds with as many decimals as the rate needs."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        ends = (places for places in range(_MOST_DECIMALS + 1) if 10**places % rate_hz == 0)
        self.decimals = next(ends, len(str(rate_hz)) + 1)

    def text(self, tick: int) -> str:
        seconds, rest = divmod(tick, self._rate_hz)
        if not self.decimals:
            return str(seconds)
        return f"{seconds}.{rest * 10**self.decimals // self._rate_hz:0{self.decimals}d}"


class _Rows:
    """Puts rows together; what is not complete yet, since a trace lags behind the lines, waits."""

    def __init__(self, file: BinaryIO, signals: Signals, rate_hz: int) -> None:
        self._file = file
        self._clock = Clock(rate_hz)
        self._bits = [bit for bit, name in enumerate(signals.channels) if name]
        self._mask = np.uint64(sum(1 << bit for bit in self._bits))
        self._texts = {_UNKNOWN: "," * (len(self._bits) - 1)} if self._bits else {}
        self._traces = [_Waiting(trace.step) for trace in signals.traces]
        self._ticks, self._states = np.empty(0, np.int64), np.empty(0, object)
        self._state: int = _UNKNOWN
        self._comments: list[tuple[int, str]] = []
        self._end = 0
        names = [*(signals.channels[bit] for bit in self._bits), *(f"{trace.name} [{trace.unit}]" for trace in signals.traces)]
        self._write([",".join(["Time [s]", *map(_quoted, names)])])

    def add(self, chunks: Iterable[LogicChunk], samples: Iterable[NDArray[np.float32]]) -> None:
        for chunk in chunks:
            if chunk.end > chunk.start:
                self._take(chunk)
            self._end = chunk.end
        for trace, values in zip(self._traces, samples, strict=True):
            trace.values = np.concatenate([trace.values, values])
        self._emit(min([self._end, *(trace.end for trace in self._traces)]))

    def close(self) -> None:
        self._emit(None)
        self._write([text for _, text in self._comments])
        self._write([f"# end {self._clock.text(self._end)}"])

    def _take(self, chunk: LogicChunk) -> None:
        if isinstance(chunk, Lost):
            reason = " ".join(chunk.reason.split())
            self._comments.append((chunk.start, f"# gap {self._clock.text(chunk.start)} {self._clock.text(chunk.end)} {reason}"))
            ticks, states = np.array([chunk.start], np.int64), np.array([_UNKNOWN], object)
        else:
            ticks, words = changes_of(chunk)
            states = (words.astype(np.uint64) & self._mask).astype(object)
        self._ticks, self._states = np.concatenate([self._ticks, ticks]), np.concatenate([self._states, states])

    def _emit(self, until: int | None) -> None:
        """Write all rows before a tick, or all there are."""
        count = len(self._ticks) if until is None else int(np.searchsorted(self._ticks, until))
        ticks, states = self._ticks[:count], self._states[:count]
        self._ticks, self._states = self._ticks[count:], self._states[count:]
        before = np.concatenate([np.array([self._state], object), states])
        changes = (states != before[:-1]) & (states != _UNKNOWN)
        samples = [trace.take(until) for trace in self._traces]
        rows = np.unique(np.concatenate([ticks[changes], *(at for at, _ in samples)]))
        shown = before[np.searchsorted(ticks, rows, "right")]
        for at in range(0, len(rows), _ROWS):
            part = rows[at : at + _ROWS]
            columns = [[self._clock.text(tick) for tick in part.tolist()]]
            if self._bits:
                columns.append([self._text(state) for state in shown[at : at + _ROWS]])
            columns += [_cells(part, *sampled) for sampled in samples]
            self._write_rows(part, [",".join(cells) for cells in zip(*columns, strict=True)])
        self._state = before[-1]

    def _write_rows(self, ticks: Ticks, lines: list[str]) -> None:
        done = 0
        while self._comments and len(ticks) and self._comments[0][0] <= ticks[-1]:
            tick, text = self._comments.pop(0)
            place = int(np.searchsorted(ticks, tick))
            self._write([*lines[done:place], text])
            done = place
        self._write(lines[done:])

    def _text(self, state: int) -> str:
        text = self._texts.get(state)
        if text is None:
            text = self._texts[state] = ",".join("1" if state >> bit & 1 else "0" for bit in self._bits)
        return text

    def _write(self, lines: list[str]) -> None:
        self._file.write("".join(f"{line}\n" for line in lines).encode())


class _Waiting:
    """The samples of one trace that are not written yet."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._done = 0
        self.values = np.empty(0, np.float32)

    @property
    def end(self) -> int:
        """The tick behind the last sample."""
        return (self._done + len(self.values)) * self._step

    def take(self, until: int | None) -> tuple[Ticks, NDArray[np.float32]]:
        """The samples that begin before a tick, or all, with the ticks at which they do."""
        count = len(self.values) if until is None else min(len(self.values), max(0, -(-until // self._step) - self._done))
        values, self.values = self.values[:count], self.values[count:]
        ticks = np.arange(self._done, self._done + count, dtype=np.int64) * self._step
        self._done += count
        return ticks, values


def _cells(rows: Ticks, ticks: Ticks, values: NDArray[np.float32]) -> list[str]:
    """The samples as the shortest text that is still exact, in the rows at whose ticks they begin."""
    first, last = np.searchsorted(ticks, (rows[0], rows[-1] + 1))
    cells = [""] * len(rows)
    texts = values[first:last].astype(str).tolist()
    for row, text in zip(np.searchsorted(rows, ticks[first:last]).tolist(), texts, strict=True):
        cells[row] = "" if text == "nan" else text
    return cells


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"\r\n') else name
