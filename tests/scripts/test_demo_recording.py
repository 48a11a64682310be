"""The recording that ships: it is what its scenario gives, it is read as its ledger tells, and it has what the manual speaks of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.analysis.capture import Capture
from app.analysis.simulating import read_scenario
from capture.session.reader import SessionRecording, open_session
from capture.simulator.simulation import Simulation
from decoders.core.chunk import Runs
from decoders.transport.packets import Hop
from scripts.demo_recording import RECORDING, SCENARIO, SEED, make
from tests.capture.simulator.truth import Run, Seen, Truth, decoded

MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def run() -> Run:
    return decoded(Simulation(read_scenario(str(SCENARIO)), read_scenario(str(SCENARIO)).seconds, SEED))


@pytest.fixture(scope="module")
def demo(run: Run) -> Capture:
    return run.capture


def test_its_scenario_gives_the_shipped_recording_again(tmp_path: Path) -> None:
    make(tmp_path / "again.umi")
    shipped, again = open_session(RECORDING), open_session(tmp_path / "again.umi")
    assert described(shipped) == described(again), "the virtual meter has changed: run python -m scripts.demo_recording"
    for chunk, same in zip(shipped.chunks(), again.chunks(), strict=True):
        assert isinstance(chunk, Runs)
        assert isinstance(same, Runs)
        assert (chunk.start, chunk.end) == (same.start, same.end)
        assert np.array_equal(chunk.ticks, same.ticks)
        assert np.array_equal(chunk.words, same.words)
    for number in range(len(shipped.analog_channels)):
        one, other = (np.concatenate(list(recording.analog_chunks(number))) for recording in (shipped, again))
        assert np.array_equal(one, other)


def described(recording: SessionRecording) -> list[object]:
    return [
        recording.channels, recording.rate_hz, recording.length, recording.start_utc_ns, recording.wiring, recording.notes,
        recording.analog_channels, recording.analog_steps, recording.units,
    ]  # fmt: skip


def test_it_is_small() -> None:
    assert RECORDING.stat().st_size < MOST_BYTES


def test_it_is_decoded_as_its_ledger_tells(run: Run) -> None:
    truth = Truth(run)
    seen = Seen(run, truth)
    assert sorted(seen.packets.values()) == sorted(truth.packets.values())
    assert seen.transactions() == truth.transactions()
    assert seen.broken() == truth.broken()
    assert seen.findings() == truth.findings()
    for kind in ("nak", "retransmission"):
        assert seen.link_events(kind) == truth.link_events(kind)


def test_all_that_goes_wrong_in_it(demo: Capture) -> None:
    assert [(finding.code.name, finding.record) for finding in demo.findings] == [
        ("bad-crc", 60),
        ("nak", 62),
        ("retransmission", 61),
        ("operation-failed", 24),
        ("no-response", 25),
        ("retransmission", 157),
        ("over-current", None),
        ("garbage", 198),
        ("brown-out", 89),
    ]
    assert demo.gaps == []


def test_a_newcomer_finds_a_bit_of_everything_in_it(demo: Capture) -> None:
    said = {(one.reading.header["service"], one.reading.header["operation"]) for one in demo.packets()}
    assert said == {
        ("objects", "read"), ("objects", "write"), ("events", "notify"), ("events", "acknowledge"), ("power", "request"),
        ("power", "release"), ("images", "announce"), ("images", "block"), ("images", "verify"), ("images", "activate"),
    }  # fmt: skip
    assert [one.no for one in demo.packets() if one.reading.header["status"] == "denied"] == [24]
    assert [(one.no, one.port) for one in demo.packets() if one.hop is Hop.FORWARDED] == [(27, 3), (28, 1), (70, 3), (71, 1)]
    several = [one.no for one in demo.packets() if len(demo.frames_of_packet(one.no)) > 1 and one.hop is Hop.NONE]
    assert several == [51]
