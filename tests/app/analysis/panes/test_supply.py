"""What the panes say of charge and energy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest

from app.analysis.names import DatasheetNames
from app.analysis.panes.detail import frame_detail, packet_detail
from app.analysis.panes.device_list import DeviceList
from app.analysis.panes.devices import Device
from app.analysis.panes.findings import FindingList
from app.analysis.panes.listing import Target
from app.analysis.panes.supply import energy_line, energy_note
from app.analysis.panes.transactions import TransactionList
from app.analysis.power.energies import Energies
from app.analysis.power.meter import Load, Measured
from app.analysis.power.text import NO_BASE
from app.analysis.tables.filling import CODE_NUMBERS
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from tests.helpers import growing, umi

THIN = "\u2009"
PROFILE = umi.shipped("reference-1")
TIMEBASE = Timebase(2_000_000)
READ = Measured(81e-6, 243e-6, 0.01, Load(2.4e-6, 7.2e-6))


@dataclass
class Meter:
    """Every port took as much."""

    def total(self, place: tuple[int, int]) -> Measured | None:
        return Measured(0.2, 0.6, 80_000.0) if place == (0, 1) else None


@dataclass
class Told:
    """Energies that say the same of every record but for some of which nobody knows."""

    unknown: tuple[tuple[str, int], ...] = ()
    is_wired: bool = True
    meter: Meter = field(default_factory=Meter)

    def of(self, layer: str, no: int) -> Measured | None:
        return None if (layer, no) in self.unknown else READ


def energies(*unknown: tuple[str, int], is_wired: bool = True) -> Energies:
    return cast(Energies, Told(unknown, is_wired))


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    return growing.whole(PROFILE, growing.demo())


@pytest.mark.parametrize(
    ("measured", "line", "note"),
    [
        (READ, "243.0 µJ · 81.00 µC above 2.400 µA base", ""),
        (Measured(1e-6, 3e-6, 1.0, Load(0, 0), shared=True), "3.000 µJ · 1.000 µC above 0.000 A base, shared", "shared with what overlaps it"),
        (Measured(1e-6, 3e-6, 1.0, is_nominal=True), "3.000 µJ · 1.000 µC", f"{NO_BASE}; at the nominal voltage"),
    ],
)  # fmt: skip
def test_a_record_says_its_energy_in_one_line_and_what_to_know_beside_it(measured: Measured, line: str, note: str) -> None:
    assert energy_line(measured).replace(THIN, " ") == line
    assert energy_note(measured) == note


def test_the_tree_of_a_packet_or_frame_has_a_line_for_it_where_it_is_known(demo: Snapshot) -> None:
    names = DatasheetNames(DatasheetSet())
    for make, layer in ((packet_detail, "packets"), (frame_detail, "frames")):
        with_energy = make(demo, names, TIMEBASE, 2, energies())
        assert [node.text for node in with_energy.nodes if node.label == "Energy"] == [energy_line(READ)]
        for known in (None, energies((layer, 2))):
            assert "Energy" not in [node.label for node in make(demo, names, TIMEBASE, 2, known).nodes]


def test_transactions_have_columns_for_it_only_where_currents_are_wired(demo: Snapshot) -> None:
    listing = TransactionList(demo, TIMEBASE, energies(("transactions", 2)))
    assert [column.title for column in listing.columns[-2:]] == ["Energy", "Charge"]
    assert listing.row(1).cells[-2:] == (f"243.0{THIN}µJ", f"81.00{THIN}µC")
    assert listing.row(2).cells[-2:] == ("", "")
    for unwired in (None, energies(is_wired=False)):
        plain = TransactionList(demo, TIMEBASE, unwired)
        assert "Energy" not in [column.title for column in plain.columns]
        assert len(plain.row(1).cells) == len(plain.columns)


def test_devices_say_what_their_port_took_and_its_mean_current() -> None:
    listing = DeviceList(TIMEBASE, energies())
    listing.devices = [Device("spi", 0, 0), Device("spi", 0, 1, malformed=3), Device("spi", 0, 2)]
    titles = [column.title for column in listing.columns]
    assert titles[2:5] == ["Energy", "Charge", "Mean current"]
    assert listing.row(2).cells[2:5] == (f"600.0{THIN}mJ", f"200.0{THIN}mC", f"2.500{THIN}µA")
    assert listing.row(1).cells[2:5] == listing.row(3).cells[2:5] == ("", "", "")
    (marked,) = listing.row(2).marked
    assert titles[marked] == "Malformed"


@pytest.mark.parametrize(
    ("code", "text", "target"),
    [
        ("over-current", "port 12, 3 V rail: 74.8 mA for 201 ms", Target("", 0, 10, 20, 12)),
        ("brown-out", "port 1, 12 V rail: the voltage falls", Target("", 0, 10, 20, 1)),
        ("gap", "port 1, as it were", Target("", 0, 10)),
    ],
)
def test_findings_of_the_supply_lead_to_a_stretch_of_their_port(code: str, text: str, target: Target) -> None:
    store = Store(PROFILE)
    data = np.frombuffer(text.encode(), np.uint8)
    at = store.append("texts", {"data": data})
    row = {"start": 10, "end": 20, "code": CODE_NUMBERS[code], "record": 0, "text_at": at, "text_size": len(data)}
    store.append("findings", {name: np.array([number]) for name, number in row.items()})
    assert FindingList(Snapshot(PROFILE, store), TIMEBASE).target(1) == target
