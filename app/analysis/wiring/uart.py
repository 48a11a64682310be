"""Which channels look like asynchronous serial lines, from the lengths of their pulses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from app.analysis.wiring.excerpt import Excerpt, Trace
from decoders.bus.baud import estimate_baud
from decoders.bus.uart import CharBatch, CharFlag, UartDecoder
from decoders.bus.wiring import Parity, UartLine

_LEAST_EDGES = 8
_LEAST_CHARACTERS = 4
_LONGEST_PULSE_BITS = 12
_LEAST_FITTING = 0.9
_MOST_FAULTY = 0.1
# A character with the wrong parity, or none, is faulty in every second case; without parity anything fits, so that comes last.
_FORMATS: tuple[tuple[int, Parity], ...] = ((7, "even"), (7, "odd"), (8, "even"), (8, "odd"), (8, "none"), (7, "none"))


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A channel that reads as serial characters: how many, and the share of them with a fault in parity or stop bit."""

    line: UartLine
    characters: int
    faulty: float


def find_serial_lines(excerpt: Excerpt, traces: Mapping[int, Trace], rate_hz: int) -> list[SerialLine]:
    """The serial lines among these channels of the excerpt, by channel."""
    found = (_serial_line(excerpt, channel, trace, rate_hz) for channel, trace in sorted(traces.items()))
    return [serial for serial in found if serial]


def _serial_line(excerpt: Excerpt, channel: int, trace: Trace, rate_hz: int) -> SerialLine | None:
    baud = _baud(trace, rate_hz)
    if baud is None:
        return None
    best: SerialLine | None = None
    for inverted, (data_bits, parity) in product((False, True), _FORMATS):
        line = UartLine(channel, None, baud, data_bits, parity, inverted=inverted, protocol="raw")
        decoder = UartDecoder(channel, line, rate_hz)
        characters = CharBatch.joined([decoder.feed(excerpt.runs), decoder.finish()])
        if len(characters) < _LEAST_CHARACTERS:
            continue
        faulty = float((characters.flags & (CharFlag.PARITY | CharFlag.FRAMING) != 0).mean())
        if faulty <= _MOST_FAULTY and (best is None or faulty < best.faulty):
            best = SerialLine(_with_protocol(line, characters), len(characters), faulty)
    return best


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


def _with_protocol(line: UartLine, characters: CharBatch) -> UartLine:
    """EN 62056-21 where a request or an identification is seen (clause 6.3.1, 6.3.2), else plain characters."""
    text = (characters.value & 0x7F).astype(np.uint8).tobytes()
    is_flag = b"/?" in text or (b"/" in text and b"!\r\n" in text)
    return replace(line, protocol="flag" if is_flag else "raw")
