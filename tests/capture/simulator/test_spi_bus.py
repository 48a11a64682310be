"""The simulated bus: what two ends exchange is what a decoder reads from the lines."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.logic_recorder import LogicRecorder, tick_of
from capture.simulator.spi_bus import SpiBus, SpiTiming, Transfer
from decoders.bus.buses import Buses
from decoders.bus.wiring import SpiPort, Wiring

RATE_HZ = 10_000_000
LINES = ("SCK", "MOSI", "MISO", "CS")
EXCHANGES = st.lists(st.lists(st.binary(min_size=1, max_size=6), max_size=4), min_size=1, max_size=4)
"""Transfers, each clocked in pieces."""


@dataclass
class Echo:
    """A slave that sends what it was given before, inverted, and remembers all that happens to it."""

    happened: list[tuple[str, int]] = field(default_factory=list)
    taken: bytearray = field(default_factory=bytearray)
    given: bytearray = field(default_factory=bytearray)

    def select(self, time_ns: int) -> None:
        self.happened.append(("select", time_ns))

    def shift(self, count: int) -> bytes:
        answer = bytes(byte ^ 0xFF for byte in self.taken[-count:]).rjust(count, b"\x3c")
        self.given += answer
        return answer

    def sample(self, time_ns: int, byte_ns: int, data: bytes) -> None:
        self.happened += [("byte", time_ns + place * byte_ns) for place in range(len(data))]
        self.taken += data

    def release(self, time_ns: int) -> None:
        self.happened.append(("release", time_ns))


@dataclass
class Cut:
    """Cs is released after so many bytes."""

    length: int

    def strike(self, transfer: Transfer, mosi: bytes, miso: bytes) -> tuple[bytes, bytes]:
        left = max(self.length - transfer.length, 0)
        return mosi[:left], miso[:left]


def system(timing: SpiTiming) -> tuple[LogicRecorder, SpiBus]:
    high = {name for name, is_high in (("CS", not timing.cs_active_high), ("SCK", timing.mode & 2)) if is_high}
    recorder = LogicRecorder(RATE_HZ, LINES, frozenset(high))
    return recorder, SpiBus(recorder, timing, *LINES[:3])


def decoded(recorder: LogicRecorder, timing: SpiTiming, until_ns: int) -> list[tuple[int, bytes, bytes]]:
    """Start and bytes of each transfer, as the decoder reads them."""
    port = SpiPort(0, 1, 2, 3, port=1, mode=timing.mode, lsb_first=timing.lsb_first, cs_active_high=timing.cs_active_high)
    buses = Buses(Wiring((port,)), RATE_HZ)
    found = []
    for batch in [*buses.feed(recorder.drain(until_ns)), *buses.finish()]:
        for row in range(len(batch)):
            lines = [line.data[line.offset[row] : line.offset[row + 1]].tobytes() for line in (batch.h2p, batch.p2h)]
            found.append((int(batch.start[row]), lines[0], lines[1]))
    return found


def run(
    timing: SpiTiming, exchanges: list[list[bytes]], *, cut: int | None = None
) -> tuple[list[bytes], Echo, int, SpiBus, LogicRecorder]:
    recorder, bus = system(timing)
    slave, now, back = Echo(), 5_000, []
    for pieces in exchanges:
        transfer = Transfer(bus, 1, "CS", slave, max(now, bus.free_ns))
        if cut is not None:
            transfer.disturbances = [Cut(cut)]
        back.append(b"".join(transfer.clock(piece) for piece in pieces))
        now = transfer.end()
    return back, slave, now, bus, recorder


@pytest.mark.parametrize(("mode", "lsb", "active_high"), [*itertools.product(range(4), (False, True), (False, True))])
@given(exchanges=EXCHANGES)
def test_the_decoder_reads_what_was_exchanged(mode: int, lsb: bool, active_high: bool, exchanges: list[list[bytes]]) -> None:
    timing = SpiTiming(mode=mode, lsb_first=lsb, cs_active_high=active_high)
    back, slave, end, bus, recorder = run(timing, exchanges)
    assert slave.taken == b"".join(itertools.chain(*exchanges))
    assert slave.given == b"".join(back)
    found = decoded(recorder, timing, bus.free_ns)
    starts = [tick_of(time_ns, RATE_HZ) for what, time_ns in slave.happened if what == "select"]
    assert found == list(zip(starts, (b"".join(pieces) for pieces in exchanges), back, strict=True))
    assert end + timing.rest_ns == bus.free_ns


def test_bytes_begin_when_the_slave_is_told() -> None:
    timing = SpiTiming(half_bit_ns=500, lead_ns=2_000, byte_gap_ns=1_000, trail_ns=3_000, rest_ns=20_000)
    _, slave, _, bus, _ = run(timing, [[b"\x01\x02", b"\x03"], [b"\x04"]])
    first = 5_000
    release = first + 2_000 + 3 * 9_000 - 1_000 + 3_000
    again = release + 20_000
    assert slave.happened == [
        ("select", first), *(("byte", first + 2_000 + place * 9_000) for place in range(3)), ("release", release),
        ("select", again), ("byte", again + 2_000), ("release", again + 2_000 + 8_000 + 3_000),
    ]  # fmt: skip
    assert bus.free_ns == again + 33_000


def test_sampled_bits_are_where_the_transfer_says() -> None:
    recorder, bus = system(SpiTiming())
    transfer = Transfer(bus, 1, "CS", None, 1_000)
    assert transfer.clock(b"\x80\x01") == b"\0\0"
    transfer.end()
    assert [transfer.first_bit_ns(0), transfer.last_bit_ns(1)] == [1_000 + 2_000 + 500, 1_000 + 2_000 + 9_000 + 15 * 500]
    runs = recorder.drain(bus.free_ns)
    rising = runs.ticks[1:][(runs.words[1:] & 1 == 1) & (runs.words[:-1] & 1 == 0)]
    assert [int(rising[0]), int(rising[-1]), len(rising)] == [
        tick_of(transfer.first_bit_ns(0), RATE_HZ), tick_of(transfer.last_bit_ns(1), RATE_HZ), 16,
    ]  # fmt: skip


@pytest.mark.parametrize(("cut", "left"), [(0, b""), (1, b"a"), (3, b"abc"), (5, b"abcde"), (9, b"abcde")])
def test_a_transfer_that_is_cut_ends_with_the_bytes_before(cut: int, left: bytes) -> None:
    timing = SpiTiming()
    back, slave, _, bus, recorder = run(timing, [[b"ab", b"cd", b"e"]], cut=cut)
    assert (bytes(slave.taken), len(back[0])) == (left, len(left))
    assert [mosi for _, mosi, _ in decoded(recorder, timing, bus.free_ns)] == [left]


def test_ports_on_one_bus_share_its_lines_one_after_the_other() -> None:
    recorder, bus = system(SpiTiming())
    first = Transfer(bus, 1, "CS", None, 1_000)
    first.clock(b"\xff")
    first.end()
    second = Transfer(bus, 2, "CS", None, bus.free_ns)
    second.clock(b"\xaa")
    second.end()
    assert [mosi for _, mosi, _ in decoded(recorder, SpiTiming(), bus.free_ns)] == [b"\xff", b"\xaa"]
