"""The kinds of devices by the names that scenarios call them."""

from __future__ import annotations

from random import Random

from capture.simulator.devices.display import Display
from capture.simulator.devices.gas_index import GasIndex
from capture.simulator.devices.gsm import GsmModule
from capture.simulator.devices.valve import Valve
from capture.simulator.devices.wmbus import WmbusModule
from capture.simulator.devices.zigbee import ZigbeeModule
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.peripheral import Behaviour, Draw


def made(kind: str, random: Random, epoch_s: int) -> tuple[Behaviour, Draw]:
    """A device of a kind with what it draws; `epoch_s` is the time of day in the world, which no device is told."""
    serial = f"{kind.upper()}-{random.randrange(10**6):06}"
    match kind:
        case "gas-index":
            return GasIndex(serial, random, epoch_s), Draw(4e-3, 2.4e-6, 1e-3, 25 * NS_PER_MS)
        case "zigbee":
            return ZigbeeModule(serial, random), Draw(12e-3, 1.2e-6, 4e-3, 120 * NS_PER_MS)
        case "wmbus":
            return WmbusModule(serial, random), Draw(9e-3, 4.0e-6, 2.5e-3, 80 * NS_PER_MS)
        case "gsm":
            return GsmModule(serial, random), Draw(15e-3, 20e-6, 8e-3, 300 * NS_PER_MS)
        case "display":
            return Display(serial), Draw(0.4e-3, 0.3e-6, 0.2e-3, 15 * NS_PER_MS)
        case "valve":
            return Valve(serial), Draw(5e-3, 1.5e-6, 2e-3, 40 * NS_PER_MS)
    raise ValueError(f"there is no device {kind}")
