"""What may stand at a place of a profile's text, and what a word there means; the text need not be whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.analysis.fit.profile_words import CHOICES, FIELDS, KEYS, ORIGINS, PLACES, RECIPES, Words, table_kind
from decoders.profile import vocabulary
from decoders.profile.crc import catalogue

OPERATIONS_DEPTH = 3
_HEADER = re.compile(r"^[ \t]*\[\[?[ \t]*([\w.\-]+)[ \t]*\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)
_TOKEN = re.compile(
    r"#[^\n]*|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')|(?P<open_string>[\"'][^\n]*\Z)|(?P<key>[\w-]+)[ \t]*=|(?P<mark>[\[\]{},\n])"
)
_ENUMERATION = re.compile(r"^[ \t]*\[enumerations\.([\w-]+)\]", re.MULTILINE)
_WORD = re.compile(r"[\w/.-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: in which table, and behind which key where it is a value; `typed` is what is there of the word."""

    path: tuple[str | int, ...]
    key: str
    typed: str


def place_at(text: str, position: int) -> Place:
    """The place that a character, from 0, is at."""
    headers = list(_HEADER.finditer(text, 0, position))
    base: tuple[str | int, ...] = tuple(headers[-1][1].split(".")) if headers else ()
    stack: list[str | int] = []
    lists: list[bool] = []
    key = ""
    for token in _TOKEN.finditer(text, headers[-1].end() if headers else 0, position):
        mark = token["mark"]
        if token["key"]:
            key = token["key"]
        elif mark and mark in "[{":
            stack.append(key or 0)
            lists.append(mark == "[")
            key = "" if mark == "{" else key if not _holds_tables(text, token.end()) else ""
        elif mark and mark in "]}" and stack:
            stack.pop()
            lists.pop()
            key = ""
        elif mark == "," or (mark == "\n" and not stack):
            key = str(stack[-1]) if key and lists and lists[-1] and stack[-1] == key else ""
    if key and stack and stack[-1] == key:
        stack.pop()
    found = re.search(r"[\w/.-]*\Z", text[:position])
    return Place((*base, *stack), key, found[0] if found else "")


def completions(text: str, position: int) -> list[tuple[str, str]]:
    """Words that may stand there, each with what it means, beginning with what is typed."""
    place = place_at(text, position)
    known = _values(text, place) if place.key else _keys(place)
    return sorted((word, meaning) for word, meaning in known.items() if word.lower().startswith(place.typed.lower()))


def meaning_at(text: str, position: int) -> str:
    """What the word at a character means; empty where it is the profile's own."""
    line_start = text.rfind("\n", 0, position) + 1
    word = next((found for found in _WORD.finditer(text, line_start) if found.start() <= position < found.end()), None)
    if word is None or "#" in text[line_start : word.start()]:
        return ""
    place = place_at(text, word.start())
    known = _values(text, place) if place.key else _keys(place)
    if not known.get(word[0]):
        header = _HEADER.match(text, line_start)
        known = KEYS["profile"] | RECIPES if header else known
    return f"{word[0]}: {known[word[0]]}" if known.get(word[0]) else ""


def _holds_tables(text: str, position: int) -> bool:
    return re.match(r"(?:[ \t\r\n]|#[^\n]*)*(?:\{|\Z)", text[position:]) is not None


def _keys(place: Place) -> Words:
    path = place.path
    if path[-1:] == ("from",):
        of = KEYS.get(table_kind(path[:-1]), {})
        return {key: f"Where this comes from: {meaning}" for key, meaning in of.items() if key != "from"}
    if len(path) == OPERATIONS_DEPTH and path[0] == "services":
        return dict.fromkeys(vocabulary.SERVICES.get(str(path[1]), ()), "An operation of this service.")
    named: dict[tuple[str | int, ...], Words] = {
        ("security", "recipes"): RECIPES,
        ("link", "payloads"): dict.fromkeys(vocabulary.FRAME_TYPES, "Fields of such frames' payload."),
        ("services",): dict.fromkeys(vocabulary.SERVICES, "One of the six services."),
    }
    return named.get(path) or KEYS.get(table_kind(path), {})


def _values(text: str, place: Place) -> Words:
    if place.key in {"from", "tags_from"} or place.path[-1:] == ("from",):
        return ORIGINS
    kind, key = table_kind(place.path), place.key
    words = CHOICES.get((kind, key), {})
    match kind, key:
        case "field", "name":
            words = {name: FIELDS[name] for name in sorted(PLACES.get(str(place.path[0]), frozenset()) | {"reserved"})}
        case "field", "values":
            words = dict.fromkeys(_ENUMERATION.findall(text), "An enumeration of this profile.")
        case "crc", "model":
            words = dict.fromkeys(catalogue(), "A model of the CRC catalogue.") | {
                "custom": "With parameters.",
                "none": "No checksum.",
            }
        case ("field", "length" | "count") | ("framing", "length_field"):
            words = FIELDS
        case ("field", "to_end") | ("crc", "refin" | "refout"):
            words = {"true": "Yes.", "false": "No."}
    return words
