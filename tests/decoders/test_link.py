"""The link layer's records, findings and field trees (wire-format 2 and 3); the search for frames is tested by hand-written streams."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.core.frames import FrameBatch
from decoders.core.transfers import Line, TransferBatch
from decoders.link import CODES, MALFORMED_NAMES, LinkDecoder, frame_tree, link_findings
from decoders.profile.crc import crc_bytes, crc_function
from decoders.profile.framing import Malformed
from decoders.profile.schema import Crc
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.transport.packets import CODES as TRANSPORT_CODES
from decoders.transport.reassembly import Reassembler
from tests.decoders.transport.conversation import ACK, IDLE, NAK, POLL, POWER, RESET, Frame

PROFILES = Path(__file__).resolve().parents[2] / "resources" / "profiles"
RATE_HZ = 1_000_000
FILLER = (0x00, 0xFF)
DATA_FRAME = Frame(payload=b"four").data
POLL_FRAME = Frame(POLL, dst=1, src=0, first=False, last=False).data
BYTES = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from([b"\xa5", b"\xa5\x07", b"\xa5\x0f\x10", b"\x00", b"\xff", b"\x12", DATA_FRAME, POLL_FRAME])).map(
        b"".join
    ),
)


@pytest.fixture(scope="module")
def profile() -> WireProfile:
    return load_profile((PROFILES / "reference-1.toml").read_text(encoding="utf-8"), "reference-1.toml")


@pytest.fixture(scope="module", params=["reference-1", "variant-a"])
def either(request: pytest.FixtureRequest) -> WireProfile:
    """Both shipped profiles."""
    return load_profile((PROFILES / f"{request.param}.toml").read_text(encoding="utf-8"), request.param)


def line(parts: Sequence[bytes]) -> Line:
    """Byte n lasts from tick 10 n to 10 n + 9."""
    data = np.frombuffer(b"".join(parts), np.uint8)
    first = np.arange(len(data), dtype=np.int64) * 10
    return Line(data, np.cumsum([0, *map(len, parts)]), first, first + 9)


def batch(h2p: Sequence[bytes], p2h: Sequence[bytes] | None = None, port: int = 1) -> TransferBatch:
    """One transfer for each pair of lines, all on one port."""
    count = len(h2p)
    ticks, small = np.zeros(count, np.int64), np.zeros(count, np.uint8)
    ports = np.full(count, port, np.uint8)
    return TransferBatch(ticks, ticks, small, ports, small, small, line(h2p), line(p2h or [b""] * count))


def link(profile: WireProfile, *lines: bytes) -> FrameBatch:
    return LinkDecoder(profile, RATE_HZ).feed(batch(lines))


def found(profile: WireProfile, *lines: bytes) -> list[tuple[str, int | None, int, int]]:
    findings = link_findings(link(profile, *lines), profile)
    return [(finding.code.name, finding.record, finding.span.start, finding.span.end) for finding in findings]


# --- records -----------------------------------------------------------------------------------------------------------


def test_records_are_numbered_on_from_batch_to_batch(profile: WireProfile) -> None:
    decoder = LinkDecoder(profile, RATE_HZ)
    batches = [decoder.feed(batch([DATA_FRAME, POLL_FRAME])), decoder.feed(batch([])), decoder.feed(batch([DATA_FRAME]))]
    assert [(frames.first_no, len(frames)) for frames in batches] == [(1, 2), (3, 0), (3, 1)]


def test_a_record_lasts_from_its_first_bit_to_its_last(profile: WireProfile) -> None:
    frames = link(profile, b"\x00\x00" + POLL_FRAME + b"\x00\x12\x34")
    assert (frames.start.tolist(), frames.end.tolist()) == ([20, 110], [99, 129])


def test_a_record_knows_its_port_its_direction_and_its_transfer(profile: WireProfile) -> None:
    frames = LinkDecoder(profile, RATE_HZ).feed(batch([b"", POLL_FRAME], [DATA_FRAME, DATA_FRAME], port=9))
    assert frames.port.tolist() == [9, 9, 9]
    assert frames.direction.tolist() == [1, 0, 1]
    assert frames.transfer.tolist() == [0, 1, 1]


def test_a_payload_is_what_lies_between_header_and_checksum(profile: WireProfile) -> None:
    frames = link(profile, POLL_FRAME + DATA_FRAME)
    assert [frames.payload(row) for row in range(2)] == [b"", b"four"]


def test_a_malformed_record_has_no_header(profile: WireProfile) -> None:
    frames = link(profile, Frame(payload=b"four", seq=3, ok=False).data, DATA_FRAME)
    assert [MALFORMED_NAMES.get(Malformed(reason)) if reason else None for reason in frames.malformed] == ["bad_crc", None]
    assert all(frames.header[name][0] == 0 for name in frames.header)
    assert frames.payload_size.tolist() == [0, 4]


def test_no_transfers_make_no_frames(either: WireProfile) -> None:
    frames = LinkDecoder(either, RATE_HZ).feed(TransferBatch.empty())
    assert (len(frames), link_findings(frames, either)) == (0, [])


# --- findings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*range(7)])
def test_frames_as_they_should_be_give_no_finding(profile: WireProfile, kind: int) -> None:
    assert found(profile, b"\x00" + Frame(kind, payload=b"four").data + b"\xff") == []


@pytest.mark.parametrize(
    ("stream", "finding"),
    [
        (Frame(ok=False).data, ("bad-crc", 1, 0, 80)),
        (b"\x00" + DATA_FRAME[:7], ("truncated-frame", 1, 10, 80)),
        (b"\xa5", ("truncated-frame", 1, 0, 10)),
        (b"\x00\x12\x00\x34", ("garbage", 1, 10, 40)),
        (b"\xa5\x03", ("garbage", 1, 0, 20)),
    ],
)
def test_each_kind_of_malformed_stretch_is_found(profile: WireProfile, stream: bytes, finding: tuple[str, int, int, int]) -> None:
    assert found(profile, stream) == [finding]


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        (b"\x12", "1 byte belongs to no frame"),
        (b"\x12\x34", "2 bytes belong to no frame"),
        (Frame(ok=False).data, "8 bytes from a start of frame on fail the checksum"),
        (b"\xa5\x08" + POLL_FRAME[1:], "9 bytes from a start of frame on fail the checksum"),
        (b"\xa5", "a frame begins, but only 1 byte came before the transfer ended"),
    ],
)
def test_a_malformed_stretch_is_told_in_words(profile: WireProfile, stream: bytes, text: str) -> None:
    said = [finding.text for finding in link_findings(link(profile, stream), profile)]
    assert said == [text]


def test_a_frame_inside_a_failed_one_is_found(profile: WireProfile) -> None:
    assert found(profile, b"\xa5\x40\x10\x18" + POLL_FRAME) == [
        ("truncated-frame", 1, 0, 40),
        ("frame-inside-failed-frame", 2, 40, 120),
    ]


def test_a_type_without_a_name_is_found(profile: WireProfile) -> None:
    assert found(profile, Frame(7).data) == [("unknown-frame-type", 1, 0, 80)]


def test_a_constant_that_is_not_is_found(profile: WireProfile) -> None:
    fields = tuple(replace(field, constant=0x5A) if field.name == "sof" else field for field in profile.frame.fields)
    other = replace(profile, frame=type(profile.frame)("frame", fields, profile.types))
    assert found(other, DATA_FRAME) == [("wrong-constant", 1, 0, 120)]


def test_nothing_is_said_of_what_is_malformed_in_a_transfer_that_was_seen_in_part(profile: WireProfile) -> None:
    frames = link(profile, DATA_FRAME[:-1], DATA_FRAME[:-1])
    findings = link_findings(frames, profile, np.array([True, False]))
    assert [finding.record for finding in findings] == [2]


def test_findings_name_the_records_of_their_batch(profile: WireProfile) -> None:
    decoder = LinkDecoder(profile, RATE_HZ)
    decoder.feed(batch([DATA_FRAME] * 5))
    frames = decoder.feed(batch([DATA_FRAME, Frame(7).data]))
    assert [finding.record for finding in link_findings(frames, profile)] == [7]


def test_codes_are_told_apart_by_their_names() -> None:
    names = [code.name for code in (*CODES, *TRANSPORT_CODES)]
    assert len(names) == len(set(names))
    assert all(code.meaning.endswith(".") for code in (*CODES, *TRANSPORT_CODES))


# --- checksums of many frames at once ------------------------------------------------------------------------------------

CRCS = [
    Crc("CRC-16/IBM-SDLC", 16, 0x1021, 0xFFFF, True, True, 0xFFFF, "little", 0, "P"),
    Crc("CRC-16/XMODEM", 16, 0x1021, 0, False, False, 0, "big", 1, "P"),
    Crc("CRC-32/ISO-HDLC", 32, 0x04C11DB7, 0xFFFFFFFF, True, True, 0xFFFFFFFF, "big", 1, "P"),
    Crc("custom", 12, 0x80F, 0x123, False, True, 0x456, "little", 0, "P"),
    Crc("custom", 64, 0x42F0E1EBA9EA3693, 1, True, False, 7, "little", 2, "P"),
]


@pytest.mark.parametrize("crc", CRCS, ids=lambda crc: f"{crc.model}-{crc.bits}")
def test_many_short_frames_are_checked_as_each_by_itself(profile: WireProfile, crc: Crc) -> None:
    crc_of = crc_function(crc)
    other = replace(profile, crc=crc, crc_of=crc_of)
    size = 6 + crc.size
    bodies = [bytes([0xA5, size - 1, 0x10, 0x20 | n % 8, n % 251, n % 249]) for n in range(5000)]
    frames = [body + crc_bytes(crc, crc_of(body[crc.first_byte :])) for body in bodies]
    broken = {0, 17, 4999}
    for no in broken:
        frames[no] = frames[no][:-1] + bytes([frames[no][-1] ^ 0x81])
    longer = bytes([0xA5, 255, *bytes(254 - crc.size)])
    longer += crc_bytes(crc, crc_of(longer[crc.first_byte :]))
    found = LinkDecoder(other, RATE_HZ).feed(batch([*frames, longer]))
    assert np.flatnonzero(found.malformed).tolist() == sorted(broken)
    assert len(found) == 5001


# --- one frame's tree --------------------------------------------------------------------------------------------------


def leaves(profile: WireProfile, data: bytes) -> dict[str, object]:
    return {node.name: node.value for _, node in frame_tree(profile, data).walk()}


def test_a_frame_s_tree_covers_header_payload_and_checksum_without_a_hole(profile: WireProfile) -> None:
    tree = frame_tree(profile, DATA_FRAME)
    assert (tree.start_bit, tree.end_bit, tree.text) == (0, 96, "12 bytes")
    assert [node.name for node in tree.children[-2:]] == ["payload", "crc"]
    ends = [0, *(node.end_bit for node in tree.children)]
    assert [node.start_bit for node in tree.children] == ends[:-1]
    assert not any(node.problem for _, node in tree.walk())


def test_a_wrong_checksum_is_told_with_what_it_should_be(profile: WireProfile) -> None:
    tree = frame_tree(profile, Frame(payload=b"four", ok=False).data)
    good = int.from_bytes(DATA_FRAME[-2:], "little")
    assert tree.children[-1].name == "crc"
    assert f"0x{good:04X}" in tree.children[-1].problem


def test_a_power_notice_is_read(profile: WireProfile) -> None:
    notice = Frame(POWER, dst=5, src=0, payload=bytes.fromhex("050203e8")).data
    values = leaves(profile, notice)
    assert (values["port"], values["rail"], values["limit_ma"]) == (5, "high", 1000)
    tree = frame_tree(profile, notice)
    assert {node.name: (node.start_bit, node.end_bit) for _, node in tree.walk()}["limit_ma"] == (64, 80)


@pytest.mark.parametrize("kind", [0, ACK, NAK, POLL, IDLE, RESET, 7])
def test_other_payloads_are_bytes(profile: WireProfile, kind: int) -> None:
    assert leaves(profile, Frame(kind, payload=b"four").data)["payload"] == b"four".hex()


@given(data=st.binary(max_size=40))
@settings(deadline=None)
def test_the_tree_of_any_bytes_is_told_and_lies_inside_them(either: WireProfile, data: bytes) -> None:
    for _, node in frame_tree(either, data).walk():
        assert 0 <= node.start_bit <= node.end_bit <= len(data) * 8


@pytest.mark.parametrize("size", range(len(DATA_FRAME)))
def test_the_tree_of_a_cut_frame_is_told(profile: WireProfile, size: int) -> None:
    tree = frame_tree(profile, DATA_FRAME[:size])
    assert tree.end_bit == size * 8


# --- any bytes ---------------------------------------------------------------------------------------------------------


@given(lines=st.lists(st.tuples(BYTES, BYTES), max_size=6))
@settings(deadline=None)
def test_every_byte_belongs_to_one_record_or_is_filler(profile: WireProfile, lines: list[tuple[bytes, bytes]]) -> None:
    sides = [[pair[direction] for pair in lines] for direction in range(2)]
    frames = LinkDecoder(profile, RATE_HZ).feed(batch(sides[0], sides[1]))
    for direction, parts in enumerate(sides):
        data = b"".join(parts)
        owned = np.zeros(len(data), np.int64)
        bounds = np.cumsum([0, *map(len, parts)])
        for row in np.flatnonzero(frames.direction == direction).tolist():
            start, end = int(frames.start[row]) // 10, int(frames.end[row] + 1) // 10
            owned[start:end] += 1
            transfer = frames.transfer[row]
            assert bounds[transfer] <= start < end <= bounds[transfer + 1]
            at = int(frames.offset[row])
            assert frames.data[at : at + end - start].tobytes() == data[start:end]
            assert data[start] not in FILLER
            assert not frames.malformed[row] or data[end - 1] not in FILLER
        assert owned.max(initial=0) <= 1
        assert set(np.frombuffer(data, np.uint8)[owned == 0].tolist()) <= set(FILLER)


@given(lines=st.lists(st.tuples(BYTES, BYTES), max_size=8), cuts=st.lists(st.integers(0, 8)))
@settings(deadline=None)
def test_no_bytes_are_refused_by_link_or_transport(either: WireProfile, lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    decoder, transport = LinkDecoder(either, RATE_HZ), Reassembler(either, frozenset({(0, 1), (0, 2)}), RATE_HZ)
    count = records = packets = 0
    bounds = sorted({0, len(lines), *(cut for cut in cuts if cut < len(lines))})
    for start, end in itertools.pairwise(bounds):
        frames = decoder.feed(batch([h2p for h2p, _ in lines[start:end]], [p2h for _, p2h in lines[start:end]]))
        assert link_findings(frames, either) is not None
        assert frames.first_no == records + 1
        records += len(frames)
        count += int(np.count_nonzero(frames.malformed == 0))
        packets += len(transport.feed(frames).packets)
    packets += len(transport.finish().packets)
    assert packets <= count <= records
