"""What all layers' text has in common: how it is coloured, how wide it may be, and what follows each line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.analysis.names import DatasheetNames
from app.analysis.text.tree import hex_lines, labelled_line, tree_lines
from app.analysis.text.words import SIGNS, Paint, clean, plain
from decoders.core.finding import Finding
from decoders.core.tree import FieldNode


@dataclass(frozen=True, slots=True)
class Page:
    """How a list is written: `width` None where lines are as long as they need; `trees` and `dump` follow each record."""

    names: DatasheetNames
    paint: Paint = plain
    width: int | None = None
    trees: bool = False
    dump: bool = False

    def fits(self, width: int) -> bool:
        """Whether lines may be this wide."""
        return self.width is None or self.width >= width

    def below(self, indent: int, tree: FieldNode | None, pieces: dict[str, bytes], took: str = "") -> Iterator[str]:
        """The tree and the bytes of one record, where they were asked for, and then an empty line.

        `took` is what the record took from the supply; it goes with the trees.
        """
        if self.trees and tree is not None:
            yield from tree_lines(tree, self.names, indent, self.paint)
        if self.trees and took:
            yield labelled_line("Charge and energy", took, indent)
        if self.dump:
            for name, data in pieces.items():
                yield from hex_lines(data, indent, self.paint, name if len(pieces) > 1 else "")
        if self.trees or self.dump:
            yield ""

    def finding(self, indent: int, finding: Finding, place: str = "") -> str:
        """A finding below its record, or by itself with its place."""
        severity = finding.code.severity.name.lower()
        sign = f"{SIGNS[severity]} {finding.code.name}"
        said = f"{place}: {finding.text}" if place else finding.text
        return f"{' ' * indent}{self.paint(sign, severity)}  {clean(said)}".rstrip()
