"""One simulated system, put together as a scenario says: lines, host, devices, and those who write down what happens."""

from __future__ import annotations

from random import Random

import numpy as np

from capture.simulator.devices.kinds import made
from capture.simulator.frames import Sighting
from capture.simulator.host import Host
from capture.simulator.host_tasks import HostTasks
from capture.simulator.kernel import Kernel
from capture.simulator.ledger import Ledger, PortWitness
from capture.simulator.link import Delivery, LinkRules
from capture.simulator.logic_recorder import LogicRecorder
from capture.simulator.packets import Packet
from capture.simulator.peripheral import Peripheral
from capture.simulator.port import Port
from capture.simulator.rails import HIGH, LOW, Rail
from capture.simulator.scenario import CLOCKED, PortPlan, Scenario
from capture.simulator.spi_bus import SpiBus

UNPLUG_AGAIN_NS = 1_000_000


class System:
    """Everything that is simulated. The same scenario and seed behave the same, bit for bit."""

    def __init__(self, scenario: Scenario, seed: int, rate_hz: int) -> None:
        self.scenario = scenario
        self.seed = seed
        self.kernel = Kernel()
        self.ledger = Ledger()
        channels = scenario.lines
        resting_high = frozenset(name for name in channels if name.startswith(("ATTN", "READY")))
        if not scenario.timing.cs_active_high:
            resting_high |= frozenset(name for name in channels if name.startswith("CS"))
        if scenario.timing.mode & 2:
            resting_high |= frozenset(name for name in channels if name.startswith("SCK"))
        self.recorder = LogicRecorder(rate_hz, channels, resting_high)
        buses = self._buses()
        self.ports = {plan.number: self._port(plan, buses[plan.number]) for plan in scenario.ports}
        rules = LinkRules()
        self.host = Host(
            self.kernel, scenario.host_id, buses, list(self.ports.values()), rules, scenario.epoch_s,
            self.random("host").randrange(1, 1 << 20), scenario.poll_ns,
        )  # fmt: skip
        self.devices = {plan.number: self._device(plan, rules) for plan in scenario.ports}
        self._listen()
        self.tasks = HostTasks(self.host, scenario.tasks, self.random("tasks"))
        self.kernel.at(1_000_000, self.host.start)

    def random(self, what: str) -> Random:
        """Numbers that depend on the seed and on what they are for, and on nothing else."""
        return Random(f"{self.seed}/{self.scenario.name}/{what}")  # noqa: S311 - a simulation keeps no secrets

    def _buses(self) -> dict[int, SpiBus]:
        timing, ports = self.scenario.timing, self.scenario.ports
        if self.scenario.shared:
            return dict.fromkeys((plan.number for plan in ports), SpiBus(self.recorder, timing, *CLOCKED))
        return {plan.number: SpiBus(self.recorder, timing, *(f"{line}{plan.number}" for line in CLOCKED)) for plan in ports}

    def _port(self, plan: PortPlan, bus: SpiBus) -> Port:
        def noise(rail: str) -> np.random.Generator:
            return np.random.default_rng(self.random(f"{rail} rail of port {plan.number}").getrandbits(64))

        high = Rail(HIGH, noise("high")) if plan.gives_high else None
        return Port(self.kernel, bus, self.recorder, plan.number, Rail(LOW, noise("low")), high)

    def _device(self, plan: PortPlan, rules: LinkRules) -> Peripheral:
        random = self.random(f"device in port {plan.number}")
        behaviour, draw = made(plan.device, random, self.scenario.epoch_s)
        device = Peripheral(
            self.kernel, self.ports[plan.number], plan.umi_id, behaviour, draw, rules, random, random.randrange(1, 1 << 20)
        )
        if plan.plugged_ns:
            self.kernel.at(plan.plugged_ns, device.plug)
        else:
            device.plug()
        if plan.unplugged_ns is not None:
            self.kernel.at(plan.unplugged_ns, lambda: self._unplug(device))
        return device

    def _unplug(self, device: Peripheral) -> None:
        """Nobody pulls a device out while it talks, or while somebody waits for its answer."""
        driver, own_id = self.host.places[device.port.number].driver, device.talker.umi_id
        others = [self.host.talker, *(other.talker for other in self.devices.values())]
        if driver.is_quiet(device.port) and not device.talker.waits_for() and not any(other.waits_for(own_id) for other in others):
            device.unplug()
        else:
            self.kernel.after(UNPLUG_AGAIN_NS, lambda: self._unplug(device))

    def _listen(self) -> None:
        """The ledger hears of what happens from those to whom it happens."""

        def forwarded(port: Port, sighting: Sighting) -> Sighting:
            self.ledger.entered(port.number, sighting)
            return sighting

        self.host.on_delivery = self.ledger.delivered
        self.host.on_forward = forwarded
        for number, device in self.devices.items():

            def delivered(delivery: Delivery, packet: Packet, number: int = number) -> None:
                self.ledger.delivered(number, delivery, packet)

            device.on_delivery = delivered
            witness = PortWitness(self.ledger, number)
            device.pins.link.witness = self.host.places[number].link.witness = witness
        for port in self.ports.values():
            port.on_switch = lambda port: self.ledger.power(self.kernel.now_ns, port.number, port.rail_name)
