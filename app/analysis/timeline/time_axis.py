"""Where a time axis has its ticks and what they say: whole picoseconds, so that no label is ever rounded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from app.analysis.timeline.viewport import PARTS, Viewport
from decoders.core.span import Timebase

THIN = "\u2009"
PS_PER_S = 10**12
MINOR = 5
CLOCK_STEPS_S = {
    10: 2, 20: 5, 30: 10, 60: 10, 120: 30, 300: 60, 600: 120, 1200: 300, 1800: 600, 3600: 600, 7200: 1800, 10_800: 3600, 21_600: 3600,
    43_200: 10_800, 86_400: 21_600,
}  # fmt: skip
"""Steps that are told in hours, minutes and seconds, each with that of the minor ticks."""
S_PER_MIN, S_PER_H, S_PER_DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class AxisTick:
    """A tick of the axis at pixel `x`; a minor one says nothing."""

    x: float
    text: str


def axis_ticks(view: Viewport, timebase: Timebase, spacing: float) -> list[AxisTick]:
    """The ticks of an axis whose labels are at least `spacing` pixels apart."""
    parts_per_s = timebase.rate_hz * PARTS
    ps_per_pixel = Fraction(view.span * PS_PER_S, parts_per_s * view.width)
    step, minor = _steps(ps_per_pixel * Fraction(spacing))
    first = -(-view.start * PS_PER_S // (parts_per_s * minor))
    last = (view.start + view.span) * PS_PER_S // (parts_per_s * minor)
    decimals = next(places for places in range(13) if step % 10 ** (12 - places) == 0)
    return [
        AxisTick(
            (number * minor * parts_per_s - view.start * PS_PER_S) * view.width / (view.span * PS_PER_S),
            _label(number * minor, step, decimals) if number * minor % step == 0 else "",
        )
        for number in range(first, last + 1)
    ]


def _label(ps: int, step: int, decimals: int) -> str:
    return clock_text(ps // PS_PER_S) if step >= min(CLOCK_STEPS_S) * PS_PER_S else seconds_text(ps, decimals)


def clock_text(seconds: int) -> str:
    """Whole seconds as hours, minutes and seconds, with days before them where there are any: 13:05:00, 1 d 02:00:00."""
    days, rest = divmod(seconds, S_PER_DAY)
    clock = f"{rest // S_PER_H:02d}:{rest % S_PER_H // S_PER_MIN:02d}:{rest % S_PER_MIN:02d}"
    return f"{grouped(days)}{THIN}d {clock}" if days else clock


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


def _steps(least_ps: Fraction) -> tuple[int, int]:
    """The smallest step that is no less, and that of the minor ticks: 1, 2 and 5 times a power of ten, and as clocks have them."""
    if least_ps > Fraction(min(CLOCK_STEPS_S) * PS_PER_S, 2):
        for seconds, minor in CLOCK_STEPS_S.items():
            if seconds * PS_PER_S >= least_ps:
                return seconds * PS_PER_S, minor * PS_PER_S
        days = _step(least_ps / (S_PER_DAY * PS_PER_S))
        return days * S_PER_DAY * PS_PER_S, max(1, days // MINOR) * S_PER_DAY * PS_PER_S
    step = _step(least_ps)
    return step, max(1, step // MINOR)


def _step(least: Fraction) -> int:
    """The smallest of 1, 2 and 5 times a power of ten that is no less."""
    power = 1
    while power * 5 < least:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power) if step >= least)


def _fraction(digits: str) -> str:
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "." + THIN.join(groups) if groups else ""
