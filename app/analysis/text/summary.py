"""What stands above and below a list: the recording and how it is read, and what was found in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.analysis.capture import Capture
from app.analysis.exchange import Conversation
from app.analysis.findings import severities_text
from app.analysis.text.words import clean, count_text, duration_text, listed_text, rate_text
from app.analysis.wiring.wiring import UART_STREAM
from capture.formats.base import LogicRecording
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.span import Timebase
from decoders.profile.wire_profile import WireProfile


def recording_text(recording: LogicRecording, timebase: Timebase, *, is_assumed: bool = False) -> str:
    """Name, channels, rate and duration; `is_assumed` where nobody said the rate."""
    used = sum(map(bool, recording.channels)) or len(recording.channels)
    rate = rate_text(timebase.rate_hz) + (" assumed" if is_assumed else "")
    said = [recording.name, count_text(used, "channel"), rate]
    if recording.length is not None:
        said.append(duration_text(timebase.ns(recording.length)))
    return clean(" · ".join(said))


def profile_text(profile: WireProfile) -> str:
    """A profile's name, and whether it is made of placeholders."""
    placeholders = any(origin == "P" for _, origin in profile.statements())
    return clean(profile.name) + (" (placeholder layouts)" if placeholders else "")


def wiring_text(wiring: Wiring, channels: tuple[str, ...]) -> str:
    """The streams with their ports or lines."""
    return clean(" · ".join(_streams(wiring, channels)))


def _streams(wiring: Wiring, channels: tuple[str, ...]) -> Iterator[str]:
    for stream, name in enumerate(wiring.streams):
        ports = [str(port.port) for port in wiring.spi if port.stream == stream]
        if ports:
            yield f"{name}: {'port' if len(ports) == 1 else 'ports'} {listed_text(ports)}"
        yield from (_line(line, name, channels) for line in wiring.uart if line.stream == stream)
    yield from _supply(wiring)


def _supply(wiring: Wiring) -> Iterator[str]:
    """The ports whose current is measured, those apart whose voltage is not."""
    for is_nominal, how in ((False, "supply"), (True, "supply at the nominal voltage")):
        rails = (rail for rail in wiring.power if rail.current is not None and (rail.voltage is None) == is_nominal)
        ports = [str(port) for port in sorted({rail.port for rail in rails})]
        if ports:
            yield f"{how}: {'port' if len(ports) == 1 else 'ports'} {listed_text(ports)}"


def _line(line: UartLine, name: str, channels: tuple[str, ...]) -> str:
    wires = [channels[wire] or f"channel {wire}" for wire in (line.tx, line.rx) if wire is not None]
    protocol = "EN 62056-21" if line.protocol == "flag" else "link frames"
    return f"{name or UART_STREAM}: {protocol} on {listed_text(wires)}, {line.baud or 'any'} baud"


def capture_text(capture: Capture) -> str:
    """188 packets, 664 frames, 14 findings (5 warnings, 9 notes), 0 gaps."""
    severities = (finding.code.severity for finding in capture.findings)
    said = [
        count_text(capture.packet_count, "packet"),
        count_text(capture.frame_count, "frame"),
        count_text(capture.transfer_count, "transfer"),
        severities_text(severities),
        count_text(len(capture.gaps), "gap"),
    ]
    return ", ".join(said)


def conversation_text(conversation: Conversation) -> str:
    """How many messages of which kinds, and what was noticed."""
    kinds = Counter(said.message.kind for said in conversation.messages)
    listed = f" ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())})" if kinds else ""
    severities = (finding.code.severity for finding in conversation.findings())
    return f"{count_text(len(conversation.messages), 'message')}{listed}, {severities_text(severities)}"


def byte_log_text(name: str, conversation: Conversation) -> str:
    """Name, amount and duration of a byte log."""
    size = sum(len(said.message.raw) for said in conversation.messages)
    said = [name, count_text(size, "byte")]
    times = [one.message.end for one in conversation.messages if one.message.end is not None]
    said.append(duration_text(max(times) - min(times)) if times else "without times")
    return clean(" · ".join(said))
