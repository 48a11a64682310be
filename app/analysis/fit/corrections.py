"""What a profile says otherwise than the shipped one, which of its statements are placeholders, and how one is marked as confirmed."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.analysis.fit.fit import NOT_COUNTED
from app.analysis.fit.toml_edit import Edit, toml_value
from decoders.core.document import dotted
from decoders.core.toml_lines import Path, line_of

ORIGINS = frozenset({"from", "tags_from"})
PLACEHOLDER = "P"
STANDARD = "S: "
WITHOUT = frozenset({"kinds", "parts", "values", "when"})
"""Tables that take no provenance."""
ALONE = frozenset({"payloads", "prefix"})
"""Groups of fields that are placeholders where they do not say otherwise themselves."""
GROUPS = frozenset({("link",), ("packet",), ()})
OPERATION_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that differs from the shipped profile's, as TOML; empty where one of the two has none."""

    name: str
    path: Path
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A place with a provenance: what it is called, its path, and where the provenance stands or would stand."""

    name: str
    path: Path
    origin_path: Path
    origin: str


def corrections(text: str, shipped: str) -> list[Correction]:
    """Each value that is not as shipped, in the order of the text. Both texts are TOML."""
    own, theirs = (dict(_values(_parsed(one))) for one in (text, shipped))
    found = []
    for name, (path, value) in own.items():
        was = theirs[name][1] if name in theirs else None
        if name not in theirs or was != value:
            found.append(Correction(name, path, _shown(was, path) if name in theirs else "", _shown(value, path)))
    found += [Correction(name, path, _shown(value, path), "") for name, (path, value) in theirs.items() if name not in own]
    return found


def placeholders(text: str) -> list[Statement]:
    """The statements that are still placeholders, in the order of the text."""
    return [statement for statement in statements(text) if statement.origin == PLACEHOLDER]


def statements(text: str) -> list[Statement]:
    """Every statement of a profile with its provenance, its own or that of the table it stands in."""
    return list(_statements(_parsed(text), (), None))


def confirmed(statement: Statement, words: str) -> Edit:
    """The edit that gives a statement the user's source: the name and place of what it was read in."""
    return Edit(statement.origin_path, STANDARD + " ".join(words.split()))


def line_of_path(text: str, path: Path) -> int | None:
    """The line, from 1, that a path stands on, or what holds it."""
    found = (line_of(text, path[:length]) for length in range(len(path), 0, -1))
    return next((line for line in found if line is not None), None)


@functools.lru_cache(maxsize=2)
def _parsed(text: str) -> dict[str, Any]:
    """Parsed once for all questions about a text; nobody changes it."""
    return tomllib.loads(text)


def _values(data: dict[str, Any]) -> Iterator[tuple[str, tuple[Path, Any]]]:
    """All values but provenances, by a name in which entries of arrays are called what they call themselves."""

    def walk(name: tuple[str, ...], path: Path, value: Any) -> Iterator[tuple[str, tuple[Path, Any]]]:
        if isinstance(value, dict):
            for key, child in value.items():
                if key not in ORIGINS or not isinstance(child, str | dict) or _is_field(key, value):
                    yield from walk((*name, key), (*path, key), child)
        elif isinstance(value, list) and any(isinstance(child, dict) for child in value):
            for at, child in enumerate(value):
                yield from walk((*name, _called(child, at)), (*path, at), child)
        else:
            yield ".".join(name), (path, value)

    yield from walk((), (), {key: value for key, value in data.items() if key not in NOT_COUNTED})


def _is_field(key: str, table: dict[str, Any]) -> bool:
    """Whether this is no provenance but a name of an enumeration."""
    return key == "from" and isinstance(table[key], int)


def _called(entry: Any, at: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name != "reserved" else str(at)


def _statements(value: Any, path: Path, inherited: str | None) -> Iterator[Statement]:
    """What has a provenance of its own or that of what it stands in, from above down."""
    if isinstance(value, list):
        for at, child in enumerate(value):
            yield from _statements(child, (*path, at), inherited)
        return
    if not isinstance(value, dict):
        return
    origins = value.get("from")
    if isinstance(origins, dict):
        for key, origin in origins.items():
            yield Statement(dotted((*path, key)), (*path, key), (*path, "from", key), str(origin))
    own = origins if isinstance(origins, str) else inherited
    if own is not None and _is_statement(path, value):
        yield Statement(_named(path, value), path, (*path, "from"), own)
    if isinstance(value.get("tags_from"), str):
        yield Statement(dotted((*path, "tags")), path, (*path, "tags_from"), value["tags_from"])
    for key, child in value.items():
        if key not in ORIGINS and key not in WITHOUT:
            yield from _statements(child, (*path, key), PLACEHOLDER if key in ALONE else own)


def _is_statement(path: Path, value: dict[str, Any]) -> bool:
    """Fields, operations, enumerations, recipes and the like; a group of fields speaks for them, not for itself."""
    if path[:1] == ("services",):
        return len(path) == OPERATION_DEPTH or "name" in value
    if path in GROUPS:
        return False
    return "name" in value or isinstance(value.get("from"), str)


def _named(path: Path, value: dict[str, Any]) -> str:
    """link.fields.sof instead of link.fields[0]."""
    return f"{dotted(path[:-1])}.{value['name']}" if isinstance(path[-1], int) else dotted(path)


def _shown(value: Any, path: Path) -> str:
    """A value as the file may write it; what stands for bytes in hex."""
    if isinstance(value, int) and not isinstance(value, bool) and path[-1] in {"const", "poly", "init", "xorout"}:
        return f"0x{value:02X}"
    return toml_value(value) if isinstance(value, str | int | list) else str(value)
