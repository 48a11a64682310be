"""What the channels of a recording may be, proposed from their names, their edges and the frames that come to light."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.analysis.wiring.edges import Bus, Data, bus_of, clock_of, find_buses, windows_of
from app.analysis.wiring.excerpt import Excerpt, Trace, busy_excerpt
from app.analysis.wiring.handshake import Handshake, Windows, find_handshakes
from app.analysis.wiring.reasons import edges_said, frames_said, handshake_said, serial_said, sides_said, words_said
from app.analysis.wiring.score import Score, Scorer
from app.analysis.wiring.sides import find_sides, scorer_of_lines
from app.analysis.wiring.uart import find_serial_lines
from app.analysis.wiring.wiring import MAX_PORT, UART_STREAM, wiring_from_names
from capture.formats.base import LogicRecording
from decoders.bus.wiring import SpiPort, UartLine, Wiring

_NO_RATE_HZ = 1_000_000
"""Stands for the rate of a recording that does not state one, so that its edges can be compared at all."""
_NAMED = 0.7
_MOST_BY_EDGES = 0.7
_IDLE_PERIODS = 16


@dataclass(frozen=True, slots=True)
class Proposal:
    """One bus with all its ports, or one serial line: how it may be wired, how sure that is (0 to 1), and why in plain sentences."""

    wiring: Wiring
    confidence: float
    reasons: tuple[str, ...]


def propose(recording: LogicRecording, scorer: Callable[[Excerpt, int], Scorer] | None = None) -> list[Proposal]:
    """What the channels may be, the surest first; no channel is in two proposals.

    Only the first busy part of the recording is looked at. `scorer` makes, for that part and its rate in hertz, a judge of
    wirings; without one the edges alone decide, and host and device line may be taken for each other.
    """
    rate_hz = recording.rate_hz or _NO_RATE_HZ
    excerpt = busy_excerpt(recording.chunks())
    score = scorer(excerpt, rate_hz) if scorer else None
    traces = {channel: trace for channel, trace in enumerate(excerpt.traces[: len(recording.channels)]) if len(trace.ticks)}
    proposals = []
    named = wiring_from_names(recording.channels)
    if named.spi:
        proposals.append(_by_name(named, recording.channels, traces, score))
        traces = {channel: trace for channel, trace in traces.items() if channel not in channels_of(proposals[-1].wiring)}
    for bus in find_buses(traces):
        proposals.append(_by_edges(bus, recording.channels, rate_hz, score))
        traces = {channel: trace for channel, trace in traces.items() if channel not in bus.channels}
    if recording.rate_hz:
        proposals += _by_speech(excerpt, traces, recording.channels, rate_hz, score)
    return sorted(proposals, key=lambda proposal: -proposal.confidence)


def together(proposals: Iterable[Proposal]) -> Wiring:
    """One wiring of all proposals, each a stream of its own, those of one kind numbered from the second on."""
    spi: list[SpiPort] = []
    uart: list[UartLine] = []
    streams: list[str] = []
    for proposal in proposals:
        number = 1 + sum(name.startswith(proposal.wiring.streams[0]) for name in streams)
        spi += [replace(port, stream=len(streams)) for port in proposal.wiring.spi]
        uart += [replace(line, stream=len(streams)) for line in proposal.wiring.uart]
        streams.append(proposal.wiring.streams[0] + (str(number) if number > 1 else ""))
    return Wiring(tuple(spi), tuple(uart), tuple(streams)) if streams else Wiring()


def channels_of(wiring: Wiring) -> set[int]:
    """All channels that are wired."""
    lines = [line for port in wiring.spi for line in (port.sck, port.mosi, port.miso, port.cs, port.attn, port.ready)]
    lines += [line for link in wiring.uart for line in (link.rx, link.tx)]
    return {line for line in lines if line is not None}


def _by_name(named: Wiring, channels: Sequence[str], traces: Mapping[int, Trace], score: Scorer | None) -> Proposal:
    """Wiring by name; what names do not speak of comes from the edges: the mode, the word, the active level of cs, attn and ready."""
    spare = {channel: trace for channel, trace in traces.items() if channel not in channels_of(named)}
    ports = tuple(_as_the_edges_say(port, traces) for port in named.spi)
    handshakes = find_handshakes(_windows(ports, traces), spare)
    ports = tuple(_with_handshakes(port, handshakes) for port in ports)
    reasons = ["The names of the channels say what they are."]
    if odd := sorted({port.mode for port in ports if port.mode}):
        reasons.append(f"Data change on the edges of SPI mode {' and '.join(map(str, odd))}.")
    if any(port.cs_active_high for port in ports):
        reasons.append("The clock runs while cs is high.")
    reasons += words_said(ports)
    reasons += [handshake_said(line, channels) for line in handshakes]
    wiring = replace(named, spi=ports)
    if score is None:
        return Proposal(wiring, _NAMED, tuple(reasons))
    result = score(wiring)
    return Proposal(wiring, _surer(_NAMED, result), (*reasons, frames_said(result)))


def _as_the_edges_say(port: SpiPort, traces: Mapping[int, Trace]) -> SpiPort:
    clock = clock_of(port.sck, traces[port.sck]) if port.sck in traces else None
    others = {channel: traces[channel] for channel in (port.mosi, port.miso, port.cs) if channel is not None and channel in traces}
    bus = bus_of(clock, others) if clock else None
    if bus is None:
        return port
    select = next((select for select in bus.selects if select.channel == port.cs), None)
    if select is None:
        return replace(port, mode=bus.mode)
    return replace(port, mode=bus.mode, cs_active_high=select.active_high, word_bits=select.word_bits)


def _windows(ports: Iterable[SpiPort], traces: Mapping[int, Trace]) -> dict[int, Windows]:
    """The transfers of each cs whose clock is seen."""
    return {
        port.cs: windows_of(clock, traces[port.cs], active_high=port.cs_active_high)
        for port in ports
        if port.cs is not None and port.cs in traces and port.sck in traces and (clock := clock_of(port.sck, traces[port.sck]))
    }


def _with_handshakes(port: SpiPort, handshakes: Iterable[Handshake]) -> SpiPort:
    lines = {line.kind: line.channel for line in handshakes if line.cs == port.cs}
    return replace(port, attn=lines.get("attn"), ready=lines.get("ready"))


def _by_edges(bus: Bus, channels: Sequence[str], rate_hz: int, score: Scorer | None) -> Proposal:
    reasons = edges_said(bus, channels)
    confidence = _MOST_BY_EDGES * bus.clock.regular * bus.data[0].aligned
    if bus.selects:
        confidence *= min(1.0, sum(select.clocked * select.whole for select in bus.selects))
    else:
        confidence *= 0.8
    by_name = _sides_by_name(bus.data, channels)
    candidates = [_wired(bus, rate_hz, *sides) for sides in ((by_name,) if score is None else (by_name, by_name[::-1]))]
    if score is None:
        if len(bus.data) > 1:
            reasons.append("Which data line is the host's cannot be seen from edges: mosi and miso may have to change places.")
        return Proposal(candidates[0], confidence, tuple(reasons))
    candidates += [_lsb_first(wiring) for wiring in candidates]
    if bus.clock.is_coarse:
        candidates += [_in_mode(wiring, mode) for wiring in candidates for mode in range(4) if mode != bus.mode]
    results = [score(wiring) for wiring in candidates]
    best = max(range(len(results)), key=lambda at: (results[at].valid_frames - 2 * results[at].reversed_frames, -at))
    wiring, result = _numbered(candidates[best], result=results[best]), results[best]
    reasons.append(frames_said(result))
    if result.ports and wiring != candidates[best]:
        reasons.append("The numbers of the ports are those that their frames name.")
    return Proposal(wiring, _surer(confidence, result), tuple(reasons))


def _wired(bus: Bus, rate_hz: int, mosi: int | None, miso: int | None) -> Wiring:
    """Ports numbered in the order of their cs; a port without cs ends its transfers by pauses of many clock periods."""
    first = SpiPort(bus.clock.channel, mosi, miso, mode=bus.mode)
    if not bus.selects:
        return Wiring((replace(first, idle_ns=_IDLE_PERIODS * bus.clock.period * 1_000_000_000 // rate_hz),))
    ports = []
    for number, select in list(enumerate(bus.selects, 1))[:MAX_PORT]:
        port = replace(first, cs=select.channel, cs_active_high=select.active_high, word_bits=select.word_bits, port=number)
        ports.append(_with_handshakes(port, bus.handshakes))
    return Wiring(tuple(ports))


def _in_mode(wiring: Wiring, mode: int) -> Wiring:
    return replace(wiring, spi=tuple(replace(port, mode=mode) for port in wiring.spi))


def _lsb_first(wiring: Wiring) -> Wiring:
    return replace(wiring, spi=tuple(replace(port, lsb_first=True) for port in wiring.spi))


def _sides_by_name(data: Sequence[Data], channels: Sequence[str]) -> tuple[int | None, int | None]:
    """The two busiest data lines as mosi and miso: as part of their names says, else in the order of the channels."""
    lines: list[int | None] = [*sorted(line.channel for line in data[:2]), None][:2]
    names = [channels[line].lower() if line is not None else "" for line in lines]
    swapped = ("miso" in names[0] and "mosi" not in names[0]) or ("mosi" in names[1] and "miso" not in names[1])
    return (lines[1], lines[0]) if swapped else (lines[0], lines[1])


def _numbered(wiring: Wiring, result: Score) -> Wiring:
    """The same with the port numbers that the frames name; what they do not name keeps or gets a free number."""
    named: dict[int, int] = {}
    for cs, number in result.ports.items():
        if 1 <= number <= MAX_PORT and number not in named.values():
            named[cs] = number
    ports = []
    free = [number for number in range(1, MAX_PORT + 1) if number not in named.values()]
    for port in wiring.spi:
        if port.cs in named:
            number = named[port.cs]
        else:
            number = port.port if port.port in free else free[0]
            free.remove(number)
        ports.append(replace(port, port=number))
    return replace(wiring, spi=tuple(ports))


def _surer(confidence: float, result: Score) -> float:
    """Frames with a right CRC are all but proof; what they do not explain of the bytes is left to doubt, and so is their absence."""
    tried = result.valid_frames + result.crc_failures
    if not result.valid_frames:
        return confidence * (0.5 if tried or result.bytes_total else 0.8)
    explained = result.bytes_explained / max(1, result.bytes_total)
    proof = min(1.0, result.valid_frames / 4) * (result.valid_frames / tried) * explained
    return 1 - (1 - confidence) * (1 - 0.97 * proof)


def _by_speech(
    excerpt: Excerpt, traces: Mapping[int, Trace], channels: Sequence[str], rate_hz: int, score: Scorer | None
) -> list[Proposal]:
    """Serial links of two lines where their exchange says that they belong together, the others of one line each."""
    lines = find_serial_lines(excerpt, traces, rate_hz)
    pairs = find_sides(excerpt, lines, rate_hz, scorer_of_lines(score) if score else None)
    paired = [line for pair in pairs for line in (pair.tool, pair.device)]
    found = [_link(pair.line, pair.confidence, sides_said(pair, channels), score) for pair in pairs]
    for serial in lines:
        if serial not in paired and serial.is_sound:
            surest = 0.95 if serial.kinds else 0.85
            confidence = (1 - serial.faulty) * serial.count / (serial.count + 4) * surest
            found.append(_link(serial.line, confidence, [serial_said(serial, channels)], score))
    return found


def _link(line: UartLine, confidence: float, reasons: Sequence[str], score: Scorer | None) -> Proposal:
    """A serial link; frames with a right checksum on it make it surer, but it may well carry none."""
    wiring = Wiring(uart=(line,), streams=(UART_STREAM,))
    result = score(wiring) if score else Score()
    if not result.valid_frames:
        return Proposal(wiring, confidence, tuple(reasons))
    return Proposal(wiring, _surer(confidence, result), (*reasons, frames_said(result)))
