"""Which channels look like attn or ready of an SPI port: lines at rest high that go low for its transfers (wire-format 1, placeholder)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.analysis.wiring.excerpt import Trace

Ticks = NDArray[np.int64]

_LEAST_STRETCHES = 4
_LEAST_SERVED = 0.9
_LEAST_ALWAYS = 0.95
_MOST_CHANCE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The transfers of one cs, in ticks, and the period of its clock."""

    start: Ticks
    end: Ticks
    period: int


@dataclass(frozen=True, slots=True)
class Handshake:
    """A channel that goes with a cs: `served` is the share of its low stretches that a transfer of that cs ends.

    `present` is the share of the transfers that begin while it is low, `lead` how many ticks before them it falls, in the median.
    """

    channel: int
    kind: Literal["attn", "ready"]
    cs: int
    served: float
    present: float
    lead: float


def find_handshakes(windows: Mapping[int, Windows], traces: Mapping[int, Trace]) -> list[Handshake]:
    """At most one attn and one ready for each cs, by its channel; no channel is both, or goes with two.

    ready is low at every transfer. attn is low where the device asked, so that it may be low at some only; of two lines that are
    low at all of them the one that falls first is attn.
    """
    best: dict[int, Handshake] = {}
    for channel, trace in traces.items():
        found = [line for cs, transfers in windows.items() if (line := _handshake(channel, trace, cs, transfers))]
        if found:
            best[channel] = max(found, key=lambda line: (line.served, line.present))
    chosen: list[Handshake] = []
    for cs in windows:
        lines = sorted((line for line in best.values() if line.cs == cs), key=lambda line: (line.kind == "ready", -line.lead))
        attn = [line for line in lines if line.kind == "attn"]
        ready = [line for line in lines if line.kind == "ready"]
        if not attn and len(ready) > 1:
            attn, ready = [replace(ready[0], kind="attn")], ready[1:]
        chosen += [max(kind, key=lambda line: line.served) for kind in (attn, ready) if kind]
    return chosen


def _handshake(channel: int, trace: Trace, cs: int, transfers: Windows) -> Handshake | None:
    """The channel as attn or ready of a cs; None where its changes may come together with the transfers by chance."""
    fall, rise = _low_stretches(trace)
    if min(len(fall), len(transfers.start)) < _LEAST_STRETCHES:
        return None
    first, last = int(transfers.start[0]) - transfers.period, int(transfers.end[-1])
    # A line falls before the transfer or with it, and rises during it or not long after.
    early, late = transfers.start - transfers.period, transfers.end + _slack(transfers)
    following = np.searchsorted(early, fall - 2 * transfers.period)
    asked = (following < len(early)) & (np.append(early, last)[following] <= rise)
    begun = np.searchsorted(early, rise, "right") - 1
    released = (begun >= 0) & (rise <= late[begun])
    served = float((asked & released).mean())
    stretch = np.searchsorted(fall, transfers.start + transfers.period, "right") - 1
    present = (stretch >= 0) & (rise[stretch] >= early)
    always = bool(present.mean() >= _LEAST_ALWAYS)
    # What rises at any time rises near a transfer as often as there are transfers; what is low at any time is low at one as often.
    chances = [float((late - early).sum()) / (last - first)]
    chances += [float((rise - fall).sum()) / (last - first)] if always else []
    if served < _LEAST_SERVED or min(1.0, *chances) ** len(fall) > _MOST_CHANCE:
        return None
    lead = float(np.median(transfers.start[present] - fall[stretch[present]])) if present.any() else 0.0
    return Handshake(channel, "ready" if always else "attn", cs, served, float(present.mean()), lead)


def _slack(transfers: Windows) -> int:
    """How long after a transfer a line may rise on its account, in ticks: as long as a transfer, but no more than half a pause."""
    lengths, pauses = transfers.end - transfers.start, transfers.start[1:] - transfers.end[:-1]
    return int(min(np.median(lengths), np.median(pauses) / 2))


def _low_stretches(trace: Trace) -> tuple[Ticks, Ticks]:
    """Begin and end of the stretches at low level that are seen whole."""
    fall, rise = trace.falling, trace.rising
    if not trace.initial:
        rise = rise[1:]
    return fall[: len(rise)], rise
