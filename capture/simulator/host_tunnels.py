"""The host's side of tunnels: it reads M-Bus meters as their master, and answers DLMS and ZCL clients for its meter."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol as Shape

from capture.simulator.devices.gas_index import VOLUME
from capture.simulator.devices.tunnels import CLOSE, DATA, OPEN, Protocol
from capture.simulator.host import Host, Place
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.packets import Packet, Service, Status
from capture.simulator.tunnelled import dlms, mbus, zcl

REPLY_NS = 4 * NS_PER_MS
DEVICE_NAME = b"EXMUMI0000000001"


class Conversation(Shape):
    """What the host says through one tunnel."""

    def begin(self) -> bytes | None:
        """What it says first; None where it waits to be asked."""
        ...

    def hear(self, data: bytes) -> bytes | None:
        """What it says to that."""
        ...


class MbusMaster:
    """Asks the meters at address 1, 2, … one after the other, until nobody answers; then it listens."""

    def __init__(self) -> None:
        self._address = 1

    def begin(self) -> bytes | None:
        return mbus.short_frame(mbus.SND_NKE, self._address)

    def hear(self, data: bytes) -> bytes | None:
        if data == mbus.ACKNOWLEDGED:
            return mbus.short_frame(mbus.REQ_UD2, self._address)
        if len(data) > 5 and data[4] == mbus.RSP_UD and data[5] == self._address:
            self._address += 1
            return mbus.short_frame(mbus.SND_NKE, self._address)
        return None


class DlmsServer:
    """Answers for the gas meter with what the host has read of it last."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def begin(self) -> bytes | None:
        return None

    def hear(self, data: bytes) -> bytes | None:
        asked = dlms.requested(data)
        if asked is not None:
            invocation, attribute = asked
            return dlms.get_response(invocation, self._value(attribute))
        match data[:1]:
            case b"\x60":
                return dlms.aare()
            case b"\x62":
                return dlms.release(dlms.RLRE)
        return None

    def _value(self, attribute: dlms.Attribute) -> bytes | int:
        if attribute == dlms.LOGICAL_DEVICE:
            return dlms.octets(DEVICE_NAME)
        if attribute == dlms.CLOCK:
            return dlms.date_time(self._host.utc())
        if attribute == dlms.VOLUME_UNIT:
            return dlms.SCALER_UNIT_M3
        if attribute == dlms.VOLUME:
            volume = self._host.known.get(VOLUME)
            return dlms.TEMPORARY_FAILURE if volume is None or not isinstance(volume.value, int) else dlms.unsigned(volume.value)
        return dlms.OBJECT_UNDEFINED


class ZclServer:
    """The Simple Metering cluster of the gas meter."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def begin(self) -> bytes | None:
        return None

    def hear(self, data: bytes) -> bytes | None:
        asked = zcl.asked(data)
        return None if asked is None else zcl.read_response(*asked, self._attributes())

    def _attributes(self) -> dict[int, zcl.Attribute]:
        volume = self._host.known.get(VOLUME)
        total = (zcl.Attribute(zcl.SUMMATION, zcl.UINT48, volume.value),) if volume and isinstance(volume.value, int) else ()
        fixed = (
            zcl.Attribute(zcl.UNIT, zcl.ENUM8, zcl.CUBIC_METRES),
            zcl.Attribute(zcl.MULTIPLIER, zcl.UINT24, 1),
            zcl.Attribute(zcl.DIVISOR, zcl.UINT24, 1000),
        )
        return {attribute.number: attribute for attribute in (*total, *fixed)}


class HostTunnels:
    """Opens tunnels, says in them what belongs there, and closes them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._next = 1
        self._open: dict[tuple[int, int], Conversation] = {}
        host.on_tunnel = self._hear
        host.on_tunnel_closed = self._closed

    def open(self, place: Place, protocol: Protocol, duration_ns: int) -> None:
        """Open a tunnel for a while; 0 where the device closes it. Without effect while one is open there."""
        if place.tunnels:
            return
        number, self._next = self._next, self._next % 0xFFFF + 1

        def answered(response: Packet | None) -> None:
            if response is None or response.status != Status.OK:
                return
            place.tunnels[number] = protocol
            conversation = self._conversation(protocol)
            self._open[place.port.number, number] = conversation
            first = conversation.begin()
            if first is not None:
                self._say(place, number, first)
            if duration_ns:
                self._host.kernel.after(duration_ns, lambda: self._close(place, number))

        self._command(place, OPEN, number, bytes((protocol,)), answered)

    def _conversation(self, protocol: Protocol) -> Conversation:
        match protocol:
            case Protocol.MBUS:
                return MbusMaster()
            case Protocol.DLMS:
                return DlmsServer(self._host)
            case Protocol.ZCL:
                return ZclServer(self._host)

    def _hear(self, place: Place, number: int, data: bytes) -> None:
        conversation = self._open.get((place.port.number, number))
        said = None if conversation is None else conversation.hear(data)
        if said is not None:
            self._host.kernel.after(REPLY_NS, lambda: self._say(place, number, said))

    def _say(self, place: Place, number: int, data: bytes) -> None:
        if number in place.tunnels:
            self._command(place, DATA, number, data)

    def _close(self, place: Place, number: int) -> None:
        if number in place.tunnels:
            del place.tunnels[number]
            self._closed(place, number)
            self._command(place, CLOSE, number)

    def _closed(self, place: Place, number: int) -> None:
        self._open.pop((place.port.number, number), None)

    def _command(
        self, place: Place, operation: int, number: int, data: bytes = b"", answered: Callable[[Packet | None], None] | None = None
    ) -> None:
        self._host.command(place.port.number, Service.TUNNELLING, operation, struct.pack(">H", number) + data, answered)
