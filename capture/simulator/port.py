"""One port of the host: its own lines, its rails, and whatever is plugged in."""

from __future__ import annotations

from collections.abc import Callable

from capture.simulator.kernel import Kernel
from capture.simulator.logic_recorder import LogicRecorder
from capture.simulator.rails import Rail
from capture.simulator.spi_bus import Disturbance, Slave, SpiBus, Transfer


class Port:
    """The lines cs, attn and ready of one port and the rails `low` and, where it is a high-power port, `high`.

    attn and ready are active low and pulled up, so that an empty port asks for nothing and is not ready.
    """

    def __init__(self, kernel: Kernel, bus: SpiBus, recorder: LogicRecorder, number: int, low: Rail, high: Rail | None) -> None:
        self.number = number
        self.bus = bus
        self.low, self.high = low, high
        self.wants_attention = False
        self.is_ready = False
        self.slave: Slave | None = None
        self.on_attention: Callable[[], None] | None = None
        self.on_ready: Callable[[], None] | None = None
        self.on_power: Callable[[], None] | None = None
        self.on_switch: Callable[[Port], None] | None = None
        self.disturbances: list[Disturbance] = []
        self._kernel, self._recorder = kernel, recorder
        self.cs, self.attn, self.ready = (f"{name}{number}" for name in ("CS", "ATTN", "READY"))

    def set_attention(self, *, wanted: bool) -> None:
        """The device pulls attn low, or lets go of it."""
        if wanted == self.wants_attention:
            return
        self.wants_attention = wanted
        self._recorder.set(self._kernel.now_ns, self.attn, high=not wanted)
        if wanted and self.on_attention is not None:
            self.on_attention()

    def set_ready(self, *, ready: bool) -> None:
        """The device pulls ready low while it can take a transfer."""
        self.is_ready = ready
        self._recorder.set(self._kernel.now_ns, self.ready, high=not ready)
        if ready and self.on_ready is not None:
            self.on_ready()

    def plug(self, slave: Slave, on_power: Callable[[], None]) -> None:
        """A device comes into the port: what the rails give charges its capacitors."""
        self.slave, self.on_power = slave, on_power
        for rail in (self.low, self.high):
            if rail is not None and rail.is_on:
                rail.inrush(self._kernel.now_ns)

    def unplug(self) -> None:
        """The device is pulled out, and the pull-ups have the lines."""
        self.slave = self.on_power = None
        self.set_attention(wanted=False)
        self.set_ready(ready=False)

    def switch(self, *, low: bool, high: bool) -> None:
        """The host switches the rails; the device notices."""
        before = self.rail_name
        for rail, on in ((self.low, low), (self.high, high)):
            if rail is not None and rail.is_on != on:
                rail.switch(self._kernel.now_ns, on=on)
                if on and self.slave is not None:
                    rail.inrush(self._kernel.now_ns)
        if self.on_switch is not None and self.rail_name != before:
            self.on_switch(self)
        if self.on_power is not None:
            self.on_power()

    @property
    def rail_name(self) -> str:
        """off, low or high, the highest that is on."""
        if self.high is not None and self.high.is_on:
            return "high"
        return "low" if self.low.is_on else "off"

    @property
    def measured_ma(self) -> int:
        """What the host's own ammeter shows of the highest rail that is on, in whole milliampere."""
        rail = self.high if self.high is not None and self.high.is_on else self.low
        return round(rail.drawn_a * 1000)

    def begin(self, start_ns: int) -> Transfer:
        """Assert cs."""
        transfer = Transfer(self.bus, self.number, self.cs, self.slave, start_ns)
        transfer.disturbances = self.disturbances
        return transfer
