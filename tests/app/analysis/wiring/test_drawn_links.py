"""Which serial lines are proposed as one link: the tool's requests on one, the device's answers on the other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from app.analysis.material import read_profile
from app.analysis.wiring.check import proposal_text
from app.analysis.wiring.excerpt import Excerpt
from app.analysis.wiring.proposal import Proposal, propose
from app.analysis.wiring.score import Scorer, link_scorer
from app.analysis.wiring.wiring import wiring_from_options, wiring_to_text
from decoders.bus.wiring import UartLine
from tests.app.analysis.wiring.test_proposal import Recorded
from tests.decoders.bus.opto_drawing import RX, TX, Said, drawn
from tests.decoders.bus.test_opto import ANSWER, MODE_C, QUESTION, SIGN_ON, UMI

PROFILE = read_profile("reference-1")
FAST_HZ = 480_000
LINK = UartLine(RX, TX, 300, 7, "even", protocol="flag")


def scorer(excerpt: Excerpt, rate_hz: int) -> Scorer:
    return link_scorer(excerpt, rate_hz, PROFILE)


def proposed(said: Sequence[Said], *, flipped: int = 0, scored: bool = True, one_receiver: bool = False) -> list[Proposal]:
    """What is proposed for an optical link; `flipped` are the bits of lines that are inverted."""
    words = drawn(said, rate_hz=FAST_HZ, one_receiver=one_receiver).words.astype(np.uint16) ^ np.uint16(flipped)
    recording = Recorded(words, 2, FAST_HZ)
    proposals = propose(recording, scorer if scored else None)
    for proposal in proposals:
        options = wiring_to_text(proposal.wiring, recording.channels)
        assert wiring_from_options(*options, recording.channels) == proposal.wiring
    return proposals


def lines(proposals: Sequence[Proposal]) -> list[UartLine]:
    return [line for proposal in proposals for line in proposal.wiring.uart]


def in_turn(exchanges: int, baud: int, *, reaction_ms: int, framed: bool) -> list[Said]:
    """Questions and answers, as link frames or as bytes that say nothing."""
    random = Random(exchanges)  # noqa: S311 - a drawing
    said: list[Said] = []
    at = 10.0
    for _ in range(exchanges):
        question = QUESTION if framed else random.randbytes(random.randrange(3, 20))
        answer = ANSWER if framed else random.randbytes(random.randrange(3, 40))
        said.append(Said(at, "h2p", question, baud, link=True))
        said.append(Said(said[-1].end_ms + reaction_ms, "p2h", answer, baud, link=True))
        at = said[-1].end_ms + random.randrange(60, 200)
    return said


@pytest.mark.parametrize("flipped", [0, 3])
@pytest.mark.parametrize("said", [MODE_C, SIGN_ON], ids=["a readout", "a sign-on"])
def test_the_two_sides_of_an_exchange_are_one_link(said: list[Said], flipped: int) -> None:
    (proposal,) = proposed(said, flipped=flipped)
    (line,) = proposal.wiring.uart
    assert (line.rx, line.tx, line.baud, line.data_bits, line.parity) == (RX, TX, 300, 7, "even")
    assert (line.protocol, line.inverted) == ("flag", flipped == 3)
    assert proposal.confidence > 0.9
    assert any("D1 is the tool's side and D0 the device's" in reason for reason in proposal.reasons)


def test_a_right_block_check_is_told_and_makes_the_link_surer() -> None:
    (readout,), (sign_on,) = proposed(MODE_C), proposed(SIGN_ON)
    assert any("a block check is right" in reason for reason in readout.reasons)
    assert not any("block check" in reason for reason in sign_on.reasons)
    assert readout.confidence > sign_on.confidence


def test_a_link_that_goes_over_to_link_frames_is_confirmed_by_their_checksums() -> None:
    (proposal,) = proposed(UMI)
    assert lines([proposal]) == [LINK]
    assert proposal.confidence > 0.95
    assert any("frames with a right checksum" in reason for reason in proposal.reasons)


@pytest.mark.parametrize("said", [MODE_C, UMI], ids=["a readout", "link frames"])
def test_one_receiver_that_hears_both_sides_is_a_link_of_one_line(said: list[Said]) -> None:
    (line,) = lines(proposed(said, one_receiver=True))
    assert (line.rx, line.tx, line.baud, line.protocol) == (RX, None, 300, "flag")


def test_frames_say_which_side_sent_them() -> None:
    (proposal,) = proposed(in_turn(3, 9600, reaction_ms=5, framed=True))
    assert lines([proposal]) == [UartLine(RX, TX, 9600, protocol="raw")]
    assert proposal.confidence > 0.95
    assert any("6 frames with a right checksum" in reason for reason in proposal.reasons)


def test_lines_that_speak_in_turn_are_one_link_and_the_side_that_is_answered_sooner_is_the_tools() -> None:
    said = in_turn(8, 9600, reaction_ms=25, framed=False)
    (proposal,) = proposed(said)
    assert lines([proposal]) == [UartLine(RX, TX, 9600, protocol="raw")]
    assert 0.5 < proposal.confidence < 0.8
    assert any("16 times" in reason for reason in proposal.reasons)
    (late,) = proposed(said[1:], scored=False)
    assert lines([late]) == lines([proposal])


def test_lines_that_speak_a_few_times_in_turn_are_two_links() -> None:
    found = lines(proposed(in_turn(3, 9600, reaction_ms=25, framed=False)))
    assert sorted((line.rx, line.tx) for line in found) == [(RX, None), (TX, None)]


@pytest.mark.parametrize("seed", range(5))
def test_lines_that_do_not_heed_each_other_are_two_links(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a drawing
    said: list[Said] = []
    for side in ("h2p", "p2h"):
        at = 10.0
        for _ in range(16):
            said.append(Said(at, "h2p" if side == "h2p" else "p2h", random.randbytes(random.randrange(3, 20)), 9600, link=True))
            at = said[-1].end_ms + random.randrange(25, 200)
    found = lines(proposed(said))
    assert sorted((line.rx, line.tx) for line in found) == [(RX, None), (TX, None)]


def test_lines_of_two_speeds_are_two_links() -> None:
    turns = in_turn(8, 9600, reaction_ms=25, framed=False)
    slower = [Said(10 + 4 * one.start_ms, one.side, one.data, 9600 if one.side == "h2p" else 4800, link=True) for one in turns]
    found = lines(proposed(slower))
    assert sorted((line.rx, line.tx, line.baud) for line in found) == [(RX, None, 4800), (TX, None, 9600)]


def test_a_pair_is_named_by_both_of_its_channels() -> None:
    (pair,) = proposed(MODE_C)
    assert proposal_text(pair, ("in", "out")).startswith("A serial link on in and out: all but certain")
    (single,) = proposed(MODE_C, one_receiver=True)
    assert proposal_text(single, ("", "")).startswith("A serial line on channel 0: ")
