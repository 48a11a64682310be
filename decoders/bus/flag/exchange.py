"""Who said it: sides, echoes and the agreed speed and protocol, from the order of the messages in an exchange."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from decoders.bus.flag.message import Continuation, Direction, FlagMessage, Kind
from decoders.bus.flag.parse import HDLC_ESCAPE, START_BAUD, UMI_ESCAPE, Context
from decoders.bus.flag.scanner import Form
from decoders.core.span import NS_PER_S, Timebase

ECHO_NS = 20_000_000
"""An echo comes while or within this time after the tool sent; a device reacts later (EN 62056-21, wire-format 7)."""
CHARACTER_PAUSE_NS = 1_500_000_000
"""A longer pause between two characters ends a message (EN 62056-21)."""
LINK_PAUSE_CHARACTERS = 20
"""A longer pause ends a burst of link frames (wire-format 2, placeholder)."""
_BITS_A_CHARACTER = 10
_UNANSWERED = 8
_UMI_SELECTED = {"v": "2", "y": "7"}
_HDLC_SELECTED = {"v": "2", "y": "2"}
_OPENERS = {"umi_link": 0xA5, "hdlc": 0x7E}
_SPEAKERS: dict[Kind, Direction] = {
    "wakeup": "h2p",
    "request": "h2p",
    "identification": "p2h",
    "readout": "p2h",
    "p1": "p2h",
}
_BY_EITHER_SIDE = ("option", "break", "nak")


@dataclass(frozen=True, slots=True)
class _Said:
    """What the tool said, and the tick until which it was on the wire at least."""

    message: FlagMessage
    until: int | None


class Exchange:
    """Follows one exchange message by message; `rate_hz` is the rate of the ticks."""

    def __init__(self, rate_hz: int) -> None:
        self._clock = Timebase(rate_hz)
        self._said: deque[_Said] = deque(maxlen=_UNANSWERED)
        self._held: FlagMessage | None = None
        self._last: Direction | None = None
        self._switched: Continuation | None = None
        self._sign_on()

    def _sign_on(self) -> None:
        self._offered: FlagMessage | None = None
        self._selected: FlagMessage | None = None
        self._programming = False
        self._baud = START_BAUD
        self._switched = None

    @property
    def switched(self) -> Continuation | None:
        """The other protocol that the stream went over to, None while it is this one."""
        return self._switched

    @property
    def context(self) -> Context:
        offered = self._offered.fields.get("baud_character") if self._offered else None
        return Context(offered if isinstance(offered, str) else None, self._programming)

    def is_foreign(self, byte: int) -> bool:
        """Whether a stretch that begins with `byte` belongs to the protocol that the stream switched to.

        A request leaves that protocol; where the switch is uncertain so does anything but its own first byte or filler.
        """
        if self._switched is None:
            return False
        if byte & 0x7F == ord("/"):
            self._sign_on()
            return False
        if not self._switched.certain:
            if byte == _OPENERS[self._switched.protocol]:
                self._switched = replace(self._switched, certain=True)
                self._baud = self._switched.baud
                return True
            if byte != 0:
                self._switched = None
            return False
        return True

    def longest_pause(self, form: Form) -> int:
        """The ticks after which a stretch of this form is over."""
        if form is Form.FOREIGN:
            return self._clock.ticks(LINK_PAUSE_CHARACTERS * _BITS_A_CHARACTER * NS_PER_S // self._baud)
        return self._clock.ticks(CHARACTER_PAUSE_NS)

    def is_being_echoed(self, begun: bytes) -> bool:
        """Whether what the device's line began to say may be the rest of an echo."""
        return any(said.message.raw.startswith(begun) for said in self._said)

    def resolve(self, message: FlagMessage) -> list[FlagMessage]:
        """Name the side that spoke, mark echoes and note what changes; one message may be held back until the next one."""
        held, self._held = self._held, None
        if held is not None and held.raw == message.raw and message.direction != "h2p":
            return [self._as_echo(held), self._accept(replace(message, direction="p2h"))]
        before = [] if held is None else [held]
        if self._switched is not None and self._switched.certain and message.kind == "garbage":
            return [*before, message]
        message = self._judge_repetition(message)
        if message.kind == "option" and "echo-ambiguous" in message.notes:
            self._held = self._accept(message)
            return before
        return [*before, message if "echo" in message.notes else self._accept(message)]

    def finish(self) -> list[FlagMessage]:
        """What is still held back."""
        held, self._held = self._held, None
        return [] if held is None else [held]

    def _judge_repetition(self, message: FlagMessage) -> FlagMessage:
        """Mark a message that repeats what the tool said as its echo, as ambiguous, or leave it as the device's own."""
        said = self._take_said(message) if message.direction != "h2p" else None
        if said is None:
            return message
        if message.start is not None and said.until is not None:
            if message.start <= said.until + self._clock.ticks(ECHO_NS):
                return self._as_echo(message)
            return message
        if message.direction == "p2h" and message.kind not in _BY_EITHER_SIDE:
            return self._as_echo(message)
        return _noted(message, "echo-ambiguous")

    def _take_said(self, message: FlagMessage) -> _Said | None:
        """The tool's unanswered words that this message repeats; they and what was said before them are echoed by now."""
        for index, said in enumerate(self._said):
            if said.message.raw == message.raw:
                for _ in range(index + 1):
                    self._said.popleft()
                return said
        return None

    def _as_echo(self, message: FlagMessage) -> FlagMessage:
        notes = tuple(sorted({*message.notes, "echo"} - {"echo-ambiguous", "unexpected-direction", "no-escape-seen"}))
        return replace(message, direction=message.direction or "h2p", notes=notes, then=None)

    def _accept(self, message: FlagMessage) -> FlagMessage:
        """A message that is no echo: find its side, take in what it changes."""
        one_receiver = message.direction is None
        ambiguous = "echo-ambiguous" in message.notes
        speaker = self._speaker(message)
        if one_receiver and not (ambiguous and message.kind in _BY_EITHER_SIDE):
            message = replace(message, direction=speaker)
        elif not one_receiver and speaker not in (None, message.direction):
            message = _noted(message, "unexpected-direction")
        until = self._said_until(message)
        message = self._follow(message)
        if message.kind != "garbage":
            self._last = message.direction or self._last
        if message.direction == "h2p" and not ambiguous:
            if one_receiver:
                self._said.clear()
            self._said.append(_Said(message, until))
        elif message.kind != "garbage":
            self._said.clear()
        return message

    def _speaker(self, message: FlagMessage) -> Direction | None:
        """Who must have said this; for what either side may say the line it was seen on, else whose turn it is."""
        if message.kind == "command":
            return "p2h" if message.fields["name"] == "operand" else "h2p"
        if message.kind in _SPEAKERS or message.direction is not None:
            return _SPEAKERS.get(message.kind, message.direction)
        if message.kind == "option":
            return "p2h" if self._selected is not None and self._selected.raw == message.raw else "h2p"
        if message.kind == "break" and self._last == "p2h":
            return "h2p"
        if message.kind in ("ack", "nak") and self._last is not None:
            return "p2h" if self._last == "h2p" else "h2p"
        return None

    def _said_until(self, message: FlagMessage) -> int | None:
        """The end of what the tool said; where the caller gave one tick for all of it, the time that sending it takes is added."""
        if message.start is None or message.end is None:
            return None
        if message.end > message.start:
            return message.end
        baud = START_BAUD if message.kind in ("wakeup", "request") else self._baud
        return message.start + self._clock.ticks(len(message.raw) * _BITS_A_CHARACTER * NS_PER_S // baud)

    def _follow(self, message: FlagMessage) -> FlagMessage:
        """Take in what the message agrees on, and say on it how the stream goes on."""
        match message.kind:
            case "request":
                self._sign_on()
            case "identification":
                self._offered = message
                return self._at_speed(message) if message.fields["mode"] == "B" else message
            case "option" if "baud" in message.fields:
                return self._follow_option(message)
            case "command":
                self._programming = True
            case "break":
                self._programming, self._selected = False, None
                return self._at_speed(message, START_BAUD)
        return message

    def _follow_option(self, message: FlagMessage) -> FlagMessage:
        if message.direction != "h2p":
            return self._switch(message)
        self._selected = message
        self._programming = message.fields["action"] == "programming"
        return message if _selects(message, _UMI_SELECTED) and self._device_offers(UMI_ESCAPE) else self._at_speed(message)

    def _at_speed(self, message: FlagMessage, baud: int | None = None) -> FlagMessage:
        agreed = baud or message.fields["baud"]
        if not isinstance(agreed, int) or agreed == self._baud:
            return message
        self._baud = agreed
        return replace(message, then=Continuation("flag", agreed, "7E1"))

    def _switch(self, message: FlagMessage) -> FlagMessage:
        """The device confirms an option select: mode E goes over to HDLC, a UMI device to link frames (wire-format 7)."""
        baud = message.fields["baud"]
        if not isinstance(baud, int) or (self._selected is not None and self._selected.raw != message.raw):
            return message
        certain = self._selected is not None and "echo-ambiguous" not in message.notes
        if _selects(message, _HDLC_SELECTED) and self._device_offers(HDLC_ESCAPE):
            self._switched = Continuation("hdlc", baud, "8N1", certain)
        elif _selects(message, _UMI_SELECTED) and self._device_offers(UMI_ESCAPE):
            self._switched = Continuation("umi_link", baud, "8N1", certain)
            if self._offered is None:
                message = _noted(message, "no-escape-seen")
        else:
            return message
        if certain:
            self._baud = baud
        return replace(message, then=self._switched)

    def _device_offers(self, escape: str) -> bool:
        """Whether the identification offers this escape; where none was seen it may have."""
        escapes = self._offered.fields["escapes"] if self._offered else [escape]
        return isinstance(escapes, list) and escape in escapes


def _selects(message: FlagMessage, letters: dict[str, str]) -> bool:
    return all(message.fields[name] == letter for name, letter in letters.items())


def _noted(message: FlagMessage, note: str) -> FlagMessage:
    return replace(message, notes=tuple(sorted({*message.notes, note})))
