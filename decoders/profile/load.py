"""The parts of a wire profile beside its fields, read from TOML: framing, checksum, types, services, protection, procedures."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from decoders.core.document import Table
from decoders.profile import vocabulary
from decoders.profile.bits import BitWriter
from decoders.profile.crc import catalogue_model
from decoders.profile.leaf import field_raw
from decoders.profile.load_fields import Enumerations, load_fields, provenance, provenances
from decoders.profile.schema import (
    Crc,
    Field,
    Framing,
    Operation,
    Part,
    PartKind,
    Procedures,
    Protection,
    Recipe,
    Service,
    Strategy,
    ValueType,
    ValueTypes,
)

MAX_CRC_BITS = 64
NS_PER_MS = 1_000_000
VALUE_KINDS = ("uint", "int", "float", "flag", "time", "umi_id", "text", "bytes", "array", "struct")
COUNTED = frozenset({"text", "bytes", "array", "struct"})
RECIPES: Final[dict[str, tuple[PartKind, ...]]] = {
    "signature": ("header", "payload", "body", "field", "constant"),
    "iv": ("field", "explicit_iv", "constant"),
    "aad": ("header", "field", "explicit_iv", "constant"),
    "kdf": ("secret", "counter", "initiator", "responder", "field", "constant"),
    "proof": ("nonce", "own", "peer", "constant"),
}
"""The recipes that a profile gives, each with the parts that are known where it is used."""
REASSEMBLY_KEYS = ("stream", "port", "route")
FRAMING_KEYS = ("strategy", "min_bytes", "max_bytes", "filler")
STRATEGY_KEYS: Final[dict[Strategy, tuple[str, ...]]] = {
    "length": ("start", "length_field"),
    "transfer": (),
    "hdlc": ("flag", "escape", "escape_xor"),
    "cobs": (),
    "pause": ("pause_us",),
}
PROCEDURE_KEYS = (
    "acknowledgement", "window", "sequence_modulus", "fragment_modulus", "reassembly_key", "forwarding", "pairing",
    "max_packet_bytes", "fragment_bytes", "forwarding_timeout_ms", "response_timeout_ms", "abort_reasons",
)  # fmt: skip
PROTECTION_KEYS = ("order", "cipher", "curve", "hash", "point_format", "agreement", "explicit_iv", "tag", "signature")
"""The statements that have a provenance of their own, where the profile makes them."""


def load_framing(table: Table, link: tuple[Field, ...]) -> Framing:
    """The `framing` table; what a strategy does not use is an unknown key."""
    strategy: Strategy = _literal(table, "strategy", get_args(Strategy))
    min_bytes = table.integer("min_bytes", low=1)
    framing = Framing(
        strategy=strategy,
        provenance=provenances(table, [key for key in (*FRAMING_KEYS, *STRATEGY_KEYS[strategy]) if key in table]),
        filler=frozenset(_byte(table, "filler", text) for text in table.strings("filler", [])),
        min_bytes=min_bytes,
        max_bytes=table.integer("max_bytes", low=min_bytes, high=65_535),
        start=table.hexbytes("start", b"") if strategy == "length" else b"",
        length_field=table.string("length_field", "length") if strategy == "length" else "",
        flag=_byte(table, "flag", table.string("flag", "7E")) if strategy == "hdlc" else 0,
        escape=_byte(table, "escape", table.string("escape", "7D")) if strategy == "hdlc" else 0,
        escape_xor=_byte(table, "escape_xor", table.string("escape_xor", "20")) if strategy == "hdlc" else 0,
        pause_ns=table.integer("pause_us", low=1) * 1000 if strategy == "pause" else 0,
    )
    if strategy == "length":
        _check_length_field(table, framing, link)
        _check_start(table, framing, link)
    if strategy == "hdlc" and (framing.escape_xor == 0 or framing.flag in {framing.escape, framing.escape ^ framing.escape_xor}):
        raise table.fault(
            "flag and escape cannot be told apart after stuffing",
            "escape",
            "use different bytes, and an escape_xor that is not 00 and does not turn the escape into the flag",
        )
    table.finish()
    return framing


def _check_length_field(table: Table, framing: Framing, link: tuple[Field, ...]) -> None:
    field = next((f for f in link if f.name == framing.length_field), None)
    if field is None or field.kind != "uint" or not field.is_fixed:
        raise table.fault(
            f"the link header has no fixed number {framing.length_field!r}", "length_field", "name the field that holds the size"
        )
    before = link[: link.index(field)]
    if field.at_bit is None and not all(f.is_fixed for f in before):
        raise table.fault(
            f"{framing.length_field!r} has no fixed place", "length_field", "put it before all fields of variable size"
        )


def _check_start(table: Table, framing: Framing, link: tuple[Field, ...]) -> None:
    """The start bytes are the link header's first fields, or the header would be read from the wrong place."""
    header = BitWriter()
    for field in link:
        if header.at >= len(framing.start) * 8:
            break
        if not isinstance(field.constant, int) or field.bits is None or field.at_bit not in {None, header.at}:
            break
        header.put(field_raw(field, field.constant, field.bits), field.bits)
    if bytes(header.data[: len(framing.start)]) != framing.start:
        raise table.fault("the link header does not begin with these bytes", "start", "make them constants of its first fields")


def _byte(table: Table, key: str, text: str) -> int:
    try:
        (value,) = bytes.fromhex(text)
    except ValueError:
        raise table.fault(f"{text!r} is not one byte", key, 'write two hexadecimal digits, such as "FF"') from None
    return value


def _literal(table: Table, key: str, options: tuple[str, ...], default: str | None = None) -> Any:
    """One of `options`; Any, since the caller names them once more as a Literal type."""
    return table.choice(key, options) if default is None else table.choice(key, options, default)


def load_crc(table: Table) -> Crc | None:
    """The `crc` table; None where frames carry no checksum."""
    name = table.string("model")
    origin = provenance(table)
    if name == "none":
        table.finish()
        return None
    if name == "custom":
        bits = table.integer("bits", low=1, high=MAX_CRC_BITS)
        top = (1 << bits) - 1
        parameters = (
            bits,
            table.integer("poly", low=1, high=top),
            table.integer("init", low=0, high=top),
            table.boolean("refin"),
            table.boolean("refout"),
            table.integer("xorout", low=0, high=top),
        )
    else:
        known = catalogue_model(name)
        if known is None:
            raise table.fault(
                f"the CRC catalogue has no {name!r}", "model", 'write a name such as "CRC-16/IBM-SDLC", "custom" or "none"'
            )
        parameters = known
    order: Literal["big", "little"] = _literal(table, "order", ("big", "little"), "big")
    crc = Crc(name, *parameters, order=order, first_byte=table.integer("first_byte", 0, low=0, high=255), provenance=origin)
    table.finish()
    return crc


def load_types(table: Table) -> ValueTypes:
    """The `types` table."""
    tag_bits = _whole_bytes(table, "tag_bits", 32)
    by_code: dict[int, ValueType] = {}
    by_name: dict[str, ValueType] = {}
    for entry in table.tables("kinds"):
        kind = _load_type(entry, tag_bits)
        if kind.code in by_code or kind.name in by_name:
            raise entry.fault(
                f"a second type {kind.name!r} or number 0x{kind.code:02X}", "code", "give each type a name and number of its own"
            )
        by_code[kind.code] = by_name[kind.name] = kind
    order: Literal["big", "little"] = _literal(table, "order", ("big", "little"), "big")
    types = ValueTypes(
        by_code,
        by_name,
        tag_bits,
        order,
        table.integer("max_depth", 16, low=1, high=64),
        table.integer("max_items", 65_536, low=1, high=1_000_000),
        provenance(table),
        provenance(table, key="tags_from"),
    )
    table.finish()
    return types


def _load_type(entry: Table, tag_bits: int) -> ValueType:
    kind = _literal(entry, "kind", VALUE_KINDS)
    counted = kind in COUNTED
    bits = 0 if counted else _whole_bytes(entry, "bits", 64)
    if kind == "float" and bits not in {16, 32, 64}:
        raise entry.fault(f"a float of {bits} bits", "bits", "16, 32 or 64 bits are known")
    if kind == "umi_id" and bits != 64:
        raise entry.fault("a UMI ID of another width than 64 bits", "bits", "an EUI-64 has 64")
    count_bits = _whole_bytes(entry, "count_bits", 32) if counted else 0
    loaded = ValueType(entry.string("name"), entry.integer("code", low=0, high=(1 << tag_bits) - 1), kind, bits, count_bits)
    entry.finish()
    return loaded


def _whole_bytes(table: Table, key: str, most: int) -> int:
    """A width in bits; a typed value is whole bytes, so that what follows it begins at a byte's first bit."""
    bits = table.integer(key, low=8, high=most)
    if bits % 8:
        raise table.fault(f"{bits} bits are no whole bytes", key, "use a multiple of 8")
    return bits


def load_services(table: Table, numbers: dict[str, int], enumerations: Enumerations) -> dict[int, Service]:
    """The `services` tables by number; `numbers` are the service enumeration's, which they must agree with."""
    services: dict[int, Service] = {}
    for name in table.keys():  # noqa: SIM118  # a Table is no mapping
        entry = table.table(name)
        if name not in vocabulary.SERVICES:
            raise table.fault(f"there is no service {name!r}", name, f"known are {', '.join(vocabulary.SERVICES)}")
        code = entry.integer("code", low=0)
        if numbers.get(name) != code:
            raise entry.fault(f"{name} is {numbers.get(name)} in the enumeration 'service'", "code", "make both the same")
        services[code] = _load_service(name, code, entry, enumerations)
    missing = set(vocabulary.SERVICES) - {service.name for service in services.values()}
    if missing:
        raise table.fault(f"the service {min(missing)!r} is missing", None, "the article names six services")
    return services


def _load_service(name: str, code: int, entry: Table, enumerations: Enumerations) -> Service:
    service = Service(name, code, provenance(entry))
    operations = entry.table("operations")
    for operation_name in operations.keys():  # noqa: SIM118  # a Table is no mapping
        table = operations.table(operation_name)
        known = vocabulary.SERVICES[name]
        if operation_name not in known and not operation_name.startswith(vocabulary.FREE_PREFIX):
            raise operations.fault(f"{name} has no operation {operation_name!r}", operation_name, f"known are {', '.join(known)}")
        number = table.integer("code", low=0)
        if number in service.operations:
            raise table.fault(
                f"{number} is already {service.operations[number].name!r}", "code", "give each operation its own number"
            )
        origin = provenance(table, service.provenance)
        service.operations[number] = Operation(
            operation_name,
            number,
            load_fields(table, "command", vocabulary.PAYLOAD, enumerations, origin),
            load_fields(table, "response", vocabulary.PAYLOAD, enumerations, origin),
            origin,
        )
        table.finish()
    entry.finish()
    return service


def load_protection(table: Table, enumerations: Enumerations, packet: tuple[Field, ...]) -> Protection:
    """The `security` table: recipes as data; the cryptography itself is the library's."""
    prefix = load_fields(table, "prefix", vocabulary.BODY, enumerations, "P")
    explicit_iv_size = table.integer("explicit_iv_bytes", 0, low=0, high=16)
    fields = {field.name for field in (*packet, *prefix)}
    protection = Protection(
        order=_literal(table, "order", ("sign-then-encrypt", "encrypt-then-sign")),
        prefix=prefix,
        explicit_iv_size=explicit_iv_size,
        tag_size=table.integer("tag_bytes", low=4, high=16),
        tag_place=_literal(table, "tag_place", ("before", "after"), "after"),
        signature_size=table.integer("signature_bytes", low=1, high=256),
        signature_place=_literal(table, "signature_place", ("before", "after"), "after"),
        cipher=table.choice("cipher", ("AES-128-GCM",)),
        curve=table.choice("curve", ("P-256", "brainpoolP256r1")),
        hash=table.choice("hash", ("SHA-256", "SHA-384", "SHA-512")),
        point_format=_literal(table, "point_format", ("uncompressed", "compressed", "raw")),
        agreement=_literal(table, "agreement", ("one-pass", "ephemeral-ephemeral", "static-static")),
        recipes=_load_recipes(table.table("recipes"), fields, explicit_iv_size),
        provenance=provenances(table, PROTECTION_KEYS),
    )
    if not all(field.is_fixed and (field.bits or 0) % 8 == 0 for field in prefix):
        raise table.fault("the clear prefix of a body has fixed fields of whole bytes", "prefix", "give each a width in bytes")
    table.finish()
    return protection


def _load_recipes(table: Table, fields: set[str], explicit_iv_size: int) -> dict[str, Recipe]:
    recipes = {}
    for name, kinds in RECIPES.items():
        entry = table.table(name)
        parts = tuple(_load_part(part, kinds, fields) for part in entry.tables("parts"))
        if not parts:
            raise entry.fault("a recipe without parts", "parts", f"put it together from {', '.join(kinds)}")
        if explicit_iv_size == 0 and any(part.what == "explicit_iv" for part in parts):
            raise entry.fault("the body carries no explicit IV", "parts", "give explicit_iv_bytes or leave the part out")
        recipes[name] = Recipe(name, parts, provenance(entry))
        entry.finish()
    table.finish()
    return recipes


def _load_part(table: Table, kinds: tuple[PartKind, ...], fields: set[str]) -> Part:
    what = _literal(table, "what", kinds)
    part = Part(
        what,
        table.choice("name", sorted(fields)) if what == "field" else "",
        table.hexbytes("hex") if what == "constant" else b"",
        table.integer("bits", low=8, high=64) if what == "counter" else 0,
    )
    if part.bits % 8:
        raise table.fault(f"a counter of {part.bits} bits", "bits", "use a multiple of 8")
    table.finish()
    return part


def load_procedures(table: Table, enumerations: Enumerations) -> Procedures:
    """The `procedures` table: named strategies with their parameters."""
    acknowledgement = _literal(table, "acknowledgement", ("stop-and-wait", "window", "none"))
    keys = table.strings("reassembly_key")
    if not keys or not set(keys) <= set(REASSEMBLY_KEYS):
        raise table.fault(f"{', '.join(keys)} is no reassembly key", "reassembly_key", f"use some of {', '.join(REASSEMBLY_KEYS)}")
    procedures = Procedures(
        acknowledgement=acknowledgement,
        window=table.integer("window", low=2, high=128) if acknowledgement == "window" else 1,
        sequence_modulus=table.integer("sequence_modulus", low=2, high=65_536),
        fragment_modulus=table.integer("fragment_modulus", low=2, high=65_536),
        reassembly_key=tuple(keys),
        forwarding=_literal(table, "forwarding", ("link", "none")),
        pairing=_literal(table, "pairing", ("newest-first", "oldest-first")),
        max_packet_bytes=table.integer("max_packet_bytes", low=1, high=1 << 24),
        fragment_bytes=table.integer("fragment_bytes", low=1, high=65_535),
        forwarding_timeout_ns=table.integer("forwarding_timeout_ms", low=1) * NS_PER_MS,
        response_timeout_ns=table.integer("response_timeout_ms", low=1) * NS_PER_MS,
        abort_reasons=_abort_reasons(table, enumerations),
        provenance=provenances(table, [key for key in PROCEDURE_KEYS if key in table]),
    )
    table.finish()
    return procedures


def _abort_reasons(table: Table, enumerations: Enumerations) -> frozenset[int]:
    names = table.strings("abort_reasons", [])
    statuses = enumerations["link_status"].by_name if "link_status" in enumerations else {}
    for name in names:
        if name not in statuses:
            raise table.fault(f"there is no link status {name!r}", "abort_reasons", f"known are {', '.join(statuses) or 'none'}")
    return frozenset(statuses[name] for name in names)
