"""Files as readers and writers of formats need them: what the system refuses is told as a RecordingError."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from decoders.core.errors import RecordingError

_SQLITE_SUFFIXES = ("-wal", "-shm", "-journal")
"""Of files that SQLite keeps beside its own."""


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """An existing regular file, open for reading; RecordingError for anything else and for every fault while it is open."""
    try:
        # A named pipe would wait for its writer for ever.
        if path.exists() and not path.is_file():
            raise RecordingError("this is no file", str(path), "choose a file")
        with path.open("rb") as file:
            yield file
    except OSError as fault:
        raise RecordingError(
            f"the file cannot be read: {fault.strerror or fault}", str(path), "check its path and permissions"
        ) from fault


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside `path` that takes its name when the block ends; an error leaves `path` as it was and nothing behind."""
    with replacing_path(path) as part, part.open("xb") as file:
        yield file


@contextmanager
def replacing_path(path: Path) -> Iterator[Path]:
    """A name beside `path` whose file takes the name of `path` when the block ends, with the same promises."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    except OSError as fault:
        raise unwritable(path, fault.strerror or str(fault)) from fault
    finally:
        for left in (part, *(part.with_name(part.name + suffix) for suffix in _SQLITE_SUFFIXES)):
            left.unlink(missing_ok=True)


def unwritable(path: Path, why: str) -> RecordingError:
    """What to raise where a file cannot be written."""
    return RecordingError(f"the file cannot be written: {why}", str(path), "choose another folder or make room")
