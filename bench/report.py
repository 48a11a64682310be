"""The table of what was measured, and its place in the readme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BEGIN, END = "<!-- bench:start -->", "<!-- bench:end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it is of, its value, the target and whether it was reached; None where there is none or nothing to compare."""

    subject: str
    value: str
    target: str = "–"
    reached: bool | None = None
    how: str = ""


def table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = ["| What | Measured | Target | Reached | How |", "|---|---|---|---|---|"]
    for row in rows:
        reached = {True: "yes", False: "**no**", None: "–"}[row.reached]
        cells = (row.subject, row.value, row.target, reached, row.how)
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines)


def placed(text: str, between: str) -> str | None:
    """A text with what stands between the markers replaced; None where it lacks them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{between}\n{end}{after}" if begin and end else None


def scaled(value: float, unit: str) -> str:
    """Three significant digits with a prefix: 1.23 MS/s; a unit that is a word begins with a space: 1.23 M frames."""
    size, prefix = next((step for step in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if value >= step[0]), (1.0, ""))
    return f"{digits(value / size)} {prefix}{unit}".replace("  ", " ")


def digits(value: float) -> str:
    """Three significant digits of a number that is not large."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
