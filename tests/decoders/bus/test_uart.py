from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decoders.bus import baud, edges
from decoders.bus.uart import CharFlag, CharTiming, UartDecoder
from decoders.bus.wiring import Parity, UartLine
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import UsageError
from tests.decoders.bus.drawing import runs_of, split
from tests.decoders.bus.serial_drawing import Character, bits_of, characters, levels_of, received_by_sample

RATE_HZ = 1_000_000
LINE = UartLine(rx=0, baud=100_000)
PARITIES: list[Parity] = ["none", "odd", "even", "mark", "space"]


def received(line: UartLine, *chunks: LogicChunk, rate_hz: int = RATE_HZ) -> list[Character]:
    decoder = UartDecoder(line.rx, line, rate_hz)
    return characters([decoder.feed(chunk) for chunk in chunks] + [decoder.finish()])


def values(found: list[Character]) -> list[tuple[int, int]]:
    """Value and flags of each character."""
    return [(value, flags) for _, _, _, _, value, flags in found]


def moved(chunk: Samples, start: int) -> Samples:
    return Samples(start, chunk.words)


def sent(line: UartLine, *bits: Sequence[int], samples_per_bit: Fraction = Fraction(10)) -> Samples:
    """Idle bits, then the given ones, then idle bits again."""
    every = [1, 1, *(bit for some in bits for bit in some), 1, 1]
    levels = levels_of(every, samples_per_bit) ^ np.uint8(line.inverted)
    return Samples(0, levels << np.uint8(line.rx))


@pytest.mark.parametrize("data_bits", [5, 6, 7, 8, 9])
@pytest.mark.parametrize("parity", PARITIES)
@pytest.mark.parametrize("stop_bits", [1, 2])
@pytest.mark.parametrize("inverted", [False, True])
def test_every_value_of_every_format_is_read(data_bits: int, parity: Parity, stop_bits: int, inverted: bool) -> None:
    line = replace(LINE, data_bits=data_bits, parity=parity, stop_bits=stop_bits, inverted=inverted, rx=3)
    every = range(1 << data_bits)
    found = received(line, sent(line, *(bits_of(line, value) for value in every)))
    assert values(found) == [(value, 0) for value in every]


def test_a_character_spans_its_start_bit_to_its_last_stop_bit() -> None:
    line = replace(LINE, parity="even", stop_bits=2)
    found = received(line, sent(line, bits_of(line, 0x43)))
    # The start bit begins at 20; bits last 10 samples; the middle of a bit is after 4.5 of them, rounded up.
    assert found == [(20, 140, 35, 105, 0x43, 0)]


def test_the_points_at_which_a_bit_is_sampled_do_not_drift() -> None:
    timing = CharTiming(replace(LINE, data_bits=9, parity="odd"), 3, 25)
    # 25/3 samples a bit: the middles are 11/3, 12, 61/3 … exactly, and where they are whole they stay.
    assert timing.points.tolist() == [4, 12, 21, 29, 37, 46, 54, 62, 71, 79, 87, 96]
    assert timing.length == 100


@pytest.mark.parametrize("parity", ["odd", "even", "mark", "space"])
def test_a_parity_error_is_told_and_the_byte_kept(parity: Parity) -> None:
    line = replace(LINE, data_bits=7, parity=parity)
    wrong = bits_of(line, 0x55)
    wrong[-2] ^= 1
    found = received(line, sent(line, bits_of(line, 0x2F), wrong, bits_of(line, 0x0D)))
    assert values(found) == [(0x2F, 0), (0x55, CharFlag.PARITY), (0x0D, 0)]


def test_a_framing_error_is_told_and_the_byte_kept() -> None:
    found = received(LINE, sent(LINE, [0, 1, 1, 0, 0, 0, 0, 1, 0, 0], [1, 1], bits_of(LINE, 0x44)))
    assert values(found) == [(0x43, CharFlag.FRAMING), (0x44, 0)]


@pytest.mark.parametrize("bits", [10, 11, 500])
def test_a_break_is_one_character_however_long_it_is(bits: int) -> None:
    found = received(LINE, sent(LINE, [0] * bits, [1, 1], bits_of(LINE, 0x44)))
    assert values(found) == [(0, CharFlag.BREAK | CharFlag.FRAMING), (0x44, 0)]


def test_a_zero_byte_is_no_break() -> None:
    assert values(received(LINE, sent(LINE, bits_of(LINE, 0)))) == [(0, 0)]


def test_a_start_bit_that_is_high_in_its_middle_is_none() -> None:
    glitch = Samples(0, levels_of([1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1], Fraction(2)))
    found = received(LINE, glitch, moved(sent(LINE, bits_of(LINE, 0x43)), glitch.end))
    assert values(found) == [(0x43, 0)]


def test_a_glitch_inside_the_start_bit_before_its_middle_does_not_hide_it() -> None:
    chunk = sent(LINE, bits_of(LINE, 0x43))
    chunk.words[22:24] = 1
    assert received(LINE, chunk)[0][0] == 20


def test_a_start_bit_may_come_right_after_the_middle_of_the_stop_bit() -> None:
    words = np.concatenate(
        (levels_of([1, 1, *bits_of(LINE, 0x43)], Fraction(10))[:-4], levels_of(bits_of(LINE, 0x44), Fraction(10)))
    )
    assert values(received(LINE, Samples(0, words))) == [(0x43, 0), (0x44, 0)]


def test_a_recording_that_begins_inside_a_character_finds_the_next_start_bit() -> None:
    line = replace(LINE, data_bits=7)
    words = levels_of([0, 0, 0, 1, 1, *bits_of(line, 0x41), 1], Fraction(10))
    assert values(received(line, Samples(0, words))) == [(0x41, 0)]


def test_a_character_that_the_end_cuts_has_the_bits_that_came() -> None:
    chunk = sent(LINE, bits_of(LINE, 0xFF))
    found = received(LINE, Samples(0, chunk.words[:60]))
    assert found == [(20, 60, 35, 105, 0x07, CharFlag.CUT)]


def test_a_gap_cuts_a_character_and_what_follows_starts_afresh() -> None:
    chunk = sent(LINE, bits_of(LINE, 0xFF))
    found = received(LINE, Samples(0, chunk.words[:60]), Lost(60, 90, "overrun"), moved(chunk, 90))
    assert [(start, value, flags) for start, _, _, _, value, flags in found] == [(20, 0x07, CharFlag.CUT), (110, 0xFF, 0)]


def test_a_quiet_night_costs_nothing_as_runs() -> None:
    chunk = runs_of(sent(LINE, bits_of(LINE, 0x43)))
    assert isinstance(chunk, Runs)
    night = Runs(0, 10**15, chunk.ticks, chunk.words)
    assert values(received(LINE, night)) == [(0x43, 0)]


def test_a_speed_that_the_samples_cannot_show_is_refused() -> None:
    with pytest.raises(UsageError, match="115200 baud cannot be read from 200000 samples a second"):
        UartDecoder(0, replace(LINE, baud=115_200), 200_000)


STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "_STEP", 50)
    monkeypatch.setattr(edges, "_BLOCK", 150)


@st.composite
def lines(draw: st.DrawFn) -> UartLine:
    return UartLine(
        rx=draw(st.integers(0, 7)),
        baud=draw(st.sampled_from([1, 7, 20, 33, 50])),
        data_bits=draw(st.integers(5, 9)),
        parity=draw(st.sampled_from(PARITIES)),
        stop_bits=draw(st.integers(1, 2)),
        inverted=draw(st.booleans()),
    )


@st.composite
def noisy_recordings(draw: st.DrawFn) -> list[Samples | Lost]:
    """Characters of some speed with glitches, and stretches that are lost."""
    chunks: list[Samples | Lost] = []
    tick = 0
    for _ in range(draw(st.integers(1, 4))):
        random = np.random.default_rng(draw(st.integers(0, 2**32)))
        if draw(st.integers(0, 3)) == 0:
            chunks.append(Lost(tick, tick + 77, "overrun"))
            tick += 77
            continue
        bits = random.integers(0, 2, (draw(st.integers(1, 60)), 8)) << np.arange(8)
        words = np.repeat(bits.sum(axis=1).astype(np.uint8), random.integers(1, draw(st.sampled_from([3, 12, 40])), len(bits)))
        chunks.append(Samples(tick, words))
        tick += len(words)
    return chunks


@pytest.mark.usefixtures("small_blocks")
@STEADY
@given(lines(), noisy_recordings(), st.lists(st.integers(0, 1000), max_size=10), st.booleans())
def test_characters_are_those_found_sample_by_sample(
    line: UartLine, recording: list[Samples | Lost], cuts: list[int], as_runs: bool
) -> None:
    chunks = [runs_of(chunk) for chunk in recording] if as_runs else recording
    pieces = [piece for chunk in chunks for piece in split(chunk, cuts)]
    assert received(line, *pieces, rate_hz=100) == received_by_sample(line.rx, line, 100, recording)


@pytest.mark.usefixtures("small_blocks")
@settings(STEADY, max_examples=30)
@given(lines(), noisy_recordings(), st.booleans())
def test_one_sample_at_a_time_gives_the_same_characters(line: UartLine, recording: list[Samples | Lost], found_speed: bool) -> None:
    line = replace(line, baud=None) if found_speed else line
    pieces = [piece for chunk in recording for piece in split(chunk, range(chunk.start, chunk.end))]
    assert received(line, *pieces, rate_hz=100) == received(line, *recording, rate_hz=100)


@pytest.mark.usefixtures("small_blocks")
@STEADY
@given(noisy_recordings(), st.lists(st.integers(0, 1000), max_size=10), st.sampled_from([100, 1000, 5000]))
def test_a_speed_that_is_found_does_not_depend_on_the_split(recording: list[Samples | Lost], cuts: list[int], rate_hz: int) -> None:
    line = replace(LINE, baud=None)
    pieces = [piece for chunk in recording for piece in split(chunk, cuts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baud, "_ENOUGH_EDGES", 20)
        assert received(line, *pieces, rate_hz=rate_hz) == received(line, *recording, rate_hz=rate_hz)
