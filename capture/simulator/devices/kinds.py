"""The kinds of devices by the names that scenarios call them."""

from __future__ import annotations

from random import Random

from capture.simulator.devices.gas_index import GasIndex
from capture.simulator.peripheral import Behaviour, Draw


def made(kind: str, random: Random) -> tuple[Behaviour, Draw]:
    """A device of a kind with what it draws."""
    match kind:
        case "gas-index":
            return GasIndex(f"GI-2026-{random.randrange(10**6):06}", random.randrange(10**6, 10**8)), Draw(sleep_a=2.4e-6)
    raise ValueError(f"there is no device {kind}")
