"""What the decoder hands out: messages of an EN/IEC 62056-21 exchange, their parts, and the notes they may carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from decoders.core.tree import FieldNode, Value

Kind = Literal[
    "wakeup", "request", "identification", "option", "readout", "command", "ack", "nak", "break", "p1", "garbage"
]  # fmt: skip
Direction = Literal["h2p", "p2h"]
Check = Literal["ok", "bad", "sum", "absent"]
Protocol = Literal["flag", "hdlc", "umi_link"]

STANDARD = "S: EN 62056-21"
PLACEHOLDER = "P"

NOTES: dict[str, str] = {
    "ack-with-line-end": "CR LF follows an acknowledgement that selects no option",
    "address-too-long": "an address is longer than the 32 characters of a request or the 16 of a data set",
    "bad-address": "the address in a request holds other characters than digits, letters and spaces",
    "bad-manufacturer": "the manufacturer's code is not three letters",
    "baud-not-confirmed": "the option select repeats another baud character than was offered, so the speed stays at 300 Bd",
    "bcc-bad": "the block check character is neither the XOR nor the sum of the block",
    "bcc-sum": "the block check character is the sum modulo 128 instead of the XOR",
    "cr-turned-into-lf": "lines end with LF LF: something on the way turned CR into LF",
    "crc-bad": "the CRC-16 of a P1 telegram is wrong",
    "cut-short": "the message broke off before its end",
    "echo": "the tool's own words, come back bit for bit",
    "echo-ambiguous": "the repeated line is the tool's echo or the device's confirmation; without times nobody can tell",
    "hdlc": "bytes of the HDLC link that mode E switched to",
    "identification-too-long": "the identification is longer than 16 characters",
    "line-end-incomplete": "a line ends without CR LF",
    "line-too-long": "a line of a readout is longer than 78 characters",
    "malformed": "the message lacks something that its grammar asks for",
    "missing-etx": "the data block ends without ETX or EOT",
    "missing-stx": "the data block begins without STX",
    "no-bcc": "no block check character follows ETX",
    "no-escape-seen": "a UMI link was opened although no identification with the escape U was seen",
    "read-as-8n1": "the parity of 7E1 characters stands in bit 7 and was stripped",
    "too-long": "the message was cut at the longest length that is kept together",
    "umi-link": "bytes of the UMI link that the exchange switched to",
    "unexpected-direction": "by its grammar the other side sends this message",
    "unit-too-long": "a unit is longer than 16 characters",
    "unparsed-text": "a data block holds text outside its data sets",
    "value-too-long": "a value is longer than 32 characters, or 128 when programming",
}
"""Every note a message may carry, and what it means."""


@dataclass(frozen=True, slots=True)
class Part:
    """One named piece of a message.

    `start` and `end` are bytes within the message. A part either has a `value` or groups `parts`: by name, or as a list
    where `repeated`. `text` is what a person reads where the bare value does not say it.
    """

    name: str
    start: int
    end: int
    value: Value = None
    text: str = ""
    parts: tuple[Part, ...] = ()
    repeated: bool = False
    provenance: str = STANDARD
    problem: str = ""

    def content(self) -> Value:
        """The value, or the dictionary or list of what is below."""
        if self.repeated:
            return [part.content() for part in self.parts]
        if self.parts:
            return {part.name: part.content() for part in self.parts}
        return self.value

    def node(self) -> FieldNode:
        """The same as a field tree, in bits."""
        text = self.text or ("" if self.parts or self.repeated or self.value is None else str(self.value))
        return FieldNode(
            name=self.name,
            value=None if self.parts or self.repeated else self.value,
            label=self.name.replace("_", " ").capitalize(),
            text=text,
            start_bit=8 * self.start,
            end_bit=8 * self.end,
            provenance=self.provenance,
            problem=self.problem,
            children=[part.node() for part in self.parts],
        )


@dataclass(frozen=True, slots=True)
class Continuation:
    """How the stream goes on after a message: from its next byte on, in both directions.

    `character_format` is "7E1" or "8N1". `certain` is False where only an ambiguous repetition of the option select says so.
    """

    protocol: Protocol
    baud: int
    character_format: Literal["7E1", "8N1"]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class FlagMessage:
    """One message of an exchange, or a stretch of bytes that is none.

    `direction` is the line the caller named; with one receiver it is who, by the grammar, speaks, None where that is open.
    `offset` counts bytes from the start of that line's stream. `start` and `end` are the ticks of its first and last byte,
    None where the caller gave none. `bcc` is "absent" too for messages that have none; `crc` is for P1 telegrams only.
    `notes` are keys of `NOTES`, sorted. `then` is set where the speed or the protocol changes after this message.
    """

    kind: Kind
    direction: Direction | None
    offset: int
    raw: bytes
    text: str
    start: int | None = None
    end: int | None = None
    parts: tuple[Part, ...] = ()
    bcc: Check = "absent"
    crc: Literal["ok", "bad", "absent"] | None = None
    parity_errors: int = 0
    framing_errors: int = 0
    notes: tuple[str, ...] = ()
    then: Continuation | None = None

    @property
    def fields(self) -> dict[str, Value]:
        """What the message says, by name; data sets are the list `items`, a missing unit or address is None."""
        return {part.name: part.content() for part in self.parts}

    def tree(self) -> FieldNode:
        """The message as a field tree over its bytes, in bits."""
        return FieldNode(
            name="flag",
            value=None,
            label="EN 62056-21",
            text=self.kind,
            start_bit=0,
            end_bit=8 * len(self.raw),
            provenance="" if self.kind == "garbage" else STANDARD,
            problem="; ".join(NOTES[note] for note in self.notes),
            children=[part.node() for part in self.parts],
        )
