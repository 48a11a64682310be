"""The events of a device: told to the host as they happen, kept in a log, and closed by acknowledgement (wire-format 6)."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

NOTIFY, READ_LOG, ACKNOWLEDGE = 1, 2, 3
INFO, NOTICE, WARNING, ALARM = range(4)
KEPT = 64
RESTARTED = 0x0021
POWER_ON = 1
"""The reason of a restart."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at UTC seconds as the device counted them."""

    code: int
    severity: int
    time: int
    detail: Typed

    def encode(self) -> bytes:
        """As it stands in a notification and in the log."""
        return struct.pack(">HBI", self.code, self.severity, self.time) + self.detail.encode()


class EventLog:
    """The newest events first; the log outlives the power."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._open: set[int] = set()

    def is_open(self, code: int) -> bool:
        """Whether an event has happened that nobody has acknowledged."""
        return code in self._open

    def report(self, device: Peripheral, code: int, severity: int, detail: Typed) -> None:
        """Write an event down and tell the host."""
        event = Event(code, severity, device.utc(), detail)
        self._events.appendleft(event)
        self._open.add(code)
        device.command(Service.EVENTS, NOTIFY, b"\1" + event.encode())

    def restarted(self, device: Peripheral) -> None:
        """The event that every device begins with."""
        self.report(device, RESTARTED, INFO, Typed(TypeTag.UINT8, POWER_ON))

    def answer(self, packet: Packet) -> Answer:
        """The answer to a command of the events service."""
        try:
            match packet.operation:
                case 2:
                    start, most = struct.unpack(">IB", packet.payload)
                    found = [event for event in self._events if event.time >= start][:most]
                    return Answer(bytes((len(found),)) + b"".join(event.encode() for event in found))
                case 3:
                    (code,) = struct.unpack(">H", packet.payload)
                    known = any(event.code == code for event in self._events)
                    self._open.discard(code)
                    return Answer(status=Status.OK if known else Status.BAD_VALUE)
        except struct.error:
            return Answer(status=Status.BAD_VALUE)
        return Answer(status=Status.UNKNOWN_OPERATION)
