"""What a scenario has the host do: read, set clocks, hand out firmware, carry tunnels."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from capture.simulator.devices.gas_index import CLOCK
from capture.simulator.devices.objects import read_command, write_command
from capture.simulator.host import Host, Place
from capture.simulator.packets import Service, Typed, TypeTag
from capture.simulator.scenario import Task

READ, WRITE = 1, 2


class HostTasks:
    """Runs the tasks of a scenario, each from its time on; one whose port has nobody yet waits for its next time."""

    def __init__(self, host: Host, tasks: tuple[Task, ...], random: Random) -> None:
        self._host, self._random = host, random
        actions: dict[str, Callable[[Task], None]] = {"read": self._read, "clock": self._set_clock}
        for task in tasks:
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
        self._host.command(task.port, Service.OBJECTS, READ, read_command(list(task.codes)))

    def _set_clock(self, task: Task) -> None:
        payload = write_command({CLOCK: Typed(TypeTag.TIME, self._host.utc())})
        self._host.command(task.port, Service.OBJECTS, WRITE, payload)
