"""What the judgement of the supply needs of a decoded recording, gathered while it is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.power.requests import PowerRequests
from decoders.bus.wiring import Wiring
from decoders.core.finding import Finding
from decoders.core.frames import P2H, FrameBatch
from decoders.core.transfers import TransferBatch
from decoders.datasheet.sheets import DatasheetSet
from decoders.packet_reading import PacketReader
from decoders.power.judgement import HighRequest, Sightings
from decoders.power.notices import NoticeWatch, Place
from decoders.profile.columns import Columns
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop, PacketBatch


@dataclass(frozen=True, slots=True)
class BatteryClaim:
    """That devices whose UMI IDs begin with `oui`, and that have the object `known_by` where it is given, live on `average_ua`."""

    oui: bytes
    average_ua: float
    known_by: int | None
    name: str


def battery_claims(datasheets: DatasheetSet) -> tuple[BatteryClaim, ...]:
    """What datasheets claim of devices on a battery."""
    sheets = ((sheet, sheet.supply) for sheet in datasheets.sheets)
    return tuple(
        BatteryClaim(sheet.oui, supply.average_ua, supply.known_by, sheet.description or sheet.manufacturer)
        for sheet, supply in sheets
        if supply is not None and supply.battery
    )


class Evidence:
    """Transfers and frames of the ports whose rails are wired, what the host said, and who asked for what; fed in order."""

    def __init__(self, profile: WireProfile, wiring: Wiring, rate_hz: int, claims: Sequence[BatteryClaim] = ()) -> None:
        self.notices = NoticeWatch(profile, rate_hz)
        self._requests = PowerRequests(profile)
        self.claimed: dict[Place, set[BatteryClaim]] = {}
        self.devices: dict[Place, set[int]] = {}
        self.gaps: list[tuple[int, int]] = []
        self.unpowered: set[int | None] = set()
        """Frames of which it is known from the host's word that nobody should have sent them."""
        self._claims = claims
        self._reader = PacketReader(profile)
        judged = {(rail.stream, rail.port) for rail in wiring.power}
        self._transfers: dict[Place, list[Sightings]] = {place: [] for place in judged}
        self._frames: dict[Place, list[Sightings]] = {
            (rail.stream, rail.port): [] for rail in wiring.power if rail.voltage is not None and rail.rail == "low"
        }
        self._next_transfer = 1
        self._objects = profile.enumerations["service"].by_name.get("objects", -1)

    def add(self, decoded: Decoded) -> list[Finding]:
        """Take in one piece; the frames in it that nobody should have sent, by the host's own word."""
        for gap in decoded.gaps:
            self.notices.gap(gap.start)
            self.gaps.append((gap.start, gap.end))
        self._add_transfers(decoded.transfers)
        self._add_frames(decoded.frames)
        if len(decoded.packets):
            self._add_packets(decoded.packets, decoded.headers)
        found = self.notices.feed(decoded.frames)
        self.unpowered |= {finding.record for finding in found}
        return found

    def finish(self, tick: int) -> None:
        """The recording has ended at a tick."""
        self.notices.finish(tick)

    @property
    def high_requests(self) -> dict[Place, list[HighRequest]]:
        """The requests for power of the class high by port, in order."""
        return self._requests.high

    def transfers(self, place: Place) -> Sightings:
        """The transfers of a wired port."""
        return _joined(self._transfers.get(place, []))

    def frames(self, place: Place) -> Sightings:
        """The frames, malformed ones left out, of a port whose low rail's voltage is wired."""
        return _joined(self._frames.get(place, []))

    def _add_transfers(self, transfers: TransferBatch) -> None:
        for place, kept in self._transfers.items():
            rows = _rows_at(transfers, place)
            if len(rows):
                kept.append(Sightings(rows + self._next_transfer, transfers.start[rows], transfers.end[rows]))
        self._next_transfer += len(transfers)

    def _add_frames(self, frames: FrameBatch) -> None:
        for place, kept in self._frames.items():
            rows = _rows_at(frames, place)
            rows = rows[frames.malformed[rows] == 0]
            if len(rows):
                kept.append(Sightings(rows + frames.first_no, frames.start[rows], frames.end[rows]))

    def _add_packets(self, packets: PacketBatch, headers: Columns) -> None:
        """Who is where, what power was asked for and granted, and which devices have the objects that they are known by."""
        service, source = headers.get("service"), headers.get("source")
        own = headers.complete & (packets.direction == P2H) & (packets.hop == Hop.NONE)
        self.notices.self_powered |= self._requests.feed(packets, headers)
        if not self._claims:
            return
        for place in self._transfers:
            for device in np.unique(source[own & (packets.stream == place[0]) & (packets.port == place[1])]).tolist():
                self._meet(place, device)
        answers = own & (packets.ending == Ending.WHOLE) & (service == self._objects) & (headers.get("response") != 0)
        if self._transfers and any(claim.known_by is not None for claim in self._claims):
            for row in np.flatnonzero(answers).tolist():
                self._add_objects(packets, row, int(source[row]))

    def _meet(self, place: Place, device: int) -> None:
        self.devices.setdefault(place, set()).add(device)
        for claim in self._claims:
            if claim.known_by is None and _is_of(device, claim.oui):
                self.claimed.setdefault(place, set()).add(claim)

    def _add_objects(self, packets: PacketBatch, row: int, device: int) -> None:
        place = int(packets.stream[row]), int(packets.port[row])
        open_claims = [
            claim
            for claim in self._claims
            if claim.known_by is not None and _is_of(device, claim.oui) and claim not in self.claimed.get(place, ())
        ]
        if not open_claims:
            return
        reading = self._reader.read(packets.content(row), whole=True)
        items = reading.payload.record.get("items") if reading.payload is not None else None
        known = (
            {item.get("code") for item in items if isinstance(item, dict) and item.get("result") == "ok"}
            if isinstance(items, list)
            else set()
        )
        for claim in open_claims:
            if f"{claim.known_by:08x}" in known:
                self.claimed.setdefault(place, set()).add(claim)


def _is_of(device: int, oui: bytes) -> bool:
    """Whether the first three bytes of an EUI-64 name this maker."""
    return device >> 40 == int.from_bytes(oui, "big")


def _rows_at(records: TransferBatch | FrameBatch, place: Place) -> NDArray[np.int64]:
    return np.flatnonzero((records.stream == place[0]) & (records.port == place[1]))


def _joined(parts: list[Sightings]) -> Sightings:
    if not parts:
        return Sightings.none()
    no, start, end = (np.concatenate([getattr(part, name) for part in parts]) for name in ("no", "start", "end"))
    order = np.argsort(start, kind="stable")
    return Sightings(no[order], start[order], end[order])
