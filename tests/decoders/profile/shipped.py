"""The profiles that ship, as text and loaded."""

from __future__ import annotations

from pathlib import Path

from decoders.profile.wire_profile import WireProfile, load_profile

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "profiles"
NAMES = ("reference-1", "variant-a")
TEXTS = {name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in NAMES}
SHIPPED: dict[str, WireProfile] = {name: load_profile(text, f"{name}.toml") for name, text in TEXTS.items()}
REFERENCE = SHIPPED["reference-1"]
VARIANT = SHIPPED["variant-a"]
