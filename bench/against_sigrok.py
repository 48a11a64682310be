"""Files decoded here and by sigrok-cli, end to end."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import serial_traffic, spi_traffic, waveform
from bench.count_bytes import Tally
from bench.process import Run, measured, own
from bench.progress import say
from bench.report import Row, scaled
from bench.sizes import Sizes
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import Runs

DENSE, SPARSE = 0.95, 0.01


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus and how each program is asked for its bytes; sigrok-cli prints the words of its lines in turn, the last line first."""

    name: str
    channels: tuple[str, ...]
    rate_hz: int
    lines: int
    decoder: str
    annotation: str


SPI_DECODER = "spi:clk=sck:mosi=mosi:miso=miso:cs=cs"
SPI = Bus("spi", waveform.CHANNELS, waveform.RATE_HZ, 2, SPI_DECODER, "spi=mosi-data:miso-data")
UART = Bus("uart", serial_traffic.CHANNELS, serial_traffic.RATE_HZ, 1, f"uart:rx=rx:baudrate={serial_traffic.BAUD}", "uart=rx-data")


class Piece(NamedTuple):
    """A piece of traffic: the bytes of each line, the transfers that they are in, and what an analyser would record."""

    lines: tuple[bytes, ...]
    transfers: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file of traffic, its samples, the transfers in it, and the tally of the bytes that were drawn into it."""

    path: Path
    samples: int
    transfers: int
    tally: str


class DifferentBytesError(Exception):
    """A program did not find the bytes that are in the file: its speed means nothing."""


def spi_pieces(samples: int, busy: float) -> Iterator[Piece]:
    """Random SPI traffic as bytes and samples."""
    for traffic, runs in spi_traffic.bursts(samples, busy, seed=1):
        yield Piece((traffic.mosi.tobytes(), traffic.miso.tobytes()), len(traffic.pause), runs)


def uart_pieces(samples: int) -> Iterator[Piece]:
    """Random serial traffic as bytes and samples."""
    for data, runs in serial_traffic.characters(samples, seed=1):
        yield Piece((data.tobytes(),), 0, runs)


def record(path: Path, bus: Bus, pieces: Iterable[Piece]) -> Recorded:
    """Write traffic into a sigrok file."""
    tally = Tally(bus.lines)
    samples = transfers = 0

    def chunks() -> Iterator[Runs]:
        nonlocal samples, transfers
        for piece in pieces:
            tally.add(*piece.lines)
            transfers += piece.transfers
            samples = piece.runs.end
            yield piece.runs

    write_sr(path, bus.channels, bus.rate_hz, chunks())
    return Recorded(path, samples, transfers, str(tally))


def own_run(bus: Bus, recorded: Recorded) -> Run:
    """Decode a file in a fresh process; DifferentBytesError where it finds other bytes than were drawn."""
    output = recorded.path.with_suffix(".own")
    run = measured(own("bench.count_bytes", bus.name, str(recorded.path)), output)
    found = output.read_text().strip()
    if found != recorded.tally:
        raise DifferentBytesError(f"{recorded.path.name} holds {recorded.tally}, UMIscope found {found}")
    return run


def sigrok_run(program: str, bus: Bus, recorded: Recorded) -> Run:
    """Decode a file by sigrok-cli; DifferentBytesError where it finds other bytes than were drawn."""
    output = recorded.path.with_suffix(".sigrok")
    run = measured([program, "-i", str(recorded.path), "-P", bus.decoder, "-A", bus.annotation], output)
    words = bytes(int(line.rpartition(" ")[2], 16) for line in output.read_text().splitlines())
    tally = Tally(bus.lines)
    tally.add(*(words[place :: bus.lines] for place in reversed(range(bus.lines))))
    if str(tally) != recorded.tally:
        raise DifferentBytesError(f"{recorded.path.name} holds {recorded.tally}, sigrok-cli found {tally}")
    return run


def compare(bus: Bus, large: Recorded, small: Recorded, target: int, sizes: Sizes, subject: str) -> Row:
    """Samples a second of both programs, each on a file of its size, in turn."""
    program = shutil.which("sigrok-cli")
    own_run(bus, small)
    own_seconds, sigrok_seconds = [], []
    for turn in range(max(sizes.repeats, sizes.sigrok_repeats)):
        say(f"{subject}, {turn + 1} of {sizes.repeats}")
        if turn < sizes.repeats:
            own_seconds.append(own_run(bus, large).seconds)
        if turn < sizes.sigrok_repeats and program:
            sigrok_seconds.append(sigrok_run(program, bus, small).seconds)
    speed = large.samples / median(own_seconds)
    wanted = f"≥ {target} × sigrok-cli"
    if not sigrok_seconds:
        return Row(subject, f"{scaled(speed, 'S/s')}; sigrok-cli is not installed", wanted)
    sigrok_speed = small.samples / median(sigrok_seconds)
    ratio = speed / sigrok_speed
    how = (
        f"fresh process with its start-up: opens the .sr, decodes, counts bytes ({scaled(large.samples, ' samples')}, median of "
        f"{sizes.repeats}); `sigrok-cli -P {bus.decoder} -A {bus.annotation}` ({scaled(small.samples, ' samples')}, median of "
        f"{sizes.sigrok_repeats}); both found the bytes that were sent"
    )
    return Row(subject, f"{ratio:.0f} × ({scaled(speed, 'S/s')} to {scaled(sigrok_speed, 'S/s')})", wanted, ratio >= target, how)


def dense_spi(folder: Path, sizes: Sizes) -> tuple[Row, Recorded]:
    """The row for a busy bus, and its large file."""
    say("drawing dense SPI traffic")
    large = record(folder / "dense.sr", SPI, spi_pieces(sizes.dense, DENSE))
    small = record(folder / "dense-small.sr", SPI, spi_pieces(sizes.sigrok_dense, DENSE))
    return compare(SPI, large, small, 250, sizes, ".sr → SPI bytes, dense traffic (8 samples a bit, 95 % busy)"), large


def sparse_spi(folder: Path, sizes: Sizes) -> Row:
    """The row for a bus that is quiet most of the time."""
    say("drawing sparse SPI traffic")
    large = record(folder / "sparse.sr", SPI, spi_pieces(sizes.sparse, SPARSE))
    small = record(folder / "sparse-small.sr", SPI, spi_pieces(sizes.sigrok_sparse, SPARSE))
    return compare(SPI, large, small, 25, sizes, ".sr → SPI bytes, sparse traffic (1 % busy)")


def uart(folder: Path, sizes: Sizes) -> Row:
    """The row for a serial line."""
    say("drawing serial traffic")
    large = record(folder / "serial.sr", UART, uart_pieces(sizes.serial))
    small = record(folder / "serial-small.sr", UART, uart_pieces(sizes.sigrok_serial))
    return compare(UART, large, small, 40, sizes, ".sr → UART characters, 9600 Bd at 1 MS/s")
