"""The smaller commands: info, wiring, profile and findings."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from app.analysis.exchange import FLAG_CODES
from capture.formats.sigrok_writer import write_sr
from decoders.security.cvc import CODES as CERTIFICATE_CODES
from decoders.stack import ALL_CODES
from tests.app.cli.conftest import Run
from tests.app.cli.small_talk import small_talk
from tests.decoders.bus.opto_drawing import RATE_HZ, Said, drawn

ROOT = Path(__file__).resolve().parents[3]
PROFILES = ROOT / "resources" / "profiles"


def test_info_counts_what_a_recording_holds(umiscope: Run, vectors: Path) -> None:
    told = umiscope("info", vectors / "conversation.sr", "--format", "json")
    assert (told.status, told.err) == (0, "")
    facts = json.loads(told.out)

    def known(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (vectors / name).read_text(encoding="utf-8").splitlines()]

    packets, frames = known("packets.jsonl"), known("frames.jsonl")
    counts = facts["counts"]
    assert (counts["transfers"], counts["frames"], counts["packets"]) == (len(known("transfers.jsonl")), len(frames), len(packets))
    assert counts["malformed_frames"] == sum(frame["malformed"] is not None for frame in frames)
    assert counts["locked_packets"] == sum(packet["encrypted"] is True for packet in packets)
    assert counts["signed_packets"] == sum(packet["signed"] is True for packet in packets)
    assert facts["devices"] == sorted({packet["source"] for packet in packets})
    assert (facts["complete"], facts["gaps"], facts["damage"], facts["streams"]) == (True, [], None, ["spi"])
    assert facts["duration_ns"] == facts["samples"] * 250


def test_info_of_channels_without_meaning_says_who_knows_more(umiscope: Run, unnamed: Path) -> None:
    told = umiscope("info", unnamed)
    assert (told.status, told.err) == (0, "")
    assert "umiscope wiring proposes one" in told.out
    assert "Frames" not in told.out


def test_info_tells_serial_links_from_ports(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "optical.sr"
    write_sr(path, ("rx", "tx"), RATE_HZ, [drawn([Said(20, "h2p", b"/?!\r\n"), Said(500, "p2h", b"/ABC4METER\r\n")])])
    told = umiscope("info", path, "--uart", "rx=rx,tx=tx")
    assert told.status == 0
    assert "  Messages      2, of them 1 identification, 1 request\n" in told.out


def test_info_of_a_byte_log(umiscope: Run, samples: Path) -> None:
    told = umiscope("info", samples / "iec62056" / "energomera_CE301.session.jsonl")
    assert told.status == 0
    assert "  Duration      unknown\n" in told.out
    assert "  Complete      yes\n" in told.out


def test_a_proposed_wiring_can_be_pasted_and_decodes_the_recording(umiscope: Run, recording: Path, unnamed: Path) -> None:
    told = umiscope("wiring", unnamed)
    assert (told.status, told.err) == (0, "")
    assert " % sure\n  --spi port=1," in told.out
    program, *arguments = shlex.split(told.out.splitlines()[-1])
    assert program == "umiscope"
    again = umiscope(*arguments, "--format", "jsonl")
    assert (again.status, again.out) == (0, umiscope("decode", recording, "--format", "jsonl").out)


def test_names_are_a_wiring_that_frames_confirm(umiscope: Run, recording: Path) -> None:
    told = umiscope("wiring", recording, "--quiet")
    assert "The names of the channels say what they are." in told.out
    assert "umiscope decode" not in told.out


def test_nothing_to_wire_is_said_so(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "silent.sr"
    runs = small_talk().runs()
    write_sr(path, ["A", "B"], 1_000_000, [type(runs)(0, 100, runs.ticks[:1], runs.words[:1])])
    told = umiscope("wiring", path)
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith("No bus and no serial line can be made out among the channels (A, B).\n")


def test_profiles_are_listed_with_their_placeholders(umiscope: Run) -> None:
    lines = umiscope("profile", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["Name", "reference-1", "variant-a"]
    shown = umiscope("profile", "show", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(shown)))
    placeholders = sum(row["provenance"] == "P" for row in rows)
    assert lines[1].split()[1:3] == [str(len(rows)), str(placeholders)]


@pytest.mark.parametrize("name", ["reference-1", "variant-a", PROFILES / "variant-a.toml"])
def test_a_profile_shows_each_statement_with_its_provenance(name: str | Path, umiscope: Run) -> None:
    statements = [json.loads(line) for line in umiscope("profile", "show", name, "--format", "jsonl").out.splitlines()]
    lines = umiscope("profile", "show", name, "--quiet").out.splitlines()
    words = {"A": "article", "P": "placeholder"}
    assert [line.split(maxsplit=1) for line in lines] == [
        [said["statement"], words.get(said["provenance"], "standard " + said["provenance"].removeprefix("S: "))]
        for said in statements
    ]
    assert {"packet.source", "crc", "security.iv", "objects.read.response.items.value"} <= {
        said["statement"] for said in statements
    }


def test_shipped_profiles_have_no_mistake(umiscope: Run) -> None:
    for path in sorted(PROFILES.glob("*.toml")):
        told = umiscope("profile", "check", path)
        assert (told.status, told.err) == (0, "")
        assert told.out.endswith("No mistake found.\n")


def test_a_profile_that_contradicts_the_article_is_refused_with_every_reason(umiscope: Run, tmp_path: Path) -> None:
    text = (PROFILES / "reference-1.toml").read_text(encoding="utf-8")
    path = tmp_path / "larger.toml"
    path.write_text(
        text.replace("max_bytes = 256 ", "max_bytes = 512 ").replace("{ low = 0, high = 1, self = 2 }", "{ low = 0, high = 1 }"),
        encoding="utf-8",
    )
    told = umiscope("profile", "check", path)
    assert told.status == 5
    assert told.out.splitlines() == [
        "Frames have up to 256 bytes, not 512.",
        "Devices are of the power classes low, high and self, not high, low.",
    ]
    assert told.err.count("\n") == 1
    assert "larger.toml: 2 statements contradict the article; " in told.err


def test_the_manuals_table_of_findings_is_what_the_decoders_may_report(umiscope: Run) -> None:
    told = umiscope("findings", "--format", "markdown")
    assert told.out == (ROOT / "resources" / "help" / "findings.md").read_text(encoding="utf-8"), (
        "write it anew: umiscope findings --format markdown > resources/help/findings.md"
    )


def test_findings_are_listed_once_each(umiscope: Run) -> None:
    codes = [
        (code.name, code.layer, code.severity.name.lower(), code.meaning) for code in (*ALL_CODES, *CERTIFICATE_CODES, *FLAG_CODES)
    ]
    told = [json.loads(line) for line in umiscope("findings", "--format", "jsonl").out.splitlines()]
    assert sorted((one["code"], one["layer"], one["severity"], one["meaning"]) for one in told) == sorted(codes)
    text = umiscope("findings").out.splitlines()
    assert len(text) == 1 + len(codes)
    assert len({name for name, *_ in codes}) == len(codes)
