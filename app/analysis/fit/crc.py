"""Which checksum of the CRC catalogue stands at the end of frames whose bounds are known, in which byte order and over which bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from decoders.profile.crc import CrcFunction, catalogue, catalogue_model, crc_function
from decoders.profile.schema import ByteOrder, Crc

LEAST_BITS = 8
"""Narrower checksums agree by chance too often to be found."""
MOST_SKIPPED = 4
"""Bytes at the beginning that the checksum may leave out."""
TRIED_FIRST = 12
LEAST_EVIDENCE_BITS = 40
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class CrcMatch:
    """A checksum that holds in `holds` of `of` frames that differ from each other."""

    crc: Crc
    holds: int
    of: int

    @property
    def model(self) -> str:
        return self.crc.model

    @property
    def bits(self) -> int:
        return self.crc.bits

    @property
    def order(self) -> ByteOrder:
        return self.crc.order

    @property
    def first_byte(self) -> int:
        return self.crc.first_byte

    @property
    def size(self) -> int:
        return self.crc.size

    @property
    def text(self) -> str:
        order = ", low byte first" if self.order == "little" else ", high byte first"
        return f"{_named(self.crc)}{order if self.size > 1 else ''}, over bytes {self.first_byte}…"


def _named(crc: Crc) -> str:
    """A model's name, or the parameters of one that has none."""
    if crc.model != "custom":
        return crc.model
    digits = (crc.bits + 3) // 4
    turned = "reflected" if crc.refin and crc.refout else "not reflected" if not crc.refin and not crc.refout else "half reflected"
    return f"CRC of {crc.bits} bits, polynomial {crc.poly:0{digits}X}, init {crc.init:0{digits}X}, xorout {crc.xorout:0{digits}X}, {turned}"


Contents = list[tuple[bytes, ...]]
"""For each frame the bytes that it may be: one where its end is known, several where filler may belong to it."""


def search_crc(contents: Contents) -> Iterator[list[CrcMatch]]:
    """For each model of the catalogue the ways in which it holds in at least half of the frames; frames alike count once."""
    distinct = list(dict.fromkeys(contents))
    by_size = sorted(distinct, key=lambda ends: len(ends[0]))
    some = by_size[:: max(1, len(by_size) // TRIED_FIRST)][:TRIED_FIRST]
    for name in catalogue():
        model = catalogue_model(name)
        if model is not None and model[0] >= LEAST_BITS:
            yield _matches(Crc(name, *model, order="big", first_byte=0, provenance="P"), distinct, some)


def _matches(crc: Crc, distinct: Contents, some: Contents) -> list[CrcMatch]:
    of = crc_function(crc)
    matches = []
    for first in range(MOST_SKIPPED + 1):
        for order in _orders(crc, of, first, some):
            holds = held(of, distinct, first, crc.size, order)
            if holds >= len(distinct) * LEAST_SHARE and holds * crc.bits >= LEAST_EVIDENCE_BITS:
                matches.append(CrcMatch(_placed(crc, order, first), holds, len(distinct)))
    return matches


def _placed(crc: Crc, order: ByteOrder, first: int) -> Crc:
    return Crc(
        crc.model, crc.bits, crc.poly, crc.init, crc.refin, crc.refout, crc.xorout, order=order, first_byte=first, provenance="P"
    )


def likeliest(matches: Iterable[CrcMatch]) -> list[CrcMatch]:
    """Best first. Where all frames begin with the same byte, leaving it out suits another model: the widest range is the likeliest."""
    return sorted(matches, key=lambda match: (-match.holds, -match.bits, match.first_byte))


def held(of: CrcFunction, contents: Contents, first: int, size: int, order: ByteOrder) -> int:
    """In how many frames a checksum over the bytes from `first` on holds."""
    return sum(_holds(of, ends, first, size, order) for ends in contents)


def _orders(crc: Crc, of: CrcFunction, first: int, some: Contents) -> list[ByteOrder]:
    """The byte orders in which the checksum holds in half of some frames."""
    orders: tuple[ByteOrder, ...] = ("big", "little") if crc.size > 1 else ("big",)
    return [order for order in orders if 2 * held(of, some, first, crc.size, order) >= max(1, len(some))]


def _holds(of: CrcFunction, ends: tuple[bytes, ...], first: int, size: int, order: ByteOrder) -> bool:
    return any(
        len(content) > first + size and of(content[first:-size]) == int.from_bytes(content[-size:], order) for content in ends
    )
