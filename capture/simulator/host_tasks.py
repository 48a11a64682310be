"""What a scenario has the host do: read, set clocks, hand out firmware, carry tunnels, introduce devices, switch ports."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from capture.simulator.devices.display import SOURCE, source
from capture.simulator.devices.event_log import ACKNOWLEDGE, READ_LOG
from capture.simulator.devices.objects import LIST, READ, WRITE, read_answer, read_command, write_command
from capture.simulator.devices.tunnels import Protocol
from capture.simulator.devices.valve import COMMAND
from capture.simulator.host import Host, Place
from capture.simulator.host_tunnels import HostTunnels
from capture.simulator.host_upgrade import Upgrade
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.packets import Packet, Service, Status, Typed, TypeTag
from capture.simulator.scenario import Task

ACKNOWLEDGE_NS = 150 * NS_PER_MS
"""After an event, until the host has dealt with it."""


class HostTasks:
    """Runs the tasks of a scenario, each from its time on; one whose port has nobody yet waits for its next time."""

    def __init__(self, host: Host, tasks: tuple[Task, ...], random: Random) -> None:
        self._host, self._random = host, random
        self._tunnels = HostTunnels(host)
        self._acknowledged = {task.port: task.first_ns for task in tasks if task.kind == "acknowledge"}
        host.on_event = self._event
        actions: dict[str, Callable[[Task], None]] = {
            "read": self._read,
            "write": self._write_value,
            "clock": self._set_clock,
            "list": self._list,
            "log": self._read_log,
            "upgrade": self._upgrade,
            "tunnel": self._tunnel,
            "introduce": self._introduce,
            "valve": self._valve,
            "power-fail": self._fail,
            "port-off": self._port_off,
        }
        for task in tasks:
            if task.kind in actions:
                self._schedule(task, actions[task.kind], task.first_ns)

    def _schedule(self, task: Task, action: Callable[[Task], None], time_ns: int) -> None:
        def run() -> None:
            if self._host.is_up:
                action(task)
            if task.every_ns is not None:
                self._schedule(task, action, time_ns + task.every_ns)

        self._host.kernel.at(time_ns, run)

    def _place(self, task: Task) -> Place:
        return self._host.places[task.port]

    def _read(self, task: Task) -> None:
        def answered(response: Packet | None) -> None:
            if response is not None and response.status == Status.OK:
                found = read_answer(response.payload)
                self._host.known.update({code: value for code, value in found.items() if isinstance(value, Typed)})

        self._host.command(task.port, Service.OBJECTS, READ, read_command(list(task.codes)), answered)

    def _write(self, port: int, code: int, value: Typed) -> None:
        self._host.command(port, Service.OBJECTS, WRITE, write_command({code: value}))

    def _write_value(self, task: Task) -> None:
        if task.value is not None:
            self._write(task.port, task.codes[0], task.value)

    def _set_clock(self, task: Task) -> None:
        for code in task.codes:
            self._write(task.port, code, Typed(TypeTag.TIME, self._host.utc()))

    def _list(self, task: Task) -> None:
        self._host.command(task.port, Service.OBJECTS, LIST, struct.pack(">HH", task.bank, 0))

    def _read_log(self, task: Task) -> None:
        self._host.command(task.port, Service.EVENTS, READ_LOG, struct.pack(">IB", 0, task.most))

    def _upgrade(self, task: Task) -> None:
        Upgrade(self._host, task, self._random).begin()

    def _tunnel(self, task: Task) -> None:
        self._tunnels.open(self._place(task), Protocol[task.protocol.upper()], task.duration_ns)

    def _introduce(self, task: Task) -> None:
        """Tell one device of another, once both are known."""
        peer = self._host.places[task.to_port]
        if peer.umi_id is not None:
            (code,) = task.codes
            self._write(task.port, SOURCE, source(task.to_port, peer.umi_id, code))

    def _valve(self, task: Task) -> None:
        self._write(task.port, COMMAND, Typed(TypeTag.UINT8, task.command))

    def _event(self, place: Place, packet: Packet) -> None:
        """Acknowledge an event where the scenario says so."""
        number, now = place.port.number, self._host.kernel.now_ns
        if now >= self._acknowledged.get(number, now + 1):
            event = packet.payload[1:3]
            self._host.kernel.after(ACKNOWLEDGE_NS, lambda: self._host.command(number, Service.EVENTS, ACKNOWLEDGE, event))

    def _fail(self, task: Task) -> None:
        self._host.fail(task.duration_ns)

    def _port_off(self, task: Task) -> None:
        self._host.power_down(task.port)
        self._host.kernel.after(task.duration_ns, lambda: self._host.power_up(task.port))
