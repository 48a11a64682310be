"""A recording with its clock and wiring, as the options of a command say."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

from app.analysis.decoding import timebase_of
from app.analysis.wiring.power import with_power
from app.analysis.wiring.stated import wiring_of
from app.analysis.wiring.wiring import wiring_from_options
from app.cli.screen import Screen
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.errors import UsageError
from decoders.core.span import Timebase

_RATE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([kKMG]?)\s*(?:Hz|S/s|)")
_PREFIXES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}
_MOST_HZ = 9 * 10**9


def rate_hz(text: str, option: str = "--rate") -> int:
    """Whole samples in a second from a text such as 4000000, 4M or "500 kHz"; `option` is what messages call it."""
    match = _RATE.fullmatch(text.strip())
    rate = Decimal(match[1]) * _PREFIXES[match[2]] if match else Decimal(0)
    if not 1 <= rate <= _MOST_HZ or rate != int(rate):
        raise UsageError(f"'{text}' is no sample rate", option, "write samples a second, such as 4000000, 4M or 500k")
    return int(rate)


def clock(screen: Screen, recording: LogicRecording, rate: str | None) -> Timebase:
    """The clock of a recording; says so where it has to be assumed."""
    timebase = timebase_of(recording, rate_hz(rate) if rate else None)
    for note in recording.notes:
        screen.note(f"{recording.name}: {note}")
    if rate is None and recording.rate_hz is None:
        screen.note(f"{recording.name}: times assume 1 MS/s; --rate says how fast it was sampled")
    return timebase


def wiring(recording: LogicRecording, path: Path, spi: list[str], uart: list[str], power: list[str]) -> Wiring:
    """The wiring that options describe or, without any, that the recording or the names of its channels speak of."""
    return with_power(_lines(recording, path, spi, uart), power, recording.analog_channels)


def _lines(recording: LogicRecording, path: Path, spi: list[str], uart: list[str]) -> Wiring:
    if spi or uart:
        return wiring_from_options(spi, uart, recording.channels)
    stated = wiring_of(recording)
    if not stated.spi and not stated.uart:
        raise UsageError(
            "the names of the channels do not say which line is which",
            str(path),
            f"'umiscope wiring {shlex.quote(str(path))}' proposes a wiring, --spi and --uart state it",
        )
    return stated
