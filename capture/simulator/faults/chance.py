"""A fault that waits for its first chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from capture.simulator.devices.objects import read_command
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.packets import Service

if TYPE_CHECKING:
    from capture.simulator.system import System

PROMPT_NS = 500 * NS_PER_MS
"""So long a fault waits for what a scenario does by itself, before it has the host ask for something."""
READ = 1
SOME_CODE = 0x0042_0001


@dataclass(slots=True)
class Chance:
    """One fault of a run, armed from `at_ns` on; `port` None where it takes the first that comes.

    `gaps` are the stretches, in nanoseconds, that the capture will lack.
    """

    system: System
    name: str
    findings: tuple[str, ...]
    at_ns: int
    port: int | None
    gaps: list[tuple[int, int]]
    has_struck: bool = False

    @property
    def is_due(self) -> bool:
        """Whether the fault may strike now."""
        return not self.has_struck and self.system.kernel.now_ns >= self.at_ns

    def ports(self) -> list[int]:
        """The ports on which the fault may strike."""
        return [number for number in self.system.ports if self.port in {None, number}]

    def random(self) -> Random:
        """Numbers for this fault alone."""
        return self.system.random(f"fault {self.name} at {self.at_ns}")

    def strike(self, time_ns: int, port: int | None, findings: tuple[str, ...] | None = None) -> None:
        """Tell the ledger that the fault has struck, and as what it should be found if not as it always is."""
        self.has_struck = True
        self.system.ledger.fault(time_ns, self.name, port, self.findings if findings is None else findings)

    def once_met(self, action: Callable[[int], None]) -> None:
        """Do something as soon as one of the ports has a device that has answered the host's greeting."""

        def look() -> None:
            number = next((number for number in self.ports() if self.is_met(number)), None)
            if number is None:
                self.system.kernel.after(100 * NS_PER_MS, look)
            else:
                action(number)

        self.system.kernel.at(self.at_ns, look)

    def is_met(self, number: int) -> bool:
        """Whether the host knows who is in a port."""
        return self.system.host.places[number].umi_id is not None

    def prompt(self, ask: Callable[[], None] | None = None) -> None:
        """Where the scenario gives no chance by itself, make one again and again: the host reads, unless `ask` does otherwise."""

        def prompt() -> None:
            if not self.has_struck:
                (ask or self.read)()
                self.system.kernel.after(PROMPT_NS, prompt)

        self.system.kernel.at(self.at_ns + PROMPT_NS, prompt)

    def read(self, codes: int = 1) -> None:
        """The host reads objects of the first device that it knows."""
        number = next((number for number in self.ports() if self.is_met(number)), None)
        if number is not None:
            self.system.host.command(number, Service.OBJECTS, READ, read_command([SOME_CODE] * codes))
