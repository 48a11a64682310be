"""Which channels look like asynchronous serial lines, from the lengths of their pulses and what they then say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from app.analysis.wiring.excerpt import Excerpt, Trace
from decoders.bus.baud import estimate_baud
from decoders.bus.flag import FlagMessage
from decoders.bus.flag.parse import START_BAUD
from decoders.bus.opto import OptoDecoder
from decoders.bus.uart import CharBatch, CharFlag, UartDecoder
from decoders.bus.wiring import Parity, UartLine

_LEAST_EDGES = 8
_LEAST_CHARACTERS = 4
_LONGEST_PULSE_BITS = 12
_LEAST_FITTING = 0.9
_MOST_FAULTY = 0.1
# A character with the wrong parity, or none, is faulty in every second case; without parity anything fits, so that comes last.
_FORMATS: tuple[tuple[int, Parity], ...] = ((7, "even"), (7, "odd"), (8, "even"), (8, "odd"), (8, "none"), (7, "none"))
TOOL_KINDS = frozenset({"request", "option"})
DEVICE_KINDS = frozenset({"identification", "readout", "p1"})
_FOREIGN = frozenset({"umi-link", "hdlc"})


@dataclass(frozen=True, slots=True, eq=False)
class SerialLine:
    """A channel that reads as serial characters: the share of them with a fault in parity or stop bit.

    `characters` are those of `line` at its one speed. `kinds` are the messages of EN 62056-21 among what it says, whatever the
    speed; where there are such, `faulty` is the share of the characters that belong to none.
    """

    line: UartLine
    characters: CharBatch
    faulty: float
    kinds: frozenset[str] = frozenset()

    @property
    def is_sound(self) -> bool:
        """Whether it makes sense by itself; of an exchange whose other side changes the speed, one side alone does not."""
        return self.faulty <= _MOST_FAULTY

    @property
    def count(self) -> int:
        return len(self.characters)


def find_serial_lines(excerpt: Excerpt, traces: Mapping[int, Trace], rate_hz: int) -> list[SerialLine]:
    """The serial lines among these channels of the excerpt, by channel; sides of an exchange that are not sound alone too."""
    found = (_serial_line(excerpt, channel, trace, rate_hz) for channel, trace in sorted(traces.items()))
    return [serial for serial in found if serial]


def _serial_line(excerpt: Excerpt, channel: int, trace: Trace, rate_hz: int) -> SerialLine | None:
    baud = _baud(trace, rate_hz) if rate_hz >= 2 * START_BAUD else None
    if baud is None:
        return None
    best: SerialLine | None = None
    for inverted, (data_bits, parity) in product((False, True), _FORMATS):
        line = UartLine(channel, None, baud, data_bits, parity, inverted=inverted, protocol="raw")
        characters = _characters(excerpt, line, rate_hz)
        if len(characters) < _LEAST_CHARACTERS:
            continue
        faulty = float((characters.flags & (CharFlag.PARITY | CharFlag.FRAMING) != 0).mean())
        if faulty <= _MOST_FAULTY and (best is None or faulty < best.faulty):
            best = SerialLine(line, characters, faulty)
    spoken = _exchange(excerpt, channel, best, rate_hz)
    return best if spoken is None or (best and not spoken.is_sound) else spoken


def _exchange(excerpt: Excerpt, channel: int, plain: SerialLine | None, rate_hz: int) -> SerialLine | None:
    """The line as one side, or both, of EN 62056-21, where it says a request or an identification (clause 6.3.1, 6.3.2).

    The speed may change within an exchange; `line` then has the one at which it begins.
    """
    usual = UartLine(channel, None, START_BAUD, 7, "even", inverted=plain is not None and plain.line.inverted)
    lines = [usual, replace(usual, baud=None)]
    if plain is not None:
        own = replace(plain.line, protocol="flag")
        lines = [*lines, own] if own.parity == "none" else [own, *lines]
    else:
        lines += [replace(line, inverted=True) for line in lines]
    best: SerialLine | None = None
    for line in lines:
        messages = messages_of(excerpt, line, rate_hz)
        said = [message for message in messages if message.kind != "garbage" or _FOREIGN & set(message.notes)]
        total, known = (sum(len(message.raw) for message in some) for some in (messages, said))
        faults = total - known + sum(message.parity_errors for message in said)
        kinds = frozenset(message.kind for message in said)
        if not kinds & (TOOL_KINDS | DEVICE_KINDS) or total < _LEAST_CHARACTERS or 2 * faults > total:
            continue
        if best is None or faults / total < best.faulty:
            best = SerialLine(line, _characters(excerpt, line, rate_hz), faults / total, kinds)
        if best.is_sound:
            return best
    return best


def messages_of(excerpt: Excerpt, line: UartLine, rate_hz: int) -> list[FlagMessage]:
    """All that a serial line says in the excerpt, read as EN 62056-21."""
    decoder = OptoDecoder(line, rate_hz)
    return decoder.feed(excerpt.runs).messages + decoder.finish().messages


def _characters(excerpt: Excerpt, line: UartLine, rate_hz: int) -> CharBatch:
    decoder = UartDecoder(line.rx, line, rate_hz)
    return CharBatch.joined([decoder.feed(excerpt.runs), decoder.finish()])


def _baud(trace: Trace, rate_hz: int) -> int | None:
    """The speed of a line whose pulses are nearly all whole bits long; else None."""
    pulses = np.diff(trace.ticks)
    baud = estimate_baud(pulses, rate_hz) if len(trace.ticks) >= _LEAST_EDGES else None
    if baud is None:
        return None
    bits = pulses * baud / rate_hz
    bits = bits[bits < _LONGEST_PULSE_BITS]
    tolerance = max(0.2, baud / rate_hz)
    fits = (np.abs(bits - np.rint(bits)) <= tolerance) & (np.rint(bits) > 0)
    return baud if fits.mean() >= _LEAST_FITTING else None
