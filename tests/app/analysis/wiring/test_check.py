from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.material import read_profile
from app.analysis.wiring.channel_strip import shown_window, strip_of
from app.analysis.wiring.check import Verdict, first_stretch, proposal_text, sure_text, verdict
from app.analysis.wiring.excerpt import Excerpt, Trace
from app.analysis.wiring.proposal import Proposal
from app.analysis.wiring.score import link_scorer
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.sigrok import SigrokRecording, open_sr
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.chunk import LogicChunk, Runs, Samples
from decoders.core.errors import RecordingError
from tests.helpers import story

STORY = story.recording()
RATE_HZ = 1_000_000


@pytest.fixture(scope="module")
def demo() -> SigrokRecording:
    return open_sr(STORY)


def judged(recording: SigrokRecording, wiring: Wiring) -> Verdict:
    excerpt, rate_hz = first_stretch(recording), recording.rate_hz or RATE_HZ
    return verdict(excerpt, rate_hz, wiring, link_scorer(excerpt, rate_hz, read_profile("reference-1")))


def serial(text: bytes, baud: int) -> Excerpt:
    """Characters 8N1 on channel 0 at a megahertz."""
    levels = [1] * 40
    for character in text:
        levels += [0, *(character >> bit & 1 for bit in range(8)), 1]
    words = np.repeat(np.array([*levels, *[1] * 40], np.uint64), RATE_HZ // baud)
    places = np.concatenate([[0], np.flatnonzero(np.diff(words.astype(np.int64))) + 1])
    return Excerpt(Runs(0, len(words), places.astype(np.int64), words[places]))


def judged_line(excerpt: Excerpt, line: UartLine) -> Verdict:
    wiring = Wiring(uart=(line,), streams=("opto",))
    return verdict(excerpt, RATE_HZ, wiring, link_scorer(excerpt, RATE_HZ, read_profile("reference-1")))


def test_the_right_wiring_brings_frames_to_light(demo: SigrokRecording) -> None:
    found = judged(demo, wiring_from_names(demo.channels))
    assert found.is_good
    assert found.sentences == (
        "83 frames with a right checksum in the first 565 ms, 2 with a wrong one; they hold 94 % of the bytes.",
    )


def test_the_wrong_mode_brings_none_to_light(demo: SigrokRecording) -> None:
    named = wiring_from_names(demo.channels)
    found = judged(demo, replace(named, spi=tuple(replace(port, lsb_first=True) for port in named.spi)))
    assert not found.is_good
    assert found.sentences[0].startswith("No frame with a right checksum in the first 565 ms")


def test_data_lines_that_changed_places_are_noticed(demo: SigrokRecording) -> None:
    named = wiring_from_names(demo.channels)
    found = judged(demo, replace(named, spi=tuple(replace(port, mosi=port.miso, miso=port.mosi) for port in named.spi)))
    assert not found.is_good
    assert any("mosi and miso may have to change places" in text for text in found.sentences)


def test_frames_that_name_another_port_are_noticed(demo: SigrokRecording) -> None:
    named = wiring_from_names(demo.channels)
    found = judged(demo, replace(named, spi=(replace(named.spi[0], port=9), *named.spi[1:])))
    assert not found.is_good
    assert "The frames of port 9 name port 1." in found.sentences


def test_characters_of_a_serial_line_are_counted() -> None:
    found = judged_line(serial(b"hello, meter", 9600), UartLine(0, baud=9600, protocol="raw"))
    assert found == Verdict(True, ("opto: 12 characters, none with a fault.",))


def test_a_wrong_format_of_a_serial_line_is_noticed() -> None:
    line = UartLine(0, baud=9600, data_bits=7, parity="even", protocol="raw")
    found = judged_line(serial(b"hello, meter", 9600), line)
    assert not found.is_good
    assert "another speed or format may fit better" in found.sentences[0]


def test_a_quiet_serial_line_says_so() -> None:
    found = judged_line(serial(b"", 9600), UartLine(0, baud=9600, protocol="raw"))
    assert found == Verdict(False, ("opto: no characters; the speed may be wrong, or the line is quiet here.",))


def test_a_damaged_recording_is_tried_on_its_good_part() -> None:
    class Damaged(SigrokRecording):
        def __init__(self) -> None: ...

        def chunks(self) -> Generator[LogicChunk, None, None]:
            yield Samples(0, np.array([0, 1, 0], np.uint8))
            raise RecordingError("damaged")

    assert first_stretch(Damaged()).runs.ticks.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("confidence", "words"), [(1.0, "all but certain (100 %)"), (0.8, "very likely (80 %)"), (0.1, "a guess (10 %)")]
)
def test_confidence_is_said_in_words(confidence: float, words: str) -> None:
    assert sure_text(confidence) == words


def test_a_proposal_says_what_it_is_about() -> None:
    bus = Proposal(Wiring((SpiPort(0, 1, port=1, cs=2), SpiPort(0, 1, port=2, cs=3))), 0.97, ())
    line = Proposal(Wiring(uart=(UartLine(1),), streams=("opto",)), 0.5, ())
    assert proposal_text(bus, ("", "D1")) == "A bus with 2 ports: all but certain (97 %)"
    assert proposal_text(line, ("", "D1")) == "A serial line on D1: possible (50 %)"


# The strip.


def test_a_column_in_which_a_line_moved_is_low_and_high() -> None:
    strip = strip_of(Trace(np.array([25, 50, 51]), initial=True), (0, 100), 4)
    assert strip.low.tolist() == [False, True, True, True]
    assert strip.high.tolist() == [True, True, True, False]
    assert strip.edges == 3


def test_a_quiet_line_stays_at_its_level() -> None:
    for level in (False, True):
        strip = strip_of(Trace(np.array([], np.int64), initial=level), (0, 10), 3)
        assert strip.high.tolist() == [level] * 3
        assert strip.low.tolist() == [not level] * 3


def test_strips_begin_just_before_the_first_change() -> None:
    excerpt = Excerpt(Runs(0, 10_000, np.array([0, 5_000, 6_000]), np.array([0, 1, 0], np.uint64)))
    start, end = shown_window(excerpt)
    assert 4_900 < start < 5_000
    assert 6_000 < end < 6_100
    assert shown_window(Excerpt(Runs(0, 0, np.array([], np.int64), np.array([], np.uint64)))) == (0, 1)
