"""Random wire profiles: the reference profile's text with layouts, numbers, checksum and framing of other people's choosing."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import tomli_w
from hypothesis import strategies as st

from decoders.profile import vocabulary
from decoders.profile.crc import catalogue
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.decoders.profile.shipped import TEXTS

Toml = dict[str, Any]
STRATEGIES = ("length", "transfer", "hdlc", "cobs", "pause")
STARTS = ("A5", "A55A", "7E7E81")
MOST_FIELDS = 7
ALTERED = ("power", "request")
"""The operation whose payloads an altered profile lays out anew; the others only get other numbers, types and names."""


@st.composite
def altered_profiles(draw: st.DrawFn, strategies: tuple[str, ...] = STRATEGIES) -> WireProfile:
    """A profile that loads, and differs from the reference wherever it can."""
    profile = draw(altered_texts(strategies))
    return load_profile(profile, "altered.toml")


@st.composite
def altered_texts(draw: st.DrawFn, strategies: tuple[str, ...] = STRATEGIES) -> str:
    profile: Toml = copy.deepcopy(_base())
    profile["enumerations"]["frame_type"]["values"] = draw(renumbered(vocabulary.FRAME_TYPES, 20))
    profile["crc"] = draw(checksums())
    _alter_types(draw, profile["types"])
    strategy = draw(st.sampled_from(strategies))
    start = draw(st.sampled_from(STARTS)) if strategy == "length" else ""
    profile["link"] = {"from": "P", "fields": _link_fields(draw, strategy, start)}
    profile["packet"] = {"from": "P", "fields": draw(field_groups(vocabulary.PACKET))}
    profile["framing"] = _framing(draw, strategy, start)
    if profile["crc"]["model"] != "none":
        profile["crc"]["first_byte"] = draw(st.integers(0, profile["framing"]["min_bytes"] - 1))
    _alter_services(draw, profile)
    for recipe in profile["security"]["recipes"].values():
        recipe["parts"] = [part for part in recipe["parts"] if part["what"] != "field"] or [{"what": "constant", "hex": "00"}]
    profile["procedures"] |= {"sequence_modulus": 2, "fragment_modulus": 2, "fragment_bytes": 1}
    return tomli_w.dumps(profile)


def _base() -> Toml:
    return tomllib.loads(TEXTS["reference-1"])


def renumbered(names: tuple[str, ...], most: int) -> st.SearchStrategy[dict[str, int]]:
    numbers = st.lists(st.integers(0, most), min_size=len(names), max_size=len(names), unique=True)
    return numbers.map(lambda found: dict(zip(names, found, strict=True)))


def checksums() -> st.SearchStrategy[Toml]:
    """A model of the catalogue, one of its own, or none."""
    order = st.sampled_from(["big", "little"])
    named = st.fixed_dictionaries({"model": st.sampled_from(catalogue()), "from": st.just("P"), "order": order})
    none: st.SearchStrategy[Toml] = st.just({"model": "none", "from": "P"})
    return named | st.integers(3, 64).flatmap(_custom_checksum) | none


def _custom_checksum(bits: int) -> st.SearchStrategy[Toml]:
    number = st.integers(0, (1 << min(bits, 63)) - 1)
    reflected = st.booleans()
    return st.builds(
        lambda poly, init, flip, xorout, order: {
            "model": "custom", "from": "P", "bits": bits, "poly": poly | 1, "init": init,
            "refin": flip, "refout": flip, "xorout": xorout, "order": order,
        },
        number, number, reflected, number, st.sampled_from(["big", "little"]),
    )  # fmt: skip


def _alter_types(draw: st.DrawFn, types: Toml) -> None:
    tag_bits = draw(st.sampled_from([8, 16, 24, 32]))
    codes = draw(
        st.lists(st.integers(0, (1 << tag_bits) - 1), min_size=len(types["kinds"]), max_size=len(types["kinds"]), unique=True)
    )
    types["tag_bits"], types["order"] = tag_bits, draw(st.sampled_from(["big", "little"]))
    for kind, code in zip(types["kinds"], codes, strict=True):
        kind["code"] = code
        if "count_bits" in kind:
            kind["count_bits"] = draw(st.sampled_from([8, 16, 24, 32]))


def _alter_services(draw: st.DrawFn, profile: Toml) -> None:
    numbers = draw(renumbered(tuple(vocabulary.SERVICES), 40))
    profile["enumerations"]["service"]["values"] = numbers
    for name, service in profile["services"].items():
        service["code"] = numbers[name]
    operation = profile["services"][ALTERED[0]]["operations"][ALTERED[1]]
    operation["command"] = draw(field_groups(vocabulary.PAYLOAD, is_payload=True))
    operation["response"] = draw(field_groups(vocabulary.PAYLOAD, is_payload=True))


def _framing(draw: st.DrawFn, strategy: str, start: str) -> Toml:
    framing: Toml = {
        "strategy": strategy,
        "min_bytes": draw(st.integers(130, 140)),
        "max_bytes": 1024,
        "filler": draw(st.lists(st.sampled_from(["00", "FF", "55"]), unique=True)),
    }
    if strategy == "length":
        framing |= {"start": start, "length_field": "length"}
    if strategy == "hdlc":
        special = draw(st.lists(st.integers(0, 255), min_size=2, max_size=2, unique=True))
        flips = st.integers(1, 255).filter(lambda flip: flip != special[0] ^ special[1])
        framing |= {"flag": f"{special[0]:02X}", "escape": f"{special[1]:02X}", "escape_xor": f"{draw(flips):02X}"}
    if strategy == "pause":
        framing["pause_us"] = draw(st.integers(1, 10_000))
    framing["from"] = dict.fromkeys(framing, "P")
    return framing


def _link_fields(draw: st.DrawFn, strategy: str, start: str) -> list[Toml]:
    names = vocabulary.LINK - {"sof", "length"}
    if strategy != "length":
        return draw(field_groups(names))
    length: Toml = {"name": "length", "bits": draw(st.integers(10, 24)), "scale": draw(st.sampled_from([1, 1, 2, 4]))}
    length["bias"] = draw(st.integers(0, 8))
    length |= draw(byte_order(length["bits"], len(start) * 4))
    sof: Toml = {"name": "sof", "bits": len(start) * 4, "const": int(start, 16)}
    return [sof, length, *draw(field_groups(names, at=len(start) * 4 + length["bits"]))]


@st.composite
def field_groups(draw: st.DrawFn, names: frozenset[str], at: int = 0, *, is_payload: bool = False) -> list[Toml]:
    """Fields that begin `at` bits into the group: all with places, shuffled, or one after the other with conditions and lengths."""
    usable = sorted(names - {"items", "codes"})
    chosen = draw(st.lists(st.sampled_from(usable), max_size=MOST_FIELDS, unique=True))
    if at == 0 and draw(st.booleans()):
        return draw(placed_fields(chosen))
    fields: list[Toml] = []
    for name in chosen:
        field = draw(_field(name, at))
        condition = draw(_condition(fields))
        sized = draw(st.booleans()) and not is_payload
        fields.append(field | condition)
        at += _bits(field)
        if sized:
            fields += _sized(name, draw(st.sampled_from(["bytes", "text"])))
            at += 8
    if is_payload:
        fields += draw(_payload_end(None if any("when" in field and _bits(field) % 8 for field in fields) else at))
    return fields


def _bits(field: Toml) -> int:
    return int(field.get("bits", 0)) or int(field.get("bytes", 0)) * 8 or {"flag": 1, "umi_id": 64}.get(field.get("kind", ""), 32)


def _sized(name: str, kind: str) -> list[Toml]:
    length: Toml = {"name": f"x_{name}_length", "bits": 8}
    return [length, {"name": f"x_{name}", "kind": kind, "length": length["name"]}]


@st.composite
def _field(draw: st.DrawFn, name: str, at: int) -> Toml:
    kind = draw(st.sampled_from(["uint", "uint", "uint", "int", "flag", "float", "bytes", "umi_id", "code", "time", "text"]))
    field: Toml = {"name": name, "kind": kind}
    match kind:
        case "uint" | "int" | "time":
            field["bits"] = draw(st.integers(1, 64) | st.sampled_from([8, 16, 24, 32, 64]))
        case "float":
            field["bits"] = draw(st.sampled_from([16, 32, 64]))
        case "bytes" | "text":
            field["bytes"] = draw(st.integers(1, 12))
    field |= draw(byte_order(_bits(field), at)) if kind != "flag" else {}
    if kind == "uint":
        field |= draw(_meaning(_bits(field)))
    elif kind == "bytes" and draw(st.booleans()):
        field["const"] = draw(st.binary(min_size=field["bytes"], max_size=field["bytes"])).hex()
    return field


def byte_order(bits: int, at: int) -> st.SearchStrategy[Toml]:
    if bits % 8 or at % 8:
        return st.just({})
    return st.sampled_from([{}, {"order": "big"}, {"order": "little"}])


@st.composite
def _meaning(draw: st.DrawFn, bits: int) -> Toml:
    """Scale and bias, names or a constant of a number."""
    scale, bias = draw(st.sampled_from([(1, 0), (1, 0), (1, 1), (4, 0), (16, 8), (1000, 1 << 40)]))
    meaning: Toml = {"scale": scale, "bias": bias}
    extra = draw(st.sampled_from(["", "", "values", "const"]))
    if extra == "values":
        meaning["values"] = draw(st.sampled_from(["frame_type", "status", "severity"]))
    elif extra == "const":
        meaning["const"] = draw(st.integers(0, min((1 << bits) - 1, 1 << 40))) * scale + bias
    return meaning


def _condition(earlier: list[Toml]) -> st.SearchStrategy[Toml]:
    numbers = [field for field in earlier if field.get("kind", "uint") in {"uint", "flag"} and not field["name"].startswith("x_")]
    if not numbers:
        return st.just({})
    some = st.lists(st.integers(0, 3), min_size=1, max_size=4)
    when = st.builds(
        lambda field, raws: {
            "when": {"field": field["name"], "is": [raw * field.get("scale", 1) + field.get("bias", 0) for raw in raws]}
        },
        st.sampled_from(numbers),
        some,
    )
    return st.just({}) | when


@st.composite
def placed_fields(draw: st.DrawFn, names: list[str]) -> list[Toml]:
    """Fields with places of their own, with gaps between them, in any order."""
    fields, at = [], 0
    for name in names:
        at += draw(st.sampled_from([0, 0, 0, 1, 3, 8]))
        field = draw(_field(name, at)) | {"at": at // 8, "bit": 7 - at % 8}
        fields.append(field)
        at += _bits(field)
    return draw(st.permutations(fields))


@st.composite
def _payload_end(draw: st.DrawFn, at: int | None) -> list[Toml]:
    """What repeats, is typed or takes the rest; the rest begins at a whole byte, and cannot where its place is not known."""
    ending = draw(st.sampled_from(["none", "typed", "counted", *(["bytes", "text", "endless", "codes"] if at is not None else [])]))
    at = at or 0
    padding: list[Toml] = [{"name": "x_padding", "bits": 8 - at % 8}] if at % 8 else []
    entry: list[Toml] = [
        {"name": "event", "bits": draw(st.integers(1, 12))},
        {"name": "severity", "bits": 8, "values": "severity"},
        {"name": "detail", "kind": "typed", "when": {"field": "severity", "is": [1, 2]}},
    ]
    whole_entry = [*entry[:1], {"name": "x_padding", "bits": 16 - entry[0]["bits"]}, *entry[1:]]
    match ending:
        case "typed":
            return [{"name": "x_value", "kind": "typed"}]
        case "bytes" | "text":
            return [*padding, {"name": "x_data", "kind": ending, "to_end": True}]
        case "counted":
            return [{"name": "x_count", "bits": draw(st.integers(3, 20))}, {"name": "items", "count": "x_count", "each": entry}]
        case "endless":
            return [*padding, {"name": "items", "each": whole_entry}]
        case "codes":
            return [*padding, {"name": "codes", "item": {"name": "code", "kind": "code"} | draw(byte_order(32, 0))}]
    return []
