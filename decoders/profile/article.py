"""What the article says in public and no wire profile may contradict (wire-format, the statements marked A).

The article is A. Morfey, "UMI – the USB for smart metering".
"""

from __future__ import annotations

from collections.abc import Iterator

from decoders.profile import vocabulary
from decoders.profile.schema import Field
from decoders.profile.wire_profile import WireProfile

MOST_FRAME_BYTES = 256
MOST_PACKET_BYTES = 65_536
PORTS = 15
ROLES = 16
CODES_IN_A_BANK = 65_536
EUI64_BITS = 64
ECC_256_CURVES = frozenset({"P-256", "brainpoolP256r1"})
POWER_CLASSES = frozenset({"low", "high", "self"})
RAIL_VOLTS = {"low": 3.0, "high": 12.0}
"""Nominal voltage of the rails of a port; only high-power ports have the high one."""
RAIL_LIMIT_MA = {"low": 50, "high": 1000}
"""What a device may draw from each of them."""
BATTERY_AVERAGE_UA = 15
"""The whole budget of a modern electronic gas meter: the article calls 60 µA four times of it."""


def contradictions(profile: WireProfile) -> list[str]:
    """What this profile says against the article, one plain sentence each; empty for a profile that may be true."""
    return [*_link(profile), *_packet(profile), *_security(profile), *_services(profile)]


def _link(profile: WireProfile) -> Iterator[str]:
    if profile.framing.max_bytes > MOST_FRAME_BYTES:
        yield f"Frames have up to {MOST_FRAME_BYTES} bytes, not {profile.framing.max_bytes}."
    if profile.procedures.max_packet_bytes > MOST_PACKET_BYTES:
        yield f"Packets have up to 64 kB, not {profile.procedures.max_packet_bytes} bytes."
    for name in ("src_port", "dst_port"):
        if name not in profile.frame:
            yield f"The host has up to {PORTS} ports, but frames have no {name}."
        elif _largest(profile.frame.field(name)) < PORTS:
            yield f"The host has up to {PORTS} ports, but {name} ends at {_largest(profile.frame.field(name))}."
    for name in ("first", "last"):
        if name not in profile.frame:
            yield f"A packet may travel in several frames, but frames have no {name}."


def _packet(profile: WireProfile) -> Iterator[str]:
    for name in ("source", "destination"):
        field = profile.packet.field(name) if name in profile.packet else None
        if field is None or field.kind != "umi_id" or field.bits != EUI64_BITS:
            yield f"Every packet carries its {name} as a UMI ID, which is an EUI-64 of {EUI64_BITS} bits."
    if "counter" not in profile.packet:
        yield "UMI IDs and other fields make every packet unique, but packets have no counter."
    if "response" not in profile.packet:
        yield "A transaction is a command and its response, but packets do not say which of the two they are."


def _security(profile: WireProfile) -> Iterator[str]:
    protection = profile.protection
    if protection.cipher != "AES-128-GCM":
        yield f"Packets are encrypted with AES-128/GCM, not {protection.cipher}."
    if protection.curve not in ECC_256_CURVES:
        yield f"Keys are of 256-bit elliptic curves, not {protection.curve}."
    role = _response_field(profile, "security", "prove", "role")
    if role is not None and _largest(role) < ROLES - 1:
        yield f"There are {ROLES} roles, but role ends at {_largest(role)}."


def _services(profile: WireProfile) -> Iterator[str]:
    names = {service.name for service in profile.services.values()}
    if names != set(vocabulary.SERVICES):
        yield f"The services are {', '.join(vocabulary.SERVICES)}, not {', '.join(sorted(names)) or 'none'}."
    classes = profile.enumerations.get("class")
    if classes is not None and set(classes.by_name) != POWER_CLASSES:
        yield f"Devices are of the power classes low, high and self, not {', '.join(sorted(classes.by_name))}."
    for service in profile.services.values():
        for operation in service.operations.values():
            for field in _all_fields((*operation.command, *operation.response)):
                if field.kind == "code" and _largest(field) < CODES_IN_A_BANK:
                    yield f"A bank alone has 64 k UMI codes, but a code of {service.name}.{operation.name} has {field.bits} bits."


def _response_field(profile: WireProfile, service: str, operation: str, name: str) -> Field | None:
    layout = profile.payload(service, operation, response=True)
    return layout.field(name) if layout is not None and name in layout else None


def _all_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all_fields(field.fields)


def _largest(field: Field) -> int:
    """The largest number that a field of fixed width can hold."""
    return ((1 << (field.bits or 0)) - 1) * field.scale + field.bias
