"""A shut-off valve with a motor, which takes its time and says when it is done."""

from __future__ import annotations

import struct

from capture.simulator.devices.event_log import NOTICE, WARNING, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable
from capture.simulator.devices.services import Services, module_objects
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

STATE, COMMAND, LAST_CHANGE = 0x0042_0300, 0x0042_0301, 0x0042_0501
CHANGED, STUCK = 0x0010, 0x0011
CLOSED, OPEN, OPENING, CLOSING, ARMED = range(5)
CLOSE, ARM, OPEN_UP = range(3)
MOVING_NS, ARMING_NS = 2_000 * NS_PER_MS, 40 * NS_PER_MS
REQUEST, RELEASE, HIGH_CLASS = 1, 2, 1
MOTOR_MA, GENTLE_A, GRANT_S = 150, 0.028, 10
ON_THE_WAY = {CLOSE: CLOSING, OPEN_UP: OPENING}
AT_LAST = {CLOSE: CLOSED, ARM: ARMED, OPEN_UP: OPEN}


class Valve:
    """It stays as it was when the power fails, and goes on with nothing that was interrupted."""

    def __init__(self, serial: str) -> None:
        self._serial = serial
        self._images = ImageStore(version=0x0101_0000)
        self._events = EventLog()
        self._settled = self._state = OPEN
        self._commanded: int | None = None
        self._is_moving = False
        self._change = (0, OPEN, 0)
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        objects = module_objects(device, self._serial, self._images) | {
            STATE: Variable(lambda: Typed(TypeTag.UINT8, self._state)),
            COMMAND: Variable(lambda: Typed(TypeTag.UINT8, CLOSE), self._obey, write_only=True),
            LAST_CHANGE: Variable(self._told_change),
        }
        self._services = Services(device, Objects(objects), self._events, self._images)
        self._events.restarted(device)

    def stopped(self) -> None:
        self._services, self._commanded, self._is_moving = None, None, False
        self._state = self._settled

    def command(self, device: Peripheral, packet: Packet) -> Answer | None:
        if self._services is None:
            return None
        answer = self._services.answer(packet)
        if self._commanded is not None:
            self._move(device, self._commanded, packet.source)
            self._commanded = None
        return answer

    def _obey(self, value: Typed) -> Status:
        """Take a command; one that comes while the valve moves, or that asks for what is, is refused or needs no motion."""
        if not isinstance(value.value, int) or value.value not in AT_LAST:
            return Status.BAD_VALUE
        if self._is_moving:
            return Status.BUSY
        if AT_LAST[value.value] != self._settled:
            self._commanded = value.value
        return Status.OK

    def _move(self, device: Peripheral, command: int, by: int) -> None:
        """Ask for the 12 V rail; the motor runs gently from the 3 V rail where that is not to be had."""
        self._state, self._is_moving = ON_THE_WAY.get(command, self._state), True

        def granted(response: Packet | None) -> None:
            if response is None or response.status != Status.OK or int.from_bytes(response.payload[:2], "big") < MOTOR_MA:
                self._turn(device, command, by, high=False)
            else:
                device.when_high(lambda: self._turn(device, command, by, high=True))

        device.command(Service.POWER, REQUEST, struct.pack(">BHI", HIGH_CLASS, MOTOR_MA, GRANT_S), granted)

    def _turn(self, device: Peripheral, command: int, by: int, *, high: bool) -> None:
        duration = MOVING_NS if command in ON_THE_WAY else ARMING_NS
        device.work(duration, MOTOR_MA / 1000 if high else GENTLE_A, high=high)

        def arrived() -> None:
            self._is_moving = False
            if high and not device.has_high_rail:
                self._state = self._settled
                self._events.report(device, STUCK, WARNING, Typed(TypeTag.UINT8, AT_LAST[command]))
                return
            self._state = self._settled = AT_LAST[command]
            self._change = (device.utc(), self._settled, by)
            self._events.report(device, CHANGED, NOTICE, Typed(TypeTag.UINT8, self._settled))
            if high:
                device.command(Service.POWER, RELEASE, b"")

        device.after(duration, arrived)

    def _told_change(self) -> Typed:
        when, state, by = self._change
        return Typed(TypeTag.STRUCT, (Typed(TypeTag.TIME, when), Typed(TypeTag.UINT8, state), Typed(TypeTag.UMI_ID, by)))
