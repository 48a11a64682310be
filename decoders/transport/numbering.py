"""Finished packets, those cut from chains as columns and the forwarded ones one by one, merged into one numbered batch."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from decoders.transport.chains import PORT_BITS, Elements, Ints
from decoders.transport.forwarding import Sighting
from decoders.transport.packets import Hop, PacketBatch
from decoders.transport.pieces import Pieces
from decoders.transport.segments import Segments


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """Columns of finished packets in any order.

    `order` and `last_frame` sort them. `frame` holds the numbers of all their frames, packet by packet; the other columns are those
    of `PacketBatch`.
    """

    order: Ints
    last_frame: Ints
    start: Ints
    end: Ints
    stream: NDArray[np.uint8]
    port: NDArray[np.uint8]
    direction: NDArray[np.uint8]
    frame_count: Ints
    first_frame: Ints
    ending: NDArray[np.uint8]
    hop: NDArray[np.uint8]
    hop_start: Ints
    offset: Ints
    size: Ints
    frame: Ints

    def __len__(self) -> int:
        return len(self.order)

    @classmethod
    def of_segments(cls, pieces: Pieces, elements: Elements, segments: Segments, rows: Ints) -> tuple[Self, bytes]:
        """Segments that are packets, and the contents of those that do not lie in one piece of the batch's data: they come next."""
        head, tail = elements.source[segments.head[rows]], elements.source[segments.tail[rows]]
        count, members = segments.size[rows], segments.members(rows)
        source = elements.source[members]
        offset, size = pieces.offset[head], pieces.size[head]
        apart = (count > 1) | (head < pieces.kept_count)
        if apart.any():
            size = np.add.reduceat(pieces.size[source], np.cumsum(count) - count)
            offset[apart] = len(pieces.data) + np.cumsum(size[apart]) - size[apart]
        port = elements.port[segments.head[rows]]
        packets = cls(
            order=segments.order[rows],
            last_frame=elements.frame_no[segments.tail[rows]],
            start=pieces.start[head],
            end=pieces.end[tail],
            stream=(port >> PORT_BITS).astype(np.uint8),
            port=port.astype(np.uint8),
            direction=pieces.direction[head],
            frame_count=count,
            first_frame=elements.frame_no[segments.head[rows]],
            ending=segments.ending[rows].astype(np.uint8),
            hop=np.full(len(rows), Hop.NONE, np.uint8),
            hop_start=np.full(len(rows), -1, np.int64),
            offset=offset,
            size=size,
            frame=elements.frame_no[members],
        )
        return packets, pieces.content(source[np.repeat(apart, count)])

    @classmethod
    def of_sightings(cls, sightings: list[Sighting], base: int) -> Self:
        """Their contents stand one behind the other from `base` on."""
        size = np.array([len(s.content) for s in sightings], np.int64)

        def numbers(values: list[int]) -> Ints:
            return np.array(values, np.int64)

        def small(values: list[int]) -> NDArray[np.uint8]:
            return np.array(values, np.uint8)

        return cls(
            order=numbers([s.order for s in sightings]),
            last_frame=numbers([s.frames[-1] for s in sightings]),
            start=numbers([s.start for s in sightings]),
            end=numbers([s.end for s in sightings]),
            stream=small([s.stream for s in sightings]),
            port=small([s.port for s in sightings]),
            direction=small([s.direction for s in sightings]),
            frame_count=numbers([len(s.frames) + len(s.hop_frames) for s in sightings]),
            first_frame=numbers([s.frames[0] for s in sightings]),
            ending=small([s.ending for s in sightings]),
            hop=small([s.hop for s in sightings]),
            hop_start=numbers([s.hop_start for s in sightings]),
            offset=base + np.cumsum(size) - size,
            size=size,
            frame=numbers([no for s in sightings for no in s.frames + s.hop_frames]),
        )

    def and_also(self, others: Self) -> Self:
        return type(self)(*(np.concatenate([getattr(self, f.name), getattr(others, f.name)]) for f in fields(self)))


def numbered(finished: Finished, data: NDArray[np.uint8], first_no: int) -> tuple[PacketBatch, Ints]:
    """The packets in order, numbered from `first_no`, and the number of the packet that each of `finished.frame` belongs to."""
    sequence = np.lexsort((finished.last_frame, finished.order))
    number = np.empty(len(sequence), np.int64)
    number[sequence] = np.arange(len(sequence)) + first_no

    def column(name: str) -> NDArray[Any]:
        values: NDArray[Any] = getattr(finished, name)[sequence]
        return values

    packets = PacketBatch(
        first_no,
        column("start"),
        column("end"),
        column("stream"),
        column("port"),
        column("direction"),
        column("frame_count"),
        column("first_frame"),
        column("ending"),
        column("hop"),
        column("hop_start"),
        data,
        column("offset"),
        column("size"),
    )
    return packets, np.repeat(number, finished.frame_count)
