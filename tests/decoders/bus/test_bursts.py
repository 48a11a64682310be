from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decoders.bus import bursts
from decoders.bus.bursts import BurstDecoder
from decoders.bus.wiring import UartLine
from decoders.core.chunk import LogicChunk, Lost, Samples
from decoders.core.transfers import TransferFlag
from tests.decoders.bus.drawing import Record, records, runs_of, split
from tests.decoders.bus.serial_drawing import bits_of, levels_of

RATE_HZ = 1_000_000
RX, TX = 0, 1
LINE = UartLine(rx=RX, tx=TX, baud=250_000)  # 4 samples a bit, 40 a character: 800 samples make 20 characters


def decoded(line: UartLine, *chunks: LogicChunk) -> list[Record]:
    decoder = BurstDecoder(line, RATE_HZ)
    return records([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])


def spoken(line: UartLine, *messages: tuple[int, int, bytes | list[int]], length: int) -> Samples:
    """Messages that begin at a tick on a channel, on lines that are high otherwise."""
    words = np.full(length, 3, np.uint8)
    for start, channel, data in messages:
        bits = [bit for value in data for bit in bits_of(line, value)]
        low = levels_of([1 - bit for bit in bits], Fraction(4)) << np.uint8(channel)
        words[start : start + len(low)] &= ~low
    return Samples(0, words)


def outline(found: list[Record]) -> list[tuple[int, int, bytes, bytes, int]]:
    return [
        (one["start"], one["end"], *(bytes(octet for octet, _, _ in one[line]) for line in ("h2p", "p2h")), one["flags"])
        for one in found
    ]


def test_a_pause_of_more_than_twenty_characters_ends_a_burst() -> None:
    chunk = spoken(LINE, (100, RX, b"ab"), (180 + 800, RX, b"c"), (1020 + 801, RX, b"d"), length=5000)
    assert outline(decoded(LINE, chunk)) == [(100, 1020, b"", b"abc", 0), (1821, 1861, b"", b"d", 0)]


def test_each_byte_has_the_ticks_of_its_first_and_last_data_bit() -> None:
    found = decoded(replace(LINE, stream=2), spoken(LINE, (100, TX, b"ab"), length=1000))
    octets = [(ord("a"), 100 + 6, 100 + 34), (ord("b"), 140 + 6, 140 + 34)]
    assert found == [{"start": 100, "end": 180, "stream": 2, "port": 1, "partial_bits": 0, "flags": 0, "h2p": octets, "p2h": []}]


def test_both_directions_come_in_the_order_of_their_ends() -> None:
    chunk = spoken(LINE, (100, TX, b"/?!\r\n"), (400, RX, b"/ABC"), (380, TX, b"x"), length=3000)
    assert outline(decoded(LINE, chunk)) == [(100, 420, b"/?!\r\nx", b"", 0), (400, 560, b"", b"/ABC", 0)]


def test_a_burst_is_given_as_soon_as_the_pause_is_over() -> None:
    chunk = spoken(LINE, (100, RX, b"a"), length=2000)
    decoder = BurstDecoder(LINE, RATE_HZ)
    assert len(decoder.feed(Samples(0, chunk.words[: 140 + 800]))) == 0
    assert outline(records([decoder.feed(Samples(940, chunk.words[940:941]))])) == [(100, 140, b"", b"a", 0)]


def test_the_end_of_the_recording_ends_a_burst() -> None:
    chunk = spoken(LINE, (100, RX, b"ab"), length=300)
    assert outline(decoded(LINE, chunk)) == [(100, 300, b"", b"ab", TransferFlag.ENDED_AFTER)]


def test_a_gap_ends_a_burst() -> None:
    chunk = spoken(LINE, (100, RX, b"ab"), length=200)
    found = decoded(LINE, chunk, Lost(200, 300, "overrun"), Samples(300, chunk.words))
    flags = (TransferFlag.CUT_BY_GAP, TransferFlag.ENDED_AFTER)
    assert outline(found) == [(100, 200, b"", b"ab", flags[0]), (400, 500, b"", b"ab", flags[1])]
    assert outline(decoded(LINE, chunk, Samples(300, chunk.words))) == outline(found)


@pytest.mark.parametrize(("end", "partial_bits"), [(146, 0), (147, 1), (174, 7), (175, 8)])
def test_a_character_that_is_cut_is_no_byte_but_partial_bits(end: int, partial_bits: int) -> None:
    chunk = spoken(LINE, (100, RX, b"ab"), length=300)
    found = decoded(LINE, Samples(0, chunk.words[:end]))
    assert outline(found) == [(100, end, b"", b"a", TransferFlag.ENDED_AFTER)]
    assert found[0]["partial_bits"] == partial_bits


def test_bytes_with_errors_are_kept() -> None:
    line = replace(LINE, parity="odd")
    even = replace(LINE, parity="even")
    assert outline(decoded(line, spoken(even, (100, RX, b"ab"), length=3000))) == [
        (100, 188, b"", b"ab", TransferFlag.PARITY_ERROR)
    ]


def test_of_nine_bits_the_low_eight_are_kept() -> None:
    line = replace(LINE, data_bits=9)
    assert outline(decoded(line, spoken(line, (100, RX, [0x1A5]), length=3000))) == [(100, 144, b"", b"\xa5", 0)]


def test_one_receiver_gives_all_as_the_device() -> None:
    line = replace(LINE, tx=None)
    assert outline(decoded(line, spoken(line, (100, RX, b"a"), length=3000))) == [(100, 140, b"", b"a", 0)]


def test_a_burst_that_is_too_long_is_cut_where_the_next_character_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "MAX_BURST_CHARS", 2)
    cut = TransferFlag.CUT_BY_LENGTH
    assert outline(decoded(LINE, spoken(LINE, (100, RX, b"abcde"), length=3000))) == [
        (100, 180, b"", b"ab", cut),
        (180, 260, b"", b"cd", cut),
        (260, 300, b"", b"e", 0),
    ]
    assert outline(decoded(LINE, spoken(LINE, (100, RX, b"ab"), length=3000))) == [(100, 180, b"", b"ab", 0)]


def test_a_change_of_speed_after_a_pause_is_followed() -> None:
    slow = replace(LINE, baud=300, data_bits=7, parity="even")
    fast = replace(slow, baud=9600)
    parts = [
        levels_of([bit for value in message for bit in bits_of(line, value)], Fraction(RATE_HZ, line.baud or 1))
        for line, message in [(slow, b"/?!\r\n"), (slow, b"/XYZ5meter\r\n"), (slow, b"\x06050\r\n"), (fast, b"\x02data!\r\n\x03")]
    ]
    pause = np.ones(RATE_HZ // 4, np.uint8)
    words = np.concatenate([piece for part in parts for piece in (pause, part)] + [pause])
    found = decoded(UartLine(rx=RX, data_bits=7, parity="even"), Samples(0, words))
    text = b"".join(p2h for _, _, _, p2h, _ in outline(found))
    assert text == b"/?!\r\n/XYZ5meter\r\n\x06050\r\n\x02data!\r\n\x03"


@st.composite
def conversations(draw: st.DrawFn) -> list[Samples | Lost]:
    chunks: list[Samples | Lost] = []
    tick = 0
    for _ in range(draw(st.integers(1, 3))):
        length = draw(st.integers(50, 2500))
        messages = draw(
            st.lists(st.tuples(st.integers(0, 2400), st.sampled_from([RX, TX]), st.binary(min_size=1, max_size=4)), max_size=4)
        )
        messages = [message for message in messages if message[0] + 40 * len(message[2]) <= length]
        chunks.append(Samples(tick, spoken(LINE, *messages, length=length).words))
        tick += length
        if draw(st.booleans()):
            chunks.append(Lost(tick, tick + 100, "overrun"))
            tick += 100
    return chunks


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conversations(), st.lists(st.integers(0, 7000), max_size=15), st.booleans(), st.sampled_from([None, 250_000]))
def test_any_split_gives_the_same_bursts(
    recording: list[Samples | Lost], cuts: list[int], as_runs: bool, speed: int | None
) -> None:
    line = replace(LINE, baud=speed)
    chunks = [runs_of(chunk) for chunk in recording] if as_runs else recording
    pieces = [piece for chunk in chunks for piece in split(chunk, cuts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bursts, "MAX_BURST_CHARS", 5)
        assert decoded(line, *pieces) == decoded(line, *recording)
