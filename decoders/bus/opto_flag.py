"""An optical link while it speaks EN/IEC 62056-21: characters at the agreed speed, and where that speed ends."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from decoders.bus.flag import Continuation, Direction, FlagDecoder, FlagMessage
from decoders.bus.flag.exchange import ECHO_NS
from decoders.bus.flag.parse import baud_of
from decoders.bus.opto_lines import RX, TX, LineHistory
from decoders.bus.opto_umi import UmiReader
from decoders.bus.uart import CharBatch, CharFlag, CharTiming, UartDecoder
from decoders.bus.wiring import UartLine
from decoders.core.span import NS_PER_S, Timebase

Side = Direction | None
"""The line that bytes were heard on: None where one receiver hears both sides."""

_NEVER = 1 << 62
_SEVEN_BITS = bytes(value & 0x7F for value in range(256))
# Only messages that begin with one of these say how the line goes on.
_TELLING = b"\x01\x06/"
# In mode B the data follow at the speed that the identification names: nothing after its line end belongs to it.
_MODE_B = re.compile(rb"/[A-Za-z]{3}[A-F][^\r\n]*\r\n")
_MODE_C = re.compile(rb"/[A-Za-z]{3}([0-6])[^\r\n]*\r\n")
_LONGEST_LINE = 256
# A message may be known to be over only by the two characters after it.
_REMEMBERED = 3
# A speed that becomes known so late is not followed back further.
_LONGEST_WAIT_NS = 3 * NS_PER_S


class FlagFeed:
    """Gives characters to the decoder of exchanges, and knows which of them are in a message that is still open."""

    def __init__(self, sides: tuple[Side, ...], rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._decoder = FlagDecoder(rate_hz)
        self._open: dict[Side, bytearray] = {side: bytearray() for side in sides}

    @property
    def telling(self) -> bool:
        """Whether a message is open that may change the speed."""
        return any(data and data[0] & 0x7F in _TELLING for data in self._open.values())

    @property
    def offered(self) -> int | None:
        """The speed that an identification offers, if nothing was said since."""
        lines = [bytes(data).translate(_SEVEN_BITS) for data in self._open.values() if len(data) <= _LONGEST_LINE]
        offer = next((match for line in lines if (match := _MODE_C.fullmatch(line))), None)
        return baud_of(offer[1].decode()) if offer else None

    def is_open(self, side: Side) -> bool:
        return len(self._open[side]) > 0

    def side_of(self, message: FlagMessage) -> Side:
        return None if None in self._open else message.direction

    def feed(self, side: Side, chars: CharBatch) -> list[FlagMessage]:
        """The messages that end with these characters."""
        data = chars.value.astype(np.uint8).tobytes()
        line = self._open[side]
        line += data
        wrong = (chars.flags & CharFlag.PARITY) != 0
        # A line that is held low is a break or a wake-up, not a character without its stop bit.
        unframed = (chars.flags & (CharFlag.FRAMING | CharFlag.BREAK)) == CharFlag.FRAMING
        messages = self._taken(self._decoder.feed(side, data, chars.start, chars.end, wrong, unframed))
        if len(line) <= _LONGEST_LINE and data[-1] & 0x7F == ord("\n") and _MODE_B.fullmatch(line.translate(_SEVEN_BITS)):
            messages += self.end()
        return messages

    def end(self) -> list[FlagMessage]:
        """The messages that are open; the exchange goes on."""
        return self._taken(self._decoder.finish())

    def restart(self) -> None:
        """The next byte begins another exchange, at the speed at which exchanges begin."""
        self._decoder = FlagDecoder(self._rate_hz)

    def _taken(self, messages: list[FlagMessage]) -> list[FlagMessage]:
        for message in messages:
            del self._open[self.side_of(message)][: len(message.raw)]
        return messages


@dataclass(slots=True)
class _Track:
    """The characters of one line at one speed, from a tick on; `chars` are those that the exchange was not given yet."""

    side: Side
    decoder: UartDecoder
    position: int
    settled: int
    chars: CharBatch = field(default_factory=CharBatch.empty)
    given: deque[int] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def read(self, history: LineHistory, until: int) -> None:
        if until > self.position:
            self._add(self.decoder.feed(history.runs(self.position, until)))
            self.position = until
            self.settled = self.decoder.settled

    def close(self) -> None:
        """Nothing more comes at this speed; a character that is cut is none."""
        self._add(self.decoder.finish())
        self.settled = _NEVER

    def next_start(self) -> int:
        return int(self.chars.start[0]) if len(self.chars) else _NEVER

    def take(self, count: int) -> CharBatch:
        taken, self.chars = self.chars.part(slice(count)), self.chars.part(slice(count, None))
        self.given.extend(taken.start[-_REMEMBERED:].tolist())
        return taken

    def _add(self, chars: CharBatch) -> None:
        if len(chars):
            self.chars = CharBatch.joined([self.chars, chars.part((chars.flags & CharFlag.CUT) == 0)])


@dataclass(frozen=True, slots=True)
class _Change:
    """The lines go on otherwise after a message whose last character began at `last` on the line `side`.

    On the other line characters that begin up to `until` may be the echo. `clean` is False where it took characters of the next
    message to see that this one was over.
    """

    message: FlagMessage
    then: Continuation
    line: UartLine
    side: Side
    last: int
    until: int
    clean: bool


class FlagReader:
    """Reads the lines at one speed up to a message that changes it; `base` is the line as exchanges begin."""

    def __init__(self, base: UartLine, line: UartLine, rate_hz: int, feed: FlagFeed, start: int) -> None:
        assert line.baud is not None  # noqa: S101  # the caller knows the speed
        self.line = line
        self.foreign = False
        self._base = base
        self._rate_hz = rate_hz
        self._feed = feed
        self._change: _Change | None = None
        self._timing = CharTiming(line, line.baud, rate_hz)
        self._echo = Timebase(rate_hz).ticks(ECHO_NS)
        self._longest_wait = Timebase(rate_hz).ticks(_LONGEST_WAIT_NS)
        wired: list[tuple[Side, int]] = [(None, RX)] if line.tx is None else [("h2p", TX), ("p2h", RX)]
        self._tracks = [_Track(side, UartDecoder(bit, line, rate_hz), start, start) for side, bit in wired]

    @property
    def changes(self) -> bool:
        """Whether a message said that the lines go on otherwise."""
        return self._change is not None

    @property
    def position(self) -> int:
        """The first tick at which a line was not read."""
        return min(track.position for track in self._tracks)

    @property
    def needed(self) -> int:
        """The first tick that may have to be read again."""
        settled = min(min(track.settled, track.next_start()) for track in self._tracks)
        if self._change is not None:
            return min(self._change.last, settled)
        open_since = [track.given[0] for track in self._tracks if track.given and self._feed.is_open(track.side)]
        return max(min([settled, *open_since]), settled - self._longest_wait)

    def read(self, history: LineHistory, until: int) -> list[FlagMessage]:
        """The messages that end before a tick, none after one that changes the speed."""
        for track in self._tracks:
            track.read(history, until)
        return self._messages()

    def close(self) -> list[FlagMessage]:
        """The same for what is open where the lines were last read."""
        end = self.position
        for track in self._tracks:
            track.close()
        messages = self._messages()
        return messages if self.changes else messages + self._judged(self._feed.end(), None, end)

    def following(self) -> tuple[FlagReader | UmiReader, list[FlagMessage]] | None:
        """Who reads on after the change, and what is still to be told; None until it is known where the echo ends."""
        change = self._change
        assert change is not None  # noqa: S101  # the caller asked
        kept: list[CharBatch] = []
        for track in self._tracks:
            count = self._echoed(track, change)
            if count is None:
                return None
            kept.append(track.chars.part(slice(count)))
        if change.then.protocol == "umi_link":
            pairs = zip(self._tracks, kept, strict=True)
            said = [message for track, chars in pairs if len(chars) for message in self._feed.feed(track.side, chars)]
            return UmiReader(change.line, self._rate_hz, change.last + self._stop), said + self._feed.end()
        reader = FlagReader(self._base, change.line, self._rate_hz, self._feed, change.last + self._stop)
        reader.foreign = change.then.protocol == "hdlc"
        for track, chars in zip(reader._tracks, kept, strict=True):
            start = track.position if track.side == change.side else change.until
            track.position = track.settled = max([start, *(chars.start[-1:] + self._stop).tolist()])
            track.chars = chars
        return reader, []

    def resumed(self, start: int) -> FlagReader:
        """The same at the same speed after a gap."""
        reader = FlagReader(self._base, self.line, self._rate_hz, self._feed, start)
        reader.foreign = self.foreign
        return reader

    @property
    def _stop(self) -> int:
        """From the start of a character to where the next one may start: the middle of the stop bit."""
        return int(self._timing.points[-1])

    def _messages(self) -> list[FlagMessage]:
        messages: list[FlagMessage] = []
        settled = min(track.settled for track in self._tracks)
        while self._change is None:
            track = min(self._tracks, key=_Track.next_start)
            if track.next_start() >= settled:
                break
            chars = track.take(self._length(track, settled))
            messages += self._judged(self._feed.feed(track.side, chars), track, int(chars.start[0]))
        return messages

    def _length(self, track: _Track, settled: int) -> int:
        """How many characters can be given at once: no message that changes the speed begins or ends within them."""
        if self._feed.telling:
            return 1
        bounds = [settled, *(other.next_start() for other in self._tracks if other is not track)]
        count = max(1, int(np.searchsorted(track.chars.start, min(bounds))))
        telling = np.flatnonzero(np.isin(track.chars.value[:count] & 0x7F, list(_TELLING)))
        return max(1, int(telling[0])) if len(telling) else count

    def _judged(self, messages: list[FlagMessage], track: _Track | None, known: int) -> list[FlagMessage]:
        """The messages without what has to be read again, after a look at whether one of them changes the speed.

        `track` spoke last, and `known` is the tick at which all this is known.
        """
        for row, message in enumerate(messages):
            line = self._line_after(message)
            if line is None or message.then is None or message.end is None:
                continue
            side = self._feed.side_of(message)
            clean = track is None or (track.side == side and not self._feed.is_open(side) and row == len(messages) - 1)
            last = max(message.end - self._timing.length, known - self._longest_wait)
            until = last + (self._echo if message.direction == "h2p" else self._stop)
            self._change = _Change(message, message.then, line, side, last, until, clean)
            later = messages[row + 1 :] if clean else messages[row + 1 :] + self._feed.end()
            return messages[: row + 1] + [one for one in later if not self._is_read_again(one, self._change)]
        return messages

    def _is_read_again(self, message: FlagMessage, change: _Change) -> bool:
        kept_until = change.last if self._feed.side_of(message) == change.side else change.until
        return message.start is not None and message.start > kept_until

    def _line_after(self, message: FlagMessage) -> UartLine | None:
        """How the lines go on after a message; None where that is as before, or where the samples cannot show it."""
        then = message.then
        if then is None or 2 * then.baud > self._rate_hz:
            return None
        if then.protocol == "flag":
            line = self._base if message.kind == "break" else replace(self._base, baud=then.baud)
        else:
            line = replace(self._base, baud=then.baud, data_bits=8, parity="none", stop_bits=1)
        return None if line == self.line and then.protocol != "umi_link" else line

    def _echoed(self, track: _Track, change: _Change) -> int | None:
        """How many of the characters that wait come at the speed of before, None while that is not known."""
        if track.side != change.side:
            waiting = track.settled <= change.until
            return None if waiting else int(np.searchsorted(track.chars.start, change.until, "right"))
        if track.side is not None or change.message.direction != "h2p" or not change.clean:
            return 0
        return self._repeated(track, change)

    def _repeated(self, track: _Track, change: _Change) -> int | None:
        """The same for one receiver: all characters of the message if they come once more at once, else none."""
        raw, chars = change.message.raw, track.chars
        end = change.last + self._timing.length
        for row in range(len(raw)):
            if row == len(chars):
                return None if track.settled <= end + self._echo else 0
            if chars.start[row] > end + self._echo or int(chars.value[row]) & 0xFF != raw[row]:
                return 0
            end = int(chars.end[row])
        return len(raw)
