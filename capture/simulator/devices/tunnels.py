"""Tunnels of a device: the host opens them, data goes both ways, either side closes (wire-format 6)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum

from capture.simulator.packets import Packet, Service, Status
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

OPEN, DATA, CLOSE = 1, 2, 3


class Protocol(IntEnum):
    """What a tunnel carries."""

    MBUS = 1
    DLMS = 2
    ZCL = 3


class Tunnels:
    """The open tunnels of one device, which carries one protocol.

    `opened`, `heard` and `closed` are called with the tunnel's number, before the host's command is answered; `is_free` says
    whether another one can be opened now.
    """

    def __init__(
        self, device: Peripheral, protocol: Protocol, opened: Callable[[int], None], heard: Callable[[int, bytes], None],
        closed: Callable[[int], None], is_free: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self.numbers: list[int] = []
        self._device, self._protocol = device, protocol
        self._opened, self._heard, self._closed, self._is_free = opened, heard, closed, is_free

    def send(self, tunnel: int, data: bytes) -> None:
        """Hand data to the host; without effect once the tunnel is closed."""
        if tunnel in self.numbers:
            self._device.command(Service.TUNNELLING, DATA, struct.pack(">H", tunnel) + data)

    def close(self, tunnel: int) -> None:
        """Close a tunnel from this side."""
        if tunnel in self.numbers:
            self.numbers.remove(tunnel)
            self._device.command(Service.TUNNELLING, CLOSE, struct.pack(">H", tunnel))

    def answer(self, packet: Packet) -> Answer:
        """The answer to a command of the tunnelling service."""
        if len(packet.payload) < 2:
            return Answer(status=Status.BAD_VALUE)
        tunnel, rest = int.from_bytes(packet.payload[:2], "big"), packet.payload[2:]
        if packet.operation == OPEN:
            return Answer(status=self._open(tunnel, rest))
        if tunnel not in self.numbers:
            return Answer(status=Status.BAD_VALUE)
        match packet.operation:
            case 2:
                self._heard(tunnel, rest)
            case 3:
                self.numbers.remove(tunnel)
                self._closed(tunnel)
            case _:
                return Answer(status=Status.UNKNOWN_OPERATION)
        return Answer()

    def _open(self, tunnel: int, rest: bytes) -> Status:
        if rest != bytes((self._protocol,)) or tunnel in self.numbers:
            return Status.BAD_VALUE
        if not self._is_free():
            return Status.BUSY
        self.numbers.append(tunnel)
        self._opened(tunnel)
        return Status.OK
