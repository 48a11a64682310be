"""What the manual says of simulating is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.analysis.manual import MANUAL
from app.analysis.simulating import EXTENSIONS, Outcome, Request, read_scenario, seconds_of, shipped_scenarios, simulate
from capture.simulator.faults import FAULTS, fault_plan
from decoders.core.errors import UsageError

PAGE = (MANUAL / "simulating.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[tuple[str, ...]]:
    """The cells of the table that begins with a heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()[2:]]


def test_the_manual_lists_the_scenarios_that_there_are() -> None:
    assert rows("scenario") == [(f"`{name}`", read_scenario(name).description) for name in shipped_scenarios()]


def test_the_manual_lists_the_faults_that_there_are_with_their_findings() -> None:
    nothing = "nothing: the protocol recovers"
    assert rows("fault") == [
        (f"`{fault.name}`", fault.description, ", ".join(f"`{code}`" for code in fault.findings) or nothing) for fault in FAULTS
    ]


def test_the_manual_explains_each_format_and_every_kind_of_ledger_entry(tmp_path: Path) -> None:
    assert tuple(re.findall(r"^- \*\*`(\.\w+)`\*\*", PAGE, re.MULTILINE)) == EXTENSIONS
    told = {kind for row in rows("kind") for kind in re.findall(r"`([a-z-]+)`", row[0])}
    faults = tuple(map(fault_plan, ("bad-crc@1.6", "lost-fragment@2", "stuck-busy@3", "counter-reset@4")))
    seen = simulate(Request(read_scenario("gas-meter"), tmp_path / "x.umi", 8.0, faults=faults), lambda _ns: None)
    assert set(seen.entries) <= told
    assert {"packet", "transaction", "power", "energy", "fault", "retransmission"} <= set(seen.entries)


def test_progress_ends_with_the_whole_duration(tmp_path: Path) -> None:
    told: list[int] = []
    request = Request(read_scenario("idle-night"), tmp_path / "x.csv", 0.5, analog_rate_hz=0)
    outcome = simulate(request, told.append)
    assert outcome == Outcome(500_000_000, outcome.entries)
    assert told == sorted(told)
    assert told[-1] == outcome.duration_ns


def test_without_a_ledger_only_the_capture_is_written_and_still_counted(tmp_path: Path) -> None:
    outcome = simulate(Request(read_scenario("gas-meter"), tmp_path / "x.UMI", 0.3), lambda _ns: None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.UMI"]
    assert outcome.entries["packet"] > 0


def test_a_scenario_lasts_as_long_as_it_says_unless_asked_otherwise() -> None:
    scenario = read_scenario("gas-meter")
    assert seconds_of(Request(scenario, Path("x.umi"))) == scenario.seconds
    assert seconds_of(Request(scenario, Path("x.umi"), 0.5)) == 0.5
    with pytest.raises(UsageError, match="is no duration"):
        seconds_of(Request(scenario, Path("x.umi"), float("inf")))
