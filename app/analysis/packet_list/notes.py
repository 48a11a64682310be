"""Marks and comments on records: the user's own, kept in a small file beside no recording and never in one.

A note is tied to where its record lies on the wire, not to its number, so that it outlives another profile or wiring.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from app.analysis.packet_list.rows import Kind, kind_of, number_of
from app.analysis.tables.cache import SAMPLED_BYTES
from app.analysis.tables.snapshot import Snapshot

VERSION = 1
LONGEST_COMMENT = 10_000
MOST_KEPT = 20_000
"""Places in the steps of undo, and of redo, that are kept in the file; older steps end with the session."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record by its layer, the tick of its first bit, and where it was seen."""

    layer: str
    tick: int
    stream: int
    port: int
    direction: int


@dataclass(frozen=True, slots=True)
class Note:
    """What the user noted about a record."""

    marked: bool = False
    comment: str = ""


NOTHING = Note()
Change = dict[Place, tuple[Note, Note]]
"""By place the note before and after."""


def place_of(snapshot: Snapshot, code: int) -> Place | None:
    """The place of the record in a row; gaps have none."""
    kind, row = kind_of(code), number_of(code) - 1
    if kind is Kind.GAP:
        return None
    layer = "packets" if kind is Kind.PACKET else "frames"
    start, *rest = (int(snapshot.column(layer, name)[row]) for name in ("start", "stream", "port", "direction"))
    return Place(layer, start, *rest)


def notes_file(recording: Path) -> Path:
    """Where the notes on a recording are kept: named by its size and its first and last mebibyte. Raises OSError.

    Unlike a decode's key this leaves out the time of change, so that a copied recording keeps its notes.
    """
    size = recording.stat().st_size
    digest = hashlib.sha256(f"{size}|".encode())
    with recording.open("rb") as file:
        digest.update(file.read(SAMPLED_BYTES))
        file.seek(max(0, size - SAMPLED_BYTES))
        digest.update(file.read(SAMPLED_BYTES))
    return platformdirs.user_data_path("umiscope", appauthor=False) / "notes" / f"{digest.hexdigest()[:32]}.json"


def open_notes(recording: Path) -> Notes:
    """The notes on a recording; where they cannot be read there are none, and `problem` says why."""
    try:
        return Notes(notes_file(recording), recording.name)
    except OSError as error:
        notes = Notes(None)
        notes.problem = f"{recording}: its notes cannot be looked up ({error.strerror}); changes will not be kept"
        return notes


class Notes:
    """The notes on one recording, with undo and redo, which outlive the session; every change is written at once.

    `path` None keeps them in memory.

    `problem` says what could not be read or written, for the user; a damaged file is put aside, never overwritten.
    """

    def __init__(self, path: Path | None, title: str = "") -> None:
        self.problem = ""
        self._path, self._title = path, title
        self._notes: dict[Place, Note] = {}
        self._done: list[Change] = []
        self._undone: list[Change] = []
        if path is not None:
            self._read(path)

    def __len__(self) -> int:
        return len(self._notes)

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def of(self, place: Place) -> Note:
        """What is noted about a place."""
        return self._notes.get(place, NOTHING)

    def all(self) -> list[tuple[Place, Note]]:
        """All notes in order of time."""
        return sorted(self._notes.items(), key=lambda item: (item[0].tick, item[0].layer, item[0].port))

    def change(self, notes: Mapping[Place, Note]) -> None:
        """Note something about places, as one step of undo."""
        change = {place: (self.of(place), note) for place, note in notes.items() if self.of(place) != note}
        if change:
            self._done.append(change)
            self._undone.clear()
            self._apply({place: after for place, (_, after) in change.items()})

    def undo(self) -> list[Place]:
        """Take the last change back; the places that it was about."""
        if not self._done:
            return []
        change = self._done.pop()
        self._undone.append(change)
        self._apply({place: before for place, (before, _) in change.items()})
        return list(change)

    def redo(self) -> list[Place]:
        """Make the change again that was taken back last."""
        if not self._undone:
            return []
        change = self._undone.pop()
        self._done.append(change)
        self._apply({place: after for place, (_, after) in change.items()})
        return list(change)

    def _apply(self, notes: dict[Place, Note]) -> None:
        for place, note in notes.items():
            if note == NOTHING:
                self._notes.pop(place, None)
            else:
                self._notes[place] = note
        if self._path is not None:
            self._write(self._path)

    def _read(self, path: Path) -> None:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            self._notes = dict(map(_entry, document["notes"])) if document["version"] == VERSION else self._newer(path)
            if self._path is not None:
                self._done, self._undone = ([_change(step) for step in document.get(name, [])] for name in ("undo", "redo"))
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem, self._path = f"{path}: the notes cannot be read ({error.strerror}); changes will not be kept", None
        except (ValueError, KeyError, TypeError, RecursionError):
            self._notes, self._done, self._undone = {}, [], []
            aside = path.with_suffix(".damaged")
            with contextlib.suppress(OSError):
                path.replace(aside)
            self.problem = f"{path}: the notes are damaged; the file is now {aside.name}, and new ones begin empty"

    def _newer(self, path: Path) -> dict[Place, Note]:
        self.problem, self._path = (
            f"{path}: the notes are of a newer version; changes will not be kept, install it to use them",
            None,
        )
        return {}

    def _write(self, path: Path) -> None:
        """Put the file in place in one step, so that a crash leaves the old one or the new one."""
        notes = [asdict(place) | asdict(note) for place, note in self.all()]
        steps = {"undo": _steps(self._done), "redo": _steps(self._undone)}
        document = {"version": VERSION, "recording": self._title, "notes": notes, **steps}
        text = json.dumps(document, ensure_ascii=False, indent=1)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)
            self.problem = ""
        except OSError as error:
            fresh.unlink(missing_ok=True)
            self.problem = f"{path}: the notes cannot be written ({error.strerror}); make room or allow writing there"


def _entry(entry: dict[str, Any]) -> tuple[Place, Note]:
    return _place(entry), _note(entry)


def _place(entry: dict[str, Any]) -> Place:
    return Place(str(entry["layer"]), *(int(entry[name]) for name in ("tick", "stream", "port", "direction")))


def _note(entry: dict[str, Any]) -> Note:
    return Note(bool(entry["marked"]), str(entry["comment"])[:LONGEST_COMMENT])


def _change(step: list[dict[str, Any]]) -> Change:
    return {_place(entry): (_note(entry["before"]), _note(entry["after"])) for entry in step}


def _steps(changes: list[Change]) -> list[list[dict[str, Any]]]:
    """The latest changes as plain values, as many as are kept."""
    kept: list[list[dict[str, Any]]] = []
    room = MOST_KEPT
    for change in reversed(changes):
        room -= len(change)
        if room < 0:
            break
        kept.append(
            [asdict(place) | {"before": asdict(before), "after": asdict(after)} for place, (before, after) in change.items()]
        )
    return kept[::-1]
