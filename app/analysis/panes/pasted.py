"""Pasted text as a tree and bytes to look at, or a sentence that says why it is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.analysis.panes.detail import EMPTY, Detail, DetailNode, Source
from app.analysis.panes.detail import detail_node as field_detail
from app.analysis.pasted import NONE_OF_THEM, bytes_of, guessed, pieces
from app.analysis.text.words import clean, count_text, grouped
from decoders.core.finding import Severity
from decoders.profile.wire_profile import WireProfile
from decoders.services.words import Names

MOST_BYTES = 1 << 16
NOTHING_YET = "Paste bytes as hexadecimal digits; blanks, commas, colons, dashes and 0x do not matter."


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text says: `kind` is what its bytes were read as, `message` a sentence about it, `is_wrong` where it is a complaint."""

    detail: Detail = EMPTY
    kind: str | None = None
    message: str = NOTHING_YET
    is_wrong: bool = False


def read_pasted(profile: WireProfile, names: Names, text: str, kind: str | None = None) -> Pasted:
    """Read a text as bytes of this kind: frame, packet, certificate or flag; guessed for None."""
    if not text.strip():
        return Pasted()
    try:
        data = bytes_of(text)
    except ValueError as fault:
        return _wrong(f"{str(fault)[:1].upper()}{str(fault)[1:]}: paste hexadecimal digits.")
    if len(data) > MOST_BYTES:
        return _wrong(f"{grouped(len(data))} bytes are too many to read at once: paste at most {grouped(MOST_BYTES)}.")
    read_as = kind or guessed(profile, data)
    if read_as is None:
        return _wrong(f"{count_text(len(data), 'byte')} that are {NONE_OF_THEM}: say what they should be.")
    nodes, sources = [], []
    for node, source in _pieces(profile, names, read_as, data):
        nodes.append(node)
        sources.append(source)
    problems = sum(node.severity is Severity.ERROR for node in nodes)
    said = f"{count_text(len(data), 'byte')} read as {_words(read_as)}"
    wrong = f"; {count_text(problems, 'piece')} with a fault" if problems else ""
    return Pasted(Detail(nodes, sources), read_as, f"{said}{wrong}.", is_wrong=bool(problems))


def _pieces(profile: WireProfile, names: Names, kind: str, data: bytes) -> Iterator[tuple[DetailNode, Source]]:
    """A tree for each piece, with its faults as lines, and the bytes that it points into."""
    found = list(pieces(profile, kind, data))
    many = Counter(piece.heading for piece in found)
    seen: Counter[str] = Counter()
    for number, piece in enumerate(found, 1):
        seen[piece.heading] += 1
        title = (piece.heading[:1].upper() + piece.heading[1:]).replace("crc", "CRC")
        key = str(number)
        source = Source(key, f"{title} {seen[piece.heading]}" if many[piece.heading] > 1 else title, piece.data)
        node = DetailNode(title, "", key, 0, len(piece.data) * 8, piece.data.hex())
        if piece.tree is not None:
            node = field_detail(piece.tree, key, names)
        node.text = node.text or count_text(len(piece.data), "byte")
        node.severity = Severity.ERROR if piece.problems else node.severity
        node.children = [*(_problem(text) for text in piece.problems), *node.children]
        yield node, source


def _problem(text: str) -> DetailNode:
    return DetailNode("Fault", clean(text), severity=Severity.ERROR)


def _words(kind: str) -> str:
    return {"frame": "frames", "packet": "a packet", "certificate": "certificates", "flag": "EN 62056-21 messages"}[kind]


def _wrong(message: str) -> Pasted:
    return Pasted(message=clean(message), is_wrong=True)
