"""The search for frames, and the link layer's records, against streams and frames written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from decoders.core.frames import DIRECTIONS, FrameBatch
from decoders.core.transfers import Line, TransferBatch
from decoders.link import MALFORMED_NAMES, LinkDecoder
from decoders.profile.columns import value_at
from decoders.profile.framing import Malformed, find_frames
from decoders.profile.wire_profile import WireProfile
from tests.handwritten.answers import Bad, Fields, Frame, Seen, Stream, as_json
from tests.handwritten.frames import FRAMES
from tests.handwritten.streams import STREAMS

TICKS_PER_BYTE = 16
RATE_HZ = 1_000_000
COLUMNS = ("type", "dst_port", "src_port", "first", "last", "seq", "fragment", "length", "link_status")


def _line(pieces: Sequence[bytes]) -> Line:
    """One direction of transfers that follow each other without a pause: byte n lasts from tick 16 n to 16 n + 15."""
    data = np.frombuffer(b"".join(pieces), np.uint8)
    first = np.arange(len(data), dtype=np.int64) * TICKS_PER_BYTE
    return Line(data, np.cumsum([0, *map(len, pieces)]), first, first + TICKS_PER_BYTE - 1)


def _batch(h2p: Sequence[bytes], p2h: Sequence[bytes]) -> TransferBatch:
    count = len(h2p)
    start = np.arange(count, dtype=np.int64)
    small = np.zeros(count, np.uint8)
    port = (start % 15 + 1).astype(np.uint8)
    return TransferBatch(start, start, small, port, small, small, _line(h2p), _line(p2h))


def _found(profile: WireProfile, pieces: Sequence[bytes]) -> list[tuple[int, Seen | Bad]]:
    """What the search finds, each with its transfer and its place in that; a frame by its bytes."""
    line = _line(pieces)
    found = find_frames(profile, line)
    by_data = {frame.data: frame for frame in FRAMES}
    records: list[tuple[int, Seen | Bad]] = []
    for offset, size, start, end, transfer, inside in zip(
        found.offset, found.size, found.wire_start, found.wire_end, found.transfer, found.inside_failed, strict=True
    ):
        frame = by_data[found.data[offset : offset + size].tobytes()]
        base = int(line.offset[transfer])
        records.append((int(transfer), Seen(int(start) - base, int(end) - base, frame, bool(inside))))
    for start, end, transfer, reason in zip(found.bad_start, found.bad_end, found.bad_transfer, found.bad_reason, strict=True):
        base = int(line.offset[transfer])
        records.append((int(transfer), Bad(int(start) - base, int(end) - base, MALFORMED_NAMES[Malformed(int(reason))])))
    return sorted(records, key=lambda record: (record[0], record[1].start))


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_a_stream_falls_into_its_frames_and_malformed_stretches(profile: WireProfile, stream: Stream) -> None:
    assert _found(profile, [stream.data]) == [(0, record) for record in stream.records]


@pytest.mark.parametrize("order", [STREAMS, STREAMS[::-1]], ids=["forward", "backward"])
def test_a_transfer_is_searched_without_regard_to_its_neighbours(profile: WireProfile, order: list[Stream]) -> None:
    assert _found(profile, [s.data for s in order]) == [(row, record) for row, s in enumerate(order) for record in s.records]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_a_frame_is_found_between_fillers_and_misses_none_of_its_bytes(profile: WireProfile, frame: Frame) -> None:
    size = len(frame.data)
    assert _found(profile, [b"\x00" + frame.data + b"\xff"]) == [(0, Seen(1, 1 + size, frame))]
    cut = _found(profile, [frame.data[:-1]])
    assert cut
    assert not any(isinstance(record, Seen) and record.frame is frame for _, record in cut)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.name)
def test_a_frame_record_has_the_fields_of_its_bytes(profile: WireProfile, frame: Frame) -> None:
    frames = LinkDecoder(profile, RATE_HZ).feed(_batch([frame.data], [b""]))
    assert [as_json(record) for record in _records(profile, frames)] == [
        as_json(_expected(frame) | {"port": 1, "direction": "h2p"})
    ]


def _expected(frame: Frame) -> Fields:
    return {**frame.fields, "link_status": frame.link_status, "start": 0, "end": TICKS_PER_BYTE * len(frame.data) - 1}


def _records(profile: WireProfile, frames: FrameBatch) -> Iterator[Fields]:
    """The rows of a batch as records; of a malformed stretch only its reason and its place."""
    for row in range(len(frames)):
        place: Fields = {
            "port": int(frames.port[row]),
            "direction": DIRECTIONS[frames.direction[row]],
            "start": int(frames.start[row]),
            "end": int(frames.end[row]),
        }
        if frames.malformed[row]:
            yield place | {"malformed": MALFORMED_NAMES[Malformed(int(frames.malformed[row]))]}
            continue
        header = {name: value_at(profile.frame.field(name), int(frames.header[name][row])) for name in COLUMNS}
        yield place | header | {"payload": frames.payload(row).hex(), "crc_ok": True, "malformed": None}


@pytest.mark.parametrize("at_once", [1, 7, len(STREAMS)])
def test_records_are_in_order_of_transfers_and_the_host_s_come_first(profile: WireProfile, at_once: int) -> None:
    h2p, p2h = STREAMS, STREAMS[::-1]
    link = LinkDecoder(profile, RATE_HZ)
    found: list[Fields] = []
    for first in range(0, len(STREAMS), at_once):
        chosen = slice(first, first + at_once)
        frames = link.feed(_batch([s.data for s in h2p[chosen]], [s.data for s in p2h[chosen]]))
        assert frames.first_no == len(found) + 1
        found += _records(profile, frames)
    expected = [
        (direction, "" if isinstance(record, Seen) else record.malformed, record.end - record.start)
        for both in zip(h2p, p2h, strict=True)
        for direction, stream in zip(DIRECTIONS, both, strict=True)
        for record in stream.records
    ]
    assert [(r["direction"], r["malformed"] or "", _size(r)) for r in found] == expected


def _size(record: Fields) -> int:
    start, end = record["start"], record["end"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    return (end + 1 - start) // TICKS_PER_BYTE
