"""What a user supplies beside a recording: wire profiles, by name or file, and datasheets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.analysis.workspace import ProfileText
from capture.formats.files import reading
from decoders.core.errors import MaterialError
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.wire_profile import WireProfile, load_profile

DEFAULT_PROFILE = "reference-1"
PROFILES = Path(__file__).resolve().parent.parent.parent / "resources" / "profiles"
_MOST_BYTES = 16 << 20


def shipped_profiles() -> list[str]:
    """The names of the profiles that come with the program, the default first."""
    names = sorted(path.stem for path in PROFILES.glob("*.toml"))
    return sorted(names, key=lambda name: name != DEFAULT_PROFILE)


def profile_text(name: str) -> ProfileText:
    """A shipped profile's text, as the window edits it."""
    return ProfileText(name, text_of(PROFILES / f"{name}.toml"))


def profile_file(path: Path) -> ProfileText:
    """A profile's text from a file, as it stands; MaterialError where it is no text, RecordingError where there is no such file."""
    return ProfileText(str(path), text_of(path))


def read_profile(name: str) -> WireProfile:
    """A shipped profile by its name, else the one in the file of this name.

    Raises MaterialError for a mistake in it, RecordingError where there is no such file.
    """
    shipped = name in shipped_profiles()
    path = PROFILES / f"{name}.toml" if shipped else Path(name)
    if not shipped and not path.exists() and path.parent == Path() and not path.suffix:
        known = ", ".join(shipped_profiles())
        raise MaterialError(f"there is no wire profile '{name}'", "", f"known are {known}, or name a file")
    return load_profile(text_of(path), path.name if shipped else str(path))


def read_datasheets(paths: Iterable[Path]) -> DatasheetSet:
    """Datasheets from files; MaterialError for a mistake in one, or where two describe the same object."""
    return DatasheetSet([load_datasheet(text_of(path), str(path)) for path in paths])


def text_of(path: Path) -> str:
    """The text of a profile, a datasheet or a scenario; MaterialError where it is none, RecordingError where it cannot be read."""
    with reading(path) as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise MaterialError(f"the file has more than {_MOST_BYTES >> 20} MiB", str(path), "choose a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MaterialError("the file is not UTF-8 text", str(path), "save it as UTF-8") from None
