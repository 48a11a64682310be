"""Wiring as a table that a person edits: a role for each channel, and settings for each port and serial line.

A table is a value: each change makes another. It may be wrong at any time: wiring_problems says how.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from app.analysis.wiring.wiring import MAX_PORT, SPI_STREAM, UART_STREAM
from decoders.bus.wiring import DEFAULT_IDLE_NS, Parity, SpiPort, UartLine, Wiring

NOT_USED = ""
BUS_ROLES = ("sck", "mosi", "miso")
"""Lines that ports may share."""
SPI_ROLES = (*BUS_ROLES, "cs", "attn", "ready")
UART_ROLES = ("rx", "tx")
ROLES = (NOT_USED, *SPI_ROLES, *UART_ROLES)
ALL_PORTS: tuple[int, ...] = ()
_USUAL_FORMAT: Mapping[str, tuple[int, Parity, int]] = {"flag": (7, "even", 1), "raw": (8, "none", 1)}
"""EN 62056-21 clause 5.2 for meters, and what everyone else uses."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What one channel is: its role, the ports whose line it is (`ALL_PORTS` for all that have none of their own), its stream."""

    role: str = NOT_USED
    ports: tuple[int, ...] = ALL_PORTS
    stream: str = SPI_STREAM


@dataclass(frozen=True, slots=True)
class SpiSettings:
    """How a port is read; the fields are those of `SpiPort`."""

    mode: int = 0
    lsb_first: bool = False
    cs_active_high: bool = False
    word_bits: int = 8
    idle_ns: int = DEFAULT_IDLE_NS


@dataclass(frozen=True, slots=True)
class UartSettings:
    """How a serial link is read; the fields are those of `UartLine`, the usual values those of EN 62056-21 clause 5.2."""

    baud: int | None = None
    data_bits: int = 7
    parity: Parity = "even"
    stop_bits: int = 1
    inverted: bool = False
    protocol: Literal["flag", "raw"] = "flag"

    def speaking(self, protocol: Literal["flag", "raw"]) -> UartSettings:
        """The same for another protocol, in its usual format where this one's is the usual."""
        is_usual = (self.data_bits, self.parity, self.stop_bits) == _USUAL_FORMAT[self.protocol]
        data_bits, parity, stop_bits = _USUAL_FORMAT[protocol]
        other = replace(self, protocol=protocol)
        return replace(other, data_bits=data_bits, parity=parity, stop_bits=stop_bits) if is_usual else other


@dataclass(frozen=True, slots=True)
class WiringTable:
    """A row for each channel of the recording, and settings by stream and port, or by stream for serial links."""

    channels: tuple[str, ...]
    rows: tuple[ChannelRow, ...]
    spi: Mapping[tuple[str, int], SpiSettings] = field(default_factory=dict)
    uart: Mapping[str, UartSettings] = field(default_factory=dict)
    has_rate: bool = True

    def with_row(self, channel: int, row: ChannelRow) -> WiringTable:
        return replace(self, rows=tuple(row if at == channel else old for at, old in enumerate(self.rows)))

    def with_role(self, channel: int, role: str) -> WiringTable:
        """Another role for a channel, with the port and stream that suit it best."""
        without = self.with_row(channel, ChannelRow())
        return without.with_row(channel, without.proposed(role, self.rows[channel]))

    def proposed(self, role: str, old: ChannelRow) -> ChannelRow:
        """A row of this role for a channel that was `old` and has none now."""
        if role in UART_ROLES:
            return ChannelRow(role, ALL_PORTS, self._free_link(role))
        stays = old.role in SPI_ROLES and old.stream not in self.streams(UART_ROLES)
        stream = old.stream if stays else SPI_STREAM
        ports = ALL_PORTS if role in (*BUS_ROLES, NOT_USED) else (self._free_port(stream, role),)
        return ChannelRow(role, ports, stream)

    def with_ports(self, channel: int, ports: tuple[int, ...]) -> WiringTable:
        return self.with_row(channel, replace(self.rows[channel], ports=ports))

    def with_stream(self, channel: int, stream: str) -> WiringTable:
        """Another stream for a channel; its settings come along where that stream has none."""
        old = self.rows[channel].stream
        spi = {(stream, port): settings for (name, port), settings in self.spi.items() if name == old}
        uart = {stream: self.uart[old]} if old in self.uart else {}
        moved = replace(self, spi={**spi, **self.spi}, uart={**uart, **self.uart})
        return moved.with_row(channel, replace(self.rows[channel], stream=stream))

    def with_spi(self, stream: str, ports: Iterable[int], settings: SpiSettings) -> WiringTable:
        return replace(self, spi={**self.spi, **{(stream, port): settings for port in ports}})

    def with_uart(self, stream: str, settings: UartSettings) -> WiringTable:
        return replace(self, uart={**self.uart, stream: settings})

    def streams(self, roles: Sequence[str]) -> list[str]:
        """The streams in which a channel has one of these roles."""
        return sorted({row.stream for row in self.rows if row.role in roles})

    def ports(self, stream: str) -> list[int]:
        """The port numbers of a stream: those that its rows name, else the first."""
        return sorted({port for row in self._spi_rows(stream) for port in row.ports}) or [1]

    def spi_settings(self, stream: str, port: int) -> SpiSettings:
        """A port's own settings, else those of a port beside it."""
        beside = (settings for (name, _), settings in sorted(self.spi.items()) if name == stream)
        return self.spi.get((stream, port)) or next(beside, SpiSettings())

    def uart_settings(self, stream: str) -> UartSettings:
        return self.uart.get(stream, UartSettings())

    def is_uniform(self) -> bool:
        """Whether the ports of each stream are read alike."""
        return all(len({self.spi_settings(name, port) for port in self.ports(name)}) == 1 for name in self.streams(SPI_ROLES))

    def wiring(self) -> Wiring:
        """The wiring of a table without problems: SPI streams by name, then serial links by name."""
        spi, uart = self.streams(SPI_ROLES), self.streams(UART_ROLES)
        names = (*spi, *(name for name in uart if name not in spi))
        ports = tuple(self._port(name, port, names.index(name)) for name in spi for port in self.ports(name))
        return Wiring(ports, tuple(self._line(name, names.index(name)) for name in uart), names) if names else Wiring()

    def lines(self, stream: str, role: str, port: int) -> tuple[int, ...]:
        """The channels that are this line of this port: its own, else those shared by all."""
        rows = [(at, row) for at, row in enumerate(self.rows) if row.role == role and row.stream == stream]
        own = tuple(at for at, row in rows if port in row.ports)
        return own or tuple(at for at, row in rows if row.ports == ALL_PORTS)

    def serial(self, stream: str, role: str) -> tuple[int, ...]:
        return tuple(at for at, row in enumerate(self.rows) if row.role == role and row.stream == stream)

    def channel_text(self, channel: int) -> str:
        """A channel's name, or its number where it has none."""
        return self.channels[channel] or f"channel {channel}"

    def _spi_rows(self, stream: str) -> list[ChannelRow]:
        return [row for row in self.rows if row.role in SPI_ROLES and row.stream == stream]

    def _free_port(self, stream: str, role: str) -> int:
        """For cs the lowest new number, for attn and ready the lowest of a cs that has none yet."""
        taken = {port for row in self._spi_rows(stream) if row.role == role for port in row.ports}
        selected = {port for row in self._spi_rows(stream) if row.role == "cs" for port in row.ports}
        wanted = sorted(selected) if role != "cs" and selected - taken else range(1, MAX_PORT + 1)
        return next((port for port in wanted if port not in taken), MAX_PORT)

    def _free_link(self, role: str) -> str:
        """The first serial stream that lacks this line, else a new name."""
        has = {row.stream for row in self.rows if row.role == role}
        not_serial = {row.stream for row in self.rows if row.role in SPI_ROLES}
        lacking = [name for name in self.streams(UART_ROLES) if name not in has]
        names = (UART_STREAM, *(f"{UART_STREAM}{number}" for number in range(2, len(self.rows) + 2)))
        return next(iter(lacking), next(name for name in names if name not in has | not_serial))

    def _port(self, stream: str, port: int, index: int) -> SpiPort:
        sck, *rest = (next(iter(self.lines(stream, role, port)), None) for role in SPI_ROLES)
        mosi, miso, cs, attn, ready = rest
        how = self.spi_settings(stream, port)
        return SpiPort(
            -1 if sck is None else sck, mosi, miso, cs, attn, ready, port, index,
            how.mode, how.lsb_first, how.cs_active_high, how.word_bits, how.idle_ns,
        )  # fmt: skip

    def _line(self, stream: str, index: int) -> UartLine:
        rx, tx = (next(iter(self.serial(stream, role)), None) for role in UART_ROLES)
        how = self.uart_settings(stream)
        return UartLine(
            -1 if rx is None else rx, tx, how.baud, how.data_bits, how.parity, how.stop_bits, how.inverted, how.protocol, index
        )


def table_of(wiring: Wiring, channels: Sequence[str], *, has_rate: bool = True) -> WiringTable:
    """The table of a wiring for a recording with these channels; a channel that serves two streams is shown in the first."""
    rows = [ChannelRow() for _ in channels]
    for index, stream in enumerate(wiring.streams):
        ports = [port for port in wiring.spi if port.stream == index]
        for channel, row in _spi_rows_of(ports, stream).items():
            if not rows[channel].role:
                rows[channel] = row
        for line in (line for line in wiring.uart if line.stream == index):
            for role, at in (("rx", line.rx), ("tx", line.tx)):
                if at is not None and not rows[at].role:
                    rows[at] = ChannelRow(role, ALL_PORTS, stream)
    spi = {
        (wiring.streams[port.stream], port.port): SpiSettings(
            port.mode, port.lsb_first, port.cs_active_high, port.word_bits, port.idle_ns
        )
        for port in wiring.spi
    }
    uart = {
        wiring.streams[line.stream]: UartSettings(
            line.baud, line.data_bits, line.parity, line.stop_bits, line.inverted, line.protocol
        )
        for line in wiring.uart
    }
    return WiringTable(tuple(channels), tuple(rows), spi, uart, has_rate)


def _spi_rows_of(ports: Sequence[SpiPort], stream: str) -> dict[int, ChannelRow]:
    """The rows of one stream's ports: bus lines without a number where all ports share them and other rows name the ports."""
    served: dict[tuple[int, str], list[int]] = defaultdict(list)
    for port in ports:
        for role in SPI_ROLES:
            channel: int | None = getattr(port, role)
            if channel is not None:
                served[channel, role].append(port.port)
    shared = {key for key, numbers in served.items() if key[1] in BUS_ROLES and len(numbers) == len(ports)}
    named = {number for key, numbers in served.items() if key not in shared for number in numbers}
    if named != {port.port for port in ports} and [port.port for port in ports] != [1]:
        shared = {key for key in shared if key[1] != "sck"}
    return {
        channel: ChannelRow(role, ALL_PORTS if (channel, role) in shared else tuple(sorted(numbers)), stream)
        for (channel, role), numbers in served.items()
    }
