"""On which line of a TOML text a key stands.

`tomllib` keeps no positions, so this scanner runs over the text a second time, and only when there is an error to report.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*+")
_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_KEY = re.compile(r"""([A-Za-z0-9_-]+)|("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_OTHER = re.compile(r"[^,\]}#\n]+")


def line_of(text: str, path: Path) -> int | None:
    """The line, from 1, on which a table, key or array element of a valid TOML text begins; None where there is no such thing.

    `path` holds the keys from the root down, with an index from 0 for each array on the way. A table that has no header of its
    own begins where it is first named. A text that is not TOML raises ValueError.
    """
    scanner = _Scanner(text)
    scanner.document()
    offset = scanner.offsets.get(path)
    return None if offset is None else text.count("\n", 0, offset) + 1


class _Scanner:
    """Walks a text once and notes in `offsets` where each path begins."""

    def __init__(self, text: str) -> None:
        self.offsets: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._elements: dict[Path, int] = {}
        """How many `[[headers]]` each array of tables has had so far."""

    def document(self) -> None:
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            table = self._header() if self._sees("[") else self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]` and give the path of the table that it opens."""
        start = self._at
        is_element = self._sees("[[")
        self._at += 2 if is_element else 1
        keys = self._dotted_key()
        self._expect("]]" if is_element else "]")
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            self.offsets.setdefault(path, start)
            if path in self._elements:
                path = (*path, self._elements[path] - 1)
        path = (*path, keys[-1])
        if is_element:
            self.offsets.setdefault(path, start)
            index = self._elements.get(path, 0)
            self._elements[path] = index + 1
            path = (*path, index)
        self.offsets[path] = start
        return path

    def _pair(self, table: Path) -> Path:
        """Read `a.b = value` inside a table and give the table back."""
        start = self._at
        path = table
        for key in self._dotted_key():
            path = (*path, key)
            self.offsets.setdefault(path, start)
        self._expect("=")
        self._skip(_SPACE)
        self._value(path)
        return table

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            bare, quoted = self._match(_KEY).groups()
            keys.append(bare or tomllib.loads(f"key = {quoted}")["key"])
            self._skip(_SPACE)
            if not self._sees("."):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        if self._sees("["):
            self._list(path, "]")
        elif self._sees("{"):
            self._list(path, "}")
        else:
            self._match(_STRING if self._sees('"') or self._sees("'") else _OTHER)

    def _list(self, path: Path, close: str) -> None:
        """Read an array or an inline table up to its closing bracket."""
        self._at += 1
        index = 0
        self._skip(_BLANK)
        while not self._sees(close):
            if close == "]":
                self.offsets[*path, index] = self._at
                self._value((*path, index))
            else:
                self._pair(path)
            index += 1
            self._skip(_BLANK)
            if not self._sees(close):
                self._expect(",")
                self._skip(_BLANK)
        self._at += 1

    def _sees(self, token: str) -> bool:
        return self._text.startswith(token, self._at)

    def _expect(self, token: str) -> None:
        if not self._sees(token):
            raise ValueError(f"no {token!r} at offset {self._at}")
        self._at += len(token)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._at = self._match(pattern).end()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not TOML at offset {self._at}")
        self._at = match.end()
        return match
