"""How frames are found in the bytes of one direction: the strategies that a profile may name, all with the same result.

Every byte of the line ends up in exactly one frame or malformed stretch, or is filler or a delimiter (wire-format 3).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.transfers import Line
from decoders.profile.columns import extract
from decoders.profile.crc import CrcFunction
from decoders.profile.framing_delimited import Stretch, cobs_stretches, hdlc_stretches, whole_stretches
from decoders.profile.wire_profile import WireProfile

Ticks = NDArray[np.int64]
MOST_SHORT_BYTES = 16
FEWEST_AT_ONCE = 4096
"""Stretches of one short size that are worth tables for their checksums."""


class Malformed(enum.IntEnum):
    """Why bytes on a line are no frame."""

    BAD_CRC = 1
    TRUNCATED = 2
    GARBAGE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The frames and malformed stretches of one line, each list in order of the wire.

    Frame i's bytes, unstuffed and with their checksum, are `data[offset[i] : offset[i] + size[i]]`; on the line they occupy
    `wire_start[i]` to `wire_end[i]`; `transfer` is their row in the batch. `inside_failed` marks a frame that starts within
    what a failed candidate claimed. The `bad_` columns are the malformed stretches, `bad_reason` of `Malformed`.
    """

    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    wire_start: NDArray[np.int64]
    wire_end: NDArray[np.int64]
    transfer: NDArray[np.int64]
    inside_failed: NDArray[np.bool_]
    bad_start: NDArray[np.int64]
    bad_end: NDArray[np.int64]
    bad_transfer: NDArray[np.int64]
    bad_reason: NDArray[np.uint8]


def find_frames(profile: WireProfile, line: Line, pause_ticks: int = 0) -> Found:
    """All frames and malformed stretches of a line; `pause_ticks` is what the pause strategy's pause means on this clock."""
    match profile.framing.strategy:
        case "length":
            return _find_by_length(profile, line)
        case "hdlc":
            return _collect(profile, line, hdlc_stretches(line, profile.framing))
        case "cobs":
            return _collect(profile, line, cobs_stretches(line))
        case "transfer":
            return _collect(profile, line, whole_stretches(profile, line, None))
        case "pause":
            return _collect(profile, line, whole_stretches(profile, line, pause_ticks))


def checksums_hold(
    profile: WireProfile, data: NDArray[np.uint8], offset: NDArray[np.int64], size: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the checksum at the end of each frame agrees with its bytes; always, where the profile has none."""
    crc, crc_of = profile.crc, profile.crc_of
    if crc is None or crc_of is None or not len(offset):
        return np.ones(len(offset), np.bool_)
    start, stop = offset + crc.first_byte, offset + size - crc.size
    computed = _checksums(crc_of, data, start, stop)
    places = range(crc.size) if crc.order == "big" else range(crc.size - 1, -1, -1)
    stored = np.zeros(len(offset), np.uint64)
    for place in places:
        stored = (stored << np.uint64(8)) | data[stop + place]
    holds: NDArray[np.bool_] = computed == stored
    return holds


def _checksums(
    crc_of: CrcFunction, data: NDArray[np.uint8], start: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """The checksum of each stretch of `data`; the short ones, most of which have one size, are computed all at once."""
    computed = np.empty(len(start), np.uint64)
    one_by_one = np.arange(len(start))
    if len(start) >= FEWEST_AT_ONCE:
        size = np.maximum(stop - start, 0)
        common = int(np.bincount(size)[: MOST_SHORT_BYTES + 1].argmax())
        at_once = np.flatnonzero(size == common)
        if len(at_once) >= FEWEST_AT_ONCE:
            computed[at_once] = _checksums_of_size(crc_of, data, start[at_once], common)
            one_by_one = np.flatnonzero(size != common)
    raw = data.tobytes()
    slices = map(slice, start[one_by_one].tolist(), stop[one_by_one].tolist())
    computed[one_by_one] = np.fromiter(map(crc_of, map(raw.__getitem__, slices)), np.uint64, len(one_by_one))
    return computed


def _checksums_of_size(crc_of: CrcFunction, data: NDArray[np.uint8], start: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Checksums of stretches of one size: a checksum is affine in the bits, so that each byte adds what it gives among zeros."""
    zeros = crc_of(bytes(size))
    total = np.full(len(start), zeros, np.uint64)
    for place in range(size):
        before, behind = bytes(place), bytes(size - place - 1)
        gives = np.array([crc_of(before + bytes([byte]) + behind) ^ zeros for byte in range(256)], np.uint64)
        total ^= gives[data[start + place]]
    return total


def _find_by_length(profile: WireProfile, line: Line) -> Found:
    framing, data = profile.framing, line.data
    candidate = _start_places(data, framing.start)
    transfer = np.searchsorted(line.offset, candidate, side="right") - 1
    available = line.offset[transfer + 1] - candidate
    size = _claimed_sizes(profile, data, candidate, available)
    plausible = (size >= framing.min_bytes) & (size <= framing.max_bytes)
    fits = plausible & (size <= available)
    valid = np.zeros(len(candidate), np.bool_)
    valid[fits] = checksums_hold(profile, data, candidate[fits], size[fits])
    chosen = _without_overlap(candidate, size, valid)
    start, end = candidate[chosen], (candidate + size)[chosen]
    loose = _loose_bytes(data, start, end, framing.filler)
    bad_start, bad_end, bad_transfer = _stretches(loose, start, line.offset)
    return Found(
        data,
        start,
        size[chosen],
        start,
        end,
        transfer[chosen],
        _inside_failed(candidate, np.where(plausible, np.minimum(size, available), 0), start, end),
        bad_start,
        bad_end,
        bad_transfer,
        _reasons(bad_start, candidate, fits, (plausible & ~fits) | (size < 0)),
    )


def _start_places(data: NDArray[np.uint8], start: bytes) -> NDArray[np.int64]:
    if not start:
        return np.arange(len(data))
    places = np.flatnonzero(data == start[0])
    for index, byte in enumerate(start[1:], 1):
        places = places[places + index < len(data)]
        places = places[data[places + index] == byte]
    return places


def _claimed_sizes(
    profile: WireProfile, data: NDArray[np.uint8], at: NDArray[np.int64], available: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The size each candidate claims in bytes, at most one more than the largest; −1 where the line ends before it is said."""
    claim = extract(profile.frame_length, data, at, available)
    number = claim.numbers[profile.framing.length_field]
    # The largest size need not fit the field's own type.
    wide = number if number.dtype == object else number.astype(np.uint64)
    size: NDArray[np.int64] = np.minimum(wide, profile.framing.max_bytes + 1).astype(np.int64)
    size[~claim.complete] = -1
    return size


def _without_overlap(start: NDArray[np.int64], size: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The valid candidates that remain when frames own their bytes from left to right."""
    chosen = np.flatnonzero(valid)
    ends = start[chosen] + size[chosen]
    if len(chosen) < 2 or not (start[chosen[1:]] < np.maximum.accumulate(ends)[:-1]).any():
        return chosen
    kept, free = [], 0
    for row, begin, end in zip(chosen.tolist(), start[chosen].tolist(), ends.tolist(), strict=True):
        if begin >= free:
            kept.append(row)
            free = end
    return np.array(kept, dtype=np.int64)


def _loose_bytes(
    data: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64], filler: frozenset[int]
) -> NDArray[np.int64]:
    """Places of bytes that are neither filler nor inside a frame."""
    bounds = np.zeros(2 * len(start) + 2, np.int64)
    bounds[1:-1:2], bounds[2:-1:2], bounds[-1] = start, end, len(data)
    loose = np.repeat(np.arange(len(bounds) - 1) % 2 == 0, np.diff(bounds))
    for byte in filler:
        loose &= data != byte
    return np.flatnonzero(loose)


def _stretches(
    loose: NDArray[np.int64], frame_start: NDArray[np.int64], transfer_offset: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Loose bytes joined where no frame and no transfer's end lies between them: start, end and transfer of each stretch."""
    transfer = np.searchsorted(transfer_offset, loose, side="right") - 1
    if not len(loose):
        return loose, loose, transfer
    gap = np.searchsorted(frame_start, loose, side="right")
    cut = np.flatnonzero((np.diff(gap) != 0) | (np.diff(transfer) != 0)) + 1
    first = np.concatenate([[0], cut])
    last = np.concatenate([cut, [len(loose)]]) - 1
    return loose[first], loose[last] + 1, transfer[first]


def _reasons(
    start: NDArray[np.int64], candidate: NDArray[np.int64], fits: NDArray[np.bool_], runs_past: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    reason = np.full(len(start), Malformed.GARBAGE, np.uint8)
    if not len(start) or not len(candidate):
        return reason
    row = np.minimum(np.searchsorted(candidate, start), len(candidate) - 1)
    begins = candidate[row] == start
    reason[begins & fits[row]] = Malformed.BAD_CRC
    reason[begins & runs_past[row]] = Malformed.TRUNCATED
    return reason


def _inside_failed(
    candidate: NDArray[np.int64], claimed: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each frame starts within what a candidate outside all frames claimed."""
    inside = np.zeros(len(start), np.bool_)
    if not len(start) or len(candidate) == len(start):
        return inside
    owner = np.searchsorted(start, candidate, side="right") - 1
    failed = (owner < 0) | (candidate >= end[owner])
    places, reach = candidate[failed], np.maximum.accumulate((candidate + claimed)[failed])
    before = np.searchsorted(places, start) - 1
    has = before >= 0
    inside[has] = reach[before[has]] > start[has]
    return inside


def _collect(profile: WireProfile, line: Line, stretches: Iterable[Stretch]) -> Found:
    """Frames and malformed stretches from stretches that a delimiter, a pause or the transfer bounds."""
    content = bytearray()
    frames: list[tuple[int, int, int, int, int]] = []
    bad: list[tuple[int, int, int, int]] = []
    for stretch in stretches:
        if (
            stretch.content is not None
            and stretch.closed
            and not _is_idle(profile, stretch.content)
            and _is_frame(profile, stretch.content)
        ):
            frames.append((len(content), len(stretch.content), stretch.start, stretch.end, stretch.transfer))
            content += stretch.content
        else:
            bad.extend(_malformed(profile, line, stretch))
    offset, size, wire_start, wire_end, transfer = np.array(frames, np.int64).reshape(-1, 5).T
    bad_start, bad_end, bad_transfer, reason = np.array(bad, np.int64).reshape(-1, 4).T
    return Found(
        np.frombuffer(bytes(content), np.uint8),
        offset,
        size,
        wire_start,
        wire_end,
        transfer,
        np.zeros(len(frames), np.bool_),
        bad_start,
        bad_end,
        bad_transfer,
        reason.astype(np.uint8),
    )


def _is_idle(profile: WireProfile, content: bytes) -> bool:
    """Whether all that stands between two delimiters is one filler byte, for which some checksums hold: the CRC-32 of four FF is four FF."""
    delimited = profile.framing.strategy in {"hdlc", "cobs"}
    return delimited and len(set(content)) == 1 and content[0] in profile.framing.filler


def _is_frame(profile: WireProfile, content: bytes) -> bool:
    framing = profile.framing
    if not framing.min_bytes <= len(content) <= framing.max_bytes:
        return False
    data = np.frombuffer(content, np.uint8)
    return bool(checksums_hold(profile, data, np.zeros(1, np.int64), np.array([len(content)]))[0])


def _malformed(profile: WireProfile, line: Line, stretch: Stretch) -> Iterable[tuple[int, int, int, int]]:
    data = line.data[stretch.start : stretch.end]
    loose = np.ones(len(data), np.bool_)
    for byte in profile.framing.filler:
        loose &= data != byte
    places = np.flatnonzero(loose)
    if not len(places):
        return
    if not stretch.closed:
        reason = Malformed.TRUNCATED
    elif stretch.content is None or not profile.framing.min_bytes <= len(stretch.content) <= profile.framing.max_bytes:
        reason = Malformed.GARBAGE
    else:
        reason = Malformed.BAD_CRC
    yield stretch.start + int(places[0]), stretch.start + int(places[-1]) + 1, stretch.transfer, reason
