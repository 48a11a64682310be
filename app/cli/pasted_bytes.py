"""Pasted bytes as field trees."""

from __future__ import annotations

from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.pasted import NONE_OF_THEM, bytes_of, guessed, pieces
from app.analysis.text.page import Page
from app.analysis.text.words import count_text
from app.cli.decode import Format, Piece, Wanted
from app.cli.screen import Screen
from decoders.core.errors import UsageError


def show(screen: Screen, text: str, piece: Piece | None, wanted: Wanted) -> None:
    """Write what the bytes say; UsageError where they are nothing that is known."""
    if wanted.format is not Format.text:
        raise UsageError("pasted bytes become a tree of text only", f"--format {wanted.format}", "leave --format out")
    try:
        data = bytes_of(text)
    except ValueError as fault:
        raise UsageError(str(fault), "--hex", "paste bytes as hexadecimal digits") from fault
    profile = read_profile(wanted.profile)
    page = Page(DatasheetNames(read_datasheets(wanted.datasheets)), screen.paint, screen.width, trees=True, dump=wanted.dump)
    kind = piece or guessed(profile, data)
    if kind is None:
        raise UsageError(
            f"{count_text(len(data), 'byte')} that are {NONE_OF_THEM}",
            "--hex",
            "say with --as what they should be",
        )
    for found in pieces(profile, kind, data):
        screen.line(screen.paint(f"{found.heading}, {count_text(len(found.data), 'byte')}", "heading"))
        screen.lines(screen.paint(f"  ✕ {problem}", "error") for problem in found.problems)
        screen.lines(page.below(2, found.tree, {"": found.data}))
