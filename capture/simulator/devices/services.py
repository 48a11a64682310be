"""What a device offers: its objects, events, images and tunnels, each answering the commands of its service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capture.simulator.devices.event_log import INFO, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable, constant
from capture.simulator.devices.tunnels import Tunnels
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import REFUSED, Peripheral
from capture.simulator.talker import Answer

MODULE_BANK = 0x0043 << 16
"""Objects of the modules, of which resources/datasheets/example-modules.toml tells; those of meters are in bank 0x0042."""
MODULE_SERIAL, MODULE_FIRMWARE, MODULE_ID = MODULE_BANK | 0x0001, MODULE_BANK | 0x0002, MODULE_BANK | 0x0003
MODULE_CLOCK = MODULE_BANK | 0x0010
FIRMWARE_ACTIVATED = 0x0030


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one device while it is up."""

    device: Peripheral
    objects: Objects
    events: EventLog
    images: ImageStore
    tunnels: Tunnels | None = None

    def answer(self, packet: Packet) -> Answer:
        """The answer to any command."""
        match packet.service:
            case Service.OBJECTS:
                return self.objects.answer(packet)
            case Service.EVENTS:
                return self.events.answer(packet)
            case Service.IMAGES:
                return self.images.answer(self.device, packet, self._activated)
            case Service.TUNNELLING if self.tunnels is not None:
                return self.tunnels.answer(packet)
            case Service.POWER | Service.TUNNELLING | Service.SECURITY:
                return REFUSED
        return Answer(status=Status.UNKNOWN_SERVICE)

    def _activated(self, version: int) -> None:
        self.events.report(self.device, FIRMWARE_ACTIVATED, INFO, Typed(TypeTag.UINT32, version))


def clock(device: Peripheral, on_set: Callable[[int], None] | None = None) -> Variable:
    """The device's clock as an object; `on_set` hears of the time before it was set."""

    def written(value: Typed) -> Status:
        assert isinstance(value.value, int)  # noqa: S101  # its type was compared
        before = device.utc()
        device.set_clock(value.value)
        if on_set is not None:
            on_set(before)
        return Status.OK

    return Variable(lambda: Typed(TypeTag.TIME, device.utc()), written)


def module_objects(device: Peripheral, serial: str, images: ImageStore) -> dict[int, Variable]:
    """The objects that every module has."""
    return {
        MODULE_SERIAL: constant(TypeTag.STRING, serial),
        MODULE_FIRMWARE: Variable(lambda: Typed(TypeTag.UINT32, images.version)),
        MODULE_ID: constant(TypeTag.UMI_ID, device.talker.umi_id),
        MODULE_CLOCK: clock(device),
    }
