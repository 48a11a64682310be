"""Looks for what would make a wire profile explain the stretches that it leaves unexplained, and offers what fits, with evidence.

What is tried: the profile's own framing and other ways to bound frames, start bytes and a size that the header may hold, and for
each of them every checksum of the CRC catalogue, then any polynomial, then none. What is offered was read by the decoder's own
framing before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.analysis.fit.changes import ROOMY, crc_edits, filler_edits, limit_edits, no_crc_edits
from app.analysis.fit.crc import Contents, CrcMatch, likeliest, search_crc
from app.analysis.fit.crc_custom import search_custom
from app.analysis.fit.fit import percent
from app.analysis.fit.guesses import Guess, filler_bytes, guesses
from app.analysis.fit.pieces import Explained, Material, Piece, explained, gather_material, line_of_pieces, without_filler
from app.analysis.fit.toml_edit import Edit, edit_steps, edited
from app.analysis.tables.snapshot import Snapshot
from app.analysis.text.words import count_text, grouped
from decoders.core.errors import MaterialError
from decoders.core.transfers import Line
from decoders.profile.crc import crc_function
from decoders.profile.framing import find_frames
from decoders.profile.wire_profile import WireProfile, load_profile

MOST_CRCS = 3
"""Checksums offered for one framing; more than one holds only where they cannot be told apart."""
LEAST_FRAMES = 4
LEAST_UNCHECKED = 0.8
"""Of the bytes that a framing without a checksum has to explain."""
ALL = 1000
"""A search that is done."""
LONGEST_CHECKSUM = 8
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Offer:
    """A change of the profile: what it says, why one may believe it, and the edits that make it.

    `explains` is the share of the unexplained bytes that it explains; `before` and `after` are the shares of all bytes.
    """

    title: str
    evidence: str
    edits: tuple[Edit, ...]
    explains: float
    has_crc: bool
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """How far the search is, in thousandths, in how many unexplained stretches, and what it offers by now, best first."""

    done: int
    stretches: int
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ground:
    """What guesses are tried on: the profile's text, stretches as one line, and those that must not be lost."""

    text: str
    edits: tuple[Edit, ...]
    """What was changed already to come to this text."""
    pieces: list[Piece]
    line: Line
    material: Material
    kept_line: Line
    kept_left: float

    @property
    def of_unexplained(self) -> float:
        """The share of the unexplained bytes that is still in the stretches; the rest turned out to be filler."""
        return sum(piece.size for piece in self.pieces) / max(1, sum(piece.size for piece in self.material.pieces))

    def loses(self, profile: WireProfile) -> float:
        """The share of what is explained now that this profile would not explain."""
        total = sum(piece.size for piece in self.material.kept)
        return max(0.0, (_left(profile, self.kept_line) - self.kept_left) / total) if total else 0.0


def search(snapshot: Snapshot, text: str) -> Iterator[Step]:
    """Search a recording step by step; the last step has all offers. `text` is the active profile."""
    material = None
    for material in gather_material(snapshot):  # the last one is kept
        yield Step(0, len(material.pieces))
    yield from search_in(material, text) if material is not None else (Step(ALL, 0),)


def search_in(material: Material, text: str) -> Iterator[Step]:
    """Search what was gathered. Stop asking to stop searching."""
    if not material.pieces:
        yield Step(ALL, 0)
        return
    count = len(material.pieces)
    ground = _ground(text, (), material.pieces, material)
    offers: list[Offer] = []
    filler = filler_bytes(material.pieces, material.filler)
    if filler:
        edits = tuple(filler_edits(text, filler))
        ground = _ground(edited(text, edits), edits, without_filler(material.pieces, filler), material)
        offers.append(_filler_offer(ground, filler))
        yield Step(0, count, tuple(offers))
    tries = []
    for guess in guesses(ground.text, ground.pieces):
        tries.append(guess)
        yield Step(0, count, tuple(offers))
    for number, guess in enumerate(tries):
        with contextlib.suppress(MaterialError):  # a guess that cannot be written as a profile is none
            for found in _tried(ground, guess):
                offers = sorted([*offers, *found], key=_rank)
                yield Step(number * ALL // len(tries), count, tuple(offers))
    yield Step(ALL, count, tuple(_without_worse(offers)))


def _rank(offer: Offer) -> tuple[bool, float]:
    """Checked ones first, then those that explain most; of those that explain alike, the likelier guess stays first."""
    return not offer.has_crc, -round(offer.after, 2)


def _without_worse(offers: list[Offer]) -> Iterator[Offer]:
    """Where a checksum was found, ways to bound frames that found none, or explain far less, say nothing any more."""
    best = offers[0] if offers else None
    return (
        offer for offer in offers if best is None or not best.has_crc or (offer.has_crc and offer.explains >= best.explains / 2)
    )


def _ground(text: str, edits: tuple[Edit, ...], pieces: list[Piece], material: Material) -> _Ground:
    kept_line = line_of_pieces(material.kept)
    left = _left(load_profile(text, "profile"), kept_line) if material.kept else 0.0
    return _Ground(text, edits, pieces, line_of_pieces(pieces), material, kept_line, left)


def _left(profile: WireProfile, line: Line) -> float:
    """The bytes of a line that a profile does not explain."""
    found = find_frames(profile, line)
    return float((found.bad_end - found.bad_start).sum())


def _tried(ground: _Ground, guess: Guess) -> Iterator[list[Offer]]:
    """What becomes of a guess; empty lists while it is being looked at."""
    text = roomy = ground.text
    for step, roomy in enumerate(edit_steps(text, (*guess.edits, *ROOMY)), 1):
        text = roomy if step <= len(guess.edits) else text
        yield []
    draft = load_profile(roomy, "draft")
    bare = replace(draft, crc=None, crc_of=None, framing=replace(draft.framing, min_bytes=2))
    yield []
    contents = _whole(ground.pieces) if guess.strategy == "transfer" else _contents(bare, ground.line)
    yield []
    if len(contents) < LEAST_FRAMES:
        return
    matches: list[CrcMatch] = []
    for search_by in (search_crc, search_custom):
        for found in search_by(contents) if not matches else ():
            matches += found
            yield []
    for match in likeliest(matches)[:MOST_CRCS]:
        yield from _checked(ground, text, guess, match, bare)
    if not matches:
        yield from _unchecked(ground, text, guess, bare)


def _checked(ground: _Ground, text: str, guess: Guess, match: CrcMatch, bare: WireProfile) -> Iterator[list[Offer]]:
    """A guess with a checksum, read as the decoder would; nothing where that is no profile or explains nothing."""
    seen = explained(replace(bare, crc=match.crc, crc_of=crc_function(match.crc)), ground.pieces, ground.line)
    yield []
    if seen.frames:
        edits = [*crc_edits(text, match.crc), *_limits(text, bare, match.size, seen)]
        evidence = f"{match.text}: holds in {grouped(match.holds)} of {grouped(match.of)} different frames"
        yield from _offered(ground, text, guess, edits, evidence, has_crc=True)


def _unchecked(ground: _Ground, text: str, guess: Guess, bare: WireProfile) -> Iterator[list[Offer]]:
    """A guess without any checksum, where it explains most by its bounds alone."""
    seen = explained(bare, ground.pieces, ground.line)
    yield []
    if not seen.frames or seen.share < LEAST_UNCHECKED:
        return
    pieces = count_text(len(ground.pieces), "stretch").replace("stretchs", "stretches")
    said = f"nothing else speaks for it: bounds alone explain {grouped(seen.pieces)} of {pieces}"
    if guess.layout is not None:
        layout = guess.layout
        said = f"the size agrees in {grouped(layout.fits)} of {pieces}, {layout.sizes} different sizes"
    elif guess.strategy != "transfer":
        said = f"{grouped(seen.frames)} frames fill {grouped(seen.pieces)} of {pieces} from end to end"
    edits = [*no_crc_edits(text), *_limits(text, bare, 0, seen)]
    yield from _offered(ground, text, guess, edits, f"No checksum that was tried holds; {said}", has_crc=False)


def _limits(text: str, bare: WireProfile, crc: int, seen: Explained) -> list[Edit]:
    return limit_edits(text, bare.frame.fixed_bytes or 0, crc, seen.smallest, seen.largest)


def _offered(ground: _Ground, text: str, guess: Guess, edits: list[Edit], evidence: str, *, has_crc: bool) -> Iterator[list[Offer]]:
    for step in edit_steps(text, edits):
        text = step
        yield []
    profile = load_profile(text, "offer")
    seen = explained(profile, ground.pieces, ground.line)
    told = f"{evidence}; explains {grouped(seen.pieces)} of {grouped(len(ground.pieces))} stretches, {percent(seen.share)} of their bytes"
    title = f"{guess.title}, with other filler" if ground.edits else guess.title
    begun = _begins_otherwise(profile, ground, guess)
    yield [_offer(ground, title, told + begun, (*ground.edits, *guess.edits, *edits), (seen.share, ground.loses(profile)), has_crc)]


def _offer(
    ground: _Ground,
    title: str,
    evidence: str,
    edits: tuple[Edit, ...],
    shares: tuple[float, float],
    has_crc: bool,  # noqa: FBT001  # one of the offer's own fields
) -> Offer:
    """`shares` are what it explains of the stretches, and what it loses of the rest."""
    share, lost = shares
    material, within = ground.material, ground.of_unexplained
    good, bad = material.explained_bytes, material.unexplained_bytes
    before = good / max(1, good + bad)
    after = (good * (1 - lost) + bad * within * share) / max(1.0, good + bad * within)
    told = f"{evidence}. Of all bytes: {percent(before)} before, about {percent(after)} after"
    return Offer(title, told, edits, 1 - (1 - share) * within, has_crc, before, after)


def _filler_offer(ground: _Ground, filler: frozenset[int]) -> Offer:
    bytes_text = ", ".join(f"{byte:02X}" for byte in sorted(filler))
    evidence = f"Runs of it stand around stretches; {percent(1 - ground.of_unexplained)} of the unexplained bytes are nothing else"
    return _offer(ground, f"{bytes_text} is filler too", evidence, ground.edits, (0.0, 0.0), has_crc=False)


def _begins_otherwise(profile: WireProfile, ground: _Ground, guess: Guess) -> str:
    """A word on a header that has a start byte where frames have none."""
    start = profile.frame.field("sof").constant if "sof" in profile.frame and guess.strategy != "length" else None
    if not isinstance(start, int):
        return ""
    found = find_frames(profile, ground.line)
    first = found.data[found.offset] if len(found.offset) else found.data[:0]
    own = start.to_bytes(max(1, (start.bit_length() + 7) // 8))[0]
    has_none = len(first) > 0 and float((first != own).mean()) > MOSTLY
    return "; frames do not begin with the header's 'sof': take that field away" if has_none else ""


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
