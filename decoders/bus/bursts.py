"""Serial bursts: characters that follow each other without a long pause, as transfers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders.bus.closing import Closed, batch_of
from decoders.bus.edges import Ticks
from decoders.bus.octets import Octets
from decoders.bus.uart import CharBatch, CharFlag, UartDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.transfers import TransferBatch, TransferFlag

# A pause of more character times than this ends a burst (wire-format 2, placeholder).
PAUSE_CHARS = 20
# No burst holds more characters than this, so that a line without pauses cannot fill the memory.
MAX_BURST_CHARS = 1 << 20


class BurstDecoder:
    """Turns the lines of one serial link into transfers, each of one direction; the other direction of it is empty.

    A transfer begins with the start bit of its first character and ends with the last stop bit of its last. It is of port 1. Of a
    character the low eight bits are kept, errors of parity and framing notwithstanding; the bits of a character that was cut are
    partial bits. Chunks of any size give the same records.
    """

    def __init__(self, line: UartLine, rate_hz: int) -> None:
        tool = [] if line.tx is None else [_Direction(line.tx, line, rate_hz, from_tool=True)]
        self._directions = [*tool, _Direction(line.rx, line, rate_hz, from_tool=False)]
        self._end = 0

    def feed(self, chunk: LogicChunk) -> TransferBatch:
        """The bursts whose end this chunk shows."""
        closed: list[Closed] = []
        if chunk.start != self._end:
            closed += self._cut(Lost(self._end, chunk.start, "the recording leaves out a stretch"))
        self._end = chunk.end
        if isinstance(chunk, Lost):
            return batch_of(closed + self._cut(chunk))
        for direction in self._directions:
            direction.feed(chunk)
        # A direction that cannot tell yet holds the other one back, so that the order does not depend on the chunks.
        settled = min(direction.settled for direction in self._directions)
        return batch_of(closed + [direction.closed(settled) for direction in self._directions])

    def finish(self) -> TransferBatch:
        """The bursts that are open where the recording ends."""
        return batch_of([direction.finish(self._end) for direction in self._directions])

    def _cut(self, lost: Lost) -> list[Closed]:
        return [direction.cut(lost) for direction in self._directions]


class _Bursts(NamedTuple):
    """Bursts of one line: the row of the first character, the tick of the end and that at which the end is known, and flags."""

    begin: NDArray[np.intp]
    end: Ticks
    known: Ticks
    flags: NDArray[np.uint8]


class _Direction:
    """The characters of one line that belong to no burst that was delivered."""

    def __init__(self, channel: int, line: UartLine, rate_hz: int, *, from_tool: bool) -> None:
        self._decoder = UartDecoder(channel, line, rate_hz)
        self._stream = line.stream
        self._from_tool = from_tool
        self._chars = CharBatch.empty()

    @property
    def settled(self) -> int:
        return self._decoder.settled

    def feed(self, chunk: LogicChunk) -> None:
        self._chars = CharBatch.joined([self._chars, self._decoder.feed(chunk)])

    def cut(self, lost: Lost) -> Closed:
        self.feed(lost)
        return self._ended(lost.start, TransferFlag.CUT_BY_GAP)

    def finish(self, end: int) -> Closed:
        self._chars = CharBatch.joined([self._chars, self._decoder.finish()])
        return self._ended(end, TransferFlag.ENDED_AFTER)

    def closed(self, settled: int) -> Closed:
        """The bursts whose end is known before the tick `settled`."""
        bursts = self._bursts()
        return self._taken(bursts, int(np.searchsorted(bursts.known, settled)))

    def _ended(self, tick: int, flag: TransferFlag) -> Closed:
        """All bursts; those that could have gone on at `tick` end there."""
        bursts = self._bursts()
        late = bursts.known >= tick
        bursts.end[late] = bursts.known[late] = tick
        bursts.flags[late] |= np.uint8(flag)
        return self._taken(bursts, len(bursts.begin))

    def _bursts(self) -> _Bursts:
        chars = self._chars
        pauses = chars.start[1:] - chars.end[:-1] > PAUSE_CHARS * (chars.end - chars.start)[:-1]
        first = np.flatnonzero(np.concatenate((np.ones(min(len(chars), 1), np.bool_), pauses)))
        nth = np.arange(len(chars)) - np.repeat(first, np.diff(first, append=len(chars)))
        begin = np.flatnonzero(nth % MAX_BURST_CHARS == 0)
        last = np.append(begin[1:], len(chars)) - 1 if len(begin) else begin
        end = chars.end[last]
        known = end + PAUSE_CHARS * (end - chars.start[last])
        flags = np.zeros(len(begin), np.uint8)
        too_long = np.flatnonzero(nth[begin])
        end[too_long - 1] = known[too_long - 1] = chars.start[begin[too_long]]
        flags[too_long - 1] = TransferFlag.CUT_BY_LENGTH
        return _Bursts(begin, end, known, flags)

    def _taken(self, bursts: _Bursts, n: int) -> Closed:
        """The first n bursts, which are then forgotten."""
        rows = int(bursts.begin[n]) if n < len(bursts.begin) else len(self._chars)
        chars, self._chars = self._chars.part(slice(rows)), self._chars.part(slice(rows, None))
        begin = bursts.begin[:n]
        whole = (chars.flags & CharFlag.CUT) == 0
        before = np.concatenate(([0], np.cumsum(whole)))
        partial = np.zeros(n, np.uint8)
        if rows and not whole[-1]:
            partial[-1] = self._decoder.bits_before(int(chars.start[-1]), int(chars.end[-1]))
        data = chars.value[whole].astype(np.uint8)
        octets = Octets(data if self._from_tool else None, None if self._from_tool else data, chars.first[whole], chars.last[whole])
        counts = np.diff(before[np.append(begin, rows)])
        flags = bursts.flags[:n] | _damage(chars.flags, begin)
        return Closed(self._stream, 1, chars.start[begin], bursts.end[:n], bursts.known[:n], partial, flags, counts, octets)


def _damage(flags: NDArray[np.uint8], begin: NDArray[np.intp]) -> NDArray[np.uint8]:
    """What is wrong with characters of each burst, as flags of transfers."""
    if not len(begin):
        return np.zeros(0, np.uint8)
    found = np.bitwise_or.reduceat(flags, begin)
    parity = np.where(found & CharFlag.PARITY, TransferFlag.PARITY_ERROR, 0)
    framing = np.where(found & CharFlag.FRAMING, TransferFlag.FRAMING_ERROR, 0)
    return (parity | framing).astype(np.uint8)
