"""The index module of a gas meter: counts volume, keeps a log, watches its battery, and reports events."""

from __future__ import annotations

import struct

from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable, constant
from capture.simulator.kernel import NS_PER_S
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import REFUSED, Peripheral
from capture.simulator.talker import Answer

SERIAL, FIRMWARE, DEVICE_ID = 0x0042_0001, 0x0042_0002, 0x0042_0003
VOLUME, FLOW, TEMPERATURE = 0x0042_0100, 0x0042_0102, 0x0042_0104
BATTERY, AVERAGE_CLAIM, PEAK_CLAIM = 0x0042_0200, 0x0042_0202, 0x0042_0203
FLAGS, TARIFF, CLOCK, LOG = 0x0042_0302, 0x0042_0303, 0x0042_0400, 0x0042_0500
RESTARTED, FIRMWARE_ACTIVATED = 0x0021, 0x0030
FLOW_PER_HOUR = 10_000
"""Flow is told in ten-thousandths of a cubic metre in an hour, volume in litres."""


class GasIndex:
    """Volume grows with the flow, which follows the day: a boiler in the morning and in the evening."""

    def __init__(self, serial: str, litres: int) -> None:
        self._serial, self._litres = serial, litres
        self._images = ImageStore(version=0x0102_0300)
        self._tariff = 1
        self._objects: Objects | None = None

    def started(self, device: Peripheral) -> None:
        self._objects = self._made_of(device)
        event = struct.pack(">BHBI", 1, RESTARTED, 0, device.utc()) + Typed(TypeTag.UINT32, self._images.version).encode()
        device.command(Service.EVENTS, 1, event)

    def stopped(self) -> None:
        self._objects = None

    def command(self, device: Peripheral, packet: Packet) -> Answer | None:
        match packet.service:
            case Service.OBJECTS if self._objects is not None:
                return self._objects.answer(packet)
            case Service.IMAGES:
                return self._images.answer(device, packet)
            case Service.EVENTS | Service.POWER | Service.TUNNELLING | Service.SECURITY:
                return REFUSED
            case _:
                return Answer(status=Status.UNKNOWN_SERVICE)

    def flow(self, now_ns: int) -> int:
        """Flow in the units of its object."""
        hour = now_ns // (3600 * NS_PER_S) % 24
        return (12_500 if hour in {6, 7, 18, 19, 20, 21} else 800) + now_ns // (7 * NS_PER_S) % 100

    def volume(self, now_ns: int) -> int:
        """Litres: whole hours by their flow, the last one in part."""
        hours, rest = divmod(now_ns, 3600 * NS_PER_S)
        whole = sum(self.flow(hour * 3600 * NS_PER_S) for hour in range(hours)) * 1000 // FLOW_PER_HOUR
        return self._litres + whole + self.flow(now_ns) * rest * 1000 // (3600 * NS_PER_S * FLOW_PER_HOUR)

    def _made_of(self, device: Peripheral) -> Objects:
        def now() -> int:
            return device.kernel.now_ns

        def set_clock(value: Typed) -> Status:
            assert isinstance(value.value, int)  # noqa: S101  # its type was compared
            device.set_clock(value.value)
            return Status.OK

        def set_tariff(value: Typed) -> Status:
            assert isinstance(value.value, int)  # noqa: S101  # its type was compared
            if not 1 <= value.value <= 4:
                return Status.BAD_VALUE
            self._tariff = value.value
            return Status.OK

        return Objects({
            SERIAL: constant(TypeTag.STRING, self._serial),
            FIRMWARE: Variable(lambda: Typed(TypeTag.UINT32, self._images.version)),
            DEVICE_ID: constant(TypeTag.UMI_ID, device.talker.umi_id),
            VOLUME: Variable(lambda: Typed(TypeTag.UINT64, self.volume(now()))),
            FLOW: Variable(lambda: Typed(TypeTag.UINT32, self.flow(now()))),
            TEMPERATURE: Variable(lambda: Typed(TypeTag.INT16, 1250 + now() // (60 * NS_PER_S) % 200)),
            BATTERY: constant(TypeTag.UINT16, 3582),
            AVERAGE_CLAIM: constant(TypeTag.UINT16, 120),
            PEAK_CLAIM: constant(TypeTag.UINT32, 12_000),
            FLAGS: constant(TypeTag.UINT16, 0),
            TARIFF: Variable(lambda: Typed(TypeTag.UINT8, self._tariff), set_tariff),
            CLOCK: Variable(lambda: Typed(TypeTag.TIME, device.utc()), set_clock),
        })  # fmt: skip
