"""What a datasheet holds: objects and events with their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

from decoders.profile.article import BATTERY_AVERAGE_UA

UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGERS = (*UNSIGNED, "int8", "int16", "int32", "int64")
NUMBERS = (*INTEGERS, "float32", "float64")
TYPES = (*NUMBERS, "bool", "time", "umi_id", "string", "bytes", "array", "struct")
"""The element types of wire-format 6, by name."""

EXACT = Context(prec=2000)
"""Wide enough for any 64-bit number or float times any scale plus any offset that a datasheet may have, without rounding."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How to read values of one type: quantity = raw × `scale` + `offset`, in `unit`.

    `labels` names single values, `bits` the bits of a number from bit 0, the least significant; `element` is the meaning of an
    array's elements and None where the datasheet is silent, `fields` those of a struct in their order, each with its name.
    """

    type: str
    unit: str = ""
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    labels: Mapping[int, str] = field(default_factory=dict)
    bits: Mapping[int, str] = field(default_factory=dict)
    element: Meaning | None = None
    fields: tuple[tuple[str, Meaning], ...] = ()

    def quantity(self, raw: int | Decimal) -> Decimal:
        """The exact quantity that a raw number stands for, with the decimal places of the scale and offset."""
        scaled = EXACT.multiply(Decimal(raw), self.scale)
        quantity = EXACT.add(scaled, self.offset) if self.offset else scaled
        return quantity or quantity.copy_abs()


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One object; `read` and `write` are the roles (0–15) that may do so, None where the datasheet is silent."""

    code: int
    name: str
    meaning: Meaning
    read: frozenset[int] | None = None
    write: frozenset[int] | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One event, by the 16-bit code that it has at every device of its maker."""

    code: int
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """How a device is powered: on a battery it takes no more than `average_ua` µA on average, all functions included.

    `known_by` is the UMI code of an object that only such devices have; None where all devices of the maker's OUI are such.
    """

    battery: bool
    average_ua: float = BATTERY_AVERAGE_UA
    known_by: int | None = None


@dataclass(frozen=True, slots=True)
class Datasheet:
    """What one file says; `name` is the file's, `oui` the 3 bytes that begin the UMI IDs of the maker's devices."""

    name: str
    manufacturer: str
    oui: bytes
    banks: tuple[int, ...]
    objects: Mapping[int, ObjectEntry]
    events: Mapping[int, EventEntry]
    roles: Mapping[int, str] = field(default_factory=dict)
    description: str = ""
    supply: Supply | None = None

    def role_name(self, role: int) -> str:
        """The maker's name for a role; the article leaves all but role 0 without one."""
        return self.roles.get(role, f"role {role:X}" if role else "unauthenticated")
