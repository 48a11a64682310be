"""`umiscope simulate`: what it writes can be read back, says what the ledger says, and is the same every time."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import umiscope as face
from app.analysis.simulating import SCENARIOS, ledger_beside, shipped_scenarios
from capture.formats.opening import open_recording
from capture.session.reader import SessionRecording
from capture.simulator.faults import FAULTS
from tests.app.cli.conftest import Run

FORMATS = ("umi", "sr", "csv")


def entries(path: Path, kind: str) -> list[dict[str, Any]]:
    found = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [entry for entry in found if entry["kind"] == kind]


def simulated(umiscope: Run, path: Path, *more: object, seconds: float = 1.2) -> Path:
    outcome = umiscope("simulate", "-o", path, "--seconds", seconds, *more)
    assert (outcome.status, outcome.err) == (0, "")
    return path


def test_a_capture_and_its_ledger_are_written_and_told(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.umi"
    outcome = umiscope("simulate", "-o", path, "--seconds", 1.2)
    assert outcome.status == 0
    packets = len(entries(ledger_beside(path), "packet"))
    assert packets > 10
    assert [line.partition(": ")[0] for line in outcome.out.splitlines()] == [str(path), f"{path}.ledger.jsonl"]
    assert re.search(r": 1\.20 s of gas-meter, [\d.]+ k?M?B\n", outcome.out)
    assert f": {packets} packets, " in outcome.out
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.umi", "x.umi.ledger.jsonl"]


@pytest.mark.parametrize("form", ["umi", "sr"])
def test_what_is_decoded_of_a_file_is_what_its_ledger_says(umiscope: Run, tmp_path: Path, form: str) -> None:
    path = simulated(umiscope, tmp_path / f"x.{form}")
    recording = face.open(path)
    truth = entries(ledger_beside(path), "packet")
    keys = ("source", "destination", "service", "operation", "response", "transaction", "counter", "payload")
    said = [tuple(getattr(packet, key) for key in keys) for packet in recording.packets()]
    assert sorted(said) == sorted(tuple(entry[key] for key in keys) for entry in truth)
    assert recording.info.complete


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(umiscope: Run, tmp_path: Path, form: str) -> None:
    files = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        path = simulated(umiscope, tmp_path / f"{name}.{form}", "--seed", seed, seconds=0.4)
        files.append((path.read_bytes(), ledger_beside(path).read_bytes()))
    assert files[0] == files[1] != files[2]


def test_the_three_formats_say_the_same(umiscope: Run, tmp_path: Path) -> None:
    found = []
    for form in ("umi", "sr"):
        recording = face.open(simulated(umiscope, tmp_path / f"x.{form}", seconds=0.6))
        found.append([(packet.time_ns, packet.end_ns, packet.payload) for packet in recording.packets()])
    assert found[0] == found[1] != []
    path = simulated(umiscope, tmp_path / "x.csv", seconds=0.6)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "# end 0.600000"
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    with open_recording(tmp_path / "x.umi") as session:
        assert list(rows[0])[1 : len(session.channels) + 1] == list(session.channels)
        assert isinstance(session, SessionRecording)
        assert list(rows[0])[len(session.channels) + 1 :] == [
            f"{name} [{unit}]" for name, unit in zip(session.analog_channels, session.units, strict=True)
        ]
        for channel, name in enumerate(session.analog_channels):
            values = [str(value) for part in session.analog_chunks(channel) for value in part]
            assert [
                row[f"{name} [{session.units[channel]}]"] for row in rows if row[f"{name} [{session.units[channel]}]"]
            ] == values
    starts = [row for before, row in pairwise(rows) if before["CS1"] == "1" and row["CS1"] == "0"]
    transfers = umiscope("decode", tmp_path / "x.umi", "--layer", "transfers", "--format", "jsonl").out.splitlines()
    of_port = [record for record in map(json.loads, transfers) if record["port"] == 1]
    assert [int(row["Time [s]"].replace(".", "")) * 1000 for row in starts] == [record["time_ns"] for record in of_port]


@pytest.mark.skipif(shutil.which("sigrok-cli") is None, reason="sigrok-cli is not installed")
def test_sigrok_decodes_the_same_bytes(umiscope: Run, tmp_path: Path) -> None:
    path = simulated(umiscope, tmp_path / "x.sr", seconds=0.6)
    decoder = "spi:clk=SCK:mosi=MOSI:miso=MISO:cs=CS1"
    for line, kind in (("mosi", "mosi-transfer"), ("miso", "miso-transfer")):
        said = subprocess.run(
            ["sigrok-cli", "-i", str(path), "-P", decoder, "-A", f"spi={kind}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        theirs = [re.sub(r"^spi-1: ", "", one).replace(" ", "").lower() for one in said.splitlines()]
        records = umiscope("decode", path, "--layer", "transfers", "--format", "jsonl").out.splitlines()
        ours = [record[line] for record in map(json.loads, records) if record["port"] == 1]
        assert theirs == ours != []


def test_every_command_reads_a_session_file(umiscope: Run, tmp_path: Path) -> None:
    path = simulated(umiscope, tmp_path / "x.umi")
    before = path.read_bytes()
    for command in ("info", "decode", "wiring"):
        outcome = umiscope(command, path)
        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.umi", "x.umi.ledger.jsonl"]


def test_rates_are_as_asked(umiscope: Run, tmp_path: Path) -> None:
    path = simulated(umiscope, tmp_path / "x.umi", "--rate", "4M", "--analog-rate", "2k", seconds=0.3)
    with open_recording(path) as recording:
        assert (recording.rate_hz, recording.length) == (4_000_000, 1_200_000)
        assert set(recording.analog_steps) == {2000}
        assert sum(map(len, recording.analog_chunks(0))) == 600
    with open_recording(simulated(umiscope, tmp_path / "x.sr", "--analog-rate", "0", seconds=0.3)) as recording:
        assert recording.analog_channels == ()


def test_a_fault_strikes_and_a_gap_is_kept(umiscope: Run, tmp_path: Path) -> None:
    path = simulated(umiscope, tmp_path / "x.umi", "--fault", "capture-gap@0.6", "--fault", "bad-crc@0.3:port=1", seconds=1.5)
    assert [entry["name"] for entry in entries(ledger_beside(path), "fault")] == ["bad-crc", "capture-gap"]
    recording = face.open(path)
    assert {finding.code for finding in recording.findings()} >= {"bad-crc", "gap"}
    assert len(recording.info.gaps) == 1
    text = simulated(umiscope, tmp_path / "x.csv", "--fault", "capture-gap@0.6", seconds=1.5).read_text(encoding="utf-8")
    (gap,) = re.findall(r"^# gap (\S+) (\S+) (.+)$", text, re.MULTILINE)
    assert int(gap[0].replace(".", "")) * 1000 == recording.info.gaps[0].time_ns
    assert gap[2] == recording.info.gaps[0].reason


def test_the_ledger_goes_where_it_is_told_or_nowhere(umiscope: Run, tmp_path: Path) -> None:
    simulated(umiscope, tmp_path / "a.umi", "--ledger", tmp_path / "truth.jsonl", seconds=0.3)
    simulated(umiscope, tmp_path / "b.umi", "--no-ledger", seconds=0.3)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.umi", "b.umi", "truth.jsonl"]
    assert entries(tmp_path / "truth.jsonl", "packet")


def test_a_scenario_may_be_a_file(umiscope: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((SCENARIOS / "gas-meter.toml").read_text(encoding="utf-8").replace('name = "gas-meter"', 'name = "mine"'))
    outcome = umiscope("simulate", "-o", tmp_path / "x.umi", "--scenario", mine, "--seconds", 0.3)
    assert outcome.status == 0
    assert " of mine, " in outcome.out


def test_quiet_says_nothing(umiscope: Run, tmp_path: Path) -> None:
    outcome = umiscope("simulate", "-o", tmp_path / "x.umi", "--seconds", 0.2, "--quiet")
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")


def test_the_list_names_all_scenarios_and_faults_with_what_they_do(umiscope: Run) -> None:
    outcome = umiscope("simulate", "--list")
    scenarios, faults = outcome.out.split("\n\n")
    assert [line.split()[0] for line in scenarios.splitlines()[1:]] == shipped_scenarios()
    assert [tuple(re.split(r"  +", line)) for line in faults.splitlines()[1:]] == [
        (fault.name, fault.description) for fault in FAULTS
    ]


# What goes wrong is one line with its status, and leaves nothing behind.


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        ([], 2, "nothing says where the capture should go"),
        (["-o", "x.txt"], 2, r"no extension that says a format; end it with \.umi, \.sr, \.csv"),
        (["-o", "x.umi", "--scenario", "gas-metre"], 2, "no scenario 'gas-metre'; did you mean 'gas-meter'?"),
        (["-o", "x.umi", "--scenario", "none.toml"], 3, "none.toml: the file cannot be read"),
        (["-o", "x.umi", "--fault", "bad-cr"], 2, "no fault 'bad-cr'; did you mean 'bad-crc'?"),
        (["-o", "x.umi", "--fault", "bad-crc@soon"], 2, "'soon' is no time"),
        (["-o", "x.umi", "--fault", "bad-crc:port=9"], 2, "no port 9 for the fault bad-crc; gas-meter has 1, 2, 3"),
        (["-o", "x.umi", "--seconds", "0"], 2, "0 s is no duration"),
        (["-o", "x.umi", "--seconds", "nan"], 2, "nan s is no duration"),
        (["-o", "x.umi", "--seconds", "1e12"], 2, "is no duration"),
        (["-o", "x.umi", "--rate", "1k"], 2, "1000 Hz does not suit the bus clock; gas-meter needs 1000000 to 500000000"),
        (["-o", "x.umi", "--rate", "fast"], 2, "'fast' is no sample rate"),
        (["-o", "x.umi", "--analog-rate", "slow"], 2, "--analog-rate: 'slow' is no sample rate"),
        (["-o", "x.umi", "--analog-rate", "7"], 2, "7 Hz does not divide the logic rate of 1000000 Hz"),
        (["-o", "x.umi", "--ledger", "x.umi"], 2, "cannot be in the same file"),
        (["-o", "x.umi", "--ledger", "y", "--no-ledger"], 2, "asked for and refused"),
        (["-o", "x.sr", "--fault", "capture-gap"], 3, r"cannot say what capture-gap loses; save as \.umi or \.csv"),
        (["-o", "x.sr", "--seconds", "86400"], 3, r"this would be \d+ GB of samples.*save it as \.umi"),
        (["-o", "none/x.umi"], 3, "cannot be written"),
        (["-o", "x.umi", "--no-ledger", "--seconds", "0.3", "--fault", "bad-crc@0.29"], 2, "the fault bad-crc found no chance"),
        (["-o", "x.csv", "--seconds", "0.3", "--fault", "bad-crc@0.29"], 2, "the fault bad-crc found no chance"),
    ],
)
def test_a_mistake_is_one_line(
    umiscope: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = umiscope("simulate", *arguments)
    assert outcome.status == status
    assert re.search(complaint, outcome.err)
    assert (outcome.err.count("\n"), outcome.out) == (1, "")
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_with_a_mistake_is_told_by_its_line(umiscope: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text((SCENARIOS / "gas-meter.toml").read_text(encoding="utf-8").replace("rate_hz = 1_000_000", "rate_hz = 5", 1))
    outcome = umiscope("simulate", "-o", tmp_path / "x.umi", "--scenario", bad)
    assert outcome.status == 5
    assert re.search(r"bad\.toml.*line \d+", outcome.err)
    assert list(tmp_path.iterdir()) == [bad]
