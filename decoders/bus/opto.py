"""A serial link of EN/IEC 62056-21 and UMI-opto: logic chunks in, messages and bursts of link frames out, whatever the speed.

    reading             what is read                                        until
    FlagReader          characters at the agreed speed, as messages         a message says how the lines go on
    UmiReader           8N1 at the agreed speed, as bursts                  an exchange begins

Wherever, after a pause, an exchange is heard at the speed at which exchanges begin, that ends whatever was read before: the next
exchange begins, or a device did not follow the change. Where the tool is not heard, the same goes for the speed that the device
offers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np

from decoders.bus.baud import STANDARD_BAUD, estimate_baud
from decoders.bus.edges import EdgeScanner
from decoders.bus.flag import FlagMessage
from decoders.bus.flag.parse import START_BAUD
from decoders.bus.opto_flag import FlagFeed, FlagReader, Side
from decoders.bus.opto_lines import RX, TX, LineHistory
from decoders.bus.opto_umi import UmiReader, joined
from decoders.bus.uart import CharTiming, UartDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.span import Span, Timebase
from decoders.core.transfers import TransferBatch

# Longer than a character of 300 Bd holds the line high.
_PAUSE_NS = 40_000_000
# So many edges show the speed of a line on which nothing was heard before.
_ENOUGH_EDGES = 64
# Characters in which an exchange must show.
_OPENING_CHARS = 4
# Wake-up, request, identification, option select, data block or command, and what may yet become one of them.
_OPENING = re.compile(rb"\0\0|/\?|/[A-Za-z]{2}|\x06\d[0-9A-Za-z]|\x02[ -~]|\x01[BEPRW]")
_PART_OF_OPENING = re.compile(rb"\0|/[A-Za-z]?|\x06\d?|\x02|\x01")


@dataclass(frozen=True, slots=True)
class OptoBatch:
    """What a piece of the recording gave, in the order in which it was known.

    Messages span their first start bit and their last stop bit. `transfers` are the bursts of UMI link frames, all of port 1.
    Where one receiver hears both sides all bytes are in `p2h`, and the route of a frame says who sent it (wire-format 7).
    `echoes` are the stretches, in ticks, that were left out of them since they repeat what the tool said.
    """

    messages: list[FlagMessage] = field(default_factory=list)
    transfers: TransferBatch = field(default_factory=TransferBatch.empty)
    echoes: list[Span] = field(default_factory=list)


class OptoDecoder:
    """Follows one serial link through its exchanges; chunks of any size give the same.

    The speed at which exchanges begin is that of `line`; without one it is found from the first edges. 300 Bd is always
    understood too. A speed that the samples cannot show is not followed. A gap ends the messages and bursts that are open; the
    exchange is taken to go on at its speed until another one is heard. Raises `UsageError` when the samples are too far apart for
    the line's speed.
    """

    def __init__(self, line: UartLine, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._history = LineHistory(line, Timebase(rate_hz).ticks(_PAUSE_NS))
        self._scanner = EdgeScanner(self._history.watched, self._history.watched)
        self._line = replace(line, rx=RX, tx=None if line.tx is None else TX, inverted=False)
        CharTiming(line, line.baud or START_BAUD, rate_hz)
        self._sides: tuple[Side, ...] = (None,) if line.tx is None else ("h2p", "p2h")
        self._feed = FlagFeed(self._sides, rate_hz)
        self._starts: list[UartLine] = []
        self._reader: FlagReader | UmiReader | None = None
        self._judged = (-1, 0)
        self._offset: dict[Side, int] = dict.fromkeys(self._sides, 0)
        self._messages: list[FlagMessage] = []
        self._transfers: list[TransferBatch] = []
        self._echoes: list[Span] = []

    def feed(self, chunk: LogicChunk) -> OptoBatch:
        """The messages and bursts whose end this chunk shows."""
        for event in self._scanner.feed(chunk):
            if isinstance(event, Lost):
                self._lose(event)
            else:
                self._history.append(event)
                self._advance(last=False)
                self._forget()
        return self._collected()

    def finish(self) -> OptoBatch:
        """What is open where the recording ends."""
        self._advance(last=True)
        self._close()
        if isinstance(self._reader, UmiReader):
            self._keep_bursts(self._reader.finish())
        return self._collected()

    def _lose(self, lost: Lost) -> None:
        self._advance(last=True)
        self._close()
        self._history.restart(lost.end)
        self._judged = (lost.end, -1)
        if isinstance(self._reader, UmiReader):
            self._keep_bursts(self._reader.lose(lost))
        elif self._reader is not None:
            self._reader = self._reader.resumed(lost.end)

    def _advance(self, *, last: bool) -> None:
        """Read what has come; `last` says that nothing more comes for now."""
        if self._reader is None and not self._begin(last=last):
            return
        while True:
            beginning = self._next_beginning()
            self._read(self._history.end if beginning is None else beginning[0])
            if self._follow():
                continue
            if beginning is None or not self._judge(*beginning, last=last):
                return

    def _begin(self, *, last: bool) -> bool:
        """Find the speed at which exchanges begin; False while too little was heard."""
        baud = self._line.baud or self._estimate(last=last)
        if baud is None:
            return False
        bauds = [baud] if self._rate_hz < 2 * START_BAUD else [baud, START_BAUD]
        self._starts = [replace(self._line, baud=one) for one in dict.fromkeys(bauds)]
        self._reader = self._flag_reader(self._starts[0], self._history.start)
        return True

    def _estimate(self, *, last: bool) -> int | None:
        """The speed of what is heard before the first pause; that of the standard where it shows none of the usual ones."""
        if not self._history.beginnings:
            return None
        tick, bit = self._history.beginnings[0]
        edges = self._history.edges(bit, tick - 1, self._history.end)[:_ENOUGH_EDGES]
        pulses = np.diff(edges, append=self._history.end)
        pauses = np.flatnonzero(pulses >= self._history.pause)
        if len(edges) < _ENOUGH_EDGES and not len(pauses) and not last:
            return None
        found = estimate_baud(pulses[: pauses[0] if len(pauses) else -1], self._rate_hz)
        return found if found in STANDARD_BAUD and found > START_BAUD else START_BAUD

    def _read(self, until: int) -> None:
        if isinstance(self._reader, UmiReader):
            self._keep_bursts(self._reader.read(self._history, until))
        elif self._reader is not None:
            self._keep(self._reader.read(self._history, until))

    def _follow(self) -> bool:
        """Go over to another way of reading, if a message said so and it is known where."""
        if not isinstance(self._reader, FlagReader) or not self._reader.changes:
            return False
        following = self._reader.following()
        if following is None:
            return False
        self._reader, messages = following
        self._keep(messages)
        self._judged = (self._reader.position, TX)
        return True

    def _next_beginning(self) -> tuple[int, int] | None:
        """The next fall after a pause."""
        return next((beginning for beginning in self._history.beginnings if beginning > self._judged), None)

    def _judge(self, tick: int, bit: int, *, last: bool) -> bool:
        """Go over to what begins with a fall after a pause; False while that is not known."""
        for line in self._candidates():
            begins = self._begins(line, tick, bit)
            if begins is None and not last:
                return False
            if begins:
                self._open(line, tick - 1)
                break
        self._judged = (tick, bit)
        return True

    def _candidates(self) -> list[UartLine]:
        """At which other speeds than that which is read an exchange may be heard."""
        reader = self._reader
        if not isinstance(reader, FlagReader) or reader.foreign:
            return self._starts
        offered = self._feed.offered
        known = offered is not None and 2 * offered <= self._rate_hz
        lines = [*self._starts, replace(reader.line, baud=offered)] if known else self._starts
        return [line for line in lines if line != reader.line]

    def _begins(self, line: UartLine, tick: int, bit: int) -> bool | None:
        """Whether an exchange is heard from this fall on; None while too little came after it.

        What is faster can look like slow characters where they are sampled, but not by the number of its edges.
        """
        assert line.baud is not None  # noqa: S101  # all candidates have a speed
        length = CharTiming(line, line.baud, self._rate_hz).length
        deadline = tick + _OPENING_CHARS * length
        until = min(deadline, self._history.end)
        chars = UartDecoder(bit, line, self._rate_hz).feed(self._history.runs(tick - 1, until))
        edges = self._history.edges(bit, tick - 1, until)
        seen, allowed = b"", 2
        for start, value, flags in zip(chars.start.tolist(), chars.value.tolist(), chars.flags.tolist(), strict=True):
            seen += bytes([value & 0x7F])
            allowed += 10 if value else 2
            if flags or (len(seen) == 1 and start != tick) or np.searchsorted(edges, start + length) > allowed:
                return False
            if _OPENING.fullmatch(seen):
                return True
            if not _PART_OF_OPENING.fullmatch(seen):
                return False
        return None if until < deadline else False

    def _open(self, line: UartLine, tick: int) -> None:
        """After a tick an exchange is heard at another speed; what was open before is over."""
        self._close()
        if isinstance(self._reader, UmiReader):
            self._keep_bursts(self._reader.leave())
        if line in self._starts:
            self._feed.restart()
        self._reader = self._flag_reader(line, tick)

    def _close(self) -> None:
        """End the messages that are open where the lines were last read, at all the speeds that they agree on."""
        while isinstance(self._reader, FlagReader):
            end = self._reader.position
            self._keep(self._reader.close())
            if not self._follow():
                return
            self._read(end)

    def _flag_reader(self, line: UartLine, start: int) -> FlagReader:
        return FlagReader(self._starts[0], line, self._rate_hz, self._feed, start)

    def _forget(self) -> None:
        if isinstance(self._reader, FlagReader):
            self._history.forget(self._reader.needed - 1)
        elif self._reader is not None:
            self._history.forget(self._reader.position - 1)

    def _keep(self, messages: list[FlagMessage]) -> None:
        """Take messages, each with its place among the bytes that were told of its line."""
        for message in messages:
            side = self._feed.side_of(message)
            self._messages.append(replace(message, offset=self._offset[side]))
            self._offset[side] += len(message.raw)

    def _keep_bursts(self, found: tuple[TransferBatch, list[Span]]) -> None:
        transfers, echoes = found
        if len(transfers):
            self._transfers.append(transfers)
        self._echoes += echoes

    def _collected(self) -> OptoBatch:
        batch = OptoBatch(self._messages, joined(self._transfers), self._echoes)
        self._messages, self._transfers, self._echoes = [], [], []
        return batch
