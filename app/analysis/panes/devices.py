"""Who is on the bus: the host and its ports, what each said and when, counted from columns while they grow."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.panes.listing import Numbers
from app.analysis.tables.snapshot import Snapshot
from decoders.bus.wiring import Wiring
from decoders.core.frames import H2P, P2H
from decoders.identity import maker_of
from decoders.profile.columns import extract, value_at
from decoders.profile.layout import Layout

HOST = 0
PORT_BITS = 8
PLACES = 1 << 16
"""A stream and a port in it, as one number."""
FRAMES_AT_ONCE = 1 << 18
PACKETS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Power:
    """The last power notice for a port: the rail by name, and the limit as the profile's fields say it."""

    rail: str
    limit_ma: int | None
    frame: int


@dataclass(frozen=True, slots=True)
class Device:
    """The host (port 0) or what sits at one port of a stream.

    `identity` is its UMI ID in 16 hex digits, None where no packet names it. Frames, packets and bytes are those seen on the port
    in both directions, on all ports for the host; `last_seen` is the tick of the last bit that the device itself sent.
    `last_packet` is the last one that it sent, or the last seen on its port where it sent none.
    """

    stream: str
    stream_no: int
    port: int
    identity: str | None = None
    frames: int = 0
    malformed: int = 0
    resent: int = 0
    packets: int = 0
    size: int = 0
    last_seen: int | None = None
    last_packet: int | None = None
    power: Power | None = None

    @property
    def title(self) -> str:
        return "Host" if self.port == HOST else f"Port {self.port}"

    @property
    def maker(self) -> str | None:
        """The company that the IEEE registered for it."""
        return maker_of(self.identity) if self.identity else None


@dataclass(slots=True)
class _Totals:
    """Sums by place, one array entry each; the `last_` arrays hold record numbers, 0 for none."""

    frames: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    malformed: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    size: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    packets: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    last_frame_from: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    last_packet_from: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))
    last_packet_on: Numbers = field(default_factory=lambda: np.zeros(PLACES, np.int64))


class DeviceStatistics:
    """Counts what came since the last time; each call of `grow` takes a bounded time."""

    def __init__(self, snapshot: Snapshot, wiring: Wiring) -> None:
        self._snapshot = snapshot
        self._wiring = wiring
        self._totals = _Totals()
        self._sent: dict[int, Counter[int]] = {}
        self._addressed: dict[int, Counter[int]] = {}
        self._power: dict[int, Power] = {}
        self._frames_done = self._packets_done = 0

    def grow(self) -> bool:
        """Take in more records; True where there are still some left."""
        frames, packets = self._snapshot.count("frames"), self._snapshot.count("packets")
        # Packets first: the frames that they point to must be there, and are, since both counts were published together.
        end = min(packets, self._packets_done + PACKETS_AT_ONCE)
        self._add_packets(self._packets_done, end)
        self._packets_done = end
        end = min(frames, self._frames_done + FRAMES_AT_ONCE)
        self._add_frames(self._frames_done, end)
        self._frames_done = end
        return self._frames_done < frames or self._packets_done < packets

    def devices(self) -> list[Device]:
        """All ports that are wired or were heard of, each stream's host first."""
        seen = np.flatnonzero(self._totals.frames | self._totals.packets).tolist()
        wired = [_place(port.stream, port.port) for port in self._wiring.spi]
        wired += [_place(line.stream, 1) for line in self._wiring.uart if line.protocol == "raw"]
        named = [place for place in (*self._sent, *self._power) if place & ((1 << PORT_BITS) - 1)]
        ports = sorted({place for place in (*seen, *wired, *named) if place % (1 << PORT_BITS)})
        devices: list[Device] = []
        for stream in sorted({place >> PORT_BITS for place in ports}):
            devices.append(self._device(stream, HOST))
            devices += [self._device(stream, place % (1 << PORT_BITS)) for place in ports if place >> PORT_BITS == stream]
        return devices

    def _add_frames(self, first: int, end: int) -> None:
        if end <= first:
            return
        table = {
            name: self._snapshot.column("frames", name)[first:end] for name in ("stream", "port", "size", "malformed", "direction")
        }
        place = _places(table["stream"], table["port"])
        totals, rows = self._totals, np.arange(first + 1, end + 1)
        totals.frames += np.bincount(place, minlength=PLACES)
        totals.malformed += np.bincount(place[table["malformed"] != 0], minlength=PLACES)
        totals.size += np.bincount(place, weights=table["size"], minlength=PLACES).astype(np.int64)
        from_port = table["direction"] == P2H
        totals.last_frame_from[place[from_port]] = rows[from_port]
        from_host = table["direction"] == H2P
        totals.last_frame_from[place[from_host] & ~0xFF] = rows[from_host]
        self._add_power(first, end, table["malformed"], table["stream"])

    def _add_packets(self, first: int, end: int) -> None:
        if end <= first:
            return
        column = self._snapshot.column
        stream, port = (column("packets", name)[first:end] for name in ("stream", "port"))
        place, numbers = _places(stream, port), np.arange(first + 1, end + 1)
        self._totals.packets += np.bincount(place, minlength=PLACES)
        self._totals.last_packet_on[place] = numbers
        frame = column("packets", "first_frame")[first:end].astype(np.int64) - 1
        routed = self._routed("src_port", frame)
        is_answer = column("packets", "direction")[first:end] == P2H
        source = _places(stream, np.where(is_answer, port, HOST) if routed is None else routed)
        self._totals.last_packet_from[source] = numbers
        has_header = column("packets", "has_header")[first:end] != 0
        self._count_ids(self._sent, "source", source, has_header, first, end)
        routed = self._routed("dst_port", frame)
        target = _places(stream, np.where(is_answer, HOST, port) if routed is None else routed)
        self._count_ids(self._addressed, "destination", target, has_header, first, end)

    def _routed(self, name: str, frame: Numbers) -> NDArray[Any] | None:
        """A port of the route of the packets' first frames; None where frames do not say one."""
        route = self._snapshot.header_column("frames", name)
        return None if route is None else route[frame]

    def _count_ids(
        self, counts: dict[int, Counter[int]], name: str, place: Numbers, has_header: NDArray[np.bool_], first: int, end: int
    ) -> None:
        ids = self._snapshot.header_column("packets", name)
        if ids is None or not has_header.any():
            return
        raw, place = ids[first:end][has_header], place[has_header]
        order = np.lexsort((raw, place))
        raw, place = raw[order], place[order]
        begin = np.flatnonzero(np.concatenate([[True], (raw[1:] != raw[:-1]) | (place[1:] != place[:-1])]))
        amount = np.diff(np.concatenate([begin, [len(raw)]]))
        for at, each, number in zip(place[begin].tolist(), raw[begin].tolist(), amount.tolist(), strict=True):
            counts.setdefault(at, Counter())[each] += number

    def _add_power(self, first: int, end: int, malformed: NDArray[Any], stream: NDArray[Any]) -> None:
        profile = self._snapshot.profile
        layout, types = profile.frame_payloads.get("power"), self._snapshot.header_column("frames", "type")
        number = profile.enumerations["frame_type"].by_name.get("power")
        if layout is None or types is None or number is None or "port" not in layout or "rail" not in layout:
            return
        rows = np.flatnonzero((types[first:end] == number) & (malformed == 0))
        if not len(rows):
            return
        at, size, header = (self._snapshot.column("frames", name)[first:end][rows] for name in ("at", "size", "header_size"))
        crc = profile.crc.size if profile.crc else 0
        columns = extract(layout, self._snapshot.column("bytes", "data"), at + header, size.astype(np.int64) - header - crc)
        place = _places(stream[rows], columns.numbers["port"])
        # Of several notices for one place the last one stands.
        last = {where: row for row, where in enumerate(place.tolist()) if columns.complete[row]}
        for where, row in last.items():
            limit = _value(layout, "limit_ma", columns.numbers, row)
            rail = str(_value(layout, "rail", columns.numbers, row))
            self._power[where] = Power(rail, limit if isinstance(limit, int) else None, first + int(rows[row]) + 1)

    def _device(self, stream: int, port: int) -> Device:
        place, totals = _place(stream, port), self._totals
        whose = slice(place, place + (1 << PORT_BITS)) if port == HOST else slice(place, place + 1)
        last_frame = int(totals.last_frame_from[place])
        last_packet = int(totals.last_packet_from[place]) or int(totals.last_packet_on[whose].max())
        return Device(
            stream=self._wiring.streams[stream] if stream < len(self._wiring.streams) else "",
            stream_no=stream,
            port=port,
            identity=self._identity(place),
            frames=int(totals.frames[whose].sum()),
            malformed=int(totals.malformed[whose].sum()),
            packets=int(totals.packets[whose].sum()),
            size=int(totals.size[whose].sum()),
            last_seen=self._end_of(last_frame) if last_frame else None,
            last_packet=last_packet or None,
            power=self._power.get(place),
        )

    def _end_of(self, frame: int) -> int:
        start, duration = (self._snapshot.column("frames", name)[frame - 1] for name in ("start", "duration"))
        return int(start) + int(duration)

    def _identity(self, place: int) -> str | None:
        """What most of its packets, else most of those to it, call it."""
        for counts, name in ((self._sent, "source"), (self._addressed, "destination")):
            if place in counts:
                raw, _ = counts[place].most_common(1)[0]
                text = str(value_at(self._snapshot.profile.packet.field(name), raw))
                return text if len(text) == 16 else f"{raw:016x}"
        return None


def place_of_sender(snapshot: Snapshot, devices: list[Device], layer: str, no: int) -> int | None:
    """The place in the list of the device that sent a packet or frame: by the frame's route, else by port and direction."""
    if not 1 <= no <= snapshot.count(layer):
        return None
    frame = int(snapshot.column("packets", "first_frame")[no - 1]) if layer == "packets" else no
    stream, port, direction, malformed = (
        int(snapshot.column("frames", name)[frame - 1]) for name in ("stream", "port", "direction", "malformed")
    )
    route = snapshot.header_column("frames", "src_port")
    sender = (port if direction == P2H else HOST) if route is None or malformed else int(route[frame - 1])
    return next((at for at, device in enumerate(devices) if (device.stream_no, device.port) == (stream, sender)), None)


def star(count: int) -> list[tuple[float, float]]:
    """Where `count` ports stand around their host, from the top clockwise: x and y of each, the host being at 0, 0, up to 1 away."""
    angles = [2 * math.pi * index / count for index in range(count)]
    return [(math.sin(angle), -math.cos(angle)) for angle in angles]


def _place(stream: int, port: int) -> int:
    return stream << PORT_BITS | port


def _places(stream: NDArray[Any], port: NDArray[Any]) -> Numbers:
    return stream.astype(np.int64) << PORT_BITS | port.astype(np.int64) & 0xFF


def _value(layout: Layout, name: str, numbers: dict[str, NDArray[Any]], row: int) -> object:
    """A field's value in one row; None where the layout has no such field."""
    return value_at(layout.field(name), int(numbers[name][row])) if name in layout else None
