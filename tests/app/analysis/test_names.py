"""What datasheets call objects, and who may read and write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.names import DatasheetNames
from decoders.datasheet.load import load_datasheet
from decoders.datasheet.sheets import DatasheetSet

SHEET = Path(__file__).resolve().parents[3] / "resources" / "datasheets" / "example-gas-meter.toml"


@pytest.fixture(scope="module")
def names() -> DatasheetNames:
    return DatasheetNames(DatasheetSet([load_datasheet(SHEET.read_text(encoding="utf-8"), SHEET.name)]))


def test_an_object_has_its_makers_name_and_its_value_a_unit(names: DatasheetNames) -> None:
    assert names.object_name(0x00420100) == "volume index"
    assert names.object_value(0x00420100, "uint64", 12_481_377) == "12481.377 m³"


def test_the_roles_that_may_read_and_write_are_said_in_short(names: DatasheetNames) -> None:
    assert names.object_roles(0x00420102) == "read by roles 12345F, written by nobody"


def test_an_object_of_no_datasheet_has_no_name_and_no_roles(names: DatasheetNames) -> None:
    assert names.object_name(0x00990001) is None
    assert names.object_value(0x00990001, "uint8", 1) is None
    assert names.object_roles(0x00990001) == ""


def test_without_datasheets_nothing_is_known() -> None:
    assert DatasheetNames(DatasheetSet()).object_roles(0x00420100) == ""


def test_an_event_is_named_by_the_datasheet_of_its_devices_maker(names: DatasheetNames) -> None:
    assert names.event_name(2, "acde480000000001") == "case opened"
    assert names.event_name(0x4242, "acde480000000001") is None
    assert names.event_name(2, "001122ffff000001") is None
    assert names.event_name(2, "?") is None


def test_an_event_that_two_products_use_differently_has_both_names() -> None:
    sheets = [
        load_datasheet(f'manufacturer = "M"\noui = "AC-DE-48"\nbanks = [{bank}]\n[[events]]\ncode = 7\nname = "{name}"\n', name)
        for bank, name in ((1, "door open"), (2, "tilted"), (3, "tilted"))
    ]
    assert DatasheetNames(DatasheetSet(sheets)).event_name(7, "acde480000000001") == "door open or tilted"
