"""How a wire profile's text has to change to say another framing, place of the size, or checksum; all else stays."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from app.analysis.fit.length import LengthLayout
from app.analysis.fit.toml_edit import Edit, TomlValue, toml_value
from decoders.core.document import dotted
from decoders.profile.load import STRATEGY_KEYS
from decoders.profile.schema import Crc, Strategy
from decoders.profile.wire_profile import WireProfile

HDLC: dict[str, TomlValue] = {"flag": "7E", "escape": "7D", "escape_xor": "20"}
"""S: ISO/IEC 13239."""
CUSTOM_KEYS = ("bits", "poly", "init", "refin", "refout", "xorout")


def strategy_edits(text: str, strategy: Strategy, values: dict[str, TomlValue]) -> list[Edit]:
    """Find frames in another way; keys that only the old way knows are taken away, with their provenance."""
    framing = tomllib.loads(text)["framing"]
    edits = [Edit(("framing", "strategy"), strategy)]
    known = {key for keys in STRATEGY_KEYS.values() for key in keys}
    for key in sorted(known - set(values)):
        for path in (("framing", key), ("framing", "from", key)):
            edits += [Edit(path, None)] if key in (framing if len(path) == 2 else framing["from"]) else []
    for key, value in values.items():
        edits.append(Edit(("framing", key), value))
        if key not in framing["from"]:
            edits.append(Edit(("framing", "from", key), "P"))
    return edits


def length_edits(text: str, profile: WireProfile, layout: LengthLayout) -> list[Edit]:
    """Another start and place of the size; the other fields of the link header keep their order around both.

    None at all where the header has no start or size field to move, or fields whose place depends on others.
    """
    fields: list[dict[str, Any]] = tomllib.loads(text)["link"]["fields"]
    names = [field.name for field in profile.frame.fields]
    length_field = profile.framing.length_field or "length"
    if not profile.frame.is_fixed or "sof" not in names or length_field not in names:
        return []
    sof, length = names.index("sof"), names.index(length_field)
    places = _places(profile, {sof, length}, layout)
    edits = strategy_edits(text, "length", {"start": layout.start.hex().upper(), "length_field": length_field})
    wanted: dict[int, dict[str, TomlValue]] = {row: {"at": byte, "bit": bit} for row, (byte, bit) in places.items()}
    wanted[sof] = {"at": 0, "bit": 7, "bits": len(layout.start) * 8, "const": int.from_bytes(layout.start)}
    wanted[length] = {
        "at": layout.at, "bit": 7, "bits": layout.bits, "order": layout.order, "scale": layout.scale, "bias": layout.bias,
    }  # fmt: skip
    for row, values in sorted(wanted.items()):
        edits += _field_edits(("link", "fields", row), fields[row], values)
    return edits


def _places(profile: WireProfile, moved: set[int], layout: LengthLayout) -> dict[int, tuple[int, int]]:
    """Byte and bit of each other field: bytes that share fields move together, in order, to where start and size leave room."""
    taken = {*range(len(layout.start)), *range(layout.at, layout.at + layout.bits // 8)}
    found: dict[int, tuple[int, int]] = {}
    free = 0
    for group in _groups(profile, moved):
        first, size = group[0][0], max(last for _, last, _ in group) - group[0][0] + 1
        while taken & {*range(free, free + size)}:
            free += 1
        for byte, _, row in group:
            found[row] = (byte - first + free, 7 - (profile.frame.placed[row].at_bit or 0) % 8)
        free += size
    return found


def _groups(profile: WireProfile, without: set[int]) -> list[list[tuple[int, int, int]]]:
    """Fields as (first byte, last byte, row), those together that have a byte in common."""
    groups: list[list[tuple[int, int, int]]] = []
    starts = [(field.at_bit or 0, (field.at_bit or 0) + (field.bits or 0) - 1) for field in profile.frame.placed]
    spans = sorted((begin // 8, end // 8, row) for row, (begin, end) in enumerate(starts) if row not in without)
    for span in spans:
        if groups and span[0] <= max(last for _, last, _ in groups[-1]):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


DEFAULTS: dict[str, TomlValue] = {"bit": 7, "order": "big", "scale": 1, "bias": 0}


def _field_edits(path: tuple[str | int, ...], entry: dict[str, Any], values: dict[str, TomlValue]) -> list[Edit]:
    edits = []
    for key, value in values.items():
        if key == "bits" and "bytes" in entry:
            key, value = "bytes", int(value) // 8  # type: ignore[arg-type]  # noqa: PLW2901  # widths are numbers; the field keeps its unit
        if entry.get(key, DEFAULTS.get(key)) != value:
            edits.append(Edit((*path, key), None if DEFAULTS.get(key) == value else value))
    return edits


def crc_edits(text: str, crc: Crc) -> list[Edit]:
    """Another checksum, by its name or by its parameters."""
    now = tomllib.loads(text)["crc"]
    wanted: dict[str, TomlValue] = {"model": crc.model}
    if crc.model == "custom":
        wanted |= {key: getattr(crc, key) for key in CUSTOM_KEYS}
    edits = [Edit(("crc", key), None) for key in CUSTOM_KEYS if key in now and key not in wanted]
    wanted |= {"order": crc.order, "first_byte": crc.first_byte}
    return [*edits, *(Edit(("crc", key), value) for key, value in wanted.items())]


def no_crc_edits(text: str) -> list[Edit]:
    """No checksum at all; what belongs to one goes with it."""
    now = tomllib.loads(text)["crc"]
    gone = [Edit(("crc", key), None) for key in (*CUSTOM_KEYS, "order", "first_byte") if key in now]
    return [*gone, Edit(("crc", "model"), "none")]


def filler_edits(text: str, more: frozenset[int]) -> list[Edit]:
    """These bytes are filler too."""
    now = tomllib.loads(text)["framing"].get("filler", [])
    known = {int(byte, 16) for byte in now}
    values: list[str] = [*now, *(f"{byte:02X}" for byte in sorted(more - known))]
    return [Edit(("framing", "filler"), values)] if values != now else []


def limit_edits(text: str, header: int, crc: int, smallest: int, largest: int) -> list[Edit]:
    """Limits that frames of the sizes seen, with this header and checksum (bytes), keep to."""
    data = tomllib.loads(text)
    framing, fragment = data["framing"], data["procedures"]["fragment_bytes"]
    low = max(header + crc, min(framing["min_bytes"], smallest))
    high = max(framing["max_bytes"], largest, low)
    wanted: dict[tuple[str, str], int] = {
        ("framing", "min_bytes"): low,
        ("framing", "max_bytes"): high,
        ("procedures", "fragment_bytes"): max(1, min(fragment, high - header - crc)),
    }
    return [Edit(path, value) for path, value in wanted.items() if data[path[0]][path[1]] != value]


ROOMY = (Edit(("framing", "max_bytes"), 4096), Edit(("framing", "min_bytes"), 300), Edit(("procedures", "fragment_bytes"), 1))
"""Limits that no header breaks, for a draft whose sizes are not known yet."""


def changes_text(edits: Iterable[Edit]) -> str:
    """What edits do to the text, one a line: crc.model = "none"."""
    return "\n".join(
        f"{dotted(edit.path)} is taken away" if edit.value is None else f"{dotted(edit.path)} = {toml_value(edit.value)}"
        for edit in edits
    )
