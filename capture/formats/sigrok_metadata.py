"""The `metadata` member of a sigrok session file: what its samples mean.

Source: libsigrok's session file format, versions 1 and 2, which have the same metadata.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from decoders.core.errors import RecordingError

MAX_RATE_HZ = 9_000_000_000
"""The fastest clock whose ticks convert to nanoseconds in 64 bits."""

_MOST_UNIT_BYTES = 8
_PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_RATE = re.compile(r"([0-9.]+)\s*([kmgt]?)(?:hz)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(probe|analog)([0-9]{1,6})")
_REMEDY = "repair the member 'metadata' or record again"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the metadata say.

    `capturefile` is the stem of the members with logic samples, None where there are none; `unit_bytes` the width of a logic
    sample; `channels` by bit number, an empty name for a bit not used; `analog` the number in the member's name and the
    channel's name of each analogue trace.
    """

    capturefile: str | None
    unit_bytes: int
    rate_hz: int | None
    channels: tuple[str, ...]
    analog: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]


def parse_metadata(text: str, where: str) -> Metadata:
    """Read the text of the member; RecordingError, naming `where`, if the samples cannot be understood with it."""
    devices = _device_sections(text)
    if not devices:
        raise RecordingError("the metadata describe no device", where, _REMEDY)
    device = devices[0]
    notes = [] if len(devices) == 1 else [f"The file describes {len(devices)} devices; only the first is read."]
    rate_hz = _rate(device.get("samplerate", ""), notes)
    probes, analog = _numbered(device)
    capturefile = device.get("capturefile") or None
    unit = _unit_bytes(device, where) if capturefile else 1
    highest = max(probes, default=0)
    if highest > unit * 8 and capturefile:
        raise RecordingError(f"channel {highest} has no room in samples of {unit} bytes", where, _REMEDY)
    channels = tuple(probes.get(number, "") for number in range(1, highest + 1)) if capturefile else ()
    return Metadata(capturefile, unit, rate_hz, channels, tuple(sorted(analog.items())), tuple(notes))


def format_metadata(channels: Sequence[str], rate_hz: int | None, unit_bytes: int, traces: Sequence[str] = ()) -> str:
    """The text of the member; analogue traces are numbered behind the logic channels."""
    rate = [] if rate_hz is None else [f"samplerate={_rate_text(rate_hz)}"]
    names = [f"probe{number}={name}" for number, name in enumerate(channels, 1) if name]
    head = ["[global]", "sigrok version=0.5.2", "", "[device 1]", "capturefile=logic-1", f"total probes={len(channels)}"]
    analog = [f"analog{number}={name}" for number, name in enumerate(traces, len(channels) + 1)]
    return "\n".join([*head, *rate, f"total analog={len(traces)}", *names, *analog, f"unitsize={unit_bytes}", ""])


def _device_sections(text: str) -> list[dict[str, str]]:
    devices: list[dict[str, str]] = []
    section: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = {}
            if line[1:-1].startswith("device"):
                devices.append(section)
        else:
            key, equals, value = line.partition("=")
            if equals:
                section[key.strip()] = value.strip()
    return devices


def _rate(text: str, notes: list[str]) -> int | None:
    """Hertz from a text such as "64 MHz"; like libsigrok a prefix counts in either case, so that "2 mHz" is 2 MHz."""
    match = _RATE.fullmatch(text)
    try:
        rate = Decimal(match[1]) * _PREFIXES[match[2].lower()] if match else None
    except InvalidOperation:
        rate = None
    if text == "" or rate == 0:
        notes.append("The file does not state its sample rate.")
        return None
    if rate is None or rate != int(rate) or rate > MAX_RATE_HZ:
        notes.append(f"The file states {_short(text)} as its sample rate, which is none; times are unknown.")
        return None
    return int(rate)


def _rate_text(rate_hz: int) -> str:
    for prefix, factor in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if rate_hz % factor == 0:
            return f"{rate_hz // factor} {prefix}Hz"
    return f"{rate_hz} Hz"


def _numbered(device: Mapping[str, str]) -> tuple[dict[int, str], dict[int, str]]:
    names: dict[str, dict[int, str]] = {"probe": {}, "analog": {}}
    for key, value in device.items():
        if (match := _NUMBERED.fullmatch(key)) and int(match[2]) > 0:
            names[match[1]][int(match[2])] = value
    return names["probe"], names["analog"]


def _unit_bytes(device: Mapping[str, str], where: str) -> int:
    text = device.get("unitsize", "")
    if not text:
        raise RecordingError("the metadata do not state how wide a logic sample is (unitsize)", where, _REMEDY)
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_UNIT_BYTES:
        raise RecordingError(
            f"logic samples of {_short(text)} bytes (unitsize) are not understood, only 1 to {_MOST_UNIT_BYTES}", where, _REMEDY
        )
    return int(text)


def _short(text: str) -> str:
    return ascii(text if len(text) <= 40 else text[:40] + "…")
