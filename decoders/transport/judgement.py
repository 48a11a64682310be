"""What the transport layer notices, as findings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Code, Finding
from decoders.core.frames import H2P, FrameBatch
from decoders.core.span import Span
from decoders.profile.wire_profile import WireProfile
from decoders.transport.chains import Elements, Ending, Role
from decoders.transport.packets import (
    ABORTED,
    ALTERED_IN_FORWARDING,
    ENDING_TEXT,
    INCOMPLETE,
    LOST_IN_FORWARDING,
    NAK,
    NOT_RECEIVED,
    PARTIAL,
    RETRANSMISSION,
    SEQUENCE_JUMP,
    SHORT_FRAGMENT,
    WRONG_PORT,
    Hop,
    PacketBatch,
)

HOP_FINDINGS = {
    Hop.LOST: (LOST_IN_FORWARDING, "the packet came in for another port and did not leave there in time"),
    Hop.ALTERED: (ALTERED_IN_FORWARDING, "the packet left the host with other bytes than it came in with"),
    Hop.NOT_RECEIVED: (NOT_RECEIVED, "the packet left the host without having come in on its source's port"),
}
SEEN_IN_PART = frozenset({Ending.GAP, Ending.END, Ending.NO_FIRST})


def frame_findings(
    profile: WireProfile, frames: FrameBatch, elements: Elements, retransmission: NDArray[np.bool_], jump: NDArray[np.bool_]
) -> list[Finding]:
    """Findings of a batch's DATA and NAK frames, in order of the frames; the elements are those of this batch."""
    row = elements.source
    is_data = elements.role == Role.DATA
    size = frames.payload_size[row]
    short = is_data & (elements.last == 0) & (size != profile.procedures.fragment_bytes)
    most = profile.procedures.fragment_bytes
    found: list[tuple[int, Code, str]] = [
        *(
            (int(row[index]), RETRANSMISSION, f"the frame repeats sequence number {elements.seq[index]}")
            for index in np.flatnonzero(retransmission).tolist()
        ),
        *(
            (int(row[index]), SEQUENCE_JUMP, f"sequence number {elements.seq[index]} does not follow the one before")
            for index in np.flatnonzero(jump).tolist()
        ),
        *(
            (
                int(row[index]),
                SHORT_FRAGMENT,
                f"the fragment carries {size[index]} bytes, and only the last may carry less than {most}",
            )
            for index in np.flatnonzero(short).tolist()
        ),
    ]
    statuses = profile.enumerations["link_status"].by_number
    for index in np.flatnonzero(~is_data).tolist():
        status = int(frames.column("link_status", 0)[row[index]])
        found.append((int(row[index]), NAK, f"refused with {statuses.get(status, status)}"))
    found += _wrong_ports(frames)
    found.sort(key=lambda item: item[0])
    return [Finding(code, text, frame_span(frames, at), frames.first_no + at) for at, code, text in found]


def frame_span(frames: FrameBatch, row: int) -> Span:
    """From a frame's first sampled bit to behind its last."""
    return Span(int(frames.start[row]), int(frames.end[row]) + 1)


def _wrong_ports(frames: FrameBatch) -> list[tuple[int, Code, str]]:
    if "src_port" not in frames.header or "dst_port" not in frames.header:
        return []
    here = np.where(frames.direction == H2P, frames.header["dst_port"], frames.header["src_port"])
    wrong = (frames.malformed == 0) & (here != frames.port)
    return [
        (at, WRONG_PORT, f"the frame names port {here[at]} and was seen on port {frames.port[at]}")
        for at in np.flatnonzero(wrong).tolist()
    ]


def packet_findings(packets: PacketBatch) -> list[Finding]:
    """Findings about how packets ended and were forwarded, in order of the packets."""
    findings = []
    odd = (packets.ending != Ending.WHOLE) | np.isin(packets.hop, list(HOP_FINDINGS))
    for row in np.flatnonzero(odd).tolist():
        span = Span(int(packets.start[row]), max(int(packets.start[row]), int(packets.end[row])) + 1)
        no = packets.first_no + row
        ending, hop = Ending(int(packets.ending[row])), Hop(int(packets.hop[row]))
        if ending is not Ending.WHOLE:
            code = PARTIAL if ending in SEEN_IN_PART else ABORTED if ending is Ending.ABORTED else INCOMPLETE
            findings.append(Finding(code, f"the packet is incomplete: {ENDING_TEXT[ending]}", span, no))
        if hop in HOP_FINDINGS:
            code, text = HOP_FINDINGS[hop]
            findings.append(Finding(code, text, span, no))
    return findings
