"""Marks and comments: undone, redone, kept beside no recording and never in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.packet_list import notes as noted
from app.analysis.packet_list.notes import NOTHING, Note, Notes, Place, notes_file, place_of
from app.analysis.packet_list.rows import Kind, code_of
from tests.helpers import story, umi
from tests.helpers.growing import demo, whole

PLACE = Place("packets", 1_234, 0, 1, 0)
OTHER = Place("frames", 99, 0, 2, 1)
CHANGES = st.tuples(st.sampled_from([PLACE, OTHER]), st.booleans(), st.sampled_from(["", "a", "b"]))


def test_notes_are_there_again_when_the_recording_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "notes.json"
    notes = Notes(path, "meter.sr")
    notes.change({PLACE: Note(marked=True, comment="why so late? ▸ µ"), OTHER: Note(comment="two")})
    again = Notes(path)
    assert again.all() == notes.all() == [(OTHER, Note(comment="two")), (PLACE, Note(marked=True, comment="why so late? ▸ µ"))]
    assert json.loads(path.read_text(encoding="utf-8"))["recording"] == "meter.sr"
    assert [file.name for file in path.parent.iterdir()] == ["notes.json"]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from([PLACE, OTHER]), st.booleans(), st.sampled_from(["", "a", "b"])),
            st.sampled_from(["undo", "redo"]),
        )
    )
)
def test_undo_and_redo_agree_with_a_list_of_all_states(steps: list[tuple[Place, bool, str] | str]) -> None:
    notes = Notes(None)
    states: list[dict[Place, Note]] = [{}]
    at = 0
    for step in steps:
        if isinstance(step, str):
            places = notes.undo() if step == "undo" else notes.redo()
            at += (-1 if step == "undo" else 1) if places else 0
        else:
            place, marked, comment = step
            note = Note(bool(marked), comment)
            notes.change({place: note})
            state = {key: one for key, one in (states[at] | {place: note}).items() if one != NOTHING}
            if state != states[at]:
                states, at = [*states[: at + 1], state], at + 1
        assert dict(notes.all()) == states[at]
        assert (notes.can_undo, notes.can_redo) == (at > 0, at + 1 < len(states))


def test_what_was_noted_yesterday_can_be_undone_today_and_redone_tomorrow(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    notes = Notes(path)
    notes.change({PLACE: Note(marked=True)})
    notes.change({PLACE: Note(marked=True, comment="a"), OTHER: Note(comment="b")})
    states = [[], [(PLACE, Note(marked=True))], notes.all()]
    for state in (states[1], states[0]):
        again = Notes(path)
        assert again.can_undo
        again.undo()
        assert again.all() == state
    for state in states[1:]:
        again = Notes(path)
        again.redo()
        assert again.all() == Notes(path).all() == state
    assert not Notes(path).can_redo


def test_the_oldest_steps_are_not_kept_where_they_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "MOST_KEPT", 3)
    notes = Notes(tmp_path / "notes.json")
    for tick in range(1, 6):
        notes.change({Place("packets", tick, 0, 1, 0): Note(marked=True)})
    again = Notes(tmp_path / "notes.json")
    undone = 0
    while again.can_undo:
        again.undo()
        undone += 1
    assert (undone, len(again)) == (3, 2)


def test_several_rows_are_marked_and_unmarked_in_one_step() -> None:
    notes = Notes(None)
    notes.change({PLACE: Note(marked=True), OTHER: Note(marked=True)})
    assert notes.undo() == [PLACE, OTHER]
    assert len(notes) == 0
    assert notes.redo() == [PLACE, OTHER]
    assert len(notes) == 2
    assert notes.redo() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 1, "notes": [{"layer": "packets"}]}',
        '{"version": 1, "notes": [], "undo": [[{"layer": "packets"}]]}',
        '{"version": 1, "notes": 5}',
        "\x00",
    ],
)
def test_a_damaged_file_is_put_aside_and_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.json"
    path.write_text(text, encoding="utf-8")
    notes = Notes(path)
    assert "damaged" in notes.problem
    assert notes.all() == []
    assert (tmp_path / "notes.damaged").read_text(encoding="utf-8") == text
    notes.change({PLACE: Note(marked=True)})
    assert Notes(path).all() == [(PLACE, Note(marked=True))]


def test_a_newer_file_is_neither_read_nor_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text('{"version": 99, "notes": []}', encoding="utf-8")
    notes = Notes(path)
    notes.change({PLACE: Note(marked=True)})
    assert "newer" in notes.problem
    assert path.read_text(encoding="utf-8") == '{"version": 99, "notes": []}'
    assert notes.of(PLACE).marked


def test_what_cannot_be_written_is_said_and_stays_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes = Notes(tmp_path / "file" / "notes.json")
    notes.change({PLACE: Note(marked=True)})
    assert "cannot be" in notes.problem
    assert notes.of(PLACE).marked


def test_a_copied_recording_has_the_same_notes_and_another_one_others(tmp_path: Path) -> None:
    recording = story.recording()
    copy, changed = tmp_path / "copy.sr", tmp_path / "changed.sr"
    copy.write_bytes(recording.read_bytes())
    changed.write_bytes(recording.read_bytes()[:-1] + b"\x01")
    assert notes_file(copy) == notes_file(recording)
    assert notes_file(changed) != notes_file(recording)
    assert notes_file(copy).parent != copy.parent


def test_every_record_has_a_place_of_its_own_and_a_gap_none() -> None:
    snapshot = whole(umi.shipped("reference-1"), demo())
    codes = [code_of(Kind.PACKET, no + 1) for no in range(snapshot.count("packets"))]
    codes += [code_of(Kind.FRAME, no + 1) for no in range(snapshot.count("frames"))]
    places = [place_of(snapshot, code) for code in codes]
    assert len(set(places)) == len(codes)
    assert place_of(snapshot, code_of(Kind.MEMBER, 3)) == place_of(snapshot, code_of(Kind.FRAME, 3))
    assert place_of(snapshot, code_of(Kind.GAP, 1)) is None
