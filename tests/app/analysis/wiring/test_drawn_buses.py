"""What is proposed for drawn buses: attn and ready, words that are no bytes, coarse clocks, filler, several ports on shared lines."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from app.analysis.material import read_profile
from app.analysis.wiring.excerpt import Excerpt
from app.analysis.wiring.proposal import propose
from app.analysis.wiring.score import Scorer, link_scorer
from app.analysis.wiring.wiring import wiring_from_options, wiring_to_text
from decoders.bus.wiring import SpiPort
from tests.app.analysis.wiring.bus_drawing import BusDrawing, conversation
from tests.app.analysis.wiring.test_proposal import Recorded

PROFILE = read_profile("reference-1")
FULL = ("miso", "attn1", "cs5", "sck", "ready5", "cs1", "mosi", "ready1", "attn5")
PLAIN = ("sck", "mosi", "miso", "cs1", "cs2", "cs15")


def scorer(excerpt: Excerpt, rate_hz: int) -> Scorer:
    return link_scorer(excerpt, rate_hz, PROFILE)


def ports_of(
    words: NDArray[np.uint16], lines: tuple[str, ...], by: Callable[[Excerpt, int], Scorer] | None = scorer
) -> dict[int, dict[str, str]]:
    """By its number the lines of each port of the only proposal, by role."""
    (proposal,) = propose(Recorded(words, len(lines)), by)
    roles = ("sck", "mosi", "miso", "cs", "attn", "ready")
    return {
        port.port: {role: lines[channel] for role in roles if (channel := getattr(port, role)) is not None}
        for port in proposal.wiring.spi
    }


def expected(*ports: int, handshake: bool = False) -> dict[int, dict[str, str]]:
    shared = {"sck": "sck", "mosi": "mosi", "miso": "miso"}
    own = ("cs", "attn", "ready") if handshake else ("cs",)
    return {port: shared | {role: f"{role}{port}" for role in own} for port in ports}


@pytest.mark.parametrize("filler", [0x00, 0xFF])
@pytest.mark.parametrize("half_bit", [1, 2, 5])
def test_ports_on_shared_lines_are_told_apart_by_their_cs(half_bit: int, filler: int) -> None:
    drawing = conversation(PROFILE, BusDrawing(PLAIN, half_bit), (1, 2, 15), filler)
    assert ports_of(drawing.recorded(), PLAIN) == expected(1, 2, 15)


@pytest.mark.parametrize("filler", [0x00, 0xFF])
@pytest.mark.parametrize("late", [0, 2, 5])
@pytest.mark.parametrize("step", [10, 9.3, 8.7, 7])
def test_a_clock_of_two_samples_a_period_is_enough_wherever_they_fall(step: float, late: int, filler: int) -> None:
    drawing = conversation(PROFILE, BusDrawing(PLAIN, 10), (1, 2, 15), filler)
    assert ports_of(drawing.recorded(step, late), PLAIN) == expected(1, 2, 15)


@pytest.mark.parametrize("half_bit", [1, 4])
def test_attn_and_ready_go_to_the_port_whose_transfers_they_come_with(half_bit: int) -> None:
    drawing = conversation(PROFILE, BusDrawing(FULL, half_bit), (1, 5), 0xFF)
    assert ports_of(drawing.recorded(), FULL) == expected(1, 5, handshake=True)
    assert ports_of(drawing.recorded(), FULL, None).keys() == {1, 2}


def test_why_a_line_is_attn_or_ready_is_said() -> None:
    drawing = conversation(PROFILE, BusDrawing(FULL, 2), (1, 5), 0)
    (proposal,) = propose(Recorded(drawing.recorded(), len(FULL)), scorer)
    said = " ".join(proposal.reasons)
    attn, ready, cs = (f"D{FULL.index(line)}" for line in ("attn5", "ready5", "cs5"))
    assert f"{attn} is attn of the port with {cs}, active low" in said
    assert f"{ready} is ready of the port with {cs}, active low" in said
    assert proposal.confidence > 0.95
    options = wiring_to_text(proposal.wiring, [f"D{number}" for number in range(len(FULL))])
    assert wiring_from_options(*options, [f"D{number}" for number in range(len(FULL))]) == proposal.wiring


def test_named_lines_get_the_attn_and_ready_that_their_names_leave_out() -> None:
    drawing = conversation(PROFILE, BusDrawing(FULL, 2), (1, 5), 0)
    names = [line if line.startswith(("cs", "s", "m")) else f"D{place}" for place, line in enumerate(FULL)]
    (proposal,) = propose(Recorded(drawing.recorded(), names), scorer)
    found = {(port.port, FULL[port.attn or 0], FULL[port.ready or 0]) for port in proposal.wiring.spi}
    assert found == {(1, "attn1", "ready1"), (5, "attn5", "ready5")}
    assert proposal.reasons[0] == "The names of the channels say what they are."


def with_line(words: NDArray[np.uint16], place: int, low: list[tuple[int, int]]) -> NDArray[np.uint16]:
    """The same with a further line that is low from and to these samples, and else high."""
    line = np.ones(len(words), np.uint16)
    for start, end in low:
        line[start:end] = 0
    return words | line << np.uint16(place)


@pytest.mark.parametrize("seed", range(6))
def test_a_line_that_changes_on_its_own_account_is_neither(seed: int) -> None:
    words = conversation(PROFILE, BusDrawing(PLAIN, 2), (1, 2, 15), 0).recorded()
    random = Random(seed)  # noqa: S311 - a drawing
    edges = sorted(random.sample(range(len(words)), 2 * random.choice((5, 30, 120))))
    busy = with_line(words, 6, list(zip(edges[::2], edges[1::2], strict=True)))
    assert ports_of(busy, (*PLAIN, "other")) == expected(1, 2, 15)


def test_a_line_that_went_low_only_twice_is_neither() -> None:
    drawing = BusDrawing(("sck", "mosi", "miso", "cs1", "attn1"), 2)
    random = Random(4)  # noqa: S311 - a drawing
    for number in range(30):
        sent, back = random.randbytes(8), random.randbytes(8)
        drawing.transfer("cs1", sent, back, asks=number in {7, 20})
        drawing.wait(300)
    (proposal,) = propose(Recorded(drawing.recorded(), 5))
    assert [port.attn for port in proposal.wiring.spi] == [None]


@pytest.mark.parametrize(
    ("bits", "counts", "found"),
    [(12, (1, 2, 3, 5), 12), (9, (1, 2, 3, 7), 9), (10, (1, 3, 4), 10), (24, (1, 2), 8), (16, (1, 3), 8), (20, (1, 2, 3), 20)],
)
def test_words_that_are_no_bytes_show_by_the_clock_cycles_of_transfers(bits: int, counts: tuple[int, ...], found: int) -> None:
    words = words_of_bits(bits, counts)
    (proposal,) = propose(Recorded(words, 4))
    assert [(port.cs, port.word_bits) for port in proposal.wiring.spi] == [(3, found)]
    assert any(("words of" in reason) == (found != 8) for reason in proposal.reasons if "is a cs" in reason)
    (named,) = propose(Recorded(words, ("sck", "mosi", "miso", "cs")))
    assert named.wiring.spi == (SpiPort(0, 1, 2, 3, word_bits=found),)
    assert any(f"words of {found} bits" in reason for reason in named.reasons) == (found != 8)


def test_transfers_whose_lengths_have_no_word_in_common_are_no_proof_of_a_cs() -> None:
    drawing, random = BusDrawing(("sck", "mosi", "miso", "cs1"), 3), Random(1)  # noqa: S311 - a drawing
    for bits in (17, 23, 29, 31, 37, 41) * 12:
        drawing.transfer("cs1", [random.getrandbits(bits)], [random.getrandbits(bits)], bits=bits)
        drawing.wait(200)
    (proposal,) = propose(Recorded(drawing.recorded(), 4))
    assert [(port.sck, port.cs, port.word_bits) for port in proposal.wiring.spi] == [(0, None, 8)]


def words_of_bits(bits: int, counts: tuple[int, ...]) -> NDArray[np.uint16]:
    drawing, random = BusDrawing(("sck", "mosi", "miso", "cs1"), 3), Random(bits)  # noqa: S311 - a drawing
    drawing.wait(100)
    for _ in range(12):
        for count in counts:
            sent, back = ([random.getrandbits(bits) for _ in range(count)] for _ in range(2))
            drawing.transfer("cs1", sent, back, bits=bits)
            drawing.wait(200)
    return drawing.recorded()
