"""What the host says about the rails of its ports, and frames on a port of which it has said that it is off."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

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
        off = [place for place, said in self.said.items() if said.off_since is not None]
        if not off and not (told & (kind == self._power)).any():
            return []
        concerned = told.copy()
        for stream, port in {*off, *((int(frames.stream[row]), int(frames.port[row])) for row in np.flatnonzero(told))}:
            concerned |= is_frame & (frames.stream == stream) & (frames.port == port)
        findings = []
        for row in np.flatnonzero(concerned).tolist():
            if told[row]:
                self._tell(frames, row)
            else:
                findings += self._judge(frames, row)
        return findings

    def gap(self, start: int) -> None:
        """Nobody knows what the host said in a gap."""
        for said in self.said.values():
            _end(said, start)

    def finish(self, tick: int) -> None:
        """The recording ends."""
        self.gap(tick)

    def _tell(self, frames: FrameBatch, row: int) -> None:
        place = int(frames.stream[row]), int(frames.port[row])
        said = self.said.setdefault(place, PortSaid())
        _end(said, int(frames.start[row]))
        if int(frames.header["type"][row]) == self._reset or self._layout is None:
            return
        rail = self._layout.read(frames.payload(row), whole=True).record.get("rail")
        if isinstance(rail, str):
            said.rails.add(rail)
        if rail == "off":
            said.off_since = int(frames.end[row]) + self._fall

    def _judge(self, frames: FrameBatch, row: int) -> list[Finding]:
        place = int(frames.stream[row]), int(frames.port[row])
        said = self.said.get(place)
        start, end = int(frames.start[row]), int(frames.end[row])
        if said is None or said.off_since is None or start < said.off_since or place in self.self_powered:
            return []
        whose = "from the device" if frames.direction[row] == P2H else "to the device"
        text = f"a frame {whose} on port {place[1]}, of which the host has said that it is off"
        return [Finding(UNPOWERED, text, Span(start, max(start, end) + 1), frames.first_no + row)]


def _end(said: PortSaid, tick: int) -> None:
    if said.off_since is not None and tick > said.off_since:
        said.off.append((said.off_since, tick))
    said.off_since = None
