"""Numbers, times and names as a person reads them in a line of text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

Paint = Callable[[str, str], str]
"""Colours a piece of text by its meaning: a severity, "heading" or "dim"."""

SIGNS = {"chat": "·", "note": "i", "warning": "!", "error": "✕"}
"""A shape for each severity, so that colour is never needed to tell them apart."""
ARROWS = {"h2p": "▸", "p2h": "◂"}
"""From the host to the peripheral, and back."""

_UNITS = (("ns", 1), ("µs", 10**3), ("ms", 10**6), ("s", 10**9))
_PREFIXES = (("G", 10**9), ("M", 10**6), ("k", 10**3), ("", 1))
_UNPRINTABLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD)}
_UNPRINTABLE |= {
    code: f"\\u{code:04x}" for code in (0x061C, *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}


def plain(text: str, _meaning: str) -> str:
    """The paint of a pipe: none."""
    return text


def clean(text: str) -> str:
    """Text from a recording or a file without what would steer a terminal."""
    return text.translate(_UNPRINTABLE)


def grouped(number: int) -> str:
    """A whole number in groups of three digits."""
    return f"{number:,}".replace(",", " ")


def time_text(ns: int) -> str:
    """Seconds to the nanosecond in groups of three digits: 12.034 512 000."""
    seconds, rest = divmod(abs(ns), 10**9)
    digits = f"{rest:09d}"
    return f"{'−' if ns < 0 else ''}{grouped(seconds)}.{digits[:3]} {digits[3:6]} {digits[6:]}"


def duration_text(ns: int) -> str:
    """A duration to three digits in the unit that suits it: 1.20 ms."""
    if abs(ns) < 1000:
        return f"{ns} ns"
    unit, size = next((unit, size) for unit, size in reversed(_UNITS) if abs(ns) * 2 >= size * 2 - size // 1000)
    value = Decimal(ns) / size
    if abs(value) >= 1000:
        return f"{grouped(round(value))} {unit}"
    decimals = 2 if abs(value) < Decimal("9.995") else 1 if abs(value) < Decimal("99.95") else 0
    return f"{value:.{decimals}f} {unit}"


def rate_text(rate_hz: int) -> str:
    """Samples in a second: 4 MS/s."""
    prefix, size = next((prefix, size) for prefix, size in _PREFIXES if rate_hz >= size)
    return (
        f"{Decimal(rate_hz) / size:f}".rstrip("0").rstrip(".") + f" {prefix}S/s"
        if rate_hz % size
        else f"{rate_hz // size} {prefix}S/s"
    )


def count_text(number: int, thing: str) -> str:
    """1 packet, 8 410 packets."""
    return f"{grouped(number)} {thing}" if number == 1 else f"{grouped(number)} {thing}s"


def listed_text(words: list[str]) -> str:
    """1, 2 and 5."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def port_text(port: int, direction: str) -> str:
    """A port with the direction in which something went."""
    return f"{port} {ARROWS[direction]}"


def cropped(text: str, width: int) -> str:
    """Text that takes no more than `width` characters; what is left out is marked."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
