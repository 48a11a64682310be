"""A device in a port: it boots when its rail comes up, sleeps, wakes for transfers, and does what its kind of device does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Protocol

from capture.simulator.device_link import DeviceLink
from capture.simulator.kernel import NS_PER_MS, NS_PER_S, Kernel, Timer
from capture.simulator.link import Delivery, LinkRules
from capture.simulator.packets import BadPacketError, Packet, Service, Status, decode_packet
from capture.simulator.port import Port
from capture.simulator.rails import Rail
from capture.simulator.talker import Answer, OnAnswer, Talker

PIN_NS = 2 * NS_PER_MS
"""Between two looks at a pin."""


class State(Enum):
    """Where a device is in its life."""

    OFF = "off"
    BOOTING = "booting"
    ASLEEP = "asleep"
    AWAKE = "awake"


@dataclass(frozen=True, slots=True)
class Draw:
    """What a device draws in each state, in ampere, and how long it boots."""

    boot_a: float = 6e-3
    sleep_a: float = 3e-6
    active_a: float = 3e-3
    boot_ns: int = 40 * NS_PER_MS


class Behaviour(Protocol):
    """What makes one kind of device different from another."""

    def started(self, device: Peripheral) -> None:
        """The host has greeted the device: from here on it may speak."""
        ...

    def command(self, device: Peripheral, packet: Packet) -> Answer | None:
        """The answer to a command; None where the device answers later by itself or never."""
        ...

    def stopped(self) -> None:
        """The power is gone, and with it all that is not kept."""
        ...


@dataclass(slots=True)
class _Work:
    """What the work under way draws from one rail; there is a new one after the rail was off."""

    amps: float = 0.0


class Peripheral:
    """One device. What it knows of others it has read from its lines: the host's ID from the greeting, peers from packets."""

    def __init__(
        self, kernel: Kernel, port: Port, umi_id: int, behaviour: Behaviour, draw: Draw, rules: LinkRules, random: Random,
        counter: int,
    ) -> None:  # fmt: skip
        self.kernel = kernel
        self.port = port
        self.random = random
        self.state = State.OFF
        self.host_id = 0
        self.think_ns = 2 * NS_PER_MS
        self.on_delivery: Callable[[Delivery, Packet], None] | None = None
        self.alter_answer: Callable[[Packet, Answer], Answer | None] | None = None
        self.talker = Talker(kernel, umi_id, self.utc, counter)
        self.pins = DeviceLink(kernel, port, umi_id, rules, self._deliver, self._greeted)
        self.pins.on_transfer = self._drew
        self._behaviour, self._draw = behaviour, draw
        self._utc_offset_s: int | None = None
        self._boot: Timer | None = None
        self._later: list[Timer] = []
        self.on_high_rail: Callable[[bool], None] | None = None
        self._had_high = False
        self._work = {"low": _Work(), "high": _Work()}

    def plug(self) -> None:
        """Put the device into its port, which may have power already."""
        self.port.plug(self.pins, self._power_changed)
        self._power_changed()

    def unplug(self) -> None:
        """Pull it out."""
        self._lose_power()
        self.port.unplug()

    def utc(self) -> int:
        """Its clock in seconds; 0 until somebody sets it."""
        return 0 if self._utc_offset_s is None else self._utc_offset_s + self.kernel.now_ns // NS_PER_S

    def set_clock(self, utc_s: int) -> None:
        """Set the clock, which stands when the power fails."""
        self._utc_offset_s = utc_s - self.kernel.now_ns // NS_PER_S

    def after(self, delay_ns: int, action: Callable[[], None]) -> None:
        """Do something later, unless the power fails before."""
        self._later = [timer for timer in self._later if timer.action is not None]
        self._later.append(self.kernel.after(delay_ns, action))

    def command(
        self, service: Service, operation: int, payload: bytes, on_answer: OnAnswer | None = None, *,
        to: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """Send a command to the host, or to another device by its port and ID."""
        port, umi_id = to if to is not None else (0, self.host_id)
        self.talker.command(lambda raw: self.pins.send(port, raw), umi_id, service, operation, payload, on_answer)

    @property
    def has_high_rail(self) -> bool:
        """Whether the device has 12 V."""
        return self.state is not State.OFF and self.port.high is not None and self.port.high.is_on

    def when_high(self, action: Callable[[], None]) -> None:
        """Do something once the 12 V rail is up."""
        if self.has_high_rail:
            action()
        else:
            self.after(PIN_NS, lambda: self.when_high(action))

    def work(self, duration_ns: int, amps: float, *, high: bool = False) -> None:
        """Draw so much more for a while from now on, as a radio does that transmits; from the 12 V rail if `high`."""
        rail = self.port.high if high else self.port.low
        if rail is None or not rail.is_on:
            return
        work = self._work[rail.kind.name]

        def change(more: float) -> None:
            if self._work[rail.kind.name] is work:
                work.amps += more
                rail.draw(self.kernel.now_ns, "work", work.amps)

        change(amps)
        self.after(duration_ns, lambda: change(-amps))

    def _power_changed(self) -> None:
        is_on = self.port.low.is_on
        if is_on and self.state is State.OFF:
            self._enter(State.BOOTING, self._draw.boot_a)
            self._boot = self.kernel.after(self._draw.boot_ns, self._booted)
        elif not is_on:
            self._lose_power()
        if self.has_high_rail != self._had_high:
            self._had_high = self.has_high_rail
            self._stop_work("high", self.port.high)
            if self.on_high_rail is not None:
                self.on_high_rail(self._had_high)

    def _lose_power(self) -> None:
        if self.state is State.OFF:
            return
        if self._boot is not None:
            self._boot.cancel()
        self._utc_offset_s = None
        self._forget()
        self._stop_work("low", self.port.low)
        self._stop_work("high", self.port.high)
        self._enter(State.OFF, 0.0)
        self._had_high = False
        self.on_high_rail = None
        self.pins.wake(awake=False)

    def _forget(self) -> None:
        """Begin anew with nothing under way, as after a RESET."""
        for timer in self._later:
            timer.cancel()
        self._later.clear()
        self.talker.forget()
        self._behaviour.stopped()

    def _stop_work(self, name: str, rail: Rail | None) -> None:
        self._work[name] = _Work()
        if rail is not None:
            rail.draw(self.kernel.now_ns, "work", 0.0)

    def _booted(self) -> None:
        self._enter(State.ASLEEP, self._draw.sleep_a)
        self.pins.wake(awake=True)

    def _enter(self, state: State, amps: float) -> None:
        self.state = state
        self.port.low.draw(self.kernel.now_ns, "device", amps)

    def _greeted(self, host_id: int) -> None:
        """The host has sent RESET with its ID."""
        self._forget()
        self._stop_work("low", self.port.low)
        self._stop_work("high", self.port.high)
        self.host_id = host_id
        self._behaviour.started(self)

    def _drew(self, start_ns: int, end_ns: int) -> None:
        self.port.low.burst(start_ns, end_ns, self._draw.active_a)

    def _deliver(self, delivery: Delivery) -> None:
        self.kernel.at(delivery.taken_ns, lambda: self._take(delivery))

    def _take(self, delivery: Delivery) -> None:
        if self.state is State.OFF:
            return
        try:
            packet = decode_packet(delivery.packet)
        except BadPacketError:
            return
        if packet.destination != self.talker.umi_id:
            return
        if self.on_delivery is not None:
            self.on_delivery(delivery, packet)
        if packet.response:
            self.talker.take_response(packet)
            return
        answer = self._behaviour.command(self, packet)
        if answer is not None and self.alter_answer is not None:
            answer = self.alter_answer(packet, answer)
        if answer is None:
            return
        think_ns = self.think_ns if answer.think_ns is None else answer.think_ns
        self.work(min(think_ns, 20 * NS_PER_MS), self._draw.active_a)
        back_to = delivery.route.source
        self.after(think_ns, lambda: self.talker.respond(lambda raw: self.pins.send(back_to, raw), packet, answer))


REFUSED = Answer(status=Status.UNKNOWN_OPERATION)
"""What a device says to an operation that it does not have."""
