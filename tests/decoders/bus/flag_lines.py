"""How the tests write exchanges: who says what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import xor

import numpy as np

from decoders.bus.flag import Direction, FlagDecoder, FlagMessage

Turn = tuple[Direction | None, bytes]

MS = 1_000_000
"""Ticks in a millisecond where a tick is a nanosecond, as it is for a decoder that is not told otherwise."""


def checked(body: bytes) -> bytes:
    """A block from SOH or STX to ETX or EOT with its block check character."""
    return body + bytes([reduce(xor, body[1:], 0)])


def even(text: bytes) -> bytes:
    """Characters of 7E1 as a receiver set to 8N1 shows them."""
    return bytes(character | (character.bit_count() & 1) << 7 for character in text)


def decode(*turns: Turn) -> list[FlagMessage]:
    """What a decoder makes of turns without times."""
    decoder = FlagDecoder()
    messages = [message for direction, data in turns for message in decoder.feed(direction, data)]
    return messages + decoder.finish()


def heard(data: bytes) -> list[FlagMessage]:
    """What a decoder makes of one receiver's bytes, without times."""
    return decode((None, data))


def only(messages: Iterable[FlagMessage]) -> FlagMessage:
    [message] = messages
    return message


def bits(start_ms: float, count: int, baud: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """The ticks of the first and the last bit of characters sent back to back from `start_ms` on."""
    character = 10 * 1000 * MS // baud
    first = int(start_ms * MS) + character * np.arange(count, dtype=np.int64)
    return first, first + character - 1
