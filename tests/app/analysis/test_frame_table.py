"""Frames in narrow columns, and one of them in full."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.frame_table import FrameTable, narrow
from decoders.core.frames import FrameBatch
from decoders.profile.wire_profile import WireProfile
from tests.helpers.umi import PROFILES, Bench, decoded, frame, packet, shipped

REFERENCE, VARIANT = (shipped(name) for name in PROFILES)


def batch(bench: Bench) -> FrameBatch:
    (frames,) = [piece.frames for piece in decoded(bench.chunks(), bench.profile, bench.wiring) if len(piece.frames)]
    return frames


def mixed(profile: WireProfile) -> Bench:
    bench = Bench(profile)
    bench.frame(1, "data", (0, 1), packet(profile, "power.release"), seq=5)
    bench.frame(2, "nak", (2, 0), seq=5, link_status="busy")
    bench.say(1, b"\x5a\x5a\x5a")
    bench.say(2, frame(profile, "poll", (0, 2))[:-1], to_device=True)
    return bench


def test_a_frame_has_its_header_content_and_payload() -> None:
    bench = mixed(REFERENCE)
    table = FrameTable(REFERENCE, batch(bench))
    content = packet(REFERENCE, "power.release")
    first = table.frame(0)
    assert (first.no, first.stream, first.port, first.direction, first.malformed) == (1, 0, 1, "h2p", None)
    assert first.header == {
        "sof": 0xA5, "length": 40, "dst_port": 1, "src_port": 0, "type": "data", "first": True, "last": True, "seq": 5,
        "link_status": "ok", "fragment": 0,
    }  # fmt: skip
    assert first.content == frame(REFERENCE, "data", (0, 1), content, seq=5)
    assert first.payload == content
    nak = table.frame(1)
    assert (nak.no, nak.port, nak.direction, nak.header["link_status"], nak.payload) == (2, 2, "p2h", "busy", b"")


def test_a_malformed_stretch_has_its_reason_and_bytes_and_no_header() -> None:
    table = FrameTable(REFERENCE, batch(mixed(REFERENCE)))
    garbage, truncated = table.frame(2), table.frame(3)
    assert (garbage.malformed, garbage.header, garbage.content, garbage.payload) == ("garbage", {}, b"\x5a" * 3, b"")
    assert (truncated.malformed, truncated.content) == ("truncated", frame(REFERENCE, "poll", (0, 2))[:-1])


def test_a_field_whose_condition_is_not_met_is_not_there() -> None:
    table = FrameTable(VARIANT, batch(mixed(VARIANT)))
    data, nak = table.frame(0), table.frame(1)
    assert (data.header["type"], data.header["fragment"], "link_status" in data.header) == ("data", 0, False)
    assert (nak.header["type"], nak.header["link_status"], "fragment" in nak.header) == ("nak", "busy", False)


@pytest.mark.parametrize("profile", [REFERENCE, VARIANT], ids=PROFILES)
def test_the_times_of_a_frame_are_those_of_its_first_and_last_bit(profile: WireProfile) -> None:
    frames = batch(mixed(profile))
    table = FrameTable(profile, frames)
    assert len(table) == len(frames) == 4
    assert [(table.frame(row).start, table.frame(row).end) for row in range(4)] == list(
        zip(frames.start.tolist(), frames.end.tolist(), strict=True)
    )


@pytest.mark.parametrize(
    ("numbers", "dtype"),
    [
        ([0, 255], np.uint8),
        ([256], np.uint16),
        ([0, 65535], np.uint16),
        ([65536], np.uint32),
        ([1 << 32], np.uint64),
        ([0], np.uint8),
    ],
)
def test_a_column_is_as_narrow_as_its_numbers_allow(numbers: list[int], dtype: type) -> None:
    column = narrow(np.array(numbers, np.int64))
    assert column.dtype == dtype
    assert column.tolist() == numbers


def test_a_column_that_cannot_be_narrower_stays_as_it_is() -> None:
    for column in (np.array([], np.int64), np.array([-1, 5], np.int64), np.array([1 << 70, 5], object)):
        assert narrow(column) is column


def test_the_memory_of_a_table_is_that_of_its_columns_and_not_of_the_frames_bytes() -> None:
    bench = Bench(REFERENCE)
    for seq in range(200):
        bench.frame(1, "data", (0, 1), bytes(240), seq=seq % 8)
    table = FrameTable(REFERENCE, batch(bench))
    assert 20 <= table.resident_bytes / len(table) <= 40
