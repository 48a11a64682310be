"""Ways to bound frames that a search tries, the likeliest first: as now, by start bytes and a size, by whole transfers, by delimiters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.analysis.fit.changes import HDLC, length_edits, strategy_edits
from app.analysis.fit.length import LengthLayout, length_layouts
from app.analysis.fit.pieces import Piece
from app.analysis.fit.toml_edit import Edit, TomlValue, needed
from decoders.profile.schema import Strategy
from decoders.profile.wire_profile import load_profile

FILLER_RUN = 4
"""As many bytes alike at either end of a stretch look like filler."""
FILLER_SHARE = 0.2
LEAST_FILLED = 4
FLAG_SHARE = 0.6
LEAST_ESCAPES = 3
ESCAPE_XOR = 0x20
STRATEGY_TEXT: dict[Strategy, str] = {
    "length": "Frames by start byte and size, as now",
    "transfer": "A frame is a whole transfer",
    "hdlc": "Frames stand between flags 7E, stuffed with 7D",
    "cobs": "Frames are stuffed by COBS and end with a zero",
    "pause": "Frames end with a pause, as now",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to bound frames, as a change of the profile."""

    title: str
    edits: tuple[Edit, ...]
    strategy: Strategy
    layout: LengthLayout | None = None


def guesses(text: str, pieces: list[Piece]) -> Iterator[Guess]:
    """What to try on these stretches, beginning with the profile's own framing."""
    profile = load_profile(text, "profile")
    now = profile.framing.strategy
    yield Guess(STRATEGY_TEXT[now], (), now)
    for layout in length_layouts(pieces):
        edits = needed(text, length_edits(text, profile, layout))
        if edits:
            yield Guess(layout.text, tuple(edits), "length", layout)
    others: tuple[Strategy, ...] = ("transfer", "cobs")
    for strategy in others:
        if strategy != now:
            yield Guess(STRATEGY_TEXT[strategy], tuple(needed(text, strategy_edits(text, strategy, {}))), strategy)
    for flags in _flags(pieces):
        edits = needed(text, strategy_edits(text, "hdlc", flags))
        if edits:
            yield Guess(f"Frames stand between flags {flags['flag']}, stuffed with {flags['escape']}", tuple(edits), "hdlc")


def filler_bytes(pieces: list[Piece], known: frozenset[int]) -> frozenset[int]:
    """Bytes that many stretches begin or end with a run of."""
    counts: Counter[int] = Counter()
    for piece in pieces:
        content = piece.data[: piece.size]
        runs = {content[0]} if len(set(content[:FILLER_RUN])) == 1 and len(content) >= FILLER_RUN else set()
        runs |= {content[-1]} if len(set(content[-FILLER_RUN:])) == 1 and len(content) >= FILLER_RUN else set()
        counts.update(runs - known)
    least = max(LEAST_FILLED, FILLER_SHARE * len(pieces))
    return frozenset(byte for byte, times in counts.items() if times >= least)


def _flags(pieces: list[Piece]) -> Iterator[dict[str, TomlValue]]:
    """The usual flag and escape, and the ones that these stretches seem to have."""
    yield HDLC
    ends: Counter[int] = Counter()
    for piece in pieces:
        ends.update({piece.data[0]} & {piece.data[piece.size - 1]} if piece.size > 1 else ())
    for flag, times in ends.most_common(1):
        if times >= FLAG_SHARE * len(pieces):
            for escape in _escapes(pieces, flag):
                found: dict[str, TomlValue] = {"flag": f"{flag:02X}", "escape": f"{escape:02X}", "escape_xor": f"{ESCAPE_XOR:02X}"}
                if found != HDLC:
                    yield found


def _escapes(pieces: list[Piece], flag: int) -> list[int]:
    """Bytes behind which only what an escape may stand for comes, the most frequent first."""
    behind: dict[int, Counter[int]] = {}
    for piece in pieces:
        for byte, following in zip(piece.data[: piece.size], piece.data[1 : piece.size], strict=False):
            behind.setdefault(byte, Counter())[following] += 1
    fitting = {
        byte: counts.total()
        for byte, counts in behind.items()
        if byte != flag and counts.total() >= LEAST_ESCAPES and not set(counts) - {flag ^ ESCAPE_XOR, byte ^ ESCAPE_XOR}
    }
    return sorted(fitting, key=lambda byte: -fitting[byte])[:1]
