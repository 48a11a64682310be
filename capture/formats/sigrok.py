"""sigrok session files (.sr), versions 1 and 2: zip archives of raw samples.

Version 1 has one member `logic-1`, version 2 members `logic-1-1`, `logic-1-2` … and `analog-1-<channel>-<number>` with float32
samples. Source: libsigrok's session file format.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from capture.formats.archive import read_directory, read_pieces, read_small
from capture.formats.random_access import MemberBytes
from capture.formats.sigrok_metadata import Metadata, parse_metadata
from capture.formats.sigrok_writer import WIDTHS
from decoders.core.chunk import LogicChunk, Lost, Samples, Words
from decoders.core.errors import RecordingError

_VERSIONS = (b"1", b"2")
_LEAST_CHUNK_BYTES = 1 << 17


@dataclass(frozen=True, slots=True)
class _Series:
    """The members that hold one signal, in order; `size` is their bytes together, `missing` a number that is not there."""

    members: tuple[zipfile.ZipInfo, ...]
    size: int
    missing: int | None


class SigrokRecording:
    """A sigrok session file, read as a `LogicRecording`; nothing stays open between reads."""

    def __init__(self, path: Path, metadata: Metadata, logic: _Series, analog: tuple[_Series, ...]) -> None:
        self.name = path.name
        self.channels = metadata.channels
        self.analog_channels = tuple(name for _, name in metadata.analog)
        self.analog_steps = (1,) * len(self.analog_channels)
        self.rate_hz = metadata.rate_hz
        unit = metadata.unit_bytes
        self.length: int | None = logic.size // unit
        self.notes = (*metadata.notes, *_oddities(logic, unit))
        self._path = path
        self._unit = unit
        self._logic = logic
        self._analog = analog
        self._anywhere = MemberBytes(path, logic.members)

    def chunks(self) -> Generator[LogicChunk, None, None]:
        """All samples from tick 0 in chunks of about a MiB.

        A damaged member raises RecordingError after its good part, a missing one after what comes before it, since what
        comes later is at no known time.
        """
        # Inflating ahead in a thread gains nothing: it takes a third of the decoder's time at most, and the samples are then
        # no longer in the cache when the decoder comes to them.
        start = 0
        for raw in _whole_samples(_bytes_of(self._path, self._logic), self._unit):
            words = _words(raw, self._unit)
            yield Samples(start, words)
            start += len(words)

    def window(self, start: int, end: int) -> list[LogicChunk]:
        """The samples of ticks [start, end) in one chunk as far as there are any; `Lost` where the file is damaged from `start` on."""
        raw, fault = self._anywhere.read(start * self._unit, end * self._unit)
        whole = memoryview(raw)[: len(raw) - len(raw) % self._unit]
        if fault is not None and not whole:
            return [Lost(start, end, fault.what)]
        return [Samples(start, _words(whole, self._unit))] if whole else []

    def analog_chunks(self, channel: int) -> Generator[NDArray[np.float32], None, None]:
        """The samples of one analogue trace, in the unit that it was recorded in, with the same errors as `chunks`."""
        for raw in _whole_samples(_bytes_of(self._path, self._analog[channel]), 4):
            yield np.frombuffer(raw, "<f4")

    def close(self) -> None:
        """Nothing is open between reads, so there is nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None:
        self.close()


def open_sr(path: Path) -> SigrokRecording:
    """Open a sigrok session file; RecordingError if it is none or its samples cannot be understood."""
    directory = read_directory(path)
    where = str(path)
    if "metadata" not in directory or "version" not in directory:
        raise RecordingError("the archive is no sigrok session: it has no version and metadata", where, "choose another file")
    version = read_small(path, directory["version"]).strip()
    if version not in _VERSIONS:
        raise RecordingError(
            f"version {version[:20].decode('ascii', 'backslashreplace')} of the sigrok format is not known", where,
            "save the file with a sigrok program as version 2",
        )  # fmt: skip
    metadata = parse_metadata(read_small(path, directory["metadata"]).decode("utf-8", "replace"), where)
    logic = _series(directory, metadata.capturefile, where) if metadata.capturefile else _Series((), 0, None)
    analog = tuple(_series(directory, f"analog-1-{number}", where) for number, _ in metadata.analog)
    if all(not series.members and series.missing is None for series in (logic, *analog)):
        raise RecordingError("the file holds no samples", where, "record again")
    return SigrokRecording(path, metadata, logic, analog)


def _series(directory: dict[str, zipfile.ZipInfo], stem: str, where: str) -> _Series:
    """The members of one signal up to the first that is missing, by number: libsigrok writes 1, 2, 3 … in any order."""
    if stem in directory:
        return _Series((directory[stem],), directory[stem].file_size, None)
    name = re.compile(re.escape(stem) + "-([0-9]{1,9})")
    numbered: dict[int, zipfile.ZipInfo] = {}
    for member in directory.values():
        if match := name.fullmatch(member.filename):
            if int(match[1]) in numbered:
                raise RecordingError(f"the file holds part {int(match[1])} of {stem!a} twice", where, "copy it again")
            numbered[int(match[1])] = member
    missing = next((number for number in range(1, max(numbered, default=0)) if number not in numbered), None)
    members = tuple(numbered[number] for number in sorted(numbered) if missing is None or number < missing)
    return _Series(members, sum(member.file_size for member in members), missing)


def _oddities(logic: _Series, unit: int) -> Iterator[str]:
    if logic.missing is not None:
        yield f"Part {logic.missing} of the samples is missing; what comes after it is at no known time and is not read."
    elif logic.size % unit:
        yield f"The samples end with {logic.size % unit} of the {unit} bytes of a sample, which are left out."
    elif not logic.members:
        yield "The file holds analogue samples only."


def _bytes_of(path: Path, series: _Series) -> Iterator[bytes]:
    for member in series.members:
        yield from read_pieces(path, member)
    if series.missing is not None:
        raise RecordingError(
            f"part {series.missing} of the samples is missing, and what comes after it is at no known time",
            str(path), "what came before is good; copy the file again or record again",
        )  # fmt: skip


def _whole_samples(pieces: Iterable[bytes], unit: int) -> Generator[memoryview, None, None]:
    """The same bytes cut between samples, small pieces joined; what fills no sample at the end is left out."""
    held: list[bytes] = []
    size = 0
    fault: RecordingError | None = None
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= _LEAST_CHUNK_BYTES:
                joined = memoryview(piece if len(held) == 1 else b"".join(held))
                whole = size - size % unit
                yield joined[:whole]
                held, size = [bytes(joined[whole:])] if whole < size else [], size - whole
    except RecordingError as raised:
        fault = raised
    if size >= unit:
        yield memoryview(b"".join(held))[: size - size % unit]
    if fault is not None:
        raise fault


def _words(raw: memoryview, unit: int) -> Words:
    """Logic words of the next width that numpy has; the file is little-endian."""
    width = next(width for width in WIDTHS if unit <= width)
    if width == unit:
        return np.frombuffer(raw, f"<u{width}")
    padded = np.zeros((len(raw) // unit, width), np.uint8)
    padded[:, :unit] = np.frombuffer(raw, np.uint8).reshape(-1, unit)
    return padded.view(f"<u{width}").reshape(-1)
