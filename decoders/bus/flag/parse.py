"""What one message of EN/IEC 62056-21 says: its kind, its parts and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from fastcrc import crc16

from decoders.bus.flag.message import PLACEHOLDER, Kind, Part
from decoders.bus.flag.scanner import EOT, ODD, Form, Stretch

START_BAUD = 300
PUSH_BAUD = 2400
_MODE_B_BAUDS = dict(zip("ABCDEF", (600, 1200, 2400, 4800, 9600, 19200), strict=True))
_MODE_C_BAUDS = dict(zip("0123456", (300, 600, 1200, 2400, 4800, 9600, 19200), strict=True))
UMI_ESCAPE = "U"
HDLC_ESCAPE = "2"
_PROCEDURES = {"0": "normal", "1": "secondary", "2": "hdlc"}
_ACTIONS = {"0": "readout", "1": "programming", "2": "binary", **dict.fromkeys("6789", "manufacturer")}
_COMMAND_NAMES = {
    "P0": "operand", "P1": "password", "P2": "result",
    "W1": "write", "W2": "formatted_write", "W3": "partial_write", "W4": "formatted_partial_write",
    "R1": "read", "R2": "formatted_read", "R3": "partial_read", "R4": "formatted_partial_read",
    "E2": "execute", "B0": "break", "B1": "break_battery",
}  # fmt: skip
_BRACKET_OR_LINE_END = re.compile(r"[()\r\n]")
_LONGEST_NAME = 16
_LONGEST_REQUEST_ADDRESS = 32
_LONGEST_LINE = 78
_READOUT_VALUE = 32
_PROGRAMMING_VALUE = 128
_LINE_FORMS = (Form.REQUEST, Form.IDENTIFICATION, Form.OPTION)


@dataclass(frozen=True, slots=True)
class Context:
    """What earlier messages say about this one: the baud character that the device offered, and whether values may be long."""

    baud_character: str | None = None
    programming: bool = False


@dataclass(slots=True)
class Reading:
    """What a stretch turned out to be; `notes` are keys of `message.NOTES`."""

    kind: Kind
    parts: list[Part] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    crc: Literal["ok", "bad", "absent"] | None = None


def baud_of(character: str) -> int | None:
    """The speed that an identification offers by its baud character; None for mode A and reserved ones."""
    return _MODE_B_BAUDS.get(character) or _MODE_C_BAUDS.get(character)


def parity_in_bit_7(raw: bytes, form: Form) -> bool:
    """Whether bytes of 8N1 are really characters of 7E1: some have bit 7 set, and nearly all have even parity."""
    if raw.isascii() or form is Form.FOREIGN or (form is Form.LOOSE and len(raw) < 8):
        return False
    return 8 * wrong_parity(raw) <= len(raw)


def wrong_parity(raw: bytes) -> int:
    """How many bytes do not have even parity over all eight bits."""
    return raw.translate(ODD).count(1)


def read(stretch: Stretch, raw: bytes, text: str, context: Context) -> Reading:
    """Read one stretch; `text` has one character for each byte of `raw`, without parity."""
    reading = _READERS[stretch.form](stretch, raw, text, context)
    if stretch.too_long:
        reading.notes.add("too-long")
    elif not stretch.whole and reading.kind != "garbage":
        reading.notes = reading.notes - {"malformed"} | {"cut-short"}
    elif stretch.form in _LINE_FORMS and not text.endswith(("\r\n", "\n\n")):
        reading.notes.add("line-end-incomplete")
    if "\n\n" in text and "\r" not in text and reading.kind != "garbage":
        reading.notes.add("cr-turned-into-lf")
    return reading


def is_mode_d(text: str) -> bool:
    """A pushed telegram that is mode D of the standard and not a P1 telegram: baud character 3 and no CRC."""
    return text[4:5] == "3" and not text.rpartition("!")[2].strip()


def line_length(text: str) -> int:
    """The length of the first line with its line end."""
    ended = re.match(r"[^\r\n]*(?:\r\n|\n\n|\r|\n)?", text)
    return ended.end() if ended else 0


def _read_request(_stretch: Stretch, _raw: bytes, text: str, _context: Context) -> Reading:
    body = text.rstrip("\r\n")
    address = body[2:].removesuffix("!")
    reading = Reading("request", [Part("address", 2, 2 + len(address), address)])
    if not body.endswith("!"):
        reading.notes.add("malformed")
    if len(address) > _LONGEST_REQUEST_ADDRESS:
        reading.notes.add("address-too-long")
    if not re.fullmatch(r"[0-9A-Za-z ]*", address):
        reading.notes.add("bad-address")
    return reading


def _read_identification(stretch: Stretch, _raw: bytes, text: str, _context: Context) -> Reading:
    pushed = stretch.form in (Form.PUSH, Form.PUSHED_IDENTIFICATION)
    line = text[: line_length(text)].rstrip("\r\n")
    reading = Reading("identification")
    manufacturer, baud_character = line[1:4], line[4:5]
    if not baud_character:
        reading.kind = "garbage"
        reading.notes.add("malformed")
        return reading
    if not re.fullmatch(r"[A-Za-z]{3}", manufacturer):
        reading.notes.add("bad-manufacturer")
    reaction = 20 if manufacturer[2:].islower() else 200
    escapes = _escapes(line)
    begin = escapes[-1].end if escapes else 5
    mode = "D" if pushed else _mode(baud_character, [str(escape.value) for escape in escapes])
    baud = PUSH_BAUD if pushed and baud_character == "3" else baud_of(baud_character)
    reading.parts = [
        Part("manufacturer", 1, 4, manufacturer),
        Part("reaction_time_ms", 3, 4, reaction, f"{reaction} ms"),
        Part("baud_character", 4, 5, baud_character),
        Part("baud", 4, 5, baud or START_BAUD, f"{baud or START_BAUD} Bd"),
        Part("mode", 4, begin, mode),
        Part("escapes", 5, begin, parts=tuple(escapes), repeated=True),
        Part("identification", begin, len(line), line[begin:]),
    ]
    if len(line) - 5 > _LONGEST_NAME and not pushed:
        reading.notes.add("identification-too-long")
    return reading


def _escapes(line: str) -> list[Part]:
    found = []
    at = 5
    while line[at : at + 1] == "\\" and at + 1 < len(line):
        letter = line[at + 1]
        umi = letter == UMI_ESCAPE
        text = "UMI-opto" if umi else "HDLC" if letter == HDLC_ESCAPE else ""
        found.append(
            Part(
                "escape",
                at,
                at + 2,
                letter,
                f"{letter} ({text})" if text else "",
                provenance=PLACEHOLDER if umi else "S: EN 62056-21",
            )
        )
        at += 2
    return found


def _mode(baud_character: str, escapes: list[str]) -> str:
    if HDLC_ESCAPE in escapes:
        return "E"
    if baud_character in _MODE_C_BAUDS:
        return "C"
    return "B" if baud_character in _MODE_B_BAUDS else "A"


def _read_option(_stretch: Stretch, _raw: bytes, text: str, context: Context) -> Reading:
    chosen = text[1:].rstrip("\r\n")
    reading = Reading(
        "option", [Part(name, at, at + 1, letter) for name, at, letter in zip("vzy", (1, 2, 3), chosen, strict=False)]
    )
    if len(chosen) != 3:
        reading.notes.add("malformed")
        return reading
    v, z, y = chosen[0], chosen[1], chosen[2]
    confirmed = context.baud_character in (None, z)
    baud = (_MODE_C_BAUDS.get(z) if confirmed else None) or START_BAUD
    if not confirmed:
        reading.notes.add("baud-not-confirmed")
    reading.parts += [
        Part("procedure", 1, 2, _PROCEDURES.get(v, v)),
        Part("baud", 2, 3, baud, f"{baud} Bd"),
        Part("action", 3, 4, _ACTIONS.get(y, y)),
    ]
    return reading


def _read_block(stretch: Stretch, _raw: bytes, text: str, context: Context) -> Reading:
    reading = Reading("readout")
    begin = int(stretch.form is Form.BLOCK)
    end = len(text) if stretch.block_end is None else stretch.block_end
    limit = _PROGRAMMING_VALUE if context.programming else _READOUT_VALUE
    items = list(_data_sets(text, begin, end, limit, reading.notes))
    if not begin:
        if not items:
            return Reading("garbage")
        reading.notes.add("missing-stx")
    reading.parts.append(Part("items", begin, end, parts=tuple(items), repeated=True))
    if any(len(line) > _LONGEST_LINE - 2 for line in text[begin:end].splitlines()):
        reading.notes.add("line-too-long")
    _finish_block(stretch, text, reading)
    return reading


def _finish_block(stretch: Stretch, text: str, reading: Reading) -> None:
    end = stretch.block_end
    if end is None:
        if not stretch.too_long:
            reading.notes.add("missing-etx")
        return
    reading.parts.append(Part("partial", end, end + 1, ord(text[end]) & 0x7F == EOT))
    if stretch.bcc == "absent":
        reading.notes.add("no-bcc")
        return
    stated = ord(text[end + 1])
    problem = "" if stretch.bcc == "ok" else f"the XOR of the block is 0x{stretch.xor:02X}"
    reading.parts.append(Part("block_check", end + 1, end + 2, stated, f"0x{stated:02X} ({stretch.bcc})", problem=problem))
    if stretch.bcc != "ok":
        reading.notes.add(f"bcc-{stretch.bcc}")


def _read_command(stretch: Stretch, _raw: bytes, text: str, _context: Context) -> Reading:
    end = len(text) if stretch.block_end is None else stretch.block_end
    letter, number = text[1], text[2 : min(3, end)]
    reading = Reading("break" if letter == "B" else "command")
    reading.parts = [
        Part("command", 1, 2, letter),
        Part("type", 2, 2 + len(number), number),
        Part("name", 1, 2 + len(number), _COMMAND_NAMES.get(letter + number)),
    ]
    if letter + number not in _COMMAND_NAMES:
        reading.notes.add("malformed")
    if text[3:4] == "\x02":
        items = _data_sets(text, 4, end, _PROGRAMMING_VALUE, reading.notes)
        reading.parts.append(Part("items", 4, end, parts=tuple(items), repeated=True))
    elif end > 3:
        reading.notes.add("malformed")
    _finish_block(stretch, text, reading)
    return reading


def _read_push(stretch: Stretch, raw: bytes, text: str, context: Context) -> Reading:
    begin = line_length(text)
    end = text.rfind("!") if "!" in text[begin:] else len(text)
    if "(" not in text:
        reading = _read_identification(replace(stretch, form=Form.IDENTIFICATION), raw, text, context)
        reading.notes.add("unparsed-text")
        return reading
    reading = _read_identification(stretch, raw, text, context)
    reading.kind = "p1"
    reading.parts = [part for part in reading.parts if part.name != "baud"]
    items = _data_sets(text, begin, end, len(text), reading.notes)
    reading.parts.append(Part("items", begin, end, parts=tuple(items), repeated=True))
    digits = text[end + 1 :].strip()
    reading.crc = "absent"
    if digits:
        computed = f"{crc16.arc(raw[: end + 1]):04X}"
        reading.crc = "ok" if digits.upper() == computed else "bad"
        problem = "" if reading.crc == "ok" else f"the CRC of the telegram is {computed}"
        at = text.index(digits, end)
        reading.parts.append(
            Part("crc", at, at + len(digits), digits, f"{digits} ({reading.crc})", provenance="S: DSMR P1", problem=problem)
        )
    if reading.crc == "bad":
        reading.notes.add("crc-bad")
    return reading


def _read_pushed_data(stretch: Stretch, raw: bytes, text: str, context: Context) -> Reading:
    reading = _read_block(stretch, raw, text, replace(context, programming=False))
    reading.kind = "readout"
    reading.notes -= {"missing-stx", "missing-etx"}
    return reading


def _read_loose(stretch: Stretch, raw: bytes, text: str, context: Context) -> Reading:
    return _read_block(stretch, raw, text, context)


def _data_sets(text: str, begin: int, end: int, value_limit: int, notes: set[str]) -> Iterator[Part]:
    """The data sets `address(value*unit)` in text[begin:end]; address, unit and line ends between them may be missing."""
    opened: int | None = None
    for bracket in _BRACKET_OR_LINE_END.finditer(text, begin, end):
        at = bracket.start()
        if bracket[0] == "(":
            opened = at if opened is None else opened
        elif bracket[0] == ")" and opened is not None:
            yield _data_set(text, (begin, opened, at), value_limit, notes)
            begin, opened = at + 1, None
        else:
            if text[begin:at].strip("!"):
                notes.add("unparsed-text")
            begin, opened = at + 1, None
    if text[begin:end].strip("!"):
        notes.add("unparsed-text")


def _data_set(text: str, bounds: tuple[int, int, int], value_limit: int, notes: set[str]) -> Part:
    begin, opened, closed = bounds
    address = text[begin:opened]
    value, star, unit = text[opened + 1 : closed].partition("*")
    after_value = opened + 1 + len(value)
    limits = {
        "address-too-long": (address, _LONGEST_NAME),
        "value-too-long": (value, value_limit),
        "unit-too-long": (unit, _LONGEST_NAME),
    }
    notes.update(note for note, (piece, limit) in limits.items() if len(piece) > limit)
    parts = (
        Part("address", begin, opened, address or None),
        Part("value", opened + 1, after_value, value),
        Part("unit", min(after_value + 1, closed), closed, unit if star else None),
    )
    return Part("item", begin, closed + 1, text=text[begin : closed + 1], parts=parts)


def _read_nothing(kind: Kind) -> Callable[[Stretch, bytes, str, Context], Reading]:
    return lambda _stretch, _raw, _text, _context: Reading(kind)


def _read_ack(_stretch: Stretch, _raw: bytes, text: str, _context: Context) -> Reading:
    return Reading("ack", notes={"ack-with-line-end"} if len(text) > 1 else set())


_READERS: dict[Form, Callable[[Stretch, bytes, str, Context], Reading]] = {
    Form.NULS: _read_nothing("wakeup"),
    Form.REQUEST: _read_request,
    Form.IDENTIFICATION: _read_identification,
    Form.PUSH: _read_push,
    Form.PUSHED_IDENTIFICATION: _read_identification,
    Form.PUSHED_DATA: _read_pushed_data,
    Form.ACK: _read_ack,
    Form.OPTION: _read_option,
    Form.NAK: _read_nothing("nak"),
    Form.COMMAND: _read_command,
    Form.BLOCK: _read_block,
    Form.LOOSE: _read_loose,
    Form.FOREIGN: _read_nothing("garbage"),
}
