"""Where a time axis has its ticks and what they say: whole picoseconds, so that no label is ever rounded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from app.analysis.timeline.viewport import PARTS, Viewport
from decoders.core.span import Timebase

THIN = "\u2009"
PS_PER_S = 10**12
MINOR = 5


@dataclass(frozen=True, slots=True)
class AxisTick:
    """A tick of the axis at pixel `x`; a minor one says nothing."""

    x: float
    text: str


def axis_ticks(view: Viewport, timebase: Timebase, spacing: float) -> list[AxisTick]:
    """The ticks of an axis whose labels are at least `spacing` pixels apart."""
    parts_per_s = timebase.rate_hz * PARTS
    ps_per_pixel = Fraction(view.span * PS_PER_S, parts_per_s * view.width)
    step = _step(ps_per_pixel * Fraction(spacing))
    minor = max(1, step // MINOR)
    first = -(-view.start * PS_PER_S // (parts_per_s * minor))
    last = (view.start + view.span) * PS_PER_S // (parts_per_s * minor)
    decimals = next(places for places in range(13) if step % 10 ** (12 - places) == 0)
    return [
        AxisTick(
            (number * minor * parts_per_s - view.start * PS_PER_S) * view.width / (view.span * PS_PER_S),
            seconds_text(number * minor, decimals) if number * minor % step == 0 else "",
        )
        for number in range(first, last + 1)
    ]


def seconds_text(ps: int, decimals: int) -> str:
    """Seconds with so many decimals, none of them rounded away by the caller, in groups of three: 12.034 5 s."""
    seconds, rest = divmod(abs(ps), PS_PER_S)
    sign = "−" if ps < 0 else ""
    return f"{sign}{grouped(seconds)}{_fraction(f'{rest:012d}'[:decimals])}{THIN}s"


def grouped(number: int) -> str:
    """A whole number in groups of three digits, apart by thin spaces."""
    return f"{number:,}".replace(",", THIN)


def exact_text(ticks: int, timebase: Timebase) -> str:
    """A number of ticks as a duration to the picosecond in the unit that suits it, without zeros at its end: 6.541 25 ms."""
    ps = Fraction(abs(ticks) * PS_PER_S, timebase.rate_hz)
    unit, size = next(((unit, size) for unit, size in _UNITS if ps >= size), _UNITS[-1])
    whole = round(ps)
    digits = f"{whole % size:0{len(str(size)) - 1}d}".rstrip("0") if size > 1 else ""
    sign = "−" if ticks < 0 else ""
    return f"{sign}{grouped(whole // size)}{_fraction(digits)}{THIN}{unit}"


def frequency_text(ticks: int, timebase: Timebase) -> str:
    """How often a number of ticks fits into a second, to four digits: 152.9 Hz."""
    hertz = Fraction(timebase.rate_hz, abs(ticks))
    unit, size = next(((unit, size) for unit, size in _HERTZ if hertz >= size), _HERTZ[-1])
    return f"{float(hertz / size):.4g}{THIN}{unit}"


_UNITS = (("s", 10**12), ("ms", 10**9), ("µs", 10**6), ("ns", 10**3), ("ps", 1))
_HERTZ = (("GHz", 10**9), ("MHz", 10**6), ("kHz", 10**3), ("Hz", 1), ("mHz", Fraction(1, 1000)))


def _step(least_ps: Fraction) -> int:
    """The smallest of 1, 2 and 5 times a power of ten that is no less."""
    power = 1
    while power * 5 < least_ps:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power) if step >= least_ps)


def _fraction(digits: str) -> str:
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "." + THIN.join(groups) if groups else ""
