"""Where messages of EN/IEC 62056-21 begin and end in a stream of bytes.

A state is a method that takes one character and answers None (it belongs to the message, which goes on) or a number n
(the message is over; the last n characters, this one included, begin the next). Only n >= 1 characters may stay behind,
so that every message has at least one byte and the scan is linear.

    first character   message                            over when
    NUL               wake-up                            anything else comes
    / ?               request                            ! CR LF
    / X               identification                     CR LF; a blank line after it makes it a push (mode D, P1)
    ACK               acknowledgement or option select   CR LF, or what comes next is no option
    NAK               NAK                                at once
    SOH               command                            ETX or EOT and BCC
    STX               data block                         ETX or EOT and BCC, or after ! CR LF something else comes
    anything else     data sets without STX, or garbage  as a data block, or where another message begins
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor

from decoders.bus.flag.message import Check

NUL, SOH, STX, ETX, EOT, ACK, LF, CR, NAK = 0, 1, 2, 3, 4, 6, 10, 13, 21
SLASH, QUESTION, BANG, OPEN, CLOSE = b"/?!()"
LINE_ENDS = (CR, LF)
BLOCK_ENDS = (ETX, EOT)
COMMANDS = b"PWREB"
HEX = b"0123456789ABCDEFabcdef"

ODD = bytes(value.bit_count() & 1 for value in range(256))
"""1 for each byte value with an odd number of ones."""
_NO_CHARACTER = 0xFF
_CHARACTER = [value & 0x7F if value < 0x80 or not ODD[value] else _NO_CHARACTER for value in range(256)]
"""The 7-bit character of a byte: one with bit 7 set is a character only if that bit makes its parity even."""
_SPECIAL = (NUL, SOH, STX, ETX, EOT, ACK, LF, CR, NAK, SLASH, QUESTION, BANG, OPEN, CLOSE)
_ORDINARY = re.compile(b"[^" + re.escape(bytes(byte for byte in range(256) if _CHARACTER[byte] in _SPECIAL)) + b"]+")
"""Bytes that neither begin nor end anything within a block, unless SOH or a slash comes before them."""


def _is_digit(character: int) -> bool:
    return 0x30 <= character <= 0x39


def _is_letter(character: int) -> bool:
    return 0x41 <= character & ~0x20 <= 0x5A


class Form(enum.Enum):
    """What a stretch of bytes looks like from its first characters."""

    NULS = enum.auto()
    REQUEST = enum.auto()
    IDENTIFICATION = enum.auto()
    PUSH = enum.auto()
    PUSHED_IDENTIFICATION = enum.auto()
    PUSHED_DATA = enum.auto()
    ACK = enum.auto()
    OPTION = enum.auto()
    NAK = enum.auto()
    COMMAND = enum.auto()
    BLOCK = enum.auto()
    LOOSE = enum.auto()
    FOREIGN = enum.auto()


LONGEST_LINE = 256
LONGEST_BLOCK = 1 << 20
LONGEST_STRETCH = 1 << 16
_LONGEST = {
    Form.REQUEST: LONGEST_LINE,
    Form.IDENTIFICATION: LONGEST_LINE,
    Form.PUSH: LONGEST_BLOCK,
    Form.COMMAND: LONGEST_BLOCK,
    Form.BLOCK: LONGEST_BLOCK,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of bytes that belong together.

    `block_end` is the index of ETX or EOT, None where there is none; `bcc` the verdict on the byte after it and `xor` what that
    should be. `whole` is False where the stretch was ended from outside or by something that cannot belong to it.
    """

    form: Form
    block_end: int | None = None
    bcc: Check = "absent"
    xor: int = 0
    whole: bool = True
    too_long: bool = False


class Scanner:
    """Finds the bounds of messages in one stream, byte by byte; keeps no bytes."""

    def __init__(self) -> None:
        self.foreign = False
        """The next stretch belongs to another protocol, whatever it begins with."""
        self._length = 0
        self._become(Form.LOOSE, self._start)
        self._restart()

    def _become(self, form: Form, state: Callable[[int], int | None]) -> None:
        self._form, self._state = form, state
        self._longest = _LONGEST.get(form, LONGEST_STRETCH)

    def _restart(self) -> None:
        self._length = 0
        self._state = self._start
        self._previous = _NO_CHARACTER
        self._in_value = False
        self._sets = 0
        self._crc_digits = 0
        self._xor = 0
        self._sum = 0
        self._block_end: int | None = None
        self._expected = 0
        self._bcc: Check = "absent"
        self._whole = False

    @property
    def idle(self) -> bool:
        return self._state == self._start

    @property
    def form(self) -> Form:
        return self._form

    @property
    def full(self) -> bool:
        """The stretch has reached the longest length that is kept together."""
        return self._length >= self._longest

    def step(self, byte: int) -> int | None:
        """Take one byte; a number says that the stretch is over and how many of its last bytes do not belong to it."""
        character = _CHARACTER[byte]
        self._length += 1
        over = self._state(character)
        if self._length > 1 or character not in (SOH, STX):
            self._xor ^= byte
            self._sum += byte
        if character == OPEN:
            self._in_value = True
        elif character == CLOSE:
            self._sets += self._in_value
            self._in_value = False
        elif character in LINE_ENDS:
            self._in_value = False
        self._previous = character
        return over

    def ordinary(self, data: bytearray, at: int) -> int:
        """Up to where the bytes from `at` on belong to the open stretch without looking at each."""
        if self._previous in (SOH, SLASH) or self._state not in (self._block, self._loose, self._other_protocol):
            return at
        run = _ORDINARY.match(data, at, at + self._longest - self._length)
        return run.end() if run else at

    def skip(self, run: bytes) -> None:
        """Take a run of ordinary bytes at once."""
        self._length += len(run)
        self._xor = reduce(xor, run, self._xor)
        self._sum += sum(run)
        self._previous = _CHARACTER[run[-1]]

    def take(self) -> Stretch:
        """The stretch so far; the next byte begins another one."""
        too_long = self.full
        if self._state == self._doubt and not self._whole:
            self._bcc = "bad"
        stretch = Stretch(self._form, self._block_end, self._bcc, self._expected, self._is_whole(), too_long)
        self._restart()
        if too_long and stretch.form is Form.FOREIGN:
            self._state = self._other_protocol
        return stretch

    def _is_whole(self) -> bool:
        could_end = (
            self._nuls,
            self._after_request,
            self._line_end,
            self._after_identification,
            self._closing,
            self._push_crc,
            self._await_check,
            self._doubt,
        )
        return self._whole or self._state in could_end or self._form in (Form.NAK, Form.ACK, Form.LOOSE, Form.FOREIGN)

    def _end(self, behind: int) -> int:
        self._whole = True
        return behind

    def _start(self, character: int) -> int | None:
        forms: dict[int, tuple[Form, Callable[[int], int | None]]] = {
            NUL: (Form.NULS, self._nuls),
            SLASH: (Form.LOOSE, self._slash),
            SOH: (Form.LOOSE, self._command_letter),
            STX: (Form.BLOCK, self._block),
            ACK: (Form.ACK, self._ack),
            NAK: (Form.NAK, self._loose),
        }
        if self.foreign:
            self._become(Form.FOREIGN, self._other_protocol)
        else:
            self._become(*forms.get(character, (Form.LOOSE, self._loose)))
        return 0 if self._form is Form.NAK else None

    def _other_protocol(self, _character: int) -> int | None:
        return None

    def _nuls(self, character: int) -> int | None:
        return None if character == NUL else 1

    def _slash(self, character: int) -> int | None:
        if character == QUESTION:
            self._become(Form.REQUEST, self._line)
        elif _is_letter(character):
            self._become(Form.IDENTIFICATION, self._line)
        else:
            return 1
        return None

    def _line(self, character: int) -> int | None:
        if character in LINE_ENDS:
            self._state = self._line_end
        elif character == BANG and self._form is Form.REQUEST:
            self._state = self._after_request
        elif character in (NUL, SOH, STX, ETX, EOT, ACK, NAK, SLASH):
            return 1
        return None

    def _after_request(self, character: int) -> int | None:
        if character not in LINE_ENDS:
            return self._end(1)
        self._state = self._line_end
        return None

    def _line_end(self, character: int) -> int | None:
        if character != LF:
            return self._end(1)
        if self._form is not Form.IDENTIFICATION:
            return self._end(0)
        self._state = self._after_identification
        return None

    def _after_identification(self, character: int) -> int | None:
        if character not in LINE_ENDS:
            return 1
        self._become(Form.PUSH, self._block)
        return None

    def _ack(self, character: int) -> int | None:
        if character in LINE_ENDS:
            self._state = self._line_end
        elif _is_letter(character) or _is_digit(character):
            self._become(Form.OPTION, self._option)
        else:
            return 1
        return None

    def _option(self, character: int) -> int | None:
        if character in LINE_ENDS:
            self._state = self._line_end
            return None
        printable = 0x20 <= character < 0x7F
        if self._length <= 4 and printable:
            return None
        if printable:
            self._form = Form.ACK
            return self._length - 1
        return 1

    def _command_letter(self, character: int) -> int | None:
        if character not in COMMANDS:
            return 1
        self._become(Form.COMMAND, self._block)
        return None

    def _begins_message(self, character: int) -> int:
        """How many of the last characters plainly begin another message, within a block that has not ended."""
        if self._length <= 3:
            return 0
        if self._previous == SOH and character in COMMANDS:
            return 2
        if self._previous == SLASH and character == QUESTION and not self._in_value:
            return 2
        return int(character == SLASH and self._previous in LINE_ENDS)

    def _block(self, character: int) -> int | None:
        if character in BLOCK_ENDS and self._form is not Form.PUSH:
            self._block_end, self._state = self._length - 1, self._await_check
        elif character == BANG and self._previous in (*LINE_ENDS, CLOSE):
            self._state = self._push_crc if self._form is Form.PUSH else self._closing
        else:
            return self._begins_message(character) or None
        return None

    def _closing(self, character: int) -> int | None:
        if character in BLOCK_ENDS:
            self._block_end, self._state = self._length - 1, self._await_check
        elif character not in LINE_ENDS:
            if self._previous in LINE_ENDS:
                return 1
            self._state = self._loose if self._form is Form.LOOSE else self._block
        return None

    def _push_crc(self, character: int) -> int | None:
        if character in LINE_ENDS:
            self._state = self._line_end
            return None
        self._crc_digits += 1
        return None if character in HEX and self._crc_digits <= 4 else 1

    def _await_check(self, character: int) -> int | None:
        self._expected = self._xor & 0x7F
        if character == self._expected:
            self._bcc = "ok"
        elif character == self._sum & 0x7F:
            self._bcc = "sum"
        elif character in (SOH, STX, ACK, SLASH):
            self._state = self._doubt
            return None
        else:
            self._bcc = "bad"
        return self._end(0)

    def _doubt(self, character: int) -> int | None:
        """The character after ETX is no block check, but would begin a message: the next one decides."""
        begins = {
            SOH: character in COMMANDS,
            STX: 0x20 <= character < 0x7F,
            ACK: _is_digit(character),
            SLASH: character == QUESTION or _is_letter(character),
        }[self._previous]
        if not begins:
            self._bcc = "bad"
        return self._end(2 if begins else 1)

    def _loose(self, character: int) -> int | None:
        if character in (SOH, STX, ACK, NAK) or (character in (NUL, SLASH) and not self._in_value):
            return 1
        if self._sets and character in BLOCK_ENDS:
            self._block_end, self._state = self._length - 1, self._await_check
        elif self._sets and character == BANG and self._previous in (*LINE_ENDS, CLOSE):
            self._state = self._closing
        return None
