"""Opening a recording of any known format, told apart by content and, where that says nothing, by extension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from capture.formats.archive import ZIP_MAGIC, read_directory
from capture.formats.base import LogicRecording
from capture.formats.files import reading
from capture.formats.sigrok import open_sr
from capture.session.reader import is_session, open_session
from capture.session.schema import EXTENSION, HEADER_BYTES
from decoders.core.errors import RecordingError


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what a person calls it, its extension, how its content is known, and how a file of it is opened.

    `holds` gets the path and the file's first 100 bytes; it raises RecordingError, or says no, where it cannot tell.
    """

    name: str
    extension: str
    holds: Callable[[Path, bytes], bool]
    open: Callable[[Path], LogicRecording]


def open_recording(path: Path) -> LogicRecording:
    """Open a recording; RecordingError, naming the known formats, if none fits."""
    with reading(path) as file:
        head = file.read(HEADER_BYTES)
    if not head:
        raise RecordingError("the file is empty", str(path), "record again")
    for candidate in FORMATS:
        if _recognised(candidate, path, head):
            return candidate.open(path)
    for candidate in FORMATS:
        if path.suffix.lower() == candidate.extension:
            return candidate.open(path)
    known = ", ".join(f"{candidate.name} ({candidate.extension})" for candidate in FORMATS)
    raise RecordingError("the file is of no known format", str(path), f"known are {known}")


def _recognised(candidate: Format, path: Path, head: bytes) -> bool:
    try:
        return candidate.holds(path, head)
    except RecordingError:
        return False


def _holds_sigrok(path: Path, head: bytes) -> bool:
    return head.startswith(ZIP_MAGIC) and {"version", "metadata"} <= read_directory(path).keys()


def _holds_session(_path: Path, head: bytes) -> bool:
    return is_session(head)


FORMATS = (
    Format("sigrok session", ".sr", _holds_sigrok, open_sr),
    Format("session file", EXTENSION, _holds_session, open_session),
)
"""What can be opened, in the order in which contents are tried."""
