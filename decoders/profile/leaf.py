"""One field's value: from the raw number on the wire to the value in a record, to the text a person reads, and back."""

from __future__ import annotations

import datetime as dt
import math
import struct

from decoders.core.tree import Value
from decoders.profile.schema import Field

FLOAT_FORMATS = {16: ">e", 32: ">f", 64: ">d"}
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, after which there are no dates to write."""
NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class EncodeError(ValueError):
    """A value does not fit the field it is meant for."""


def swap_bytes(raw: int, bits: int) -> int:
    """The same bits with the order of their whole bytes turned round."""
    return int.from_bytes(raw.to_bytes(bits // 8, "big"), "little")


def value_of(kind: str, raw: int, bits: int) -> Value:
    """The record value of a raw unsigned number of `bits` bits, most significant bit first."""
    match kind:
        case "int":
            return raw - (1 << bits) if raw >> (bits - 1) else raw
        case "flag":
            return bool(raw) if raw < 2 else raw
        case "float":
            return _float_value(raw, bits)
        case "bytes" | "umi_id" | "code":
            return f"{raw:0{bits // 4}x}" if bits else ""
        case "text":
            return raw.to_bytes(bits // 8, "big").rstrip(b"\0").decode("utf-8", "backslashreplace")
        case _:
            return raw


def raw_of(kind: str, value: Value, bits: int) -> int:
    """The inverse of `value_of`; EncodeError where the value is of the wrong kind or does not fit."""
    match kind, value:
        case "float", int() | float() | str():
            raw = _float_raw(value, bits)
        case "bytes" | "umi_id" | "code", str():
            raw = _hex_raw(value, bits)
        case "text", str():
            raw = int.from_bytes(utf8_bytes(value).ljust(bits // 8, b"\0"), "big")
        case "int", int():
            if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
                raise EncodeError(f"{value} does not fit {bits} bits with a sign")
            raw = value & ((1 << bits) - 1)
        case "uint" | "flag" | "time" | "code", int():
            raw = int(value)
        case _:
            raise EncodeError(f"a {kind} field cannot hold {value!r:.60}")
    if not 0 <= raw < 1 << bits:
        raise EncodeError(f"{raw} does not fit {bits} bits")
    return raw


def _float_value(raw: int, bits: int) -> Value:
    number: float = struct.unpack(FLOAT_FORMATS[bits], raw.to_bytes(bits // 8, "big"))[0]
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def _float_raw(value: float | str, bits: int) -> int:
    if isinstance(value, str):
        if value not in NOT_FINITE:
            raise EncodeError(f"{value!r:.40} is not a number")
        value = NOT_FINITE[value]
    try:
        return int.from_bytes(struct.pack(FLOAT_FORMATS[bits], value), "big")
    except (OverflowError, struct.error):
        raise EncodeError(f"{value} does not fit a float of {bits} bits") from None


def hex_bytes(text: str) -> bytes:
    """Bytes from hexadecimal digits."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise EncodeError(f"{text!r:.40} is not hexadecimal") from None


def utf8_bytes(text: str) -> bytes:
    """Text as UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise EncodeError(f"{text!r:.40} cannot be written as UTF-8") from None


def _hex_raw(text: str, bits: int) -> int:
    data = hex_bytes(text)
    if len(data) * 8 != bits:
        raise EncodeError(f"{len(data)} bytes where {bits // 8} belong")
    return int.from_bytes(data, "big")


def field_value(field: Field, raw: int, bits: int) -> Value:
    """The record value of a field that was read as `raw`: an enumeration's name, a scaled number, hex."""
    number = field_number(field, raw, bits)
    if field.enumeration is not None:
        return field.enumeration.by_number.get(number, number)
    return number if field.kind == "uint" else value_of(field.kind, number, bits)


def field_raw(field: Field, value: Value, bits: int) -> int:
    """The inverse of `field_value`."""
    if field.enumeration is not None and isinstance(value, str):
        if value not in field.enumeration.by_name:
            raise EncodeError(f"{value!r:.40} is no {field.enumeration.name} of this profile")
        value = field.enumeration.by_name[value]
    if field.kind == "uint" and isinstance(value, int):
        value, rest = divmod(value - field.bias, field.scale)
        if rest:
            raise EncodeError(f"{field.name} goes in steps of {field.scale}")
    raw = raw_of(field.kind, value, bits)
    return swap_bytes(raw, bits) if field.order == "little" else raw


def field_number(field: Field, raw: int, bits: int) -> int:
    """The number that conditions, lengths and counts see: byte order and scale applied, names not."""
    raw = swap_bytes(raw, bits) if field.order == "little" else raw
    return raw * field.scale + field.bias if field.kind == "uint" else raw


def text_of(kind: str, value: Value, unit: str = "") -> str:
    """What a person reads for a record value."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case int() if kind == "time":
            text = utc_text(value)
        case float():
            text = f"{value:.9g}"
        case str() if kind == "bytes" and len(value) > 96:
            text = f"{value[:96]}… ({len(value) // 2} bytes)"
        case list():
            text = f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
        case dict():
            text = ""
        case _:
            text = str(value)
    return f"{text} {unit}" if unit and text else text


def utc_text(seconds: int) -> str:
    """UTC as ISO 8601; 0 means that the clock was never set (wire-format 4, placeholder)."""
    if seconds == 0:
        return "clock not set"
    if seconds > LAST_SECOND:
        return f"{seconds} s after 1970"
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
