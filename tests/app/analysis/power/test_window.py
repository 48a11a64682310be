"""The window's side: rails in a workspace and its cache, findings from the decoder process, and stopping it while traces are read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.analysis.material import profile_text, read_datasheets
from app.analysis.opening import OpenRequest, open_workspace
from app.analysis.tables import decode_process
from app.analysis.tables.decode_process import DecodeJob, decode
from app.analysis.tables.progress import ProgressFile, State
from app.analysis.tables.schema import tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import StoreReader
from app.analysis.wiring.power import power_to_text
from app.analysis.wiring.stated import stated_text, wiring_of
from app.analysis.wiring.wiring import wiring_from_names, wiring_to_text
from app.analysis.workspace import Workspace
from capture.formats.opening import open_recording
from capture.formats.signals import AnalogTrace, Signals
from capture.session.writer import SessionNotes, write_umi
from decoders.bus.wiring import PowerRail
from decoders.datasheet.sheets import DatasheetSet
from tests.app.analysis.power.simulated import POWER_CODES, Simulated, simulate
from tests.app.analysis.power.simulated import decode as decode_here
from tests.app.cli.conftest import Run, umiscope  # noqa: F401 - a fixture
from tests.helpers.umi import ROOT, shipped

PATIENCE_S = 60
Open = Callable[..., Workspace]


@pytest.fixture
def request_for(umiscope: Run, tmp_path: Path) -> OpenRequest:  # noqa: F811 - the fixture
    path = tmp_path / "meter.umi"
    faults = ("--fault", "over-current@2:port=1", "--fault", "brown-out@5:port=1")
    assert umiscope("simulate", "--scenario", "gas-meter", "--seconds", "70", *faults, "-o", path).status == 0
    return OpenRequest(path, profile_text("reference-1"), cache=tmp_path / "decoded")


@pytest.fixture
def opened() -> Iterator[Open]:
    workspaces: list[Workspace] = []

    def begin(request: OpenRequest, datasheets: DatasheetSet | None = None) -> Workspace:
        workspaces.append(open_workspace(request, datasheets or DatasheetSet()))
        return finished(workspaces[-1])

    yield begin
    for workspace in workspaces:
        workspace.close()


def finished(workspace: Workspace) -> Workspace:
    give_up = time.monotonic() + PATIENCE_S
    while workspace.is_decoding:
        assert time.monotonic() < give_up, workspace.progress
        workspace.poll()
        if workspace._run._process is not None:
            workspace._run._process.join(0.02)
    workspace.poll()
    return workspace


def supply(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The findings about the supply."""
    found = (snapshot.finding(no) for no in range(1, snapshot.count("findings") + 1))
    return sorted((one.code.name, one.text) for one in found if one.code.name in POWER_CODES)


def test_the_decoder_process_finds_what_the_command_line_finds(opened: Open, request_for: OpenRequest) -> None:
    sheets = read_datasheets([ROOT / "resources" / "datasheets" / "example-gas-meter.toml"])
    workspace = opened(request_for, sheets)
    found = supply(workspace.snapshot)
    assert [code for code, _ in found] == ["battery-current", "brown-out", "over-current"]
    here = decode_here(simulate("gas-meter", 70, "over-current@2:port=1", "brown-out@5:port=1"))
    assert found == sorted((one.code.name, one.text) for one in here.findings if one.code.name in POWER_CODES)


def test_what_datasheets_claim_and_how_rails_are_wired_are_decodes_of_their_own(opened: Open, request_for: OpenRequest) -> None:
    plain = opened(request_for)
    assert [code for code, _ in supply(plain.snapshot)] == ["brown-out", "over-current"]
    assert plain.wiring.power[0] == PowerRail(1, 0)
    other = opened(replace(request_for, power=("port=1,voltage=voltage1",)))
    assert other.wiring.power == (PowerRail(None, 0),)
    assert [code for code, _ in supply(other.snapshot)] == ["brown-out"]
    kept = opened(request_for.with_wiring(replace(plain.wiring, power=(PowerRail(1),))))
    assert kept.wiring.power == (PowerRail(1),)
    assert [code for code, _ in supply(kept.snapshot)] == ["over-current"]
    assert opened(request_for.with_wiring(wiring_from_names(plain.recording.channels))).wiring == plain.wiring
    folders = {path for path in (request_for.cache or Path()).iterdir() if path.is_dir()}
    assert len(folders) == 3


class Asking(Simulated):
    """Calls `before` before every piece of a trace."""

    before: Callable[[int], None]

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        for piece in super().analog_chunks(channel):
            self.before(channel)
            yield piece


def test_a_stop_is_obeyed_while_traces_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = simulate("gas-meter", 3)
    recording = Asking(made.simulation, made.logic, made.traces, made.ledger)
    profile = shipped("reference-1")
    window = ProgressFile(tmp_path, list(tables(profile)), create=True)
    asked: list[int] = []

    def before(channel: int) -> None:
        asked.append(channel)
        if len(asked) == 2:
            window.stop()

    recording.before = before
    monkeypatch.setattr(decode_process, "open_recording", lambda _path: recording)
    wiring = wiring_of(recording)
    spi, uart = wiring_to_text(wiring, recording.channels)
    power = tuple(power_to_text(wiring, recording.analog_channels))
    text = profile_text("reference-1")
    decode(DecodeJob(Path("drawn"), tuple(spi), tuple(uart), text.text, text.name, recording.rate_hz, power), tmp_path)
    found = window.look()
    window.close()
    assert found is not None
    assert found.state is State.STOPPED
    assert asked == [0, 0]
    reader = StoreReader(profile, tmp_path)
    reader.advance(found.counts)
    assert Snapshot(profile, reader).count("packets") > 0
    reader.close()


def test_a_session_file_states_its_rails(tmp_path: Path) -> None:
    signals = Signals(("SCK", "MOSI", "MISO", "CS1"), 1_000_000, (AnalogTrace("A0", "A", 100), AnalogTrace("A1", "V", 100)))
    traces = tuple(trace.name for trace in signals.traces)
    wiring = replace(wiring_from_names(signals.channels), power=(PowerRail(0, 1, scale=0.5),))
    path = tmp_path / "stated.umi"
    write_umi(path, signals, [], SessionNotes(wiring=stated_text(wiring, signals.channels, traces)))
    with open_recording(path) as recording:
        assert wiring_of(recording) == wiring
