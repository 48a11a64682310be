"""The segments of forwarded packets, one by one, for the packets' second sightings to be found."""

from __future__ import annotations

from decoders.core.frames import H2P
from decoders.transport.chains import PLACES, PORT_BITS, Elements, Ending, Ints, Place, Role
from decoders.transport.forwarding import Beginning, Sighting
from decoders.transport.pieces import Pieces
from decoders.transport.segments import Segments


def sightings(pieces: Pieces, elements: Elements, segments: Segments, rows: Ints) -> list[Sighting]:
    """The packets that segments are."""
    found = []
    for row in rows.tolist():
        members = segments.member[segments.begin[row] : segments.begin[row + 1]]
        source = elements.source[members]
        head = int(members[0])
        found.append(
            Sighting(
                int(segments.order[row]),
                int(pieces.start[source[0]]),
                int(pieces.end[source[-1]]),
                int(elements.port[head]) >> PORT_BITS,
                int(elements.port[head]) & 0xFF,
                int(pieces.direction[source[0]]),
                int(elements.route[head]),
                elements.frame_no[members].tolist(),
                Ending(int(segments.ending[row])),
                pieces.content(source),
            )
        )
    return found


def beginnings(pieces: Pieces, elements: Elements, segments: Segments, rows: Ints) -> list[Beginning]:
    """Where segments begin in this batch to leave on their destination's port."""
    head = segments.head[rows]
    source, route, port = elements.source[head], elements.route[head], elements.port[head]
    leaves = (pieces.direction[source] == H2P) & (port & 0xFF == route >> PORT_BITS) & (elements.role[head] == Role.DATA)
    order = elements.frame_no[head] * PLACES + Place.BEGUN
    columns = (order, port >> PORT_BITS, route, pieces.start[source])
    return list(map(Beginning, *(column[leaves].tolist() for column in columns)))
