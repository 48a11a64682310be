"""What a wire profile can say, as plain data; `load` reads it from TOML and `wire_profile` compiles it.

The mechanism is wire-format section 8; the values of the reference profile are mostly placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["uint", "int", "flag", "float", "bytes", "umi_id", "code", "text", "time", "typed", "list"]
ByteOrder = Literal["big", "little"]
Strategy = Literal["length", "transfer", "hdlc", "cobs", "pause"]

PartKind = Literal[
    "field",
    "header",
    "payload",
    "body",
    "constant",
    "counter",
    "secret",
    "initiator",
    "responder",
    "nonce",
    "own",
    "peer",
    "explicit_iv",
]

DEFAULT_BITS: dict[str, int] = {"flag": 1, "umi_id": 64, "code": 32, "time": 32}
SIZED_KINDS = frozenset({"bytes", "text"})
"""Kinds whose size may come from another field or be all that is left."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Names for the numbers of a field; `by_number` and `by_name` are inverse to each other."""

    name: str
    by_number: dict[int, str]
    by_name: dict[str, int]
    provenance: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A field is present only where an earlier field of the same group has one of `numbers`."""

    field: str
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layout.

    `bits` is the width, None where it comes from `length_field` or is all that is left (`to_end`); `at_bit` the place from the
    layout's first bit where the profile fixes it, else the field follows its predecessor. A uint's value is raw × `scale` +
    `bias`. `constant` is a raw number or, for bytes, the bytes that must stand there. A list repeats `fields` as often as
    `count_field` says or to the end; where `bare` its single field is listed without a name.
    """

    name: str
    kind: Kind
    label: str
    provenance: str
    bits: int | None = None
    at_bit: int | None = None
    order: ByteOrder = "big"
    unit: str = ""
    enumeration: Enumeration | None = None
    constant: int | bytes | None = None
    condition: Condition | None = None
    length_field: str | None = None
    count_field: str | None = None
    to_end: bool = False
    scale: int = 1
    bias: int = 0
    fields: tuple[Field, ...] = ()
    bare: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether width and presence do not depend on the data."""
        return self.bits is not None and self.condition is None

    @property
    def is_endless(self) -> bool:
        """Whether it takes all bytes that are left."""
        return self.to_end or (self.kind == "list" and self.count_field is None)


@dataclass(frozen=True, slots=True)
class ValueType:
    """One type of a typed value: its tag, and the width of its data or of the count before it, in bits."""

    name: str
    code: int
    kind: Literal["uint", "int", "float", "flag", "time", "umi_id", "text", "bytes", "array", "struct"]
    bits: int
    count_bits: int = 0


@dataclass(frozen=True, slots=True)
class ValueTypes:
    """All types of typed values, how wide their tag is, their byte order, and how deep they may nest."""

    by_code: dict[int, ValueType]
    by_name: dict[str, ValueType]
    tag_bits: int
    order: ByteOrder
    max_depth: int
    max_items: int
    provenance: str
    tags_provenance: str


@dataclass(frozen=True, slots=True)
class Framing:
    """How frames are found in a stream of bytes.

    `start` is the start byte sequence of the length strategy; `length_field` the link field that holds the frame's size;
    `flag` and `escape` belong to hdlc, `pause_ns` to pause. Sizes count a frame's bytes without stuffing. `provenance` is by key.
    """

    strategy: Strategy
    provenance: dict[str, str]
    filler: frozenset[int]
    min_bytes: int
    max_bytes: int
    start: bytes = b""
    length_field: str = "length"
    flag: int = 0x7E
    escape: int = 0x7D
    escape_xor: int = 0x20
    pause_ns: int = 0


@dataclass(frozen=True, slots=True)
class Crc:
    """The checksum at a frame's end: a model of the CRC catalogue or of its own, its range and its byte order.

    It covers the frame from `first_byte` to itself.
    """

    model: str
    bits: int
    poly: int
    init: int
    refin: bool
    refout: bool
    xorout: int
    order: ByteOrder
    first_byte: int
    provenance: str

    @property
    def size(self) -> int:
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a recipe, with its name, bytes or width where it needs one.

    `payload` is the plaintext; `body` what stands on the wire beside the signature; `explicit_iv` the bytes of it that the body
    carries; `counter` that of the key derivation.
    """

    what: PartKind
    name: str = ""
    constant: bytes = b""
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Bytes put together from parts, in order: what a signature covers, an IV, an AAD, the input of a key derivation."""

    name: str
    parts: tuple[Part, ...]
    provenance: str


@dataclass(frozen=True, slots=True)
class Protection:
    """How bodies are signed and encrypted.

    Sizes are bytes. An encrypted body is the clear `prefix` fields, an explicit IV of `explicit_iv_size` where that is not 0,
    ciphertext and tag, the tag standing before the ciphertext or after it. The signature stands before or after what it belongs
    to: the payload where it is made first, the encrypted body where encryption is.
    """

    order: Literal["sign-then-encrypt", "encrypt-then-sign"]
    prefix: tuple[Field, ...]
    explicit_iv_size: int
    tag_size: int
    tag_place: Literal["before", "after"]
    signature_size: int
    signature_place: Literal["before", "after"]
    cipher: str
    curve: str
    hash: str
    point_format: Literal["uncompressed", "compressed", "raw"]
    agreement: Literal["one-pass", "ephemeral-ephemeral", "static-static"]
    recipes: dict[str, Recipe]
    provenance: dict[str, str]


@dataclass(frozen=True, slots=True)
class Procedures:
    """Named strategies of the link and transport layers, and their limits."""

    acknowledgement: Literal["stop-and-wait", "window", "none"]
    window: int
    sequence_modulus: int
    fragment_modulus: int
    reassembly_key: tuple[str, ...]
    forwarding: Literal["link", "none"]
    pairing: Literal["newest-first", "oldest-first"]
    max_packet_bytes: int
    fragment_bytes: int
    forwarding_timeout_ns: int
    response_timeout_ns: int
    abort_reasons: frozenset[int]
    provenance: dict[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service and the payloads of its command and response."""

    name: str
    code: int
    command: tuple[Field, ...]
    response: tuple[Field, ...]
    provenance: str


@dataclass(frozen=True, slots=True)
class Service:
    """One service and its operations by number."""

    name: str
    code: int
    provenance: str
    operations: dict[int, Operation] = field(default_factory=dict)
