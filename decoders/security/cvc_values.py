"""Single values of card-verifiable certificates: from their bytes to what records and people read (BSI TR-03110-3 D)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from decoders.core.tree import Value
from decoders.profile.leaf import text_of
from decoders.security.oids import NAMES, read_oid
from decoders.security.tlv import amount

MOST_REFERENCE = 16
_SECONDS_A_DAY = 86_400


class Seen(NamedTuple):
    """A value, what a person reads for it, and what is wrong with it."""

    value: Value
    text: str
    problem: str = ""


Read = Callable[[bytes], Seen]


def as_bytes(raw: bytes) -> Seen:
    """Bytes as hexadecimal digits."""
    return Seen(raw.hex(), text_of("bytes", raw.hex()))


def as_number(raw: bytes) -> Seen:
    """A number, shown as the bytes it is written in; it has at least one."""
    return as_bytes(raw) if raw else Seen("", "", "a number has at least one byte")


def as_version(raw: bytes) -> Seen:
    """The certificate profile identifier, which counts from 0 for version 1."""
    if len(raw) != 1:
        return _wrong(raw, f"the profile identifier has {amount(len(raw))} instead of 1")
    return Seen(raw[0], f"{raw[0]} (version {raw[0] + 1})", "" if raw[0] == 0 else "the only known profile identifier is 0")


def as_reference(raw: bytes) -> Seen:
    """The name of a key's holder: up to 16 characters of ISO 8859-1."""
    text = raw.decode("latin-1")
    if not 0 < len(raw) <= MOST_REFERENCE:
        return Seen(text, text, f"a reference has 1 to {MOST_REFERENCE} characters, not {len(raw)}")
    odd = next((byte for byte in raw if byte < 0x20 or 0x7F <= byte < 0xA0), None)
    return Seen(text, text, "" if odd is None else f"a reference holds the byte {odd:02X}, which is no character")


def as_oid(raw: bytes) -> Seen:
    """An object identifier with its name where it has one."""
    try:
        oid = read_oid(raw)
    except ValueError as fault:
        return _wrong(raw, str(fault))
    return Seen(oid, f"{NAMES[oid]} ({oid})" if oid in NAMES else oid)


def as_date(raw: bytes) -> Seen:
    """A day of this century, six digits in as many bytes: year, month and day; the value is written as in ISO 8601."""
    if len(raw) != 6:
        return _wrong(raw, f"a date has {amount(len(raw))} instead of 6")
    odd = next((byte for byte in raw if byte > 9), None)
    if odd is not None:
        return _wrong(raw, f"a date holds the byte {odd:02X}, which is no digit")
    year, month, day = (raw[at] * 10 + raw[at + 1] for at in (0, 2, 4))
    try:
        date = dt.date(2000 + year, month, day)
    except ValueError:
        return _wrong(raw, f"there is no day 20{year:02}-{month:02}-{day:02}")
    return Seen(date.isoformat(), date.isoformat())


def utc_of(date: str) -> int:
    """The first second of a day that is written as in ISO 8601, UTC, in seconds since 1970."""
    return (dt.date.fromisoformat(date) - dt.date(1970, 1, 1)).days * _SECONDS_A_DAY


def _wrong(raw: bytes, problem: str) -> Seen:
    return Seen(None, as_bytes(raw).text, problem)
