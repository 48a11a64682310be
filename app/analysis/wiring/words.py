"""The settings of a wiring as a person writes and reads them."""

from __future__ import annotations

import re
from itertools import product

from app.analysis.text.words import listed_text
from app.analysis.wiring.option import WiringOption, duration_text
from app.analysis.wiring.table import ALL_PORTS
from app.analysis.wiring.wiring import MAX_PORT
from decoders.bus.wiring import Parity
from decoders.core.errors import UsageError

Format = tuple[int, Parity, int]
"""Data bits, parity and stop bits."""
_LETTERS: dict[Parity, str] = {"none": "N", "odd": "O", "even": "E", "mark": "M", "space": "S"}
_USUAL: tuple[Format, ...] = (
    (7, "even", 1),
    (8, "none", 1),
    (8, "even", 1),
    (8, "odd", 1),
    (7, "none", 1),
    (7, "odd", 1),
    (8, "none", 2),
)
FORMATS = _USUAL + tuple(
    one for bits, parity, stops in product((7, 8, 5, 6, 9), _LETTERS, (1, 2)) if (one := (bits, parity, stops)) not in _USUAL
)
"""All character formats, the usual ones first."""
_FASTEST_BAUD = 1_000_000_000
_PORTS = re.compile(r"[0-9]{1,2}(?:\s*[,;\s]\s*[0-9]{1,2})*")


def format_text(one: Format) -> str:
    """A character format as 7E1."""
    bits, parity, stops = one
    return f"{bits}{_LETTERS[parity]}{stops}"


def ports_text(ports: tuple[int, ...]) -> str:
    """The ports of a line."""
    return ", ".join(map(str, ports)) if ports else "all"


def ports_named(stream: str, ports: tuple[int, ...]) -> str:
    """Ports with their stream: spi, ports 1, 2 and 3."""
    return f"{stream}, {'ports' if len(ports) > 1 else 'port'} {listed_text([str(port) for port in ports])}"


def ports_of(text: str) -> tuple[int, ...]:
    """The ports that a text such as all, 1 or 1, 2 means; UsageError where it is none of these."""
    if text.strip().lower() in {"", "all"}:
        return ALL_PORTS
    numbers = sorted({int(number) for number in re.findall("[0-9]+", text)}) if _PORTS.fullmatch(text.strip()) else []
    if not numbers or not all(1 <= number <= MAX_PORT for number in numbers):
        raise UsageError(f"“{text}” is no port", "", f"write all, a number from 1 to {MAX_PORT}, or several such as 1, 2")
    return tuple(numbers)


def baud_of(text: str) -> int | None:
    """A speed in baud, None for auto; UsageError where it is neither."""
    digits = re.sub(r"\s", "", text)
    if digits.lower() == "auto":
        return None
    if not re.fullmatch("[0-9]{1,10}", digits) or not 1 <= int(digits) <= _FASTEST_BAUD:
        raise UsageError(f"“{text}” is no speed", "", "write bits a second such as 9600, or auto")
    return int(digits)


def idle_ns_of(text: str) -> int:
    """A pause in nanoseconds from a text such as 20us; UsageError where it is none."""
    if not text or set(text) & set(",="):
        raise UsageError(f"“{text}” is no duration", "", "write a number with a unit such as 20us or 1.5ms")
    option = WiringOption("idle", f"idle={text}", ())
    try:
        return option.duration_ns("idle", 0)
    except UsageError as error:
        raise UsageError(f"“{text}” is no duration", "", "write a number with a unit such as 20us or 1.5ms") from error


def idle_text(idle_ns: int) -> str:
    """A pause as it is written."""
    return duration_text(idle_ns)
