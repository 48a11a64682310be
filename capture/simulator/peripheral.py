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
from capture.simulator.talker import Answer, OnAnswer, Talker


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
        self.talker = Talker(kernel, umi_id, self.utc, counter)
        self.pins = DeviceLink(kernel, port, umi_id, rules, self._deliver, self._greeted)
        self.pins.on_transfer = self._drew
        self._behaviour, self._draw = behaviour, draw
        self._utc_offset_s: int | None = None
        self._boot: Timer | None = None
        self._later: list[Timer] = []
        port.slave = self.pins
        port.on_power = self._power_changed

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

    def work(self, duration_ns: int, amps: float) -> None:
        """Draw so much more for a while from now on, as a radio does that transmits."""
        rail = self.port.high if self.port.high is not None and self.port.high.is_on else self.port.low
        rail.burst(self.kernel.now_ns, self.kernel.now_ns + duration_ns, amps)

    def _power_changed(self) -> None:
        is_on = self.port.low.is_on
        if is_on == (self.state is not State.OFF):
            return
        if is_on:
            self._enter(State.BOOTING, self._draw.boot_a)
            self._boot = self.kernel.after(self._draw.boot_ns, self._booted)
            return
        for timer in (*self._later, *([self._boot] if self._boot else [])):
            timer.cancel()
        self._later.clear()
        self._utc_offset_s = None
        self.talker.forget()
        self._enter(State.OFF, 0.0)
        self.pins.wake(awake=False)
        self._behaviour.stopped()

    def _booted(self) -> None:
        self._enter(State.ASLEEP, self._draw.sleep_a)
        self.pins.wake(awake=True)

    def _enter(self, state: State, amps: float) -> None:
        self.state = state
        self.port.low.draw(self.kernel.now_ns, "device", amps)

    def _greeted(self, host_id: int) -> None:
        """The host has sent RESET with its ID."""
        self.host_id = host_id
        self._behaviour.started(self)

    def _drew(self, start_ns: int, end_ns: int) -> None:
        self.port.low.burst(start_ns, end_ns, self._draw.active_a)

    def _deliver(self, delivery: Delivery) -> None:
        self.kernel.at(delivery.end_ns, lambda: self._take(delivery))

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
        if answer is None:
            return
        think_ns = self.think_ns if answer.think_ns is None else answer.think_ns
        now = self.kernel.now_ns
        self.port.low.burst(now, now + min(think_ns, 20 * NS_PER_MS), self._draw.active_a)
        back_to = delivery.route.source
        self.after(think_ns, lambda: self.talker.respond(lambda raw: self.pins.send(back_to, raw), packet, answer))


REFUSED = Answer(status=Status.UNKNOWN_OPERATION)
"""What a device says to an operation that it does not have."""
