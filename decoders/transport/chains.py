"""Chains of DATA frames as columns: the elements that everything else in transport works on.

A chain is all DATA attempts of one reassembly key, such as (stream, port, route), in order; a NAK stands in it as the attempt that
it refuses, whether that was seen as a frame or not. All chains of a batch are worked on at once, as columns sorted by chain.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from decoders.core.frames import H2P, FrameBatch
from decoders.profile.wire_profile import WireProfile

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

PORT_BITS = 8
FRAME_NO_BITS = 44
"""Frame numbers stand below the port in one sortable number."""


class Place(enum.IntEnum):
    """The order of what one frame brings: time-outs, packets that it ends or refuses, the one it begins, the one it completes."""

    OVERDUE = 0
    ENDED = 1
    BEGUN = 2
    COMPLETED = 3


PLACES = len(Place)
"""What happens is sorted by frame number × PLACES + place."""


class Role(enum.IntEnum):
    """What an element of a chain is: the first three are frames of the batch, the others what earlier batches left."""

    DATA = 0
    NAK = 1
    ABORT = 2
    """A NAK whose reason ends the packet."""
    HELD = 3
    """DATA of a packet that is not finished, known to repeat nothing."""
    SEEN = 4
    """The sequence number of an attempt whose content was assembled."""
    REFUSED = 5
    """The same of an attempt that was never seen whole."""


class Ending(enum.IntEnum):
    """Why a packet's frames end where they do; only WHOLE is a complete packet."""

    WHOLE = 0
    NO_FIRST = 1
    """Its first frames were not seen."""
    NEXT_FIRST = 2
    """Another packet of the same route began."""
    JUMP = 3
    """The fragment index jumped."""
    RESET = 4
    ABORTED = 5
    GAP = 6
    END = 7
    """The recording ended first."""
    OPEN = 8
    """More may come; never in a finished packet."""
    TOO_LONG = 9


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Elements of chains as columns, all int64.

    `key` names the chain, `port` is stream << 8 | port, `route` destination << 8 | source of the DATA. `frame_no` orders a chain's
    elements in time; `source` is the place of the frame among the batch's pieces, where it is one.
    """

    key: Ints
    port: Ints
    route: Ints
    role: Ints
    seq: Ints
    first: Ints
    last: Ints
    fragment: Ints
    frame_no: Ints
    source: Ints

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Ints | Bools) -> Elements:
        return Elements(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def joined(cls, parts: list[Elements]) -> Elements:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @classmethod
    def empty(cls) -> Elements:
        none = np.empty(0, np.int64)
        return cls(*(none for _ in fields(cls)))

    def sorted_by_chain(self) -> Elements:
        return self.take(stable_order(self.key))


def stable_order(keys: Ints) -> Ints:
    """The stable order of non-negative keys below 2**32; faster than sorting them whole, since numpy sorts 16 bits by radix."""
    order = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    high = (keys >> 16).astype(np.uint16)
    if len(high) and (high != high[0]).any():
        order = order[np.argsort(high[order], kind="stable")]
    return order


class Resets:
    """The resets of one batch by port, and with them the epochs of its elements."""

    def __init__(self, port: Ints, frame_no: Ints) -> None:
        self._places = np.sort(port << FRAME_NO_BITS | frame_no)

    def __len__(self) -> int:
        return len(self._places)

    def ports(self) -> set[int]:
        return set((self._places >> FRAME_NO_BITS).tolist())

    def epoch(self, port: Ints, frame_no: Ints) -> Ints:
        """How many resets of its port an element has behind it in this batch."""
        if not len(self._places):
            return np.zeros(len(port), np.int64)
        return np.searchsorted(self._places, port << FRAME_NO_BITS | frame_no) - np.searchsorted(
            self._places, port << FRAME_NO_BITS
        )

    def next(self, port: Ints, frame_no: Ints) -> Ints:
        """The frame number of the next reset of an element's port, −1 where there is none."""
        place = np.searchsorted(self._places, port << FRAME_NO_BITS | frame_no)
        found = np.append(self._places, -1)[place]
        return np.where(found >> FRAME_NO_BITS == port, found & ((1 << FRAME_NO_BITS) - 1), -1)


class ElementReader:
    """Finds the elements of chains and the resets in frames, as a profile's procedures want them."""

    def __init__(self, profile: WireProfile) -> None:
        types = profile.enumerations["frame_type"].by_name
        self._data, self._nak, self._reset = (types.get(name, -1) for name in ("data", "nak", "reset"))
        self._busy = profile.enumerations["link_status"].by_name.get("busy", -1)
        self._aborts = sorted(profile.procedures.abort_reasons)
        self._key = profile.procedures.reassembly_key

    def read(self, frames: FrameBatch, first_source: int) -> tuple[Elements, Resets]:
        """`first_source` is the place of the batch's first frame among the pieces."""
        kind = frames.column("type", max(self._data, 0))
        valid = frames.malformed == 0
        rows = np.flatnonzero(valid & ((kind == self._data) | (kind == self._nak)))
        is_nak = kind[rows] == self._nak
        if is_nak.any():
            rows = _in_time(frames, rows, is_nak)
            is_nak = kind[rows] == self._nak
        port = frames.stream[rows].astype(np.int64) << PORT_BITS | frames.port[rows]
        source, destination = _ends(frames, rows)
        route = np.where(is_nak, source << PORT_BITS | destination, destination << PORT_BITS | source)
        aborts = np.isin(frames.column("link_status", 0)[rows], self._aborts)
        elements = Elements(
            self._keys(port, route),
            port,
            route,
            np.where(is_nak, np.where(aborts, Role.ABORT, Role.NAK), Role.DATA).astype(np.int64),
            frames.column("seq", 0)[rows].astype(np.int64),
            frames.column("first", 1)[rows].astype(np.int64),
            frames.column("last", 1)[rows].astype(np.int64),
            frames.column("fragment", 0)[rows].astype(np.int64),
            rows + frames.first_no,
            rows + first_source,
        )
        resets = np.flatnonzero(valid & (kind == self._reset))
        reset_port = frames.stream[resets].astype(np.int64) << PORT_BITS | frames.port[resets]
        return elements, Resets(reset_port, resets + frames.first_no)

    def busy(self, frames: FrameBatch, elements: Elements) -> Bools:
        """Which elements are NAKs of this batch whose receiver is busy."""
        naks = np.flatnonzero(elements.role == Role.NAK)
        status = frames.column("link_status", 0)[elements.frame_no[naks] - frames.first_no]
        is_busy = np.zeros(len(elements), np.bool_)
        is_busy[naks] = status == self._busy
        return is_busy

    def _keys(self, port: Ints, route: Ints) -> Ints:
        """Chain keys: what the profile's reassembly key leaves out is not told apart, but the two directions always are."""
        key = route if "route" in self._key else (route & 0xFF != 0).astype(np.int64)
        if "stream" in self._key:
            key = key | port >> PORT_BITS << 3 * PORT_BITS
        if "port" in self._key:
            key = key | (port & 0xFF) << 2 * PORT_BITS
        return key


def _in_time(frames: FrameBatch, rows: Ints, is_nak: Bools) -> Ints:
    """A refusal before the attempt that it asks for, also where both are in one transfer, whose mosi frames come first."""
    transfer = frames.transfer[rows]
    same = np.append(False, transfer[1:] == transfer[:-1])
    among_others = is_nak & (same | np.append(same[1:], False))
    if not among_others.any():
        return rows
    rows = rows.copy()
    chosen = np.isin(transfer, transfer[among_others])
    rows[chosen] = rows[chosen][np.lexsort((frames.start[rows[chosen]], transfer[chosen]))]
    return rows


def _ends(frames: FrameBatch, rows: Ints) -> tuple[Ints, Ints]:
    """Source and destination port of frames; from the direction, where the profile's header names none."""
    port = frames.port[rows].astype(np.int64)
    from_host = frames.direction[rows] == H2P
    source, destination = np.where(from_host, 0, port), np.where(from_host, port, 0)
    if "src_port" in frames.header:
        source = frames.header["src_port"][rows].astype(np.int64)
    if "dst_port" in frames.header:
        destination = frames.header["dst_port"][rows].astype(np.int64)
    return source, destination
