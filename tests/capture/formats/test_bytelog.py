import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.formats.bytelog import ByteLogMessage, _lines, read_byte_log
from decoders.core.errors import RecordingError


def log(folder: Path, *lines: str) -> Path:
    path = folder / "log.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_tx_is_the_tool_and_rx_the_device(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        '{"time_ns": 5, "direction": "tx", "data": "2f3f210d0a"}',
        '{"time_ns": 900000000, "direction": "rx", "data": "2F"}',
    )
    assert list(read_byte_log(path)) == [
        ByteLogMessage(5, "h2p", b"/?!\r\n"),
        ByteLogMessage(900_000_000, "p2h", b"/"),
    ]


def test_a_log_may_lack_times_and_name_its_sides_by_letters(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        '{"dir": "H>D", "hex": "06"}',
        "",
        '{"dir": "D>H", "hex": ""}',
        '{"time_ns": null, "direction": "rx", "data": "15"}',
    )
    assert list(read_byte_log(path)) == [
        ByteLogMessage(None, "h2p", b"\x06"),
        ByteLogMessage(None, "p2h", b""),
        ByteLogMessage(None, "p2h", b"\x15"),
    ]


def test_a_plain_file_is_what_the_device_sent(tmp_path: Path) -> None:
    path = tmp_path / "readout.BIN"
    path.write_bytes(bytes(range(256)) * 1000)
    entries = list(read_byte_log(path))
    assert {(entry.time_ns, entry.direction) for entry in entries} == {(None, "p2h")}
    assert b"".join(entry.data for entry in entries) == path.read_bytes()


def test_a_byte_order_mark_and_dos_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"direction": "tx", "data": "00"}\r\n\r\n{"direction": "tx", "data": "01"}')
    assert [entry.data for entry in read_byte_log(path)] == [b"\x00", b"\x01"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"data": "00"}', "direction is missing"),
        ('{"direction": "up", "data": "00"}', '"up" is no direction'),
        ('{"direction": ["tx"], "data": "00"}', '["tx"] is no direction'),
        ('{"direction": "H>D", "data": "00"}', '"H>D" is no direction'),
        ('{"direction": "tx"}', "data are missing"),
        ('{"direction": "tx", "data": 12}', "data is not a string"),
        ('{"direction": "tx", "data": "0g"}', "data is not hexadecimal"),
        ('{"dir": "H>D", "hex": "123"}', "hex is not hexadecimal"),
        ('{"direction": "tx", "data": "00", "time_ns": 1.5}', "time_ns is not"),
        ('{"direction": "tx", "data": "00", "time_ns": true}', "time_ns is not"),
        ('{"direction": "tx", "data": "00", "time_ns": 9223372036854775808}', "time_ns is not"),
        ('{"direction": "tx", "data": "00", "time_ns": 1' + "0" * 5000 + "}", ""),
    ],
)
def test_a_bad_line_is_named_after_the_good_ones_before_it(tmp_path: Path, line: str, what: str) -> None:
    entries = read_byte_log(log(tmp_path, '{"direction": "tx", "data": "00"}', "", line))
    assert next(entries) == ByteLogMessage(None, "h2p", b"\x00")
    with pytest.raises(RecordingError) as caught:
        next(entries)
    assert caught.value.where == f"{tmp_path / 'log.jsonl'}, line 3"
    assert what in caught.value.what
    assert caught.value.remedy


def test_a_line_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordingError, match=r"line 1: the line is not UTF-8 text"):
        list(read_byte_log(path))


def test_an_endless_line_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(RecordingError, match=r"line 1: the line is longer than 16 MiB"):
        list(read_byte_log(path))


@pytest.mark.parametrize("name", ["absent.jsonl", "absent.bin", "."])
def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(read_byte_log(tmp_path / name))
    assert str(tmp_path) in caught.value.where


ENTRIES = st.lists(
    st.builds(ByteLogMessage, st.none() | st.integers(-(1 << 63), (1 << 63) - 1), st.sampled_from(["h2p", "p2h"]), st.binary())
)


@given(ENTRIES)
def test_every_entry_comes_back_as_it_was_written(entries: list[ByteLogMessage]) -> None:
    names = {"h2p": "tx", "p2h": "rx"}
    lines = [
        json.dumps({"time_ns": entry.time_ns, "direction": names[entry.direction], "data": entry.data.hex()}) for entry in entries
    ]
    file = io.BytesIO("\n".join(lines).encode())
    assert list(_lines(file, Path("log.jsonl"))) == entries


@given(st.binary())
def test_any_bytes_are_entries_or_a_named_line(content: bytes) -> None:
    places = ["log.jsonl, line 1"]
    try:
        list(_lines(io.BytesIO(content), Path("log.jsonl")))
    except RecordingError as error:
        places.append(error.where)
    assert all(place.startswith("log.jsonl, line ") for place in places)


def test_every_real_log_is_read_to_its_last_line(samples: Path) -> None:
    for path in sorted((samples / "iec62056").glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        sides = {"H>D": "h2p", "D>H": "p2h"}
        assert [(entry.direction, entry.data.hex()) for entry in read_byte_log(path)] == [
            (sides[line["dir"]], line["hex"]) for line in lines
        ]
