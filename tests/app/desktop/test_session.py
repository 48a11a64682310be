"""The open recording as Qt sees it: opened, followed, replaced and closed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.analysis.material import PROFILES, profile_text
from app.analysis.opening import OpenRequest
from app.analysis.workspace import ProfileText, Workspace
from app.desktop.session import Session
from decoders.bus.wiring import Wiring
from tests.helpers import story

STORY = story.recording()
EXAMPLE = PROFILES.parent / "datasheets" / "example-gas-meter.toml"
PATIENCE_MS = 60_000


@pytest.fixture
def wanted(tmp_path: Path) -> OpenRequest:
    copy = Path(shutil.copy2(STORY, tmp_path / "copy.sr"))
    return OpenRequest(copy, profile_text("reference-1"), cache=tmp_path / "decoded")


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    assert qapp is not None
    made = Session()
    yield made
    made.close()


@pytest.fixture
def heard(session: Session) -> list[tuple[object, ...]]:
    told: list[tuple[object, ...]] = []
    session.opened.connect(lambda workspace: told.append(("opened", workspace)))
    session.grown.connect(lambda: told.append(("grown",)))
    session.failed.connect(lambda title, text: told.append(("failed", title, text)))
    return told


def decoded(session: Session, qtbot: QtBot) -> Workspace:
    workspace = session.workspace
    assert workspace is not None
    qtbot.waitUntil(lambda: not workspace.is_decoding, timeout=PATIENCE_MS)
    return workspace


def test_a_recording_is_opened_followed_and_closed(
    session: Session, heard: list[tuple[object, ...]], wanted: OpenRequest, qtbot: QtBot
) -> None:
    assert session.open(wanted)
    workspace = decoded(session, qtbot)
    assert heard[0] == ("opened", workspace)
    assert set(heard[1:]) == {("grown",)}
    assert not session._timer.isActive()
    assert workspace.snapshot.count("packets") == 34
    heard.clear()
    session.close()
    assert (session.workspace, session.request, heard) == (None, None, [("opened", None)])


def test_what_was_decoded_before_is_there_at_once(session: Session, wanted: OpenRequest, qtbot: QtBot) -> None:
    session.open(wanted)
    decoded(session, qtbot)
    session.open(wanted)
    assert session.workspace is not None
    assert not session.workspace.is_decoding
    assert not session._timer.isActive()


def test_a_recording_that_cannot_be_opened_leaves_the_old_one(
    session: Session, heard: list[tuple[object, ...]], wanted: OpenRequest, qtbot: QtBot
) -> None:
    session.open(wanted)
    workspace = decoded(session, qtbot)
    heard.clear()
    assert not session.open(replace(wanted, path=wanted.path.with_name("nowhere.sr")))
    assert not session.use_profile(ProfileText("mine.toml", "= nothing"))
    assert [one[:2] for one in heard] == [("failed", "nowhere.sr cannot be opened"), ("failed", "copy.sr cannot be opened")]
    assert "mine.toml" in str(heard[1][2])
    assert (session.workspace, session.request) == (workspace, wanted)
    assert workspace.snapshot.packet(1).no == 1


def test_other_wiring_profile_and_datasheets_make_a_new_workspace_of_the_same_recording(
    session: Session, wanted: OpenRequest, qtbot: QtBot
) -> None:
    assert not session.rewire(Wiring())
    assert not session.use_profile(profile_text("variant-a"))
    assert session.add_datasheets([EXAMPLE])
    session.open(wanted)
    first = decoded(session, qtbot)
    assert session.names.object_name(0x0042_0100) == first.names.object_name(0x0042_0100) == "volume index"
    assert session.rewire(Wiring())
    assert decoded(session, qtbot).snapshot.count("frames") == 0
    assert session.rewire(first.wiring)
    assert session.use_profile(profile_text("variant-a"))
    other = decoded(session, qtbot)
    assert (other.path, other.wiring, other.profile.name) == (first.path, first.wiring, "variant-a")


def test_a_datasheet_with_a_mistake_changes_nothing(
    session: Session, heard: list[tuple[object, ...]], wanted: OpenRequest, tmp_path: Path, qtbot: QtBot
) -> None:
    session.add_datasheets([EXAMPLE])
    session.open(wanted)
    workspace = decoded(session, qtbot)
    heard.clear()
    bad = tmp_path / "bad.toml"
    bad.write_text("banks = 7", encoding="utf-8")
    assert not session.add_datasheets([bad])
    assert [one[:2] for one in heard] == [("failed", "The datasheet cannot be used")]
    assert session.workspace is workspace
    assert session.names.object_name(0x0042_0100) == "volume index"


def test_a_recording_that_breaks_off_is_told_once_with_its_reason(
    session: Session, heard: list[tuple[object, ...]], wanted: OpenRequest, qtbot: QtBot
) -> None:
    session.open(wanted)
    workspace = session.workspace
    assert workspace is not None
    wanted.path.write_bytes(b"PK\x03\x04 no recording")
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS):
        pass
    assert not workspace.is_decoding
    failures = [one for one in heard if one[0] == "failed"]
    assert len(failures) == 1
    assert failures[0][1] == "The recording was decoded only in part"
    assert str(wanted.path) in str(failures[0][2])


def test_rails_stay_wired_when_the_lines_are_wired_anew(session: Session, wanted: OpenRequest, tmp_path: Path) -> None:
    demo = Path(shutil.copy2(PROFILES.parent / "demo" / "gas-meter.umi", tmp_path / "copy.umi"))
    session.open(replace(wanted, path=demo))
    assert session.workspace is not None
    rails = session.workspace.wiring.power
    assert rails
    assert session.rewire(replace(session.workspace.wiring, power=()))
    assert session.workspace.wiring.power == rails
