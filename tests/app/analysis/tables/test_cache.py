"""The decode cache: what makes two decodes the same, and what is deleted first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.analysis.tables import cache
from app.analysis.tables.cache import SAMPLED_BYTES, USED_MARK, decode_key, hold, make_room, mark_used

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording.sr"
    path.write_bytes(bytes(3 * SAMPLED_BYTES))
    os.utime(path, ns=(1_000, 1_000))
    return path


def rewrite(path: Path, at: int, changed_ns: int = 1_000) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\x01")
    os.utime(path, ns=(changed_ns, changed_ns))


def test_the_same_recording_and_settings_have_the_same_key_wherever_they_lie(recording: Path, tmp_path: Path) -> None:
    key = decode_key(recording, "w", "p", 1)
    assert decode_key(recording, "w", "p", 1) == key
    copy = Path(shutil.copy2(recording, tmp_path / "copy.sr"))
    os.utime(copy, ns=(1_000, 1_000))
    assert decode_key(copy, "w", "p", 1) == key


def test_every_part_of_the_key_counts(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [decode_key(recording, *rest) for rest in (("w", "p", 1), ("v", "p", 1), ("w", "q", 1), ("w", "p", 2), ("w|p", "", 1))]
    rewrite(recording, 5)
    keys.append(decode_key(recording, "w", "p", 1))
    rewrite(recording, 3 * SAMPLED_BYTES - 1)
    keys.append(decode_key(recording, "w", "p", 1))
    rewrite(recording, SAMPLED_BYTES + 5, changed_ns=2_000)
    keys.append(decode_key(recording, "w", "p", 1))
    rewrite(recording, 3 * SAMPLED_BYTES, changed_ns=2_000)
    keys.append(decode_key(recording, "w", "p", 1))
    monkeypatch.setattr(cache, "FINDING_CODES", "other")
    keys.append(decode_key(recording, "w", "p", 1))
    monkeypatch.setattr(cache, "DECODER_VERSION", "other")
    keys.append(decode_key(recording, "w", "p", 1))
    assert len(set(keys)) == len(keys)


def test_a_small_or_missing_recording(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert len(decode_key(tmp_path / "empty", "", "", 1)) == 32
    with pytest.raises(FileNotFoundError):
        decode_key(tmp_path / "nowhere", "", "", 1)


def decode_of(root: Path, name: str, size: int, used_ns: int, *, marked: bool = True) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "bytes.data").write_bytes(bytes(size))
    if marked:
        mark_used(folder)
    os.utime(folder / USED_MARK if marked else folder, ns=(used_ns, used_ns))
    return folder


def names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()}


def test_what_was_not_looked_at_for_longest_goes_first_and_only_as_much_as_must(tmp_path: Path) -> None:
    root = tmp_path / "decoded"
    for name, used_ns in (("new", 4_000), ("old", 1_000), ("middle", 3_000), ("older", 2_000)):
        decode_of(root, name, 100, used_ns, marked=name != "older")
    keep = root / "new"
    make_room(root, keep, 400)
    assert names(root) == {"new", "old", "middle", "older"}
    make_room(root, keep, 399)
    assert names(root) == {"new", "middle", "older"}
    make_room(root, keep, 150)
    assert names(root) == {"new"}


def test_looking_at_a_decode_keeps_it_longer(tmp_path: Path) -> None:
    for name in ("one", "other"):
        decode_of(tmp_path, name, 100, 1_000 if name == "one" else 2_000)
    mark_used(tmp_path / "one")
    make_room(tmp_path, tmp_path / "none", 100)
    assert names(tmp_path) == {"one"}


def test_what_is_to_stay_stays_although_it_is_too_large_alone(tmp_path: Path) -> None:
    keep = decode_of(tmp_path, "keep", 1_000, 1_000)
    decode_of(tmp_path, "other", 10, 2_000)
    (tmp_path / "a file").write_bytes(bytes(5_000))
    make_room(tmp_path, keep, 100)
    assert names(tmp_path) == {"keep", "a file"}


def test_what_another_program_deletes_meanwhile_or_cannot_be_deleted_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, used_ns in (("busy", 1_000), ("gone", 2_000), ("last", 3_000)):
        decode_of(tmp_path, name, 100, used_ns)
    delete = shutil.rmtree

    def deleting(folder: Path) -> None:
        if folder.name == "busy":
            raise PermissionError("in use")
        delete(folder)
        if folder.name == "gone":
            raise FileNotFoundError("another was faster")

    monkeypatch.setattr(shutil, "rmtree", deleting)
    make_room(tmp_path, tmp_path / "none", 200)
    assert names(tmp_path) == {"busy"}


def test_there_may_be_no_cache_yet(tmp_path: Path) -> None:
    make_room(tmp_path / "nowhere", tmp_path / "nowhere" / "decode")
    assert names(tmp_path) == set()


HOLDING = """
import sys
from pathlib import Path
from app.analysis.tables.cache import hold
held = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_what_another_running_program_holds_stays_until_it_ends(tmp_path: Path) -> None:
    open_elsewhere = decode_of(tmp_path, "open", 100, 1_000)
    decode_of(tmp_path, "other", 100, 2_000)
    command = [sys.executable, "-c", HOLDING, str(open_elsewhere)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        make_room(tmp_path, tmp_path / "none", 0)
        assert names(tmp_path) == {"open"}
        assert (open_elsewhere / "bytes.data").stat().st_size == 100
        program.kill()
    make_room(tmp_path, tmp_path / "none", 0)
    assert names(tmp_path) == set()


def test_two_may_hold_the_same_decode_and_the_last_to_let_go_frees_it(tmp_path: Path) -> None:
    folder = decode_of(tmp_path, "one", 100, 1_000)
    first, second = hold(folder), hold(folder)
    first.close()
    make_room(tmp_path, tmp_path / "none", 0)
    assert names(tmp_path) == {"one"}
    second.close()
    make_room(tmp_path, tmp_path / "none", 0)
    assert names(tmp_path) == set()
    with pytest.raises(FileNotFoundError):
        hold(folder)
