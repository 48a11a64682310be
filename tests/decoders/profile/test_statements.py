"""The reference profile states what wire-format sections 3, 4 and 6 state, each with where it comes from."""

from __future__ import annotations

import pytest

from tests.decoders.profile.shipped import REFERENCE, SHIPPED, VARIANT

LINK = "sof length dst_port src_port type first last seq link_status fragment"
PACKET = (
    "version response signed encrypted reserved service operation status transaction body_length source destination counter time"
)
PROCEDURES = (
    "acknowledgement sequence_modulus fragment_modulus fragment_bytes max_packet_bytes reassembly_key forwarding "
    "forwarding_timeout_ms pairing response_timeout_ms abort_reasons"
)
EVENTS = "count items items.event items.severity items.time items.detail"
PAYLOADS = {  # as the table of section 6 lists them: command, response
    "power.request": ("class current_ma duration_s", "granted_ma until"),
    "power.release": ("", ""),
    "power.port_state": ("port", "rail measured_ma"),
    "events.notify": (EVENTS, ""),
    "events.read_log": ("from max", EVENTS),
    "events.acknowledge": ("event", ""),
    "objects.read": ("count codes codes.code", "count items items.code items.result items.value"),
    "objects.write": ("count items items.code items.value", "count items items.code items.result"),
    "objects.list": ("bank from", "count codes codes.code"),
    "images.announce": ("image_id version size block_size publisher digest image_signature", "accepted"),
    "images.block": ("image_id offset data", "received"),
    "images.verify": ("image_id", "verdict"),
    "images.activate": ("image_id at", ""),
    "images.abort": ("image_id", ""),
    "tunnelling.open": ("tunnel protocol", ""),
    "tunnelling.data": ("tunnel data", ""),
    "tunnelling.close": ("tunnel", ""),
    "security.present": ("items items.length items.certificate", ""),
    "security.challenge": ("", "nonce"),
    "security.prove": ("signature", "role lifetime_s"),
    "security.establish": ("session_id ephemeral", ""),
    "security.close": ("session_id", ""),
    "security.csr": ("", "request"),
    "security.install": ("length certificate", ""),
}
STATED_IN_PUBLIC = {
    "framing.max_bytes", "procedures.max_packet_bytes", "procedures.forwarding", "packet.source", "packet.destination", "types",
    "enumerations.class", "security.cipher", "security.curve", "security.signature", "security.prove.command.signature",
    "security.prove.response.role", "objects.read.command.codes.code", "objects.read.response.items.code",
    "objects.write.command.items.code", "objects.write.response.items.code", "objects.list.response.codes.code",
}  # fmt: skip
FROM_STANDARDS = {
    "security.iv", "security.kdf", "security.present.command.items.certificate", "security.csr.response.request",
    "security.install.command.certificate",
}  # fmt: skip


GROUPS = {
    "framing": "strategy start length_field min_bytes max_bytes filler",
    "body": "session_id",
    "link": LINK,
    "link.power": "port rail limit_ma",
    "packet": PACKET,
    "procedures": PROCEDURES,
    "security": "order cipher curve hash point_format agreement explicit_iv tag signature iv aad kdf proof",
    "enumerations": "frame_type link_status service status class rail severity verdict protocol",
}


def expected() -> set[str]:
    names = {"crc", "types", "types.tags", *PAYLOADS}
    groups = GROUPS | {f"{place}.{side}": fields for place, sides in PAYLOADS.items() for side, fields in named(sides)}
    return names | {f"{group}.{name}" for group, fields in groups.items() for name in fields.split()}


def named(sides: tuple[str, str]) -> list[tuple[str, str]]:
    return list(zip(("command", "response"), sides, strict=True))


def test_the_reference_profile_states_everything_and_nothing_else() -> None:
    assert {name for name, _ in REFERENCE.statements()} == expected()


def test_only_what_was_stated_in_public_claims_to_be() -> None:
    by_origin: dict[str, set[str]] = {}
    for name, origin in REFERENCE.statements():
        by_origin.setdefault(origin[:1], set()).add(name)
    assert set(by_origin) == {"A", "P", "S"}
    assert by_origin["A"] == STATED_IN_PUBLIC
    assert by_origin["S"] == FROM_STANDARDS
    assert {"link.sof", "packet.service", "crc", "types.tags", "power.release"} <= by_origin["P"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_field_tree_carries_the_provenance_of_each_field(name: str) -> None:
    profile = SHIPPED[name]
    stated = dict(profile.statements())
    for node in profile.packet.read(bytes(60)).tree.children:
        assert node.name == "undecoded" or node.provenance == stated[f"packet.{node.name}"]


def test_the_variant_chooses_otherwise_at_each_point() -> None:
    ours, theirs = REFERENCE, VARIANT
    assert ours.crc is not None
    assert theirs.crc is not None
    for one, other in [
        (ours.framing.strategy, theirs.framing.strategy),
        (ours.framing.filler, theirs.framing.filler),
        (ours.crc.model, theirs.crc.model),
        (ours.crc.bits, theirs.crc.bits),
        (ours.crc.order, theirs.crc.order),
        (ours.crc.first_byte, theirs.crc.first_byte),
        (ours.frame.is_fixed, theirs.frame.is_fixed),
        (ours.packet.is_fixed, theirs.packet.is_fixed),
        (ours.types.order, theirs.types.order),
        (ours.types.tag_bits, theirs.types.tag_bits),
    ]:
        assert one != other
    for part in ("order", "curve", "hash", "point_format", "agreement", "tag_size", "tag_place", "explicit_iv_size", "prefix"):
        assert getattr(ours.protection, part) != getattr(theirs.protection, part), part
    for part in ("signature_place", "recipes"):
        assert getattr(ours.protection, part) != getattr(theirs.protection, part), part
    for part in ("acknowledgement", "window", "sequence_modulus", "fragment_modulus", "fragment_bytes", "reassembly_key"):
        assert getattr(ours.procedures, part) != getattr(theirs.procedures, part), part
    for part in ("forwarding", "pairing", "response_timeout_ns", "forwarding_timeout_ns", "abort_reasons", "max_packet_bytes"):
        assert getattr(ours.procedures, part) != getattr(theirs.procedures, part), part
    for name, enumeration in ours.enumerations.items():
        assert set(enumeration.by_name) == set(theirs.enumerations[name].by_name)
        assert enumeration.by_name != theirs.enumerations[name].by_name
    assert [f.name for f in ours.frame.fields] != [f.name for f in theirs.frame.fields]
    assert {f.order for f in (*theirs.frame.fields, *theirs.packet.fields)} == {"big", "little"}
