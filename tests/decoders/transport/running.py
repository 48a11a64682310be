"""Conversations through the link and transport layers, in batches of any size, and what comes out as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from decoders.core.finding import Finding
from decoders.link import LinkDecoder
from decoders.profile.wire_profile import WireProfile
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop, Transported
from decoders.transport.reassembly import Reassembler
from tests.decoders.transport.conversation import RATE_HZ, Step, Timed, TimedGap, timed, transfers
from tests.decoders.transport.reference import Packet


@dataclass(frozen=True)
class Row:
    """One packet: everything that its record says."""

    no: int
    start: int
    end: int
    stream: int
    port: int
    direction: int
    frames: tuple[int, ...]
    first_frame: int
    frame_count: int
    ending: str
    hop: str
    hop_start: int
    content: bytes


@dataclass
class Outcome:
    """What came out of a conversation; findings are codes with record numbers, sorted."""

    packets: list[Row] = field(default_factory=list)
    retransmissions: list[int] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)
    hops: dict[int, int] = field(default_factory=dict)
    findings: list[tuple[str, int]] = field(default_factory=list)
    texts: list[Finding] = field(default_factory=list)


def run(
    profile: WireProfile, steps: Iterable[Step], observed: Iterable[tuple[int, int]] = ((0, 1), (0, 2)), pieces: Sequence[int] = ()
) -> Outcome:
    """`pieces` are how many frames go into each batch; when they are used up, or at a gap, all that is left goes into one."""
    link, transport = LinkDecoder(profile, RATE_HZ), Reassembler(profile, frozenset(observed), RATE_HZ)
    outcome = Outcome()
    waiting: list[Timed] = []
    sizes = iter(pieces)

    def feed(count: int) -> None:
        collect(outcome, transport.feed(link.feed(transfers(waiting[:count]))))
        del waiting[:count]

    size = next(sizes, None)
    for event in timed(steps):
        if isinstance(event, TimedGap):
            feed(len(waiting))
            collect(outcome, transport.gap(event.start, event.end))
            continue
        waiting.append(event)
        if len(waiting) == size:
            feed(size)
            size = next(sizes, None)
    feed(len(waiting))
    collect(outcome, transport.finish())
    outcome.retransmissions.sort()
    outcome.findings.sort()
    return outcome


def collect(outcome: Outcome, transported: Transported) -> None:
    """Append what one batch gave."""
    packets, links = transported.packets, transported.links
    members: dict[int, list[int]] = {}
    for frame, packet in zip(links.frame.tolist(), links.packet.tolist(), strict=True):
        members.setdefault(packet, []).append(frame)
    assert set(members) == set(range(packets.first_no, packets.first_no + len(packets)))
    for row in range(len(packets)):
        no = packets.first_no + row
        outcome.packets.append(
            Row(
                no,
                int(packets.start[row]),
                int(packets.end[row]),
                int(packets.stream[row]),
                int(packets.port[row]),
                int(packets.direction[row]),
                tuple(members[no]),
                int(packets.first_frame[row]),
                int(packets.frame_count[row]),
                Ending(packets.ending[row]).name,
                Hop(packets.hop[row]).name,
                int(packets.hop_start[row]),
                packets.content(row),
            )
        )
    outcome.retransmissions += links.retransmission.tolist()
    outcome.repeats |= links.repeats
    outcome.hops |= links.hop
    outcome.findings += [(finding.code.name, finding.record or 0) for finding in transported.findings]
    outcome.texts += transported.findings


def row_of(packet: Packet) -> Row:
    """The record that the reference model's packet should have."""
    frames = [piece.no for piece in packet.pieces + packet.leaving]
    return Row(
        packet.no,
        packet.start,
        packet.end,
        packet.stream,
        packet.port,
        packet.direction,
        tuple(frames),
        frames[0],
        len(frames),
        packet.ending,
        packet.hop,
        packet.leaving[0].start if packet.leaving else -1,
        packet.content,
    )
