"""From sampled bits to bytes with their ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.bus.edges import AnyWords, Ticks, mask

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Octets:
    """Bytes that two lines carried at the same time; None for a line that is not wired or was not used.

    `first` and `last` are the ticks (int64, one a byte) of each byte's first and last bit.
    """

    h2p: Bytes | None
    p2h: Bytes | None
    first: Ticks
    last: Ticks

    def __len__(self) -> int:
        return len(self.first)

    def part(self, start: int, end: int) -> Octets:
        h2p = None if self.h2p is None else self.h2p[start:end]
        p2h = None if self.p2h is None else self.p2h[start:end]
        return Octets(h2p, p2h, self.first[start:end], self.last[start:end])


def joined(parts: Sequence[Octets]) -> Octets:
    """One run of bytes after the other; all of them use the same lines."""
    if len(parts) == 1:
        return parts[0]
    h2p = [part.h2p for part in parts if part.h2p is not None]
    p2h = [part.p2h for part in parts if part.p2h is not None]
    return Octets(
        np.concatenate(h2p) if h2p else None,
        np.concatenate(p2h) if p2h else None,
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.last for part in parts]),
    )


class WordFormat:
    """How the bits of a word follow each other on the wire, and how the word becomes bytes.

    A word of w bits becomes ceil(w / 8) bytes, its value in big-endian order with zeros on the left.
    """

    def __init__(self, word_bits: int, *, lsb_first: bool) -> None:
        self.bits = word_bits
        self.octets = -(-word_bits // 8)
        self._lsb_first = lsb_first
        # The bits of value, counted from the most significant one, that each byte of the word holds.
        ends = word_bits - 8 * np.arange(self.octets - 1, -1, -1)
        starts = np.maximum(ends - 8, 0)
        self._first_bit = word_bits - ends if lsb_first else starts
        self._last_bit = word_bits - 1 - starts if lsb_first else ends - 1

    def octets_of(self, ticks: Ticks, words: AnyWords, begins: Ticks, mosi: int | None, miso: int | None) -> Octets:
        """The bytes of the words whose first bits are the rows `begins` of the sampled bits `ticks` and `words`."""
        n = len(begins)
        if n and begins[-1] - begins[0] == (n - 1) * self.bits:
            sampled = words[begins[0] : begins[0] + n * self.bits]
        else:
            sampled = words[(begins[:, None] + np.arange(self.bits)).ravel()]
        return Octets(
            None if mosi is None else self._packed(sampled & mask(1 << mosi, sampled)),
            None if miso is None else self._packed(sampled & mask(1 << miso, sampled)),
            ticks[(begins[:, None] + self._first_bit).ravel()],
            ticks[(begins[:, None] + self._last_bit).ravel()],
        )

    def _packed(self, levels: AnyWords) -> Bytes:
        if self.bits == 8:
            return np.packbits(levels != 0, bitorder="little" if self._lsb_first else "big")
        rows = levels.reshape(-1, self.bits)
        padded = np.zeros((len(rows), 8 * self.octets), np.bool_)
        padded[:, -self.bits :] = rows[:, ::-1] if self._lsb_first else rows
        return np.packbits(padded)
