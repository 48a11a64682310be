"""Searches in slices, and what people write to name a place."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.names import DatasheetNames
from app.analysis.packet_list.find import Look, Search, Target, matcher_of, parse_target
from app.analysis.packet_list.match import ConversationRows, PacketRows, is_value, values_of
from app.analysis.packet_list.rows import Codes, Kind, Rows, code_of, kind_of, number_of
from app.analysis.packet_list.text import RowTexts
from app.analysis.tables.snapshot import Snapshot
from decoders.core.errors import FilterError
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.stack import Decoded
from tests.helpers import umi
from tests.helpers.growing import busy, demo, whole

TIMEBASE = Timebase(umi.RATE_HZ)


@functools.cache
def snapshot(name: str = "demo") -> Snapshot:
    pieces: list[Decoded] = demo() if name == "demo" else busy(umi.shipped(name))
    return whole(umi.shipped("reference-1" if name == "demo" else name), pieces)


@functools.cache
def rows(name: str = "demo") -> Rows:
    made = Rows(snapshot(name), finished=True)
    made.unfold_all(unfolded=True)
    return made


def texts(name: str = "demo") -> RowTexts:
    return RowTexts(snapshot(name), TIMEBASE, DatasheetNames(DatasheetSet()))


def found(look: Look, wanted: str, name: str = "demo") -> list[int]:
    """The rows that a search goes through until it is back where it began."""
    matcher = matcher_of(look, wanted, snapshot(name), texts(name))
    hits: list[int] = []
    row = -1
    while (hit := Search(rows(name), matcher, row, wraps=False).run()) is not None:
        hits.append(hit)
        row = hit
    return hits


def expected(is_hit: Callable[[int], bool], name: str = "demo") -> list[int]:
    return [row for row, code in enumerate(rows(name).codes.tolist()) if is_hit(code)]


@pytest.mark.parametrize("wanted", ["cover OPENED", "acde48000000b002", "bad crc", "locked", "nothing of this"])
def test_text_is_found_in_any_cell_whatever_its_case(wanted: str) -> None:
    said = texts().said
    assert found(Look.TEXT, wanted) == expected(lambda code: any(wanted.casefold() in cell.casefold() for cell in said(code)))


@pytest.mark.parametrize("name", ["demo", *umi.PROFILES])
@pytest.mark.parametrize("wanted", ["ac de", "a5", "00 00 00", "5a7e7e3c", "de:ad:be:ef"])
def test_bytes_are_found_in_packets_and_frames(name: str, wanted: str) -> None:
    data = bytes.fromhex(wanted.replace(":", ""))

    def content(code: int) -> bytes:
        match kind_of(code):
            case Kind.PACKET:
                return snapshot(name).packet_content(number_of(code))
            case Kind.GAP:
                return b""
            case _:
                return snapshot(name).frame_content(number_of(code))

    assert found(Look.HEX, wanted, name) == expected(lambda code: data in content(code), name)


@pytest.mark.parametrize("name", ["demo", *umi.PROFILES])
@pytest.mark.parametrize(
    "field", ["status=denied", "operation = read", "packet.source=AC:DE:48:00:00:00:A0:01", "response=yes", "type=nak"]
)
def test_header_fields_are_found_by_name_and_value(name: str, field: str) -> None:
    key, _, value = (part.strip() for part in field.partition("="))

    def is_hit(code: int) -> bool:
        match kind_of(code):
            case Kind.PACKET:
                header = snapshot(name).packet(number_of(code)).reading.header
            case Kind.GAP:
                return False
            case _:
                header = snapshot(name).frame(number_of(code)).header
        return any(is_value(one, value) for one in values_of(header, key.rpartition(".")[2]))

    assert found(Look.FIELD, field, name) == expected(is_hit, name)


def test_a_value_in_a_payload_is_found_at_any_depth() -> None:
    hits = found(Look.FIELD, "code=00420100")
    assert hits
    packets = [snapshot().packet(number_of(int(rows().codes[row]))) for row in hits]
    assert all(packet.reading.payload and "00420100" in str(packet.reading.payload.record) for packet in packets)
    assert found(Look.FIELD, "codes=00420001")
    assert found(Look.FIELD, "limit_ma=50")


@pytest.mark.parametrize(
    ("look", "wanted"),
    [
        (Look.TEXT, ""),
        (Look.HEX, "a"),
        (Look.HEX, "xy"),
        (Look.HEX, ""),
        (Look.FIELD, "status"),
        (Look.FIELD, "=1"),
        (Look.FIELD, "statsu=ok"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_a_remedy(look: Look, wanted: str) -> None:
    with pytest.raises(FilterError) as refused:
        matcher_of(look, wanted, snapshot(), texts())
    assert refused.value.remedy


class Numbers:
    """Matches some rows, a few at once."""

    def __init__(self, wanted: set[int], rows_at_once: int) -> None:
        self.wanted, self.rows_at_once = wanted, rows_at_once

    def matches(self, codes: Codes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([rows().row_of(code) in self.wanted for code in codes.tolist()], np.bool_)


@given(st.sets(st.integers(0, 78), max_size=5), st.integers(-1, 78), st.integers(1, 100), st.booleans(), st.booleans())
def test_a_search_finds_the_nearest_row_on_its_way_and_goes_round(
    wanted: set[int], start: int, rows_at_once: int, backwards: bool, wraps: bool
) -> None:
    search = Search(rows(), Numbers(wanted, rows_at_once), start, backwards=backwards, wraps=wraps)
    count = len(rows())
    way = list(range(start - 1, -1, -1)) if backwards else list(range(start + 1, count))
    round_way = list(range(count - 1, max(start, 0) - 1, -1)) if backwards else list(range(start + 1))
    there = [row for row in way + (round_way if wraps else []) if row in wanted]
    assert search.run() == (there[0] if there else None)
    assert search.is_done
    assert search.looked_at <= count
    if there:
        assert search.wrapped == (there[0] not in way)


def test_a_search_in_an_empty_list_is_done_at_once() -> None:
    assert Search(Rows(whole(umi.shipped("reference-1"), [])), PacketRows(), -1).run() is None


@pytest.mark.parametrize("name", ["demo", *umi.PROFILES])
def test_a_conversation_is_what_two_parties_say_in_either_direction(name: str) -> None:
    headers = [snapshot(name).packet(no).reading.header for no in range(1, snapshot(name).count("packets") + 1)]
    parties = {headers[0]["source"], headers[0]["destination"]}
    of = [no for no, header in enumerate(headers, 1) if {header.get("source"), header.get("destination")} == parties]
    search = ConversationRows(snapshot(name), 1)
    matches = search.matches(rows(name).codes)
    assert matches.tolist() == [code in {code_of(Kind.PACKET, no) for no in of} for code in rows(name).codes.tolist()]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("41", Target("packets", 41)),
        ("8 410", Target("packets", 8410)),
        ("p7", Target("packets", 7)),
        ("f123", Target("frames", 123)),
        ("F 123", Target("frames", 123)),
        ("12.5 s", Target("time", 12_500_000)),
        ("12.034\u2009512\u2009000 s", Target("time", 12_034_512)),
        ("350 ms", Target("time", 350_000)),
        ("2 min", Target("time", 120_000_000)),
        ("1 us", Target("time", 1)),
    ],
)
def test_a_place_is_a_packet_a_frame_or_a_time(text: str, target: Target) -> None:
    assert parse_target(text, TIMEBASE) == target


@pytest.mark.parametrize("text", ["", "s", "12.5", "x4", "f", "1e5 s", "9" * 40])
def test_what_is_no_place_says_what_is(text: str) -> None:
    with pytest.raises(FilterError, match="no place"):
        parse_target(text, TIMEBASE)
