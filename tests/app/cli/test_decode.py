"""What `umiscope decode` shows of which file, by its options."""

from __future__ import annotations

import csv
import functools
import io
import json
import operator
import shutil
from pathlib import Path
from typing import Any

import pytest

from capture.formats.sigrok_writer import write_sr
from tests.app.cli.conftest import Run
from tests.app.cli.small_talk import small_talk
from tests.decoders.bus.opto_drawing import RATE_HZ, Said, drawn
from tests.helpers.umi import HOST, METER, frame, packet, shipped

ROOT = Path(__file__).resolve().parents[3]
DATASHEET = ROOT / "resources" / "datasheets" / "example-gas-meter.toml"
PORTS = ("--spi", "port=1,sck=D0,mosi=D1,miso=D2,cs=D3", "--spi", "port=2,sck=#0,mosi=1,miso=d2,cs=4")


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_options_wire_what_names_do_not(umiscope: Run, recording: Path, unnamed: Path) -> None:
    named = umiscope("decode", recording, "--format", "jsonl")
    wired = umiscope("decode", unnamed, *PORTS, "--format", "jsonl")
    assert (wired.status, wired.out) == (0, named.out)


def test_options_replace_what_names_say(umiscope: Run, recording: Path) -> None:
    told = umiscope("decode", recording, "--spi", "port=7,sck=SCK,mosi=MOSI,miso=MISO,cs=CS2", "--format", "jsonl", "-l", "frames")
    assert {record["port"] for record in records(told.out)} == {7}


def test_a_rate_scales_all_times(umiscope: Run, recording: Path) -> None:
    usual = records(umiscope("decode", recording, "--format", "jsonl").out)
    slower = records(umiscope("decode", recording, "--format", "jsonl", "--rate", "500k").out)
    assert [record["time_ns"] for record in slower] == [2 * record["time_ns"] for record in usual]


def test_a_recording_without_a_rate_says_what_is_assumed(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "no-rate.sr"
    wave = small_talk()
    write_sr(path, wave.channels, None, [wave.runs()])
    told = umiscope("decode", path)
    assert told.status == 0
    assert "1 MS/s assumed" in told.out.splitlines()[0]
    assert "no-rate.sr: times assume 1 MS/s; --rate says how fast it was sampled\n" in told.err
    assert umiscope("decode", path, "--quiet").err == ""
    assert "· 1 MS/s ·" in umiscope("decode", path, "--rate", "1 MHz").out
    assert umiscope("decode", path, "--rate", "1 MHz").err == told.err.replace(told.err.splitlines(keepends=True)[-1], "")


def test_a_datasheet_names_objects_and_their_units(umiscope: Run, recording: Path) -> None:
    assert "00420100 = 12481377" in umiscope("decode", recording).out
    told = umiscope("decode", recording, "--datasheet", DATASHEET).out
    assert "volume index = 12481.377 m³" in told
    assert "00420100" not in told


def test_another_profile_finds_no_frames(umiscope: Run, recording: Path) -> None:
    told = umiscope("decode", recording, "--profile", "variant-a", "-l", "frames", "--format", "jsonl")
    assert told.status == 0
    assert all(record["malformed"] for record in records(told.out))


def test_a_profile_of_ones_own_is_read_from_its_file(umiscope: Run, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    shutil.copy(ROOT / "resources" / "profiles" / "reference-1.toml", path)
    assert umiscope("decode", recording, "--profile", path).out == umiscope("decode", recording).out


@pytest.mark.parametrize("layer", ["transfers", "frames", "packets", "transactions", "sessions", "findings"])
def test_csv_of_a_silent_recording_still_names_its_columns(layer: str, umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "silent.sr"
    wave = small_talk()
    write_sr(path, wave.channels, 1_000_000, [type(wave.runs())(0, 100, wave.runs().ticks[:1], wave.runs().words[:1])])
    told = umiscope("decode", path, "-l", layer, "--format", "csv")
    assert told.status == 0
    (names,) = csv.reader(io.StringIO(told.out))
    assert names[:2] == {"transactions": ["no", "command"], "sessions": ["id", "initiator"]}.get(layer, ["no", "time_ns"])


def test_every_layer_can_be_followed_by_trees_and_bytes(umiscope: Run, recording: Path) -> None:
    frames = umiscope("decode", recording, "-l", "frames", "-V", "-x").out
    assert "     0001    Frame length           49 bytes  (P)\n" in frames
    assert "     0000  5a 7e 7e 3c                                       Z~~<\n" in frames
    transfers = umiscope("decode", recording, "-l", "transfers", "-x").out
    assert "        MOSI\n        0000  a5 30 10 18" in transfers
    transactions = umiscope("decode", recording, "-l", "transactions", "-V").out
    assert transactions.count("  Packet     ") == 14


def test_a_tree_marks_what_is_wrong(umiscope: Run, recording: Path) -> None:
    told = umiscope("decode", recording, "-V").out
    assert "0021      Current  (P)  ✕ the data ends inside this field" in told
    assert "Version                3  (P)  ✕ must be 1" in told


def test_a_byte_log_shows_its_messages_without_being_asked(umiscope: Run, samples: Path) -> None:
    path = samples / "iec62056" / "smartmeter-obis_ISk_MT174.session.jsonl"
    lines = umiscope("decode", path).out.splitlines()
    assert lines[0] == "smartmeter-obis_ISk_MT174.session.jsonl · 9 583 bytes · without times"
    assert lines[3:6] == [
        "  1  tool ▸    wakeup                 40 × <NUL>",
        "  2  tool ▸    request                /?Bla0!⏎",
        "  3  device ◂  identification         /ISk5MT174-0001⏎",
    ]
    assert "     → 9600 baud 7E1, EN 62056-21" in lines
    assert lines[-1].startswith("6 messages (2 option, 1 wakeup, ")


def test_every_byte_of_a_byte_log_is_in_one_message(umiscope: Run, samples: Path) -> None:
    for path in sorted((samples / "iec62056").glob("*.bin")):
        told = umiscope("decode", path, "--format", "jsonl")
        assert told.status == 0
        assert bytes.fromhex("".join(record["data"] for record in records(told.out))) == path.read_bytes()


def test_messages_have_the_fields_that_the_interface_names(umiscope: Run, samples: Path) -> None:
    told = umiscope("decode", samples / "iec62056" / "energomera_CE301.session.jsonl", "-l", "flag", "--format", "jsonl")
    first, second, *_, last = records(told.out)
    assert list(first)[:8] == ["no", "time_ns", "direction", "kind", "text", "fields", "bcc", "parity_errors"]
    assert (first["kind"], first["direction"], first["text"], first["bcc"]) == ("request", "h2p", "/?!\r\n", "absent")
    assert (second["fields"]["manufacturer"], second["fields"]["baud"]) == ("EKT", 9600)
    assert last["no"] == len(told.out.splitlines())
    assert {record["bcc"] for record in records(told.out)} == {"absent", "sum"}


def test_notes_of_an_exchange_count_for_fail_on(umiscope: Run, samples: Path) -> None:
    path = samples / "iec62056" / "energomera_CE301.session.jsonl"
    assert umiscope("decode", path, "--fail-on", "warning").status == 0
    assert umiscope("decode", path, "--fail-on", "note").status == 1


def optical(path: Path, channels: tuple[str, str] = ("rx", "tx")) -> Path:
    """A readout in mode C over two receivers: 300 baud to agree, 4800 to answer."""
    block = b"1.8.0(000123.4*kWh)\r\n!\r\n\x03"
    said = [
        Said(20, "h2p", b"/?!\r\n"),
        Said(500, "p2h", b"/ABC4METER\r\n"),
        Said(1300, "h2p", b"\x06040\r\n"),
        Said(1800, "p2h", b"\x02" + block + bytes([functools.reduce(operator.xor, block)]), baud=4800),
    ]
    write_sr(path, channels, RATE_HZ, [drawn(said)])
    return path


def test_a_serial_line_is_heard_through_its_changes_of_speed(umiscope: Run, tmp_path: Path) -> None:
    told = umiscope("decode", optical(tmp_path / "optical.sr"), "--uart", "rx=rx,tx=tx")
    assert (told.status, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == "optical.sr · 2 channels · 48 kS/s · 2.36 s"
    assert lines[1] == "opto: EN 62056-21 on tx and rx, any baud"
    assert lines[4:9] == [
        "  1  0.020 000 000           tool ▸    request                /?!⏎",
        "  2  0.500 000 000   480 ms  device ◂  identification         /ABC4METER⏎",
        "  3  1.300 000 000   800 ms  tool ▸    option                 <ACK>040⏎",
        "     → 4800 baud 7E1, EN 62056-21",
        "  4  1.800 000 000   500 ms  device ◂  readout         ok     <STX>1.8.0(000123.4*kWh)⏎!⏎<ETX>~",
    ]
    assert lines[-1].startswith("4 messages (1 request, 1 identification, 1 option, 1 readout)")


def test_a_data_set_is_a_field_of_its_readout(umiscope: Run, tmp_path: Path) -> None:
    path = optical(tmp_path / "optical.sr")
    (*_, readout) = records(umiscope("decode", path, "--uart", "rx=rx,tx=tx,baud=300", "-l", "flag", "--format", "jsonl").out)
    assert readout["fields"]["items"] == [{"address": "1.8.0", "value": "000123.4", "unit": "kWh"}]
    assert (readout["bcc"], readout["parity_errors"], readout["stream"]) == ("ok", 0, "opto")
    assert 1_800_000_000 <= readout["time_ns"] < 1_801_000_000


def test_serial_lines_need_a_rate(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "no-rate.sr"
    write_sr(path, ("rx", "tx"), None, [drawn([Said(20, "h2p", b"/?!\r\n")])])
    told = umiscope("decode", path, "--uart", "rx=rx", "--quiet")
    assert (told.status, told.out) == (2, "")
    assert "sample rate" in told.err
    assert umiscope("decode", path, "--uart", "rx=rx", "--rate", "48k").status == 0


def test_a_link_without_exchanges_has_no_flag_layer(umiscope: Run, tmp_path: Path) -> None:
    told = umiscope("decode", optical(tmp_path / "optical.sr"), "--uart", "rx=rx,protocol=raw", "--layer", "flag")
    assert (told.status, told.out) == (2, "")


def test_a_umi_device_at_an_optical_port_goes_on_with_frames(umiscope: Run, tmp_path: Path) -> None:
    content = packet(shipped("reference-1"), "power.port_state", {"port": 1}, source=HOST, destination=METER)
    said = [
        Said(20, "h2p", b"/?!\r\n"),
        Said(500, "p2h", b"/UMI5\\UMETER\r\n"),
        Said(1400, "h2p", b"\x06257\r\n"),
        Said(1900, "p2h", b"\x06257\r\n"),
        Said(2400, "h2p", frame(shipped("reference-1"), "data", (0, 1), content), 9600, link=True),
    ]
    path = tmp_path / "umi.sr"
    write_sr(path, ("rx", "tx"), RATE_HZ, [drawn(said)])
    wired = ("--uart", "rx=rx,tx=tx,name=service")
    messages = umiscope("decode", path, *wired).out
    assert "→ 9600 baud 8N1, UMI link frames, which the layers above show" in messages
    (found,) = records(umiscope("decode", path, *wired, "--layer", "packets", "--format", "jsonl").out)
    assert (found["port"], found["direction"], found["stream"]) == (1, "h2p", "service")
    assert (found["service"], found["fields"]) == ("power", {"port": 1})
    info = umiscope("info", path, *wired).out
    assert "  Frames        1\n" in info
    assert "  Messages      4, of them 1 identification, 2 option, 1 request\n" in info


def test_a_byte_log_has_one_layer_and_no_channels(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"direction": "tx", "data": "2f3f210d0a"}\n', encoding="utf-8")
    assert umiscope("decode", path, "--layer", "packets").status == 2
    assert umiscope("decode", path, "--uart", "rx=0").status == 2
    assert umiscope("decode", path).status == 0
