"""Reading and writing numbers of any width at any bit, most significant bit first."""

from __future__ import annotations


class ShortDataError(Exception):
    """The data ends before the field does."""


class BitReader:
    """A cursor of bits over bytes; `at` and `end` count from the first bit of the data."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at
        self.end = len(data) * 8

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, bits: int) -> int:
        """The next `bits` bits as an unsigned number."""
        start, stop = self.at, self.at + bits
        if stop > self.end:
            raise ShortDataError
        self.at = stop
        last = (stop + 7) >> 3
        return (int.from_bytes(self.data[start >> 3 : last], "big") >> (last * 8 - stop)) & ((1 << bits) - 1)

    def take_bytes(self, count: int) -> bytes:
        """The next `count` bytes, which need not start at a byte's first bit."""
        if not self.at & 7 and self.at + count * 8 <= self.end:
            start = self.at >> 3
            self.at += count * 8
            return self.data[start : start + count]
        return self.take(count * 8).to_bytes(count, "big")


class BitWriter:
    """Bytes that grow by numbers of any width; a field may also be put at a place of its own."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.at = 0

    def put(self, raw: int, bits: int) -> None:
        """Put an unsigned number of `bits` bits at the cursor; bits between the old end and the cursor are 0."""
        stop = self.at + bits
        last = (stop + 7) >> 3
        if last > len(self.data):
            self.data.extend(bytes(last - len(self.data)))
        first = self.at >> 3
        shift = last * 8 - stop
        old = int.from_bytes(self.data[first:last], "big")
        cleared = old & ~(((1 << bits) - 1) << shift)
        self.data[first:last] = (cleared | raw << shift).to_bytes(last - first, "big")
        self.at = stop

    def put_bytes(self, data: bytes) -> None:
        """Put bytes at the cursor, which need not be at a byte's first bit."""
        if self.at & 7 or self.at >> 3 != len(self.data):
            self.put(int.from_bytes(data, "big"), len(data) * 8)
        else:
            self.data.extend(data)
            self.at += len(data) * 8
