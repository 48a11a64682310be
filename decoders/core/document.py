"""Checked reading of the TOML texts that a user supplies: wire profiles, datasheets, scenarios.

A reader asks each table for the keys it knows, with their types and limits, and then calls `finish`, which reports the keys that
nobody asked for. Every fault is a `MaterialError` that names the file, the line and the dotted key.
"""

from __future__ import annotations

import difflib
import enum
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeGuard, TypeVar

from decoders.core.errors import MaterialError
from decoders.core.toml_lines import Path, line_of

MAX_CHARACTERS = 4 << 20
MAX_DEPTH = 64

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Missing(enum.Enum):
    """The type of `MISSING`."""

    MISSING = enum.auto()


MISSING: Final = Missing.MISSING
"""In place of a default: the key must be there."""

D = TypeVar("D")


def parse(text: str, name: str) -> Table:
    """The root table of a TOML text; `name` is what messages call the file.

    Raises MaterialError for text that is not TOML, is longer than 4 Mi characters or nests deeper than 64 levels.
    """
    if len(text) > MAX_CHARACTERS:
        raise MaterialError(f"{len(text)} characters are too many", name, f"keep the file below {MAX_CHARACTERS}")
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, name) from None
    except RecursionError:
        raise MaterialError("arrays or tables nest too deeply", name, f"use at most {MAX_DEPTH} levels") from None
    except (ValueError, ArithmeticError):
        raise MaterialError("a number has too many digits or too large an exponent", name) from None
    if _deeper_than(data, MAX_DEPTH):
        raise MaterialError("arrays or tables nest too deeply", name, f"use at most {MAX_DEPTH} levels")
    return Table(data, (), _Source(text, name))


def _syntax_error(message: str, text: str, name: str) -> MaterialError:
    position = _POSITION.search(message)
    if position is None:
        return MaterialError(f"not valid TOML: {message}", name)
    line, column = position.groups()
    where = f"{name}, line {line}, column {column}" if line else f"{name}, line {text.count(chr(10)) + 1}, end of file"
    return MaterialError(f"not valid TOML: {message[: position.start()]}", where)


def _deeper_than(root: dict[str, object], limit: int) -> bool:
    level: list[object] = [root]
    for _ in range(limit + 1):
        level = [child for value in level for child in _children(value) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class _Source:
    """The text that a table came from."""

    text: str
    name: str

    def fault(self, path: Path, what: str, remedy: str) -> MaterialError:
        """An error at `path`, or on the line of what holds it where there is no such key."""
        lines = (line_of(self.text, path[:length]) for length in range(len(path), 0, -1))
        line = next((line for line in lines if line is not None), None)
        places = [self.name, f"line {line}" if line else "", dotted(path)]
        return MaterialError(what, ", ".join(place for place in places if place), remedy)


class Table:
    """One table of a TOML text, with its path from the root.

    Each reading method takes a key and, where the key may be absent, a default that is returned as it is.
    """

    def __init__(self, data: dict[str, object], path: Path, source: _Source) -> None:
        self.path = path
        self._data = data
        self._source = source
        self._asked: dict[str, None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def keys(self) -> list[str]:
        """The keys that are there, in the order of the text."""
        return list(self._data)

    def raw(self, key: str, default: object = MISSING) -> object:
        """The value as `tomllib` gives it, numbers with a point or exponent as Decimal."""
        return self._data[key] if self._has(key) else self._default(key, default)

    def string(self, key: str, default: D | Missing = MISSING) -> str | D:
        if not self._has(key):
            return self._default(key, default)
        value = self._data[key]
        if not isinstance(value, str):
            raise self._wrong("a string", key)
        return value

    def integer(self, key: str, default: D | Missing = MISSING, low: int | None = None, high: int | None = None) -> int | D:
        if not self._has(key):
            return self._default(key, default)
        value = self._data[key]
        if not _is_integer(value):
            raise self._wrong("an integer", key)
        self._check_range(key, value, low, high)
        return value

    def boolean(self, key: str, default: D | Missing = MISSING) -> bool | D:
        if not self._has(key):
            return self._default(key, default)
        value = self._data[key]
        if not isinstance(value, bool):
            raise self._wrong("true or false", key)
        return value

    def decimal(self, key: str, default: D | Missing = MISSING) -> Decimal | D:
        """A finite number exactly as it is written, also when it is written as a string such as "0.001"."""
        if not self._has(key):
            return self._default(key, default)
        value = self._data[key]
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise self._wrong("a number", key)
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise self._wrong("a number", key) from None
        if not number.is_finite():
            raise self._wrong("a finite number", key)
        return number

    def number(self, key: str, default: D | Missing = MISSING, low: float | None = None, high: float | None = None) -> float | D:
        """A finite number as the nearest float; an integer is accepted."""
        if not self._has(key):
            return self._default(key, default)
        if isinstance(self._data[key], str):
            raise self._wrong("a number", key)
        value = float(self.decimal(key))
        if abs(value) == float("inf"):
            raise self._wrong("a finite number", key)
        self._check_range(key, value, low, high)
        return value

    def choice(self, key: str, options: Collection[str], default: D | Missing = MISSING) -> str | D:
        if not self._has(key):
            return self._default(key, default)
        value = self.string(key)
        if value not in options:
            raise self.fault(f"'{value}' is not a choice here", key, suggestion(value, options, "choose from"))
        return value

    def hexbytes(self, key: str, default: D | Missing = MISSING, size: int | None = None) -> bytes | D:
        """Bytes written as pairs of hex digits, with or without spaces between the pairs."""
        if not self._has(key):
            return self._default(key, default)
        try:
            value = bytes.fromhex(self.string(key))
        except ValueError:
            raise self.fault("must be pairs of hex digits", key, 'write for example "A5 5A"') from None
        if size is not None and len(value) != size:
            raise self.fault(f"must be {size} bytes, not {len(value)}", key)
        return value

    def strings(self, key: str, default: D | Missing = MISSING) -> list[str] | D:
        if not self._has(key):
            return self._default(key, default)
        values: list[str] = []
        for index, value in enumerate(self._list(key, "strings")):
            if not isinstance(value, str):
                raise self._wrong("a string", key, index)
            values.append(value)
        return values

    def integers(self, key: str, default: D | Missing = MISSING, low: int | None = None, high: int | None = None) -> list[int] | D:
        if not self._has(key):
            return self._default(key, default)
        values: list[int] = []
        for index, value in enumerate(self._list(key, "integers")):
            if not _is_integer(value):
                raise self._wrong("an integer", key, index)
            self._check_range((key, index), value, low, high)
            values.append(value)
        return values

    def table(self, key: str) -> Table:
        if not self._has(key):
            raise self._absent(key)
        value = self._data[key]
        if not isinstance(value, dict):
            raise self._wrong("a table", key)
        return Table(value, (*self.path, key), self._source)

    def optional_table(self, key: str) -> Table | None:
        return self.table(key) if self._has(key) else None

    def tables(self, key: str) -> list[Table]:
        """The tables of an array of tables or of inline tables, none where the key is absent."""
        if not self._has(key):
            return []
        found = []
        for index, value in enumerate(self._list(key, "tables")):
            if not isinstance(value, dict):
                raise self._wrong("a table", key, index)
            found.append(Table(value, (*self.path, key, index), self._source))
        return found

    def finish(self) -> None:
        """Raise for the first key of this table that was never asked for."""
        for key in self._data:
            if key not in self._asked:
                raise self.fault(f"unknown key '{key}'", key, suggestion(key, self._asked, "known here:"))

    def fault(self, what: str, key: str | int | Path | None = None, remedy: str = "") -> MaterialError:
        """An error located at this table, at one of its keys, or at a path below it; for the caller to raise."""
        below = key if isinstance(key, tuple) else () if key is None else (key,)
        return self._source.fault((*self.path, *below), what, remedy)

    def _has(self, key: str) -> bool:
        self._asked[key] = None
        return key in self._data

    def _default(self, key: str, default: D | Missing) -> D:
        if isinstance(default, Missing):
            raise self._absent(key)
        return default

    def _absent(self, key: str) -> MaterialError:
        return self.fault(f"'{key}' is missing", key)

    def _wrong(self, wanted: str, *below: str | int) -> MaterialError:
        value: object = self._data
        for step in below:
            value = value[step]  # type: ignore[index]  # `below` was found in the data by the caller
        return self.fault(f"must be {wanted}, not {_described(value)}", below)

    def _list(self, key: str, of: str) -> list[object]:
        value = self._data[key]
        if not isinstance(value, list):
            raise self._wrong(f"an array of {of}", key)
        return value

    def _check_range(self, key: str | Path, value: float, low: float | None, high: float | None) -> None:
        if low is not None and value < low:
            raise self.fault(f"must be {_range(low, high)}, not {value}", key)
        if high is not None and value > high:
            raise self.fault(f"must be {_range(low, high)}, not {value}", key)


def dotted(path: Path) -> str:
    """A path as people write it: `link.fields[2].size`, keys that need it in quotes."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE_KEY.fullmatch(step) else f'"{step}"'
            text += f".{key}" if text else key
    return text


def suggestion(word: str, known: Iterable[str], list_as: str) -> str:
    """What to try instead of `word`: the nearest known word, or all of them after the words `list_as`."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1)
    offer = f"did you mean '{near[0]}'? " if near else ""
    return f"{offer}{list_as} {', '.join(words) or 'nothing'}"


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def _described(value: object) -> str:
    """A value of the wrong type, for a message."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string '{value}'" if len(value) <= 40 else f"the string '{value[:40]}…'"
    return f"{value}"
