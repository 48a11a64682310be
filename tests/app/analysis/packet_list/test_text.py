"""What stands in a row."""

from __future__ import annotations

import functools

import pytest

from app.analysis.names import DatasheetNames
from app.analysis.packet_list import text as rows_text
from app.analysis.packet_list.rows import Kind, Rows, code_of
from app.analysis.packet_list.severity import Severities
from app.analysis.packet_list.text import COLUMNS, Column, Protection, RowText, RowTexts, TimeStyle
from app.analysis.tables.snapshot import Snapshot
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from tests.helpers import umi
from tests.helpers.growing import GrowingTables, busy, demo, whole

RATE_HZ = 2_000_000


@functools.cache
def snapshot(name: str = "demo") -> Snapshot:
    return whole(umi.shipped("reference-1"), demo() if name == "demo" else busy(umi.shipped("reference-1")))


@functools.cache
def rows(name: str = "demo") -> Rows:
    made = Rows(snapshot(name), quiet=True, finished=True)
    made.unfold_all(unfolded=True)
    return made


def texts(rate_hz: int = RATE_HZ, utc: int | None = None, streams: tuple[str, ...] = (), name: str = "demo") -> RowTexts:
    made = RowTexts(snapshot(name), Timebase(rate_hz, utc), DatasheetNames(DatasheetSet()), streams)
    made.severities.update()
    return made


def row_text(made: RowTexts, kind: Kind, no: int, name: str = "demo") -> RowText:
    row = rows(name).row_of(code_of(kind, no))
    assert row is not None
    return made.row(rows(name), row)


def test_a_packet_says_who_says_what_to_whom() -> None:
    row = row_text(texts(), Kind.PACKET, 2)
    start = snapshot().packet(2).start
    assert row.cells == (
        "2",
        f"0.{start * 500 // 1_000_000:03d}\u2009{start * 500 // 1000 % 1000:03d}\u2009{start * 500 % 1000:03d} s",
        row.cell(Column.DELTA),
        "1 ◂",
        "acde48000000a001",
        "acde480000000001",
        "objects",
        "read",
        "ok",
        "open",
        "65 B",
        "",
        "",
        "00420001 = 'GI-2026-000417', 00420002 = 66051",
    )
    assert (row.tick, row.protection, row.dim) == (start, Protection.OPEN, False)


def test_a_forwarded_packet_says_how_long_the_host_kept_it() -> None:
    assert "forwarded after" in row_text(texts(), Kind.PACKET, 7).cell(Column.INFO)


def test_link_frames_say_their_ends_and_what_became_of_them() -> None:
    power, malformed, nak, again = (
        row_text(texts(), kind, no) for kind, no in ((Kind.FRAME, 1), (Kind.FRAME, 22), (Kind.FRAME, 23), (Kind.MEMBER, 24))
    )
    assert power.cells[4:] == ("host", "port 1", "link", "power", "", "", "12 B", "", "", power.cell(Column.INFO))
    assert "50 mA" in power.cell(Column.INFO)
    assert (malformed.cell(Column.OPERATION), malformed.cell(Column.SOURCE)) == ("bad crc", "")
    assert malformed.cell(Column.INFO).startswith("a5 36 31 18")
    assert (nak.cell(Column.OPERATION), nak.cell(Column.STATUS)) == ("nak", "bad_crc")
    assert again.cell(Column.INFO).endswith("sent again, forwarded, see f26")
    assert all(row.dim for row in (power, malformed, nak, again))


def test_a_gap_says_how_much_is_missing() -> None:
    row = row_text(texts(umi.RATE_HZ, name="busy"), Kind.GAP, 1, "busy")
    assert (row.cell(Column.OPERATION), row.cell(Column.INFO)) == ("gap", "5.00 ms of the recording are missing")
    assert row.severity is Severity.WARNING


def test_ports_are_named_with_their_link_where_there_are_several() -> None:
    assert row_text(texts(streams=("spi", "opto")), Kind.PACKET, 1).cell(Column.PORT) == "spi 1 ▸"
    assert row_text(texts(streams=("spi",)), Kind.PACKET, 1).cell(Column.PORT) == "1 ▸"


def test_times_count_from_the_start_the_row_above_a_reference_or_in_utc() -> None:
    made = texts(utc=1_700_000_000_000_000_000)
    first, second = (rows().row_of(code_of(Kind.PACKET, no)) for no in (3, 4))
    assert first is not None
    assert second is not None
    ns = [made.row(rows(), row).tick * 500 for row in (first, second)]

    def seconds() -> list[str]:
        made.forget()
        return [made.row(rows(), row).cell(Column.TIME).replace("\u2009", "") for row in (first, second)]

    assert seconds() == [f"{ns[0] / 1e9:.9f} s", f"{ns[1] / 1e9:.9f} s"]
    made.time_style, made.reference = TimeStyle.REFERENCE, made.row(rows(), second).tick
    assert seconds() == [f"−{(ns[1] - ns[0]) / 1e9:.9f} s", "0.000000000 s"]
    made.time_style = TimeStyle.PREVIOUS
    above = rows().time_of(int(rows().codes[rows().owner(second - 1)])) * 500
    assert seconds()[1] == f"{(ns[1] - above) / 1e9:.9f} s"
    made.time_style = TimeStyle.UTC
    assert seconds()[0] == f"2023-11-14 22:13:20.{ns[0]:09d}"


def test_a_slow_clock_has_no_digits_that_it_cannot_measure() -> None:
    assert len(row_text(texts(1_000_000), Kind.PACKET, 1).cell(Column.TIME)) + 4 == len(
        row_text(texts(1_000_001), Kind.PACKET, 1).cell(Column.TIME)
    )


def test_without_a_known_start_utc_is_the_time_since_the_start() -> None:
    made = texts()
    usual = row_text(made, Kind.PACKET, 1)
    made.time_style = TimeStyle.UTC
    made.forget()
    assert row_text(made, Kind.PACKET, 1) == usual


def test_a_row_is_made_once_and_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_text, "KEPT_ROWS", 8)
    made = texts()
    assert made.row(rows(), 3) is made.row(rows(), 3)
    first = made.row(rows(), 3)
    for row in range(len(rows())):
        made.row(rows(), row)
    assert made.kept_rows <= 8
    assert made.row(rows(), 3) is not first
    assert made.row(rows(), 3) == first


def test_a_row_bears_the_gravest_finding_of_itself_its_frames_and_its_transaction() -> None:
    made = texts()
    for code in rows().codes.tolist():
        assert made.severities.of(code) == _gravest(code), code


def _gravest(code: int) -> Severity | None:
    kind, no = Kind(code >> 30), code & (1 << 30) - 1
    mine = {("frames", no)}
    if kind is Kind.PACKET:
        mine = {("packets", no)} | {("frames", frame) for frame in snapshot().frames_of_packet(no)}
        transaction = snapshot().transaction_of_packet(no)
        if transaction is not None and snapshot().transaction(transaction).response in {None, no}:
            mine.add(("transactions", transaction))
    noticed = [snapshot().finding(number + 1) for number in range(snapshot().count("findings"))]
    return max((one.code.severity for one in noticed if (one.code.layer, one.record) in mine), default=None)


def test_findings_are_taken_in_as_they_come() -> None:
    tables = GrowingTables(umi.shipped("reference-1"), demo())
    severities, whole_ones = Severities(tables.snapshot), Severities(snapshot())
    whole_ones.update()
    while tables.left:
        before = tables.snapshot.count("findings")
        tables.add(7)
        assert severities.update() == (tables.snapshot.count("findings") > before)
    codes = rows().codes.tolist()
    assert [severities.of(code) for code in codes] == [whole_ones.of(code) for code in codes]


def test_every_column_has_a_cell() -> None:
    made = texts(umi.RATE_HZ, name="busy")
    assert {len(made.row(rows("busy"), row).cells) for row in range(len(rows("busy")))} == {len(COLUMNS)}
