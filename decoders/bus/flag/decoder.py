"""The decoder of EN/IEC 62056-21 exchanges: bytes with their line and time go in, messages come out."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from decoders.bus.flag.exchange import Exchange
from decoders.bus.flag.message import Direction, FlagMessage, Part
from decoders.bus.flag.parse import is_mode_d, line_length, parity_in_bit_7, read, wrong_parity
from decoders.bus.flag.scanner import Form, Scanner, Stretch
from decoders.core.span import NS_PER_S

_UNTIMED = -(1 << 63)
_SEVEN_BITS = bytes(value & 0x7F for value in range(256))


class _Stream:
    """The bytes of one line that are not yet handed out; `begin` is where the open message begins, `at` the next byte to scan."""

    def __init__(self) -> None:
        self.scanner = Scanner()
        self.data = bytearray()
        self.first = array("q")
        self.last = array("q")
        self.wrong = bytearray()
        self.unframed = bytearray()
        self.offset = 0
        self.begin = 0
        self.at = 0

    @property
    def opened(self) -> bytes:
        return bytes(self.data[self.begin : self.at])

    @property
    def is_timed(self) -> bool:
        return self.first[self.begin] != _UNTIMED

    def pause(self, to: int) -> int:
        """Ticks between the last scanned byte and the one at `to`, 0 where unknown."""
        before, after = self.last[self.at - 1] if self.at else _UNTIMED, self.first[to]
        return 0 if _UNTIMED in (before, after) else after - before

    def forget(self) -> None:
        """Let go of what was handed out."""
        if self.begin:
            for column in (self.data, self.first, self.last, self.wrong, self.unframed):
                del column[: self.begin]
            self.offset += self.begin
            self.at -= self.begin
            self.begin = 0


class FlagDecoder:
    """Decodes one exchange after another; every byte fed is in exactly one message, in the order of its line.

    `rate_hz` is the rate of the ticks given to `feed`. Feeding in other pieces changes nothing. Bytes of the protocol that an
    exchange switched to come out as `garbage` with the note "hdlc" or "umi-link"; the message before them says so in `then`.
    """

    def __init__(self, rate_hz: int = NS_PER_S) -> None:
        self._exchange = Exchange(rate_hz)
        self._streams: dict[Direction | None, _Stream] = {None: _Stream(), "h2p": _Stream(), "p2h": _Stream()}

    def feed(
        self,
        direction: Direction | None,
        data: bytes,
        first: NDArray[np.int64] | None = None,
        last: NDArray[np.int64] | None = None,
        parity_errors: NDArray[np.bool_] | None = None,
        framing_errors: NDArray[np.bool_] | None = None,
    ) -> list[FlagMessage]:
        """Take the next bytes of one line, in the order of time over all lines; return the messages that end with them.

        `direction` is None where one receiver hears both sides. `first` and `last` (int64) are the ticks of each byte's first and
        last bit, `last` the same as `first` where it is left out; `parity_errors` and
        `framing_errors` (bool) mark bytes whose parity was wrong, or whose stop bit was missing.
        Ticks never run backwards, and a line has them for all of its bytes or for none.
        """
        stream = self._streams[direction]
        _append(stream, data, first, last, parity_errors, framing_errors)
        messages: list[FlagMessage] = []
        scanner = stream.scanner
        while stream.at < len(stream.data):
            if scanner.idle:
                messages += self._begin(direction, stream.data[stream.at])
            elif scanner.full or self._pauses(stream, stream.at):
                messages += self._end(direction)
                continue
            elif (end := scanner.ordinary(stream.data, stream.at)) > stream.at and not self._pauses(stream, end - 1):
                scanner.skip(bytes(stream.data[stream.at : end]))
                stream.at = end
                continue
            stream.at += 1
            over = scanner.step(stream.data[stream.at - 1])
            if over is not None:
                stream.at -= over
                messages += self._end(direction)
        stream.forget()
        return messages

    def _pauses(self, stream: _Stream, to: int) -> bool:
        """Whether more time than a message may pause lies between the last scanned byte and the one at `to`."""
        pause = stream.pause(to)
        return pause > 0 and pause > self._exchange.longest_pause(stream.scanner.form)

    def finish(self) -> list[FlagMessage]:
        """The messages that the end of the recording leaves open."""
        messages = [message for direction in self._streams for message in self._end(direction)]
        return messages + self._exchange.finish()

    def _begin(self, direction: Direction | None, byte: int) -> list[FlagMessage]:
        """A message begins on one line: what is open on the other is over, unless one of the two is an echo."""
        messages: list[FlagMessage] = []
        if direction is not None:
            other: Direction = "p2h" if direction == "h2p" else "h2p"
            stream = self._streams[other]
            if stream.at > stream.begin and not self._goes_on(other, byte):
                messages = self._end(other)
        self._streams[direction].scanner.foreign = self._exchange.is_foreign(byte)
        return messages

    def _goes_on(self, direction: Direction, byte: int) -> bool:
        stream = self._streams[direction]
        if stream.scanner.form is Form.FOREIGN:
            return stream.is_timed
        if direction == "p2h":
            return self._exchange.is_being_echoed(stream.opened)
        return stream.data[stream.begin] == byte

    def _end(self, direction: Direction | None) -> list[FlagMessage]:
        """Hand out what is open on one line."""
        stream = self._streams[direction]
        stretch = stream.scanner.take()
        raw = stream.opened
        if not raw:
            return []
        begin, stream.begin = stream.begin, stream.at
        messages = self._end_what_is_echoed(direction, raw)
        text = raw.decode("latin-1")
        if stretch.form is Form.PUSH and is_mode_d(text):
            cut = line_length(text)
            line = replace(stretch, form=Form.PUSHED_IDENTIFICATION)
            messages += self._exchange.resolve(self._message(direction, line, begin, begin + cut))
            begin, stretch = begin + cut, replace(stretch, form=Form.PUSHED_DATA)
        return messages + self._exchange.resolve(self._message(direction, stretch, begin, stream.at))

    def _end_what_is_echoed(self, direction: Direction | None, raw: bytes) -> list[FlagMessage]:
        """The tool's line still waits for a sign that a message is over whose echo is complete: the message comes first."""
        tool = self._streams["h2p"]
        if direction != "p2h" or tool.at - tool.begin != len(raw) or tool.opened != raw:
            return []
        return self._end("h2p")

    def _message(self, direction: Direction | None, stretch: Stretch, begin: int, end: int) -> FlagMessage:
        stream = self._streams[direction]
        raw = bytes(stream.data[begin:end])
        parity_errors = stream.wrong.count(1, begin, end)
        characters = raw
        if parity_in_bit_7(raw, stretch.form):
            parity_errors = parity_errors or wrong_parity(raw)
            characters = raw.translate(_SEVEN_BITS)
        text = characters.decode("latin-1")
        reading = read(stretch, raw, text, self._exchange.context)
        if characters is not raw:
            reading.notes.add("read-as-8n1")
        switched = self._exchange.switched
        if stretch.form is Form.FOREIGN and switched is not None:
            reading.notes.add(switched.protocol.replace("_", "-"))
            reading.parts.append(Part("protocol", 0, len(raw), switched.protocol, provenance=""))
        start, stop = stream.first[begin], stream.last[end - 1]
        return FlagMessage(
            kind=reading.kind,
            direction=direction,
            offset=stream.offset + begin,
            raw=raw,
            text=text,
            start=None if start == _UNTIMED else start,
            end=None if stop == _UNTIMED else stop,
            parts=tuple(reading.parts),
            bcc=stretch.bcc,
            crc=reading.crc,
            parity_errors=parity_errors,
            framing_errors=stream.unframed.count(1, begin, end),
            notes=tuple(sorted(reading.notes)),
        )


def _append(
    stream: _Stream,
    data: bytes,
    first: NDArray[np.int64] | None,
    last: NDArray[np.int64] | None,
    parity_errors: NDArray[np.bool_] | None,
    framing_errors: NDArray[np.bool_] | None,
) -> None:
    for column in (first, last, parity_errors, framing_errors):
        if column is not None and len(column) != len(data):
            raise ValueError(f"{len(data)} bytes need as many ticks and marks, not {len(column)}")
    untimed = np.full(len(data), _UNTIMED, np.int64)
    stream.data += data
    for ticks, given in ((stream.first, first), (stream.last, first if last is None else last)):
        ticks.frombytes(np.asarray(untimed if given is None else given, np.int64).tobytes())
    for marks, wrong in ((stream.wrong, parity_errors), (stream.unframed, framing_errors)):
        marks.extend(bytes(len(data)) if wrong is None else np.asarray(wrong, np.bool_).tobytes())
