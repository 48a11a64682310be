"""Bytes as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.pasted import bytes_of, guessed, pieces
from tests.helpers.certificates import CAR, REQUEST_FIELDS, certificate, tlv
from tests.helpers.umi import PROFILES, frame, packet, shipped

STYLES = (" ", "", ":", "-", ", ", "\n", " 0x", ",0X", "\\x", ";", "_")


@given(st.binary(min_size=1, max_size=40), st.sampled_from(STYLES), st.booleans())
def test_bytes_are_read_back_however_they_were_set_apart(data: bytes, style: str, upper: bool) -> None:
    digits = [f"{byte:02X}" if upper else f"{byte:02x}" for byte in data]
    lead = style.strip() if style.strip().lower() in ("0x", ",0x", "\\x") else ""
    assert bytes_of(f" {lead}{style.join(digits)} ") == data


@given(st.text(max_size=30))
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    try:
        assert bytes_of(text)
    except ValueError as refused:
        told = str(refused)
        assert told
        assert "\n" not in told


@pytest.mark.parametrize("name", PROFILES)
def test_a_frame_and_its_packet_are_recognised_under_every_profile(name: str) -> None:
    profile = shipped(name)
    content = packet(profile, "power.port_state", {"port": 2})
    assert guessed(profile, content) == "packet"
    on_line = frame(profile, "data", (1, 0), content)
    assert guessed(profile, on_line) == "frame"
    assert [piece.heading for piece in pieces(profile, "frame", on_line)] == ["frame", "packet"]


@pytest.mark.parametrize("name", PROFILES)
def test_certificates_and_requests_are_recognised_whole_or_cut_under_every_profile(name: str) -> None:
    profile = shipped(name)
    leaf, request = certificate(), tlv(0x67, certificate(*REQUEST_FIELDS), CAR, tlv(0x5F37, bytes(64)))
    for data in (leaf, certificate(*REQUEST_FIELDS), request, leaf[:2], leaf[:100], request[:20], leaf + request):
        assert guessed(profile, data) == "certificate"
    found = list(pieces(profile, "certificate", leaf + request + leaf[:-1]))
    assert [(piece.heading, piece.problems) for piece in found] == [
        ("certificate", ()),
        ("authenticated request", ()),
        ("certificate", (f"malformed-tlv at 0x{len(leaf) - 1:04x}: the data end 1 byte before 5F37 does",)),
    ]
    assert b"".join(piece.data for piece in found) == leaf + request + leaf[:-1]


def test_a_certificate_in_a_packet_or_a_frame_is_still_a_packet_or_a_frame() -> None:
    profile = shipped("reference-1")
    content = packet(profile, "security.install", {"length": len(certificate()), "certificate": certificate().hex()})
    assert guessed(profile, content) == "packet"
    assert guessed(profile, b"gas meter 7f21\r\n") != "certificate"


@given(st.binary(min_size=1, max_size=300), st.sampled_from(PROFILES), st.sampled_from(["frame", "packet", "certificate", "flag"]))
def test_any_bytes_can_be_looked_at_as_anything(data: bytes, name: str, kind: str) -> None:
    profile = shipped(name)
    assert guessed(profile, data) in (None, "frame", "packet", "certificate", "flag")
    found = list(pieces(profile, kind, data))
    assert all(piece.tree is not None or piece.data for piece in found)
    if kind != "frame":
        assert b"".join(piece.data for piece in found) == data
