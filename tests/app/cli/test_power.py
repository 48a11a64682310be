"""Supply rails on the command line: wired by name or by option, judged, and in every record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Run

SHEET = Path(__file__).resolve().parents[3] / "resources" / "datasheets" / "example-gas-meter.toml"


@pytest.fixture(params=["umi", "sr"])
def meter(umiscope: Run, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A gas meter with too much current on port 1, then a brown-out."""
    path = tmp_path / f"meter.{request.param}"
    faults = ("--fault", "over-current@2:port=1", "--fault", "brown-out@5:port=1")
    told = umiscope("simulate", "--scenario", "gas-meter", "--seconds", "8", *faults, "-o", path)
    assert (told.status, told.err) == (0, "")
    return path


def records(umiscope: Run, *words: str | Path) -> list[dict[str, Any]]:
    told = umiscope("decode", *words, "--format", "jsonl")
    assert (told.status, told.err) == (0, "")
    return [json.loads(line) for line in told.out.splitlines()]


def test_traces_that_are_named_after_ports_need_no_option(umiscope: Run, meter: Path) -> None:
    found = [one for one in records(umiscope, meter, "--layer", "findings") if one["severity"] != "chat"]
    assert [(one["code"], one["severity"], one["layer"]) for one in found] == [
        ("over-current", "warning", "transfers"),
        ("brown-out", "error", "transfers"),
    ]
    assert found[0]["record"] is None
    assert found[0]["text"].startswith("port 1, 3 V rail: 7")
    told = umiscope("info", meter)
    lines = [line.strip() for line in told.out.splitlines() if "--power" in line]
    assert lines == [
        "--power port=1,current=current1,voltage=voltage1",
        "--power port=2,current=current2,voltage=voltage2",
        "--power port=2,current=current2_12v,voltage=voltage2_12v,rail=high",
        "--power port=3,current=current3,voltage=voltage3",
    ]


@pytest.mark.parametrize("layer", ["frames", "packets", "transactions"])
def test_records_say_what_they_took(umiscope: Run, meter: Path, layer: str) -> None:
    found = records(umiscope, meter, "--layer", layer)
    assert all(isinstance(one["charge_nc"], int) and isinstance(one["energy_nj"], int) for one in found)
    assert {one["energy_shared"] for one in found} <= {True, False}
    assert list(found[0])[-3:] == ["energy_nj", "charge_nc", "energy_shared"]
    told = umiscope("decode", meter, "--layer", layer, "--format", "csv")
    assert told.out.splitlines()[0].endswith(",energy_nj,charge_nc,energy_shared")
    last = f",{found[0]['energy_nj']},{found[0]['charge_nc']},{json.dumps(found[0]['energy_shared'])}"
    assert told.out.splitlines()[1].endswith(last)


@pytest.mark.parametrize("layer", ["frames", "packets", "transactions"])
def test_trees_say_it_in_words(umiscope: Run, meter: Path, layer: str) -> None:
    told = umiscope("decode", meter, "--layer", layer, "-V")
    lines = [line for line in told.out.splitlines() if "Charge and energy" in line]
    assert len(lines) == len(records(umiscope, meter, "--layer", layer))
    assert re.search(r"Charge and energy +−?[\d.]+\u2009.C, −?[\d.]+\u2009.J above [\d.]+\u2009.A", lines[-1])


def test_an_option_wires_what_names_do_not_say(umiscope: Run, meter: Path) -> None:
    found = records(umiscope, meter, "--power", "port=2,current=current1,scale=10", "--layer", "findings")
    assert [one["text"][:17] for one in found if one["code"] == "over-current"] == ["port 2, 3 V rail:"] * len(
        [one for one in found if one["code"] == "over-current"]
    )
    assert not [one for one in found if one["code"] == "brown-out"]
    packets = records(umiscope, meter, "--power", "port=2,current=1")
    assert {one["port"] for one in packets if one["energy_nj"] is not None} == {2}


def test_a_mistake_in_an_option_is_told_in_one_line(umiscope: Run, meter: Path) -> None:
    told = umiscope("decode", meter, "--power", "current=current9")
    assert told.status == 2
    assert told.err.startswith(
        "umiscope: --power \"current=current9\": there is no channel 'current9' for current; known are voltage1 (0)"
    )
    assert told.err.count("\n") == 1


def test_a_byte_log_has_no_rails(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"time_ns": 0, "direction": "tx", "data": "2f3f210d0a"}\n', encoding="utf-8")
    told = umiscope("decode", path, "--power", "current=0")
    assert told.status == 2
    assert "leave --spi, --uart, --power and --rate out" in told.err


def test_a_battery_that_will_not_last_is_found_where_a_datasheet_claims_one(umiscope: Run, tmp_path: Path) -> None:
    path = tmp_path / "meter.umi"
    umiscope("simulate", "--scenario", "gas-meter", "--seconds", "70", "--fault", "over-current@20:port=1", "-o", path)
    found = records(umiscope, path, "--layer", "findings", "--datasheet", SHEET)
    (told,) = [one["text"] for one in found if one["code"] == "battery-current"]
    assert re.fullmatch(r"port 1, 3 V rail: \d+ µA on average over 70\.0 s; .* claims 15 µA on a battery", told)
    assert "battery-current" not in {one["code"] for one in records(umiscope, path, "--layer", "findings")}


def test_the_heading_says_which_supplies_are_measured_and_where_a_voltage_is_not(umiscope: Run, meter: Path) -> None:
    assert "spi: ports 1, 2 and 3 · supply: ports 1, 2 and 3\n" in umiscope("decode", meter).out
    power = ("--power", "port=1,current=current1", "--power", "port=2,current=current2,voltage=voltage2")
    told = umiscope("decode", meter, *power, "-V")
    assert "spi: ports 1, 2 and 3 · supply: port 2 · supply at the nominal voltage: port 1\n" in told.out
    lines = [line for line in told.out.splitlines() if "Charge and energy" in line]
    assert {"at the nominal voltage" in line for line in lines} == {True, False}
