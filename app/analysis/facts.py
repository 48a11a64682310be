"""What a recording holds, in a few facts: for `umiscope info` and for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.analysis.capture import Capture
from app.analysis.exchange import Conversation
from app.analysis.text.words import Paint, clean, count_text, duration_text, grouped, listed_text, rate_text, time_text
from app.analysis.wiring.power import power_to_text
from app.analysis.wiring.wiring import wiring_to_text
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.finding import Finding
from decoders.core.span import Timebase
from decoders.identity import maker_of
from decoders.transport.chains import Ending

_LABEL_WIDTH = 14
_SEVERITIES = ("error", "warning", "note", "chat")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that is missing, and why."""

    time_ns: int
    duration_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording holds.

    `rate_hz`, `samples` and `duration_ns` are None where the file does not say; `wiring` holds the options that describe it.
    `counts` is by layer and kind, `findings` by severity, `devices` are UMI IDs. `complete` is False where a gap or `damage`
    leaves something out.
    """

    name: str
    channels: list[str] = field(default_factory=list)
    analog_channels: list[str] = field(default_factory=list)
    rate_hz: int | None = None
    samples: int | None = None
    duration_ns: int | None = None
    wiring: list[str] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    devices: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complete: bool = True
    damage: str | None = None


def recording_facts(
    recording: LogicRecording, timebase: Timebase, wiring: Wiring, capture: Capture | None, conversation: Conversation | None
) -> Facts:
    """The facts of a recording of logic channels with what was decoded of it; without wiring that is nothing."""
    spi, uart = wiring_to_text(wiring, recording.channels)
    decoded = [part for part in (capture, conversation) if part is not None]
    found = [finding for part in decoded for finding in _findings(part)]
    fault = next((part.fault for part in decoded if part.fault is not None), None)
    gaps = [_gap(timebase, lost.start, lost.end, lost.reason) for lost in capture.gaps] if capture else []
    return Facts(
        name=recording.name,
        channels=list(recording.channels),
        analog_channels=list(recording.analog_channels),
        rate_hz=recording.rate_hz,
        samples=recording.length,
        duration_ns=None if recording.length is None else timebase.ns(recording.length),
        wiring=[
            *(f"--spi {text}" for text in spi),
            *(f"--uart {text}" for text in uart),
            *(f"--power {text}" for text in power_to_text(wiring, recording.analog_channels)),
        ],
        streams=list(wiring.streams) if decoded else [],
        counts=(_capture_counts(capture) if capture else {}) | (_message_counts(conversation) if conversation else {}),
        findings=_severities(found),
        devices=_devices(capture) if capture else [],
        gaps=gaps,
        notes=list(recording.notes),
        complete=not gaps and fault is None,
        damage=None if fault is None else str(fault),
    )


def byte_log_facts(name: str, conversation: Conversation) -> Facts:
    """The facts of a byte log."""
    ends = [said.message.end for said in conversation.messages if said.message.end is not None]
    return Facts(
        name=name,
        duration_ns=conversation.timebase.ns(max(ends) - min(ends)) if ends else None,
        streams=sorted({said.stream for said in conversation.messages}),
        counts=_message_counts(conversation),
        findings=_severities(conversation.findings()),
        complete=conversation.fault is None,
        damage=None if conversation.fault is None else str(conversation.fault),
    )


def _findings(decoded: Capture | Conversation) -> Iterable[Finding]:
    return decoded.findings if isinstance(decoded, Capture) else decoded.findings()


def _gap(timebase: Timebase, start: int, end: int, reason: str) -> Gap:
    return Gap(timebase.ns(start), timebase.ns(end) - timebase.ns(start), reason)


def _severities(findings: Iterable[Finding]) -> dict[str, int]:
    counts = Counter(finding.code.severity.name.lower() for finding in findings)
    return {severity: counts[severity] for severity in _SEVERITIES}


def _capture_counts(capture: Capture) -> dict[str, int]:
    headers = Counter[str]()
    for packet in capture.packets():
        headers["incomplete_packets"] += packet.ending is not Ending.WHOLE
        headers["signed_packets"] += bool(packet.reading.header.get("signed"))
        headers["locked_packets"] += bool(packet.reading.header.get("encrypted"))
    return {
        "transfers": capture.transfer_count,
        "frames": capture.frame_count,
        "malformed_frames": sum(frame.malformed is not None for frame in capture.frames()),
        "packets": capture.packet_count,
        **{name: headers[name] for name in ("incomplete_packets", "signed_packets", "locked_packets")},
        "transactions": len(capture.transactions),
        "unanswered_commands": sum(one.response is None for one in capture.transactions),
    }


def _message_counts(conversation: Conversation) -> dict[str, int]:
    kinds = Counter(said.message.kind for said in conversation.messages)
    return {"messages": kinds.total()} | {f"{kind}_messages": count for kind, count in sorted(kinds.items())}


def _devices(capture: Capture) -> list[str]:
    ids = {str(packet.reading.header["source"]) for packet in capture.packets() if "source" in packet.reading.header}
    return sorted(ids)


def fact_lines(facts: Facts, paint: Paint) -> Iterator[str]:
    """The facts as lines of text."""
    yield paint(clean(facts.name), "heading")
    for label, value in _rows(facts):
        yield f"  {label:{_LABEL_WIDTH}}{clean(value)}"


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.channels:
        yield "Channels", ", ".join(name or f"({number})" for number, name in enumerate(facts.channels))
        yield from [("Analogue", ", ".join(facts.analog_channels))] if facts.analog_channels else []
        yield "Rate", rate_text(facts.rate_hz) if facts.rate_hz else "not stated"
    duration = duration_text(facts.duration_ns) if facts.duration_ns is not None else "unknown"
    yield "Duration", duration + (f", {count_text(facts.samples, 'sample')}" if facts.samples is not None else "")
    yield from (("Note", note) for note in facts.notes)
    yield from _below("Wiring", facts.wiring)
    if not facts.counts:
        yield "Wiring", "not known from the names of the channels; umiscope wiring proposes one"
        return
    yield from _count_rows(facts.counts)
    makers = {device: maker_of(device) for device in facts.devices}
    yield from _below("Devices", [f"{device}  {maker}" if maker else device for device, maker in makers.items()])
    listed = [count_text(count, severity) for severity, count in facts.findings.items() if count and severity != "chat"]
    listed += [f"{facts.findings['chat']} chat"] if facts.findings["chat"] else []
    yield "Findings", listed_text(listed) or "none"
    yield from _below(
        "Gaps", [f"{duration_text(gap.duration_ns)} at {time_text(gap.time_ns)} s: {gap.reason}" for gap in facts.gaps]
    )
    yield "Complete", "yes" if facts.complete else f"no, {facts.damage or count_text(len(facts.gaps), 'gap')}"


def _below(label: str, values: list[str]) -> Iterator[tuple[str, str]]:
    """Several values below one label."""
    yield from zip((label, *[""] * len(values)), values, strict=False)


def _count_rows(counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    for name, count in counts.items():
        if "_" in name:
            continue
        parts = [(part, number) for part, number in counts.items() if part.endswith(f"_{name}") and number]
        if name == "transactions" and counts.get("unanswered_commands"):
            parts.append(("unanswered_commands", counts["unanswered_commands"]))
        said = ", ".join(f"{grouped(number)} {part.rpartition('_')[0]}" for part, number in parts)
        yield name.capitalize(), grouped(count) + (f", of them {said}" if said else "")
