"""Numbers, times, tables and trees as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.text.table import Column, Table
from app.analysis.text.tree import hex_lines
from app.analysis.text.words import (
    clean,
    count_text,
    cropped,
    duration_text,
    grouped,
    listed_text,
    plain,
    port_text,
    rate_text,
    time_text,
)


@pytest.mark.parametrize(("ns", "text"), [
    (0, "0.000 000 000"),
    (3_052_750, "0.003 052 750"),
    (12_034_512_000, "12.034 512 000"),
    (86_400_000_000_001, "86 400.000 000 001"),
    (-1, "−0.000 000 001"),
])  # fmt: skip
def test_times_keep_every_nanosecond(ns: int, text: str) -> None:
    assert time_text(ns) == text


@given(st.integers(-(10**18), 10**18))
def test_a_time_can_be_read_back(ns: int) -> None:
    assert int(time_text(ns).replace(" ", "").replace(".", "").replace("−", "-")) == ns


@pytest.mark.parametrize(("ns", "text"), [
    (0, "0 ns"), (999, "999 ns"), (1000, "1.00 µs"), (1049, "1.05 µs"), (9_994, "9.99 µs"), (9_996, "10.0 µs"), (96_250, "96.2 µs"),
    (99_960, "100 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"), (1_200_000, "1.20 ms"), (999_600_000, "1.00 s"),
    (1_500_000_000, "1.50 s"), (3_600_000_000_000, "3 600 s"), (-1_200_000, "-1.20 ms"),
])  # fmt: skip
def test_durations_have_three_digits_and_the_unit_that_suits_them(ns: int, text: str) -> None:
    assert duration_text(ns) == text


@given(st.integers(0, 10**12))
def test_a_duration_is_never_wider_than_its_column(ns: int) -> None:
    assert len(duration_text(ns)) <= 7


@pytest.mark.parametrize(("rate", "text"), [
    (1, "1 S/s"), (48_000, "48 kS/s"), (300_000, "300 kS/s"), (4_000_000, "4 MS/s"), (1_500_000, "1.5 MS/s"), (1_000_000_001, "1.000000001 GS/s"),
])  # fmt: skip
def test_rates_are_written_without_loss(rate: int, text: str) -> None:
    assert rate_text(rate) == text


def test_words_follow_their_numbers() -> None:
    assert [count_text(number, "frame") for number in (0, 1, 8410)] == ["0 frames", "1 frame", "8 410 frames"]
    assert [listed_text(words) for words in ([], ["1"], ["1", "2"], ["1", "2", "5"])] == ["", "1", "1 and 2", "1, 2 and 5"]
    assert (grouped(1_317_992), port_text(15, "h2p"), port_text(1, "p2h")) == ("1 317 992", "15 ▸", "1 ◂")


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    assert all(character.isprintable() or character.isspace() or ord(character) > 0xFF for character in clean(text))
    assert not set(clean(text)) & {"\x1b", "\n", "\r", "\x9b", "\x07", "\u202e"}


def test_clean_text_stays_as_it_is() -> None:
    assert clean("volume index = 12481.377 m³ · ▸") == "volume index = 12481.377 m³ · ▸"
    assert clean("a\x1b[2Jb\n") == "a\\x1b[2Jb\\x0a"


@given(st.text(max_size=30), st.integers(1, 30))
def test_cropped_text_fits_and_says_that_it_is_cropped(text: str, width: int) -> None:
    shown = cropped(text, width)
    assert len(shown) <= width
    assert shown == text or shown.endswith("…")


def test_columns_are_aligned_and_the_last_is_cropped_on_a_terminal_only() -> None:
    columns = [Column("No.", 4, right=True), Column("Name", 6), Column("Info")]
    free, tight = Table(columns, None, plain), Table(columns, 30, plain)
    assert free.heading() == " No.  Name    Info"
    assert free.row(("12", "abc", "x" * 40)) == "  12  abc     " + "x" * 40
    assert tight.row(("12", "abc", "x" * 40)) == "  12  abc     " + "x" * 15 + "…"
    assert free.row(("12", "a longer name", "")) == "  12  a longer name"


def test_colour_does_not_count_for_the_width() -> None:
    table = Table([Column("A", 5), Column("B")], None, lambda text, meaning: f"<{meaning}>{text}</>")
    assert table.row(("x", "y"), {0: "error"}) == "<error>x    </>  y"


@given(st.binary(max_size=100))
def test_a_dump_shows_every_byte_once(data: bytes) -> None:
    lines = list(hex_lines(data, 2, plain))
    assert [int(line[2:6], 16) for line in lines] == list(range(0, len(data), 16))
    assert bytes.fromhex("".join(line[8:56] for line in lines)) == data
    assert [len(line) for line in lines] == [58 + len(data[at : at + 16]) for at in range(0, len(data), 16)]
