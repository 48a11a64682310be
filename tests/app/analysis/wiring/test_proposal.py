from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.analysis.wiring.excerpt import Excerpt
from app.analysis.wiring.proposal import Proposal, propose, together
from app.analysis.wiring.score import Score, Scorer, link_scorer
from app.analysis.wiring.wiring import wiring_from_names, wiring_from_options, wiring_to_text
from capture.formats.sigrok import open_sr
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.chunk import LogicChunk, Runs, Samples
from decoders.profile.wire_profile import load_profile

ROOT = Path(__file__).resolve().parents[4]


class Recorded:
    """A recording in memory, its channels named D0, D1 … unless other names are given."""

    def __init__(self, words: NDArray[np.uint16], channels: Sequence[str] | int, rate_hz: int | None = 4_000_000) -> None:
        self.name = "recorded"
        self.channels = tuple(f"D{number}" for number in range(channels)) if isinstance(channels, int) else tuple(channels)
        self.analog_channels: tuple[str, ...] = ()
        self.analog_steps: tuple[int, ...] = ()
        self.rate_hz = rate_hz
        self.length: int | None = len(words)
        self.notes: tuple[str, ...] = ()
        self._words = words

    def chunks(self) -> Generator[LogicChunk, None, None]:
        for start in range(0, len(self._words), 1 << 16):
            yield Samples(start, self._words[start : start + (1 << 16)])

    def window(self, start: int, end: int) -> list[LogicChunk]:
        return [Samples(start, self._words[start:end])]

    def analog_chunks(self, channel: int) -> Generator[NDArray[np.float32], None, None]:  # noqa: ARG002 - there are none
        yield from ()

    def close(self) -> None: ...
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def words_of(path: Path) -> tuple[NDArray[np.uint16], tuple[str, ...], int | None]:
    with open_sr(path) as recording:
        words = [chunk.words.astype(np.uint16) for chunk in recording.chunks() if isinstance(chunk, Samples)]
        return np.concatenate(words), recording.channels, recording.rate_hz


def unnamed(path: Path) -> tuple[Recorded, tuple[str, ...]]:
    """A recording whose channels say nothing, and the names that they had."""
    words, channels, rate_hz = words_of(path)
    return Recorded(words, len(channels), rate_hz), channels


@pytest.fixture(scope="session")
def scorer() -> Callable[[Excerpt, int], Scorer]:
    profile = load_profile((ROOT / "resources/profiles/reference-1.toml").read_text(encoding="utf-8"), "reference-1")
    return lambda excerpt, rate_hz: link_scorer(excerpt, rate_hz, profile)


def wires(port: SpiPort) -> tuple[int, int | None, int | None, int | None, int]:
    return port.sck, port.mosi, port.miso, port.cs, port.mode


# A UMI conversation.


@pytest.fixture(scope="session")
def conversation(vectors: Path) -> tuple[NDArray[np.uint16], tuple[str, ...]]:
    words, channels, _ = words_of(vectors / "conversation.sr")
    return words, channels


def test_a_conversation_on_unnamed_channels_is_wired_with_the_ports_that_its_frames_name(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]], scorer: Callable[[Excerpt, int], Scorer]
) -> None:
    words, channels = conversation
    (proposal,) = propose(Recorded(words, 7), scorer)
    assert proposal.wiring == wiring_from_names(channels)
    assert proposal.confidence > 0.95
    assert "The numbers of the ports are those that their frames name." in proposal.reasons
    assert any("frames with a right checksum" in reason for reason in proposal.reasons)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(8)))
def test_the_order_of_the_channels_does_not_matter(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]], scorer: Callable[[Excerpt, int], Scorer], order: list[int]
) -> None:
    words, channels = conversation
    moved = np.zeros_like(words)
    for old, new in enumerate(order):
        moved |= (words >> old & 1) << new
    (proposal,) = propose(Recorded(moved, 8), scorer)
    expected = {
        (order[p.sck], order[p.mosi or 0], order[p.miso or 0], order[p.cs or 0], 0): p.port for p in wiring_from_names(channels).spi
    }
    assert {wires(port): port.port for port in proposal.wiring.spi} == expected


def test_without_a_scorer_ports_are_numbered_in_order_and_the_data_lines_are_in_doubt(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]],
) -> None:
    (proposal,) = propose(Recorded(conversation[0], 7))
    assert [(*wires(port), port.port) for port in proposal.wiring.spi] == [(0, 1, 2, 2 + port, 0, port) for port in (1, 2, 3, 4)]
    assert any("change places" in reason for reason in proposal.reasons)
    assert 0.5 < proposal.confidence < 0.75


def test_named_channels_are_believed_and_confirmed(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]], scorer: Callable[[Excerpt, int], Scorer]
) -> None:
    words, channels = conversation
    (proposal,) = propose(Recorded(words, channels), scorer)
    assert proposal.wiring == wiring_from_names(channels)
    assert proposal.confidence > 0.95
    assert proposal.reasons[0] == "The names of the channels say what they are."


def test_a_rate_that_is_not_stated_does_not_matter(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]], scorer: Callable[[Excerpt, int], Scorer]
) -> None:
    words, channels = conversation
    (proposal,) = propose(Recorded(words, 7, None), scorer)
    assert proposal.wiring == wiring_from_names(channels)


def test_the_score_counts_the_known_frames(
    conversation: tuple[NDArray[np.uint16], tuple[str, ...]], vectors: Path, scorer: Callable[[Excerpt, int], Scorer]
) -> None:
    words, channels = conversation
    frames = [json.loads(line) for line in (vectors / "frames.jsonl").read_text().splitlines()]
    changes = np.flatnonzero(np.diff(words)) + 1
    ticks = np.concatenate(([0], changes)).astype(np.int64)
    score = scorer(Excerpt(Runs(0, len(words), ticks, words[ticks])), 4_000_000)(wiring_from_names(channels))
    good = [frame for frame in frames if frame["malformed"] is None]
    assert score.valid_frames == len(good)
    assert score.crc_failures == sum(frame["malformed"] == "bad_crc" for frame in frames)
    assert score.bytes_explained == sum(frame["length"] for frame in good)
    assert score.reversed_frames == 0
    assert score.ports == {3: 1, 4: 2, 5: 5, 6: 15}


# Real captures, whose names say what the edges must have told.

SPI_TRUTH = [
    ("ade7758-phase-b-zx-irq-context", "CLK", {"MISO", "MOSI"}, None, 1),
    ("ade7758-phase-b-zx-irq-nocontext", "CLK", {"MISO", "MOSI"}, None, 1),
    ("adf4351_set-4000mhz", "CLK", {"MOSI"}, "CS#", 0),
    ("cc1101-burst-read", "CLK", {"MISO", "MOSI"}, "CS", 0),
    ("cc1101-read-write", "CLK", {"MISO", "MOSI"}, "CS", 0),
    ("max7219", "CLK", {"MOSI"}, "CS#", 0),
    ("mrf24j40-wake-tx-ack", "SCK", {"SDI", "SDO"}, "nCS", 0),
    ("spi_0x35_cpol0_cpha0_trigger_cs_falling_ok", "CLK", {"MOSI"}, "CS#", 0),
    ("spi_0x35_cpol1_cpha1_trigger_cs_falling_ok", "CLK", {"MOSI"}, "CS#", 3),
    ("spi_0x5a6b7c8d9e_cpol0_cpha1_trigger_cs_falling_lsbfirst_ok", "CLK", {"MOSI"}, "CS#", 1),
    ("spi_0x5a6b_cpol0_cpha1_trigger_cs_rising_csactivehigh_ok", "CLK", {"MOSI"}, "CS#", 1),
    ("spi_0x5a_cpol1_cpha0_trigger_cs_falling_ok", "CLK", {"MOSI"}, "CS#", 2),
]


@pytest.mark.parametrize(("name", "clock", "data", "select", "mode"), SPI_TRUTH)
def test_the_lines_of_a_real_bus_are_found_by_their_edges(
    samples: Path, scorer: Callable[[Excerpt, int], Scorer], name: str, clock: str, data: set[str], select: str | None, mode: int
) -> None:
    recording, names = unnamed(samples / "spi" / f"{name}.sr")
    (proposal,) = propose(recording, scorer)
    (port,) = proposal.wiring.spi
    found = {names[line] for line in (port.mosi, port.miso) if line is not None}
    assert (names[port.sck], found, port.mode) == (clock, data, mode)
    assert (None if port.cs is None else names[port.cs]) == select
    assert port.cs_active_high == ("csactivehigh" in name)
    assert proposal.confidence < 0.5
    assert any("this may be another protocol" in reason for reason in proposal.reasons)


def test_two_buses_in_one_recording_are_two_proposals(samples: Path) -> None:
    recording, names = unnamed(samples / "spi/nrf24l01-communication.sr")
    proposals = propose(recording)
    found = {tuple(names[line] for line in wires(port)[:4] if line is not None) for each in proposals for port in each.wiring.spi}
    assert found == {tuple(f"{side}_{line}" for line in ("CLK", "MOSI", "MISO", "CSN")) for side in ("rpi", "uc")}
    wiring = together(proposals)
    assert wiring.streams == ("spi", "spi2")
    assert wiring_from_options(*wiring_to_text(wiring, recording.channels), recording.channels) == wiring


@pytest.mark.parametrize("name", [truth[0] for truth in SPI_TRUTH if truth[0].startswith("spi_")])
def test_a_named_bus_gets_its_mode_from_its_edges(samples: Path, name: str) -> None:
    words, channels, rate_hz = words_of(samples / "spi" / f"{name}.sr")
    (proposal,) = propose(Recorded(words, channels, rate_hz))
    (port,) = proposal.wiring.spi
    polarity, phase = int(name.split("cpol")[1][0]), int(name.split("cpha")[1][0])
    assert port.mode == 2 * polarity + phase
    assert port.cs_active_high == ("csactivehigh" in name)


@pytest.mark.parametrize(
    ("name", "baud", "data_bits", "parity"),
    [("hello_world_7e1_115200", 115200, 7, "even"), ("hello_world_7o1_115200", 115200, 7, "odd"),
     ("hello_world_8n1_1200", 1200, 8, "none"), ("es51978", 2400, 7, "odd")],
)  # fmt: skip
def test_the_speed_and_format_of_a_real_serial_line_are_found(
    samples: Path, name: str, baud: int, data_bits: int, parity: str
) -> None:
    recording, _ = unnamed(samples / "uart" / f"{name}.sr")
    (proposal,) = propose(recording)
    (line,) = proposal.wiring.uart
    assert (line.rx, line.baud, line.data_bits, line.parity, line.inverted) == (0, baud, data_bits, parity, False)
    assert proposal.confidence > 0.7
    assert str(baud) in proposal.reasons[0]


def test_a_serial_line_held_low_is_found_as_inverted(samples: Path) -> None:
    words, _, rate_hz = words_of(samples / "uart/hello_world_7e1_115200.sr")
    (proposal,) = propose(Recorded(words ^ np.uint16(1), 1, rate_hz))
    assert proposal.wiring.uart[0].inverted


# What says nothing, and what contradicts itself.


@pytest.mark.parametrize("name", ["power/100khz_clock_2logic_1analog", "uart/glitch_0x43", "spi/nrf24l01-test-incomplete-cmd"])
def test_where_too_little_is_seen_nothing_is_proposed(samples: Path, name: str) -> None:
    recording, _ = unnamed(samples / f"{name}.sr")
    assert propose(recording) == []


@given(st.binary(max_size=400), st.integers(1, 8))
def test_any_recording_gives_proposals_that_can_be_written_as_options(content: bytes, stretch: int) -> None:
    recording = Recorded(np.frombuffer(content, np.uint8).astype(np.uint16).repeat(stretch), 8)
    proposals = propose(recording, lambda _excerpt, _rate_hz: lambda _wiring: Score())
    wiring = together(proposals)
    assert wiring_from_options(*wiring_to_text(wiring, recording.channels), recording.channels) == wiring
    assert all(0 <= proposal.confidence <= 1 and proposal.reasons for proposal in proposals)


def test_ports_that_two_selects_claim_go_to_the_first(conversation: tuple[NDArray[np.uint16], tuple[str, ...]]) -> None:
    def claims_twice(wiring: Wiring) -> Score:  # noqa: ARG001 - it says the same of any
        return Score(valid_frames=9, bytes_total=9, bytes_explained=9, ports={3: 2, 4: 2, 5: 99})

    (proposal,) = propose(Recorded(conversation[0], 7), lambda _excerpt, _rate_hz: claims_twice)
    numbers = {port.cs: port.port for port in proposal.wiring.spi}
    assert numbers == {3: 2, 4: 1, 5: 3, 6: 4}


def test_reversed_frames_turn_the_data_lines_round(conversation: tuple[NDArray[np.uint16], tuple[str, ...]]) -> None:
    def knows_better(wiring: Wiring) -> Score:
        return Score(valid_frames=9, bytes_total=9, bytes_explained=9, reversed_frames=9 * (wiring.spi[0].mosi == 1))

    (proposal,) = propose(Recorded(conversation[0], 7), lambda _excerpt, _rate_hz: knows_better)
    assert {(port.mosi, port.miso) for port in proposal.wiring.spi} == {(2, 1)}


def test_nothing_together_is_the_empty_wiring() -> None:
    assert together(list[Proposal]()) == Wiring()
