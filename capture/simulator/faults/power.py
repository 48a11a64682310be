"""Faults of the supply: too much current, too little voltage, and current where there should be none."""

from __future__ import annotations

from dataclasses import dataclass

from capture.simulator.faults.chance import Chance
from capture.simulator.kernel import NS_PER_MS, NS_PER_S
from capture.simulator.port import Port
from capture.simulator.spi_bus import Transfer

SHORT_A, SHORT_NS = 0.075, 200 * NS_PER_MS
SAG_VOLTS, SAG_NS = 2.1, 5 * NS_PER_MS
LEAK_A, LEAK_NS = 400e-6, 2 * NS_PER_S
IDLE_AGAIN_NS, SETTLE_NS = 20 * NS_PER_MS, 40 * NS_PER_MS


def over_current(chance: Chance) -> None:
    """A device draws more from the 3 V rail than a port may give."""

    def act(number: int) -> None:
        now = chance.system.kernel.now_ns
        chance.strike(now, number)
        chance.system.ports[number].low.burst(now, now + SHORT_NS, SHORT_A)

    chance.once_met(act)


@dataclass(slots=True)
class _DuringTransfer:
    chance: Chance
    port: int

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        if not self.chance.has_struck and transfer.now_ns >= self.chance.at_ns:
            self.chance.strike(transfer.now_ns, self.port)
            self.chance.system.ports[self.port].low.sag(transfer.now_ns, SAG_VOLTS, SAG_NS)
        return mosi, miso


def _is_quiet(chance: Chance, number: int) -> bool:
    """Whether nobody waits for the device in a port, and it for nobody."""
    device = chance.system.devices[number]
    others = [chance.system.host.talker, *(other.talker for other in chance.system.devices.values())]
    return not device.talker.waits_for() and not any(other.waits_for(device.talker.umi_id) for other in others)


def brown_out(chance: Chance) -> None:
    """The 3 V rail gives way for a moment while a transfer goes on; the device only just survives."""
    for number in chance.ports():
        chance.system.ports[number].disturbances.append(_DuringTransfer(chance, number))
    chance.prompt()


def leakage(chance: Chance) -> None:
    """The host switches a port off for a while, and current flows all the same.

    That is the last of its ports, whose device is hardly one that others ask, at a moment at which nobody waits for it.
    """

    def act(_: int) -> None:
        number = max(number for number in chance.ports() if chance.is_met(number))
        host, kernel, port = chance.system.host, chance.system.kernel, chance.system.ports[number]
        if not _is_quiet(chance, number):
            kernel.after(IDLE_AGAIN_NS, lambda: chance.once_met(act))
            return
        inner = port.on_switch

        def switched(port: Port) -> None:
            if inner is not None:
                inner(port)
            if port.rail_name == "off" and not chance.has_struck:
                start = kernel.now_ns + SETTLE_NS
                chance.strike(start, number)
                port.low.burst(start, start + LEAK_NS, LEAK_A)
                kernel.at(start + LEAK_NS + SETTLE_NS, lambda: host.power_up(number))

        port.on_switch = switched
        host.power_down(number)

    chance.once_met(act)
