from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decoders.bus.spi import SpiDecoder
from decoders.bus.spi_port import MAX_TRANSFER_BYTES
from decoders.bus.wiring import SpiPort
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.transfers import TransferFlag
from tests.decoders.bus.drawing import Record, drawn, records, samples

SCK, MOSI, MISO, CS = range(4)
PORT = SpiPort(sck=SCK, mosi=MOSI, miso=MISO, cs=CS)
RATE_HZ = 1_000_000

# A3 hex on MOSI and 35 hex on MISO; in every mode the bits are sampled at the ticks 5, 7, … 19.
CLOCKS = {
    0: "____ _#_#_#_#_#_#_#_# ____",
    1: "____ #_#_#_#_#_#_#_#_ ____",
    2: "#### #_#_#_#_#_#_#_#_ ####",
    3: "#### _#_#_#_#_#_#_#_# ####",
}
A3 = "____ ##__##______#### ____"
H35 = "____ ____####__##__## ____"
LOW = "##__ ________________ __##"
HIGH = "__## ################ ##__"


def decoded(ports: SpiPort | list[SpiPort], *chunks: LogicChunk) -> list[Record]:
    decoder = SpiDecoder([ports] if isinstance(ports, SpiPort) else ports, RATE_HZ)
    return records([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])


def record(start: int, end: int, **known: object) -> Record:
    """A transfer of which only what is said is special."""
    return {"start": start, "end": end, "stream": 0, "port": 1, "partial_bits": 0, "flags": 0, "h2p": [], "p2h": []} | known


def bounds(found: list[Record]) -> list[tuple[int, int, int]]:
    return [(one["start"], one["end"], one["flags"]) for one in found]


def values(found: list[Record], line: str = "h2p") -> list[list[int]]:
    return [[value for value, _, _ in one[line]] for one in found]


@pytest.mark.parametrize("mode", CLOCKS)
@pytest.mark.parametrize(("lsb_first", "mosi", "miso"), [(False, 0xA3, 0x35), (True, 0xC5, 0xAC)])
@pytest.mark.parametrize(("active_high", "cs"), [(False, LOW), (True, HIGH)])
def test_each_mode_order_and_polarity_reads_the_drawn_byte(
    mode: int, lsb_first: bool, mosi: int, miso: int, active_high: bool, cs: str
) -> None:
    port = replace(PORT, mode=mode, lsb_first=lsb_first, cs_active_high=active_high)
    found = decoded(port, samples(drawn(CLOCKS[mode], A3, H35, cs)))
    assert found == [record(2, 22, h2p=[(mosi, 5, 19)], p2h=[(miso, 5, 19)])]


def test_the_wrong_phase_reads_the_bits_a_half_clock_off() -> None:
    found = decoded(replace(PORT, mode=1), samples(drawn(CLOCKS[0], A3, H35, LOW)))
    assert values(found) == [[0x46]]


@pytest.mark.parametrize(
    ("bits", "lsb_first", "expected"),
    [
        (4, False, [(0x0A, 5, 11), (0x03, 13, 19)]),
        (4, True, [(0x05, 5, 11), (0x0C, 13, 19)]),
        (1, False, [(bit, 5 + 2 * i, 5 + 2 * i) for i, bit in enumerate([1, 0, 1, 0, 0, 0, 1, 1])]),
        (7, False, [(0x51, 5, 17)]),
    ],
)
def test_a_short_word_becomes_one_byte_with_zeros_on_the_left(bits: int, lsb_first: bool, expected: list[object]) -> None:
    found = decoded(replace(PORT, word_bits=bits, lsb_first=lsb_first), samples(drawn(CLOCKS[0], A3, H35, LOW)))
    assert found[0]["h2p"] == expected
    assert found[0]["partial_bits"] == 8 % bits


def clocked(levels: str, cs: str = "_") -> list[int]:
    """Each drawn bit on both data lines with a clock low and a clock high tick, between idle ticks."""
    line = "".join(2 * level for level in levels)
    sck = "_#" * len(levels)
    return drawn(f"_{sck}_", f"_{line}_", f"_{line}_", f"#{cs * len(line)}#")


@pytest.mark.parametrize(
    ("lsb_first", "expected"),
    [(False, [(0x0F, 2, 8), (0x01, 10, 24)]), (True, [(0x08, 18, 24), (0x0F, 2, 16)])],
)
def test_a_long_word_becomes_big_endian_bytes_each_with_its_own_ticks(lsb_first: bool, expected: list[object]) -> None:
    found = decoded(replace(PORT, word_bits=12, lsb_first=lsb_first), samples(clocked("####_______#")))
    assert found == [record(1, 25, h2p=expected, p2h=expected)]


def test_a_word_may_have_64_bits() -> None:
    found = decoded(replace(PORT, word_bits=64), samples(clocked("#_#_" * 15 + "####")))
    assert values(found) == [[0xAA] * 7 + [0xAF]]


def test_a_bit_at_the_cs_edge_belongs_to_the_new_transfer() -> None:
    sck, mosi, cs = "_#_#_#__", "_####___", "#__#_###"
    # The clock rises with cs falling (tick 1), with cs rising (tick 3: in no transfer), and with cs rising again (tick 5).
    found = decoded(replace(PORT, word_bits=1, miso=None), samples(drawn(sck, mosi, "_" * 8, cs)))
    assert found == [record(1, 3, h2p=[(1, 1, 1)]), record(4, 5)]


def test_bits_that_fill_no_word_are_counted_and_not_data() -> None:
    found = decoded(PORT, samples(clocked("#_#___##" + "###")))
    assert values(found) == [[0xA3]]
    assert found[0]["partial_bits"] == 3


def test_partial_bits_do_not_leak_into_the_next_transfer() -> None:
    found = decoded(PORT, samples(clocked("###") + clocked("#_#___##")))
    assert (values(found), [one["partial_bits"] for one in found]) == ([[], [0xA3]], [3, 0])


def test_a_transfer_without_bits_is_kept() -> None:
    assert decoded(PORT, samples(drawn("_____", "_____", "_____", "#___#"))) == [record(1, 4)]


def test_clock_edges_outside_cs_are_no_bits() -> None:
    found = decoded(PORT, samples(clocked("########", cs="#") + clocked("#_#___##")))
    assert values(found) == [[0xA3]]


def test_a_line_that_is_not_wired_is_silent() -> None:
    decoder = SpiDecoder([replace(PORT, miso=None)], RATE_HZ)
    batch = decoder.feed(samples(clocked("#_#___##")))
    assert len(batch.p2h.data) == len(batch.p2h.first) == 0
    assert batch.p2h.offset.tolist() == [0, 0]
    assert batch.h2p.data.tolist() == [0xA3]


def test_both_lines_share_their_ticks() -> None:
    batch = SpiDecoder([PORT], RATE_HZ).feed(samples(clocked("#_#___##")))
    assert batch.h2p.offset is batch.p2h.offset
    assert batch.h2p.first is batch.p2h.first
    assert batch.h2p.last is batch.p2h.last


def test_a_recording_that_begins_and_ends_inside_a_transfer_says_so() -> None:
    words = clocked("#_#___##")[1:-1]
    found = decoded(PORT, Samples(100, np.array(words, np.uint8)))
    both = TransferFlag.STARTED_BEFORE | TransferFlag.ENDED_AFTER
    assert found == [record(100, 116, flags=both, h2p=[(0xA3, 101, 115)], p2h=[(0xA3, 101, 115)])]


def test_a_clock_that_is_high_at_the_first_sample_is_no_edge() -> None:
    found = decoded(replace(PORT, word_bits=1), samples(drawn("##_#_", "####_", "_____", "_____")))
    assert values(found) == [[1]]


def test_a_gap_cuts_the_transfer_and_what_follows_starts_afresh() -> None:
    words = clocked("#_#___##")
    found = decoded(PORT, samples(words[:10]), Lost(10, 50, "overrun"), samples(words[10:], start=50))
    assert bounds(found) == [(1, 10, TransferFlag.CUT_BY_GAP), (50, 57, TransferFlag.STARTED_BEFORE)]
    assert [one["partial_bits"] for one in found] == [4, 3]  # what the first sample after the gap holds is no edge


def test_a_stretch_that_is_left_out_is_a_gap() -> None:
    words = clocked("#_#___##")
    found = decoded(PORT, samples(words[:9]), samples(words[9:], start=50))
    assert bounds(found) == [(1, 9, TransferFlag.CUT_BY_GAP), (50, 58, TransferFlag.STARTED_BEFORE)]


def test_a_gap_between_transfers_makes_no_record() -> None:
    words = clocked("#_#___##")
    found = decoded(PORT, samples(words), Lost(18, 30, "overrun"), samples(words, start=30))
    assert bounds(found) == [(1, 17, 0), (31, 47, 0)]


def test_without_cs_a_long_pause_ends_a_transfer_at_its_last_bit() -> None:
    port = replace(PORT, cs=None, idle_ns=10_000)  # ten ticks
    byte = "_#" * 8
    sck = byte + "_" * 8 + byte + "_" * 9 + byte
    words = drawn(sck, sck, "_" * len(sck))
    found = decoded(port, samples(words))
    # A pause of exactly ten ticks goes on, eleven end the transfer; the last is open when the recording ends.
    assert bounds(found) == [(1, 39, 0), (50, 65, TransferFlag.ENDED_AFTER)]
    assert values(found) == [[0xFF, 0xFF], [0xFF]]


def test_without_cs_the_end_is_known_as_soon_as_the_pause_is_over() -> None:
    decoder = SpiDecoder([replace(PORT, cs=None, idle_ns=10_000)], RATE_HZ)
    assert len(decoder.feed(samples([0, 1, 0, *[0] * 8]))) == 0
    assert records([decoder.feed(samples([0], start=11))]) == [record(1, 1, partial_bits=1)]


def test_without_cs_and_without_a_pause_all_is_one_transfer() -> None:
    words = [*clocked("#_#___##"), *[0] * 500_000, *clocked("__##_#_#")]
    found = decoded(replace(PORT, cs=None, idle_ns=0), samples(words))
    assert bounds(found) == [(2, len(words), TransferFlag.ENDED_AFTER)]
    assert values(found) == [[0xA3, 0x35]]


def test_transfers_of_several_ports_come_in_the_order_of_their_ends() -> None:
    sck = "_#_#_#_#_#__"
    cs1 = "#_______####"
    cs2 = "##____######"
    cs3 = "###_____####"
    ports = [SpiPort(0, cs=channel, port=number, word_bits=1) for channel, number in ((1, 7), (2, 2), (3, 5))]
    found = decoded(ports, samples(drawn(sck, cs1, cs2, cs3)))
    assert [(one["port"], one["start"], one["end"]) for one in found] == [(2, 2, 6), (5, 3, 8), (7, 1, 8)]


def test_the_stream_comes_before_the_port_among_equal_ends() -> None:
    ports = [SpiPort(0, cs=1, port=1, stream=1), SpiPort(0, cs=1, port=2, stream=0)]
    found = decoded(ports, samples(drawn("____", "#__#")))
    assert [(one["stream"], one["port"]) for one in found] == [(0, 2), (1, 1)]


def test_ports_with_separate_clocks_and_phases_do_not_mix() -> None:
    first = drawn(CLOCKS[0], A3, LOW)
    second = drawn(CLOCKS[3], H35, LOW)
    words = [a | b << 3 for a, b in zip(first, second, strict=True)]
    found = decoded([SpiPort(0, mosi=1, cs=2, port=1), SpiPort(3, mosi=4, cs=5, port=2, mode=3)], samples(words))
    assert values(found) == [[0xA3], [0x35]]


def test_one_clock_may_serve_ports_of_both_edges() -> None:
    words = drawn(CLOCKS[0], A3, H35, LOW)
    found = decoded([replace(PORT, port=1), replace(PORT, port=2, mode=1)], samples(words))
    assert values(found) == [[0xA3], [0x46]]


@pytest.mark.parametrize("kind", [np.uint16, np.uint32, np.uint64])
def test_lines_may_be_on_the_highest_channels(kind: type[np.uint64]) -> None:
    top = np.iinfo(kind).bits - 4
    words = np.array(drawn(CLOCKS[0], A3, H35, LOW), kind) << kind(top)
    port = SpiPort(top, mosi=top + 1, miso=top + 2, cs=top + 3)
    assert decoded(port, Samples(0, words)) == [record(2, 22, h2p=[(0xA3, 5, 19)], p2h=[(0x35, 5, 19)])]


def test_a_night_of_quiet_runs_is_one_chunk() -> None:
    words = np.array(clocked("#_#___##"), np.uint8)
    night = 12 * 3600 * 24_000_000
    ticks = np.append(np.arange(len(words)), night + np.arange(len(words)))
    found = decoded(PORT, Runs(0, 2 * night, ticks, np.tile(words, 2)))
    assert bounds(found) == [(1, 17, 0), (night + 1, night + 17, 0)]


def test_a_chunk_of_nothing_changes_nothing() -> None:
    words = clocked("#_#___##")
    nothing = np.empty(0, np.uint8)
    runs = Runs(7, 7, np.empty(0, np.int64), nothing)
    found = decoded(PORT, Samples(0, nothing), samples(words[:7]), runs, Samples(7, nothing), samples(words[7:], start=7))
    assert values(found) == [[0xA3]]


@pytest.mark.parametrize("extra", [0, 1, 9])
def test_a_transfer_longer_than_a_mebibyte_is_cut_where_the_next_bit_begins(extra: int) -> None:
    bits = 8 * MAX_TRANSFER_BYTES + extra
    words = np.full(2 * bits + 2, 2, np.uint8)
    words[2:-1:2] |= 1
    words[[0, -1]] = 8
    seam = 2 * (bits - extra) + 2
    found = [SpiDecoder([PORT], RATE_HZ).feed(Samples(0, words))]
    decoder = SpiDecoder([PORT], RATE_HZ)
    pieces = [decoder.feed(Samples(at, words[at : at + 777_777])) for at in range(0, len(words), 777_777)]
    for batches in (found, pieces):
        starts, ends, flags, partial = (
            np.concatenate([getattr(batch, name) for batch in batches]).tolist()
            for name in ("start", "end", "flags", "partial_bits")
        )
        data = np.concatenate([batch.h2p.data for batch in batches])
        assert data.tobytes() == b"\xff" * (MAX_TRANSFER_BYTES + extra // 8)
        if not extra:
            assert (starts, ends, flags, partial) == ([1], [len(words) - 1], [0], [0])
        else:
            last = len(words) - 1
            assert (starts, ends, flags, partial) == ([1, seam], [seam, last], [TransferFlag.CUT_BY_LENGTH, 0], [0, extra % 8])
