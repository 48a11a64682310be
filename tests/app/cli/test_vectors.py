"""The command line's records against known answers that another encoder made, both ways."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Run

TICK_NS = 250
"""The recording has 4 MS/s."""
LOCKED = {"payload", "fields"}
"""What a packet shows only to those who have its key."""
JSON_CELLS = {"fields", "frames", "findings"}


def answers(vectors: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (vectors / name).read_text(encoding="utf-8").splitlines()]


def records(umiscope: Run, vectors: Path, layer: str) -> list[dict[str, Any]]:
    outcome = umiscope("decode", vectors / "conversation.sr", "--layer", layer, "--format", "jsonl")
    assert (outcome.status, outcome.err) == (0, "")
    found = [json.loads(line) for line in outcome.out.splitlines()]
    assert [record["no"] for record in found] == list(range(1, len(found) + 1))
    return found


def test_transfers_are_all_there_and_no_more(umiscope: Run, vectors: Path) -> None:
    names = ("port", "mosi", "miso")
    found = [
        {
            "time_ns": record["time_ns"],
            "end_ns": record["time_ns"] + record["duration_ns"],
            **{name: record[name] for name in names},
        }
        for record in records(umiscope, vectors, "transfers")
    ]
    assert found == [
        {"time_ns": known["start"] * TICK_NS, "end_ns": known["end"] * TICK_NS, **{name: known[name] for name in names}}
        for known in answers(vectors, "transfers.jsonl")
    ]


def test_frames_and_malformed_stretches_are_all_there_and_no_more(umiscope: Run, vectors: Path) -> None:
    known = answers(vectors, "frames.jsonl")
    found = records(umiscope, vectors, "frames")
    compared = [({"port", "malformed", "direction"} if answer["malformed"] else set(answer)) for answer in known]
    assert len(found) == len(known)
    assert [{name: record[name] for name in names} for record, names in zip(found, compared, strict=True)] == [
        {name: answer[name] for name in names} for answer, names in zip(known, compared, strict=True)
    ]


def test_packets_are_all_there_and_no_more(umiscope: Run, vectors: Path) -> None:
    known = answers(vectors, "packets.jsonl")
    found = records(umiscope, vectors, "packets")
    compared = [set(answer) - (LOCKED if answer["encrypted"] else set()) for answer in known]
    assert [{name: record[name] for name in names} for record, names in zip(found, compared, strict=True)] == [
        {name: answer[name] for name in names} for answer, names in zip(known, compared, strict=True)
    ]
    assert all(record["payload"] is None and record["decrypted"] is False for record in found if record["encrypted"])
    assert all(record["locked_reason"] == "no_key" for record in found if record["encrypted"])


def test_every_packet_is_in_one_transaction(umiscope: Run, vectors: Path) -> None:
    known = answers(vectors, "packets.jsonl")
    pairs = [(record["command"], record["response"]) for record in records(umiscope, vectors, "transactions")]
    numbers = sorted(number for pair in pairs for number in pair if number is not None)
    assert numbers == list(range(1, len(known) + 1))
    for command, response in pairs:
        if command is not None and response is not None:
            asked, answered = known[command - 1], known[response - 1]
            assert (asked["source"], asked["transaction"]) == (answered["destination"], answered["transaction"])
            assert (asked["response"], answered["response"]) == (False, True)


@pytest.mark.parametrize("layer", ["transfers", "frames", "packets", "transactions", "findings"])
def test_csv_says_what_json_lines_say(layer: str, umiscope: Run, vectors: Path) -> None:
    outcome = umiscope("decode", vectors / "conversation.sr", "--layer", layer, "--format", "csv")
    rows = list(csv.reader(io.StringIO(outcome.out, newline="")))
    found = records(umiscope, vectors, layer)
    assert [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] == [
        {name: _cell(name, value) for name, value in record.items()} for record in found
    ]
    assert outcome.out.count("\r\n") == len(found) + 1


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if name in JSON_CELLS or isinstance(value, bool) else str(value)


def test_text_has_a_line_for_every_packet_and_every_finding(umiscope: Run, vectors: Path) -> None:
    packets = answers(vectors, "packets.jsonl")
    findings = records(umiscope, vectors, "findings")
    lines = umiscope("decode", vectors / "conversation.sr", "--quiet").out.splitlines()
    assert len(lines) == 1 + len(packets) + len(findings)
    noticed = [line.split()[1] for line in lines if line.startswith("     ")]
    assert sorted(noticed) == sorted(finding["code"] for finding in findings)


def test_sessions_are_those_of_the_establishing_packets_with_all_their_packets(umiscope: Run, vectors: Path) -> None:
    known = answers(vectors, "packets.jsonl")
    begun = [packet for packet in known if packet["operation"] == "establish" and not packet["response"]]
    counts = Counter(packet["session_id"] for packet in known if packet["encrypted"])
    outcome = umiscope("decode", vectors / "conversation.sr", "--layer", "sessions", "--format", "jsonl")
    found = [json.loads(line) for line in outcome.out.splitlines()]
    names = ("id", "initiator", "responder", "packets", "locked", "key_source")
    assert [tuple(record[name] for name in names) for record in found] == [
        (one["fields"]["session_id"], one["source"], one["destination"], number, number, "none")
        for one in begun
        for number in [counts[one["fields"]["session_id"]]]
    ]
    packets = records(umiscope, vectors, "packets")
    answered = [packet["end_ns"] for packet in packets if packet["operation"] == "establish" and packet["response"]]
    assert [record["established_ns"] for record in found] == answered
