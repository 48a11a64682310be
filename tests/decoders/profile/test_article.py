"""No profile contradicts what the article states."""

from __future__ import annotations

from dataclasses import replace

import pytest

from decoders.profile.article import contradictions
from decoders.profile.wire_profile import load_profile
from tests.decoders.profile.shipped import REFERENCE, SHIPPED, TEXTS

EDITS = [
    ("max_bytes = 256 ", "max_bytes = 300 ", "Frames have up to 256 bytes, not 300."),
    ("max_packet_bytes = 65535", "max_packet_bytes = 65537", "Packets have up to 64 kB, not 65537 bytes."),
    ('name = "dst_port", at = 2, bit = 7, bits = 4', 'name = "dst_port", at = 2, bit = 6, bits = 3', "but dst_port ends at 7."),
    ('name = "src_port"', 'name = "x_port"', "The host has up to 15 ports, but frames have no src_port."),
    ('name = "last"', 'name = "x_last"', "A packet may travel in several frames, but frames have no last."),
    ('{ name = "source", at = 8, kind = "umi_id"', '{ name = "source", at = 8, kind = "umi_id", bits = 48', "carries its source as a UMI ID"),
    ('name = "destination", at = 16, kind = "umi_id"', 'name = "destination", at = 16, kind = "bytes", bytes = 8', "its destination as a UMI ID"),
    ('{ name = "response"', '{ name = "x_response"', "packets do not say which of the two they are."),
    ('{ name = "role", bytes = 1', '{ name = "role", bits = 3', "There are 16 roles, but role ends at 7."),
    ("values = { low = 0, high = 1, self = 2 }", "values = { low = 0, high = 1 }", "power classes low, high and self, not high, low."),
    ('item = { name = "code", kind = "code"', 'item = { name = "code", kind = "code", bits = 16', "a code of objects.read has 16 bits."),
]  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_contradicts_nothing(name: str) -> None:
    assert contradictions(SHIPPED[name]) == []


@pytest.mark.parametrize(("old", "new", "sentence"), EDITS)
def test_a_contradiction_is_one_plain_sentence(old: str, new: str, sentence: str) -> None:
    assert old in TEXTS["reference-1"]
    found = contradictions(load_profile(TEXTS["reference-1"].replace(old, new, 1), "edited.toml"))
    assert [said for said in found if said.endswith(sentence) or sentence in said] == found
    assert len(found) == 1


def test_a_packet_without_counter_is_not_unique() -> None:
    text = TEXTS["reference-1"].replace('name = "counter", at', 'name = "x_counter", at')
    text = text.replace('{ what = "field", name = "counter" }', '{ what = "field", name = "x_counter" }')
    assert contradictions(load_profile(text, "edited.toml")) == [
        "UMI IDs and other fields make every packet unique, but packets have no counter."
    ]


def test_what_loading_already_refuses_is_a_contradiction_too() -> None:
    protection = replace(REFERENCE.protection, cipher="AES-256-GCM", curve="P-384")
    services = {number: service for number, service in REFERENCE.services.items() if service.name != "images"}
    assert contradictions(replace(REFERENCE, protection=protection, services=services)) == [
        "Packets are encrypted with AES-128/GCM, not AES-256-GCM.",
        "Keys are of 256-bit elliptic curves, not P-384.",
        "The services are power, events, objects, images, tunnelling, security, not events, objects, power, security, tunnelling.",
    ]
