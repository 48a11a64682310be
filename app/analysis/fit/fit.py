"""How well a wire profile explains a recording: what became of every byte, and how much of the profile is still a placeholder."""

from __future__ import annotations

import contextlib
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.material import DEFAULT_PROFILE, PROFILES, shipped_profiles
from app.analysis.panes.listing import Numbers
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import count_text, grouped
from app.analysis.workspace import ProfileText, compiled
from decoders.core.errors import MaterialError
from decoders.profile.framing import Malformed

ROWS_AT_ONCE = 1 << 18
REASONS = len(Malformed) + 1
PLACES = 1 << 16
MOST_PLACES = 5
NOT_COUNTED = frozenset({"name", "title", "description", "format"})
"""What a profile says about itself, which no device can contradict."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Bytes of all lines by what they are, and frames by whether their checksum holds.

    `filler` is what lies outside frames and malformed stretches: filler, delimiters and stuffing. `unexplained` is by
    (stream, port), most bytes first.
    """

    frames: int = 0
    frame_bytes: int = 0
    bad_crc: int = 0
    stretches: int = 0
    stretch_bytes: int = 0
    filler: int = 0
    unexplained: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def explained(self) -> float | None:
        """The share of the bytes that are no filler which lie in frames; None where there are none at all."""
        said = self.frame_bytes + self.stretch_bytes
        return self.frame_bytes / said if said else None

    @property
    def passed(self) -> float | None:
        """The share of the stretches that look like frames whose checksum holds."""
        judged = self.frames + self.bad_crc
        return self.frames / judged if judged else None


class FitCounter:
    """Counts what came since the last time; each call of `grow` takes a bounded time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._count = np.zeros(REASONS, np.int64)
        self._size = np.zeros(REASONS, np.int64)
        self._by_place: Numbers = np.zeros(PLACES, np.int64)
        self._on_lines = 0
        self._frames = self._transfers = 0

    def grow(self) -> bool:
        """Take in more records; True where there are still some left."""
        self._frames = self._add_frames(self._frames, min(self._snapshot.count("frames"), self._frames + ROWS_AT_ONCE))
        self._transfers = self._add_transfers(
            self._transfers, min(self._snapshot.count("transfers"), self._transfers + ROWS_AT_ONCE)
        )
        return self._frames < self._snapshot.count("frames") or self._transfers < self._snapshot.count("transfers")

    def fit(self) -> Fit:
        """What was counted so far."""
        places = np.argsort(-self._by_place, kind="stable")[: np.count_nonzero(self._by_place)].tolist()
        frame_bytes, stretch_bytes = int(self._size[0]), int(self._size[1:].sum())
        return Fit(
            frames=int(self._count[0]),
            frame_bytes=frame_bytes,
            bad_crc=int(self._count[Malformed.BAD_CRC]),
            stretches=int(self._count[1:].sum()),
            stretch_bytes=stretch_bytes,
            filler=max(0, self._on_lines - frame_bytes - stretch_bytes),
            unexplained=[(place >> 8, place & 0xFF, int(self._by_place[place])) for place in places],
        )

    def _add_frames(self, first: int, end: int) -> int:
        reason, size, stream, port = (
            self._snapshot.column("frames", name)[first:end] for name in ("malformed", "size", "stream", "port")
        )
        self._count += np.bincount(reason, minlength=REASONS)
        self._size += np.bincount(reason, weights=size, minlength=REASONS).astype(np.int64)
        bad = np.flatnonzero(reason)
        place = stream[bad].astype(np.int64) << 8 | port[bad]
        self._by_place += np.bincount(place, weights=size[bad], minlength=PLACES).astype(np.int64)
        return end

    def _add_transfers(self, first: int, end: int) -> int:
        sizes = (self._snapshot.column("transfers", name)[first:end] for name in ("h2p_size", "p2h_size"))
        self._on_lines += sum(int(size.sum(dtype=np.int64)) for size in sizes)
        return end


@dataclass(frozen=True, slots=True)
class Offsets:
    """Unexplained stretches laid over each other from their first byte: at each offset how many have a byte there, the commonest
    byte and how many have that one.
    """

    bytes_there: NDArray[np.int64]
    commonest: NDArray[np.uint8]
    agreeing: NDArray[np.int64]


def lay_over(stretches: list[bytes], width: int) -> Offsets:
    """The first `width` offsets of the stretches."""
    counts = np.zeros((width, 256), np.int64)
    for stretch in stretches:
        head = np.frombuffer(stretch[:width], np.uint8)
        counts[np.arange(len(head)), head] += 1
    return Offsets(counts.sum(axis=1), counts.argmax(axis=1).astype(np.uint8), counts.max(axis=1))


def shipped_text(text: str) -> str:
    """The shipped profile that a profile's text began as: the one of the same name, else the default."""
    with contextlib.suppress(tomllib.TOMLDecodeError):
        name = tomllib.loads(text).get("name")
        if name in shipped_profiles():
            return (PROFILES / f"{name}.toml").read_text(encoding="utf-8")
    return (PROFILES / f"{DEFAULT_PROFILE}.toml").read_text(encoding="utf-8")


def fault_of(text: str, name: str) -> MaterialError | None:
    """What is wrong with a profile's text; None where it can be used."""
    try:
        compiled(ProfileText(name, text))
    except MaterialError as fault:
        return fault
    return None


def fault_line(fault: MaterialError) -> int | None:
    """The line that a fault names."""
    found = re.search(r", line (\d+)", fault.where)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a profile has come from the shipped one: statements in all, placeholders among them, values that differ."""

    statements: int
    placeholders: int
    confirmed: int
    """Statements that are placeholders in the shipped profile and no longer here."""
    corrections: int


def standing(text: str, shipped: str) -> Standing | None:
    """A profile's text held against the shipped one's; None while it cannot be loaded."""
    try:
        own, theirs = (dict(compiled(ProfileText("profile", one)).statements()) for one in (text, shipped))
    except MaterialError:
        return None
    placeholders = sum(origin == "P" for origin in own.values())
    confirmed = sum(origin == "P" and own.get(name, "P") != "P" for name, origin in theirs.items())
    here, there = (_leaves(tomllib.loads(one)) for one in (text, shipped))
    corrections = sum(here.get(name) != there.get(name) for name in here.keys() | there.keys())
    return Standing(len(own), placeholders, confirmed, corrections)


def _leaves(data: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """All values by path, without provenances; entries of arrays by their name where they have one, so that a moved one is no other."""
    leaves: dict[tuple[str, ...], Any] = {}
    stack: list[tuple[tuple[str, ...], Any]] = [((), {key: value for key, value in data.items() if key not in NOT_COUNTED})]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [((*path, key), child) for key, child in value.items() if key not in {"from", "tags_from"}]
        elif isinstance(value, list) and any(isinstance(child, dict) for child in value):
            stack += [((*path, _entry_name(child, at)), child) for at, child in enumerate(value)]
        else:
            leaves[path] = value
    return leaves


def _entry_name(entry: Any, at: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"{name}" if isinstance(name, str) and name != "reserved" else f"{at}"


def fit_text(fit: Fit) -> str:
    """98.2 % of 12 480 bytes explained · checksum holds in 412 of 415 · 40 000 bytes of filler."""
    if fit.explained is None:
        return f"Nothing but filler on the lines: {count_text(fit.filler, 'byte')}" if fit.filler else "No bytes so far"
    said = [f"{percent(fit.explained)} of {count_text(fit.frame_bytes + fit.stretch_bytes, 'byte')} explained"]
    if fit.passed is not None:
        said.append(f"checksum holds in {grouped(fit.frames)} of {grouped(fit.frames + fit.bad_crc)}")
    if fit.stretches:
        said.append(f"{count_text(fit.stretches, 'unexplained stretch').replace('stretchs', 'stretches')}")
    said.append(f"{count_text(fit.filler, 'byte')} of filler")
    return " · ".join(said)


def places_text(fit: Fit, streams: tuple[str, ...]) -> str:
    """Unexplained bytes: 1 204 on port 1, 88 on port 3."""
    alone = len({stream for stream, _, _ in fit.unexplained}) < 2
    said = [
        f"{grouped(size)} on port {port}" + ("" if alone or stream >= len(streams) else f" of {streams[stream]}")
        for stream, port, size in fit.unexplained[:MOST_PLACES]
    ]
    more = len(fit.unexplained) - MOST_PLACES
    return f"Unexplained bytes: {', '.join(said)}{f' and {more} more' if more > 0 else ''}" if said else ""


def standing_text(state: Standing | None) -> str:
    """243 of 262 statements are placeholders · 4 values corrected, 2 placeholders confirmed."""
    if state is None:
        return "This text is not a profile yet"
    said = f"{grouped(state.placeholders)} of {grouped(state.statements)} statements are placeholders"
    corrections = f"{count_text(state.corrections, 'value')} corrected" if state.corrections else "nothing corrected yet"
    return (
        f"{said} · {corrections}, {grouped(state.confirmed)} placeholders confirmed"
        if state.confirmed
        else f"{said} · {corrections}"
    )


def percent(share: float) -> str:
    """A share that is all or nothing only where it is exactly that: 99.9 %."""
    return f"{share * 100:.1f} %" if share in {0.0, 1.0} else f"{min(99.9, max(0.1, share * 100)):.1f} %"
