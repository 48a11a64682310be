"""Faults on the wire: bits and bytes that are not what was sent, and transfers that end too early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capture.simulator.faults.chance import Chance
from capture.simulator.frames import CRC_BYTES, FILLER, HEADER_BYTES, SOF, Kind
from capture.simulator.kernel import NS_PER_MS
from capture.simulator.spi_bus import Transfer

Lines = tuple[bytes, bytes]
GARBAGE_BYTES = 4
NOISE_STRIKES = 3
NOISE_PAUSE_NS = 20 * NS_PER_MS


@dataclass(slots=True)
class _OnLines:
    """Waits on the lines of a port for bytes that `act` alters; it gives None for those that it leaves alone."""

    chance: Chance
    port: int
    act: Callable[[Chance, int, Transfer, bytes, bytes], Lines | None]

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines:
        if self.chance.has_struck or transfer.now_ns < self.chance.at_ns:
            return mosi, miso
        return self.act(self.chance, self.port, transfer, mosi, miso) or (mosi, miso)


def _on_lines(chance: Chance, act: Callable[[Chance, int, Transfer, bytes, bytes], Lines | None]) -> None:
    for number in chance.ports():
        chance.system.ports[number].disturbances.append(_OnLines(chance, number, act))
    chance.prompt()


def bad_crc(chance: Chance) -> None:
    """The checksum of a data frame of the host's is wrong."""

    def act(chance: Chance, port: int, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines | None:
        if not _is(Kind.DATA, mosi):
            return None
        chance.strike(transfer.now_ns, port)
        return mosi[:-CRC_BYTES] + bytes(byte ^ 0x5A for byte in mosi[-CRC_BYTES:]), miso

    _on_lines(chance, act)


def bit_noise(chance: Chance) -> None:
    """Single bits fall over, in frames and between them."""
    random = chance.random()
    struck_ns = [-NOISE_PAUSE_NS]

    def act(chance: Chance, port: int, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines | None:
        in_frame = len(struck_ns) % 2 == 1
        if transfer.start_ns < struck_ns[-1] + NOISE_PAUSE_NS:
            return None
        if not (_is(Kind.DATA, mosi) if in_frame else _is_awake(miso)):
            return None
        struck_ns.append(transfer.now_ns)
        chance.strike(transfer.now_ns, port, ("bad-crc",) if in_frame else ("garbage",))
        chance.has_struck = len(struck_ns) > NOISE_STRIKES
        if in_frame:
            return _with_flip(mosi, random.randrange(HEADER_BYTES * 8, len(mosi) * 8)), miso
        return mosi, _with_flip(miso, random.randrange(len(miso) * 8))

    _on_lines(chance, act)


def lost_ack(chance: Chance) -> None:
    """An acknowledgement of the host's does not come through."""

    def act(chance: Chance, port: int, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines | None:
        if not _is(Kind.ACK, mosi):
            return None
        chance.strike(transfer.now_ns, port)
        return FILLER * len(mosi), miso

    _on_lines(chance, act)


def garbage(chance: Chance) -> None:
    """A device that has nothing to say puts bytes on its line all the same."""
    random = chance.random()

    def act(chance: Chance, port: int, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines | None:
        if not _is_awake(miso) or len(miso) < GARBAGE_BYTES:
            return None
        chance.strike(transfer.now_ns, port)
        odd = bytes(random.choice([byte for byte in range(1, 0xFF) if byte != SOF]) for _ in range(GARBAGE_BYTES))
        at = random.randrange(len(miso) - GARBAGE_BYTES + 1)
        return mosi, miso[:at] + odd + miso[at + GARBAGE_BYTES :]

    _on_lines(chance, act)


def cut_transfer(chance: Chance) -> None:
    """Cs is released in the middle of a data frame of the host's."""
    random = chance.random()

    def act(chance: Chance, port: int, transfer: Transfer, mosi: bytes, miso: bytes) -> Lines | None:
        if not _is(Kind.DATA, mosi) or not _is_awake(miso):
            return None
        chance.strike(transfer.now_ns, port)
        length = random.randrange(HEADER_BYTES, len(mosi))
        return mosi[:length], miso[:length]

    _on_lines(chance, act)


def _is(kind: Kind, data: bytes) -> bool:
    """Whether bytes are one whole frame of a kind, as the host sends them."""
    return len(data) > HEADER_BYTES and data[0] == SOF and data[1] + 1 == len(data) and data[3] >> 5 == kind


def _is_awake(miso: bytes) -> bool:
    """Whether a device drives its line and has nothing to say."""
    return miso == FILLER * len(miso)


def _with_flip(data: bytes, bit: int) -> bytes:
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)
