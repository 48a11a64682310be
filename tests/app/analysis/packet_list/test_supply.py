"""Energy and charge of rows: blank until measured, and measured only of rows that were looked at."""

from __future__ import annotations

from typing import cast

import pytest

from app.analysis.packet_list.rows import Kind, code_of
from app.analysis.packet_list.supply import AT_ONCE, KEPT_ROWS, RowSupplies
from app.analysis.packet_list.text import Column
from app.analysis.power.energies import Energies
from app.analysis.power.meter import Load, Measured

THIN = "\u2009"


class Asked:
    """Energies of which every record took as many microjoules as its number; records above `known` nobody knows yet."""

    is_wired = True

    def __init__(self, known: int = 10**6) -> None:
        self.known = known
        self.asked: list[tuple[str, int]] = []

    def of(self, layer: str, no: int) -> Measured | None:
        self.asked.append((layer, no))
        return Measured(no * 1e-7, no * 1e-6, 0.1, Load(1e-6, 3e-6), shared=no % 2 == 0) if no <= self.known else None


def supplies(known: int = 10**6) -> tuple[RowSupplies, Asked]:
    asked = Asked(known)
    return RowSupplies(cast(Energies, asked)), asked


def packet(no: int) -> int:
    return code_of(Kind.PACKET, no)


def test_a_cell_is_blank_until_it_is_measured() -> None:
    rows, asked = supplies()
    assert rows.cell(packet(5), Column.ENERGY) == ""
    assert not asked.asked
    assert rows.measure() == [packet(5)]
    assert rows.cell(packet(5), Column.ENERGY) == f"5.000{THIN}µJ"
    assert rows.cell(packet(5), Column.CHARGE) == f"500.0{THIN}nC"
    assert rows.cell(packet(5), Column.INFO) == ""
    assert asked.asked == [("packets", 5)]


def test_what_is_shared_has_a_sign_and_says_so() -> None:
    rows, _ = supplies()
    rows.cell(packet(4), Column.ENERGY)
    rows.measure()
    assert rows.cell(packet(4), Column.ENERGY) == f"* 4.000{THIN}µJ"
    assert "shared with what overlaps it" in rows.tip(packet(4))


def test_frames_are_measured_as_frames_and_gaps_never() -> None:
    rows, asked = supplies()
    for kind in (Kind.FRAME, Kind.MEMBER, Kind.GAP):
        rows.cell(code_of(kind, 3), Column.CHARGE)
    rows.measure()
    assert asked.asked == [("frames", 3), ("frames", 3)]
    assert not rows.is_behind


def test_rows_that_were_asked_for_last_come_first_and_few_at_once() -> None:
    rows, asked = supplies()
    for no in range(1, 21):
        rows.cell(packet(no), Column.ENERGY)
    rows.measure()
    assert [no for _, no in asked.asked] == list(range(20, 20 - AT_ONCE, -1))
    assert rows.is_behind


def test_what_nobody_knows_is_measured_again_only_when_more_is_known() -> None:
    rows, asked = supplies(known=3)
    rows.cell(packet(7), Column.ENERGY)
    assert rows.measure() == []
    assert rows.cell(packet(7), Column.ENERGY) == ""
    assert not rows.is_behind
    asked.known = 10
    rows.look_again()
    rows.cell(packet(7), Column.ENERGY)
    assert rows.measure() == [packet(7)]
    assert rows.cell(packet(7), Column.ENERGY) == f"7.000{THIN}µJ"


def test_only_so_many_rows_are_kept() -> None:
    rows, _ = supplies()
    for no in range(1, KEPT_ROWS + 100):
        rows.cell(packet(no), Column.ENERGY)
        rows.measure()
    assert len(rows._kept) <= KEPT_ROWS


@pytest.mark.parametrize("column", [Column.ENERGY, Column.CHARGE])
def test_without_currents_there_is_nothing_to_measure(column: Column) -> None:
    rows = RowSupplies()
    assert rows.cell(packet(1), column) == ""
    assert rows.tip(packet(1)) == ""
    assert rows.measure() == []
    assert not rows.is_wired
