"""SPI: from a logic recording to the transfers of its ports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from decoders.bus.closing import Closed, batch_of
from decoders.bus.edges import Edges, EdgeScanner, mask
from decoders.bus.spi_port import PortBits, PortTracker
from decoders.bus.wiring import SpiPort
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.transfers import TransferBatch, TransferFlag


class SpiDecoder:
    """Turns a logic recording into the transfers of some SPI ports.

    A bit is sampled with the word at the tick of the clock edge. When clock and cs change at one tick the cs after the change
    decides: the bit belongs to the transfer that begins there, and to none where one ends. Both directions of a port share their
    ticks. Chunks of any size give the same records.
    """

    def __init__(self, ports: Sequence[SpiPort], rate_hz: int) -> None:
        self._selects = _mask_of(port.cs for port in ports if port.cs is not None)
        self._ports: dict[tuple[int, bool], list[PortTracker]] = {}
        for port in ports:
            self._ports.setdefault((port.sck, port.mode in (0, 3)), []).append(PortTracker(port, rate_hz))
        rising = _mask_of(sck for sck, rises in self._ports if rises)
        falling = _mask_of(sck for sck, rises in self._ports if not rises)
        self._scanner = EdgeScanner(rising | self._selects, falling | self._selects)

    def feed(self, chunk: LogicChunk) -> TransferBatch:
        """The transfers whose end this chunk shows."""
        closed: list[Closed] = []
        for event in self._scanner.feed(chunk):
            closed += self._cut(event.start, TransferFlag.CUT_BY_GAP) if isinstance(event, Lost) else self._block(event)
        return batch_of(closed)

    def finish(self) -> TransferBatch:
        """The transfers that are open where the recording ends."""
        return batch_of(self._cut(self._scanner.end, TransferFlag.ENDED_AFTER))

    def _cut(self, tick: int, flag: TransferFlag) -> list[Closed]:
        cuts = (port.cut(tick, flag) for ports in self._ports.values() for port in ports)
        return [part for part in cuts if part]

    def _block(self, edges: Edges) -> list[Closed]:
        selects = edges.part(np.flatnonzero(edges.changed & mask(self._selects, edges.changed)))
        closed: list[Closed] = []
        for (sck, rises), ports in self._ports.items():
            bits = _bits(edges, sck, rises=rises)
            parts = (port.feed(bits, selects) for port in ports)
            closed += [part for part in parts if part]
        return closed


def _mask_of(channels: Iterable[int]) -> int:
    mask_of = 0
    for channel in channels:
        mask_of |= 1 << channel
    return mask_of


def _bits(edges: Edges, sck: int, *, rises: bool) -> PortBits:
    """The state of all lines at each sampling edge of one clock."""
    clock = edges.changed & mask(1 << sck, edges.changed)
    clock &= edges.words if rises else ~edges.words
    sampling = clock != 0
    if sampling.all():
        return PortBits(edges.ticks, edges.words)
    return PortBits(edges.ticks[sampling], edges.words[sampling])
