"""A page of bytes: where each stands and which bits are chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.text.hexdump import BYTES_A_LINE, HexPage, bit_text, covering_bytes, letters


@pytest.mark.parametrize(("size", "lines"), [(0, 0), (1, 1), (16, 1), (17, 2), (256, 16)])
def test_a_page_has_a_line_for_each_sixteen_bytes(size: int, lines: int) -> None:
    assert HexPage(size).lines == lines


@given(size=st.one_of(st.integers(1, 300), st.sampled_from([0x10000, 0x10001, 0x1000001])), at=st.integers(0, 1 << 24))
def test_both_digits_and_the_letter_of_a_byte_lead_back_to_it(size: int, at: int) -> None:
    page, byte = HexPage(size), at % size
    line, place = divmod(byte, BYTES_A_LINE)
    for column in (page.hex_column(place), page.hex_column(place) + 1, page.text_column(place)):
        assert page.byte_at(line, column) == byte
        assert column < page.columns


@pytest.mark.parametrize("size", [16, 0x10000, 0x10001, 0x1000001])
def test_no_two_things_of_a_line_stand_in_the_same_column(size: int) -> None:
    page = HexPage(size)
    digits = [page.hex_column(at) + half for at in range(BYTES_A_LINE) for half in (0, 1)]
    offset = list(range(max(4, len(f"{size - 1:x}"))))
    text = [page.text_column(at) for at in range(BYTES_A_LINE)]
    columns = [*offset, *digits, *text]
    assert columns == sorted(set(columns))


def test_beside_and_below_the_bytes_there_is_none() -> None:
    page = HexPage(20)
    assert page.byte_at(0, 0) is None
    assert page.byte_at(0, page.columns) is None
    assert page.byte_at(1, page.hex_column(3)) == 19
    assert page.byte_at(1, page.hex_column(4)) is None
    assert page.byte_at(-1, page.hex_column(0)) is None
    assert HexPage(0).byte_at(0, HexPage(0).hex_column(0)) is None


def test_only_printable_ascii_is_shown_as_itself() -> None:
    assert letters(b"\x00\x1f A~\x7f\x80\xff") == ".. A~..."


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(0, 8, (0, 1)), (7, 9, (0, 2)), (8, 8, (1, 1)), (12, 16, (1, 2)), (3, 4, (0, 1))]
)
def test_the_bytes_that_bits_touch(start: int, end: int, expected: tuple[int, int]) -> None:
    assert covering_bytes(start, end) == expected


def test_chosen_bits_stand_among_points() -> None:
    data = b"\x08\xff\x81"
    assert bit_text(data, 4, 5) == ".... 1..."
    assert bit_text(data, 0, 4) == "0000 ...."
    assert bit_text(data, 6, 10) == ".... ..00 11.. ...."
    assert bit_text(data, 0, 8) == ""
    assert bit_text(data, 8, 24) == ""
    assert bit_text(bytes(9), 1, 72) == ""
    assert bit_text(bytes(9), 1, 64) == "." + "0" * 3 + " 0000" * 15


def test_a_narrow_page_has_eight_bytes_a_line() -> None:
    wide = HexPage(40)
    assert HexPage.fitting(40, wide.columns) == wide
    narrow = HexPage.fitting(40, wide.columns - 1)
    assert (narrow.per_line, narrow.lines) == (8, 5)
    assert narrow.columns < wide.columns
    assert narrow.byte_at(4, narrow.hex_column(7)) == 39
    assert narrow.byte_at(4, narrow.text_column(0)) == 32
