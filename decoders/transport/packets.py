"""The columns that the transport layer hands on, and its finding codes."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding, Severity
from decoders.transport.chains import Ending

INCOMPLETE = Code("incomplete-packet", "packets", Severity.WARNING, "A packet's fragments began but did not all come.")
PARTIAL = Code("partial-packet", "packets", Severity.CHAT, "The recording begins, ends or has a gap inside this packet.")
ABORTED = Code("packet-refused", "packets", Severity.WARNING, "The receiver refused the packet for good, such as with no_route.")
RETRANSMISSION = Code(
    "retransmission", "frames", Severity.NOTE, "A data frame was sent again with the sequence number of the attempt before."
)
NAK = Code("nak", "frames", Severity.NOTE, "The receiver refused a data frame and said why.")
STUCK_BUSY = Code("stuck-busy", "frames", Severity.WARNING, "A receiver has refused the same frame as busy four times or more.")
SEQUENCE_JUMP = Code(
    "sequence-jump", "frames", Severity.WARNING, "A sequence number does not follow the one before on its port and route."
)
SHORT_FRAGMENT = Code("short-fragment", "frames", Severity.NOTE, "A fragment that is not the last carries less than a full one.")
LATE_FIRST = Code(
    "first-with-index", "frames", Severity.WARNING, "A frame says that it begins a packet, but its fragment index is not 0."
)
WRONG_PORT = Code("route-not-of-port", "frames", Severity.WARNING, "A frame's route does not name the port that it was seen on.")
LOST_IN_FORWARDING = Code(
    "lost-in-forwarding", "packets", Severity.ERROR, "The host took a packet for another port and never sent it there."
)
ALTERED_IN_FORWARDING = Code(
    "altered-in-forwarding", "packets", Severity.ERROR, "The host sent a forwarded packet on with other bytes."
)
NOT_RECEIVED = Code(
    "forwarded-from-nowhere",
    "packets",
    Severity.WARNING,
    "The host sent a forwarded packet that never came in on its source's port.",
)
CODES = (
    INCOMPLETE, PARTIAL, ABORTED, RETRANSMISSION, NAK, STUCK_BUSY, SEQUENCE_JUMP, SHORT_FRAGMENT, LATE_FIRST, WRONG_PORT,
    LOST_IN_FORWARDING, ALTERED_IN_FORWARDING, NOT_RECEIVED,
)  # fmt: skip

ENDING_TEXT = {
    Ending.NO_FIRST: "its first fragment was not seen",
    Ending.NEXT_FIRST: "another packet of the same route began before its last fragment",
    Ending.JUMP: "the fragment index jumped",
    Ending.RESET: "the port was reset before its last fragment",
    Ending.ABORTED: "the receiver refused it for good",
    Ending.GAP: "a gap in the recording cut it off",
    Ending.END: "the recording ended before its last fragment",
    Ending.TOO_LONG: "it has more fragments than the longest packet",
}


class Hop(enum.IntEnum):
    """What became of a packet that the host should forward."""

    NONE = 0
    """Not to be forwarded, not whole, or only one of its ports is in the recording."""
    FORWARDED = 1
    LOST = 2
    ALTERED = 3
    NOT_RECEIVED = 4
    UNKNOWN = 5
    """The recording's beginning or end, a gap or missing fragments hide it."""


@dataclass(frozen=True, slots=True, eq=False)
class PacketBatch:
    """Columns of n packets in order of completion, incomplete ones included.

    Packet i's bytes are `data[offset[i] : offset[i] + size[i]]`. `start` and `end` are the ticks of the first bit of its first
    frame and the last bit of its last; `port` is where it came in; `ending` of `Ending`, `hop` of `Hop`. `hop_start` is the tick
    at which it began to leave on the other port, −1 where it did not. `first_frame` is the number of its first frame.
    """

    first_no: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    stream: NDArray[np.uint8]
    port: NDArray[np.uint8]
    direction: NDArray[np.uint8]
    frame_count: NDArray[np.int64]
    first_frame: NDArray[np.int64]
    ending: NDArray[np.uint8]
    hop: NDArray[np.uint8]
    hop_start: NDArray[np.int64]
    data: NDArray[np.uint8]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def content(self, row: int) -> bytes:
        """A packet's header and body."""
        start = int(self.offset[row])
        return self.data[start : start + int(self.size[row])].tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class FrameLinks:
    """What later knowledge says of frames, by frame number.

    `packet[i]` is the packet that frame `frame[i]` belongs to; `retransmission` lists frames that were sent again; `repeats` maps
    a repeated frame to the one whose content was used; `hop` maps each sighting of a forwarded frame to the other one.
    """

    frame: NDArray[np.int64]
    packet: NDArray[np.int64]
    retransmission: NDArray[np.int64]
    repeats: dict[int, int] = field(default_factory=dict)
    hop: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Transported:
    """What one batch of frames completed."""

    packets: PacketBatch
    links: FrameLinks
    findings: list[Finding]
