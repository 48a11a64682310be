"""The decode cache: a folder for each combination of raw data, wiring, profile and decoder, limited in size, safe to delete.

Nothing that a key opened is ever in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from pathlib import Path
from typing import IO

import platformdirs

from decoders.stack import ALL_CODES

DECODER_VERSION = "2"
"""Raised whenever the same samples would give other records, or the same records other columns."""
FINDING_CODES = ",".join(code.name for code in ALL_CODES)
"""Tables hold the codes of findings by number, so that a cache of other codes is of no use."""
LIMIT_BYTES = 4 << 30
SAMPLED_BYTES = 1 << 20
USED_MARK = "used"


def cache_folder() -> Path:
    """Where all decodes of this user are kept."""
    return platformdirs.user_cache_path("umiscope", appauthor=False) / "decoded"


def decode_key(path: Path, wiring: str, profile_digest: str, rate_hz: int) -> str:
    """The name of one decode: identity of the raw data, wiring text, profile and decoder version.

    The data's identity is its size, time of change, and first and last mebibyte; reading all of a large file would take longer
    than decoding it. Raises OSError.
    """
    status = path.stat()
    digest = hashlib.sha256(
        f"{DECODER_VERSION}|{FINDING_CODES}|{status.st_size}|{status.st_mtime_ns}|{wiring}|{profile_digest}|{rate_hz}|".encode()
    )
    with path.open("rb") as file:
        digest.update(file.read(SAMPLED_BYTES))
        file.seek(max(0, status.st_size - SAMPLED_BYTES))
        digest.update(file.read(SAMPLED_BYTES))
    return digest.hexdigest()[:32]


if sys.platform == "win32":

    def _lock(_mark: IO[bytes], *, alone: bool) -> None:
        """A file that is open cannot be deleted here anyway."""

    def _delete(folder: Path) -> None:
        # The mark goes first: where a program has it open that fails, and nothing else is touched.
        (folder / USED_MARK).unlink(missing_ok=True)
        shutil.rmtree(folder)

else:
    import fcntl

    def _lock(mark: IO[bytes], *, alone: bool) -> None:
        """Hold a mark together with others, or alone; BlockingIOError where somebody holds it otherwise. A program's end lets go."""
        fcntl.flock(mark.fileno(), (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)

    def _delete(folder: Path) -> None:
        with (folder / USED_MARK).open("ab") as mark:
            _lock(mark, alone=True)
            shutil.rmtree(folder)


def mark_used(folder: Path) -> None:
    """Note that a decode was looked at now, for `make_room`."""
    (folder / USED_MARK).touch()


def hold(folder: Path) -> IO[bytes]:
    """Keep a decode that is marked as used from being deleted, by this program or another, until what this gives is closed.

    Raises OSError where somebody is deleting it, or has done so.
    """
    mark = (folder / USED_MARK).open("rb")
    try:
        _lock(mark, alone=False)
    except OSError:
        mark.close()
        raise
    return mark


def make_room(root: Path, keep: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Delete the decodes that were not looked at for longest until the rest fits; `keep` stays, and what a program holds.

    Another program may do the same at the same time, and on some systems what is in use cannot be deleted: both are passed over.
    """
    sizes: dict[Path, int] = {}
    used: dict[Path, int] = {}
    for folder in root.iterdir() if root.is_dir() else ():
        with contextlib.suppress(OSError):
            used[folder] = _last_used_ns(folder)
            sizes[folder] = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    total = sum(sizes.values())
    for folder in sorted(sizes, key=lambda one: used[one]):
        if total <= limit_bytes:
            return
        if folder != keep:
            with contextlib.suppress(OSError):
                _delete(folder)
                total -= sizes[folder]


def _last_used_ns(folder: Path) -> int:
    mark = folder / USED_MARK
    return (mark if mark.exists() else folder).stat().st_mtime_ns
