"""What records took: of one simulated system, asked of a capture and of the tables of a decoder process."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import pytest

from app.analysis.capture import Capture
from app.analysis.power.energies import LAYERS, Energies, SnapshotSpans, energies_of
from app.analysis.power.meter import Meter
from app.analysis.power.recorded import RecordedTraces
from app.analysis.records import layer_records
from app.analysis.tables.filling import Filler
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from decoders.stack import Stack
from tests.app.analysis.power.simulated import Simulated, decode, simulate
from tests.helpers.umi import shipped

SECONDS = 12.0
NOISE_C = 2e-8
"""What the ammeter's noise may add up to in this time."""


@cache
def recorded() -> Simulated:
    return simulate("gas-meter", SECONDS)


@cache
def captured() -> Capture:
    return decode(recorded())


@cache
def in_tables() -> tuple[Energies, Snapshot]:
    """The same from the tables that a window reads, while the traces are read as well."""
    recording, profile, wiring = recorded(), shipped("reference-1"), captured().wiring
    store = Store(profile)
    stack, filler = Stack(profile, wiring, recording.rate_hz), Filler(profile, store)
    snapshot = Snapshot(profile, store)
    traces = RecordedTraces(recording.analog_steps)
    for number in range(len(recording.analog_channels)):
        for samples in recording.analog_chunks(number):
            traces.add(number, samples)
    source = SimpleNamespace(wiring=wiring, timebase=captured().timebase, snapshot=snapshot)
    energies = energies_of(source, traces.finish())
    for chunk in recording.chunks():
        for piece in stack.feed(chunk):
            filler.add(piece)
        energies.advance()
    for piece in stack.finish():
        filler.add(piece)
    energies.settle()
    energies.finish()
    return energies, snapshot


def test_every_port_took_what_the_ledger_says() -> None:
    meter = in_tables()[0].meter
    for _, port in meter.places:
        told = [entry for entry in recorded().ledger if entry["kind"] == "energy" and entry["port"] == port]
        total = meter.total((0, port))
        assert total is not None
        assert total.seconds == SECONDS
        assert total.charge_c == pytest.approx(sum(entry["charge_c"] for entry in told), rel=1e-4, abs=NOISE_C)
        assert total.energy_j == pytest.approx(sum(entry["energy_j"] for entry in told), rel=2e-3, abs=12 * NOISE_C)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_capture_and_a_window_know_the_same(layer: str) -> None:
    energies, snapshot = in_tables()
    capture = captured()
    assert capture.energies is not None
    count = snapshot.count(layer)
    assert count > 10
    for no in range(1, count + 1):
        assert energies.of(layer, no) == capture.energies.of(layer, no), no
    assert energies.of(layer, 0) is energies.of(layer, count + 1) is None


def test_records_have_whole_numbers_and_say_what_is_shared() -> None:
    capture = captured()
    assert capture.energies is not None
    for layer in LAYERS:
        for record in layer_records(capture, layer):
            found = capture.energies.of(layer, record["no"])
            assert found is not None
            assert (record["charge_nc"], record["energy_nj"]) == (round(found.charge_c * 1e9), round(found.energy_j * 1e9))
            assert record["energy_shared"] is found.shared
    frames = list(layer_records(capture, "frames"))
    both_ways = [
        any(
            other["port"] == one["port"] and other["no"] != one["no"] and other["time_ns"] < one["end_ns"]
            and one["time_ns"] < other["end_ns"]
            for other in frames
        )
        for one in frames
    ]  # fmt: skip
    assert [one["energy_shared"] for one in frames] == both_ways


def test_without_wired_currents_every_record_says_nothing() -> None:
    recording = simulate("gas-meter", 3, analog_rate_hz=0)
    capture = decode(recording)
    assert capture.energies is None
    assert {record["energy_nj"] for layer in LAYERS for record in layer_records(capture, layer)} == {None}
    energies = Energies(Meter(capture.wiring, capture.timebase, []), SnapshotSpans(lambda: in_tables()[1]))
    assert not energies.is_wired
    assert not energies.advance()
    assert energies.of("packets", 1) is None


def test_a_scale_and_a_missing_voltage_are_taken_into_account() -> None:
    recording = recorded()
    current = recording.analog_channels.index("current1")
    power = (f"port=1,current={current},scale=2", "port=2,voltage=voltage2")
    capture = decode(recording, power)
    meter = in_tables()[0].meter
    assert capture.energies is not None
    measured = capture.energies.of("packets", 1)
    assert measured is not None
    assert measured.is_nominal
    plain = in_tables()[0].of("packets", 1)
    assert plain is not None
    assert measured.charge_c == pytest.approx(2 * plain.charge_c, rel=1e-6)
    assert meter.places == [(0, 1), (0, 2), (0, 3)]
    assert {one.port for one in capture.packets() if capture.energies.of("packets", one.no) is not None} == {1}


def test_a_gap_in_the_logic_blanks_what_it_touches_only() -> None:
    capture = decode(simulate("gas-meter", 8, "capture-gap@2"))
    assert capture.energies is not None
    (gap,) = capture.gaps
    for packet in capture.packets():
        touches = packet.start < gap.end and gap.start < packet.end
        assert (capture.energies.of("packets", packet.no) is None) == touches
