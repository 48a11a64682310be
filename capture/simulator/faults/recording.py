"""Faults of the recording itself."""

from __future__ import annotations

from capture.simulator.faults.chance import Chance
from capture.simulator.kernel import NS_PER_MS

GAP_NS = 50 * NS_PER_MS


def capture_gap(chance: Chance) -> None:
    """The logic analyser loses a stretch."""
    chance.gaps.append((chance.at_ns, chance.at_ns + GAP_NS))
    chance.system.kernel.at(chance.at_ns, lambda: chance.strike(chance.at_ns, None))
