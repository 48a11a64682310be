"""A list of records as a Qt model: empty, filled and growing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.analysis.panes.device_list import DeviceList
from app.analysis.panes.devices import Device
from app.analysis.panes.findings import FindingList
from app.analysis.panes.listing import Listing
from app.analysis.panes.transactions import LATENCY, SERVICE, TransactionList
from app.analysis.tables.snapshot import Snapshot
from app.desktop import theme
from app.desktop.models.list_model import ListModel
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.profile.wire_profile import WireProfile
from tests.helpers import growing, umi

TIMEBASE = Timebase(umi.RATE_HZ)
pytestmark = pytest.mark.usefixtures("qtbot")
LISTS = (FindingList, TransactionList)
Role = Qt.ItemDataRole


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)


def texts(model: ListModel) -> list[list[str]]:
    return [[model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())]


def by_hand(listing: Listing) -> list[list[str]]:
    return [list(listing.row(int(no)).cells) for no in listing.order()]


@pytest.mark.parametrize("make", LISTS)
def test_a_list_of_nothing_is_a_model_of_nothing(make: type[FindingList | TransactionList]) -> None:
    model = ListModel(make(growing.whole(umi.shipped("reference-1"), []), TIMEBASE))
    watched(model)
    assert model.rowCount() == 0
    assert model.number(0) is None


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize("profile", [umi.shipped(name) for name in umi.PROFILES], ids=umi.PROFILES)
def test_a_list_that_grows_shows_at_each_moment_what_a_new_one_would(
    profile: WireProfile, make: type[FindingList | TransactionList]
) -> None:
    tables = growing.GrowingTables(profile, growing.busy(profile))
    model = ListModel(make(tables.snapshot, TIMEBASE))
    watched(model)
    while tables.left:
        tables.add()
        model.refresh()
        assert texts(model) == by_hand(make(tables.snapshot, TIMEBASE))
    assert model.rowCount() > 0


def test_numbers_stand_at_the_right_in_equal_digits_and_severities_have_their_colour() -> None:
    snapshot: Snapshot = growing.whole(umi.shipped("reference-1"), growing.demo())
    model = ListModel(FindingList(snapshot, TIMEBASE))
    watched(model)
    time, severity = model.index(0, 1), model.index(0, 0)
    assert time.data(Role.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert time.data(Role.FontRole) == theme.mono_font()
    assert severity.data(Role.ForegroundRole) == theme.LIGHT.color("warning")
    assert time.data(Role.ForegroundRole) is None
    assert severity.data(Role.ToolTipRole).startswith("A stretch looks like a frame")
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Time s"


def test_another_choice_keeps_each_record_findable() -> None:
    findings = FindingList(growing.whole(umi.shipped("reference-1"), growing.demo()), TIMEBASE)
    model = ListModel(findings)
    watched(model)
    findings.least = Severity.WARNING
    model.reset()
    assert model.rowCount() == 3
    assert [model.row_of(model.number(row) or 0) for row in range(3)] == [0, 1, 2]
    assert model.row_of(999) is None


def test_sorting_by_a_column_that_does_not_sort_changes_nothing() -> None:
    transactions = TransactionList(growing.whole(umi.shipped("reference-1"), growing.demo()), TIMEBASE)
    model = ListModel(transactions)
    watched(model)
    before = texts(model)
    model.sort(SERVICE, Qt.SortOrder.DescendingOrder)
    assert texts(model) == before
    model.sort(LATENCY, Qt.SortOrder.DescendingOrder)
    assert texts(model) == by_hand(transactions)
    assert texts(model) != before


def test_devices_that_turn_up_are_new_rows() -> None:
    devices = DeviceList(TIMEBASE)
    model = ListModel(devices)
    watched(model)
    assert model.rowCount() == 0
    for count in (2, 3, 3, 5):
        devices.devices = [Device("spi", 0, port, frames=count) for port in range(count)]
        model.refresh()
        assert texts(model) == by_hand(devices)
    assert texts(model)[4][0] == "Port 4"
