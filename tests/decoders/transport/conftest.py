"""The profile that conversations are written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from decoders.profile.wire_profile import WireProfile, load_profile

PROFILES = Path(__file__).resolve().parents[3] / "resources" / "profiles"


@pytest.fixture(scope="session")
def profile() -> WireProfile:
    """The reference profile as it ships."""
    return load_profile((PROFILES / "reference-1.toml").read_text(encoding="utf-8"), "reference-1.toml")
