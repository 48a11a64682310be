"""Bytes as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.pasted import bytes_of, guessed, pieces
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


@given(st.binary(min_size=1, max_size=300), st.sampled_from(PROFILES), st.sampled_from(["frame", "packet", "flag"]))
def test_any_bytes_can_be_looked_at_as_anything(data: bytes, name: str, kind: str) -> None:
    profile = shipped(name)
    assert guessed(profile, data) in (None, "frame", "packet", "flag")
    found = list(pieces(profile, kind, data))
    assert all(piece.tree is not None or piece.data for piece in found)
    if kind != "frame":
        assert b"".join(piece.data for piece in found) == data
