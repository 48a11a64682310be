"""What the height of a trace means: its quantity, a range of round numbers, and values as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

THIN = "\u2009"
Kind = Literal["current", "voltage", "power"]
UNITS: dict[Kind, str] = {"current": "A", "voltage": "V", "power": "W"}
_PREFIXES = (("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("µ", -6), ("n", -9), ("p", -12))
_STEPS = (1, 2, 5)
MOST_DECADES = 6
"""Below its highest value a logarithmic axis shows no more; what is less lies at the bottom."""
MOST_NEGATIVE = 0.01
"""A trace that goes below zero by more than this part of its highest value has no logarithmic axis."""


def kind_of(name: str) -> Kind:
    """The quantity of a trace by its name; one of an unknown quantity is taken for a voltage, as recordings without units mean it."""
    lower = name.lower()
    return "current" if lower.startswith(("i", "current")) else "power" if lower.startswith("p") else "voltage"


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """A range [low, high] of round values, and what lies at its ticks, from the bottom; decades are equally high where `is_log`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]
    is_log: bool = False

    def shares(self, values: NDArray[Any]) -> NDArray[Any]:
        """How high values lie, from 0 at the bottom to 1 at the top; not a number stays so."""
        shares: NDArray[Any] = (values - self.low) / (self.high - self.low)
        if self.is_log:
            shares = np.log10(np.maximum(values, self.low) / self.low) / math.log10(self.high / self.low)
        return shares

    def share(self, value: float) -> float:
        """The same of one value."""
        return float(self.shares(np.array([value]))[0])


def value_axis(low: float, high: float, unit: str, most: int) -> ValueAxis:
    """The narrowest range of round numbers around two values with at most `most` ticks, at least three."""
    if not low < high:
        beside = abs(low) / 10 or 1.0
        low, high = low - beside, high + beside
    most_steps = max(2, most - 1)
    exponent = math.floor(math.log10((high - low) / most_steps))
    steps = [Fraction(digit) * Fraction(10) ** (exponent + more) for more in range(3) for digit in _STEPS]
    step = next((step for step in steps if math.ceil(high / step) - math.floor(low / step) <= most_steps), steps[-1])
    return _axis(math.floor(low / step), math.ceil(high / step), step, unit)


def log_axis(low: float, high: float, unit: str, most: int) -> ValueAxis | None:
    """The decades around two values, with at most `most` of them named; None where there is nothing above zero to show."""
    if not high > 0 or -low > high * MOST_NEGATIVE:
        return None
    top = math.ceil(math.log10(high) - 1e-9)
    bottom = max(math.floor(math.log10(low) + 1e-9) if low > 0 else top - MOST_DECADES, top - MOST_DECADES)
    bottom = min(bottom, top - 1)
    stride = -(-(top - bottom) // max(1, most - 1))
    powers = range(top - (top - bottom) // stride * stride, top + 1, stride)
    ticks = tuple(10.0**power for power in powers)
    texts = tuple(_decade_text(power, unit) for power in powers)
    return ValueAxis(10.0**bottom, 10.0**top, ticks, texts, is_log=True)


def _decade_text(power: int, unit: str) -> str:
    prefix, of_prefix = prefix_of(10.0**power)
    return f"{_number(10.0 ** (power - of_prefix), max(0, of_prefix - power))}{THIN}{prefix}{unit}"


def _axis(first: int, last: int, step: Fraction, unit: str) -> ValueAxis:
    ticks = [number * step for number in range(first, last + 1)]
    prefix, power = prefix_of(float(max(abs(ticks[0]), abs(ticks[-1]))))
    scaled = step / Fraction(10) ** power
    decimals = next((places for places in range(10) if (scaled * 10**places).denominator == 1), 9)
    texts = [_number(float(tick / Fraction(10) ** power), decimals) + f"{THIN}{prefix}{unit}" for tick in ticks]
    return ValueAxis(float(ticks[0]), float(ticks[-1]), tuple(float(tick) for tick in ticks), tuple(texts))


def prefix_of(size: float) -> tuple[str, int]:
    """The prefix that suits a size, and its power of ten."""
    if not size:
        return "", 0
    return next(((prefix, power) for prefix, power in _PREFIXES if size >= 0.9999995 * 10.0**power), _PREFIXES[-1])


def value_text(value: float, unit: str) -> str:
    """A value to four digits in the unit that suits it: 12.41 mA."""
    if math.isnan(value):
        return "–"
    prefix, power = prefix_of(abs(value))
    scaled = value / 10.0**power
    decimals = 3 if abs(scaled) < 9.9995 else 2 if abs(scaled) < 99.995 else 1 if abs(scaled) < 999.95 else 0
    return _number(scaled, decimals) + f"{THIN}{prefix}{unit}"


def round_text(value: float, unit: str) -> str:
    """A round value, such as a limit, without zeros at its end: 50 mA."""
    number, _, behind = value_text(value, unit).partition(THIN)
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number}{THIN}{behind}"


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", "−")
