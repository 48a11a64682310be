"""The shapes of the known answers in this folder.

All of them were written by hand from the description of the reference wire profile, with no encoder of the project involved:
hex on one side, what it says on the other. Hex may hold any white space. Fields follow the conventions of the JSON Lines records:
bytes are lower-case hex, UMI IDs and codes 16 and 8 hex digits, flags booleans, enumerations names and unknown ones their number,
floats that JSON cannot hold the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from decoders.core.tree import Value

Fields = dict[str, Value]


def as_json(value: object) -> str:
    """The JSON text of a record or field; it tells 1, 1.0 and true apart and refuses what JSON cannot hold."""
    return json.dumps(value, allow_nan=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload of section 6 and what it says.

    `lossy` marks fields that do not determine the bytes: an array without elements, or a NaN other than the usual one.
    """

    service: str
    operation: str
    response: bool
    hex: str
    fields: Fields
    lossy: bool = False

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)

    @property
    def title(self) -> str:
        side = "response" if self.response else "command"
        return f"{self.service}.{self.operation} {side} {self.data[:12].hex()}"


def command(service: str, operation: str, text: str, fields: Fields, *, lossy: bool = False) -> Payload:
    return Payload(service, operation, False, text, fields, lossy)


def response(service: str, operation: str, text: str, fields: Fields, *, lossy: bool = False) -> Payload:
    return Payload(service, operation, True, text, fields, lossy)


def typed(name: str, value: Value) -> Value:
    """A typed value as records show it."""
    return {"type": name, "value": value}


@dataclass(frozen=True, slots=True)
class TypedValue:
    """One typed value of section 6: `hex` from its type byte on. `lossy` as in `Payload`."""

    hex: str
    type: str
    value: Value
    lossy: bool = False

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)

    @property
    def title(self) -> str:
        return f"{self.type} {self.data[:14].hex()}"


@dataclass(frozen=True, slots=True)
class Flawed:
    """A payload that breaks the layout: why, and the fields that must be read all the same (those before the flaw)."""

    service: str
    operation: str
    response: bool
    hex: str
    why: str
    fields: Fields = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True)
class Header:
    """One 32-byte packet header of section 4 and every field of it; only the reserved bit has no field of its own."""

    name: str
    hex: str
    fields: Fields

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a packet's body, as hex; None where a part is absent.

    `payload` and `signature` are what lies in clear; of an encrypted body there are only the other three.
    """

    payload: str | None = None
    signature: str | None = None
    session_id: str | None = None
    ciphertext: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One application packet: header and body as hex, the body's parts, and what its payload says (None: locked).

    A `body` of None is one that cannot be cut into its parts, or whose length is not what the header says.
    """

    name: str
    header_hex: str
    body_hex: str
    body: Body | None
    fields: Fields | None = None

    @property
    def head(self) -> bytes:
        return bytes.fromhex(self.header_hex)

    @property
    def tail(self) -> bytes:
        return bytes.fromhex(self.body_hex)


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole link frame, sof to crc, and its record's fields.

    `link_status` is the header field; `notice` what the payload of a power frame says.
    """

    name: str
    hex: str
    fields: Fields
    link_status: str | int = "ok"
    notice: Fields | None = None

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True)
class Seen:
    """A valid frame at [start, end) of a stream; `in_failed`: it starts inside the claimed extent of a failed candidate."""

    start: int
    end: int
    frame: Frame
    in_failed: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """A malformed stretch at [start, end) of a stream, filler trimmed off, with its reason."""

    start: int
    end: int
    malformed: str


@dataclass(frozen=True, slots=True)
class Stream:
    """What one line of one transfer carried, and all the records that it makes, in order."""

    name: str
    hex: str
    records: tuple[Seen | Bad, ...]

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)
