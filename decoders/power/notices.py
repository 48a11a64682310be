"""What the host says about the rails of its ports, and frames on a port of which it has said that it is off."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from decoders.core.finding import Finding
from decoders.core.frames import H2P, P2H, FrameBatch
from decoders.core.span import Span, Timebase
from decoders.power.codes import FALL_NS, UNPOWERED
from decoders.profile.wire_profile import WireProfile

Place = tuple[int, int]
"""A stream's index and the number of a port in it."""


@dataclass(slots=True)
class PortSaid:
    """What the host has said of one port: the names of its rails, and the ticks [start, end) in which it is off."""

    rails: set[str] = field(default_factory=set)
    off: list[tuple[int, int]] = field(default_factory=list)
    off_since: int | None = None


class NoticeWatch:
    """Follows the host's notices of power frame by frame (wire-format 3, placeholder).

    After it has said that a port is off, and a moment for the supply to go, nobody should send there; RESET and the next notice end
    that, since a host greets before it says what it gives. A device that asked for power as `self` is powered by itself.
    """

    def __init__(self, profile: WireProfile, rate_hz: int) -> None:
        types = profile.enumerations["frame_type"].by_name
        self._power, self._reset = types.get("power", -1), types.get("reset", -1)
        self._layout = profile.frame_payloads.get("power")
        self._fall = Timebase(rate_hz).ticks(FALL_NS)
        self.said: dict[Place, PortSaid] = {}
        self.self_powered: set[Place] = set()

    def feed(self, frames: FrameBatch) -> list[Finding]:
        """Frames in the order of the recording; those that nobody should have sent."""
        if "type" not in frames.header or self._layout is None:
            return []
        kind, is_frame = frames.header["type"], frames.malformed == 0
        told = is_frame & (frames.direction == H2P) & ((kind == self._power) | (kind == self._reset))
        off = {place for place, said in self.said.items() if said.off_since is not None}
        spoken = {(int(frames.stream[row]), int(frames.port[row])) for row in np.flatnonzero(told).tolist()}
        findings = []
        for place in off | spoken:
            mine = (frames.stream == place[0]) & (frames.port == place[1])
            others = np.flatnonzero(mine & is_frame & ~told)
            words = np.flatnonzero(mine & told)
            low = 0
            for row, high in zip(words.tolist(), np.searchsorted(others, words).tolist(), strict=True):
                findings += self._judge(frames, place, others[low:high])
                self._tell(frames, place, row)
                low = high
            findings += self._judge(frames, place, others[low:])
        return sorted(findings, key=lambda finding: finding.record or 0)

    def gap(self, start: int) -> None:
        """Nobody knows what the host said in a gap."""
        for said in self.said.values():
            _end(said, start)

    def finish(self, tick: int) -> None:
        """The recording ends."""
        self.gap(tick)

    def _tell(self, frames: FrameBatch, place: Place, row: int) -> None:
        said = self.said.setdefault(place, PortSaid())
        _end(said, int(frames.start[row]))
        if int(frames.header["type"][row]) == self._reset or self._layout is None:
            return
        rail = self._layout.read(frames.payload(row), whole=True).record.get("rail")
        if isinstance(rail, str):
            said.rails.add(rail)
        if rail == "off":
            said.off_since = int(frames.end[row]) + self._fall

    def _judge(self, frames: FrameBatch, place: Place, rows: NDArray[np.int64]) -> list[Finding]:
        """Of these frames, between two words of the host, those that came while the port was off."""
        said = self.said.get(place)
        if said is None or said.off_since is None or place in self.self_powered:
            return []
        return [self._finding(frames, row) for row in rows[frames.start[rows] >= said.off_since].tolist()]

    def _finding(self, frames: FrameBatch, row: int) -> Finding:
        whose = "from the device" if frames.direction[row] == P2H else "to the device"
        text = f"a frame {whose} on port {frames.port[row]}, of which the host has said that it is off"
        start, end = int(frames.start[row]), int(frames.end[row])
        return Finding(UNPOWERED, text, Span(start, max(start, end) + 1), frames.first_no + row)


def _end(said: PortSaid, tick: int) -> None:
    if said.off_since is not None and tick > said.off_since:
        said.off.append((said.off_since, tick))
    said.off_since = None
