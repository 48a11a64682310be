"""A display with a battery of its own: it learns from the host whom to ask, and asks there directly."""

from __future__ import annotations

import struct

from capture.simulator.devices.event_log import EventLog
from capture.simulator.devices.gas_index import CLOCK
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import READ, Objects, Variable, read_answer, read_command
from capture.simulator.devices.services import MODULE_BANK, Services, module_objects
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

SOURCE, SHOWN, PERIOD = MODULE_BANK | 0x0400, MODULE_BANK | 0x0401, MODULE_BANK | 0x0402
POWER_REQUEST, SELF_CLASS = 1, 2
NOBODY = (0, 0, 0)
FIRST_PERIOD_S, LONGEST_PERIOD_S = 10, 86_400
DRAWING_A, DRAWING_NS = 1.2e-3, 250 * NS_PER_MS


class Display:
    """It shows one unsigned number of another device: of which port, ID and code, the object `source` says."""

    def __init__(self, serial: str) -> None:
        self._serial = serial
        self._images = ImageStore(version=0x0100_0000)
        self._events = EventLog()
        self._source = NOBODY
        self._shown = 0
        self._period_s = FIRST_PERIOD_S
        self._round = 0
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        objects = module_objects(device, self._serial, self._images) | {
            SOURCE: Variable(self._told_source, lambda value: self._introduced(device, value)),
            SHOWN: Variable(lambda: Typed(TypeTag.UINT64, self._shown)),
            PERIOD: Variable(lambda: Typed(TypeTag.UINT32, self._period_s), self._set_period),
        }
        self._services = Services(device, Objects(objects), self._events, self._images)
        self._events.restarted(device)
        device.command(Service.POWER, POWER_REQUEST, struct.pack(">BHI", SELF_CLASS, 0, 0))
        self._ask_time(device)

    def stopped(self) -> None:
        """Its own battery keeps what it shows, but it has to be introduced again."""
        self._services, self._source = None, NOBODY
        self._round += 1

    def command(self, _device: Peripheral, packet: Packet) -> Answer | None:
        return self._services.answer(packet) if self._services is not None else None

    def _ask_time(self, device: Peripheral) -> None:
        """Set the clock by the host's."""

        def answered(response: Packet | None) -> None:
            found = read_answer(response.payload).get(CLOCK) if response is not None and response.status == Status.OK else None
            if isinstance(found, Typed) and isinstance(found.value, int):
                device.set_clock(found.value)

        device.command(Service.OBJECTS, READ, read_command([CLOCK]), answered)

    def _told_source(self) -> Typed:
        port, umi_id, code = self._source
        return source(port, umi_id, code)

    def _introduced(self, device: Peripheral, value: Typed) -> Status:
        match value.value:
            case (Typed(TypeTag.UINT8, int(port)), Typed(TypeTag.UMI_ID, int(umi_id)), Typed(TypeTag.UINT32, int(code))) if port:
                self._source = (port, umi_id, code)
            case _:
                return Status.BAD_VALUE
        self._round += 1
        mine = self._round
        device.after(NS_PER_S, lambda: self._ask(device, mine))
        return Status.OK

    def _set_period(self, value: Typed) -> Status:
        if not isinstance(value.value, int) or not 1 <= value.value <= LONGEST_PERIOD_S:
            return Status.BAD_VALUE
        self._period_s = value.value
        return Status.OK

    def _ask(self, device: Peripheral, mine: int) -> None:
        """Ask the source for its number, until somebody names another."""
        if mine != self._round:
            return
        port, umi_id, code = self._source

        def answered(response: Packet | None) -> None:
            found = read_answer(response.payload).get(code) if response is not None and response.status == Status.OK else None
            if isinstance(found, Typed) and isinstance(found.value, int) and found.value != self._shown:
                self._shown = found.value
                device.work(DRAWING_NS, DRAWING_A)

        device.command(Service.OBJECTS, READ, read_command([code]), answered, to=(port, umi_id))
        device.after(self._period_s * NS_PER_S, lambda: self._ask(device, mine))


def source(port: int, umi_id: int, code: int) -> Typed:
    """The object that introduces a display to a peer."""
    return Typed(TypeTag.STRUCT, (Typed(TypeTag.UINT8, port), Typed(TypeTag.UMI_ID, umi_id), Typed(TypeTag.UINT32, code)))
