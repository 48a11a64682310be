"""Elements of tag, length and value, read strictly."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.security.tlv import MOST_DEPTH, MOST_ELEMENTS, Element, read, tag_text, walk
from tests.helpers.certificates import tlv


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.at, fault.text) for element in walk(read(bytes.fromhex(text))) for fault in element.faults]


def assert_all_bytes_are_in(elements: tuple[Element, ...], start: int, end: int) -> None:
    """Elements follow each other without a gap from one byte to another, and so do those in them."""
    assert elements[0].start == start
    assert elements[-1].end == end
    for one, two in pairwise(elements):
        assert one.end == two.start
    for element in elements:
        assert element.start <= element.content <= element.end
        if element.children:
            assert_all_bytes_are_in(element.children, element.content, element.end)


def test_an_element_is_tag_length_and_value() -> None:
    (element,) = read(bytes.fromhex("5f2901aa"))
    assert element == Element(0x5F29, 0, 3, 4)


def test_constructed_elements_hold_elements() -> None:
    (outer,) = read(bytes.fromhex("7f21 09 7f4e03420141 530104".replace(" ", "")))
    assert [(tag_text(one.tag), one.start, one.content, one.end) for one in walk([outer])] == [
        ("7F21", 0, 3, 12), ("7F4E", 3, 6, 9), ("42", 6, 8, 9), ("53", 9, 11, 12),
    ]  # fmt: skip
    assert all(one.is_whole and not one.faults for one in walk([outer]))


def test_an_element_may_be_empty() -> None:
    assert read(b"\x42\x00") == (Element(0x42, 0, 2, 2),)
    assert read(b"\x65\x00") == (Element(0x65, 0, 2, 2),)
    assert read(b"") == ()


@pytest.mark.parametrize(("size", "length"), [(0x7F, "7f"), (0x80, "8180"), (0xFF, "81ff"), (0x100, "820100"), (0xFFFF, "82ffff")])
def test_lengths_have_one_to_three_bytes(size: int, length: str) -> None:
    (element,) = read(b"\x53" + bytes.fromhex(length) + bytes(size))
    assert (element.end - element.content, element.faults, element.is_whole) == (size, (), True)


@pytest.mark.parametrize(("text", "at", "complaint"), [
    ("53810100", 1, "the length 1 takes more bytes than it needs"),
    ("5382000100", 1, "the length 1 takes more bytes than it needs"),
    (f"538200ff{'00' * 255}", 1, "the length 255 takes more bytes than it needs"),
    (f"53817f{'00' * 127}", 1, "the length 127 takes more bytes than it needs"),
    ("7f1e00", 1, "the tag 7F1E takes more bytes than it needs"),
])  # fmt: skip
def test_needless_bytes_are_a_fault_that_does_not_keep_from_reading(text: str, at: int, complaint: str) -> None:
    assert faults(text) == [(at, complaint)]
    (element,) = read(bytes.fromhex(text))
    assert element.is_whole
    assert element.end == len(text) // 2


@pytest.mark.parametrize(("text", "at", "complaint"), [
    ("00", 0, "00 is no tag"),
    ("0000", 0, "00 is no tag"),
    ("7f", 1, "the data end inside a tag"),
    ("7f812100", 1, "the tag has more than two bytes"),
    ("42", 1, "the data end inside a length"),
    ("5f2982", 3, "the data end inside a length"),
    ("5f298201", 4, "the data end inside a length"),
    ("7f21804201410000", 2, "the length is indefinite"),
    ("53830000010a", 1, "the length has 3 bytes, more than the two that 65 535 needs"),
    ("53ff", 1, "the length has 127 bytes, more than the two that 65 535 needs"),
])  # fmt: skip
def test_where_no_element_can_be_read_the_rest_stays_bytes(text: str, at: int, complaint: str) -> None:
    assert faults(text) == [(at, complaint)]
    assert [(one.tag, one.start, one.end, one.is_whole) for one in read(bytes.fromhex(text))] == [(None, 0, len(text) // 2, False)]


@pytest.mark.parametrize(("text", "at", "complaint"), [
    ("42034142", 4, "the data end 1 byte before 42 does"),
    ("7f2106420441", 6, "the data end 3 bytes before 42 does"),
    ("7f210642014142", 7, "the data end inside a length"),
    ("7f2106420141", 6, "the data end 3 bytes before 7F21 does"),
    ("7f210a7f4e05420141", 9, "the data end 2 bytes before 7F4E does"),
    ("5382ffff", 4, "the data end 65535 bytes before 53 does"),
])  # fmt: skip
def test_data_that_end_too_early_are_told_once_where_they_end(text: str, at: int, complaint: str) -> None:
    assert faults(text) == [(at, complaint)]
    assert not read(bytes.fromhex(text))[0].is_whole


@pytest.mark.parametrize(("text", "at", "complaint"), [
    ("7f2103420241", 4, "42 reaches 1 byte beyond the end of 7F21"),
    ("7f2106420141530201", 7, "53 reaches 1 byte beyond the end of 7F21"),
    ("7f21077f4e0942014100", 5, "7F4E reaches 5 bytes beyond the end of 7F21"),
    ("7f21057f4e0253ff", 7, "the length has 127 bytes, more than the two that 65 535 needs"),
    ("7f21047f4e015300", 7, "7F4E ends inside a length"),
    ("7f21017f00", 4, "7F21 ends inside a tag"),
])  # fmt: skip
def test_an_element_that_reaches_beyond_its_holder_is_cut_at_the_holders_end(text: str, at: int, complaint: str) -> None:
    assert (at, complaint) in faults(text)
    elements = read(bytes.fromhex(text))
    assert_all_bytes_are_in(elements, 0, len(text) // 2)


def test_one_overrun_is_one_fault_however_deep_it_goes() -> None:
    data = tlv(0x7F21, b"\x7f\x4e\x09" + tlv(0x7F4C, tlv(0x53, b"\x01" * 8))[:7])
    assert faults(data.hex()) == [
        (5, "7F4E reaches 2 bytes beyond the end of 7F21"), (8, "7F4C reaches 4 bytes beyond the end of 7F4E"),
    ]  # fmt: skip


def test_bytes_behind_the_end_are_told_at_the_first_of_them() -> None:
    assert faults("42014142") == [(3, "1 byte behind the end of 42")]
    assert faults("420141420142") == [(3, "3 bytes behind the end of 42")]


def test_elements_without_end_are_read_up_to_a_bound() -> None:
    data = tlv(0x65, b"\x42\x00" * 5000)
    elements = list(walk(read(data)))
    assert len(elements) == MOST_ELEMENTS + 1
    assert (elements[-1].tag, elements[-1].end) == (None, len(data))
    assert [fault.text for element in elements for fault in element.faults] == [f"there are more than {MOST_ELEMENTS} elements"]
    assert_all_bytes_are_in(read(data), 0, len(data))


def test_elements_in_elements_are_read_up_to_a_depth() -> None:
    data = b""
    for _ in range(5000):
        data = tlv(0x65, data)
    elements = read(data)
    chain = list(walk(elements))
    assert [one.tag for one in chain] == [0x65] * MOST_DEPTH + [None]
    assert chain[-1].faults[0].at == chain[-1].start
    assert_all_bytes_are_in(elements, 0, len(data))


any_tags = st.sampled_from([0x42, 0x53, 0x06, 0x5F29, 0x65, 0x73, 0x7F21, 0x7F4E])
nested = st.recursive(
    st.builds(tlv, st.sampled_from([0x42, 0x53, 0x5F29]), st.binary(max_size=300)),
    lambda inner: st.builds(lambda tag, parts: tlv(tag, *parts), st.sampled_from([0x65, 0x7F21]), st.lists(inner, max_size=4)),
    max_leaves=12,
)


def written(element: Element, data: bytes) -> bytes:
    assert element.tag is not None
    value = [written(child, data) for child in element.children] or [data[element.content : element.end]]
    return tlv(element.tag, *value)


def depth(element: Element) -> int:
    return 1 + max((depth(child) for child in element.children), default=0)


@given(nested)
def test_what_was_written_is_read_back(data: bytes) -> None:
    (element,) = read(data)
    faulty = [fault.text for one in walk([element]) for fault in one.faults]
    if depth(element) <= MOST_DEPTH:
        assert faulty == []
        assert written(element, data) == data


@given(st.one_of(st.binary(max_size=200), st.builds(lambda tag, rest: tag.to_bytes(2) + rest, any_tags, st.binary(max_size=60))))
def test_any_bytes_are_read_and_none_is_lost(data: bytes) -> None:
    elements = read(data)
    if data:
        assert_all_bytes_are_in(elements, 0, len(data))
    told = [fault for element in walk(elements) for fault in element.faults]
    assert all(0 <= fault.at <= len(data) and fault.text for fault in told)
    assert bool(told) or all(element.is_whole for element in walk(elements))


@given(nested, st.data())
def test_a_whole_element_cut_anywhere_has_one_fault_where_it_was_cut(data: bytes, draw: st.DataObject) -> None:
    size = draw.draw(st.integers(1, len(data) - 1))
    told = [fault for element in walk(read(data[:size])) for fault in element.faults]
    if all(depth(element) <= MOST_DEPTH for element in read(data)):
        assert [fault.at for fault in told] == [size]
