"""Finds the parameters of a checksum of 8 or 16 bits that the CRC catalogue does not have.

Two frames of one size differ in a polynomial that the checksum's own divides, whatever its init and xorout are: so all polynomials
are tried at once on such differences. Of what remains the same in frames of each size init and xorout follow.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.fit.crc import LEAST_EVIDENCE_BITS, LEAST_SHARE, MOST_SKIPPED, Contents, CrcMatch, held
from decoders.profile.crc import crc_function
from decoders.profile.schema import ByteOrder, Crc

WIDTHS = (16, 8)
MOST_DIFFERENCES = 24
LONGEST_FRAME = 160
"""Longer ones would tell no more and take longer."""
LEAST_VOTES = {16: 1, 8: 3}
"""Pairs of differences that must agree in a polynomial, for they have a divisor of so many bits by chance too."""
MOST_POLYNOMIALS = 4
NICE = (0, 0xFFFF, 0xFF)

Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class _Turning:
    """Which bit of a byte goes first, whether the sum is turned round, and which of its bytes stands first."""

    refin: bool
    refout: bool
    order: ByteOrder


def search_custom(contents: Contents) -> Iterator[list[CrcMatch]]:
    """The checksums that hold in at least half of the frames, for each way to turn bits and bytes; empty lists while it looks.

    Three frames of one size are needed, and frames whose end is not known count with the first end that they may have.
    """
    frames = [frame for frame in dict.fromkeys(ends[0] for ends in contents) if len(frame) <= LONGEST_FRAME]
    for bits in WIDTHS:
        found = False
        for turning in _turnings(bits):
            solved: dict[int, None] = {}
            for first in range(MOST_SKIPPED + 1):
                for poly in _dividing(list(_differences(frames, bits, turning, first)), bits):
                    if poly not in solved:
                        solved[poly] = None
                        matches = _solved(poly, bits, turning, contents)
                        found = found or bool(matches)
                        yield matches
                yield []
        if found:
            return


def _turnings(bits: int) -> Iterator[_Turning]:
    orders: tuple[ByteOrder, ...] = ("big", "little") if bits > 8 else ("big",)
    for refin in (True, False):
        for refout in (refin, not refin):
            yield from (_Turning(refin, refout, order) for order in orders)


def _differences(frames: list[bytes], bits: int, turning: _Turning, first: int) -> Iterator[int]:
    """What neighbours of one size differ in from a byte on, as they went through the shift register, the shortest first."""
    size = bits // 8
    by_size: defaultdict[int, list[bytes]] = defaultdict(list)
    for frame in frames:
        by_size[len(frame)].append(frame)
    given = 0
    for length in sorted(by_size):
        group = by_size[length]
        for one, other in itertools.pairwise(group):
            body = bytes(a ^ b for a, b in zip(one[first:-size], other[first:-size], strict=True))
            total = int.from_bytes(one[-size:], turning.order) ^ int.from_bytes(other[-size:], turning.order)
            if given == MOST_DIFFERENCES:
                return
            given += 1
            yield _register(body, turning.refin) << bits | (_turned(total, bits) if turning.refout else total)


def _register(data: bytes, refin: bool) -> int:  # noqa: FBT001  # what a CRC's parameter is called
    return int.from_bytes(bytes(_turned(byte, 8) for byte in data) if refin else data)


def _turned(number: int, bits: int) -> int:
    return int(f"{number:0{bits}b}"[::-1], 2)


def _dividing(differences: list[int], bits: int) -> list[int]:
    """The polynomials, without their highest term, that divide what most pairs of differences have in common."""
    polynomials = np.arange(1, 1 << bits, 2, dtype=np.uint32)
    votes = np.zeros(len(polynomials), np.int64)
    pairs = 0
    for one, other in itertools.pairwise(differences):
        shared = _greatest_divisor(one, other)
        pairs += 1
        if shared.bit_length() > bits:
            votes += _remainders(shared, polynomials, bits) == 0
    most = int(votes.max(initial=0))
    if most < LEAST_VOTES[bits] or most * 2 < pairs:
        return []
    return [int(poly) for poly in polynomials[votes == most][:MOST_POLYNOMIALS]]


def _greatest_divisor(one: int, other: int) -> int:
    """Of two polynomials over GF(2)."""
    while other:
        while one.bit_length() >= other.bit_length():
            one ^= other << (one.bit_length() - other.bit_length())
        one, other = other, one
    return one


def _remainders(number: int, polynomials: Numbers, bits: int) -> Numbers:
    """A number's remainder by each polynomial, over GF(2)."""
    top, mask = np.uint32(1 << (bits - 1)), np.uint32((1 << bits) - 1)
    register = np.zeros(len(polynomials), np.uint32)
    for place in range(number.bit_length() - 1, -1, -1):
        overflow = (register & top) != 0
        register = ((register << np.uint32(1)) & mask) | np.uint32(number >> place & 1)
        register ^= np.where(overflow, polynomials, np.uint32(0))
    return register


def _solved(poly: int, bits: int, turning: _Turning, contents: Contents) -> list[CrcMatch]:
    """Init and xorout for each beginning of the range; the one that holds most often, the widest range where several do."""
    distinct = list(dict.fromkeys(contents))
    found = []
    for first in range(MOST_SKIPPED + 1):
        bare = Crc("custom", bits, poly, 0, turning.refin, turning.refout, 0, turning.order, first, "P")
        constants = _constants(bare, distinct)
        if not constants:
            continue
        init, xorout = _init_and_xorout(bare, constants)
        crc = Crc("custom", bits, poly, init, turning.refin, turning.refout, xorout, turning.order, first, "P")
        holds = held(crc_function(crc), distinct, first, crc.size, turning.order)
        if holds >= len(distinct) * LEAST_SHARE and holds * bits >= LEAST_EVIDENCE_BITS:
            found.append(CrcMatch(crc, holds, len(distinct)))
    return sorted(found, key=lambda match: (-match.holds, match.crc.init not in NICE, match.first_byte))[:1]


def _constants(bare: Crc, contents: Contents) -> dict[int, int]:
    """For each size of what is summed up, the number that most frames of it have beyond a checksum without init and xorout."""
    of = crc_function(bare)
    seen: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for ends in contents:
        summed, total = ends[0][bare.first_byte : -bare.size], int.from_bytes(ends[0][-bare.size :], bare.order)
        if summed:
            seen[len(summed)][of(summed) ^ total] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in seen.items()}


def _init_and_xorout(bare: Crc, constants: dict[int, int]) -> tuple[int, int]:
    """The two that explain the constants of most sizes; init 0 where only one size is known, since nothing tells more."""
    every = np.arange(1 << bare.bits, dtype=np.uint32)
    gives = {size: _from_init(bare, size, every) for size in sorted(constants)}
    best = (-1, -1, 0, 0)
    for size in sorted(constants, key=lambda size: -len(constants) if size == min(constants) else size)[:3]:
        xorouts = gives[size] ^ np.uint32(constants[size])
        agree = np.zeros(len(every), np.int64)
        for other, constant in constants.items():
            agree += (gives[other] ^ xorouts) == np.uint32(constant)
        usual = np.isin(every, NICE).astype(np.int64) + np.isin(xorouts, NICE)
        init = int(np.argmax(agree * 3 + usual))
        best = max(best, (int(agree[init]), int(usual[init]), init, int(xorouts[init])))
    return best[2], best[3]


def _from_init(bare: Crc, size: int, inits: Numbers) -> Numbers:
    """What each init leaves in the sum of so many bytes: it is linear, so that each bit of an init adds what it leaves alone."""
    total = np.zeros(len(inits), np.uint32)
    for bit in range(bare.bits):
        alone = Crc("custom", bare.bits, bare.poly, 1 << bit, bare.refin, bare.refout, 0, bare.order, 0, "P")
        leaves = crc_function(alone)(bytes(size))
        total ^= np.where(inits >> np.uint32(bit) & np.uint32(1), np.uint32(leaves), np.uint32(0))
    return total
