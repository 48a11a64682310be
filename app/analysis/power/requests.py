"""Who asks the host for which power, and what is granted (wire-format 6, placeholder)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from decoders.core.frames import P2H
from decoders.core.span import Span
from decoders.core.tree import Value
from decoders.packet_reading import PacketReader
from decoders.power.judgement import HighRequest
from decoders.power.notices import Place
from decoders.profile.columns import Columns
from decoders.profile.wire_profile import WireProfile
from decoders.transport.chains import Ending
from decoders.transport.packets import PacketBatch

Ids = tuple[int, int, int]
"""Initiator, responder and transaction number, as on the wire."""


class PowerRequests:
    """Follows `power.request` packet by packet: `high` are the requests of the class high of each port, with what was granted."""

    def __init__(self, profile: WireProfile) -> None:
        self.high: dict[Place, list[HighRequest]] = {}
        self._reader = PacketReader(profile)
        self._service = profile.enumerations["service"].by_name.get("power", -1)
        operations = profile.services[self._service].operations if self._service in profile.services else {}
        self._operation = next((code for code, operation in operations.items() if operation.name == "request"), -1)
        self._asked: dict[Ids, tuple[Place, int]] = {}

    def feed(self, packets: PacketBatch, headers: Columns) -> set[Place]:
        """The next packets; the ports of those devices among them that power themselves."""
        is_request = (headers.get("service") == self._service) & (headers.get("operation") == self._operation)
        is_request &= headers.complete & (packets.ending == Ending.WHOLE)
        is_command = headers.get("response") == 0
        # What the host asks of a device for itself is no business of its port.
        rows = np.flatnonzero(is_request & (~is_command | (packets.direction == P2H)))
        columns = [headers.get(name)[rows].tolist() for name in ("source", "destination", "transaction")]
        self_powered: set[Place] = set()
        for row, source, destination, number in zip(rows.tolist(), *columns, strict=True):
            place = int(packets.stream[row]), int(packets.port[row])
            if not is_command[row]:
                self._answer(packets, row, (destination, source, number))
            else:
                kind = self._payload(packets, row).get("class")
                self_powered |= {place} if kind == "self" else set()
                if kind == "high":
                    self._ask(packets, row, place, (source, destination, number))
        return self_powered

    def _ask(self, packets: PacketBatch, row: int, place: Place, ids: Ids) -> None:
        start = int(packets.start[row])
        of_port = self.high.setdefault(place, [])
        of_port.append(HighRequest(packets.first_no + row, Span(start, max(start, int(packets.end[row])) + 1), place[1], 0))
        self._asked[ids] = place, len(of_port) - 1

    def _answer(self, packets: PacketBatch, row: int, ids: Ids) -> None:
        asked = self._asked.pop(ids, None)
        granted = self._payload(packets, row).get("granted_ma") if asked is not None else None
        if asked is not None and isinstance(granted, int):
            place, at = asked
            self.high[place][at] = replace(self.high[place][at], granted_ma=granted)

    def _payload(self, packets: PacketBatch, row: int) -> dict[str, Value]:
        """The fields of a packet's payload; none where it is locked."""
        payload = self._reader.read(packets.content(row), whole=True).payload
        return {} if payload is None else payload.record
