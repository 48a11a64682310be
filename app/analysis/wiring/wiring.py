"""Wiring from what a person supplies: options of the command line, or the names of the channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from app.analysis.wiring.option import WiringOption, channel_text, duration_text
from decoders.bus.wiring import DEFAULT_IDLE_NS, Parity, SpiPort, UartLine, Wiring

SPI_STREAM = "spi"
UART_STREAM = "opto"
MAX_PORT = 15

_SPI_LINES = ("sck", "mosi", "miso", "cs", "attn", "ready")
_UART_LINES = ("rx", "tx")
_ORDER = {"msb": False, "lsb": True}
_CS_ACTIVE = {"low": False, "high": True}
_PROTOCOLS: Mapping[str, Literal["flag", "raw"]] = {"flag": "flag", "raw": "raw"}
_YES = {"no": False, "yes": True}
_PARITIES: Mapping[str, Parity] = {"N": "none", "O": "odd", "E": "even", "M": "mark", "S": "space"}
_FORMAT = re.compile(r"([5-9])([NOEMS])([12])", re.IGNORECASE)
_USUAL_FORMAT = {"flag": "7E1", "raw": "8N1"}
"""EN 62056-21 clause 5.2 for meters, and what everyone else uses."""

_NAME = re.compile(
    r"(?:(?P<sck>s?clk|sck)|(?P<mosi>mosi)|(?P<miso>miso)|(?P<cs>[/!~]?n?[cs]s(?:_?n|#)?))[_-]?(?P<port>[0-9]{1,3})?#?"
)


def wiring_from_names(channels: Sequence[str]) -> Wiring:
    """The SPI ports that the names of the channels speak of; a wiring without any where they do not.

    Names such as sck or clk, mosi, miso, and cs, ss, nss or cs#, in any case. A number at the end is the line's port, lines
    without one are shared by all ports; where no cs has the number 1, one without a number is port 1's. Names that contradict
    each other, such as two cs without a number, or a port that there cannot be, wire nothing.
    """
    lines: dict[str, dict[int | None, int]] = {role: {} for role in ("sck", "mosi", "miso", "cs")}
    for channel, name in enumerate(channels):
        if match := _NAME.fullmatch(name.strip().lower()):
            role = next(role for role in lines if match[role])
            number = int(match["port"]) if match["port"] else None
            if number in lines[role] or (number is not None and not 1 <= number <= MAX_PORT):
                return Wiring()
            lines[role][number] = channel
    if len(lines["cs"]) > 1 and None in lines["cs"]:
        lines["cs"].setdefault(1, lines["cs"].pop(None))
    numbers = {number for numbered in lines.values() for number in numbered if number is not None}
    ports = (_named_port(lines, number) for number in sorted(numbers or {1}))
    return Wiring(spi=tuple(port for port in ports if port))


def _named_port(lines: Mapping[str, Mapping[int | None, int]], number: int) -> SpiPort | None:
    sck, mosi, miso, cs = (numbered.get(number, numbered.get(None)) for numbered in lines.values())
    never_selected = cs is None and bool(lines["cs"]) and number not in lines["sck"]
    if sck is None or (mosi is None and miso is None) or never_selected:
        return None
    return SpiPort(sck=sck, mosi=mosi, miso=miso, cs=cs, port=number)


def wiring_from_options(spi: Sequence[str], uart: Sequence[str], channels: Sequence[str]) -> Wiring:
    """The wiring that `--spi` and `--uart` options describe for a recording with these channels.

    UsageError names what is wrong in which option, and what is known instead.
    """
    streams: list[str] = []
    ports: list[SpiPort] = []
    lines: list[UartLine] = []
    roles: dict[int, str] = {}
    for text in spi:
        option = WiringOption("--spi", text, channels)
        port, name = _spi_port(option)
        port = replace(port, stream=_index(streams, name))
        _check_ports(option, ports, port, name)
        _check_roles(option, roles, _roles_of(port, _SPI_LINES))
        ports.append(port)
    for text in uart:
        option = WiringOption("--uart", text, channels)
        line, name = _uart_line(option)
        if name in streams:
            raise option.error(f"there is a stream named {name!r} already", "give this one another with name=…")
        _check_roles(option, roles, _roles_of(line, _UART_LINES))
        lines.append(replace(line, stream=_index(streams, name)))
    return Wiring(tuple(ports), tuple(lines), tuple(streams)) if streams else Wiring()


def wiring_to_text(wiring: Wiring, channels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The `--spi` and the `--uart` options that describe this wiring; what has its usual value is left out."""
    spi = [_spi_text(port, wiring.streams[port.stream], channels) for port in wiring.spi]
    uart = [_uart_text(line, wiring.streams[line.stream], channels) for line in wiring.uart]
    return spi, uart


def _spi_port(option: WiringOption) -> tuple[SpiPort, str]:
    port = SpiPort(
        sck=option.needed_channel("sck"),
        mosi=option.channel("mosi"),
        miso=option.channel("miso"),
        cs=option.channel("cs"),
        attn=option.channel("attn"),
        ready=option.channel("ready"),
        port=option.number("port", 1, range(1, MAX_PORT + 1)),
        mode=option.number("mode", 0, range(4)),
        lsb_first=option.choice("order", "msb", _ORDER),
        cs_active_high=option.choice("cs_active", "low", _CS_ACTIVE),
        word_bits=option.number("word", 8, range(1, 65)),
        idle_ns=option.duration_ns("idle", DEFAULT_IDLE_NS),
    )
    name = option.word("name", SPI_STREAM)
    option.finish()
    if port.mosi is None and port.miso is None:
        raise option.error("the port has no data line", "name its mosi, its miso or both")
    return port, name


def _uart_line(option: WiringOption) -> tuple[UartLine, str]:
    protocol = option.choice("protocol", "flag", _PROTOCOLS)
    written = option.word("format", _USUAL_FORMAT[protocol])
    match = _FORMAT.fullmatch(written)
    if match is None:
        raise option.error(f"{written!r} is no character format", "write data bits, parity and stop bits, such as 7E1 or 8N1")
    baud = option.word("baud", "auto")
    line = UartLine(
        rx=option.needed_channel("rx"),
        tx=option.channel("tx"),
        baud=None if baud == "auto" else option.number("baud", 0, range(1, 1_000_000_001)),
        data_bits=int(match[1]),
        parity=_PARITIES[match[2].upper()],
        stop_bits=int(match[3]),
        inverted=option.choice("inverted", "no", _YES),
        protocol=protocol,
    )
    name = option.word("name", UART_STREAM)
    option.finish()
    return line, name


def _index(streams: list[str], name: str) -> int:
    if name not in streams:
        streams.append(name)
    return streams.index(name)


def _check_ports(option: WiringOption, ports: Iterable[SpiPort], port: SpiPort, name: str) -> None:
    if any((other.stream, other.port) == (port.stream, port.port) for other in ports):
        raise option.error(f"port {port.port} of {name!r} is wired twice", "number the ports apart, or name another stream")
    if any((other.stream, *_wires(other)) == (port.stream, *_wires(port)) for other in ports):
        raise option.error("two ports are on the same lines", "give each its own cs")


def _wires(port: SpiPort) -> tuple[int | None, ...]:
    return port.sck, port.mosi, port.miso, port.cs


def _roles_of(wired: SpiPort | UartLine, lines: Iterable[str]) -> dict[str, int | None]:
    return {role: getattr(wired, role) for role in lines}


def _check_roles(option: WiringOption, known: dict[int, str], roles: Mapping[str, int | None]) -> None:
    for role, channel in roles.items():
        if channel is not None and known.setdefault(channel, role) != role:
            raise option.error(
                f"channel {option.channel_name(channel)} is {known[channel]} and {role} at once", "give each line its own channel"
            )


def _spi_text(port: SpiPort, stream: str, channels: Sequence[str]) -> str:
    usual = SpiPort(port.sck)
    parts = [f"port={port.port}", *_lines_text(_roles_of(port, _SPI_LINES), channels)]
    if port.mode != usual.mode:
        parts.append(f"mode={port.mode}")
    if port.lsb_first:
        parts.append("order=lsb")
    if port.cs_active_high:
        parts.append("cs_active=high")
    if port.word_bits != usual.word_bits:
        parts.append(f"word={port.word_bits}")
    if port.idle_ns != usual.idle_ns:
        parts.append(f"idle={duration_text(port.idle_ns)}")
    if stream != SPI_STREAM:
        parts.append(f"name={stream}")
    return ",".join(parts)


def _uart_text(line: UartLine, stream: str, channels: Sequence[str]) -> str:
    parity = next(letter for letter, parity in _PARITIES.items() if parity == line.parity)
    parts = _lines_text(_roles_of(line, _UART_LINES), channels)
    parts += [f"baud={line.baud or 'auto'}", f"format={line.data_bits}{parity}{line.stop_bits}"]
    if line.inverted:
        parts.append("inverted=yes")
    if line.protocol != "flag":
        parts.append(f"protocol={line.protocol}")
    if stream != UART_STREAM:
        parts.append(f"name={stream}")
    return ",".join(parts)


def _lines_text(roles: Mapping[str, int | None], channels: Sequence[str]) -> list[str]:
    return [f"{role}={channel_text(channel, channels)}" for role, channel in roles.items() if channel is not None]
