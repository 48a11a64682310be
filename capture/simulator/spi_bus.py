"""An SPI bus between the host and its peripherals: bytes go both ways at once, and every edge is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from capture.simulator.logic_recorder import Flips, LogicRecorder, Times


@dataclass(frozen=True, slots=True)
class SpiTiming:
    """How the host drives a bus.

    `lead_ns` from cs to the first half bit, `byte_gap_ns` between bytes, `trail_ns` from the last half bit to the release of cs, `rest_ns`
    from there to the next transfer at the earliest.
    """

    half_bit_ns: int = 500
    lead_ns: int = 2_000
    byte_gap_ns: int = 1_000
    trail_ns: int = 2_000
    rest_ns: int = 20_000
    mode: int = 0
    lsb_first: bool = False
    cs_active_high: bool = False

    @property
    def byte_ns(self) -> int:
        """From the start of a byte to the start of the next."""
        return 16 * self.half_bit_ns + self.byte_gap_ns


class Slave(Protocol):
    """What the far end of a port does with its pins; times are of bytes that may still be to come."""

    def select(self, time_ns: int) -> None:
        """Cs is asserted."""
        ...

    def shift(self, count: int) -> bytes:
        """The bytes that it drives onto miso next."""
        ...

    def sample(self, time_ns: int, byte_ns: int, data: bytes) -> None:
        """The bytes that it found on mosi, the first begun at `time_ns`, each `byte_ns` long."""
        ...

    def release(self, time_ns: int) -> None:
        """Cs is released."""
        ...


class Disturbance(Protocol):
    """Something that alters what is on the lines of a port."""

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        """What the lines carry instead; as many bytes, or fewer where the transfer is cut short there."""
        ...


class SpiBus:
    """The lines sck, mosi and miso, shared by all ports that are wired to it."""

    def __init__(self, recorder: LogicRecorder, timing: SpiTiming, sck: str, mosi: str, miso: str) -> None:
        self.timing = timing
        self.recorder = recorder
        self.free_ns = 0
        self._sck, self._mosi, self._miso = (recorder.bit(line) for line in (sck, mosi, miso))
        self.mask = self._sck | self._mosi | self._miso
        order = range(8) if timing.lsb_first else range(7, -1, -1)
        self._shifts = np.array(list(order), np.uint8)
        idle_high, late = bool(timing.mode & 2), bool(timing.mode & 1)
        first = idle_high ^ late
        self._clock = np.array([first, not first], np.uint64) * np.uint64(self._sck)
        self.idle_clock = self._sck if idle_high else 0

    def draw(self, starts_ns: Times, mosi: bytes, miso: bytes, end_ns: int) -> None:
        """The edges of bytes that begin at these times, and the lines at rest from `end_ns` on."""
        half = self.timing.half_bit_ns
        times = (starts_ns[:, None] + np.arange(16, dtype=np.int64) * half).reshape(-1)
        bits = self._bits(mosi) * np.uint64(self._mosi) | self._bits(miso) * np.uint64(self._miso)
        words = (bits[:, None] | self._clock).reshape(-1)
        # The clock is at rest between bytes; the data lines keep their last bit.
        rest_times = starts_ns + 16 * half
        rest_words = bits[7::8] | np.uint64(self.idle_clock)
        times = np.concatenate([times.reshape(-1, 16), rest_times[:, None]], axis=1).reshape(-1)
        words = np.concatenate([words.reshape(-1, 16), rest_words[:, None]], axis=1).reshape(-1)
        times, words = np.append(times, end_ns), np.append(words, np.uint64(self.idle_clock))
        self.recorder.add(times, words, self.mask)

    def _bits(self, data: bytes) -> Flips:
        octets = np.frombuffer(data, np.uint8)
        return ((octets[:, None] >> self._shifts) & 1).astype(np.uint64).reshape(-1)


class Transfer:
    """One transfer while it goes on: `now_ns` is when the next byte would begin, `is_cut` whether something released cs early."""

    def __init__(self, bus: SpiBus, number: int, cs: str, slave: Slave | None, start_ns: int) -> None:
        self.number = number
        self.start_ns = start_ns
        self.now_ns = start_ns + bus.timing.lead_ns
        self.is_cut = False
        self.disturbances: list[Disturbance] = []
        self._altered_by: Disturbance | None = None
        self._bus, self._cs, self._slave = bus, cs, slave
        self._mosi, self._miso = bytearray(), bytearray()
        self._starts: list[int] = []
        bus.recorder.set(start_ns, cs, high=bus.timing.cs_active_high)
        if slave is not None:
            slave.select(start_ns)

    @property
    def length(self) -> int:
        """Bytes so far."""
        return len(self._starts)

    def clock(self, mosi: bytes) -> bytes:
        """Send bytes and give what came back meanwhile; fewer where the transfer is cut."""
        if self.is_cut or not mosi:
            return b""
        byte_ns, start = self._bus.timing.byte_ns, self.now_ns
        miso = self._slave.shift(len(mosi)) if self._slave is not None else bytes(len(mosi))
        wanted = len(mosi)
        mosi, miso = self._disturbed(mosi, miso)
        self.is_cut = len(mosi) < wanted
        if self._slave is not None:
            self._slave.sample(start, byte_ns, mosi)
        self._starts.extend(range(start, start + len(mosi) * byte_ns, byte_ns))
        self._mosi += mosi
        self._miso += miso
        self.now_ns = start + len(mosi) * byte_ns
        return miso

    def _disturbed(self, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        """What is on the lines; two disturbances never alter the same transfer, so that each shows as what it is."""
        for disturbance in self.disturbances if self._altered_by is None else [self._altered_by]:
            altered = disturbance.strike(self, mosi, miso)
            if altered != (mosi, miso):
                self._altered_by = disturbance
                return altered
        return mosi, miso

    def end(self) -> int:
        """Release cs; the time at which that is done."""
        timing = self._bus.timing
        end = self.now_ns - (timing.byte_gap_ns if self._starts else 0) + timing.trail_ns
        if self._starts:
            self._bus.draw(np.array(self._starts, np.int64), bytes(self._mosi), bytes(self._miso), end)
        self._bus.recorder.set(end, self._cs, high=not timing.cs_active_high)
        self._bus.free_ns = end + timing.rest_ns
        if self._slave is not None:
            self._slave.release(end)
        return end

    def first_bit_ns(self, byte: int) -> int:
        """When the first bit of a byte is sampled."""
        return self._starts[byte] + self._bus.timing.half_bit_ns

    def last_bit_ns(self, byte: int) -> int:
        """When the last bit of a byte is sampled."""
        return self._starts[byte] + 15 * self._bus.timing.half_bit_ns
