"""Bytes as a page of hexadecimal and text: where each byte stands, and what is copied. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_A_LINE = 16
OFFSET_COLUMNS = 6
"""Four digits and a gap; larger offsets take more and push the rest."""
HALF_GAP = 1
TEXT_GAP = 2


@dataclass(frozen=True, slots=True)
class HexPage:
    """Columns and lines of a dump, in characters of a monospaced face."""

    size: int
    per_line: int = BYTES_A_LINE

    @classmethod
    def fitting(cls, size: int, columns: int) -> HexPage:
        """Sixteen bytes a line, or eight where sixteen take more than so many columns."""
        wide = cls(size)
        return wide if wide.columns <= columns else cls(size, BYTES_A_LINE // 2)

    @property
    def lines(self) -> int:
        return -(-self.size // self.per_line)

    @property
    def columns(self) -> int:
        """Characters of a full line."""
        return self.text_column(self.per_line)

    def hex_column(self, at: int) -> int:
        """The first of the two digits of the byte that is `at` in its line."""
        return self._start + at * 3 + (HALF_GAP if at >= self.per_line // 2 else 0)

    def text_column(self, at: int) -> int:
        """The letter of the byte that is `at` in its line."""
        return self._start + self.per_line * 3 + HALF_GAP + TEXT_GAP - 1 + at

    def byte_at(self, line: int, column: int) -> int | None:
        """The byte that a place belongs to, in hexadecimal or as text."""
        for at in range(self.per_line):
            here = self.hex_column(at)
            if here <= column < here + 3 or column == self.text_column(at):
                byte = line * self.per_line + at
                return byte if 0 <= byte < self.size else None
        return None

    @property
    def _start(self) -> int:
        return max(OFFSET_COLUMNS, len(f"{max(0, self.size - 1):x}") + 2)


def letters_of_offset(offset: int) -> str:
    """A place among bytes, in at least four hexadecimal digits."""
    return f"{offset:04x}"


def letters(data: bytes) -> str:
    """One printable ASCII character for each byte."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)


def covering_bytes(start_bit: int, end_bit: int) -> tuple[int, int]:
    """The bytes [first, last) that a range of bits touches."""
    return start_bit // 8, -(-end_bit // 8)


def bit_text(data: bytes, start_bit: int, end_bit: int) -> str:
    """The chosen bits of up to eight bytes, such as `.... 1...`; empty for whole bytes."""
    first, last = covering_bytes(start_bit, end_bit)
    if (not start_bit % 8 and not end_bit % 8) or last - first > 8:
        return ""
    bits = "".join(
        f"{data[at // 8] >> (7 - at % 8) & 1}" if start_bit <= at < end_bit else "." for at in range(first * 8, last * 8)
    )
    return " ".join(bits[at : at + 4] for at in range(0, len(bits), 4))
