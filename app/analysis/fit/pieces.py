"""What the search for a dialect works on: stretches that the active profile leaves unexplained, with the filler behind them."""

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
TAIL = 8
"""Bytes behind a stretch that look like filler and may be its last ones, such as a checksum that ends in FF."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An unexplained stretch: `size` bytes of `data`; what is behind them looks like filler."""

    data: bytes
    size: int


def gather(snapshot: Snapshot) -> Iterator[list[Piece]]:
    """Unexplained stretches from all over the recording, at most 800 and 64 KiB of them; some more with each step."""
    rows = np.flatnonzero(snapshot.column("frames", "malformed"))
    if len(rows) > MOST_PIECES:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_PIECES).astype(np.int64)]
    place = _place(snapshot, "frames")[rows]
    pieces: list[Piece] = []
    left = MOST_BYTES
    for each in np.unique(place).tolist():
        transfers = np.flatnonzero(_place(snapshot, "transfers") == each)
        starts = snapshot.column("transfers", "start")[transfers]
        for row in rows[place == each].tolist():
            content = snapshot.frame_content(row + 1)
            left -= len(content)
            if left < 0:
                break
            at = int(np.searchsorted(starts, snapshot.column("frames", "start")[row], side="right")) - 1
            line = _line(snapshot, int(transfers[at]), row) if at >= 0 else b""
            pieces.append(_with_tail(content, line, snapshot.profile.framing.filler))
        yield pieces


def _place(snapshot: Snapshot, table: str) -> Numbers:
    stream, port = (snapshot.column(table, name) for name in ("stream", "port"))
    place: Numbers = stream.astype(np.int64) << 8 | port
    return place


def _line(snapshot: Snapshot, transfer: int, frame: int) -> bytes:
    """All bytes of a transfer in the direction of a frame."""
    side = "p2h" if snapshot.column("frames", "direction")[frame] else "h2p"
    at, size = (int(snapshot.column("transfers", f"{side}_{name}")[transfer]) for name in ("at", "size"))
    return snapshot.column("bytes", "data")[at : at + size].tobytes()


def _with_tail(content: bytes, line: bytes, filler: frozenset[int]) -> Piece:
    begin = line.find(content)
    behind = line[begin + len(content) : begin + len(content) + TAIL] if begin >= 0 else b""
    loose = next((at for at, byte in enumerate(behind) if byte not in filler), len(behind))
    return Piece(content + behind[:loose], len(content))


@dataclass(frozen=True, slots=True)
class Explained:
    """What a profile makes of the pieces: frames, stretches explained from end to end, and the share of their bytes."""

    frames: int
    pieces: int
    share: float
    smallest: int
    largest: int


def line_of_pieces(pieces: list[Piece]) -> Line:
    """The pieces as transfers of one line; its clock ticks once a byte."""
    data = np.frombuffer(b"".join(piece.data for piece in pieces), np.uint8)
    offset = np.concatenate([[0], np.cumsum([len(piece.data) for piece in pieces])]).astype(np.int64)
    ticks = np.arange(len(data))
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
