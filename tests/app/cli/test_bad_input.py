"""Bad input of every kind: one plain line on standard error, the right status, nothing written, no traceback."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.analysis.material import PROFILES
from tests.app.cli.conftest import Outcome, Run

DATASHEET = """\
manufacturer = "Example"
oui = "AC-DE-48"
banks = [0x0042]
[[objects]]
code = 0x0042_0001
name = "one"
type = "uint8"
[[objects]]
code = 0x0042_0001
name = "two"
type = "uint8"
"""


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a call does, it leaves no file behind."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield
    assert list(folder.iterdir()) == []


def refused(outcome: Outcome, status: int, *words: str) -> None:
    """One line that says what, where and what to do, and no record."""
    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith("umiscope: ")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    assert ";" in outcome.err
    assert [word for word in words if word not in outcome.err] == []


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def metadata(samplerate: str = "1 MHz", channels: tuple[str, ...] = ("sck", "mosi", "miso", "cs1")) -> bytes:
    names = "".join(f"probe{number}={name}\n" for number, name in enumerate(channels, 1))
    text = f"[device 1]\ncapturefile=logic-1\ntotal probes={len(channels)}\nsamplerate={samplerate}\n{names}unitsize=1\n"
    return text.encode()


def changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    return archive(target, members)


def test_a_file_that_is_not_there(umiscope: Run) -> None:
    refused(umiscope("decode", "nowhere.sr"), 3, "nowhere.sr", "cannot be read")


def test_a_folder(umiscope: Run, tmp_path: Path) -> None:
    refused(umiscope("decode", tmp_path), 3, str(tmp_path), "no file")


def test_an_empty_file(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.sr"
    path.touch()
    refused(umiscope("decode", path), 3, "empty.sr", "empty")


def test_a_text_file_named_sr(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "letter.sr"
    path.write_text("Dear reader,\n", encoding="utf-8")
    refused(umiscope("decode", path), 3, "letter.sr")


def test_a_file_of_no_known_format(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader,\n", encoding="utf-8")
    refused(umiscope("decode", path), 3, "letter.txt", "known are")


@pytest.mark.parametrize("kept", [slice(10), slice(100), slice(5000), slice(-1)])
def test_a_truncated_archive(kept: slice, umiscope: Run, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.sr"
    path.write_bytes(recording.read_bytes()[kept])
    refused(umiscope("decode", path), 3, "half.sr")


def test_a_zip_bomb(umiscope: Run, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("version", "2")
        file.writestr("metadata", b"\n" * (64 << 20))
    path = tmp_path / "bomb.sr"
    path.write_bytes(bomb.getvalue())
    refused(umiscope("decode", path), 3, "bomb.sr")


def test_a_rate_that_is_none(umiscope: Run, tmp_path: Path) -> None:
    path = archive(tmp_path / "odd.sr", {"version": b"2", "metadata": metadata("fast"), "logic-1-1": bytes(100)})
    refused(umiscope("decode", path, "--rate", "fast"), 2, "--rate")


def test_sizes_that_lie(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    """A directory that promises fewer bytes than the compressed data hold."""
    data = bytearray(recording.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"logic-1-1"))
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path = tmp_path / "lies.sr"
    path.write_bytes(data)
    outcome = umiscope("decode", path, "--quiet", "--format", "jsonl")
    assert outcome.status == 3
    assert outcome.err.count("\n") == 1
    assert "lies.sr" in outcome.err


def test_a_missing_chunk_ends_the_records_and_is_told_after_them(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    def lose_the_second(members: dict[str, bytes]) -> None:
        samples = members.pop("logic-1-1")
        members |= {"logic-1-1": samples[:20_000], "logic-1-3": samples[20_000:]}

    path = changed(recording, tmp_path / "hole.sr", lose_the_second)
    whole = umiscope("decode", recording, "--format", "jsonl").out.splitlines()
    outcome = umiscope("decode", path, "--format", "jsonl", "--quiet")
    assert outcome.status == 3
    told = outcome.out.splitlines()
    assert 3 <= len(told) < len(whole)
    assert told[:3] == whole[:3]
    assert outcome.err.count("\n") == 1
    assert [word for word in ("hole.sr", "part 2", ";") if word not in outcome.err] == []


def test_damage_in_mid_stream_is_told_by_info_too(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    data = bytearray(recording.read_bytes())
    member = data.index(b"logic-1-1") + 200
    data[member : member + 50] = bytes(50)
    path = tmp_path / "spoilt.sr"
    path.write_bytes(data)
    outcome = umiscope("info", path)
    assert outcome.status == 3
    assert "Complete      no" in outcome.out
    assert outcome.err.count("\n") == 1


def test_a_profile_with_overlapping_fields(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    text = (PROFILES / "reference-1.toml").read_text(encoding="utf-8")
    old = '{ name = "src_port", at = 2, bit = 3, bits = 4, label = "From port" }'
    assert text.count(old) == 1
    path = tmp_path / "overlap.toml"
    path.write_text(text.replace(old, old.replace("bit = 3", "bit = 4")), encoding="utf-8")
    line = str(text[: text.index(old)].count("\n") + 1)
    refused(umiscope("decode", recording, "--profile", path), 5, "overlap.toml", line)
    refused(umiscope("profile", "check", path), 5, "overlap.toml", line)
    refused(umiscope("wiring", recording, "--profile", path), 5, "overlap.toml", line)


def test_a_profile_that_is_no_toml(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("format = 1\nname =\n", encoding="utf-8")
    refused(umiscope("decode", recording, "--profile", path), 5, "broken.toml", "2")


def test_a_profile_that_is_no_text(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    refused(umiscope("decode", recording, "--profile", path), 5, "binary.toml", "UTF-8")


def test_a_profile_that_nobody_knows(umiscope: Run, recording: Path) -> None:
    refused(umiscope("decode", recording, "--profile", "reference-9"), 5, "reference-9", "reference-1, variant-a")
    refused(umiscope("decode", recording, "--profile", "reference-9.toml"), 3, "reference-9.toml")


def test_a_datasheet_with_a_duplicate_code(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.toml"
    path.write_text(DATASHEET, encoding="utf-8")
    refused(umiscope("decode", recording, "--datasheet", path), 5, "twice.toml", "0x00420001", "9")


def test_two_datasheets_about_one_object(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(DATASHEET.rpartition("[[objects]]")[0], encoding="utf-8")
    options = ("--datasheet", tmp_path / "a.toml", "--datasheet", tmp_path / "b.toml")
    refused(umiscope("decode", recording, *options), 5, "a.toml", "b.toml", "0x00420001")


def test_an_unknown_channel(umiscope: Run, recording: Path) -> None:
    refused(umiscope("decode", recording, "--spi", "sck=SCK,mosi=D9"), 2, "D9", "SCK (0)", "CS2 (4)")


def test_channels_without_meaning_are_left_to_the_wiring_command(umiscope: Run, unnamed: Path) -> None:
    refused(umiscope("decode", unnamed), 2, "unnamed.sr", "umiscope wiring")


def test_a_byte_log_with_a_line_that_is_none(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"direction": "tx", "data": "2f3f210d0a"}\n{"direction": "up", "data": "00"}\n', encoding="utf-8")
    outcome = umiscope("decode", path, "--format", "jsonl")
    assert outcome.status == 3
    assert outcome.out.count("\n") == 1
    assert [word for word in ("log.jsonl", "line 2", ";") if word not in outcome.err] == []


def test_a_byte_log_whose_first_line_is_none(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("hello\n", encoding="utf-8")
    refused(umiscope("decode", path), 3, "log.jsonl", "line 1")
