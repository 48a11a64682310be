"""The index module of a gas meter: counts volume, keeps a log, watches its battery, and reports events."""

from __future__ import annotations

from itertools import accumulate
from random import Random

from capture.simulator.devices.event_log import ALARM, INFO, NOTICE, WARNING, EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable, constant
from capture.simulator.devices.services import Services, clock
from capture.simulator.kernel import NS_PER_S
from capture.simulator.packets import Packet, Status, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer

SERIAL, FIRMWARE, DEVICE_ID = 0x0042_0001, 0x0042_0002, 0x0042_0003
VOLUME, FLOW, GREATEST_FLOW, TEMPERATURE, PRESSURE = 0x0042_0100, 0x0042_0102, 0x0042_0103, 0x0042_0104, 0x0042_0105
BATTERY, REMAINING, AVERAGE_CLAIM, PEAK_CLAIM = 0x0042_0200, 0x0042_0201, 0x0042_0202, 0x0042_0203
FLAGS, TARIFF, REGISTERS, TAMPER = 0x0042_0302, 0x0042_0303, 0x0042_0304, 0x0042_0305
CLOCK, DAILY_LOG = 0x0042_0400, 0x0042_0500
BATTERY_LOW, CASE_OPENED, MAGNETIC_FIELD, CLOCK_SET = 0x0001, 0x0002, 0x0003, 0x0020
FLAG_BITS = {BATTERY_LOW: 0, CASE_OPENED: 1, MAGNETIC_FIELD: 2}
CLOCK_NOT_SET = 1 << 5
DAY_S, HOUR_S = 86_400, 3_600
FLOW_PER_HOUR = 10_000
"""Flow is told in ten-thousandths of a cubic metre in an hour, volume in litres."""
LOG_DAYS = 14
TARIFFS = 3
HOURLY_FLOW = (
    800, 800, 700, 700, 900, 4_200, 12_500, 14_800, 6_300, 3_100, 2_400, 2_200,
    3_600, 2_500, 2_100, 2_300, 3_900, 8_800, 13_900, 15_200, 12_100, 9_400, 4_700, 1_500,
)  # fmt: skip
"""A house that is heated: warm in the morning and in the evening."""


class GasIndex:
    """Volume grows with the flow, which follows the hours of the day; what happens to the meter follows from the seed."""

    def __init__(self, serial: str, random: Random, epoch_s: int) -> None:
        self._serial, self._random, self._epoch_s = serial, random, epoch_s
        self._litres = random.randrange(10**6, 10**8)
        share = random.randrange(70, 130)
        self._flow = tuple(flow * share // 100 for flow in HOURLY_FLOW)
        self._until_hour = tuple(accumulate(self._flow, initial=0))
        self._millivolts = random.randrange(3_520, 3_620)
        self._images = ImageStore(version=0x0102_0300)
        self._events = EventLog()
        self._tariff = 1
        self._since = self.volume(0)
        self._registers = [self._since, 0, 0]
        self._watches = True
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        self._services = Services(device, self._objects(device), self._events, self._images)
        self._events.restarted(device)
        device.after(self._random.randrange(4 * NS_PER_S, 9 * NS_PER_S), lambda: self._happen(device, CASE_OPENED))

    def stopped(self) -> None:
        self._services = None

    def command(self, _device: Peripheral, packet: Packet) -> Answer | None:
        return self._services.answer(packet) if self._services is not None else None

    def _world_s(self, now_ns: int) -> int:
        return self._epoch_s + now_ns // NS_PER_S

    def flow(self, now_ns: int) -> int:
        """Flow in the units of its object."""
        return self._flow[self._world_s(now_ns) % DAY_S // HOUR_S]

    def volume(self, now_ns: int) -> int:
        """Litres since manufacture."""
        return self._volume_at(self._world_s(now_ns))

    def _volume_at(self, world_s: int) -> int:
        day, rest = divmod(world_s - self._epoch_s // DAY_S * DAY_S, DAY_S)
        hour, rest = divmod(rest, HOUR_S)
        flows = day * self._until_hour[-1] + self._until_hour[hour]
        return self._litres + (flows * HOUR_S + self._flow[hour] * rest) * 1000 // (HOUR_S * FLOW_PER_HOUR)

    def _temperature(self, world_s: int) -> int:
        """Hundredths of a degree, coldest at night."""
        return 640 + 60 * min(abs(world_s % DAY_S // HOUR_S - 4), 12) + world_s // 60 % 17

    def _happen(self, device: Peripheral, code: int) -> None:
        """Report what happened, and let the next thing come hours later."""
        if self._watches or code == BATTERY_LOW:
            severity, detail = {
                BATTERY_LOW: (WARNING, Typed(TypeTag.UINT16, self._millivolts - 700)),
                CASE_OPENED: (ALARM, Typed(TypeTag.BOOL, value=True)),
                MAGNETIC_FIELD: (ALARM, Typed(TypeTag.UINT16, self._random.randrange(3, 90))),
            }[code]
            self._events.report(device, code, severity, detail)
        following = self._random.choice((CASE_OPENED, MAGNETIC_FIELD, BATTERY_LOW))
        device.after(self._random.randrange(2 * HOUR_S, 9 * HOUR_S) * NS_PER_S, lambda: self._happen(device, following))

    def _flags(self, device: Peripheral) -> int:
        flags = sum(1 << bit for code, bit in FLAG_BITS.items() if self._events.is_open(code))
        return flags | (0 if device.utc() else CLOCK_NOT_SET)

    def _log(self, device: Peripheral) -> Typed:
        """The days that ended, by its own clock; none until that is set."""
        midnight = device.utc() // DAY_S * DAY_S
        world = self._world_s(device.kernel.now_ns)
        ends = range(midnight, midnight - LOG_DAYS * DAY_S, -DAY_S) if midnight else ()
        return Typed(TypeTag.ARRAY, tuple(self._day(end, world - device.utc()) for end in ends), TypeTag.STRUCT)

    def _day(self, end: int, clock_is_behind_s: int) -> Typed:
        return Typed(TypeTag.STRUCT, (
            Typed(TypeTag.TIME, end),
            Typed(TypeTag.UINT64, self._volume_at(end + clock_is_behind_s)),
            Typed(TypeTag.INT16, self._temperature(end - 20 * HOUR_S) - end // DAY_S % 9 * 20),
            Typed(TypeTag.UINT16, 0),
        ))  # fmt: skip

    def _tariff_registers(self, now_ns: int) -> Typed:
        self._count(now_ns)
        return Typed(TypeTag.ARRAY, tuple(Typed(TypeTag.UINT32, litres) for litres in self._registers), TypeTag.UINT32)

    def _count(self, now_ns: int) -> None:
        """Add what has passed to the register of the tariff in force."""
        volume = self.volume(now_ns)
        self._registers[self._tariff - 1] += volume - self._since
        self._since = volume

    def _set_tariff(self, value: Typed, now_ns: int) -> Status:
        if not isinstance(value.value, int) or not 1 <= value.value <= TARIFFS:
            return Status.BAD_VALUE
        self._count(now_ns)
        self._tariff = value.value
        return Status.OK

    def _set_tamper(self, value: Typed) -> Status:
        self._watches = bool(value.value)
        return Status.OK

    def _objects(self, device: Peripheral) -> Objects:
        def now() -> int:
            return device.kernel.now_ns

        def clock_set(before: int) -> None:
            self._events.report(device, CLOCK_SET, NOTICE if before else INFO, Typed(TypeTag.TIME, before))

        def greatest_flow() -> Typed:
            return Typed(TypeTag.UINT32, max(self._flow[: self._world_s(now()) % DAY_S // HOUR_S + 1]))

        return Objects({
            SERIAL: constant(TypeTag.STRING, self._serial),
            FIRMWARE: Variable(lambda: Typed(TypeTag.UINT32, self._images.version)),
            DEVICE_ID: constant(TypeTag.UMI_ID, device.talker.umi_id),
            VOLUME: Variable(lambda: Typed(TypeTag.UINT64, self.volume(now()))),
            FLOW: Variable(lambda: Typed(TypeTag.UINT32, self.flow(now()))),
            GREATEST_FLOW: Variable(greatest_flow),
            TEMPERATURE: Variable(lambda: Typed(TypeTag.INT16, self._temperature(self._world_s(now())))),
            PRESSURE: Variable(lambda: Typed(TypeTag.UINT16, 2_230 + self._world_s(now()) // 300 % 40)),
            BATTERY: constant(TypeTag.UINT16, self._millivolts),
            REMAINING: constant(TypeTag.UINT8, 94),
            AVERAGE_CLAIM: constant(TypeTag.UINT16, 120),
            PEAK_CLAIM: constant(TypeTag.UINT32, 12_000),
            FLAGS: Variable(lambda: Typed(TypeTag.UINT16, self._flags(device))),
            TARIFF: Variable(lambda: Typed(TypeTag.UINT8, self._tariff), lambda value: self._set_tariff(value, now())),
            REGISTERS: Variable(lambda: self._tariff_registers(now())),
            TAMPER: Variable(lambda: Typed(TypeTag.BOOL, self._watches), self._set_tamper),
            CLOCK: clock(device, clock_set),
            DAILY_LOG: Variable(lambda: self._log(device)),
        })  # fmt: skip
