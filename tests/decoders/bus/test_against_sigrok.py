"""Real captures, decoded here and by sigrok-cli: both must find the same bytes at the same samples."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from capture.formats.sigrok import SigrokRecording, open_sr
from decoders.bus.spi import SpiDecoder
from decoders.bus.uart import CharBatch, CharFlag, CharTiming, UartDecoder
from decoders.bus.wiring import Parity, SpiPort, UartLine
from decoders.core.transfers import TransferFlag
from tests.decoders.bus.drawing import records

SIGROK_CLI = shutil.which("sigrok-cli")

Annotation = tuple[int, int, str]


@dataclass(frozen=True)
class SpiBus:
    """A bus of a capture by the names of its channels."""

    file: str
    clk: str
    mosi: str | None
    miso: str | None
    cs: str | None
    mode: int = 0
    lsb_first: bool = False
    cs_active_high: bool = False
    word_bits: int = 8

    def port(self, channels: tuple[str, ...]) -> SpiPort:
        mosi, miso, cs = (None if name is None else channels.index(name) for name in (self.mosi, self.miso, self.cs))
        return SpiPort(
            channels.index(self.clk), mosi, miso, cs,
            mode=self.mode, lsb_first=self.lsb_first, cs_active_high=self.cs_active_high, word_bits=self.word_bits, idle_ns=0,
        )  # fmt: skip

    def sigrok_options(self) -> str:
        pins = {"clk": self.clk, "mosi": self.mosi, "miso": self.miso, "cs": self.cs}
        options = {
            "cpol": self.mode >> 1,
            "cpha": self.mode & 1,
            "bitorder": "lsb-first" if self.lsb_first else "msb-first",
            "cs_polarity": "active-high" if self.cs_active_high else "active-low",
            "wordsize": self.word_bits,
        }
        return ":".join(f"{name}={value}" for name, value in (pins | options).items() if value is not None)


def _four_wires(file: str, mode: int, **special: bool) -> SpiBus:
    return SpiBus(file, "CLK", "MOSI", "MISO", "CS#", mode, **special)


SPI = [
    SpiBus("ade7758-phase-b-zx-irq-context.sr", "CLK", "MOSI", "MISO", None, 1),
    SpiBus("ade7758-phase-b-zx-irq-nocontext.sr", "CLK", "MOSI", "MISO", None, 1),
    SpiBus("adf4351_set-4000mhz.sr", "CLK", "MOSI", None, "CS#"),
    SpiBus("adf4351_set-4000mhz.sr", "CLK", "MOSI", None, "CS#", word_bits=32),
    SpiBus("adf4351_set-4000mhz.sr", "CLK", "MOSI", None, "CS#", lsb_first=True, word_bits=12),
    SpiBus("adxl345_axis.sr", "0", "1", "2", "3", 3),
    SpiBus("cc1101-burst-read.sr", "CLK", "MOSI", "MISO", "CS"),
    SpiBus("cc1101-read-write.sr", "CLK", "MOSI", "MISO", "CS"),
    SpiBus("cc1101-read-write.sr", "CLK", "MOSI", "MISO", "CS", word_bits=5),
    _four_wires("max7219.sr", 0),
    SpiBus("mrf24j40-wake-tx-ack.sr", "SCK", "SDI", "SDO", "nCS"),
    SpiBus("nrf24l01-communication.sr", "rpi_CLK", "rpi_MOSI", "rpi_MISO", "rpi_CSN"),
    SpiBus("nrf24l01-communication.sr", "uc_CLK", "uc_MOSI", "uc_MISO", "uc_CSN"),
    SpiBus("nrf24l01-test-incomplete-cmd.sr", "CLK", "MOSI", "MISO", "CS"),
    _four_wires("spi_0x35_cpol0_cpha0_trigger_cs_falling_ok.sr", 0),
    _four_wires("spi_0x35_cpol1_cpha1_trigger_cs_falling_ok.sr", 3),
    _four_wires("spi_0x5a6b7c8d9e_cpol0_cpha1_trigger_cs_falling_lsbfirst_ok.sr", 1, lsb_first=True),
    _four_wires("spi_0x5a6b_cpol0_cpha1_trigger_clk_falling_incomplete.sr", 1),
    _four_wires("spi_0x5a6b_cpol0_cpha1_trigger_cs_rising_csactivehigh_ok.sr", 1, cs_active_high=True),
    _four_wires("spi_0x5a_cpol1_cpha0_trigger_cs_falling_ok.sr", 2),
]


@dataclass(frozen=True)
class SerialLine:
    file: str
    rx: str
    baud: int
    data_bits: int = 8
    parity: Parity = "none"

    def line(self, channels: tuple[str, ...]) -> UartLine:
        return UartLine(channels.index(self.rx), baud=self.baud, data_bits=self.data_bits, parity=self.parity)

    def sigrok_options(self) -> str:
        parity = {"mark": "one", "space": "zero"}.get(self.parity, self.parity)
        return f"rx={self.rx}:baudrate={self.baud}:data_bits={self.data_bits}:parity={parity}"


UART = [
    SerialLine("ampel64_4800_8n1_frame_errors.sr", "RX", 4800),
    SerialLine("ampel64_4800_8n1_frame_errors.sr", "TX", 4800),
    SerialLine("es51978.sr", "RX", 2400, 7, "odd"),
    SerialLine("glitch_0x43.sr", "RX", 115200),
    SerialLine("glitch_0x43.sr", "TX", 115200),
    SerialLine("hello_world_7e1_115200.sr", "TX", 115200, 7, "even"),
    SerialLine("hello_world_7o1_115200.sr", "TX", 115200, 7, "odd"),
    # What is wrong on purpose must be told as wrong in the same places.
    SerialLine("hello_world_7o1_115200.sr", "TX", 115200, 7, "even"),
    SerialLine("hello_world_7o1_115200.sr", "TX", 115200, 8, "mark"),
    SerialLine("hello_world_7o1_115200.sr", "TX", 115200, 6, "space"),
    SerialLine("hello_world_8n1_1200.sr", "TX", 1200),
    SerialLine("hello_world_8n1_1200.sr", "TX", 1200, 9),
    SerialLine("hello_world_8n1_1200.sr", "TX", 1200, 5),
    SerialLine("hello_world_8n1_1200.sr", "TX", 2400),
]


def _sigrok(file: Path, decoder: str, annotation: str) -> list[Annotation]:
    """All annotations of one class: first and last sample and the text."""
    if SIGROK_CLI is None:
        pytest.skip("sigrok-cli is not installed: the comparison needs it (package sigrok-cli)")
    name = decoder.partition(":")[0]
    command = [SIGROK_CLI, "-i", str(file), "-P", decoder, "-A", f"{name}={annotation}", "--protocol-decoder-samplenum"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = []
    for line in lines:
        span, _, text = line.partition(" ")
        start, _, end = span.partition("-")
        found.append((int(start), int(end), text.partition(":")[2].strip()))
    return found


@pytest.mark.parametrize(("folder", "settings"), [("spi", {bus.file for bus in SPI}), ("uart", {line.file for line in UART})])
def test_every_capture_has_a_setting(samples: Path, folder: str, settings: set[str]) -> None:
    assert {path.name for path in (samples / folder).iterdir()} == settings


@pytest.mark.parametrize("bus", SPI, ids=str)
def test_spi_words_and_transfers_are_those_of_sigrok(samples: Path, bus: SpiBus) -> None:
    file = samples / "spi" / bus.file
    recording = open_sr(file)
    decoder = SpiDecoder([bus.port(recording.channels)], recording.rate_hz or 1)
    found = records([decoder.feed(chunk) for chunk in recording.chunks()] + [decoder.finish()])
    octets = -(-bus.word_bits // 8)
    for line, direction in (("mosi", "h2p"), ("miso", "p2h")):
        if getattr(bus, line) is None:
            continue
        words = []
        for one in found:
            for i in range(0, len(one[direction]), octets):
                own = one[direction][i : i + octets]
                value = int.from_bytes(bytes(octet for octet, _, _ in own))
                words.append((min(first for _, first, _ in own), f"{value:02X}"))
        annotations = _sigrok(file, f"spi:{bus.sigrok_options()}", f"{line}-data")
        assert words == [(start, text) for start, _, text in annotations]
        assert words
        if bus.cs is not None and bus.word_bits == 8:
            ended = [one for one in found if not one["flags"] & TransferFlag.ENDED_AFTER]
            transfers = [(one["start"], one["end"], " ".join(f"{octet:02X}" for octet, _, _ in one[direction])) for one in ended]
            assert transfers == _sigrok(file, f"spi:{bus.sigrok_options()}", f"{line}-transfer")


def _characters(recording: SigrokRecording, line: UartLine) -> CharBatch:
    decoder = UartDecoder(line.rx, line, recording.rate_hz or 1)
    found = CharBatch.joined([decoder.feed(chunk) for chunk in recording.chunks()] + [decoder.finish()])
    return found.part(found.flags & CharFlag.CUT == 0)  # sigrok says nothing of a character that the recording cuts


@pytest.mark.parametrize("serial", UART, ids=str)
def test_uart_characters_and_their_errors_are_those_of_sigrok(samples: Path, serial: SerialLine) -> None:
    file = samples / "uart" / serial.file
    recording = open_sr(file)
    line = serial.line(recording.channels)
    chars = _characters(recording, line)
    assert recording.rate_hz is not None
    timing = CharTiming(line, serial.baud, recording.rate_hz)
    # sigrok draws each bit around its sample, from half a bit before.
    half = recording.rate_hz // (2 * serial.baud)
    options = f"uart:{serial.sigrok_options()}"

    values = list(zip((chars.first - half).tolist(), chars.value.tolist(), strict=True))
    assert values == [(start, int(text, 16)) for start, _, text in _sigrok(file, options, "rx-data")]

    odd = (chars.flags & CharFlag.PARITY) != 0
    at_parity = (chars.start[odd] + timing.points[-2] - half).tolist()
    assert at_parity == [start for start, _, _ in _sigrok(file, options, "rx-parity-err")]

    bad = (chars.flags & CharFlag.FRAMING) != 0
    at_stop = (chars.start[bad] + timing.points[-1] - half).tolist()
    warnings = [start for start, _, _ in _sigrok(file, options, "rx-warnings")]
    assert set(at_stop) <= set(warnings)
    # It also warns of start bits that are none; those lie outside all characters.
    stops = chars.start + timing.points[-1]
    for false_start in set(warnings) - set(at_stop):
        assert not ((chars.start <= false_start) & (false_start + half <= stops)).any()

    low = (chars.flags & CharFlag.BREAK) != 0
    assert chars.start[low].tolist() == [start for start, _, _ in _sigrok(file, options, "rx-break")]


@pytest.mark.parametrize("serial", [line for line in UART if str(line.baud) in line.file or line.file == "es51978.sr"], ids=str)
def test_the_speed_need_not_be_told(samples: Path, serial: SerialLine) -> None:
    recording = open_sr(samples / "uart" / serial.file)
    line = serial.line(recording.channels)
    told, found = _characters(recording, line), _characters(recording, replace(line, baud=None))
    assert np.array_equal(told.start, found.start)
    assert np.array_equal(told.value, found.value)
