"""The segments of forwarded packets, one by one, for the packets' second sightings to be found."""

from __future__ import annotations

import itertools

import numpy as np

from decoders.core.frames import H2P
from decoders.transport.chains import PLACES, PORT_BITS, Elements, Ending, Ints, Place
from decoders.transport.forwarding import Beginning, Sighting
from decoders.transport.pieces import Pieces
from decoders.transport.segments import Segments


def sightings(pieces: Pieces, elements: Elements, segments: Segments, rows: Ints) -> list[Sighting]:
    """The packets that segments are."""
    member = segments.members(rows)
    frame_no, payload = elements.frame_no[member].tolist(), pieces.payloads(elements.source[member])
    bounds = list(itertools.pairwise([0, *np.cumsum(segments.size[rows]).tolist()]))
    head, tail = segments.head[rows], segments.tail[rows]
    first, last = elements.source[head], elements.source[tail]
    port = elements.port[head]
    columns = (
        segments.order[rows],
        pieces.start[first],
        pieces.end[last],
        port >> PORT_BITS,
        port & 0xFF,
        pieces.direction[first],
        elements.route[head],
    )
    return list(
        map(
            Sighting,
            *(column.tolist() for column in columns),
            map(Ending, segments.ending[rows].tolist()),
            [frame_no[begin:end] for begin, end in bounds],
            [b"".join(payload[begin:end]) for begin, end in bounds],
        )
    )


def beginnings(pieces: Pieces, elements: Elements, segments: Segments, rows: Ints) -> list[Beginning]:
    """When segments began to leave on their destination's port."""
    head = segments.head[rows]
    source, route, port = elements.source[head], elements.route[head], elements.port[head]
    leaves = (pieces.direction[source] == H2P) & (port & 0xFF == route >> PORT_BITS)
    order = elements.frame_no[head] * PLACES + Place.BEGUN
    columns = (order, port >> PORT_BITS, route, pieces.start[source])
    return list(map(Beginning, *(column[leaves].tolist() for column in columns)))
