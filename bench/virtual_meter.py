"""How fast the virtual meter lives: its busiest system against the clock on the wall, and a day of a gas meter."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.analysis.simulating import read_scenario
from bench.progress import say
from bench.report import Row, digits
from bench.sizes import Sizes
from capture.simulator.simulation import Simulation

BUSY_RATE_HZ = 24_000_000
ANALOG_RATE_HZ = 20
MOST_DAY_S = 60.0


def rows(sizes: Sizes) -> Iterator[Row]:
    """Processor time of one core, without writing a file."""
    say("simulating")
    seconds = sizes.simulated_busy_s
    took, changes = _simulated(Simulation(read_scenario("busy-15-ports"), seconds, rate_hz=BUSY_RATE_HZ, analog_rate_hz=0))
    yield Row(
        "15 busy ports at 24 MS/s, simulated", f"{digits(seconds / took)} × real time", "≥ 1 × real time", seconds >= took,
        f"{seconds} s of `busy-15-ports`, {changes / 1e6:.1f} M changes of 24 lines",
    )  # fmt: skip
    seconds = sizes.simulated_day_s
    took, changes = _simulated(Simulation(read_scenario("gas-meter"), seconds, analog_rate_hz=ANALOG_RATE_HZ))
    yield Row(
        f"{seconds / 3600:.0f} hours of a gas meter, simulated", f"{digits(took)} s", f"≤ {MOST_DAY_S:.0f} s", took <= MOST_DAY_S,
        f"`gas-meter`, {changes / 1e6:.1f} M changes of 12 lines, voltages and currents at {ANALOG_RATE_HZ} S/s",
    )  # fmt: skip


def _simulated(simulation: Simulation) -> tuple[float, int]:
    """Seconds, and how often a line changed."""
    begun = time.process_time()
    changes = sum(len(getattr(chunk, "ticks", ())) for piece in simulation.pieces() for chunk in piece.logic)
    return time.process_time() - begun, changes
