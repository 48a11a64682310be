"""The link layer: transfers in, frames and malformed stretches out, as columns (wire-format 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding, Severity
from decoders.core.frames import FrameBatch
from decoders.core.span import Span
from decoders.core.transfers import Line, TransferBatch
from decoders.core.tree import FieldNode
from decoders.profile.columns import Columns, extract
from decoders.profile.framing import Found, Malformed, find_frames
from decoders.profile.leaf import text_of
from decoders.profile.wire_profile import WireProfile

MALFORMED_NAMES = {Malformed.BAD_CRC: "bad_crc", Malformed.TRUNCATED: "truncated", Malformed.GARBAGE: "garbage"}

BAD_CRC = Code(
    "bad-crc", "frames", Severity.WARNING, "A stretch looks like a frame, but its checksum does not agree with its bytes."
)
TRUNCATED = Code("truncated-frame", "frames", Severity.WARNING, "A frame begins but its transfer ends before the frame does.")
GARBAGE = Code("garbage", "frames", Severity.WARNING, "Bytes on the line belong to no frame and are not filler.")
FRAME_IN_FRAME = Code(
    "frame-inside-failed-frame",
    "frames",
    Severity.NOTE,
    "A valid frame starts within the length that a failed frame before it claimed.",
)
UNKNOWN_TYPE = Code("unknown-frame-type", "frames", Severity.WARNING, "The frame's type is not one that the wire profile names.")
CONSTANT = Code("wrong-constant", "frames", Severity.WARNING, "A link header field that must have a fixed value has another.")
CODES = (BAD_CRC, TRUNCATED, GARBAGE, FRAME_IN_FRAME, UNKNOWN_TYPE, CONSTANT)
MALFORMED_CODES = {Malformed.BAD_CRC: BAD_CRC, Malformed.TRUNCATED: TRUNCATED, Malformed.GARBAGE: GARBAGE}


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One direction's records of a batch, in order of the wire."""

    key: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    malformed: NDArray[np.uint8]
    inside_failed: NDArray[np.bool_]


class LinkDecoder:
    """Turns transfers into frames; a frame lies wholly inside one transfer, so that only the numbering is carried on.

    `rate_hz` is the ticks in a second, which the pause strategy needs.
    """

    def __init__(self, profile: WireProfile, rate_hz: int) -> None:
        self._profile = profile
        self._pause_ticks = -(-profile.framing.pause_ns * rate_hz // 1_000_000_000)
        self._next_no = 1

    def feed(self, transfers: TransferBatch) -> FrameBatch:
        """The frame records of these transfers."""
        data: list[NDArray[np.uint8]] = []
        sides = [self._side(line, direction, data) for direction, line in enumerate((transfers.h2p, transfers.p2h))]
        key = np.concatenate([side.key for side in sides])
        order = np.argsort(key, kind="stable")
        key = key[order]
        transfer = key >> 1
        malformed = np.concatenate([side.malformed for side in sides])[order]
        offset = np.concatenate([side.offset for side in sides])[order]
        size = np.concatenate([side.size for side in sides])[order]
        content = np.concatenate(data)
        header = self._header(content, offset, size, malformed == 0)
        payload_size = np.maximum(size - header.size - (self._profile.crc.size if self._profile.crc else 0), 0)
        payload_size[malformed != 0] = 0
        first_no = self._next_no
        self._next_no += len(key)
        return FrameBatch(
            first_no,
            np.concatenate([side.start for side in sides])[order],
            np.concatenate([side.end for side in sides])[order],
            transfers.stream[transfer],
            transfers.port[transfer],
            (key & 1).astype(np.uint8),
            malformed,
            np.concatenate([side.inside_failed for side in sides])[order],
            transfer,
            content,
            offset,
            size,
            header.numbers,
            offset + header.size,
            payload_size,
        )

    def _side(self, line: Line, direction: int, data: list[NDArray[np.uint8]]) -> _Side:
        found = find_frames(self._profile, line, self._pause_ticks)
        base = sum(map(len, data))
        data.append(found.data)
        side = _Side(
            found.transfer * 2 + direction,
            line.first[found.wire_start],
            line.last[found.wire_end - 1],
            found.offset + base,
            found.size,
            np.zeros(len(found.offset), np.uint8),
            found.inside_failed,
        )
        if not len(found.bad_start):
            return side
        bad_base = base
        if found.data is not line.data:
            bad_base += len(found.data)
            data.append(line.data)
        return _with_malformed(side, line, found, bad_base, direction)

    def _header(
        self, data: NDArray[np.uint8], offset: NDArray[np.int64], size: NDArray[np.int64], is_frame: NDArray[np.bool_]
    ) -> Columns:
        """Header columns with zeros where a record is no frame."""
        if is_frame.all():
            return extract(self._profile.frame, data, offset, size)
        some = extract(self._profile.frame, data, offset[is_frame], size[is_frame])
        numbers = {}
        for name, column in some.numbers.items():
            numbers[name] = np.zeros(len(offset), column.dtype)
            numbers[name][is_frame] = column
        header_size = np.zeros(len(offset), np.int64)
        header_size[is_frame] = some.size
        return Columns(numbers, {}, is_frame, header_size)


def _with_malformed(side: _Side, line: Line, found: Found, base: int, direction: int) -> _Side:
    wire = np.concatenate([found.wire_start, found.bad_start])
    order = np.argsort(wire, kind="stable")

    def merged(frames: NDArray[np.int64], stretches: NDArray[np.int64]) -> NDArray[np.int64]:
        column: NDArray[np.int64] = np.concatenate([frames, stretches])[order]
        return column

    none = np.zeros(len(found.bad_start), np.bool_)
    return _Side(
        merged(side.key, found.bad_transfer * 2 + direction),
        merged(side.start, line.first[found.bad_start]),
        merged(side.end, line.last[found.bad_end - 1]),
        merged(side.offset, found.bad_start + base),
        merged(side.size, found.bad_end - found.bad_start),
        np.concatenate([side.malformed, found.bad_reason])[order],
        np.concatenate([side.inside_failed, none])[order],
    )


def link_findings(frames: FrameBatch, profile: WireProfile, cut: NDArray[np.bool_] | None = None) -> list[Finding]:
    """What the link layer notices about each record by itself.

    `cut` marks transfers that the recording shows only in part: nothing is said of what is malformed in them.
    """
    types = profile.enumerations["frame_type"].by_number
    is_frame = frames.malformed == 0
    odd_type = is_frame & ~np.isin(frames.column("type", 0), list(types))
    findings = []
    for row in np.flatnonzero(~is_frame | odd_type | frames.inside_failed).tolist():
        span = Span(int(frames.start[row]), int(frames.end[row]) + 1)
        no = frames.first_no + row
        reason = int(frames.malformed[row])
        if reason and not (cut is not None and cut[frames.transfer[row]]):
            size = int(frames.size[row])
            findings.append(Finding(MALFORMED_CODES[Malformed(reason)], _malformed_text(Malformed(reason), size), span, no))
        if frames.inside_failed[row]:
            findings.append(Finding(FRAME_IN_FRAME, "the frame starts within the length that a failed frame claimed", span, no))
        if odd_type[row]:
            findings.append(Finding(UNKNOWN_TYPE, f"no frame type has the number {frames.header['type'][row]}", span, no))
    return findings + _constant_findings(frames, profile, is_frame)


def _constant_findings(frames: FrameBatch, profile: WireProfile, is_frame: NDArray[np.bool_]) -> list[Finding]:
    findings = []
    for field in profile.frame.fields:
        if not isinstance(field.constant, int) or field.name not in frames.header:
            continue
        for row in np.flatnonzero(is_frame & (frames.header[field.name] != field.constant)).tolist():
            text = f"{field.name} is {frames.header[field.name][row]} and must be {field.constant}"
            span = Span(int(frames.start[row]), int(frames.end[row]) + 1)
            findings.append(Finding(CONSTANT, text, span, frames.first_no + row))
    return findings


def _malformed_text(reason: Malformed, size: int) -> str:
    amount = f"{size} byte" if size == 1 else f"{size} bytes"
    match reason:
        case Malformed.BAD_CRC:
            return f"{amount} from a start of frame on {'fails' if size == 1 else 'fail'} the checksum"
        case Malformed.TRUNCATED:
            return f"a frame begins, but only {amount} came before the transfer ended"
        case Malformed.GARBAGE:
            return f"{amount} {'belongs' if size == 1 else 'belong'} to no frame"


def frame_tree(profile: WireProfile, data: bytes) -> FieldNode:
    """The field tree of one frame's bytes, unstuffed and with their checksum; never raises."""
    reading = profile.frame.read(data, whole=False)
    tree = reading.tree
    crc_size = profile.crc.size if profile.crc else 0
    header_bits = -(-reading.end_bit // 8) * 8
    payload_end = max(header_bits, len(data) * 8 - crc_size * 8)
    payload = data[header_bits // 8 : payload_end // 8]
    if payload:
        tree.children.append(_payload_node(profile, payload, reading.record.get("type"), header_bits))
    if profile.crc and len(data) * 8 >= payload_end + crc_size * 8:
        tree.children.append(_crc_node(profile, data, payload_end))
    tree.end_bit = len(data) * 8
    tree.text = f"{len(data)} bytes"
    return tree


def _payload_node(profile: WireProfile, payload: bytes, kind: object, at_bit: int) -> FieldNode:
    node = FieldNode("payload", payload.hex(), "Payload", text_of("bytes", payload.hex()), at_bit, at_bit + len(payload) * 8, "P")
    layout = profile.frame_payloads.get(kind) if isinstance(kind, str) else None
    if layout is not None:
        node.children = layout.read(payload).tree.children
        for _, child in node.walk():
            if child is not node:
                child.start_bit += at_bit
                child.end_bit += at_bit
    return node


def _crc_node(profile: WireProfile, data: bytes, at_bit: int) -> FieldNode:
    crc, crc_of = profile.crc, profile.crc_of
    assert crc is not None and crc_of is not None  # noqa: S101, PT018  # the caller looked
    stored = int.from_bytes(data[at_bit // 8 :], crc.order)
    computed = crc_of(data[crc.first_byte : at_bit // 8])
    problem = "" if stored == computed else f"the bytes give 0x{computed:0{crc.size * 2}X}"
    text = f"0x{stored:0{crc.size * 2}X} ({crc.model})"
    return FieldNode("crc", stored, "Checksum", text, at_bit, len(data) * 8, crc.provenance, problem)
