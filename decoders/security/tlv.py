"""Strict reading of nested tag, length, value elements (ITU-T X.690 DER, as ISO/IEC 7816-4 uses it in certificates)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_DEPTH = 8
MOST_ELEMENTS = 256
_CONSTRUCTED, _LONG_TAG = 0x20, 0x1F
_ENDLESS = 1 << 62


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the encoding, and the byte where it goes wrong; the number of bytes where they end too early."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Element:
    """One element: it lies in bytes `start` to `end`, its value from `content` on.

    `tag` is the number that its bytes spell, such as 0x7F21, or None for bytes in which no element can be read. A constructed
    element's children follow each other without gaps and fill its value. Where `is_whole` is False, something of its value is
    missing, or bytes of it cannot be read. `faults` are its own, not those of its children.
    """

    tag: int | None
    start: int
    content: int
    end: int
    children: tuple[Element, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_whole: bool = True


def read(data: bytes) -> tuple[Element, ...]:
    """The one element that the bytes should be, and after it, where more bytes follow, those without a tag; never raises.

    No more than MOST_ELEMENTS elements in MOST_DEPTH levels are read; what lies beyond stays bytes without a tag.
    """
    if not data:
        return ()
    first = _Reader(data).element(0, _Holder("", len(data), _ENDLESS, 0))
    if first.end == len(data):
        return (first,)
    text = f"{amount(len(data) - first.end)} behind the end of {tag_text(first.tag)}"
    return first, Element(None, first.end, first.end, len(data), (), (Fault(first.end, text),), is_whole=False)


def tag_text(tag: int | None) -> str:
    """A tag as its hexadecimal digits: 5F29."""
    return "bytes without a tag" if tag is None else f"{tag:04X}" if tag > 0xFF else f"{tag:02X}"


def amount(size: int) -> str:
    """So many bytes in words."""
    return f"{size} byte" if size == 1 else f"{size} bytes"


def walk(elements: Iterable[Element]) -> Iterator[Element]:
    """These elements and all below them, in order of their first bytes."""
    for element in elements:
        yield element
        yield from walk(element.children)


@dataclass(frozen=True, slots=True)
class _Holder:
    """The value that elements are read in: it should go on to `end`, and its bytes are there up to `stop`."""

    name: str
    stop: int
    end: int
    depth: int


class _Broken(Exception):  # noqa: N818 - it never leaves this module
    """No element can be read from here on."""

    def __init__(self, at: int, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(at, text)


class _Reader:
    """Reads one piece of data; knows how much it may still read, and whether it has told that the data end too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_ELEMENTS
        self._told_end = False

    def element(self, at: int, holder: _Holder) -> Element:
        """The element that begins here, or all that is left of its holder where there is none."""
        try:
            tag, length_at, faults = self._tag(at, holder)
            length, content = self._length(length_at, holder, faults)
        except _Broken as broken:
            return Element(None, at, at, holder.stop, (), self._once(broken.fault, holder), is_whole=False)
        end = content + length
        if end > holder.end:
            faults.append(Fault(length_at, f"{tag_text(tag)} reaches {amount(end - holder.end)} beyond the end of {holder.name}"))
            self._told_end |= holder.end == len(self._data)
        stop = min(end, holder.stop)
        children = self._children(_Holder(tag_text(tag), stop, end, holder.depth + 1), content, self._data[at])
        if end > stop == len(self._data) and end <= holder.end and not self._told_end:
            self._told_end = True
            faults.append(Fault(stop, f"the data end {amount(end - stop)} before {tag_text(tag)} does"))
        is_whole = end == stop and all(child.tag is not None for child in children)
        return Element(tag, at, content, stop, children, tuple(faults), is_whole)

    def _children(self, holder: _Holder, at: int, first_byte: int) -> tuple[Element, ...]:
        if not first_byte & _CONSTRUCTED or at == holder.stop:
            return ()
        if holder.depth >= MOST_DEPTH:
            fault = Fault(at, f"elements lie in each other more than {MOST_DEPTH} deep")
            return (Element(None, at, at, holder.stop, (), (fault,), is_whole=False),)
        found = []
        while at < holder.stop:
            found.append(self.element(at, holder))
            at = found[-1].end
        return tuple(found)

    def _tag(self, at: int, holder: _Holder) -> tuple[int, int, list[Fault]]:
        """The tag, the byte behind it, and what is wrong with it that does not keep from reading on."""
        if self._left == 0:
            raise _Broken(at, f"there are more than {MOST_ELEMENTS} elements")
        self._left -= 1
        first = self._byte(at, holder, "a tag")
        if first == 0:
            raise _Broken(at, "00 is no tag")
        if first & _LONG_TAG != _LONG_TAG:
            return first, at + 1, []
        second = self._byte(at + 1, holder, "a tag")
        if second >= 0x80:
            raise _Broken(at + 1, "the tag has more than two bytes")
        needless = [Fault(at + 1, f"the tag {first:02X}{second:02X} takes more bytes than it needs")] if second < _LONG_TAG else []
        return first << 8 | second, at + 2, needless

    def _length(self, at: int, holder: _Holder, faults: list[Fault]) -> tuple[int, int]:
        """The length and the byte behind it; one that is longer than it needs to be is used and added to the faults."""
        first = self._byte(at, holder, "a length")
        if first < 0x80:
            return first, at + 1
        if first == 0x80:
            raise _Broken(at, "the length is indefinite")
        size = first & 0x7F
        if size > 2:
            raise _Broken(at, f"the length has {size} bytes, more than the two that 65 535 needs")
        length = 0
        for place in range(at + 1, at + 1 + size):
            length = length << 8 | self._byte(place, holder, "a length")
        if length < (0x80 if size == 1 else 0x100):
            faults.append(Fault(at, f"the length {length} takes more bytes than it needs"))
        return length, at + 1 + size

    def _byte(self, at: int, holder: _Holder, what: str) -> int:
        if at < holder.stop:
            return self._data[at]
        raise _Broken(at, f"{holder.name} ends inside {what}" if holder.stop == holder.end else f"the data end inside {what}")

    def _once(self, fault: Fault, holder: _Holder) -> tuple[Fault, ...]:
        """The fault, unless it only follows from another: a length that reaches too far, or an end that was told."""
        if fault.at < holder.stop or holder.stop == holder.end:
            return (fault,)
        if holder.stop < len(self._data) or self._told_end:
            return ()
        self._told_end = True
        return (fault,)
