"""A wire profile, loaded and compiled: everything the decoders know about layouts.

`load_profile` takes TOML text; reading files is the caller's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from decoders.core.document import Table, parse
from decoders.core.errors import MaterialError
from decoders.profile import vocabulary
from decoders.profile.crc import CrcFunction, crc_function
from decoders.profile.layout import Layout
from decoders.profile.load import load_crc, load_framing, load_procedures, load_protection, load_services, load_types
from decoders.profile.load_fields import Enumerations, load_enumeration, load_fields, provenance
from decoders.profile.schema import Crc, Field, Framing, Procedures, Protection, Service, ValueTypes

FORMAT = 1


@dataclass(frozen=True, slots=True, repr=False)
class WireProfile:
    """One compiled profile; `digest` names its text for caches, `frame` and `packet` are the headers' layouts.

    `frame_length` is the one field of the link header that says how long the frame is; empty where none does.
    """

    name: str
    title: str
    description: str
    digest: str
    framing: Framing
    crc: Crc | None
    crc_of: CrcFunction | None
    frame: Layout
    frame_length: Layout
    frame_payloads: dict[str, Layout]
    packet: Layout
    services: dict[int, Service]
    payloads: dict[tuple[int, int, bool], Layout]
    enumerations: Enumerations
    types: ValueTypes
    protection: Protection
    procedures: Procedures

    def __repr__(self) -> str:
        return f"<WireProfile {self.name} {self.digest[:8]}>"

    def payload(self, service: str | int, operation: str | int, *, response: bool) -> Layout | None:
        """The layout of an operation's command or response, by name or number; None where the profile knows no such operation."""
        number = self.enumerations["service"].by_name.get(service, -1) if isinstance(service, str) else service
        if number not in self.services:
            return None
        operations = self.services[number].operations
        if isinstance(operation, str):
            operation = next((code for code, entry in operations.items() if entry.name == operation), -1)
        return self.payloads.get((number, operation, response))

    def service_name(self, service: int) -> str | int:
        """A service's name, or its number where the profile has none for it."""
        return self.enumerations["service"].by_number.get(service, service)

    def operation_name(self, service: int, operation: int) -> str | int:
        """An operation's name, or its number where the profile has none for it."""
        known = self.services.get(service)
        if known is None or operation not in known.operations:
            return operation
        return known.operations[operation].name

    def statements(self) -> Iterator[tuple[str, str]]:
        """Every statement of the profile as a dotted name, with its provenance."""
        yield from ((f"framing.{key}", origin) for key, origin in self.framing.provenance.items())
        if self.crc:
            yield "crc", self.crc.provenance
        yield from _field_statements("link", self.frame.fields)
        for name, layout in self.frame_payloads.items():
            yield from _field_statements(f"link.{name}", layout.fields)
        yield from _field_statements("packet", self.packet.fields)
        yield from _field_statements("body", self.protection.prefix)
        yield from ((f"security.{key}", origin) for key, origin in self.protection.provenance.items())
        yield from ((f"security.{recipe.name}", recipe.provenance) for recipe in self.protection.recipes.values())
        yield from ((f"procedures.{key}", origin) for key, origin in self.procedures.provenance.items())
        yield from ((f"enumerations.{entry.name}", entry.provenance) for entry in self.enumerations.values())
        yield "types", self.types.provenance
        yield "types.tags", self.types.tags_provenance
        for service in self.services.values():
            for operation in service.operations.values():
                place = f"{service.name}.{operation.name}"
                yield place, operation.provenance
                yield from _field_statements(f"{place}.command", operation.command)
                yield from _field_statements(f"{place}.response", operation.response)


def _field_statements(place: str, fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    for field in fields:
        yield f"{place}.{field.name}", field.provenance
        yield from _field_statements(f"{place}.{field.name}", field.fields)


def load_profile(text: str, name: str) -> WireProfile:
    """Compile a profile's text; `name` is what messages call the file. MaterialError names line and key of the first fault."""
    root = parse(text, name)
    version = root.integer("format")
    if version != FORMAT:
        raise root.fault(f"profile format {version}", "format", f"this program reads format {FORMAT}")
    enumerations = _load_enumerations(root.table("enumerations"))
    types = load_types(root.table("types"))
    link_table, packet_table = root.table("link"), root.table("packet")
    link = load_fields(link_table, "fields", vocabulary.LINK, enumerations, provenance(link_table))
    packet = load_fields(packet_table, "fields", vocabulary.PACKET, enumerations, provenance(packet_table))
    packet_table.finish()
    crc = load_crc(root.table("crc"))
    services = load_services(root.table("services"), enumerations["service"].by_name, enumerations)
    framing = load_framing(root.table("framing"), link)
    protection = load_protection(root.table("security"), enumerations, packet)
    profile = WireProfile(
        name=root.string("name"),
        title=root.string("title"),
        description=root.string("description", ""),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        framing=framing,
        crc=crc,
        crc_of=crc_function(crc) if crc else None,
        frame=Layout("frame", link, types, "Link frame"),
        frame_length=_length_layout(framing, link, types),
        frame_payloads=_load_frame_payloads(link_table, enumerations, types),
        packet=Layout("packet", packet, types, "Packet"),
        services=services,
        payloads=_compile_payloads(services, types),
        enumerations=enumerations,
        types=types,
        protection=protection,
        procedures=load_procedures(root.table("procedures"), enumerations),
    )
    root.finish()
    _check_limits(root, profile)
    return profile


def _load_enumerations(table: Table) -> Enumerations:
    enumerations = {name: load_enumeration(name, table.table(name)) for name in table.keys()}  # noqa: SIM118  # a Table is no mapping
    for name in ("frame_type", "link_status", "service", "status"):
        if name not in enumerations:
            raise table.fault(f"the enumeration {name!r} is missing", name, "the layers look their names up in it")
    return enumerations


def _load_frame_payloads(table: Table, enumerations: Enumerations, types: ValueTypes) -> dict[str, Layout]:
    entry = table.optional_table("payloads")
    layouts = {}
    for name in entry.keys() if entry else ():
        assert entry is not None  # noqa: S101  # the loop above runs only then
        if name not in vocabulary.FRAME_TYPES:
            raise entry.fault(f"there is no frame type {name!r}", name, f"known are {', '.join(vocabulary.FRAME_TYPES)}")
        layouts[name] = Layout(
            name, load_fields(entry, name, vocabulary.LINK, enumerations, "P"), types, f"{name.capitalize()} notice"
        )
    table.finish()
    return layouts


def _length_layout(framing: Framing, link: tuple[Field, ...], types: ValueTypes) -> Layout:
    """The length field alone, at its place; the fields before it are fixed or it has a place of its own."""
    names = [field.name for field in link]
    if framing.length_field not in names:
        return Layout("length", (), types)
    before = link[: names.index(framing.length_field) + 1]
    alone = before[-1:] if before[-1].at_bit is not None else Layout("length", before, types).placed[-1:]
    return Layout("length", alone, types)


def _compile_payloads(services: dict[int, Service], types: ValueTypes) -> dict[tuple[int, int, bool], Layout]:
    layouts = {}
    for service in services.values():
        for operation in service.operations.values():
            for response, fields in ((False, operation.command), (True, operation.response)):
                layouts[service.code, operation.code, response] = Layout("payload", fields, types, "Payload")
    return layouts


def _check_limits(root: Table, profile: WireProfile) -> None:
    header = profile.frame.fixed_bytes or 0
    crc = profile.crc.size if profile.crc else 0
    if profile.framing.min_bytes < header + crc:
        raise root.fault(
            f"the smallest frame of {profile.framing.min_bytes} bytes cannot hold header and checksum",
            ("framing", "min_bytes"),
            f"they take {header + crc} bytes",
        )
    limit = profile.procedures.fragment_bytes + header + crc
    if limit > profile.framing.max_bytes:
        raise root.fault(
            f"a whole fragment needs frames of {limit} bytes", ("procedures", "fragment_bytes"), "make fragments smaller"
        )
    for name, key in (("seq", "sequence_modulus"), ("fragment", "fragment_modulus")):
        field = profile.frame.field(name) if name in profile.frame else None
        modulus = getattr(profile.procedures, key)
        if field is not None and modulus > 1 << (field.bits or 0):
            raise root.fault(f"{modulus} numbers do not fit {name!r}", ("procedures", key), f"the field has {field.bits} bits")
    if profile.crc and profile.crc.first_byte >= profile.framing.min_bytes:
        raise root.fault("the checksum begins after the smallest frame's end", ("crc", "first_byte"), "begin earlier")


__all__ = ["MaterialError", "WireProfile", "load_profile"]
