"""A radio that can either send or listen: what it does follows one after the other, each a burst of current."""

from __future__ import annotations

from capture.simulator.peripheral import Peripheral


class Radio:
    """The radio of one device, fed from its 3 V rail."""

    def __init__(self, device: Peripheral) -> None:
        self._device = device
        self._free_ns = 0

    @property
    def is_free(self) -> bool:
        """Whether it does nothing at present."""
        return self._device.kernel.now_ns >= self._free_ns

    def use(self, duration_ns: int, amps: float) -> None:
        """Send or listen for a while, as soon as it is free."""
        now = self._device.kernel.now_ns
        start_ns = max(now, self._free_ns)
        self._free_ns = start_ns + duration_ns
        if start_ns == now:
            self._device.work(duration_ns, amps)
        else:
            self._device.after(start_ns - now, lambda: self._device.work(duration_ns, amps))
