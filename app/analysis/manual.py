"""The manual: its pages, and where words stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MANUAL = Path(__file__).resolve().parent.parent.parent / "resources" / "help"
FIRST = "index"
ORDER = (
    FIRST, "first-steps", "packet-list", "tree-and-bytes", "timeline", "wiring", "wire-profiles", "datasheets", "power", "pasted-bytes",
    "simulating", "command-line", "findings", "shortcuts",
)  # fmt: skip
SHORTCUTS_MARK = "<!-- shortcuts -->"
"""Stands in its page for the table that the window makes, which knows the keys of the platform."""
_EXCERPT = 90
_MARKUP = re.compile(r"<!--.*?-->|\]\([^)]*\)|[*`|\[\]#]|-{3,}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as Markdown; `name` is what links call it, without the extension."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that holds all the words looked for, and the text around the first."""

    page: Page
    excerpt: str


def read_manual(folder: Path = MANUAL, shortcuts: str = "") -> list[Page]:
    """All pages, those of the contents first. Raises OSError where the program was installed without them."""
    names = sorted(
        (path.stem for path in folder.glob("*.md")), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)
    )
    return [_page(name, (folder / f"{name}.md").read_text(encoding="utf-8").replace(SHORTCUTS_MARK, shortcuts)) for name in names]


def search(pages: Sequence[Page], wanted: str) -> list[Hit]:
    """The pages that hold all the words, those that have them in their title first."""
    words = wanted.casefold().split()
    hits = []
    for page in pages if words else ():
        plain = " ".join(_MARKUP.sub(" ", page.text).split())
        folded = plain.casefold()
        if all(word in folded for word in words):
            hits.append(Hit(page, _around(plain, folded.find(words[0]))))
    return sorted(hits, key=lambda hit: not all(word in hit.page.title.casefold() for word in words))


def links(page: Page) -> list[str]:
    """The targets of a page's links."""
    return re.findall(r"\]\(([^)]+)\)", page.text)


def _page(name: str, text: str) -> Page:
    first = next(iter(text.splitlines()), "")
    return Page(name, first.removeprefix("# ").strip() or name, text)


def _around(plain: str, at: int) -> str:
    start = max(0, at - _EXCERPT // 3)
    end = min(len(plain), start + _EXCERPT)
    return f"{'…' if start else ''}{plain[start:end].strip()}{'…' if end < len(plain) else ''}"
