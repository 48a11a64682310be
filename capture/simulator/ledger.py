"""What truly happened: every packet, transaction, power state, energy and fault, as those who took part tell it.

Entries are JSON objects with `kind` and `time_ns`, nanoseconds from the start of the capture; names are those of the records.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from capture.simulator.frames import Route, Sighting
from capture.simulator.link import Delivery
from capture.simulator.packets import HEADER, Packet, Service, Status, decode_packet

Entry = dict[str, Any]
OPERATIONS = {
    Service.POWER: ("request", "release", "port_state"),
    Service.EVENTS: ("notify", "read_log", "acknowledge"),
    Service.OBJECTS: ("read", "write", "list"),
    Service.IMAGES: ("announce", "block", "verify", "activate", "abort"),
    Service.TUNNELLING: ("open", "data", "close"),
    Service.SECURITY: ("present", "challenge", "prove", "establish", "close", "csr", "install"),
}


@dataclass(slots=True)
class _Entrance:
    """A packet on its way through the host: where it came in, and what it was then."""

    port: int
    start_ns: int
    end_ns: int
    content: bytes


class Ledger:
    """Collects entries; `take` gives those that are new, in order of the time at which they were written.

    An entry may have `findings`: the codes, each as often as a decoder should report it, that what happened gives rise to.
    """

    def __init__(self) -> None:
        self._new: list[Entry] = []
        self._packets = 0
        self._commands: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._entrances: dict[Route, deque[_Entrance]] = {}
        self._counters: dict[tuple[int, int], int] = {}

    def take(self) -> list[Entry]:
        """All entries since the last call."""
        new, self._new = self._new, []
        return new

    def entered(self, port: int, sighting: Sighting) -> None:
        """A data frame for another port has come in at the host."""
        frame = sighting.frame
        entrances = self._entrances.setdefault(frame.route, deque())
        if frame.first:
            entrances.append(_Entrance(port, sighting.start_ns, sighting.end_ns, frame.payload))
        elif entrances:
            entrances[-1].end_ns = sighting.end_ns
            entrances[-1].content += frame.payload

    def never_left(self, route: Route) -> None:
        """The packet that came in last on a route, and came whole, is not sent on."""
        entrance = self._entrances[route].pop()
        self._packet(decode_packet(entrance.content), entrance.port, entrance.start_ns, entrance.end_ns, delivered=False)

    def delivered(self, port: int, delivery: Delivery, packet: Packet) -> None:
        """A packet has reached the one it is for, at the end of a port; it is told as its source sent it."""
        start_ns = delivery.start_ns
        if delivery.route.source and delivery.route.destination:
            entrance = self._entrances[delivery.route].popleft()
            port, start_ns, packet = entrance.port, entrance.start_ns, decode_packet(entrance.content)
        self._packet(packet, port, start_ns, delivery.end_ns, delivered=True)
        self._pair(packet, start_ns, delivery.end_ns)

    def _packet(self, packet: Packet, port: int, start_ns: int, end_ns: int, *, delivered: bool) -> None:
        self._packets += 1
        self._write("packet", start_ns, {
            "no": self._packets,
            "end_ns": end_ns,
            "port": port,
            "source": f"{packet.source:016x}",
            "destination": f"{packet.destination:016x}",
            "service": Service(packet.service).name.lower(),
            "operation": OPERATIONS[Service(packet.service)][packet.operation - 1],
            "response": packet.response,
            "status": Status(packet.status).name.lower(),
            "transaction": packet.transaction,
            "counter": packet.counter,
            "time_utc": packet.time,
            "payload": packet.payload.hex(),
            "delivered": delivered,
        })  # fmt: skip
        self._count(start_ns, packet.source, packet.destination, packet.counter)

    def _pair(self, packet: Packet, start_ns: int, end_ns: int) -> None:
        if not packet.response:
            self._commands[packet.source, packet.destination, packet.transaction] = (self._packets, end_ns)
            return
        command = self._commands.pop((packet.destination, packet.source, packet.transaction), None)
        if command is not None:
            self._write("transaction", start_ns, {
                "command": command[0],
                "response": self._packets,
                "latency_ns": start_ns - command[1],
                "initiator": f"{packet.destination:016x}",
                "responder": f"{packet.source:016x}",
            })  # fmt: skip

    def power(self, time_ns: int, port: int, rail: str) -> None:
        """The host has switched a port: `rail` is the highest that is on."""
        self._write("power", time_ns, {"port": port, "rail": rail})

    def energy(self, time_ns: int, port: int, rail: str, charge_c: float, energy_j: float) -> None:
        """What a rail has given until now."""
        self._write("energy", time_ns, {"port": port, "rail": rail, "charge_c": charge_c, "energy_j": energy_j})

    def link(self, kind: str, port: int, sighting: Sighting) -> None:
        """A `retransmission` or a `nak` on a port."""
        self._write(kind, sighting.start_ns, {"end_ns": sighting.end_ns, "port": port})

    def broken(self, port: int, start_ns: int, end_ns: int, begin: bytes) -> None:
        """Parts of a packet have come that make no whole; `begin` is what it begins with, where that is among them."""
        self._write("broken-packet", start_ns, {"end_ns": end_ns, "port": port})
        if len(begin) >= HEADER.size:
            *_, source, destination, counter, _time = HEADER.unpack_from(begin)
            self._count(start_ns, source, destination, counter)

    def _count(self, time_ns: int, source: int, destination: int, counter: int) -> None:
        """Tell of a counter that has not grown."""
        if counter <= self._counters.get((source, destination), -1):
            more = {"source": f"{source:016x}", "counter": counter, "findings": ["counter-not-increasing"]}
            self._write("old-counter", time_ns, more)
        else:
            self._counters[source, destination] = counter

    def fault(self, time_ns: int, name: str, port: int | None, findings: tuple[str, ...]) -> None:
        """A fault has struck."""
        self._write("fault", time_ns, {"name": name, "port": port, "findings": list(findings)})

    def _write(self, kind: str, time_ns: int, more: Entry) -> None:
        self._new.append({"kind": kind, "time_ns": time_ns} | more)


@dataclass(frozen=True, slots=True)
class PortWitness:
    """Tells the ledger what the ends of a port's link see."""

    ledger: Ledger
    port: int

    def link_event(self, kind: str, sighting: Sighting) -> None:
        self.ledger.link(kind, self.port, sighting)

    def broken(self, start_ns: int, end_ns: int, begin: bytes) -> None:
        self.ledger.broken(self.port, start_ns, end_ns, begin)
