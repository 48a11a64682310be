"""What the search for a dialect works on: stretches that the active profile leaves unexplained, and some of what it explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.analysis.panes.listing import Numbers
from app.analysis.tables.snapshot import Snapshot
from decoders.core.transfers import Line
from decoders.profile.framing import find_frames
from decoders.profile.wire_profile import WireProfile

MOST_PIECES = 800
MOST_BYTES = 1 << 16
MOST_KEPT = 100
MOST_KEPT_BYTES = 1 << 14
ROWS_AT_ONCE = 1 << 17
PIECES_AT_ONCE = 25
TAIL = 8
"""Bytes around a stretch that look like filler and may be its own, such as a checksum that ends in FF."""
NEAR = 64
"""Transfers that may end between a frame's begin and the end of its own transfer, on other ports."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An unexplained stretch: `size` bytes of `data`; what is behind them looks like filler, and so does what is `before` them."""

    data: bytes
    size: int
    before: bytes = b""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a search needs of a recording: stretches, some transfers that the profile explains, and bytes of either kind in all."""

    pieces: list[Piece]
    kept: list[Piece]
    explained_bytes: int
    unexplained_bytes: int
    filler: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of frames that may be chosen, some of each part of the recording, and the bytes of all."""

    bad: Numbers
    good: Numbers
    bad_bytes: int
    good_bytes: int


def gather(snapshot: Snapshot) -> Iterator[list[Piece]]:
    """Unexplained stretches from all over the recording, at most 800 and 64 KiB of them; some more with each short step."""
    for material in gather_material(snapshot):
        yield material.pieces


def gather_material(snapshot: Snapshot) -> Iterator[Material]:
    """What a search needs, some more with each step; a step takes a few milliseconds however long the recording is."""
    rows = _Rows(np.empty(0, np.int64), np.empty(0, np.int64), 0, 0)
    filler = snapshot.profile.framing.filler
    for first in range(0, snapshot.count("frames"), ROWS_AT_ONCE):
        rows = _more_rows(snapshot, rows, first)
        yield Material([], [], rows.good_bytes, rows.bad_bytes, filler)
    bad, good = _spread(rows.bad, MOST_PIECES), _spread(rows.good, MOST_KEPT)
    pieces: list[Piece] = []
    kept: list[Piece] = []
    left = MOST_BYTES
    for step in range(0, len(bad), PIECES_AT_ONCE):
        for row in bad[step : step + PIECES_AT_ONCE].tolist():
            content = snapshot.frame_content(row + 1)
            left -= len(content)
            if left < 0:
                break
            pieces.append(_with_filler(content, _line_of(snapshot, row), filler))
        yield Material(pieces, kept, rows.good_bytes, rows.bad_bytes, filler)
    left = MOST_KEPT_BYTES
    for number, row in enumerate(good.tolist(), 1):
        line = _line_of(snapshot, row)
        left -= len(line)
        if left < 0:
            break
        if line:
            kept.append(Piece(line, len(line)))
        if number % PIECES_AT_ONCE == 0:
            yield Material(pieces, kept, rows.good_bytes, rows.bad_bytes, filler)
    yield Material(pieces, kept, rows.good_bytes, rows.bad_bytes, filler)


def _more_rows(snapshot: Snapshot, rows: _Rows, first: int) -> _Rows:
    malformed, size = (snapshot.column("frames", name)[first : first + ROWS_AT_ONCE] for name in ("malformed", "size"))
    is_bad = malformed != 0
    bad_bytes = int(size[is_bad].sum(dtype=np.int64))
    return _Rows(
        np.concatenate([rows.bad, _spread(np.flatnonzero(is_bad) + first, MOST_PIECES)]),
        np.concatenate([rows.good, _spread(np.flatnonzero(~is_bad) + first, MOST_KEPT)]),
        rows.bad_bytes + bad_bytes,
        rows.good_bytes + int(size.sum(dtype=np.int64)) - bad_bytes,
    )


def _spread(rows: Numbers, most: int) -> Numbers:
    """Some of the rows, from the first to the last."""
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)] if len(rows) > most else rows


def _line_of(snapshot: Snapshot, row: int) -> bytes:
    """All bytes of the transfer that a frame lies in, in its direction; none where it is not found.

    Transfers stand in order of their end, so that a frame's own is among the next to end, on whatever port.
    """
    start, stream, port, direction = (
        int(snapshot.column("frames", name)[row]) for name in ("start", "stream", "port", "direction")
    )
    first = int(np.searchsorted(snapshot.column("transfers", "end"), start))
    columns = {name: snapshot.column("transfers", name)[first : first + NEAR] for name in ("start", "stream", "port")}
    own = np.flatnonzero((columns["start"] <= start) & (columns["stream"] == stream) & (columns["port"] == port))
    if not len(own):
        return b""
    side = "p2h" if direction else "h2p"
    at, size = (int(snapshot.column("transfers", f"{side}_{name}")[first + int(own[0])]) for name in ("at", "size"))
    return snapshot.column("bytes", "data")[at : at + size].tobytes()


def _with_filler(content: bytes, line: bytes, filler: frozenset[int]) -> Piece:
    begin = line.find(content)
    if begin < 0:
        return Piece(content, len(content))
    behind = line[begin + len(content) : begin + len(content) + TAIL]
    loose = next((at for at, byte in enumerate(behind) if byte not in filler), len(behind))
    before = line[max(0, begin - TAIL) : begin]
    tight = next((at for at, byte in enumerate(reversed(before)) if byte not in filler), len(before))
    return Piece(content + behind[:loose], len(content), before[len(before) - tight :])


def without_filler(pieces: list[Piece], filler: frozenset[int]) -> list[Piece]:
    """The stretches as they are when these bytes too are filler; those of nothing else are gone."""
    strip = bytes(filler)
    trimmed = []
    for piece in pieces:
        content = piece.data[: piece.size]
        start = len(content) - len(content.lstrip(strip))
        end = len(content.rstrip(strip))
        if start < end:
            before = (piece.before + content[:start])[-TAIL:]
            trimmed.append(Piece(content[start:end] + (content[end:] + piece.data[piece.size :])[:TAIL], end - start, before))
    return trimmed


@dataclass(frozen=True, slots=True)
class Explained:
    """What a profile makes of the pieces: frames, stretches explained from end to end, and the share of their bytes."""

    frames: int
    pieces: int
    share: float
    smallest: int
    largest: int


def line_of_pieces(pieces: list[Piece]) -> Line:
    """The pieces as transfers of one line; no time passes between the bytes of one, so that no pause cuts it."""
    data = np.frombuffer(b"".join(piece.before + piece.data for piece in pieces), np.uint8)
    sizes = [len(piece.before) + len(piece.data) for piece in pieces]
    offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    ticks = np.zeros(len(data), np.int64)
    return Line(data, offset, ticks, ticks)


def explained(profile: WireProfile, pieces: list[Piece], line: Line) -> Explained:
    """Read the pieces by a profile, as the decoder would."""
    found = find_frames(profile, line)
    left = np.bincount(found.bad_transfer, weights=found.bad_end - found.bad_start, minlength=len(pieces))
    has_frame = np.bincount(found.transfer, minlength=len(pieces)) > 0
    total = sum(piece.size for piece in pieces)
    return Explained(
        len(found.offset),
        int(np.count_nonzero(has_frame & (left == 0))),
        max(0.0, 1 - float(left.sum()) / total) if total and len(found.offset) else 0.0,
        int(found.size.min(initial=1 << 16)),
        int(found.size.max(initial=0)),
    )
