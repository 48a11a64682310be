"""UMI IDs as people and records write them, and the makers behind them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoders.identity import display_umi_id, format_umi_id, maker_of, parse_oui, parse_umi_id

HOST = bytes.fromhex("0019020000000001")


@pytest.mark.parametrize(
    "text",
    [
        "0019020000000001",
        "00-19-02-00-00-00-00-01",
        "00:19:02:00:00:00:00:01",
        "00 19 02 00 00 00 00 01",
        "0019:0200:0000:0001",
        "0019.0200.0000.0001",
    ],
)
def test_separators_do_not_matter(text: str) -> None:
    assert parse_umi_id(text) == HOST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "001902000000001",
        "00190200000000011",
        "001902000000000g",
        "00-19:02-00-00-00-00-01",
        "0-019020000000001",
        "00-1902-00-00-00-00-01",
        "00-19-02-00-00-00-00-01-",
        "0x19020000000001",
        "00--19-02-00-00-00-00-01",
        "00190200000000_1",
        "001902000000000\u0661",
    ],
)
def test_what_is_not_sixteen_digits_is_no_umi_id(text: str) -> None:
    with pytest.raises(ValueError, match="a UMI ID is 16 hex digits, not '"):
        parse_umi_id(text)


@given(st.binary(min_size=8, max_size=8))
def test_both_ways_of_writing_a_umi_id_read_back(umi_id: bytes) -> None:
    assert parse_umi_id(format_umi_id(umi_id)) == umi_id
    assert parse_umi_id(display_umi_id(umi_id)) == umi_id


def test_records_write_lower_case_and_people_read_dashes() -> None:
    umi_id = bytes.fromhex("00237EBB1818E811")
    assert format_umi_id(umi_id) == "00237ebb1818e811"
    assert display_umi_id(umi_id) == "00-23-7E-BB-18-18-E8-11"


@pytest.mark.parametrize("size", [0, 7, 9])
def test_a_umi_id_is_eight_bytes(size: int) -> None:
    for use in (format_umi_id, display_umi_id, maker_of):
        with pytest.raises(ValueError, match=f"a UMI ID is 8 bytes, not {size}"):
            use(bytes(size))


def test_an_oui_is_three_bytes() -> None:
    assert parse_oui("00-19-02") == parse_oui("001902") == parse_oui("00:19:02") == b"\x00\x19\x02"
    for text in ("00-19", "0019", "00190", "00-19-02-00", "0019-02", "acme"):
        with pytest.raises(ValueError, match="an OUI is 6 hex digits, not '"):
            parse_oui(text)


def test_the_registry_names_the_makers_of_the_first_umi_devices() -> None:
    assert "Cambridge Consultants" in (maker_of(HOST) or "")
    assert "ELSTER" in (maker_of("00-23-7E-BB-18-18-E8-11") or "").upper()


def test_an_unregistered_oui_has_no_maker() -> None:
    assert maker_of("ffffff0000000001") is None


def test_the_registry_is_read_only_when_it_is_asked() -> None:
    script = "import sys, decoders.identity, decoders.datasheet.load; sys.exit('netaddr' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[2]).returncode == 0
