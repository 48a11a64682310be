"""A shut-off valve with a motor, which takes its time and says when it is done."""

from __future__ import annotations

from capture.simulator.devices.event_log import NOTICE, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable
from capture.simulator.devices.services import Services, module_objects
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.packets import Packet, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

STATE, COMMAND, LAST_CHANGE = 0x0042_0300, 0x0042_0301, 0x0042_0501
CHANGED = 0x0010
CLOSED, OPEN, OPENING, CLOSING, ARMED = range(5)
CLOSE, ARM, OPEN_UP = range(3)
MOVING_NS, ARMING_NS = 2_000 * NS_PER_MS, 40 * NS_PER_MS
MOTOR_HIGH_A, MOTOR_LOW_A = 0.150, 0.028
"""From the 12 V rail where there is one, otherwise gently from the 3 V rail."""
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
        self._change = (0, OPEN, 0)
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        objects = module_objects(device, self._serial, self._images) | {
            STATE: Variable(lambda: Typed(TypeTag.UINT8, self._state)),
            COMMAND: Variable(lambda: Typed(TypeTag.UINT8, self._commanded or CLOSE), self._obey),
            LAST_CHANGE: Variable(self._told_change),
        }
        self._services = Services(device, Objects(objects), self._events, self._images)
        self._events.restarted(device)

    def stopped(self) -> None:
        self._services, self._commanded = None, None
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
        if value.value not in AT_LAST:
            return Status.BAD_VALUE
        if self._state != self._settled:
            return Status.BUSY
        if AT_LAST[int(value.value)] != self._settled:
            self._commanded = int(value.value)
        return Status.OK

    def _move(self, device: Peripheral, command: int, by: int) -> None:
        duration = MOVING_NS if command in ON_THE_WAY else ARMING_NS
        self._state = ON_THE_WAY.get(command, self._state)
        device.work(duration, MOTOR_HIGH_A if device.has_high_rail else MOTOR_LOW_A, high=device.has_high_rail)

        def arrived() -> None:
            self._state = self._settled = AT_LAST[command]
            self._change = (device.utc(), self._settled, by)
            self._events.report(device, CHANGED, NOTICE, Typed(TypeTag.UINT8, self._settled))

        device.after(duration, arrived)

    def _told_change(self) -> Typed:
        when, state, by = self._change
        return Typed(TypeTag.STRUCT, (Typed(TypeTag.TIME, when), Typed(TypeTag.UINT8, state), Typed(TypeTag.UMI_ID, by)))
