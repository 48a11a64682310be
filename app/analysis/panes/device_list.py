"""The list below the star of devices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.analysis.panes.devices import HOST, Device, Power
from app.analysis.panes.listing import Column, Numbers, Row
from app.analysis.panes.supply import CHARGE, ENERGY, MEAN, port_cells
from app.analysis.power.energies import Energies
from app.analysis.text.words import duration_text, grouped, time_text
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.identity import display_umi_id

COLUMNS = (
    Column("Device", sample="Port 12"),
    Column("UMI ID", sample="AC-DE-48-00-00-00-00-01"),
    Column("Frames", right=True, sample="123 456"),
    Column("Packets", right=True, sample="123 456", spare=5),
    Column("Bytes", right=True, sample="12 345 678", spare=2),
    Column("Malformed", right=True, sample="123", spare=6),
    Column("Rail", sample="high 12 V, 1 000 mA", spare=4),
    Column("Last seen s", right=True, sample="1 234.000 000 000", spare=3),
    Column("Maker", sample="Cambridge Consultants Limited", spare=1),
)
MALFORMED = 5
RAIL_VOLTS = {"low": "3 V", "high": "12 V"}
"""The two rails of a port (wire-format 3, frame type power)."""


class DeviceList:
    """Devices in the order of their streams and ports, as they were last told.

    `energies` tell what each port took, where currents are wired.
    """

    def __init__(self, timebase: Timebase, energies: Energies | None = None) -> None:
        self.devices: list[Device] = []
        self._energies = energies if energies is not None and energies.is_wired else None
        self._timebase = timebase

    @property
    def columns(self) -> tuple[Column, ...]:
        """Devices are named with their stream where there are several."""
        longest = max((self._name(device) for device in self.devices), key=len, default="")
        first = COLUMNS[0]
        supply = () if self._energies is None else (ENERGY, CHARGE, MEAN)
        return (replace(first, sample=max(first.sample, longest, key=len)), *COLUMNS[1:2], *supply, *COLUMNS[2:])

    def order(self) -> Numbers:
        return np.arange(1, len(self.devices) + 1)

    def row(self, no: int) -> Row:
        device = self.devices[no - 1]
        seen = "" if device.last_seen is None else time_text(self._timebase.ns(device.last_seen))
        cells: tuple[str, ...] = (
            self._name(device),
            display_umi_id(bytes.fromhex(device.identity)) if device.identity else "not named yet",
            grouped(device.frames),
            grouped(device.packets),
            grouped(device.size),
            grouped(device.malformed),
            power_text(device.power),
            seen,
            device.maker or "",
        )
        supply = () if self._energies is None else port_cells(self._energies, device.stream_no, device.port)
        cells = (*cells[:2], *supply, *cells[2:])
        marked = (MALFORMED + len(supply),)
        return Row(cells, tip(device, self._timebase), Severity.WARNING if device.malformed else None, marked)

    def sort_by(self, column: int, *, descending: bool) -> None:
        """Devices stand in the order of their ports."""

    def summary(self) -> str:
        """How many ports there are and how many of them spoke."""
        ports = [device for device in self.devices if device.port != HOST]
        spoke = sum(device.last_seen is not None for device in ports)
        return f"{len(ports)} ports, {spoke} of them heard" if len(ports) != 1 else "1 port"

    def _name(self, device: Device) -> str:
        return device.title if self._is_only_stream() else f"{device.stream} · {device.title}"

    def _is_only_stream(self) -> bool:
        return len({device.stream_no for device in self.devices}) == 1


def power_text(power: Power | None) -> str:
    """The rail and its limit; empty where no notice was seen."""
    if power is None:
        return ""
    rail = f"{power.rail} {RAIL_VOLTS[power.rail]}" if power.rail in RAIL_VOLTS else power.rail
    return rail if power.limit_ma is None or power.rail == "off" else f"{rail}, {grouped(power.limit_ma)} mA"


def tip(device: Device, timebase: Timebase) -> str:
    """Everything known of a device, line by line."""
    lines = [f"{device.title} of {device.stream}" if device.stream else device.title]
    if device.identity:
        lines.append(f"{display_umi_id(bytes.fromhex(device.identity))}, {device.maker or 'maker unknown'}")
    lines.append(f"{grouped(device.frames)} frames, {grouped(device.packets)} packets, {grouped(device.size)} bytes")
    if device.malformed:
        lines.append(f"{grouped(device.malformed)} malformed stretches")
    if device.power:
        lines.append(f"Rail {power_text(device.power)} (power notice in frame {grouped(device.power.frame)})")
    if device.last_seen is not None:
        lines.append(f"Last heard after {duration_text(timebase.ns(device.last_seen))}")
    return "\n".join(lines)
