"""A ZigBee module: a display in the home asks through it for the meter's attributes, and it takes the answers there."""

from __future__ import annotations

from random import Random

from capture.simulator.devices.event_log import INFO, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable, constant
from capture.simulator.devices.radio import Radio
from capture.simulator.devices.services import MODULE_BANK, Services, module_objects
from capture.simulator.devices.tunnels import Protocol, Tunnels
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer
from capture.simulator.tunnelled import zcl

CHANNEL, NODES = MODULE_BANK | 0x0200, MODULE_BANK | 0x0201
JOINED = 0x0100
TRANSMIT_A, LISTEN_A = 30e-3, 22e-3
TRANSMIT_NS, LISTEN_NS = 4 * NS_PER_MS, 6 * NS_PER_MS
BEACON_NS = 4 * NS_PER_S
FIRST_JOIN_NS = 2 * NS_PER_S


class ZigbeeModule:
    """One node joins the network a while after the start and then asks every `ask_ns` while a tunnel is open."""

    def __init__(self, serial: str, random: Random) -> None:
        self._serial = serial
        self._channel = random.randrange(11, 27)
        self._ask_ns = random.randrange(3 * NS_PER_S, 5 * NS_PER_S)
        self._node = random.getrandbits(64)
        self._images = ImageStore(version=0x0301_0000)
        self._events = EventLog()
        self._nodes = 0
        self._sequence = random.randrange(256)
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        def opened(tunnel: int) -> None:
            device.after(self._ask_ns // 4, lambda: self._ask(device, radio, tunnels, tunnel))

        def heard(_tunnel: int, _frame: bytes) -> None:
            radio.use(TRANSMIT_NS, TRANSMIT_A)

        radio = Radio(device)
        tunnels = Tunnels(device, Protocol.ZCL, opened, heard, lambda _tunnel: None)
        objects = module_objects(device, self._serial, self._images) | {
            CHANNEL: constant(TypeTag.UINT8, self._channel),
            NODES: Variable(lambda: Typed(TypeTag.UINT8, self._nodes)),
        }
        self._services = Services(device, Objects(objects), self._events, self._images, tunnels)
        self._events.restarted(device)
        self._beacon(device, radio)
        device.after(FIRST_JOIN_NS, lambda: self._join(device, radio))

    def stopped(self) -> None:
        self._services, self._nodes = None, 0

    def command(self, _device: Peripheral, packet: Packet) -> Answer | None:
        return self._services.answer(packet) if self._services is not None else None

    def _beacon(self, device: Peripheral, radio: Radio) -> None:
        """Send a beacon and listen for a while."""
        radio.use(TRANSMIT_NS, TRANSMIT_A)
        radio.use(LISTEN_NS, LISTEN_A)
        device.after(BEACON_NS, lambda: self._beacon(device, radio))

    def _join(self, device: Peripheral, radio: Radio) -> None:
        self._nodes = 1
        radio.use(3 * TRANSMIT_NS, TRANSMIT_A)
        self._events.report(device, JOINED, INFO, Typed(TypeTag.UMI_ID, self._node))

    def _ask(self, device: Peripheral, radio: Radio, tunnels: Tunnels, tunnel: int) -> None:
        """The node asks for the meter's total, as long as the tunnel is open."""
        if tunnel not in tunnels.numbers:
            return
        if self._nodes:
            self._sequence += 1
            radio.use(LISTEN_NS, LISTEN_A)
            tunnels.send(tunnel, zcl.read(self._sequence, (zcl.SUMMATION, zcl.UNIT, zcl.MULTIPLIER, zcl.DIVISOR)))
        device.after(self._ask_ns, lambda: self._ask(device, radio, tunnels, tunnel))
