"""Frames on the simulated wire: byte for byte those that were written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.frames import Frame, FrameReader, Kind, Reason, Received, Route
from tests.handwritten.answers import Frame as Known
from tests.handwritten.answers import Seen, Stream
from tests.handwritten.frames import FRAMES
from tests.handwritten.streams import FILLER, WHOLE

NAMES = {kind.name.lower() for kind in Kind}
SPOKEN = [known for known in FRAMES if known.fields["type"] in NAMES and isinstance(known.link_status, str)]
"""Those whose type and status a simulated device knows."""
SOME = Frame(Kind.DATA, Route(0, 1), 3, first=True, last=True, payload=b"\xa5\x00\xff")


def frame_of(known: Known) -> Frame:
    """What a simulated end would make of a frame that was written by hand."""
    fields = known.fields
    return Frame(
        Kind[str(fields["type"]).upper()], Route(_number(known, "src_port"), _number(known, "dst_port")), _number(known, "seq"),
        bool(fields["first"]), bool(fields["last"]), _number(known, "fragment"), Reason[str(known.link_status).upper()],
        bytes.fromhex(str(fields["payload"])),
    )  # fmt: skip


def _number(known: Known, name: str) -> int:
    value = known.fields[name]
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize("known", SPOKEN, ids=lambda known: known.name)
def test_a_frame_has_the_bytes_that_were_written_by_hand(known: Known) -> None:
    assert frame_of(known).encode() == known.data


@pytest.mark.parametrize("known", SPOKEN, ids=lambda known: known.name)
def test_bytes_that_were_written_by_hand_are_read(known: Known) -> None:
    assert list(FrameReader().feed(known.data)) == [Received(frame_of(known), 0, len(known.data), is_good=True)]


def test_most_frames_that_were_written_by_hand_are_spoken_of() -> None:
    assert len(SPOKEN) > 40
    assert {frame_of(known).kind for known in SPOKEN} == set(Kind)


@pytest.mark.parametrize("known", [known for known in FRAMES if known not in SPOKEN], ids=lambda known: known.name)
def test_what_no_device_knows_is_passed_over(known: Known) -> None:
    assert list(FrameReader().feed(known.data)) == []


@pytest.mark.parametrize("stream", [*FILLER, *WHOLE], ids=lambda stream: stream.name)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_frames_are_found_in_a_stream_that_comes_in_pieces(stream: Stream, step: int) -> None:
    reader = FrameReader()
    pieces = [stream.data[at : at + step] for at in range(0, len(stream.data), step)]
    found = [received for piece in pieces for received in reader.feed(piece)]
    assert found == [
        Received(frame_of(seen.frame), seen.start, seen.end, is_good=True) for seen in stream.records if isinstance(seen, Seen)
    ]


@given(st.integers(6 * 8, len(SOME.encode()) * 8 - 1))
def test_a_flipped_bit_is_noticed_and_the_next_frame_is_read(bit: int) -> None:
    hit = bytearray(SOME.encode())
    hit[bit // 8] ^= 1 << bit % 8
    found = list(FrameReader().feed(bytes(hit) + SOME.encode()))
    assert [(one.is_good, one.start) for one in found] == [(False, 0), (True, len(hit))]
    assert found[1].frame == SOME


@given(st.integers(0, len(SOME.encode())))
def test_a_reader_says_how_many_bytes_are_missing(count: int) -> None:
    reader = FrameReader()
    whole = SOME.encode()
    list(reader.feed(b"\xff" + whole[:count]))
    expected = len(whole) - count if 2 <= count < len(whole) else 7 if count == 1 else 0
    assert reader.wanted == expected


@given(st.binary(max_size=600))
def test_no_bytes_are_too_odd_for_a_reader(data: bytes) -> None:
    reader = FrameReader()
    found = list(reader.feed(data))
    assert all(0 <= one.start < one.end <= len(data) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
