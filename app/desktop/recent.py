"""The recordings that were opened lately, kept in a small file in the user's configuration folder."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

MOST = 10


def recent_file() -> Path:
    """Where the list of this user is kept."""
    return platformdirs.user_config_path("umiscope", appauthor=False) / "recent.json"


class RecentFiles:
    """The last recordings, the latest first. A list that cannot be read is empty, one that cannot be written is not kept."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def paths(self) -> list[Path]:
        """The recordings, whether they are still there or not."""
        try:
            names = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [Path(name) for name in names if isinstance(name, str)][:MOST] if isinstance(names, list) else []

    def add(self, path: Path) -> None:
        """Put a recording first."""
        whole = path.absolute()
        self._write([whole, *(other for other in self.paths() if other != whole)])

    def remove(self, path: Path) -> None:
        """Forget a recording; the recording itself is not touched."""
        self._write([other for other in self.paths() if other != path.absolute()])

    def _write(self, paths: list[Path]) -> None:
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".recent-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump([str(path) for path in paths[:MOST]], file, indent=1)
            Path(name).replace(self._file)
