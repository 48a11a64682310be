"""The findings about the supply, and the figures behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from decoders.core.finding import Code, Severity
from decoders.profile.article import RAIL_LIMIT_MA, RAIL_VOLTS

UNPOWERED = Code(
    "unpowered-port",
    "frames",
    Severity.ERROR,
    "A frame from or to a device on a port whose supply is off, by the host's word or by its voltage.",
)
BROWN_OUT = Code(
    "brown-out",
    "transfers",
    Severity.ERROR,
    "The voltage of a rail that is on falls more than 10 % below its nominal value while a transfer goes on.",
)
DIP = Code(
    "voltage-dip",
    "transfers",
    Severity.WARNING,
    "The voltage of a rail that is on falls more than 10 % below its nominal value while nothing is transferred.",
)
OVER_CURRENT = Code(
    "over-current",
    "transfers",
    Severity.WARNING,
    "The mean current over a millisecond is above what a port may give: 50 mA at 3 V, 1 A at 12 V.",
)
LEAKAGE = Code("leakage", "transfers", Severity.WARNING, "More than 5 µA flow for 100 ms or longer on a rail that is off.")
BATTERY = Code(
    "battery-current",
    "transfers",
    Severity.WARNING,
    "The mean current over the longest stretch without a gap is above what the datasheet claims for operation on a battery.",
)
HIGH_ON_LOW = Code(
    "high-on-low-port",
    "packets",
    Severity.WARNING,
    "A device of the power class high takes current from a port that never gives 12 V.",
)
CODES = (UNPOWERED, BROWN_OUT, DIP, OVER_CURRENT, LEAKAGE, BATTERY, HIGH_ON_LOW)

LEAK_A: Final = 5e-6
LEAK_NS: Final = 100_000_000
MEAN_NS: Final = 1_000_000
MEAN_SAMPLES: Final = 3
"""A current counts as its mean over a millisecond, and over so many samples at least."""
FALL_NS: Final = 50_000_000
"""So long after it was switched off a rail may still be emptied by what hangs on it."""
RISE_NS: Final = 10_000_000
"""So long before its voltage is there a rail may have been switched on."""
APART_NS: Final = 100_000_000
"""What comes again sooner than this is one episode."""
BATTERY_NS: Final = 60_000_000_000
"""A mean over less than a minute says nothing about a battery's life."""


@dataclass(frozen=True, slots=True)
class RailLimits:
    """Voltages and current at which a rail is judged: `on` and above it is well, below `off` all the while it is switched off.

    In between, a fall below `on` is a dip; below `dead` a device can no longer send.
    """

    nominal: float
    on: float
    dead: float
    off: float
    amps: float

    @classmethod
    def of(cls, rail: str) -> RailLimits:
        """Of the low or the high rail, from the article's nominal values."""
        volts = RAIL_VOLTS[rail]
        return cls(volts, 0.9 * volts, volts * 2 / 3, volts / 3, RAIL_LIMIT_MA[rail] / 1000)
