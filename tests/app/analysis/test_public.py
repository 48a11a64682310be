"""The public face for scripts: typed records with the names that JSON Lines have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import umiscope
from app.analysis.record_types import RECORD_TYPES, field_names
from decoders.core.errors import MaterialError, RecordingError, UsageError
from tests.helpers import story

ROOT = Path(__file__).resolve().parents[3]
STORY = story.recording()
DATASHEET = ROOT / "resources" / "datasheets" / "example-gas-meter.toml"


def known(vectors: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (vectors / name).read_text(encoding="utf-8").splitlines()]


def test_a_script_gets_every_packet_and_frame(vectors: Path) -> None:
    recording = umiscope.open(vectors / "conversation.sr")
    packets, answers = list(recording.packets()), known(vectors, "packets.jsonl")
    assert [(one.source, one.destination, one.counter, one.operation) for one in packets] == [
        (one["source"], one["destination"], one["counter"], one["operation"]) for one in answers
    ]
    frames = list(recording.frames())
    assert [(one.port, one.malformed) for one in frames] == [
        (one["port"], one["malformed"]) for one in known(vectors, "frames.jsonl")
    ]
    assert (recording.info.counts["packets"], recording.info.counts["frames"]) == (len(packets), len(frames))
    assert recording.fault is None


def test_records_refer_to_each_other() -> None:
    recording = umiscope.open(STORY)
    packets = {packet.no: packet for packet in recording.packets()}
    frames = {frame.no: frame for frame in recording.frames()}
    for packet in packets.values():
        assert all(frames[no].packet == packet.no for no in packet.frames)
    for transaction in recording.transactions():
        assert transaction.command is not None
        assert transaction.response is not None
        assert not packets[transaction.command].response
        assert packets[transaction.response].response
    by_layer: dict[str, dict[int, Any]] = {"packets": packets, "frames": frames}
    assert all(finding.record in by_layer[finding.layer] for finding in recording.findings())


def test_summaries_use_the_datasheets_names() -> None:
    plain, explained = umiscope.open(STORY), umiscope.open(str(STORY), datasheets=[DATASHEET])
    second = [list(recording.packets())[3] for recording in (plain, explained)]
    assert second[0] == second[1]
    assert plain.summary(second[0]).startswith("00420100 = 12481377, ")
    assert explained.summary(second[0]).startswith("volume index = 12481.377 m³, ")


def test_wiring_may_be_given_and_a_rate_assumed(vectors: Path) -> None:
    path = vectors / "conversation.sr"
    half = umiscope.open(path, spi=["port=1,sck=sck,mosi=mosi,miso=miso,cs=cs1"], rate_hz=2_000_000)
    usual = umiscope.open(path)
    expected = [2 * frame.time_ns for frame in usual.frames() if frame.port == 1]
    assert [frame.time_ns for frame in half.frames()] == expected


def test_a_byte_log_gives_messages_and_no_packets(samples: Path) -> None:
    log = umiscope.open(samples / "iec62056" / "smartmeter-obis_ISk_MT174.session.jsonl")
    messages = list(log.messages())
    assert [message.kind for message in messages] == ["wakeup", "request", "identification", "option", "option", "readout"]
    assert messages[-1].fields["items"][0] == {"address": "1-0:0.9.1*255", "value": "201455", "unit": None}
    assert (list(log.packets()), list(log.frames()), list(log.findings())) == ([], [], [])
    assert log.info.counts["messages"] == 6


@pytest.mark.parametrize("layer", [layer for layer in RECORD_TYPES if layer != "transfers"])
def test_typed_records_have_exactly_the_fields_of_json_lines(layer: str, vectors: Path, samples: Path) -> None:
    source = samples / "iec62056" / "vzlogger_LuG_E350.bin" if layer == "flag" else vectors / "conversation.sr"
    recording = umiscope.open(source)
    records: dict[str, Iterator[Any]] = {
        "frames": recording.frames(),
        "packets": recording.packets(),
        "transactions": recording.transactions(),
        "sessions": recording.sessions(),
        "flag": recording.messages(),
        "findings": recording.findings(),
    }
    assert list(asdict(next(records[layer]))) == field_names(layer)


def test_mistakes_are_errors_of_their_kind(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.sr"):
        umiscope.open("nowhere.sr")
    with pytest.raises(MaterialError, match="reference-9"):
        umiscope.open(STORY, profile="reference-9")
    with pytest.raises(UsageError, match="D9"):
        umiscope.open(STORY, spi=["sck=D9,mosi=0"])
    broken = tmp_path / "sheet.toml"
    broken.write_text("banks = [1\n", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"sheet\.toml, line 2"):
        umiscope.open(STORY, datasheets=[broken])


def test_a_damaged_recording_keeps_its_good_part_and_says_why(tmp_path: Path) -> None:
    data = bytearray(STORY.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    path = tmp_path / "damaged.sr"
    path.write_bytes(data)
    recording = umiscope.open(path)
    assert recording.fault is not None
    assert "damaged.sr" in str(recording.fault)
    assert (recording.info.complete, recording.info.damage) == (False, str(recording.fault))
    whole = list(umiscope.open(STORY).packets())
    kept = list(recording.packets())
    assert 0 < len(kept) < len(whole)
    assert [packet.payload for packet in kept[:5]] == [packet.payload for packet in whole[:5]]
