"""Tables as lines of text: columns of fixed width, the last one as long as it needs or as the terminal allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.analysis.text.words import Paint, clean, cropped

GAP = "  "
_LEAST_FREE = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `width` is the least, a longer cell moves what follows it."""

    title: str
    width: int = 0
    right: bool = False


class Table:
    """Makes lines from cells; without `width` no line is cropped."""

    def __init__(self, columns: Iterable[Column], width: int | None, paint: Paint) -> None:
        self._columns = tuple(columns)
        self._widths = [max(column.width, len(column.title)) for column in self._columns]
        fixed = sum(self._widths[:-1]) + len(GAP) * (len(self._widths) - 1)
        self._free = None if width is None else max(_LEAST_FREE, width - fixed)
        self._paint = paint

    @property
    def indent(self) -> int:
        """Where the second column begins."""
        return self._widths[0] + len(GAP)

    def heading(self) -> str:
        """The line of titles."""
        return self._paint(self._line([column.title for column in self._columns], {}), "heading")

    def row(self, cells: Sequence[str], meanings: Mapping[int, str] | None = None) -> str:
        """One line; `meanings` tells for a cell by its index what its colour should say."""
        return self._line([clean(cell) for cell in cells], meanings or {})

    def _line(self, cells: Sequence[str], meanings: Mapping[int, str]) -> str:
        last = len(cells) - 1
        shown = []
        for index, (column, width, cell) in enumerate(zip(self._columns, self._widths, cells, strict=True)):
            if index == last and not column.right:
                text = cell if self._free is None else cropped(cell, self._free)
            else:
                text = cell.rjust(width) if column.right else cell.ljust(width)
            shown.append(self._paint(text, meanings[index]) if index in meanings else text)
        return GAP.join(shown).rstrip()
