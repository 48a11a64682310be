"""One SPI port: which sampled bits belong to which transfer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders.bus.closing import Closed
from decoders.bus.edges import AnyWords, Edges, Ticks, mask
from decoders.bus.octets import Octets, WordFormat, joined
from decoders.bus.wiring import SpiPort
from decoders.core.span import Timebase
from decoders.core.transfers import TransferFlag

# No transfer holds more bytes of one line than this, so that a cs that is stuck cannot fill the memory.
MAX_TRANSFER_BYTES = 1 << 20
# An open transfer's bytes are put together when they have come in so many pieces, since each piece costs memory of its own.
_PIECES = 256


class PortBits(NamedTuple):
    """The bits that one clock sampled: ticks (int64) and the state of all channels there."""

    ticks: Ticks
    words: AnyWords


@dataclass(slots=True)
class _Open:
    """A transfer that goes on: its first tick, that of its last bit, its whole words and the bits that fill none yet."""

    start: int
    flags: int
    last: int
    pending: PortBits | None = None
    octets: list[Octets] = field(default_factory=list)

    def size(self) -> int:
        return sum(map(len, self.octets))

    def take(self, octets: Octets, bits: PortBits, low: int, high: int, partial: int) -> None:
        """Adds the whole words and then the partial one that bits `low` to `high` hold."""
        if len(octets):
            self.octets.append(octets)
        if len(self.octets) > _PIECES:
            self.octets = [joined(self.octets)]
        if high > low:
            self.last = int(bits.ticks[high - 1])
        rest = slice(high - partial, high)
        self.pending = PortBits(bits.ticks[rest].copy(), bits.words[rest].copy()) if partial else None


class _Transfers(NamedTuple):
    """Transfers in one block: the first is the open one, if there is one; bits `low` to `high` of the block are new to each.

    The last goes on after the block if `unfinished`; its `end` and `known` then mean nothing.
    """

    start: Ticks
    end: Ticks
    known: Ticks
    low: Ticks
    high: Ticks
    flags: NDArray[np.uint8]
    unfinished: bool

    def at(self, rows: NDArray[np.intp]) -> _Transfers:
        """These rows, copied."""
        low, high = self.low[rows], self.high[rows]
        return _Transfers(self.start[rows], self.end[rows], self.known[rows], low, high, self.flags[rows], self.unfinished)


class PortTracker:
    """Follows one port from block to block."""

    def __init__(self, port: SpiPort, rate_hz: int) -> None:
        self._port = port
        self._format = WordFormat(port.word_bits, lsb_first=port.lsb_first)
        self._idle = Timebase(rate_hz).ticks(port.idle_ns)
        self._open: _Open | None = None

    def feed(self, bits: PortBits, selects: Edges) -> Closed | None:
        """The transfers that end in a block, from the bits of the port's clock and the changes of all chip selects."""
        cs = self._port.cs
        transfers = self._by_pause(bits.ticks, selects.end) if cs is None else self._by_select(bits.ticks, selects, cs)
        if not len(transfers.start):
            return None
        bits, transfers = self._with_pending(bits, transfers)
        return self._close(bits, self._limited(bits.ticks, transfers))

    def cut(self, tick: int, flag: TransferFlag) -> Closed | None:
        """The open transfer, if there is one, ended at `tick` from outside."""
        if self._open is None:
            return None
        at, nothing = _one(tick), _one(0)
        flags = np.array([self._open.flags | flag], np.uint8)
        ended = _Transfers(_one(self._open.start), at, at, nothing, nothing, flags, unfinished=False)
        return self._close(*self._with_pending(PortBits(np.empty(0, np.int64), np.empty(0, np.uint8)), ended))

    def _by_select(self, ticks: Ticks, selects: Edges, cs: int) -> _Transfers:
        active_high = self._port.cs_active_high
        if selects.initial is not None and bool(selects.initial >> cs & 1) == active_high:
            self._open = _Open(selects.start, TransferFlag.STARTED_BEFORE, selects.start)
        rows = selects.rows_of(cs)
        at = selects.ticks[rows]
        active = ((selects.words[rows] & mask(1 << cs, selects.words)) != 0) == active_high
        bounds = np.searchsorted(ticks, at)
        start, low = at[active], bounds[active]
        end, high = at[~active], bounds[~active]
        flags = np.zeros(len(start) + (self._open is not None), np.uint8)
        if self._open is not None:
            start, low = _before(self._open.start, start), _before(0, low)
            flags[0] = self._open.flags
        unfinished = len(start) > len(end)
        if unfinished:
            end, high = _after(end, selects.end), _after(high, len(ticks))
        return _Transfers(start, end, end, low, high, flags, unfinished)

    def _by_pause(self, ticks: Ticks, end: int) -> _Transfers:
        """Without cs a transfer ends at its last bit, and that is known when the pause has become too long."""
        if self._open is None and not len(ticks):
            none = ticks[:0]
            return _Transfers(none, none, none, none, none, np.empty(0, np.uint8), unfinished=False)
        first, before = (self._open.start, self._open.last) if self._open else (int(ticks[0]), int(ticks[0]))
        last = _before(before, ticks)
        breaks = np.flatnonzero(np.diff(last) > self._idle) if self._idle else ticks[:0]
        high = _after(breaks, len(ticks))
        unfinished = not self._idle or end <= last[-1] + self._idle
        return _Transfers(
            start=_before(first, ticks[breaks]),
            end=last[high],
            known=last[high] + self._idle,
            low=_before(0, breaks),
            high=high,
            flags=np.zeros(len(high), np.uint8),
            unfinished=bool(unfinished),
        )

    def _with_pending(self, bits: PortBits, transfers: _Transfers) -> tuple[PortBits, _Transfers]:
        """The same with the bits left over from the block before put in front."""
        if self._open is None or self._open.pending is None:
            return bits, transfers
        pending = self._open.pending
        ticks, words = np.concatenate((pending.ticks, bits.ticks)), np.concatenate((pending.words, bits.words))
        low, high = transfers.low + len(pending.ticks), transfers.high + len(pending.ticks)
        low[0] = 0
        return PortBits(ticks, words), transfers._replace(low=low, high=high)

    def _limited(self, ticks: Ticks, transfers: _Transfers) -> _Transfers:
        """The same with transfers that became too long cut where the next bit begins."""
        limit = MAX_TRANSFER_BYTES // self._format.octets * self._format.bits
        origin = transfers.low.copy()
        if self._open is not None:
            origin[0] -= self._open.size() // self._format.octets * self._format.bits
        cuts = np.maximum((transfers.high - origin - 1) // limit, 0)
        if not cuts.any():
            return transfers
        owner = np.repeat(np.arange(len(cuts)), cuts + 1)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(cuts + 1) - cuts - 1, cuts + 1)
        pieces = transfers.at(owner)
        np.maximum(pieces.low, origin[owner] + nth * limit, out=pieces.low)
        np.minimum(pieces.high, origin[owner] + (nth + 1) * limit, out=pieces.high)
        cut = np.flatnonzero(nth < cuts[owner])
        pieces.start[cut + 1] = pieces.end[cut] = pieces.known[cut] = ticks[pieces.high[cut]]
        pieces.flags[cut + 1] = 0
        pieces.flags[cut] |= np.uint8(TransferFlag.CUT_BY_LENGTH)
        return pieces

    def _close(self, bits: PortBits, transfers: _Transfers) -> Closed | None:
        """The transfers that ended; the unfinished one is kept."""
        lengths = transfers.high - transfers.low
        words, partial = np.divmod(lengths, self._format.bits)
        begins = np.repeat(transfers.low - self._format.bits * (np.cumsum(words) - words), words)
        begins += self._format.bits * np.arange(len(begins))
        octets = self._format.octets_of(bits.ticks, bits.words, begins, self._port.mosi, self._port.miso)
        counts = words * self._format.octets
        n = len(lengths) - transfers.unfinished
        own = int(counts[:n].sum())
        carried = self._open
        self._open = None
        if transfers.unfinished:
            begin = int(transfers.start[-1])
            self._open = carried if carried and not n else _Open(begin, int(transfers.flags[-1]), begin)
            self._open.take(octets.part(own, len(octets)), bits, int(transfers.low[-1]), int(transfers.high[-1]), int(partial[-1]))
        if not n:
            return None
        octets = octets.part(0, own)
        if carried is not None and carried.octets:
            counts[0] += carried.size()
            octets = joined([*carried.octets, octets])
        return Closed(
            self._port.stream,
            self._port.port,
            transfers.start[:n],
            transfers.end[:n],
            transfers.known[:n],
            partial[:n].astype(np.uint8),
            transfers.flags[:n],
            counts[:n],
            octets,
        )


def _before(value: int, column: Ticks) -> Ticks:
    return np.concatenate((_one(value), column))


def _after(column: Ticks, value: int) -> Ticks:
    return np.concatenate((column, _one(value)))


def _one(value: int) -> Ticks:
    return np.array([value], np.int64)
