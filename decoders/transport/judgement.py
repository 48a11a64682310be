"""What the transport layer notices, as findings."""

from __future__ import annotations

import numpy as np

from decoders.core.finding import Code, Finding
from decoders.core.frames import H2P, FrameBatch
from decoders.core.span import Span
from decoders.profile.wire_profile import WireProfile
from decoders.transport.attempts import Attempts
from decoders.transport.busy import MANY
from decoders.transport.chains import Bools, Elements, Ending, Ints, Role
from decoders.transport.packets import (
    ABORTED,
    ALTERED_IN_FORWARDING,
    ENDING_TEXT,
    INCOMPLETE,
    LATE_FIRST,
    LOST_IN_FORWARDING,
    NAK,
    NOT_RECEIVED,
    PARTIAL,
    RETRANSMISSION,
    SEQUENCE_JUMP,
    SHORT_FRAGMENT,
    STUCK_BUSY,
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
    profile: WireProfile, frames: FrameBatch, elements: Elements, attempts: Attempts, stuck: list[int]
) -> list[Finding]:
    """Findings of a batch's frames, in their order; `stuck` are the numbers of NAKs that refuse a frame as busy once too often."""
    row = elements.frame_no - frames.first_no
    found = [
        (at, RETRANSMISSION, f"the frame repeats sequence number {seq}")
        for at, seq in _pairs(row, elements.seq, attempts.retransmission)
    ]
    found += [
        (at, SEQUENCE_JUMP, f"sequence number {seq} does not follow the one before")
        for at, seq in _pairs(row, elements.seq, attempts.jump)
    ]
    found += _short_fragments(profile, frames, row[(elements.role == Role.DATA) & (elements.last == 0)])
    late = (elements.role == Role.DATA) & (elements.first == 1) & (elements.fragment != 0)
    found += [
        (at, LATE_FIRST, f"the frame begins a packet with fragment index {index}")
        for at, index in _pairs(row, elements.fragment, late)
    ]
    names = profile.enumerations["link_status"].by_number
    status = frames.column("link_status", 0)
    refused = row[(elements.role == Role.NAK) | (elements.role == Role.ABORT)]
    found += [(at, NAK, f"refused with {names.get(int(status[at]), int(status[at]))}") for at in refused.tolist()]
    found += [(no - frames.first_no, STUCK_BUSY, f"the receiver is busy for the {MANY}th time") for no in stuck]
    found += _wrong_ports(frames)
    found.sort(key=lambda item: item[0])
    return [Finding(code, text, frame_span(frames, at), frames.first_no + at) for at, code, text in found]


def _pairs(row: Ints, number: Ints, chosen: Bools) -> list[tuple[int, int]]:
    return list(zip(row[chosen].tolist(), number[chosen].tolist(), strict=True))


def _short_fragments(profile: WireProfile, frames: FrameBatch, row: Ints) -> list[tuple[int, Code, str]]:
    most = profile.procedures.fragment_bytes
    size = frames.payload_size[row]
    return [
        (at, SHORT_FRAGMENT, f"the fragment carries {carried} bytes, and only the last may carry other than {most}")
        for at, carried in _pairs(row, size, size != most)
    ]


def refusal_finding(frames: FrameBatch, no: int, packet: int) -> Finding:
    """The NAK frame `no` of this batch ends a packet that had come to its last frame."""
    return Finding(ABORTED, "the receiver refused the packet for good", frame_span(frames, no - frames.first_no), packet)


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
