"""Recordings as CSV: every change of a line and every sample is a row, and nothing else is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.formats.csv_writer import Clock, write_csv
from capture.formats.signals import AnalogTrace, Piece, Signals
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import RecordingError
from tests.helpers.recorded import expanded, logic_chunks, pieces_of


def text_of(path: Path, signals: Signals, pieces: Sequence[Piece]) -> str:
    write_csv(path, signals, pieces)
    return path.read_bytes().decode()


def test_rows_are_changes_and_samples_with_gaps_between(tmp_path: Path) -> None:
    signals = Signals(("SCK", "", "CS"), 1000, (AnalogTrace("voltage1", "V", 10), AnalogTrace("current1", "A", 25)))
    logic: list[LogicChunk] = [
        Runs(0, 20, np.array([0, 4, 9, 15]), np.array([4, 5, 7, 4], np.uint8)),
        Lost(20, 32, "the buffer\nwas full"),
        Samples(32, np.array([4] * 5 + [1] * 13, np.uint8)),
    ]
    samples = [np.array([3, 2.9997, np.nan, 3, 1e-3], np.float32), np.array([1.25e-5, 0], np.float32)]
    assert text_of(tmp_path / "a.csv", signals, [(logic, samples)]).splitlines() == [
        "Time [s],SCK,CS,voltage1 [V],current1 [A]",
        "0.000,0,1,3.0,1.25e-05",
        "0.004,1,1,,",
        "0.010,1,1,2.9997,",
        "0.015,0,1,,",
        "# gap 0.020 0.032 the buffer was full",
        "0.020,,,,",
        "0.025,,,,0.0",
        "0.030,,,3.0,",
        "0.032,0,1,,",
        "0.037,1,0,,",
        "0.040,1,0,0.001,",
        "# end 0.050",
    ]


def test_samples_that_come_later_than_the_logic_are_in_the_row_of_their_tick(tmp_path: Path) -> None:
    signals = Signals(("a",), 1000, (AnalogTrace("v", "V", 10),))
    values = np.arange(5, dtype=np.float32)
    logic = [Runs(at, at + 10, np.array([at]), np.array([at // 10 % 2], np.uint8)) for at in range(0, 50, 10)]
    whole = text_of(tmp_path / "a.csv", signals, [(logic, [values])])
    late: list[Piece] = [([chunk], [values[max(0, number - 2) : max(0, number - 1)]]) for number, chunk in enumerate(logic)]
    late += [((), [values[3:4]]), ((), [values[4:]])]
    assert text_of(tmp_path / "b.csv", signals, late) == whole
    assert text_of(tmp_path / "c.csv", signals, [([chunk], [values[at : at + 1]]) for at, chunk in enumerate(logic)]) == whole
    assert whole.splitlines()[1:] == [f"0.{at}0,{at % 2},{at}.0".replace("0.", "0.0", 1) for at in range(5)] + ["# end 0.050"]


@given(chunks=logic_chunks(), size=st.integers(1, 5), step=st.integers(1, 40))
@settings(deadline=None, max_examples=60)
def test_the_table_says_at_every_tick_what_the_lines_and_the_trace_were(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[LogicChunk], size: int, step: int
) -> None:
    names = tuple(f"D{bit}" for bit in range(8))
    words = [None if word is None else word & 0xFF for word in expanded(chunks)]
    values = np.arange(len(words) // step, dtype=np.float32)
    pieces: list[Piece] = [(logic, [np.empty(0, np.float32)]) for logic, _ in pieces_of(chunks, size)]
    signals = Signals(names, 1_000_000, (AnalogTrace("v", "V", step),))
    text = text_of(tmp_path_factory.mktemp("csv") / "a.csv", signals, [*pieces, ((), [values])])
    lost = {(chunk.start, chunk.end) for chunk in chunks if isinstance(chunk, Lost) and chunk.end > chunk.start}
    lines = text.splitlines()
    gaps = [line.split(" ", 4) for line in lines if line.startswith("# gap")]
    assert {(int(Fraction(start) * 10**6), int(Fraction(end) * 10**6)) for _, _, start, end, *_ in gaps} == lost
    assert lines[-1] == f"# end {len(words) // 10**6}.{len(words) % 10**6:06d}"
    said: list[int | None] = []
    sampled: dict[int, float] = {}
    known_at: list[int] = []
    before: int | None = None
    for time, *cells in list(csv.reader(io.StringIO("\n".join(line for line in lines if not line.startswith("#")))))[1:]:
        tick = int(Fraction(time) * 10**6)
        assert len(said) <= tick
        known = [cell for cell in cells[:8] if cell]
        assert len(known) in (0, 8)
        known_at += [tick] if known else []
        state = sum(int(cell) << bit for bit, cell in enumerate(known)) if known else None
        said += [before] * (tick - len(said))
        assert state != before or cells[8] or not said
        before = state
        if cells[8]:
            sampled[tick] = float(cells[8])
    said += [before] * (len(words) - len(said))
    for start, end in lost:
        assert not any(start <= tick < end for tick in known_at)
        said[start:end] = [None] * (end - start)
    assert said == words
    assert sampled == {at * step: float(value) for at, value in enumerate(values)}


@given(rate=st.integers(1, 9_000_000_000), ticks=st.lists(st.integers(0, 1 << 50), min_size=2, max_size=9, unique=True))
def test_times_are_exact_or_finer_than_a_tick(rate: int, ticks: list[int]) -> None:
    clock = Clock(rate)
    texts = [clock.text(tick) for tick in sorted(ticks)]
    assert len(set(texts)) == len(texts)
    for tick, text in zip(sorted(ticks), texts, strict=True):
        fault = Fraction(tick, rate) - Fraction(text)
        assert 0 <= fault < Fraction(1, 9 * rate)
        if 10**18 % rate == 0:
            assert fault == 0


@pytest.mark.parametrize(("rate", "decimals"), [(1, 0), (1000, 3), (1_000_000, 6), (8_000_000, 9), (24_000_000, 9)])
def test_a_rate_has_as_many_decimals_as_it_needs(rate: int, decimals: int) -> None:
    assert Clock(rate).decimals == decimals


def test_names_are_quoted_where_they_must_be(tmp_path: Path) -> None:
    text = text_of(tmp_path / "a.csv", Signals(('a "b", c', "d"), 1000), [])
    assert next(csv.reader(io.StringIO(text))) == ["Time [s]", 'a "b", c', "d"]


def test_without_a_rate_there_are_no_times(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="without the sample rate"):
        write_csv(tmp_path / "a.csv", Signals(("a",), None), [])
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def pieces() -> list[Piece]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_csv(tmp_path / "a.csv", Signals(("a",), 1000), (piece for _ in range(2) for piece in pieces()))
    assert list(tmp_path.iterdir()) == []
