"""Simulating beside the window: it ends with a recording, or with a sentence, or leaves nothing behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from app.analysis.simulating import ledger_beside, shipped_scenarios
from app.analysis.simulation_run import (
    STANDARD,
    Order,
    SimulationRun,
    Stage,
    fault_choices,
    place_for,
    scenario_choices,
)
from capture.formats.opening import open_recording
from capture.simulator.faults import FAULTS
from decoders.core.errors import UsageError

PATIENCE_S = 60


def ended(run: SimulationRun) -> Stage:
    give_up = time.monotonic() + PATIENCE_S
    while not (stage := run.look()).is_done and not stage.error:
        assert time.monotonic() < give_up
        run._process.join(0.01)
    return stage


def test_a_simulation_ends_with_a_recording_and_its_ledger(tmp_path: Path) -> None:
    path = tmp_path / "short.umi"
    run = SimulationRun(Order(path, seconds=1, faults=("bad-crc@0.2",)))
    assert ended(run) == Stage(1.0, is_done=True)
    run.close()
    with open_recording(path) as recording:
        assert "current1" in recording.analog_channels
        assert recording.length == recording.rate_hz
    assert ledger_beside(path).stat().st_size
    assert sorted(tmp_path.iterdir()) == [path, ledger_beside(path)]


def test_a_simulation_that_nobody_waits_for_leaves_nothing_behind(tmp_path: Path) -> None:
    run = SimulationRun(Order(tmp_path / "long.umi", "busy-15-ports", seconds=3600))
    give_up = time.monotonic() + PATIENCE_S
    while not run.look().share:
        assert time.monotonic() < give_up
        run._process.join(0.01)
    run.close()
    run._process.join(PATIENCE_S)
    assert not run.is_alive
    assert not list(tmp_path.iterdir())


def test_what_is_impossible_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no fault 'bad-luck'"):
        SimulationRun(Order(tmp_path / "a.umi", faults=("bad-luck",)))
    with pytest.raises(UsageError, match="no scenario 'moon'"):
        SimulationRun(Order(tmp_path / "a.umi", "moon"))
    with pytest.raises(UsageError, match="no duration"):
        SimulationRun(Order(tmp_path / "a.umi", seconds=0))


def test_what_the_simulator_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    run = SimulationRun(Order(tmp_path / "a.txt", seconds=1))
    assert "no extension that says a format" in ended(run).error
    run.close()
    assert not list(tmp_path.iterdir())


def test_every_recording_gets_a_place_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "simulated"
    first = place_for(STANDARD, folder)
    assert first == folder / "gas-meter.umi"
    first.touch()
    second = place_for(STANDARD, folder)
    assert second == folder / "gas-meter-2.umi"
    assert place_for("/somewhere/my house.toml", folder) == folder / "my house.umi"


def test_the_oldest_recordings_go_when_there_is_too_little_room(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.umi" for name in ("old", "middle", "new")]
    for age, path in enumerate(paths):
        path.write_bytes(bytes(100))
        os.utime(path, ns=(age * 10**9, age * 10**9))
    ledger_beside(paths[0]).touch()
    (tmp_path / "other.txt").write_bytes(bytes(1000))
    place_for(STANDARD, tmp_path, limit_bytes=200)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["middle.umi", "new.umi", "other.txt"]


def test_all_scenarios_and_faults_can_be_chosen() -> None:
    scenarios = scenario_choices()
    assert scenarios[0].name == STANDARD
    assert {choice.name for choice in scenarios} == set(shipped_scenarios())
    assert all(choice.description and choice.seconds > 0 for choice in scenarios)
    assert [(choice.name, choice.description) for choice in fault_choices()] == [(one.name, one.description) for one in FAULTS]
