"""Writing a file so that its path holds either the old content or all of the new."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from decoders.core.errors import RecordingError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside `path` that takes its name when the block ends; an error leaves `path` as it was and nothing behind."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as fault:
        raise RecordingError(
            f"the file cannot be written: {fault.strerror or fault}", str(path), "choose another folder or make room"
        ) from fault
    finally:
        part.unlink(missing_ok=True)
