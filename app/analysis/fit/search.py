"""Looks for what would make a wire profile explain the stretches that it leaves unexplained, and offers what fits, with evidence.

What is tried: the profile's own framing and other ways to bound frames, start bytes and a size that the header may hold, and for
each of them every checksum of the CRC catalogue. What is offered was read by the decoder's own framing before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.analysis.fit.changes import HDLC, ROOMY, crc_edits, length_edits, limit_edits, strategy_edits
from app.analysis.fit.crc import Contents, CrcMatch, likeliest, search_crc
from app.analysis.fit.fit import percent
from app.analysis.fit.length import LengthLayout, length_layouts
from app.analysis.fit.pieces import Explained, Piece, explained, gather, line_of_pieces
from app.analysis.fit.toml_edit import Edit, edit_steps, needed
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import count_text, grouped
from decoders.core.errors import MaterialError
from decoders.core.transfers import Line
from decoders.profile.crc import crc_function
from decoders.profile.framing import find_frames
from decoders.profile.schema import Strategy
from decoders.profile.wire_profile import WireProfile, load_profile

MOST_CRCS = 3
"""Checksums offered for one framing; more than one holds only where they cannot be told apart."""
LEAST_FRAMES = 4
ALL = 1000
"""A search that is done."""
LONGEST_CHECKSUM = 8
STRATEGY_TEXT: dict[Strategy, str] = {
    "length": "Frames by start byte and size, as now",
    "transfer": "A frame is a whole transfer",
    "hdlc": "Frames stand between flags 7E, stuffed with 7D",
    "cobs": "Frames are stuffed by COBS and end with a zero",
    "pause": "Frames end with a pause, as now",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A change of the profile: what it says, why one may believe it, and the edits that make it."""

    title: str
    evidence: str
    edits: tuple[Edit, ...]
    explains: float
    """The share of the unexplained bytes that it explains."""
    has_crc: bool


@dataclass(frozen=True, slots=True)
class Step:
    """How far the search is, in thousandths, in how many unexplained stretches, and what it offers by now, best first."""

    done: int
    stretches: int
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class _Guess:
    """One way to bound frames, as a change of the profile."""

    title: str
    edits: tuple[Edit, ...]
    strategy: Strategy
    layout: LengthLayout | None = None


def search(snapshot: Snapshot, text: str) -> Iterator[Step]:
    """Search step by step, each of a few milliseconds; the last step has all offers.

    `text` is the active profile. Stop asking to stop searching.
    """
    pieces: list[Piece] = []
    for gathered in gather(snapshot):
        pieces = gathered
        yield Step(0, len(pieces))
    if not pieces:
        yield Step(ALL, 0)
        return
    line = line_of_pieces(pieces)
    guesses = []
    for guess in _guesses(text, pieces):
        guesses.append(guess)
        yield Step(0, len(pieces))
    offers: list[Offer] = []
    for number, guess in enumerate(guesses):
        with contextlib.suppress(MaterialError):  # a guess that cannot be written as a profile is none
            for found in _tried(text, guess, pieces, line):
                offers = sorted([*offers, *found], key=lambda offer: (not offer.has_crc, -round(offer.explains, 2)))
                yield Step(number * ALL // len(guesses), len(pieces), tuple(offers))
    yield Step(ALL, len(pieces), tuple(_without_worse(offers)))


def _without_worse(offers: list[Offer]) -> Iterator[Offer]:
    """Where a checksum was found, ways to bound frames that found none, or explain far less, say nothing any more."""
    best = offers[0] if offers else None
    return (
        offer for offer in offers if best is None or not best.has_crc or (offer.has_crc and offer.explains >= best.explains / 2)
    )


def _guesses(text: str, pieces: list[Piece]) -> Iterator[_Guess]:
    """Ways to bound frames, the likeliest first."""
    profile = load_profile(text, "profile")
    now = profile.framing.strategy
    yield _Guess(STRATEGY_TEXT[now], (), now)
    for layout in length_layouts(pieces):
        edits = needed(text, length_edits(text, profile, layout))
        if edits:
            yield _Guess(layout.text, tuple(edits), "length", layout)
    others: tuple[Strategy, ...] = ("transfer", "hdlc", "cobs")
    for strategy in others:
        if strategy != now:
            edits = strategy_edits(text, strategy, HDLC if strategy == "hdlc" else {})
            yield _Guess(STRATEGY_TEXT[strategy], tuple(needed(text, edits)), strategy)


def _tried(text: str, guess: _Guess, pieces: list[Piece], line: Line) -> Iterator[list[Offer]]:
    """What becomes of a guess; empty lists while it is being looked at."""
    roomy = text
    for step, roomy in enumerate(edit_steps(text, (*guess.edits, *ROOMY)), 1):
        text = roomy if step <= len(guess.edits) else text
        yield []
    draft = load_profile(roomy, "draft")
    bare = replace(draft, crc=None, crc_of=None, framing=replace(draft.framing, min_bytes=2))
    yield []
    contents = _whole(pieces) if guess.strategy == "transfer" else _contents(bare, line)
    yield []
    if len(contents) < LEAST_FRAMES:
        return
    matches: list[CrcMatch] = []
    for found in search_crc(contents):
        matches += found
        yield []
    for match in likeliest(matches)[:MOST_CRCS]:
        yield from _checked(text, guess, match, bare, pieces, line)
    if not matches and guess.layout is not None:
        yield [_layout_offer(guess, guess.layout, explained(bare, pieces, line))]


def _checked(
    text: str, guess: _Guess, match: CrcMatch, bare: WireProfile, pieces: list[Piece], line: Line
) -> Iterator[list[Offer]]:
    """A guess with a checksum, read as the decoder would; nothing where that is no profile or explains nothing."""
    crc = match.crc
    seen = explained(replace(bare, crc=crc, crc_of=crc_function(crc)), pieces, line)
    if not seen.frames:
        return
    yield []
    edits = [*crc_edits(text, match), *limit_edits(text, bare.frame.fixed_bytes or 0, match.size, seen.smallest, seen.largest)]
    for step in edit_steps(text, edits):
        text = step
        yield []
    seen = explained(load_profile(text, "offer"), pieces, line)
    evidence = f"{match.text}: holds in {grouped(match.holds)} of {grouped(match.of)} different frames; {_told(seen, pieces)}"
    yield [Offer(guess.title, evidence, (*guess.edits, *edits), seen.share, has_crc=True)]


def _contents(bare: WireProfile, line: Line) -> Contents:
    """The frames that a profile finds when it asks for no checksum."""
    found = find_frames(bare, line)
    raw = found.data.tobytes()
    return [(raw[at : at + size],) for at, size in zip(found.offset.tolist(), found.size.tolist(), strict=True)]


def _whole(pieces: list[Piece]) -> Contents:
    """Whole stretches, each with every end that it may have."""
    return [
        tuple(piece.data[:end] for end in range(piece.size, min(len(piece.data), piece.size + LONGEST_CHECKSUM) + 1))
        for piece in pieces
    ]


def _layout_offer(guess: _Guess, layout: LengthLayout, seen: Explained) -> Offer:
    evidence = (
        f"the size agrees in {grouped(layout.fits)} of {count_text(layout.of, 'stretch').replace('stretchs', 'stretches')}, "
        f"{layout.sizes} different sizes; no checksum of the catalogue holds"
    )
    return Offer(guess.title, evidence, guess.edits, seen.share, has_crc=False)


def _told(seen: Explained, pieces: list[Piece]) -> str:
    return f"explains {grouped(seen.pieces)} of {grouped(len(pieces))} stretches, {percent(seen.share)} of their bytes"
