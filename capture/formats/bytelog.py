"""Byte logs: opto and serial traffic as JSON Lines, one message a line, or as the plain bytes of the device."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from decoders.core.errors import RecordingError

_LONGEST_LINE = 16 << 20
_PIECE = 1 << 16
_EARLIEST_NS, _LATEST_NS = -(1 << 63), (1 << 63) - 1
_DIRECTIONS: dict[tuple[str, object], Literal["h2p", "p2h"]] = {
    ("direction", "tx"): "h2p",
    ("direction", "rx"): "p2h",
    ("dir", "H>D"): "h2p",
    ("dir", "D>H"): "p2h",
}
_REMEDY = 'each line is {"time_ns": integer, "direction": "tx" or "rx", "data": hex}, where time_ns may be missing'


@dataclass(frozen=True, slots=True)
class ByteLogMessage:
    """One entry of a byte log: `direction` is h2p for what the reading tool sent; `time_ns` None where the log has no time."""

    time_ns: int | None
    direction: Literal["h2p", "p2h"]
    data: bytes


def read_byte_log(path: Path) -> Iterator[ByteLogMessage]:
    """The entries of a byte log, read as they are asked for; a file named .bin is all device to tool.

    Raises RecordingError, naming the line, for a line that is no entry, and for a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from _plain(file) if path.suffix.lower() == ".bin" else _lines(file, path)
    except OSError as error:
        raise RecordingError(error.strerror or str(error), str(path), "check the name and that you may read it") from error


def _plain(file: BinaryIO) -> Iterator[ByteLogMessage]:
    while piece := file.read(_PIECE):
        yield ByteLogMessage(None, "p2h", piece)


def _lines(file: BinaryIO, path: Path) -> Iterator[ByteLogMessage]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        try:
            entry = _entry(line.removeprefix(BOM_UTF8) if number == 1 else line)
        except (ValueError, RecursionError) as error:
            raise RecordingError(_what(error), f"{path}, line {number}", _REMEDY) from error
        if entry is not None:
            yield entry


def _what(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "the line is not UTF-8 text"
    if isinstance(error, (json.JSONDecodeError, RecursionError)):
        return "the line is not a JSON object"
    return str(error)


def _entry(line: bytes) -> ByteLogMessage | None:
    """One line as an entry, None for a blank one; raises ValueError with what is wrong."""
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"the line is longer than {_LONGEST_LINE >> 20} MiB")
    text = line.decode().strip()
    if not text:
        return None
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("the line is not a JSON object")  # noqa: TRY004 - every fault of a line is told the same way
    name = "direction" if "direction" in fields else "dir"
    said = fields.get(name)
    direction = _DIRECTIONS.get((name, said)) if isinstance(said, str) else None
    if direction is None:
        raise ValueError(f"{json.dumps(said)} is no direction" if name in fields else "the direction is missing")
    return ByteLogMessage(_time(fields.get("time_ns")), direction, _data(fields))


def _time(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not _EARLIEST_NS <= value <= _LATEST_NS:
        raise ValueError("time_ns is not a 64-bit integer")
    return value


def _data(fields: dict[str, object]) -> bytes:
    name = "data" if "data" in fields else "hex"
    value = fields.get(name)
    if not isinstance(value, str):
        raise ValueError("the data are missing" if value is None else f"{name} is not a string")  # noqa: TRY004 - as above
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise ValueError(f"{name} is not hexadecimal") from error
