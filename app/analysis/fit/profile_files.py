"""Wire profiles as files: read, written without ever being half written, and remembered: the latest, and which a recording is read by."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from app.analysis.material import PROFILES, profile_file
from app.analysis.workspace import ProfileText, compiled
from decoders.core.errors import RecordingError, UserError

MOST = 10
MOST_RECORDINGS = 200


def is_shipped(path: Path) -> bool:
    """Whether a file came with the program; such a one is never written."""
    return path.resolve().parent == PROFILES.resolve()


def path_of(profile: ProfileText) -> Path | None:
    """The file that a profile is from; None for one that came with the program."""
    path = Path(profile.name)
    return path if path.is_absolute() and not is_shipped(path) else None


def save_profile(path: Path, text: str) -> None:
    """Write a profile: whole or not at all. RecordingError, in plain words, where that is not possible."""
    if is_shipped(path):
        raise RecordingError("this profile came with the program and is not overwritten", str(path), "save it under another name")
    if path.is_dir():
        raise RecordingError("this is a folder", str(path), "give a file name")
    if path.exists() and not os.access(path, os.W_OK):
        raise RecordingError("the file is write-protected", str(path), "save it under another name or allow writing to it")
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(name).replace(path.resolve())
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise RecordingError(*_told(error, path)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _told(error: OSError, path: Path) -> tuple[str, str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such folder", str(path.parent), "choose a folder that is there"
    if isinstance(error, PermissionError):
        return "this folder may not be written to", str(path.parent), "choose another folder"
    return f"the profile cannot be written: {error.strerror or error}", str(path), "choose another folder or make room"


class ProfileChoices:
    """Kept in a small file: the profiles used lately, the latest first, and which profile each recording was read by last.

    A file that cannot be read is empty, one that cannot be written is not kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def recent(self) -> list[Path]:
        """Profiles, whether they are still there or not."""
        return [Path(name) for name in self._read()[0]]

    def chosen_for(self, recording: Path) -> Path | None:
        """The file that a recording was read by last; None where that was a shipped profile."""
        name = self._read()[1].get(str(recording.absolute()))
        return Path(name) if name else None

    def add(self, profile: Path) -> None:
        """Put a profile first."""
        names, chosen = self._read()
        whole = str(profile.absolute())
        self._write([whole, *(name for name in names if name != whole)], chosen)

    def choose(self, recording: Path, profile: Path | None) -> None:
        """Remember which file a recording is read by; None for a shipped profile."""
        names, chosen = self._read()
        whole = str(recording.absolute())
        rest = {key: name for key, name in chosen.items() if key != whole}
        self._write(names, rest | ({whole: str(profile.absolute())} if profile is not None else {}))

    def _read(self) -> tuple[list[str], dict[str, str]]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return [], {}
        names, chosen = (data.get(key) for key in ("recent", "recordings")) if isinstance(data, dict) else (None, None)
        return (
            [name for name in names if isinstance(name, str)][:MOST] if isinstance(names, list) else [],
            {key: name for key, name in chosen.items() if isinstance(name, str)} if isinstance(chosen, dict) else {},
        )

    def _write(self, names: list[str], chosen: dict[str, str]) -> None:
        kept = dict(list(chosen.items())[-MOST_RECORDINGS:])
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".profiles-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"recent": names[:MOST], "recordings": kept}, file, indent=1)
            Path(name).replace(self._file)


def choices_file() -> Path:
    """Where the choices of this user are kept."""
    return platformdirs.user_config_path("umiscope", appauthor=False) / "profiles.json"


def profile_for(choices: ProfileChoices, recording: Path, otherwise: ProfileText) -> tuple[ProfileText, str]:
    """What a recording was read by last, else another profile; and in plain words why, where the file cannot be used any more."""
    path = choices.chosen_for(recording)
    if path is None:
        return otherwise, ""
    try:
        profile = profile_file(path)
        compiled(profile)
    except UserError as error:
        return otherwise, f"This recording was read by a profile that cannot be used now: {error}. It is read by {otherwise.name}."
    return profile, ""
