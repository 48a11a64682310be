"""How well a wiring explains a recording: by the frames that it brings to light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from app.analysis.wiring.excerpt import Excerpt
from decoders.bus.buses import Buses
from decoders.bus.wiring import Wiring
from decoders.core.frames import H2P, FrameBatch
from decoders.link import LinkDecoder
from decoders.profile.framing import Malformed
from decoders.profile.wire_profile import WireProfile


@dataclass(frozen=True, slots=True)
class Score:
    """What the link layer finds with a wiring.

    `bytes_total` counts what is no filler, `bytes_explained` those of them in valid frames. `reversed_frames` are valid frames
    that claim to come from the host on a device's line, or from a device on the host's. `ports` gives for a cs channel the port
    that most of its frames name.
    """

    valid_frames: int = 0
    crc_failures: int = 0
    bytes_total: int = 0
    bytes_explained: int = 0
    reversed_frames: int = 0
    ports: Mapping[int, int] = field(default_factory=dict)


Scorer = Callable[[Wiring], Score]


def link_scorer(excerpt: Excerpt, rate_hz: int, profile: WireProfile) -> Scorer:
    """A scorer that decodes an excerpt's SPI ports and serial links as far as frames.

    Where one receiver hears both sides no frame runs against its line.
    """

    def score(wiring: Wiring) -> Score:
        buses, link = Buses(wiring, rate_hz), LinkDecoder(profile, rate_hz)
        batches = [link.feed(transfers) for transfers in (*buses.feed(excerpt.runs), *buses.finish())]
        one_sided = bool(wiring.uart) and all(line.tx is None for line in wiring.uart)
        valid = [batch.malformed == 0 for batch in batches]
        return Score(
            valid_frames=sum(int(rows.sum()) for rows in valid),
            crc_failures=sum(int((batch.malformed == Malformed.BAD_CRC).sum()) for batch in batches),
            bytes_total=sum(int(batch.size.sum()) for batch in batches),
            bytes_explained=sum(int(batch.size[rows].sum()) for batch, rows in zip(batches, valid, strict=True)),
            reversed_frames=0 if one_sided else sum(map(_reversed, batches)),
            ports=_ports(batches, wiring),
        )

    return score


def _reversed(frames: FrameBatch) -> int:
    """Frames between the host, port 0, and a device that run against their line; forwarded ones say nothing."""
    if not {"src_port", "dst_port"} <= frames.header.keys():
        return 0
    from_host = (frames.header["src_port"] == 0) & (frames.header["dst_port"] != 0)
    to_host = (frames.header["dst_port"] == 0) & (frames.header["src_port"] != 0)
    wrong = np.where(frames.direction == H2P, to_host, from_host) & (frames.malformed == 0)
    return int(wrong.sum())


def _ports(batches: list[FrameBatch], wiring: Wiring) -> dict[int, int]:
    """The port at the far end of each cs: where the host's frames go to and the device's come from."""
    votes: dict[int, Counter[int]] = {port.port: Counter() for port in wiring.spi}
    if not votes:
        return {}
    for frames in batches:
        if not {"src_port", "dst_port"} <= frames.header.keys():
            continue
        named = np.where(frames.direction == H2P, frames.header["dst_port"], frames.header["src_port"])
        rows = frames.malformed == 0
        for port, name in zip(frames.port[rows].tolist(), named[rows].tolist(), strict=True):
            votes[port][name] += 1
    return {port.cs: votes[port.port].most_common(1)[0][0] for port in wiring.spi if port.cs is not None and votes[port.port]}
