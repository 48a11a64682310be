"""Counts the bytes that a recording's bus carried: `python -m bench.count_bytes spi|uart FILE`.

The least that a fresh process does to decode a file; prints the number of bytes of one line and the CRC-32 of each line.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from bench import serial_traffic, waveform
from capture.formats.sigrok import open_sr
from decoders.bus.spi import SpiDecoder
from decoders.bus.uart import UartDecoder


def spi_bytes(path: Path) -> Iterator[tuple[bytes | memoryview, bytes | memoryview]]:
    """The bytes of both lines, piece by piece."""
    decoder = SpiDecoder([waveform.PORT], waveform.RATE_HZ)
    for chunk in open_sr(path).chunks():
        batch = decoder.feed(chunk)
        yield batch.h2p.data.data, batch.p2h.data.data
    batch = decoder.finish()
    yield batch.h2p.data.data, batch.p2h.data.data


def uart_bytes(path: Path) -> Iterator[tuple[bytes | memoryview]]:
    """The characters of the line, piece by piece."""
    decoder = UartDecoder(serial_traffic.LINE.rx, serial_traffic.LINE, serial_traffic.RATE_HZ)
    for chunk in open_sr(path).chunks():
        yield (decoder.feed(chunk).value.astype("u1").tobytes(),)
    yield (decoder.finish().value.astype("u1").tobytes(),)


class Tally:
    """The number of bytes and the checksum of each of some lines."""

    def __init__(self, lines: int) -> None:
        self._count = 0
        self._sums = [0] * lines

    def add(self, *lines: bytes | memoryview) -> None:
        self._count += len(lines[0])
        self._sums = [zlib.crc32(data, before) for data, before in zip(lines, self._sums, strict=True)]

    def __str__(self) -> str:
        return " ".join([str(self._count), *(f"{sum_of:08x}" for sum_of in self._sums)])


def main() -> None:
    """Print the tally of one file."""
    bus, path = sys.argv[1], Path(sys.argv[2])
    tally = Tally(2 if bus == "spi" else 1)
    for lines in spi_bytes(path) if bus == "spi" else uart_bytes(path):
        tally.add(*lines)
    print(tally)


if __name__ == "__main__":
    main()
