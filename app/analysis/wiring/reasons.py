"""Why a wiring is proposed, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.analysis.wiring.edges import Bus
from app.analysis.wiring.handshake import Handshake
from app.analysis.wiring.score import Score
from app.analysis.wiring.sides import Sides
from app.analysis.wiring.uart import SerialLine
from decoders.bus.wiring import SpiPort


def frames_said(result: Score) -> str:
    """What checksums say of a wiring."""
    if not result.valid_frames:
        return "No frame with a right checksum comes to light: this may be another protocol."
    explained = 100 * result.bytes_explained // max(1, result.bytes_total)
    failed = f", {result.crc_failures} with a wrong one" if result.crc_failures else ""
    return f"{result.valid_frames} frames with a right checksum come to light{failed}; they hold {explained} % of the bytes."


def words_said(ports: Iterable[SpiPort]) -> list[str]:
    """Which words the clock runs in, where they are no bytes."""
    odd = sorted({port.word_bits for port in ports} - {8})
    return [f"The clock runs in {_unit(bits)} while cs is active." for bits in odd]


def _unit(word_bits: int) -> str:
    return "bytes" if word_bits == 8 else f"words of {word_bits} bits"


def handshake_said(line: Handshake, channels: Sequence[str]) -> str:
    """Why a channel is taken for attn or ready."""
    with_cs = _name(line.cs, channels)
    said = f"{_name(line.channel, channels)} is {line.kind} of the port with {with_cs}, active low: a transfer ends {line.served:.0%} of its"
    return f"{said} stretches, {line.present:.0%} of the transfers begin within one."


def _name(channel: int, channels: Sequence[str]) -> str:
    return channels[channel] or str(channel)


def edges_said(bus: Bus, channels: Sequence[str]) -> list[str]:
    """Why channels are taken for the lines of a bus."""

    def named(channel: int) -> str:
        return _name(channel, channels)

    said = [f"{named(bus.clock.channel)} is a clock: {bus.clock.regular:.0%} of its cycles are equally long."]
    said += [
        f"{named(select.channel)} is a cs, active {'high' if select.active_high else 'low'}: {select.clocked:.0%} of the clock "
        f"cycles, {select.whole:.0%} of its stretches in whole {_unit(select.word_bits)}."
        for select in bus.selects
    ]
    if not bus.selects:
        said.append("No channel is a cs; transfers end at pauses of the clock.")
    said += [
        f"{named(line.channel)} is data: {line.aligned:.0%} of its changes follow the "
        f"{'falling' if line.after_falling >= 0.5 else 'rising'} clock edge."
        for line in bus.data
    ]
    said += [handshake_said(line, channels) for line in bus.handshakes]
    if len(bus.data) > 2:
        said.append(f"A bus has two data lines, so {', '.join(named(line.channel) for line in bus.data[2:])} is left out.")
    return said


def serial_said(serial: SerialLine, channels: Sequence[str]) -> str:
    """Why a channel is taken for a serial line."""
    name, baud = _name(serial.line.rx, channels), serial.line.baud
    if serial.kinds:
        speed = f"beginning at {baud} baud" if baud else "at a speed that is found from its edges"
        rest = f": {100 * serial.faulty:.0f} % of it fits no message" if serial.is_sound else ""
        return f"{name} is a serial line that speaks EN 62056-21, {speed}{rest}."
    return (
        f"{name} is a serial line of {baud} baud: {serial.count} characters, {serial.faulty:.0%} of them with a fault "
        f"in parity or stop bit."
    )


def sides_said(pair: Sides, channels: Sequence[str]) -> list[str]:
    """Why two channels are taken for the two sides of one link."""
    tool, device = _name(pair.tool.line.rx, channels), _name(pair.device.line.rx, channels)
    each = [serial_said(side, channels) for side in (pair.tool, pair.device)]
    return [*each, f"{tool} is the tool's side and {device} the device's: {pair.reason}"]
