"""Frames are found where they are, and every byte of a line has exactly one owner, under every framing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from decoders.core.errors import MaterialError
from decoders.profile.frame_writer import frame_bytes, on_wire
from decoders.profile.framing import Found, Malformed, find_frames
from decoders.profile.leaf import EncodeError
from decoders.profile.wire_profile import WireProfile, load_profile
from tests.decoders.profile.altered import STRATEGIES, altered_profiles
from tests.decoders.profile.lines import PAUSE_TICKS, frames_in, line_of, owners
from tests.decoders.profile.plain_framing import plain_parse
from tests.decoders.profile.records import records
from tests.decoders.profile.shipped import REFERENCE, SHIPPED, TEXTS

Bursts = list[bytes]


# Profiles are no arguments of strategies, since Hypothesis writes these out.
def frame(data: st.DataObject, profile: WireProfile) -> bytes:
    """One valid frame of the profile, without stuffing."""
    record = data.draw(records(profile.frame.fields, profile.types, skip=frozenset({profile.framing.length_field})))
    payload = data.draw(st.binary(max_size=20) | st.just(bytes.fromhex("007E7DA555FF") * 3))
    step = profile.frame_length.fields[0].scale if profile.frame_length.fields else 1
    least = max(0, profile.framing.min_bytes - len(payload))
    for more in itertools.chain(range(least + 2 * step), range(least)):
        try:
            return frame_bytes(profile, record, payload + bytes(more))
        except EncodeError:
            continue
    raise AssertionError("no payload fits")


def delimiters(profile: WireProfile) -> set[int]:
    return {"hdlc": {profile.framing.flag}, "cobs": {0}}.get(profile.framing.strategy, set())


def garbage(profile: WireProfile) -> st.SearchStrategy[bytes]:
    """Bytes that cannot begin a frame: no start byte, no delimiter, too few."""
    kept = set(range(256)) - set(profile.framing.start) - delimiters(profile)
    return st.lists(st.sampled_from(sorted(kept)), max_size=12).map(bytes)


def filler(profile: WireProfile) -> st.SearchStrategy[bytes]:
    return (
        st.lists(st.sampled_from(sorted(profile.framing.filler)), max_size=12).map(bytes)
        if profile.framing.filler
        else st.just(b"")
    )


def transfers_with_frames(data: st.DataObject, profile: WireProfile) -> tuple[list[Bursts], list[tuple[int, bytes]]]:
    """Transfers as bursts, and the frames in them."""
    lines: list[Bursts] = []
    expected: list[tuple[int, bytes]] = []
    alone = profile.framing.strategy == "transfer"
    for number in range(data.draw(st.integers(1, 3))):
        bursts: Bursts = []
        for _ in range(data.draw(st.integers(0, 1 if alone else 3))):
            content = frame(data, profile)
            around = [data.draw(filler(profile)), data.draw(filler(profile))]
            assume(is_unambiguous(profile, content, around))
            bursts += [around[0] + on_wire(profile, content) + around[1]]
            if not alone:
                bursts += [data.draw(garbage(profile))]
            expected.append((number, content))
        lines.append(bursts or [data.draw(garbage(profile))])
    # What stands between two frames is bounded like a frame: where its checksum holds by chance it is one.
    end = bytes(delimiters(profile))
    contents = {on_wire(profile, content).strip(end) for _, content in expected}
    between = [stretch for bursts in lines for stretch in b"".join(bursts).split(end)] if end else []
    assume(not any(content_is_valid(profile, stretch) for stretch in between if stretch not in contents))
    return lines, expected


def is_unambiguous(profile: WireProfile, content: bytes, around: Sequence[bytes]) -> bool:
    """Whether the filler around a frame that nothing delimits can be told from the frame at all."""
    if profile.framing.strategy not in {"transfer", "pause"}:
        # One filler byte all through is an idle line.
        return len(set(content)) > 1 or content[0] not in profile.framing.filler
    if profile.crc is None or profile.crc_of is None:
        # Without a checksum a frame of filler is filler.
        return not any(around) and content.strip(bytes(profile.framing.filler)) != b""
    whole = around[0] + content + around[1]
    left = len(whole) - len(whole.lstrip(bytes(profile.framing.filler)))
    right = len(whole.rstrip(bytes(profile.framing.filler)))
    holding = 0
    for begin, end in itertools.product(range(left + 1), range(right, len(whole) + 1)):
        piece = whole[begin:end]
        if len(piece) > profile.crc.size:
            stored = int.from_bytes(piece[-profile.crc.size :], profile.crc.order)
            holding += profile.crc_of(piece[profile.crc.first_byte : -profile.crc.size]) == stored
    return holding == 1 and right + profile.crc.size >= len(around[0]) + len(content)


def check_owners(profile: WireProfile, transfers: Sequence[bytes | Sequence[bytes]], found: Found) -> None:
    line = line_of(transfers)
    free = profile.framing.filler | delimiters(profile)
    at = 0
    for start, end, transfer in owners(found):
        assert at <= start < end
        assert line.offset[transfer] <= start
        assert end <= line.offset[transfer + 1]
        assert set(line.data[at:start].tolist()) <= free
        at = end
    assert set(line.data[at:].tolist()) <= free
    for start, end in zip(found.bad_start.tolist(), found.bad_end.tolist(), strict=True):
        assert not {int(line.data[start]), int(line.data[end - 1])} & profile.framing.filler
    assert set(found.bad_reason.tolist()) <= set(Malformed)
    assert all(content_is_valid(profile, content) for _, content in frames_in(found))


def content_is_valid(profile: WireProfile, content: bytes) -> bool:
    if not profile.framing.min_bytes <= len(content) <= profile.framing.max_bytes:
        return False
    crc, crc_of = profile.crc, profile.crc_of
    if crc is None or crc_of is None:
        return True
    return crc_of(content[crc.first_byte : -crc.size]).to_bytes(crc.size, crc.order) == content[-crc.size :]


def check_finds_all(profile: WireProfile, transfers: list[Bursts], expected: list[tuple[int, bytes]]) -> None:
    found = find_frames(profile, line_of(transfers), PAUSE_TICKS)
    assert frames_in(found) == expected
    check_owners(profile, transfers, found)


@pytest.mark.parametrize("name", SHIPPED)
@given(data=st.data())
def test_a_shipped_profile_finds_exactly_the_frames_between_filler_and_garbage(name: str, data: st.DataObject) -> None:
    check_finds_all(SHIPPED[name], *transfers_with_frames(data, SHIPPED[name]))


def test_the_largest_frame_may_be_larger_than_its_size_field_can_say() -> None:
    text = TEXTS["reference-1"].replace("bits = 8, bias = 1, unit", "bits = 8, unit")
    profile = load_profile(text, "unbiased")
    content = bytes.fromhex("a508102000 00".replace(" ", ""))
    assert profile.crc is not None
    assert profile.crc_of is not None
    poll = content + profile.crc_of(content).to_bytes(2, "little")
    check_finds_all(profile, [[b"\0" + poll + b"\0"]], [(0, poll)])


def test_an_escape_that_would_be_stuffed_into_a_flag_is_refused() -> None:
    text = TEXTS["variant-a"]
    for key, old, new in (("flag", "7E", "01"), ("escape", "7D", "00"), ("escape_xor", "20", "01")):
        assert f'{key} = "{old}"' in text
        text = text.replace(f'{key} = "{old}"', f'{key} = "{new}"')
    with pytest.raises(MaterialError, match="cannot be told apart after stuffing"):
        load_profile(text, "stuffed")


def test_filler_between_flags_is_no_frame_although_its_checksum_holds() -> None:
    profile = SHIPPED["variant-a"]
    check_finds_all(profile, [[bytes([profile.framing.flag]) + b"\xff" * 9 + bytes([profile.framing.flag])]], [])


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=30)
@given(data=st.data())
def test_every_framing_finds_exactly_the_frames_between_filler_and_garbage(strategy: str, data: st.DataObject) -> None:
    profile = data.draw(altered_profiles((strategy,)))
    check_finds_all(profile, *transfers_with_frames(data, profile))


def mutated_transfers(data: st.DataObject, profile: WireProfile) -> list[Bursts]:
    """Transfers with frames in which bytes were changed, lost or put in."""
    transfers, _ = transfers_with_frames(data, profile)
    for bursts in transfers:
        for index, burst in enumerate(bursts):
            at = data.draw(st.integers(0, len(burst)))
            lost = data.draw(st.sampled_from([0, 0, 1, 1, 2, 30]))
            bursts[index] = burst[:at] + data.draw(st.binary(max_size=2)) + burst[at + lost :]
    return transfers


random_transfers = st.lists(st.lists(st.binary(max_size=200), max_size=3), max_size=3)


@pytest.mark.parametrize("name", SHIPPED)
@given(data=st.data())
def test_every_byte_has_one_owner_in_damaged_lines_of_a_shipped_profile(name: str, data: st.DataObject) -> None:
    for transfers in (mutated_transfers(data, SHIPPED[name]), data.draw(random_transfers)):
        check_owners(SHIPPED[name], transfers, find_frames(SHIPPED[name], line_of(transfers), PAUSE_TICKS))


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=30)
@given(data=st.data())
def test_every_byte_has_one_owner_in_damaged_lines_of_every_framing(strategy: str, data: st.DataObject) -> None:
    profile = data.draw(altered_profiles((strategy,)))
    for transfers in (mutated_transfers(data, profile), data.draw(random_transfers)):
        check_owners(profile, transfers, find_frames(profile, line_of(transfers), PAUSE_TICKS))


# Few byte values, so that starts, plausible lengths and filler meet often.
crowded = st.lists(st.sampled_from([0xA5, 0xA5, 0x07, 0x06, 0x08, 0x0B, 0x00, 0xFF, 0x10]), max_size=60).map(bytes)


@given(transfers=st.lists(st.one_of(st.binary(max_size=40), crowded), max_size=4))
def test_random_lines_parse_as_a_plain_byte_by_byte_reading_of_the_rules(transfers: list[bytes]) -> None:
    check_against_plain(transfers)


@given(data=st.data())
def test_damaged_lines_parse_as_a_plain_byte_by_byte_reading_of_the_rules(data: st.DataObject) -> None:
    transfers = [b"".join(bursts) for bursts in mutated_transfers(data, REFERENCE)]
    check_against_plain([*transfers, pieces(data, st.binary(max_size=6) | crowded)])


@given(data=st.data())
def test_frames_inside_failed_ones_parse_as_a_plain_reading_of_the_rules(data: st.DataObject) -> None:
    claims = st.builds(lambda length, rest: bytes([0xA5, length]) + rest, st.integers(0, 60), st.binary(max_size=4))
    check_against_plain([pieces(data, claims)])


def pieces(data: st.DataObject, other: st.SearchStrategy[bytes]) -> bytes:
    """Frames and something else in any order, one behind the other."""
    order = data.draw(st.lists(st.booleans(), max_size=6))
    return b"".join(frame(data, REFERENCE) if is_frame else data.draw(other) for is_frame in order)


def check_against_plain(transfers: list[bytes]) -> None:
    found = find_frames(REFERENCE, line_of(transfers))
    offset = line_of(transfers).offset.tolist()
    expected_frames, expected_bad = [], []
    for number, data in enumerate(transfers):
        parsed = plain_parse(data)
        base = offset[number]
        expected_frames += [(number, base + start, base + end, inside) for start, end, inside in parsed.frames]
        expected_bad += [(number, base + start, base + end, reason) for start, end, reason in parsed.stretches]
    frame_columns = (found.transfer, found.wire_start, found.wire_end, found.inside_failed)
    assert list(zip(*(column.tolist() for column in frame_columns), strict=True)) == expected_frames
    bad_columns = (found.bad_transfer, found.bad_start, found.bad_end)
    reasons = [Malformed(reason).name.lower() for reason in found.bad_reason.tolist()]
    assert list(zip(*(column.tolist() for column in bad_columns), reasons, strict=True)) == expected_bad


@settings(max_examples=30)
@given(data=st.data())
def test_a_line_gives_the_same_frames_whole_and_transfer_by_transfer(data: st.DataObject) -> None:
    profile = data.draw(altered_profiles())
    transfers = mutated_transfers(data, profile)
    whole = find_frames(profile, line_of(transfers), PAUSE_TICKS)
    single = [find_frames(profile, line_of([transfer]), PAUSE_TICKS) for transfer in transfers]
    assert [content for _, content in frames_in(whole)] == [content for one in single for _, content in frames_in(one)]
    assert whole.bad_reason.tolist() == [reason for one in single for reason in one.bad_reason.tolist()]
    assert whole.inside_failed.tolist() == [inside for one in single for inside in one.inside_failed.tolist()]


def test_a_frame_cut_behind_its_length_is_truncated_also_where_the_header_varies() -> None:
    status = 'values = "link_status", label = "Link status"'
    text = TEXTS["reference-1"].replace(status, f'{status}, when = {{ field = "type", is = [1, 2] }}')
    profile = load_profile(text, "varying.toml")
    assert not profile.frame.is_fixed
    content = bytes.fromhex("A50710600000FA95")
    for cut in range(1, len(content)):
        found = find_frames(profile, line_of([content[:cut]]))
        assert [Malformed(reason) for reason in found.bad_reason.tolist()] == [Malformed.TRUNCATED]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_silent_line_has_neither_frames_nor_stretches(name: str) -> None:
    for transfers in ([], [b""], [b"\xff" * 9, b""]):
        found = find_frames(SHIPPED[name], line_of(transfers))
        assert owners(found) == []
        assert found.offset.dtype == np.int64
