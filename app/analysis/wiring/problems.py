"""What keeps a wiring table from being a wiring, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.analysis.text.words import listed_text
from app.analysis.wiring.table import BUS_ROLES, SPI_ROLES, UART_ROLES, WiringTable
from app.analysis.wiring.wiring import MAX_PORT

_NEEDED = (
    (("sck",), "no clock: choose the channel that is sck"),
    (("mosi", "miso"), "no data line: choose the channel that is mosi, the one that is miso, or both"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence, and the channels that it is about."""

    text: str
    channels: tuple[int, ...] = ()


def problems(table: WiringTable) -> list[Problem]:
    """Everything that is wrong; nothing where the table is a wiring."""
    if not any(row.role for row in table.rows):
        return [Problem("No channel has a role yet: choose roles, or let Propose look at the edges.")]
    return [*_streams(table), *_ports(table), *_links(table)]


def _streams(table: WiringTable) -> Iterator[Problem]:
    for name in table.streams((*SPI_ROLES, *UART_ROLES)):
        members = _members(table, name)
        if not name.strip() or name != name.strip() or set(name) & set(",="):
            yield Problem(f"“{name}” is no name for a stream: write one without commas, equals signs and outer blanks.", members)
        if len({table.rows[at].role in UART_ROLES for at in members}) > 1:
            yield Problem(f"{name} has lines of a bus and of a serial link: give the serial link another stream.", members)


def _ports(table: WiringTable) -> Iterator[Problem]:
    for stream in table.streams(SPI_ROLES):
        ports = table.ports(stream)
        if wrong := [port for port in ports if not 1 <= port <= MAX_PORT]:
            yield Problem(f"There is no port {wrong[0]}: ports are 1 to {MAX_PORT}.", _members(table, stream))
        yield from _doubles(table, stream, ports)
        for lacking, said in _NEEDED:
            without = [port for port in ports if not any(table.lines(stream, role, port) for role in lacking)]
            if without:
                has = "have" if len(without) > 1 else "has"
                yield Problem(f"P{_ports_text(stream, without)} {has} {said}.", _members(table, stream))
        yield from _same_lines(table, stream, ports)


def _doubles(table: WiringTable, stream: str, ports: list[int]) -> Iterator[Problem]:
    """Two channels for one line, told once for all ports that have them."""
    found: dict[tuple[str, tuple[int, ...]], list[int]] = defaultdict(list)
    for port in ports:
        for role in SPI_ROLES:
            if len(lines := table.lines(stream, role, port)) > 1:
                found[role, lines].append(port)
    for (role, lines), shared in found.items():
        yield Problem(
            f"{_are(table, lines)} {role} of p{_ports_text(stream, shared)}: keep one, or number their ports apart.", lines
        )


def _same_lines(table: WiringTable, stream: str, ports: list[int]) -> Iterator[Problem]:
    wires = {port: tuple(table.lines(stream, role, port) for role in (*BUS_ROLES, "cs")) for port in ports}
    for one, other in combinations(ports, 2):
        if wires[one] == wires[other] and wires[one][0]:
            lines = tuple(at for line in wires[one] for at in line)
            yield Problem(f"P{_ports_text(stream, [one, other])} are on the same lines: give each its own cs.", lines)
            return


def _links(table: WiringTable) -> Iterator[Problem]:
    for stream in table.streams(UART_ROLES):
        rx, tx = (table.serial(stream, role) for role in UART_ROLES)
        if not rx:
            yield Problem(f"{stream} has no rx: choose the channel that carries what the device sends.", tx)
        for role, lines in (("rx", rx), ("tx", tx)):
            if len(lines) > 1:
                yield Problem(f"{_are(table, lines)} {role} of {stream}: keep one, or name another stream.", lines)
        if not table.has_rate:
            yield Problem("Serial lines need the sample rate, which the recording does not say: open it with its rate.", (*rx, *tx))


def _members(table: WiringTable, stream: str) -> tuple[int, ...]:
    return tuple(at for at, row in enumerate(table.rows) if row.role and row.stream == stream)


def _are(table: WiringTable, lines: Sequence[int]) -> str:
    names = listed_text([table.channel_text(at) for at in lines])
    return f"{names} are {'both' if len(lines) == 2 else 'all'}"


def _ports_text(stream: str, ports: Sequence[int]) -> str:
    return f"ort{'s' if len(ports) > 1 else ''} {listed_text([str(port) for port in ports])} of {stream}"
