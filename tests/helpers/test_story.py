"""The recording that tests lean on: it is what is drawn, and it tells the story that it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording, timebase_of
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.opening import open_recording
from capture.formats.sigrok_writer import write_sr
from decoders.core.chunk import Samples
from decoders.services.summary import summarise
from decoders.transport.chains import Ending
from decoders.transport.packets import Hop
from tests.decoders.services.naming import example
from tests.helpers import story
from tests.helpers.story import PACKETS, RATE_HZ, draw
from tests.helpers.umi import ROOT, dense, shipped

STORY = """\
objects read > serial number, firmware version
objects read < serial number = 'GI-2026-000417', firmware version = 66051
objects read > volume index, flow, battery voltage
objects read < volume index = 12481.377 m³, flow = 0.1250 m³/h, battery voltage = 3.582 V
objects read > valve state
objects read < valve state = open (1)
objects read > volume index
objects read < volume index = 12481.377 m³
power request > 900 mA as high for 30 s
power request < 0 mA
objects write > tariff = emergency credit (3)
objects write <
events notify > alarm event 257 'cover opened'
events notify <
events acknowledge > event 257
events acknowledge <
objects read > daily log
objects read < daily log = array of 14
images announce > image 00004d31 version 66304, 1000 bytes in blocks of 200
images announce < accepted
images block > image 00004d31 at 0, 200 bytes
images block < 200 bytes received
images block > image 00004d31 at 200, 200 bytes
images block < 400 bytes received
images verify > image 00004d31
images verify < verdict incomplete
images abort > image 00004d31
images abort <
tunnelling open > tunnel 7 for dlms
tunnelling open <
tunnelling data > tunnel 7, 13 bytes
tunnelling data <
tunnelling close > tunnel 7
tunnelling close <"""


@pytest.fixture(scope="module")
def demo() -> Capture:
    with open_recording(story.recording()) as recording:
        return decode_recording(recording, shipped("reference-1"), wiring_from_names(recording.channels), timebase_of(recording))


def test_the_file_has_the_channels_rate_and_samples_that_are_drawn() -> None:
    wave = draw()
    with open_recording(story.recording()) as recording:
        assert list(recording.channels) == wave.channels == ["SCK", "MOSI", "MISO", "CS1", "CS2", "CS3"]
        assert (recording.rate_hz, recording.length, recording.analog_channels) == (RATE_HZ, wave.now, ())
        chunks = [chunk for chunk in recording.chunks() if isinstance(chunk, Samples)]
    assert chunks[-1].end == wave.now == sum(len(chunk.words) for chunk in chunks)
    assert np.array_equal(np.concatenate([chunk.words for chunk in chunks]), dense(wave.runs()).words)


def test_the_file_is_the_same_byte_for_byte_each_time(tmp_path: Path) -> None:
    wave = draw()
    write_sr(tmp_path / "again.sr", wave.channels, RATE_HZ, [wave.runs()])
    assert (tmp_path / "again.sr").read_bytes() == story.recording().read_bytes()


def test_every_process_of_a_run_finds_the_same_file() -> None:
    asked = "from tests.helpers import story; print(story.recording())"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.strip() == str(story.recording())
    assert story.recording().is_file()


def test_what_is_said_in_it(demo: Capture) -> None:
    lines = []
    for one in demo.packets():
        head, payload = one.reading.header, one.reading.payload
        said = summarise(head, payload.record if payload else {}, example())
        lines.append(f"{head['service']} {head['operation']} {'<' if head['response'] else '>'} {said}".rstrip())
    assert lines == STORY.splitlines()
    assert {one.ending for one in demo.packets()} == {Ending.WHOLE}


def test_every_command_is_answered_by_the_packet_after_it(demo: Capture) -> None:
    pairs = [(one.command.no if one.command else 0, one.response.no if one.response else 0) for one in demo.transactions]
    assert pairs == [(no, no + 1) for no in range(1, demo.packet_count, 2)]
    assert demo.packet_count == PACKETS


def test_all_that_goes_wrong_in_it(demo: Capture) -> None:
    assert [(finding.code.name, finding.code.layer, finding.record) for finding in demo.findings] == [
        ("bad-crc", "frames", 22),
        ("nak", "frames", 23),
        ("retransmission", "frames", 24),
        ("operation-failed", "packets", 12),
        ("garbage", "frames", 36),
        ("bad-crc", "frames", 49),
        ("nak", "frames", 50),
        ("retransmission", "frames", 51),
    ]
    assert demo.gaps == []


def test_a_frame_is_hit_refused_and_sent_again(demo: Capture) -> None:
    hit, refusal, again = (demo.frame(no) for no in (22, 23, 24))
    assert (hit.malformed, refusal.header["type"], refusal.header["link_status"]) == ("bad_crc", "nak", "bad_crc")
    assert demo.is_retransmission(again.no)
    assert (demo.packet_of_frame(hit.no), demo.packet_of_frame(again.no)) == (None, 8)
    assert sum(one != other for one, other in zip(hit.content, again.content, strict=True)) == 1


def test_a_write_is_refused(demo: Capture) -> None:
    refusal = demo.packet(12)
    assert (refusal.reading.header["operation"], refusal.reading.header["status"]) == ("write", "denied")
    assert demo.codes_of_packet(12) == ["operation-failed"]


def test_there_is_garbage(demo: Capture) -> None:
    garbage = demo.frame(36)
    assert (garbage.malformed, garbage.port, garbage.content) == ("garbage", 2, bytes.fromhex("5a7e7e3c"))


def test_a_reading_is_forwarded_both_ways(demo: Capture) -> None:
    ask, reply = demo.packet(7), demo.packet(8)
    assert [(one.hop, one.port) for one in (ask, reply)] == [(Hop.FORWARDED, 3), (Hop.FORWARDED, 1)]
    for one in (ask, reply):
        frames = demo.frames_of_packet(one.no)
        assert len(frames) == 2
        assert [demo.hop_of_frame(no) for no in frames] == frames[::-1]
        assert one.hop_start > one.start
    assert [one.no for one in demo.packets() if one.hop is not Hop.NONE] == [7, 8]


def test_the_daily_log_takes_several_fragments(demo: Capture) -> None:
    several = [one.no for one in demo.packets() if len(demo.frames_of_packet(one.no)) > 1 and one.hop is Hop.NONE]
    assert several == [18]
    first, second = (demo.frame(no) for no in demo.frames_of_packet(18))
    assert (first.no, second.no, demo.is_retransmission(second.no)) == (47, 51, True)
    assert [(one.header["first"], one.header["last"], one.header["fragment"]) for one in (first, second)] == [
        (True, False, 0), (False, True, 1),
    ]  # fmt: skip
    assert first.payload + second.payload == demo.packet(18).content
    assert len(first.payload) == 248
