"""Profiles are written whole or not at all, never over a shipped one, and a recording remembers its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.analysis.fit.profile_files import ProfileChoices, is_shipped, path_of, profile_for, save_profile
from app.analysis.material import PROFILES, profile_file, profile_text
from app.analysis.workspace import ProfileText
from decoders.core.errors import RecordingError
from tests.helpers import dialect

SHIPPED = profile_text("reference-1")
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_a_profile_is_written_as_it_stands_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    save_profile(file, "one\r\ntwo ü")
    assert file.read_bytes() == "one\r\ntwo ü".encode()
    save_profile(file, "three")
    assert file.read_text(encoding="utf-8") == "three"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_keeps_its_permissions_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "mine.toml", tmp_path / "link.toml"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    save_profile(link, "new")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "new"
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["reference-1.toml", "variant-a.toml", "another.toml"])
def test_nothing_is_written_among_the_shipped_profiles(name: str) -> None:
    before = {file.name: file.read_bytes() for file in PROFILES.iterdir()}
    with pytest.raises(RecordingError, match="came with the program and is not overwritten"):
        save_profile(PROFILES / name, "mine")
    assert {file.name: file.read_bytes() for file in PROFILES.iterdir()} == before
    assert is_shipped(PROFILES / ".." / "profiles" / name)


def test_places_that_cannot_be_written_to_are_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no such folder; choose a folder that is there"):
        save_profile(tmp_path / "no" / "mine.toml", "")
    with pytest.raises(RecordingError, match="this is a folder; give a file name"):
        save_profile(tmp_path, "")


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_protected_files_and_folders_are_told_in_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o400)
    with pytest.raises(RecordingError, match="write-protected"):
        save_profile(file, "new")
    file.chmod(0o600)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(RecordingError, match="may not be written to; choose another folder"):
            save_profile(tmp_path / "other.toml", "")
    finally:
        tmp_path.chmod(0o700)


def test_a_failed_write_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("old", encoding="utf-8")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordingError, match="cannot be written: No space left on device; choose another folder or make room"):
        save_profile(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_choices_are_kept_the_latest_first(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "profiles.json"
    for name in ("a", "b", "a"):
        ProfileChoices(file).add(tmp_path / name)
    assert ProfileChoices(file).recent() == [tmp_path / "a", tmp_path / "b"]
    ProfileChoices(file).choose(tmp_path / "x.sr", tmp_path / "a")
    ProfileChoices(file).choose(tmp_path / "y.sr", tmp_path / "b")
    ProfileChoices(file).choose(tmp_path / "y.sr", None)
    assert ProfileChoices(file).chosen_for(tmp_path / "x.sr") == tmp_path / "a"
    assert ProfileChoices(file).chosen_for(tmp_path / "y.sr") is None
    assert len(ProfileChoices(file).recent()) == 2


@pytest.mark.parametrize("text", ["", "[]", "{", '{"recent": 3, "recordings": [1]}', '{"recent": [3], "recordings": {"a": 1}}'])
def test_a_spoilt_file_of_choices_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "profiles.json").write_text(text, encoding="utf-8")
    choices = ProfileChoices(tmp_path / "profiles.json")
    assert choices.recent() == []
    assert choices.chosen_for(tmp_path / "a") is None


def test_a_recording_is_read_by_its_own_file_again(tmp_path: Path) -> None:
    file, recording = tmp_path / "mine.toml", tmp_path / "x.sr"
    file.write_text(dialect.REFERENCE.replace("IBM-SDLC", "KERMIT"), encoding="utf-8")
    choices = ProfileChoices(tmp_path / "profiles.json")
    assert profile_for(choices, recording, SHIPPED) == (SHIPPED, "")
    choices.choose(recording, file)
    assert profile_for(choices, recording, SHIPPED) == (profile_file(file), "")
    assert path_of(profile_file(file)) == file
    assert path_of(SHIPPED) is None
    assert path_of(ProfileText(str(PROFILES / "reference-1.toml"), "")) is None


@pytest.mark.parametrize("content", [None, b"= nothing", b"\xff\xfe", b"format = 1"])
def test_a_file_that_is_gone_or_broken_falls_back_to_the_shipped_profile_and_says_so(tmp_path: Path, content: bytes | None) -> None:
    file, recording = tmp_path / "mine.toml", tmp_path / "x.sr"
    if content is not None:
        file.write_bytes(content)
    choices = ProfileChoices(tmp_path / "profiles.json")
    choices.choose(recording, file)
    profile, told = profile_for(choices, recording, SHIPPED)
    assert profile == SHIPPED
    assert told.startswith("This recording was read by a profile that cannot be used now: ")
    assert "mine.toml" in told
    assert told.endswith("It is read by reference-1.")
