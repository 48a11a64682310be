"""Values as a datasheet explains them, for a person."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from decoders.core.tree import Value
from decoders.datasheet.entries import EXACT, Meaning
from decoders.profile.leaf import text_of, utc_text

_SHOWN_ITEMS = 16
_SHOWN_CHARACTERS = 96


def read_value(meaning: Meaning | None, type_name: str, value: Value) -> tuple[str, str]:
    """The text of a value and what is wrong with it; what the datasheet does not explain is read by its wire type."""
    problem = ""
    if meaning is None:
        meaning = Meaning(type_name)
    elif meaning.type != type_name:
        problem = f"the datasheet says {meaning.type}, the device sent {type_name}"
        meaning = Meaning(type_name)
    if isinstance(value, list):
        text, inner = _array(meaning, value) if type_name == "array" else _struct(meaning, value)
        return text, problem or inner
    return _scalar_text(meaning, value), problem


def _array(meaning: Meaning, items: list[Value]) -> tuple[str, str]:
    readings = [read_value(meaning.element, *_typed(item)) for item in items]
    problem = next((f"element {index}: {fault}" for index, (_, fault) in enumerate(readings) if fault), "")
    return f"[{_joined([text for text, _ in readings])}]", problem


def _struct(meaning: Meaning, items: list[Value]) -> tuple[str, str]:
    texts: list[str] = []
    faults: list[str] = []
    if meaning.fields and len(items) != len(meaning.fields):
        faults.append(f"the datasheet has {len(meaning.fields)} fields, the device sent {len(items)}")
    for index, item in enumerate(items):
        name, inner = meaning.fields[index] if index < len(meaning.fields) else ("", None)
        text, fault = read_value(inner, *_typed(item))
        texts.append(f"{name}: {text}" if name else text)
        if fault:
            faults.append(f"field {name or index}: {fault}")
    return f"{{{_joined(texts)}}}", faults[0] if faults else ""


def _typed(item: Value) -> tuple[str, Value]:
    return (str(item.get("type")), item.get("value")) if isinstance(item, dict) else ("", item)


def _joined(texts: list[str]) -> str:
    more = [f"… ({len(texts)} in all)"] if len(texts) > _SHOWN_ITEMS else []
    return ", ".join(texts[:_SHOWN_ITEMS] + more)


def _scalar_text(meaning: Meaning, value: Value) -> str:
    match meaning.type, value:
        case _, bool():
            return meaning.labels.get(int(value)) or text_of("flag", value)
        case "time", int() if 0 <= value < 1 << 32:
            return utc_text(value)
        case _, int():
            return _integer_text(meaning, value)
        case _, float():
            return _with_unit(meaning.quantity(_shortest(value, meaning.type)), meaning.unit)
        case "string", str():
            more = f"… ({len(value)} characters)" if len(value) > _SHOWN_CHARACTERS else ""
            return repr(value[:_SHOWN_CHARACTERS]) + more
        case _:
            return text_of("bytes", value)


def _integer_text(meaning: Meaning, raw: int) -> str:
    if raw in meaning.labels:
        return f"{meaning.labels[raw]} ({raw})"
    if meaning.bits:
        digits = int(meaning.type.removeprefix("uint")) // 4
        names = [meaning.bits.get(bit, f"bit {bit}") for bit in range(raw.bit_length()) if raw >> bit & 1]
        return f"{', '.join(names) or 'none'} (0x{raw:0{digits}X})"
    text = _with_unit(meaning.quantity(raw), meaning.unit)
    is_bare = not meaning.unit and meaning.scale == 1 and not meaning.offset
    return f"{text} (no label)" if meaning.labels and is_bare else text


def _shortest(value: float, type_name: str) -> Decimal:
    """The shortest decimal number that becomes this float, so that a float32 of 0.1 does not read 0.10000000149011612."""
    if type_name == "float32" and abs(value) <= float(np.finfo(np.float32).max):
        return Decimal(str(np.float32(value)))
    return Decimal(repr(value))


def _with_unit(quantity: Decimal, unit: str) -> str:
    is_plain = quantity.is_finite() and -12 <= quantity.adjusted() <= 21
    text = f"{quantity:f}" if is_plain else str(quantity.normalize(EXACT))
    return f"{text} {unit}" if unit else text
