"""Profiles by name or file, and datasheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis import material
from app.analysis.material import DEFAULT_PROFILE, PROFILES, read_datasheets, read_profile, shipped_profiles
from decoders.core.errors import MaterialError, RecordingError

EXAMPLE = PROFILES.parent / "datasheets" / "example-gas-meter.toml"


def test_the_default_profile_is_the_first_of_those_that_ship() -> None:
    assert shipped_profiles() == [DEFAULT_PROFILE, "variant-a"]
    assert [read_profile(name).name for name in shipped_profiles()] == shipped_profiles()


def test_a_file_of_the_name_of_a_shipped_profile_does_not_take_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reference-1").write_text("not a profile", encoding="utf-8")
    assert read_profile("reference-1").name == "reference-1"
    with pytest.raises(MaterialError, match="not valid TOML"):
        read_profile("./reference-1")


def test_a_profile_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (PROFILES / "reference-1.toml").read_bytes())
    assert read_profile(str(path)).name == "reference-1"


def test_what_is_no_file_is_told_apart_from_what_has_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_profile(str(tmp_path / "nowhere.toml"))
    with pytest.raises(RecordingError, match="no file"):
        read_datasheets([tmp_path])
    with pytest.raises(MaterialError, match="known are reference-1, variant-a"):
        read_profile("reference-2")


def test_a_file_that_is_far_too_long_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "_MOST_BYTES", 1000)
    path = tmp_path / "long.toml"
    path.write_bytes(b"#" * 1001)
    with pytest.raises(MaterialError, match=r"long\.toml: the file has more than"):
        read_profile(str(path))


def test_datasheets_are_one_set() -> None:
    assert read_datasheets([]).sheets == ()
    assert [sheet.name for sheet in read_datasheets([EXAMPLE]).sheets] == [str(EXAMPLE)]
