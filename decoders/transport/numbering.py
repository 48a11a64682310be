"""Finished packets of both kinds, columns and single ones, merged into one numbered batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.core.frames import FrameBatch
from decoders.transport.chains import Ints
from decoders.transport.forwarding import Sighting
from decoders.transport.packets import FrameLinks, Hop, PacketBatch


@dataclass(frozen=True, slots=True, eq=False)
class Singles:
    """Packets of one frame each: their order among all that come out, the row of their frame, and how they ended."""

    order: Ints
    row: Ints
    ending: NDArray[np.uint8]

    @classmethod
    def none(cls) -> Singles:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class RepeatedFrames:
    """Frame numbers that were sent again, and for those whose content was known already the frame that they repeat."""

    retransmission: Ints
    original: dict[int, int]

    @classmethod
    def none(cls) -> RepeatedFrames:
        return cls(np.empty(0, np.int64), {})


def number(
    frames: FrameBatch | None, singles: Singles, emitted: list[Sighting], repeats: RepeatedFrames, first_no: int
) -> tuple[PacketBatch, FrameLinks]:
    """Merge, in order; the packets' bytes stay where they are for singles, and stand behind the frames' bytes for the others."""
    order = np.concatenate([singles.order, np.array([sighting.order for sighting in emitted], np.int64)])
    sequence = np.argsort(order, kind="stable")
    packets = _merged(frames, singles, emitted, sequence, first_no)
    place = np.empty(len(sequence), np.int64)
    place[sequence] = np.arange(len(sequence)) + first_no
    return packets, _links(frames, singles, emitted, place, repeats)


def _merged(frames: FrameBatch | None, singles: Singles, emitted: list[Sighting], sequence: Ints, first_no: int) -> PacketBatch:
    row = singles.row
    content = np.frombuffer(b"".join(sighting.content for sighting in emitted), np.uint8)
    size = np.array([len(sighting.content) for sighting in emitted], np.int64)
    base = len(frames.data) if frames else 0
    offset = base + np.cumsum(size) - size

    def column(name: str, values: list[int], dtype: type) -> NDArray[Any]:
        single = getattr(frames, name)[row] if frames else np.empty(0, dtype)
        merged: NDArray[Any] = np.concatenate([single, np.array(values, dtype)])[sequence]
        return merged

    def joined(single: NDArray[Any], values: list[int] | Ints) -> NDArray[Any]:
        merged: NDArray[Any] = np.concatenate([single, np.array(values, single.dtype)])[sequence]
        return merged

    count = len(row)
    return PacketBatch(
        first_no,
        column("start", [s.start for s in emitted], np.int64),
        column("end", [s.end for s in emitted], np.int64),
        column("stream", [s.stream for s in emitted], np.uint8),
        column("port", [s.port for s in emitted], np.uint8),
        column("direction", [s.direction for s in emitted], np.uint8),
        joined(np.ones(count, np.int64), [len(s.frames) + len(s.hop_frames) for s in emitted]),
        joined(row + (frames.first_no if frames else 0), [s.frames[0] for s in emitted]),
        joined(singles.ending, [s.ending for s in emitted]),
        joined(np.full(count, Hop.NONE, np.uint8), [s.hop for s in emitted]),
        joined(np.full(count, -1, np.int64), [s.hop_start for s in emitted]),
        np.concatenate([frames.data, content]) if frames and len(content) else frames.data if frames else content,
        joined(frames.payload_offset[row] if frames else np.empty(0, np.int64), offset),
        joined(frames.payload_size[row] if frames else np.empty(0, np.int64), size),
    )


def _links(
    frames: FrameBatch | None, singles: Singles, emitted: list[Sighting], place: Ints, repeats: RepeatedFrames
) -> FrameLinks:
    frame_parts = [singles.row + (frames.first_no if frames else 0)]
    packet_parts = [place[: len(singles.row)]]
    hop: dict[int, int] = {}
    for sighting, packet in zip(emitted, place[len(singles.row) :].tolist(), strict=True):
        members = sighting.frames + sighting.hop_frames
        frame_parts.append(np.array(members, np.int64))
        packet_parts.append(np.full(len(members), packet))
        for one, other in zip(sighting.frames, sighting.hop_frames, strict=False):
            hop[one], hop[other] = other, one
    return FrameLinks(np.concatenate(frame_parts), np.concatenate(packet_parts), repeats.retransmission, repeats.original, hop)
