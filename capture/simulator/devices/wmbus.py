"""A wM-Bus module: it hears meters on the radio, answers a wired master in their place, and passes on what it hears."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from capture.simulator.devices.event_log import EventLog
from capture.simulator.devices.images import ImageStore
from capture.simulator.devices.objects import Objects, Variable
from capture.simulator.devices.radio import Radio
from capture.simulator.devices.services import MODULE_BANK, Services, module_objects
from capture.simulator.devices.tunnels import Protocol, Tunnels
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.packets import Packet, Typed, TypeTag
from capture.simulator.peripheral import Peripheral
from capture.simulator.talker import Answer
from capture.simulator.tunnelled import mbus

METERS_HEARD, TELEGRAMS_HEARD = MODULE_BANK | 0x0100, MODULE_BANK | 0x0101
LISTEN_A, TRANSMIT_A = 14e-3, 35e-3
TELEGRAM_NS, TRANSMIT_NS = 8 * NS_PER_MS, 10 * NS_PER_MS
ANSWER_NS = 30 * NS_PER_MS
KINDS = (("EXM", mbus.WATER), ("EXW", mbus.WATER), ("EXH", mbus.HEAT))


@dataclass(slots=True)
class _Meter:
    """A meter out of sight that sends every `every_ns`; all that it says follows from the seed and the time. `latest` was heard."""

    number: int
    letters: str
    medium: int
    start: int
    every_ns: int
    access: int
    latest: mbus.Readings | None = None

    def send(self, now_ns: int) -> mbus.Readings:
        """Its next telegram."""
        self.access += 1
        minutes = now_ns // (60 * NS_PER_S)
        warm = None if self.medium == mbus.WATER else (553 + self.access % 40, 381 + self.access % 25)
        rate = 6 * (self.access % 7) if warm is None else 140 + self.access % 50
        total = self.start + minutes * 9 // 10
        return mbus.Readings(self.number, self.letters, self.medium, self.access, total, rate, warm)


class WmbusModule:
    """Meters get the primary addresses 1, 2, … in the order of the module's list."""

    def __init__(self, serial: str, random: Random) -> None:
        self.meters = [
            _Meter(
                random.randrange(10**7, 10**8), letters, medium, random.randrange(10**4, 10**6),
                random.randrange(11 * NS_PER_S, 19 * NS_PER_S), random.randrange(256),
            )
            for letters, medium in KINDS
        ]  # fmt: skip
        self._serial = serial
        self._images = ImageStore(version=0x0200_0100)
        self._events = EventLog()
        self._heard = 0
        self._services: Services | None = None

    def started(self, device: Peripheral) -> None:
        def asked(tunnel: int, frame: bytes) -> None:
            answer = self._answer_as_wired(frame)
            if answer is not None:
                device.after(ANSWER_NS, lambda: tunnels.send(tunnel, answer))

        tunnels = Tunnels(device, Protocol.MBUS, lambda _tunnel: None, asked, lambda _tunnel: None)
        objects = module_objects(device, self._serial, self._images) | {
            METERS_HEARD: Variable(lambda: Typed(TypeTag.UINT8, sum(meter.latest is not None for meter in self.meters))),
            TELEGRAMS_HEARD: Variable(lambda: Typed(TypeTag.UINT32, self._heard)),
        }
        self._services = Services(device, Objects(objects), self._events, self._images, tunnels)
        radio = Radio(device)
        for meter in self.meters:
            self._await(device, radio, tunnels, meter)
        self._events.restarted(device)

    def stopped(self) -> None:
        self._services = None

    def command(self, _device: Peripheral, packet: Packet) -> Answer | None:
        return self._services.answer(packet) if self._services is not None else None

    def _await(self, device: Peripheral, radio: Radio, tunnels: Tunnels, meter: _Meter) -> None:
        """Hear a meter's next telegram, unless another is on the air, acknowledge it there, and pass it on."""
        now = device.kernel.now_ns
        wait_ns = meter.every_ns - (now + meter.number * NS_PER_MS) % meter.every_ns

        def hear() -> None:
            readings = meter.send(device.kernel.now_ns)
            self._await(device, radio, tunnels, meter)
            if not radio.is_free:
                return
            meter.latest = readings
            self._heard += 1
            radio.use(TELEGRAM_NS, LISTEN_A)
            radio.use(TRANSMIT_NS, TRANSMIT_A)
            frame = readings.frame(self.meters.index(meter) + 1)
            for tunnel in tunnels.numbers:
                device.after(ANSWER_NS, lambda tunnel=tunnel: tunnels.send(tunnel, frame))  # type: ignore[misc] # bound now

        device.after(wait_ns, hear)

    def _answer_as_wired(self, frame: bytes) -> bytes | None:
        """What a meter on a wire would answer; None for silence."""
        asked = mbus.asked(frame)
        if asked is None or not 1 <= asked[1] <= len(self.meters):
            return None
        control, address = asked
        if control == mbus.SND_NKE:
            return mbus.ACKNOWLEDGED
        latest = self.meters[address - 1].latest
        return latest.frame(address) if control in mbus.REQUESTS and latest is not None else None
