"""Writing sigrok session files (.sr) of version 2: logic samples, and analogue traces held to the rate of the logic.

Source: libsigrok's session file format, in which each trace has one float32 sample for each of the logic.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capture.formats.archive import PIECE_BYTES
from capture.formats.files import replacing
from capture.formats.signals import Piece, Signals
from capture.formats.sigrok_metadata import MAX_RATE_HZ, format_metadata
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples, Words
from decoders.core.errors import RecordingError

WIDTHS = (1, 2, 4, 8)
MOST_BYTES = 8_000_000_000
"""Before packing; more of it no sigrok program takes in."""

_LOGIC_MEMBER_BYTES = 1 << 22
_TRACE_MEMBER_BYTES = 1 << 20
_SAMPLE_BYTES = 4


def write_sr(path: Path, channels: Sequence[str], rate_hz: int | None, chunks: Iterable[LogicChunk]) -> None:
    """Write a recording of logic channels only, with the same promises and errors as `write_sr_pieces`."""
    write_sr_pieces(path, Signals(tuple(channels), rate_hz), (([chunk], ()) for chunk in chunks))


def write_sr_pieces(path: Path, signals: Signals, pieces: Iterable[Piece]) -> None:
    """Write a version 2 session file; `path` changes only once all is written, and an error leaves nothing behind.

    The format has no word for a lost stretch, and holds no more than `MOST_BYTES` here: RecordingError. The same samples give the
    same bytes.
    """
    _check(path, signals)
    unit = next(width for width in WIDTHS if len(signals.channels) <= width * 8)
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        _write_member(archive, "version", b"2")
        names = [trace.name for trace in signals.traces]
        _write_member(archive, "metadata", format_metadata(signals.channels, signals.rate_hz, unit, names).encode())
        logic = _Logic(archive, unit, str(path))
        numbers = range(len(signals.channels) + 1, len(signals.channels) + len(signals.traces) + 1)
        traces = [_Trace(archive, number, trace.step) for number, trace in zip(numbers, signals.traces, strict=True)]
        for chunks, samples in pieces:
            for chunk in chunks:
                logic.add(chunk)
            for trace, values in zip(traces, samples, strict=True):
                trace.add(values)
        for trace in traces:
            trace.close(logic.length)
        logic.close()


def check_sr_size(path: Path, signals: Signals) -> None:
    """RecordingError where a recording of known length would make an absurdly large file."""
    size = (signals.length or 0) * _bytes_a_tick(signals)
    if size > MOST_BYTES:
        raise RecordingError(
            f"as .sr this would be {size / 1e9:.0f} GB of samples, one of each line and trace at every tick", str(path),
            "save it as .umi, which holds changes",
        )  # fmt: skip


def _bytes_a_tick(signals: Signals) -> int:
    return (len(signals.channels) + 7) // 8 + _SAMPLE_BYTES * len(signals.traces)


def _check(path: Path, signals: Signals) -> None:
    channels, rate_hz = signals.channels, signals.rate_hz
    if not 1 <= len(channels) <= 64:
        raise ValueError(f"a session file has 1 to 64 logic channels, not {len(channels)}")
    if rate_hz is not None and not 0 < rate_hz <= MAX_RATE_HZ:
        raise ValueError(f"{rate_hz} Hz is no sample rate")
    names = (*channels, *(trace.name for trace in signals.traces))
    if odd := next((name for name in names if not name.isprintable()), None):
        raise RecordingError(f"the channel name {odd!a} cannot be written", str(path), "give the channel another name")
    check_sr_size(path, signals)


def _write_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Without the date of today, so that the same samples give the same bytes."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content, compresslevel=3)


class _Members:
    """The members of one signal, written as soon as each is large enough."""

    def __init__(self, archive: zipfile.ZipFile, stem: str, least: int) -> None:
        self._archive, self._stem, self._least = archive, stem, least
        self._held = bytearray()
        self._written = 0

    def add(self, data: bytes) -> None:
        self._held += data
        if len(self._held) >= self._least:
            self.close()

    def close(self) -> None:
        if self._held:
            self._written += 1
            _write_member(self._archive, f"{self._stem}-{self._written}", bytes(self._held))
            self._held.clear()


class _Logic:
    """The logic samples; `length` is how many there are of each channel."""

    def __init__(self, archive: zipfile.ZipFile, unit: int, where: str) -> None:
        self._members = _Members(archive, "logic-1", _LOGIC_MEMBER_BYTES)
        self._unit, self._where = unit, where
        self._next: int | None = None
        self.length = 0

    def add(self, chunk: LogicChunk) -> None:
        if self._next is not None and chunk.start != self._next:
            raise ValueError(f"a chunk begins at {chunk.start} where {self._next} is next")
        self._next = chunk.end
        if isinstance(chunk, Lost):
            raise RecordingError(
                f"a .sr file cannot say that samples were lost: {chunk.reason}", self._where, "save as .umi or .csv, which can"
            )
        self.length += chunk.end - chunk.start
        step = PIECE_BYTES // self._unit
        for start in range(chunk.start, chunk.end, step):
            words = _cut(chunk, start, min(start + step, chunk.end))
            self._members.add(words.astype(f"<u{self._unit}", copy=False).tobytes())

    def close(self) -> None:
        self._members.close()


class _Trace:
    """One trace, each sample held for its ticks, and the last until the logic ends; where there is none it is not a number."""

    def __init__(self, archive: zipfile.ZipFile, number: int, step: int) -> None:
        self._members = _Members(archive, f"analog-1-{number}", _TRACE_MEMBER_BYTES)
        self._step = step
        self._length = 0
        self._last = np.full(1, np.nan, "<f4")

    def add(self, values: NDArray[np.float32]) -> None:
        for held in _held(values, self._step):
            self._members.add(held.astype("<f4", copy=False).tobytes())
        self._length += len(values) * self._step
        self._last = values[-1:] if len(values) else self._last

    def close(self, length: int) -> None:
        for held in _held(self._last, max(0, length - self._length)):
            self._members.add(held.astype("<f4", copy=False).tobytes())
        self._members.close()


def _held(values: NDArray[np.float32], step: int) -> Iterator[NDArray[np.float32]]:
    """The values, each repeated so many times, in parts of about a quarter of a million."""
    at_once, most = max(1, _TRACE_MEMBER_BYTES // _SAMPLE_BYTES // max(1, step)), _TRACE_MEMBER_BYTES // _SAMPLE_BYTES
    for at in range(0, len(values), at_once):
        part = values[at : at + at_once]
        for done in range(0, step, most):
            yield part.repeat(min(step - done, most))


def _cut(chunk: Samples | Runs, start: int, end: int) -> Words:
    if isinstance(chunk, Samples):
        return chunk.words[start - chunk.start : end - chunk.start]
    first = int(np.searchsorted(chunk.ticks, start, "right")) - 1
    after = int(np.searchsorted(chunk.ticks, end, "left"))
    bounds = np.append(chunk.ticks[first:after], end)
    bounds[0] = start
    return chunk.words[first:after].repeat(np.diff(bounds))
