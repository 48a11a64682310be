"""One wiring option, `key=value,key=value`: its parts, each checked as it is taken."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from decoders.core.errors import UsageError

Choice = TypeVar("Choice")

_UNITS_NS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9}
_DURATION = re.compile(r"([0-9]{1,13}(?:\.[0-9]{1,9})?)\s*(ns|us|µs|μs|ms|s)?")
_LONGEST_NS = 3600 * 10**9
_REAL = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_INDEX = re.compile(r"#?([0-9]{1,3})")


class WiringOption:
    """One option such as `--spi "port=1,sck=D0"` for a recording with these channels.

    Each part is taken by its key; `finish` complains about what nobody took. All faults are UsageError.
    """

    def __init__(self, option: str, text: str, channels: Sequence[str]) -> None:
        self._where = f'{option} "{text}"'
        self._channels = channels
        self._asked: list[str] = []
        self._parts: dict[str, str] = {}
        for part in text.split(","):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or not key or not value:
                raise self.error(f"{part.strip()!r} is not of the form key=value", "separate the parts with commas")
            if key.lower() in self._parts:
                raise self.error(f"{key} is given twice", "give it once")
            self._parts[key.lower()] = value

    def error(self, what: str, remedy: str) -> UsageError:
        return UsageError(what, self._where, remedy)

    def word(self, key: str, default: str) -> str:
        self._asked.append(key)
        return self._parts.get(key, default)

    def choice(self, key: str, default: str, known: Mapping[str, Choice]) -> Choice:
        word = self.word(key, default).lower()
        if word not in known:
            raise self.error(f"{key} cannot be {word!r}", f"known are {', '.join(known)}")
        return known[word]

    def number(self, key: str, default: int, allowed: range) -> int:
        text = self.word(key, str(default))
        if not re.fullmatch("[0-9]{1,10}", text) or int(text) not in allowed:
            raise self.error(f"{key} cannot be {text!r}", f"it is a number from {allowed[0]} to {allowed[-1]}")
        return int(text)

    def real(self, key: str, default: float) -> float:
        """A number with or without a point or an exponent."""
        text = self.word(key, repr(default))
        if not _REAL.fullmatch(text) or math.isinf(float(text)):
            raise self.error(f"{key} cannot be {text!r}", "it is a number such as 0.001, -2 or 1e-3")
        return float(text)

    def duration_ns(self, key: str, default_ns: int) -> int:
        """Nanoseconds from a text such as 20us or 1.5ms; a bare 0 needs no unit."""
        text = self.word(key, duration_text(default_ns))
        match = _DURATION.fullmatch(text)
        value = Decimal(match[1]) * _UNITS_NS.get(match[2], 0) if match else Decimal(-1)
        if match is None or value > _LONGEST_NS or value != int(value) or (not match[2] and Decimal(match[1])):
            raise self.error(f"{key} cannot be {text!r}", "write whole nanoseconds or more, with a unit: ns, us, ms or s")
        return int(value)

    def needed_channel(self, key: str) -> int:
        channel = self.channel(key)
        if channel is None:
            raise self.error(f"{key} is missing", f"add {key}=…, one of {self._known_channels()}")
        return channel

    def channel(self, key: str) -> int | None:
        """The channel with this name, exactly or in another case, or with this number, or `#` and this number."""
        self._asked.append(key)
        if key not in self._parts:
            return None
        text = self._parts[key]
        try:
            channel = find_channel(text, self._channels)
        except ValueError as fault:
            raise self.error(f"{key}: {fault}", "write the channel's number instead") from fault
        if channel is None:
            raise self.error(f"there is no channel {text!r} for {key}", f"known are {self._known_channels()}")
        return channel

    def channel_name(self, channel: int) -> str:
        return repr(self._channels[channel]) if self._channels[channel] else str(channel)

    def finish(self) -> None:
        unknown = [key for key in self._parts if key not in self._asked]
        if unknown:
            raise self.error(f"{unknown[0]!r} is not known here", f"known are {', '.join(dict.fromkeys(self._asked))}")

    def _known_channels(self) -> str:
        named = [f"{name} ({number})" for number, name in enumerate(self._channels) if name]
        return ", ".join(named) or "none, for the recording has no named channels"


def find_channel(text: str, channels: Sequence[str]) -> int | None:
    """The number of the channel that `text` means: `#` and a number, a name, a name in another case, a number.

    None if there is none; ValueError if several have that name.
    """
    by_number = _INDEX.fullmatch(text)
    number = int(by_number[1]) if by_number and int(by_number[1]) < len(channels) else None
    if number is not None and text.startswith("#"):
        return number
    exact = [at for at, name in enumerate(channels) if name == text]
    alike = exact or [at for at, name in enumerate(channels) if name.casefold() == text.casefold()]
    if len(alike) > 1:
        raise ValueError(f"{len(alike)} channels are named {text!r}")
    return alike[0] if alike else number


def channel_text(channel: int, channels: Sequence[str]) -> str:
    """The shortest plain way to mean this channel in an option: its name, else its number."""
    name = channels[channel]
    writable = name and name == name.strip() and not set(name) & set(",=")
    for text in (name, str(channel)) if writable else (str(channel),):
        if _means(text, channel, channels):
            return text
    return f"#{channel}"


def _means(text: str, channel: int, channels: Sequence[str]) -> bool:
    try:
        return find_channel(text, channels) == channel
    except ValueError:
        return False


def duration_text(duration_ns: int) -> str:
    """A duration as an option shows it: the largest unit that makes a whole number of it."""
    for unit in ("s", "ms", "us"):
        if duration_ns and duration_ns % _UNITS_NS[unit] == 0:
            return f"{duration_ns // _UNITS_NS[unit]}{unit}"
    return f"{duration_ns}ns" if duration_ns else "0"
