"""A GSM module: it asks for the 12 V rail, registers, and connects a head-end system with the meter through a tunnel."""

from __future__ import annotations

import struct
from enum import Enum
from random import Random

from capture.simulator.devices.event_log import INFO, WARNING, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable
from capture.simulator.devices.services import MODULE_BANK, Services, module_objects
from capture.simulator.devices.tunnels import Protocol, Tunnels
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer
from capture.simulator.tunnelled import dlms

SIGNAL, RADIO_STATE = MODULE_BANK | 0x0300, MODULE_BANK | 0x0301
REGISTERED, NO_POWER = 0x0101, 0x0102
REQUEST, PORT_STATE, HIGH_CLASS = 1, 3, 1
WANTED_MA, WANTED_S = 700, 3600
RENEW_NS = (WANTED_S - 60) * NS_PER_S
AGAIN_NS = 60 * NS_PER_S
FOREVER_NS = 1 << 62
IDLE_A, SLOT_A = 6e-3, 0.6
FRAME_NS, SLOT_NS = 4_615_385, 576_923
"""A TDMA frame of GSM is 60/13 ms long and has eight slots, of which the module sends in one."""
REGISTER_NS, CONNECT_NS, HANG_UP_NS = 1_500 * NS_PER_MS, 900 * NS_PER_MS, 300 * NS_PER_MS
ASKED_FOR = (dlms.LOGICAL_DEVICE, dlms.CLOCK, dlms.VOLUME_UNIT, dlms.VOLUME)


class Air(Enum):
    """What the radio does; the values are those of its object."""

    OFF = 0
    REGISTERING = 1
    IDLE = 2
    CONNECTED = 3


class GsmModule:
    """While the radio registers or is connected it sends in one slot of every frame, from the 12 V rail."""

    def __init__(self, serial: str, random: Random) -> None:
        self._serial, self._random = serial, random
        self._images = ImageStore(version=0x0402_0100)
        self._events = EventLog()
        self._signal = random.randrange(12, 28)
        self._radio = Air.OFF
        self._sends_until_ns = 0
        self._is_sending = False
        self._head_end: _HeadEnd | None = None
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        def opened(tunnel: int) -> None:
            self._connect(device, tunnels, tunnel)

        def heard(tunnel: int, apdu: bytes) -> None:
            self._hear(device, tunnels, tunnel, apdu)

        tunnels = Tunnels(device, Protocol.DLMS, opened, heard, lambda _: self._hang_up(device), lambda: self._radio is Air.IDLE)
        objects = module_objects(device, self._serial, self._images) | {
            SIGNAL: Variable(lambda: Typed(TypeTag.UINT8, self._signal)),
            RADIO_STATE: Variable(lambda: Typed(TypeTag.UINT8, self._radio.value)),
        }
        self._services = Services(device, Objects(objects), self._events, self._images, tunnels)
        self._events.restarted(device)
        device.on_high_rail = lambda is_on: self._powered(device, is_on=is_on)
        if device.has_high_rail:
            self._powered(device, is_on=True)
        self._request(device)

    def stopped(self) -> None:
        self._services, self._head_end = None, None
        self._radio, self._sends_until_ns, self._is_sending = Air.OFF, 0, False

    def command(self, _device: Peripheral, packet: Packet) -> Answer | None:
        return self._services.answer(packet) if self._services is not None else None

    def _request(self, device: Peripheral) -> None:
        """Ask for the 12 V rail, and again before the grant ends."""

        def answered(response: Packet | None) -> None:
            granted = response is not None and response.status == Status.OK and response.payload[:2] >= struct.pack(">H", WANTED_MA)
            if not granted:
                self._events.report(device, NO_POWER, WARNING, Typed(TypeTag.UINT16, WANTED_MA))
            device.after(RENEW_NS if granted else AGAIN_NS, lambda: self._request(device))

        device.command(Service.POWER, REQUEST, struct.pack(">BHI", HIGH_CLASS, WANTED_MA, WANTED_S), answered)

    def _powered(self, device: Peripheral, *, is_on: bool) -> None:
        """The 12 V rail has come up, or gone."""
        if not is_on:
            self._radio, self._sends_until_ns = Air.OFF, 0
            return
        self._radio = Air.REGISTERING
        device.work(FOREVER_NS, IDLE_A, high=True)
        self._send_for(device, REGISTER_NS)
        device.after(REGISTER_NS, lambda: self._registered(device))

    def _registered(self, device: Peripheral) -> None:
        if self._radio is not Air.REGISTERING:
            return
        self._radio = Air.IDLE
        self._events.report(device, REGISTERED, INFO, Typed(TypeTag.UINT8, self._signal))
        device.command(Service.POWER, PORT_STATE, bytes((device.port.number,)))

    def _connect(self, device: Peripheral, tunnels: Tunnels, tunnel: int) -> None:
        """Call the head end, which asks first."""
        self._radio = Air.CONNECTED
        self._head_end = _HeadEnd()
        self._send_for(device, CONNECT_NS)
        device.after(CONNECT_NS, lambda: self._tell(device, tunnels, tunnel, dlms.aarq()))

    def _hear(self, device: Peripheral, tunnels: Tunnels, tunnel: int, apdu: bytes) -> None:
        """Take an APDU to the head end and come back with its next."""
        if self._head_end is None:
            return
        said = self._head_end.next(apdu)
        there_and_back_ns = self._random.randrange(280, 620) * NS_PER_MS
        self._send_for(device, there_and_back_ns)
        if said is not None:
            device.after(there_and_back_ns, lambda: self._tell(device, tunnels, tunnel, said))
        else:
            device.after(there_and_back_ns, lambda: tunnels.close(tunnel))
            device.after(there_and_back_ns, lambda: self._hang_up(device))

    def _tell(self, device: Peripheral, tunnels: Tunnels, tunnel: int, apdu: bytes) -> None:
        self._send_for(device, HANG_UP_NS)
        tunnels.send(tunnel, apdu)

    def _hang_up(self, device: Peripheral) -> None:
        self._head_end = None
        self._send_for(device, HANG_UP_NS)
        device.after(HANG_UP_NS, self._silent)

    def _silent(self) -> None:
        if self._radio is Air.CONNECTED:
            self._radio = Air.IDLE

    def _send_for(self, device: Peripheral, duration_ns: int) -> None:
        """Send in every frame from now on for a while, or longer where that was under way."""
        self._sends_until_ns = max(self._sends_until_ns, device.kernel.now_ns + duration_ns)
        if not self._is_sending:
            self._send_slot(device)

    def _send_slot(self, device: Peripheral) -> None:
        self._is_sending = device.kernel.now_ns < self._sends_until_ns
        if self._is_sending:
            device.work(SLOT_NS, SLOT_A, high=True)
            device.after(FRAME_NS, lambda: self._send_slot(device))


class _HeadEnd:
    """The client behind the network: an association, a few attributes, and goodbye."""

    def __init__(self) -> None:
        self._left = list(ASKED_FOR)
        self._invocation = 0

    def next(self, apdu: bytes) -> bytes | None:
        """What it says to an APDU; None where it has finished."""
        if apdu[:1] == bytes((dlms.RLRE,)):
            return None
        if not self._left:
            return dlms.release(dlms.RLRQ)
        self._invocation += 1
        return dlms.get_request(self._invocation, self._left.pop(0))
