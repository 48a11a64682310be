"""Rows of a list: which records, in what order, and the same whether they came at once or piece by piece."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.packet_list import rows as rows_module
from app.analysis.packet_list.rows import Kind, Rows, code_of, kind_of, number_of
from app.analysis.tables.snapshot import Snapshot
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from tests.helpers import umi
from tests.helpers.growing import GrowingTables, busy, demo, whole

ARRANGEMENTS: tuple[dict[str, bool], ...] = ({}, {"quiet": True}, {"chronological": True})
RECORDINGS = ("demo", *umi.PROFILES)


@functools.cache
def pieces(name: str) -> tuple[Decoded, ...]:
    return tuple(demo() if name == "demo" else busy(umi.shipped(name)))


def profile(name: str) -> WireProfile:
    return umi.shipped("reference-1" if name == "demo" else name)


@functools.cache
def full(name: str) -> Snapshot:
    return whole(profile(name), pieces(name))


def listed(rows: Rows) -> list[tuple[str, int]]:
    return [(kind_of(code).name, number_of(code)) for code in rows.codes.tolist()]


def take_in(rows: Rows, *, finished: bool) -> None:
    for run in rows.late_repeats():
        rows.insert(run)
    rows.insert(*rows.grow(finished=finished))
    while rows.is_behind:
        rows.insert(*rows.grow(finished=finished))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_folded_list_has_every_packet_once_in_order_of_its_first_bit_and_frames_without_packet(name: str) -> None:
    snapshot = full(name)
    rows = Rows(snapshot, quiet=True, finished=True)
    records = listed(rows)
    assert sorted(no for kind, no in records if kind == "PACKET") == list(range(1, snapshot.count("packets") + 1))
    repeats = set(snapshot.column("repeats", "frame").tolist())
    alone = [no for no in range(1, snapshot.count("frames") + 1) if snapshot.packet_of_frame(no) is None and no not in repeats]
    assert sorted(no for kind, no in records if kind == "FRAME") == alone
    assert sorted(no for kind, no in records if kind == "GAP") == list(range(1, snapshot.count("gaps") + 1))
    times = [rows.time_of(code) for code in rows.codes.tolist()]
    assert times == sorted(times)


@pytest.mark.parametrize("name", RECORDINGS)
def test_link_control_frames_are_shown_only_where_wanted_and_malformed_stretches_always(name: str) -> None:
    snapshot = full(name)
    shown = {no for kind, no in listed(Rows(snapshot, finished=True)) if kind == "FRAME"}
    also = {no for kind, no in listed(Rows(snapshot, quiet=True, finished=True)) if kind == "FRAME"}
    assert shown < also
    assert {snapshot.frame(no).header["type"] for no in also - shown} <= {"ack", "poll", "idle"}
    assert not {snapshot.frame(no).header.get("type") for no in shown} & {"ack", "poll", "idle"}
    assert {no for no in range(1, snapshot.count("frames") + 1) if snapshot.frame(no).malformed} <= shown


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_chronological_list_has_every_frame_and_each_packet_right_below_its_last_one(name: str) -> None:
    snapshot = full(name)
    rows = Rows(snapshot, chronological=True, finished=True)
    records = listed(rows)
    frames = [no for kind, no in records if kind == "FRAME"]
    starts = [snapshot.frame(no).start for no in frames]
    assert sorted(frames) == list(range(1, snapshot.count("frames") + 1))
    assert starts == sorted(starts)
    assert sorted(no for kind, no in records if kind == "PACKET") == list(range(1, snapshot.count("packets") + 1))
    for row, (kind, no) in enumerate(records):
        if kind == "PACKET":
            assert records[row - 1] == ("FRAME", max(snapshot.frames_of_packet(no)))


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("unfolded", [False, True])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_list_that_grew_is_the_list_that_came_whole(
    data: st.DataObject, name: str, arrangement: dict[str, bool], unfolded: bool
) -> None:
    tables = GrowingTables(profile(name), pieces(name))
    rows = Rows(tables.snapshot, **arrangement)
    rows.unfold_all(unfolded=unfolded)
    while tables.left:
        tables.add(data.draw(st.integers(1, 60)))
        take_in(rows, finished=False)
    take_in(rows, finished=True)
    at_once = Rows(full(name), **arrangement, finished=True)
    at_once.unfold_all(unfolded=unfolded)
    assert listed(rows) == listed(at_once)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("block", [1, 7, 40])
def test_the_size_of_the_steps_in_which_a_large_list_is_made_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, arrangement: dict[str, bool], block: int
) -> None:
    at_once = Rows(full(name), **arrangement, finished=True)
    monkeypatch.setattr(rows_module, "BLOCK", block)
    assert listed(Rows(full(name), **arrangement, finished=True)) == listed(at_once)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("block", [1, 7, 40])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_list_that_falls_behind_its_decoder_becomes_the_same_list(
    data: st.DataObject, name: str, arrangement: dict[str, bool], block: int
) -> None:
    at_once = Rows(full(name), **arrangement, finished=True)
    tables = GrowingTables(profile(name), pieces(name))
    rows = Rows(tables.snapshot, **arrangement, stepwise=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "BLOCK", block)
        while tables.left:
            tables.add(data.draw(st.integers(1, 60)))
            rows.insert(*rows.grow(finished=False))
        take_in(rows, finished=True)
    assert listed(rows) == listed(at_once)


def test_a_step_takes_in_no_more_than_a_block_of_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 10)
    snapshot = full("demo")
    rows = Rows(snapshot, chronological=True, finished=True, stepwise=True)
    sizes = []
    while rows.is_behind:
        runs = rows.grow(finished=True)
        sizes.append(sum(kind_of(code) is Kind.FRAME for run in runs for code in run.codes.tolist()))
        rows.insert(*runs)
    assert sizes == [10] * (snapshot.count("frames") // 10) + [snapshot.count("frames") % 10]


def test_a_repeated_frame_comes_in_once() -> None:
    snapshot = full("reference-1")
    rows = Rows(snapshot, finished=True)
    packet = snapshot.packet_of_frame(int(snapshot.column("repeats", "original")[0]))
    row = rows.row_of(packet or 0)
    assert row is not None
    run = rows.unfold(row)
    assert run is not None
    rows.insert(run)
    before = listed(rows)
    take_in(rows, finished=True)
    assert listed(rows) == before


def test_packets_that_are_put_together_late_come_in_above_those_that_began_later() -> None:
    tables = GrowingTables(umi.shipped("reference-1"), pieces("reference-1"))
    rows = Rows(tables.snapshot)
    inserted_above = 0
    while tables.left:
        tables.add()
        for run in rows.grow(finished=not tables.left):
            inserted_above += run.at < len(rows)
            rows.insert(run)
    assert inserted_above


def test_an_unfolded_packet_shows_its_frames_and_those_that_repeat_them() -> None:
    snapshot = full("reference-1")
    rows = Rows(snapshot, finished=True)
    frame, original = (int(snapshot.column("repeats", name)[0]) for name in ("frame", "original"))
    packet = snapshot.packet_of_frame(original)
    assert packet is not None
    before = listed(rows)
    row = rows.row_of(code_of(Kind.PACKET, packet))
    assert row is not None
    run = rows.unfold(row)
    assert run is not None
    rows.insert(run)
    members = sorted([*snapshot.frames_of_packet(packet), frame])
    assert listed(rows)[row + 1 : row + 1 + len(members)] == [("MEMBER", no) for no in members]
    assert rows.unfold(row) is None
    assert [rows.owner(row + offset) for offset in range(len(members) + 1)] == [row] * (len(members) + 1)
    assert rows.is_unfolded(packet)
    removed = rows.fold(row)
    assert removed == (row + 1, len(members))
    rows.remove(*removed)
    assert listed(rows) == before
    assert rows.fold(row) is None


def test_one_packet_may_be_folded_while_all_others_are_not() -> None:
    rows = Rows(full("demo"), finished=True)
    rows.unfold_all(unfolded=True)
    row = rows.row_of(code_of(Kind.PACKET, 7))
    assert row is not None
    removed = rows.fold(row)
    assert removed is not None
    rows.remove(*removed)
    folded = {no for no in range(1, full("demo").count("packets") + 1) if not rows.is_unfolded(no)}
    assert folded == {7}
    assert len(rows) == len(Rows(full("demo"), finished=True)) + full("demo").count("members") - len(
        full("demo").frames_of_packet(7)
    )


def test_in_order_of_time_nothing_is_folded() -> None:
    rows = Rows(full("demo"), chronological=True, finished=True)
    row = rows.row_of(code_of(Kind.PACKET, 1))
    assert row is not None
    assert rows.unfold(row) is None
    assert not rows.is_unfolded(1)


def test_a_time_is_found_at_the_first_row_that_begins_then_or_later() -> None:
    rows = Rows(full("demo"), finished=True)
    rows.unfold_all(unfolded=True)
    owners = [rows.time_of(int(rows.codes[rows.owner(row)])) for row in range(len(rows))]
    for tick in (0, owners[5], owners[5] + 1, owners[-1], owners[-1] + 1):
        expected = next((row for row, time in enumerate(owners) if time >= tick), len(rows) - 1)
        assert rows.row_at(tick) == expected


def test_what_is_not_shown_has_no_row_and_an_empty_list_none_at_all() -> None:
    assert Rows(full("demo"), finished=True).row_of(code_of(Kind.MEMBER, 1)) is None
    tables = GrowingTables(umi.shipped("reference-1"), [])
    rows = Rows(tables.snapshot)
    assert len(rows) == 0
    assert rows.row_of(code_of(Kind.PACKET, 1)) is None
    assert list(rows.grow(finished=True)) == []
    assert rows.row_at(0) == 0


def test_a_row_takes_four_bytes() -> None:
    assert Rows(full("demo"), finished=True).codes.dtype == np.uint32
