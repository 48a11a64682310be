"""The decode cache: a folder for each combination of raw data, wiring, profile and decoder, limited in size, safe to delete.

Nothing that a key opened is ever in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path

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


def mark_used(folder: Path) -> None:
    """Note that a decode was looked at now, for `make_room`."""
    (folder / USED_MARK).touch()


def make_room(root: Path, keep: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Delete the decodes that were not looked at for longest until the rest fits; `keep` stays.

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
                shutil.rmtree(folder)
                total -= sizes[folder]


def _last_used_ns(folder: Path) -> int:
    mark = folder / USED_MARK
    return (mark if mark.exists() else folder).stat().st_mtime_ns
