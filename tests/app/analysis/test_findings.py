"""Findings beside the records of one layer: each once, with its record or by itself."""

from __future__ import annotations

from typing import Literal

import pytest

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording, timebase_of
from app.analysis.facts import fact_lines, recording_facts
from app.analysis.findings import Findings, severities_text
from app.analysis.names import DatasheetNames
from app.analysis.text.packets import packet_lines
from app.analysis.text.page import Page
from app.analysis.text.summary import capture_text
from app.analysis.text.words import plain
from capture.formats.sigrok import SigrokRecording, open_sr
from capture.formats.sigrok_writer import write_sr
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.finding import Severity
from decoders.datasheet.sheets import DatasheetSet
from tests.app.cli.small_talk import PROFILE, RATE_HZ, small_talk
from tests.helpers.spi_waveform import FIRST_CS, MISO, MOSI, SCK
from tests.helpers.umi import dense, without

WIRING = Wiring(tuple(SpiPort(SCK, MOSI, MISO, FIRST_CS + at, port=at + 1) for at in (0, 1)))
LAYERS: tuple[Literal["frames", "packets", "transactions"], ...] = ("frames", "packets", "transactions")
NOBODY = DatasheetNames(DatasheetSet())


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> SigrokRecording:
    path = tmp_path_factory.mktemp("findings") / "small-talk.sr"
    wave = small_talk()
    write_sr(path, wave.channels, RATE_HZ, [wave.runs()])
    return open_sr(path)


@pytest.fixture(scope="module")
def capture(recording: SigrokRecording) -> Capture:
    return decode_recording(recording, PROFILE, WIRING, timebase_of(recording))


@pytest.fixture
def holed(recording: SigrokRecording, monkeypatch: pytest.MonkeyPatch) -> SigrokRecording:
    """The same recording without a stretch of it, which no file of these tests can say."""
    chunks = without(dense(small_talk().runs()), 12_000, 22_000)
    monkeypatch.setattr(recording, "chunks", lambda: iter(chunks))
    return recording


def counts(capture: Capture) -> dict[str, int]:
    return {"frames": capture.frame_count, "packets": capture.packet_count, "transactions": len(capture.transactions)}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_finding_is_told_once(layer: Literal["frames", "packets", "transactions"], capture: Capture) -> None:
    findings = Findings(capture, layer)
    told = [finding for no in range(1, counts(capture)[layer] + 1) for finding in findings.of(no)] + list(findings.before(None))
    hidden = {"packets", "transactions"} if layer == "frames" else set()
    expected = [finding for finding in capture.findings if finding.code.layer not in hidden]
    assert sorted(map(id, told)) == sorted(map(id, expected))


def test_a_finding_without_a_record_waits_for_its_time(capture: Capture) -> None:
    findings = Findings(capture, "packets")
    loose = list(Findings(capture, "packets").before(None))
    assert [finding.code.name for finding in loose] == ["bad-crc", "nak", "garbage", "truncated-frame"]
    assert list(findings.before(loose[0].span.start - 1)) == []
    assert list(findings.before(loose[0].span.start)) == loose[:1]
    assert list(findings.before(None)) == loose[1:]
    assert list(findings.before(None)) == []


def test_a_gap_stands_by_itself_at_its_place(holed: SigrokRecording) -> None:
    capture = decode_recording(holed, PROFILE, WIRING, timebase_of(holed))
    lines = list(packet_lines(capture, Page(NOBODY)))
    assert [line for line in lines if "! gap" in line] == [
        "     ! gap  at 0.012 000 000 s: the recording has a gap: the buffer was full"
    ]
    assert capture_text(capture).endswith("1 gap")


def test_a_gap_makes_a_recording_incomplete(holed: SigrokRecording) -> None:
    timebase = timebase_of(holed)
    capture = decode_recording(holed, PROFILE, WIRING, timebase)
    facts = recording_facts(holed, timebase, WIRING, capture, None)
    assert [(gap.time_ns, gap.duration_ns, gap.reason) for gap in facts.gaps] == [(12_000_000, 10_000_000, "the buffer was full")]
    assert (facts.complete, facts.damage) == (False, None)
    lines = list(fact_lines(facts, plain))
    assert "  Gaps          10.0 ms at 0.012 000 000 s: the buffer was full" in lines
    assert "  Complete      no, 1 gap" in lines


def test_severities_are_counted_from_the_worst_on() -> None:
    found = [Severity.NOTE, Severity.CHAT, Severity.ERROR, Severity.NOTE]
    assert severities_text(iter(found)) == "4 findings (1 error, 2 notes, 1 chat)"
    assert severities_text(iter([Severity.WARNING])) == "1 finding (1 warning)"
    assert severities_text(iter([])) == "0 findings"
