"""EN 62056-21 from byte logs and serial lines: every byte once, in order, with what was noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.analysis.exchange import FLAG_CODES, NOTE_CODES, decode_byte_log, decode_exchanges, findings_of, is_byte_log
from app.analysis.records import flag_record
from capture.formats.opening import open_recording
from capture.formats.sigrok_writer import write_sr
from decoders.bus.flag import NOTES
from decoders.bus.wiring import UartLine, Wiring
from decoders.core.chunk import Samples
from decoders.core.errors import RecordingError
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from tests.decoders.bus.opto_drawing import RATE_HZ, RX, TX, Said, drawn

HELLO = [Said(20, "h2p", b"/?!\r\n"), Said(500, "p2h", b"/ABC4METER\r\n")]


def log(path: Path, *entries: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def test_the_extension_says_what_a_byte_log_is() -> None:
    assert [name for name in ("a.jsonl", "a.BIN", "a.sr", "jsonl") if is_byte_log(Path(name))] == ["a.jsonl", "a.BIN"]


def test_times_of_a_byte_log_are_kept(tmp_path: Path) -> None:
    path = log(
        tmp_path / "log.jsonl",
        {"time_ns": 1000, "direction": "tx", "data": b"/?!\r\n".hex()},
        {"time_ns": 700_000_000, "direction": "rx", "data": b"/ABC4METER\r\n".hex()},
    )
    conversation = decode_byte_log(path)
    assert [(said.no, said.stream, said.message.kind, said.message.start) for said in conversation.messages] == [
        (1, "log", "request", 1000),
        (2, "log", "identification", 700_000_000),
    ]
    assert [flag_record(conversation.timebase, said)["time_ns"] for said in conversation.messages] == [1000, 700_000_000]


def test_a_log_without_times_has_none_in_its_records(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", {"dir": "H>D", "hex": b"/?!\r\n".hex()})
    (said,) = decode_byte_log(path).messages
    record = flag_record(Timebase(1), said)
    assert (record["time_ns"], record["end_ns"], record["direction"], record["text"]) == (None, None, "h2p", "/?!\r\n")


def test_a_broken_line_ends_a_log_after_its_good_part(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", {"direction": "tx", "data": b"/?!\r\n".hex()}, {"direction": "tx", "data": "0"})
    conversation = decode_byte_log(path)
    assert [said.message.kind for said in conversation.messages] == ["request"]
    assert conversation.fault is not None
    assert "line 2" in str(conversation.fault)


def test_a_log_without_a_good_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="line 1"):
        decode_byte_log(log(tmp_path / "log.jsonl", {"direction": "tx"}))
    with pytest.raises(RecordingError, match="nowhere"):
        decode_byte_log(tmp_path / "nowhere.bin")


def test_two_links_of_one_recording_are_told_in_order_of_time(tmp_path: Path) -> None:
    first = drawn(HELLO)
    second = drawn([Said(250, "h2p", b"/?12!\r\n")])
    length = max(len(first.words), len(second.words))
    words = [np.full(length, 3, np.uint8) for _ in (first, second)]
    for line, part in zip(words, (first, second), strict=True):
        line[: len(part.words)] = part.words
    path = tmp_path / "two.sr"
    write_sr(path, ["a", "b", "c", "d"], RATE_HZ, [Samples(0, (words[0] | words[1] << 2).astype(np.uint8))])
    wiring = Wiring(
        uart=(UartLine(rx=RX, tx=TX, stream=0), UartLine(rx=RX + 2, tx=TX + 2, stream=1), UartLine(rx=0, protocol="raw", stream=2)),
        streams=("left", "right", "raw"),
    )
    ticks: list[int] = []
    with open_recording(path) as recording:
        conversation = decode_exchanges(recording, wiring, Timebase(RATE_HZ), ticks.append)
    assert [(said.no, said.stream, said.message.text) for said in conversation.messages] == [
        (1, "left", "/?!\r\n"),
        (2, "right", "/?12!\r\n"),
        (3, "left", "/ABC4METER\r\n"),
    ]
    assert ticks[-1] == length
    assert conversation.fault is None


def test_every_note_has_a_code_and_what_breaks_a_message_is_a_warning() -> None:
    assert set(NOTE_CODES) == set(NOTES)
    warnings = {code.name for code in FLAG_CODES if code.severity is Severity.WARNING}
    assert warnings == {"bcc-bad", "crc-bad", "cut-short", "malformed", "parity-errors", "framing-errors"}
    assert max(code.severity for code in FLAG_CODES) is Severity.WARNING


def test_notes_and_parity_errors_become_findings(samples: Path) -> None:
    conversation = decode_byte_log(samples / "iec62056" / "vzlogger_ACE3000.bin")
    noticed = [finding for said in conversation.messages for finding in findings_of(said)]
    assert noticed == list(conversation.findings())
    assert [finding.code.name for finding in noticed] == [
        name
        for said in conversation.messages
        for name in (*said.message.notes, *(["parity-errors"] if said.message.parity_errors else []))
    ]
    assert "bcc-bad" in {finding.code.name for finding in noticed}


def test_characters_without_a_stop_bit_become_a_finding(tmp_path: Path) -> None:
    recording = drawn(HELLO)
    bit = RATE_HZ // 300
    for character in (0, 2):
        stop = 20 * RATE_HZ // 1000 + bit * (10 * character + 9)
        recording.words[stop : stop + bit * 3 // 4] &= 1 << RX
    path = tmp_path / "worn.sr"
    write_sr(path, ["a", "b"], RATE_HZ, [recording])
    with open_recording(path) as opened:
        wiring = Wiring(uart=(UartLine(RX, TX, 300, 7, "even"),), streams=("opto",))
        conversation = decode_exchanges(opened, wiring, Timebase(RATE_HZ))
    assert [(one.code.name, one.text, one.record) for one in conversation.findings()] == [
        ("framing-errors", "2 characters have no stop bit", 1)
    ]
