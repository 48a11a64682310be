"""One piece of bytes from elsewhere: what it may be, and what it says as field trees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.analysis.frame_table import Frame, FrameTable
from decoders.bus.flag import FlagDecoder, FlagMessage
from decoders.core.span import NS_PER_S
from decoders.core.transfers import Line, TransferBatch
from decoders.core.tree import FieldNode
from decoders.link import LinkDecoder, frame_tree, link_findings
from decoders.packet_reading import PacketReader, PacketReading
from decoders.profile.wire_profile import WireProfile
from decoders.security.cvc import begins_certificate, read_certificate, split

NONE_OF_THEM = "no frame, packet, certificate or EN 62056-21 message"
"""What bytes are that are guessed to be nothing."""
_SEPARATORS = re.compile(r"[\s,;:\-_{}\[\]()\"']+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What some of the bytes are: a heading, their tree, the bytes, and what is wrong with them as a whole."""

    heading: str
    tree: FieldNode | None
    data: bytes
    problems: tuple[str, ...] = ()


def bytes_of(text: str) -> bytes:
    r"""Bytes from hexadecimal text as people paste it: with blanks, commas, colons, dashes, 0x or \x.

    Raises ValueError with what is wrong.
    """
    data = bytearray()
    for word in _SEPARATORS.split(text.replace("\\x", " 0x")):
        digits = word[2:] if word[:2] in ("0x", "0X") else word
        if not re.fullmatch("[0-9A-Fa-f]*", digits) or (word and not digits):
            raise ValueError(f"'{word[:20]}' is not hexadecimal")
        if len(digits) % 2 and len(digits) > 1:
            raise ValueError(f"'{word[:20]}' has an odd number of digits")
        data += bytes.fromhex(digits.zfill(2) if digits else "")
    if not data:
        raise ValueError("there are no bytes")
    return bytes(data)


def guessed(profile: WireProfile, data: bytes) -> str | None:
    """What the bytes are: frame, packet, certificate or flag, tried in this order; None where they are none of them."""
    frames = [frame.malformed is None for frame, _ in _frames(profile, data)]
    if any(frames):
        return "frame"
    if _is_packet(PacketReader(profile).read(data, whole=True), len(data)):
        return "packet"
    if begins_certificate(data):
        return "certificate"
    if all(message.kind != "garbage" for message in _messages(data)):
        return "flag"
    start = profile.framing.start
    return "frame" if start and data.startswith(start) else None


def pieces(profile: WireProfile, kind: str, data: bytes) -> Iterator[Piece]:
    """The bytes read as `kind`: frame, packet, certificate or flag."""
    readers: dict[str, Callable[[WireProfile, bytes], Iterator[Piece]]] = {"frame": _as_frames, "packet": _as_packet}
    if kind in readers:
        return readers[kind](profile, data)
    return _as_certificates(data) if kind == "certificate" else _as_messages(data)


def _as_frames(profile: WireProfile, data: bytes) -> Iterator[Piece]:
    found = list(_frames(profile, data))
    if not found:
        yield Piece("no frame", frame_tree(profile, data), data, ("these bytes are filler",))
    for frame, problems in found:
        if frame.malformed is not None:
            begins = frame.malformed != "garbage"
            yield Piece(
                frame.malformed.replace("_", " "), frame_tree(profile, frame.content) if begins else None, frame.content, problems
            )
            continue
        yield Piece("frame", frame_tree(profile, frame.content), frame.content, problems)
        if frame.header.get("type") == "data" and frame.header.get("first") and frame.header.get("last"):
            yield from _as_packet(profile, frame.payload)


def _as_packet(profile: WireProfile, data: bytes) -> Iterator[Piece]:
    reader = PacketReader(profile)
    reading = reader.read(data, whole=True)
    problems = tuple(text for _, text in reading.problems())
    if not reading.header:
        problems = (f"{len(data)} bytes are too few for a packet header",)
    yield Piece("packet", reader.tree(data, reading), data, problems)


def _as_certificates(data: bytes) -> Iterator[Piece]:
    for part in split(data):
        reading = read_certificate(part)
        heading = reading.certificate.title if reading.certificate else "no certificate"
        problems = tuple(f"{problem.code.name} at 0x{problem.at:04x}: {problem.text}" for problem in reading.problems)
        yield Piece(heading, reading.tree, part, problems)


def _as_messages(data: bytes) -> Iterator[Piece]:
    for message in _messages(data):
        yield Piece(message.kind, message.tree(), message.raw)


def _messages(data: bytes) -> list[FlagMessage]:
    decoder = FlagDecoder()
    return decoder.feed(None, data) + decoder.finish()


def _is_packet(reading: PacketReading, size: int) -> bool:
    header = reading.header
    if not header or header.get("body_length", size - reading.header_size) != size - reading.header_size:
        return False
    return isinstance(header.get("service"), str) and isinstance(header.get("operation"), str)


def _frames(profile: WireProfile, data: bytes) -> Iterator[tuple[Frame, tuple[str, ...]]]:
    """The frames and malformed stretches of the bytes with what the link layer says of each."""
    ticks = np.arange(len(data), dtype=np.int64)
    line = Line(np.frombuffer(data, np.uint8), np.array([0, len(data)], np.int64), ticks, ticks)
    one, small = np.zeros(1, np.int64), np.zeros(1, np.uint8)
    transfer = TransferBatch(one, one + len(data), small, small, small, small, line, Line.silent(1))
    batch = LinkDecoder(profile, NS_PER_S).feed(transfer)
    table = FrameTable(profile, batch)
    findings = link_findings(batch, profile)
    for row in range(len(table)):
        frame = table.frame(row)
        yield frame, tuple(finding.text for finding in findings if finding.record == frame.no)
