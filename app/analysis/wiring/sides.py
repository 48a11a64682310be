"""Which serial lines are the two sides of one exchange: what the tool says and what the device answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.analysis.wiring.excerpt import Excerpt
from app.analysis.wiring.score import Score, Scorer
from app.analysis.wiring.uart import DEVICE_KINDS, TOOL_KINDS, SerialLine, messages_of
from decoders.bus.bursts import PAUSE_CHARS
from decoders.bus.uart import CharBatch
from decoders.bus.wiring import UartLine, Wiring

_LEAST_TURNS = 8
_LEAST_ALTERNATING = 0.9
_MOST_OVERLAP = 0.02
_LEAST_KNOWN = 0.9


@dataclass(frozen=True, slots=True)
class Sides:
    """A tool's and a device's line as one link, how sure that is from 0 to 1, and what says so."""

    tool: SerialLine
    device: SerialLine
    line: UartLine
    confidence: float
    reason: str


def find_sides(
    excerpt: Excerpt, lines: Sequence[SerialLine], rate_hz: int, score: Callable[[UartLine], Score] | None
) -> list[Sides]:
    """The pairs among these lines, the surest first; no line is in two."""
    found: list[Sides] = []
    for one, other in combinations(lines, 2):
        for tool, device in ((one, other), (other, one)):
            pair = _by_messages(excerpt, tool, device, rate_hz) or (_by_frames(tool, device, score) if score else None)
            found += [pair] if pair else []
        if not any(one in (pair.tool, pair.device) and other in (pair.tool, pair.device) for pair in found):
            found += [pair] if (pair := _by_turns(one, other)) else []
    chosen: list[Sides] = []
    for pair in sorted(found, key=lambda pair: -pair.confidence):
        if not any(line in (other.tool, other.device) for other in chosen for line in (pair.tool, pair.device)):
            chosen.append(pair)
    return chosen


def scorer_of_lines(score: Scorer) -> Callable[[UartLine], Score]:
    """The same judge, asked of one serial link."""
    return lambda line: score(Wiring(uart=(line,), streams=("line",)))


def _by_messages(excerpt: Excerpt, tool: SerialLine, device: SerialLine, rate_hz: int) -> Sides | None:
    """Requests on one line, and identifications or readouts on the other, which may repeat the requests as an echo."""
    if not tool.kinds & TOOL_KINDS or tool.kinds & DEVICE_KINDS or not device.kinds & DEVICE_KINDS:
        return None
    line = replace(tool.line, rx=device.line.rx, tx=tool.line.rx)
    if tool.line.inverted != device.line.inverted:
        return None
    messages = messages_of(excerpt, line, rate_hz)
    known = sum(len(message.raw) for message in messages if message.kind != "garbage" or message.notes)
    total = sum(len(message.raw) for message in messages)
    if not total or known < _LEAST_KNOWN * total:
        return None
    right = sum(message.bcc in {"ok", "sum"} for message in messages)
    checks = f"; {right} block checks are right" if right > 1 else "; a block check is right" if right else ""
    reason = f"requests on one line are answered on the other{checks}."
    return Sides(tool, device, line, (known / total) * (0.98 if right else 0.95), reason)


def _by_frames(tool: SerialLine, device: SerialLine, score: Callable[[UartLine], Score]) -> Sides | None:
    """Link frames from the host on one line and from a device on the other."""
    if not _alike(tool, device):
        return None
    line = replace(device.line, tx=tool.line.rx)
    both, alone = score(line), (score(tool.line), score(device.line))
    if not both.valid_frames or both.reversed_frames or not all(one.valid_frames for one in alone):
        return None
    explained = both.bytes_explained / max(1, both.bytes_total)
    confidence = 0.97 * explained * both.valid_frames / (both.valid_frames + both.crc_failures)
    return Sides(tool, device, line, confidence, "the routes of their frames say who sent them.")


def _by_turns(one: SerialLine, other: SerialLine) -> Sides | None:
    """Two lines of one speed and format that speak in turn; the side whose turn is answered sooner is the tool's."""
    if not _alike(one, other) or not one.count or not other.count:
        return None
    turns = [_bursts(line.characters) for line in (one, other)]
    who = np.repeat([0, 1], [len(start) for start, _ in turns])
    start, end = (np.concatenate([turn[side] for turn in turns]) for side in (0, 1))
    order = np.argsort(start, kind="stable")
    who, start, end = who[order], start[order], end[order]
    changes = np.diff(who) != 0
    pauses = start[1:] - end[:-1]
    if len(changes) + 1 < _LEAST_TURNS or changes.mean() < _LEAST_ALTERNATING or (pauses < 0).mean() > _MOST_OVERLAP:
        return None
    waits = [float(np.median(pauses[changes & (who[:-1] == side)])) for side in (0, 1)]
    tool, device = (one, other) if waits[0] <= waits[1] else (other, one)
    line = replace(device.line, tx=tool.line.rx)
    reason = f"they speak in turn, {len(start)} times; who is answered sooner is taken for the tool."
    return Sides(tool, device, line, 0.75 * float(changes.mean()), reason)


def _alike(one: SerialLine, other: SerialLine) -> bool:
    return one.line == replace(other.line, rx=one.line.rx) and one.line.protocol == "raw"


def _bursts(chars: CharBatch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Begin and end of what is said without a long pause (wire-format 2, placeholder)."""
    pauses = np.flatnonzero(chars.start[1:] - chars.end[:-1] > PAUSE_CHARS * (chars.end - chars.start)[:-1])
    return chars.start[np.append(0, pauses + 1)], chars.end[np.append(pauses, len(chars) - 1)]
