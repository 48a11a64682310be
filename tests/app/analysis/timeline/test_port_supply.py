"""Currents and voltages of ports in the timeline: where they stand, in what range, and what the port took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.timeline.markers import Markers, Reading, readings
from app.analysis.timeline.rows import FoldedKey, TraceKey, folded_at_first, folded_rows, placed, timeline_rows
from app.analysis.timeline.timeline import Timeline
from app.analysis.timeline.trace_heads import axis_of, in_range
from app.analysis.timeline.traces import TraceColumns
from app.analysis.timeline.value_axis import THIN, log_axis, round_text
from decoders.bus.wiring import PowerRail, SpiPort, Wiring
from tests.helpers.timelines import Decoding, InMemory

CHANNELS = ("SCK", "MOSI", "MISO", "CS1", "CS2")
TRACES = ("current1", "voltage1", "aux", "current2", "current2_12v", "voltage2_12v")
WIRING = Wiring(
    spi=(SpiPort(3, 0, 1, 2, port=1), SpiPort(4, 0, 1, 2, port=2)),
    power=(PowerRail(4, 5, 2, rail="high"), PowerRail(3, None, 2), PowerRail(0, 1, 1)),
)


def names(group: str, folded: frozenset[str] = frozenset()) -> list[str]:
    rows = folded_rows(timeline_rows(WIRING, CHANNELS, TRACES), folded, frozenset({0, 3, 4}))
    return [row.name for row in rows if row.group == group]


def test_the_traces_of_a_port_stand_below_its_lines_and_others_at_the_end() -> None:
    assert names("port 1")[-3:] == ["CS1", "current1", "voltage1"]
    assert names("port 2")[-4:] == ["CS2", "current2", "current2_12v", "voltage2_12v"]
    assert names("traces") == ["aux"]


def test_a_folded_port_keeps_its_packets_and_a_slim_current() -> None:
    folded = frozenset({"port 1", "port 2", "shared"})
    assert names("port 1", folded) == ["packets", "current1"]
    assert names("port 2", folded) == ["packets", "current2"]
    rows = folded_rows(timeline_rows(WIRING, CHANNELS, TRACES), folded, frozenset({0, 3, 4}))
    assert {row.lines for row in rows if row.shows in {TraceKey(0), TraceKey(3)}} == {2}
    assert [row.shows for row in rows if row.group == "shared"] == [FoldedKey("shared")]


def test_of_many_folded_ports_each_current_is_one_line_high() -> None:
    ports = range(1, 16)
    wiring = Wiring(
        spi=tuple(SpiPort(port + 2, 0, 1, 2, port=port) for port in ports),
        power=tuple(PowerRail(port - 1, None, port) for port in ports),
    )
    rows = timeline_rows(
        wiring, ("SCK", "MOSI", "MISO", *(f"CS{port}" for port in ports)), tuple(f"current{port}" for port in ports)
    )
    shown = folded_rows(rows, folded_at_first(rows), frozenset(range(15)))
    assert [row.lines for row in shown] == [1] * 31


def test_ports_with_traces_are_folded_at_first_but_for_a_single_one() -> None:
    assert folded_at_first(timeline_rows(WIRING, CHANNELS, TRACES)) == {"port 1", "port 2", "shared"}
    single = replace(WIRING, spi=WIRING.spi[:1], power=WIRING.power[2:])
    assert not folded_at_first(timeline_rows(single, CHANNELS, TRACES[:2]))
    assert not folded_at_first(timeline_rows(replace(WIRING, power=()), CHANNELS, TRACES))


def test_rows_move_as_little_as_brings_one_into_sight() -> None:
    places = placed(timeline_rows(WIRING, CHANNELS, TRACES), 10, 8)
    row = places.row_of(TraceKey(3))
    assert row is not None
    assert places.to_row(TraceKey(3), 0, 100) == row.top + row.height - 100
    assert places.to_row(TraceKey(3), row.top + 5, 100) == row.top
    assert places.to_row(TraceKey(3), row.top - 10, 100) == row.top - 10
    assert places.to_row(TraceKey(99), 7, 100) == 7


@pytest.fixture
def timeline() -> Iterator[Timeline]:
    """Two seconds: 1 mA on port 1 at 3 V, then 3 mA; on port 2 the low rail's 10 µA, and 20 mA of which the trace says millivolts."""
    samples = [
        np.repeat(np.array([0.001, 0.003], np.float32), 1000),
        np.full(2000, 3.0, np.float32),
        np.zeros(2000, np.float32),
        np.full(2000, 1e-5, np.float32),
        np.full(2000, 0.2, np.float32),
        np.full(2000, 12.0, np.float32),
    ]
    scaled = replace(WIRING, power=(replace(WIRING.power[0], scale=0.1), *WIRING.power[1:]))
    recording = InMemory(np.zeros(2_000_000, np.uint8), CHANNELS, traces=samples, step=1000)
    made = Timeline(Decoding(recording, scaled).decode())
    for trace, values in zip(made.traces, samples, strict=True):
        trace.append(values)
        trace.publish()
    made.energies.finish()
    yield made
    made.close()


def test_a_wired_trace_has_the_quantity_scale_and_limit_of_its_rail(timeline: Timeline) -> None:
    assert [trace.kind for trace in timeline.traces] == ["current", "voltage", "voltage", "current", "current", "voltage"]
    assert [trace.limits for trace in timeline.traces] == [(0.05,), (), (), (0.05,), (1.0,), ()]
    assert timeline.traces[4].value_at(0) == pytest.approx(0.02)
    found = timeline.traces[4].statistics(0, 2_000_000)
    assert found is not None
    assert (found.low, found.mean, found.high) == pytest.approx((0.02, 0.02, 0.02))


def test_what_a_port_took_is_told_in_the_head_of_its_first_current(timeline: Timeline) -> None:
    took = timeline.supply.took(0)
    assert took is not None
    assert took(0, 1_000_000) == f"1.000{THIN}mC · 3.000{THIN}mJ"
    assert took(500_000, 1_500_000) == f"2.000{THIN}mC · 6.000{THIN}mJ"
    both = timeline.supply.took(3)
    assert both is not None
    assert both(0, 1_000_000) == f"both rails 20.01{THIN}mC · 240.0{THIN}mJ"
    assert [timeline.supply.took(trace) is None for trace in (1, 2, 4, 5)] == [True] * 4


def test_the_ribbon_between_the_markers_states_charge_and_energy_of_all_ports(timeline: Timeline) -> None:
    found = readings(Markers(1_000_000, 2_000_000), timeline.source.timebase, timeline.measure)
    assert found[2:] == [Reading("charge, 2 ports", f"23.01{THIN}mC"), Reading("energy", f"249.0{THIN}mJ")]


def columns(low: list[float], high: list[float]) -> TraceColumns:
    return TraceColumns(np.array(low, np.float32), np.array(high, np.float32), is_line=False)


def test_microamperes_and_milliamperes_are_both_seen_on_a_logarithmic_scale(timeline: Timeline) -> None:
    seen = columns([2e-6, 2e-6, np.nan], [2e-6, 2e-2, np.nan])
    axis = axis_of(timeline.traces[0], seen, 6, is_log=True)
    assert axis is not None
    assert axis.texts == (f"1{THIN}µA", f"10{THIN}µA", f"100{THIN}µA", f"1{THIN}mA", f"10{THIN}mA", f"100{THIN}mA")
    heights = in_range(seen, axis)
    assert heights.high[:2] == pytest.approx([np.log10(2) / 5, (4 + np.log10(2)) / 5], abs=1e-5)
    assert np.isnan(heights.low[2])
    linear = axis_of(timeline.traces[0], seen, 6, is_log=False)
    assert linear is not None
    assert not linear.is_log
    assert in_range(seen, linear).high[0] < 0.001


def test_the_limit_is_always_in_the_range_of_a_logarithmic_scale(timeline: Timeline) -> None:
    axis = axis_of(timeline.traces[0], columns([1e-6], [1e-5]), 3, is_log=True)
    assert axis is not None
    assert axis.low <= 1e-6
    assert axis.high >= 0.05
    assert 0 < axis.share(0.05) < 1


def test_nothing_in_sight_has_no_range(timeline: Timeline) -> None:
    assert axis_of(timeline.traces[0], columns([np.nan], [np.nan]), 3, is_log=True) is None


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [
        (1e-6, 1e-1, 6, ("1 µA", "10 µA", "100 µA", "1 mA", "10 mA", "100 mA")),
        (1e-6, 1e-1, 2, ("1 µA", "100 mA")),
        (0.0, 1e-1, 3, ("100 nA", "100 µA", "100 mA")),
        (-1e-7, 1e-1, 3, ("100 nA", "100 µA", "100 mA")),
        (3.0, 3.0, 4, ("1 A", "10 A")),
    ],
)
def test_decades_are_named_as_far_as_there_is_room(low: float, high: float, most: int, texts: tuple[str, ...]) -> None:
    axis = log_axis(low, high, "A", most)
    assert axis is not None
    assert tuple(text.replace(THIN, " ") for text in axis.texts) == texts


@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.0), (-1.0, 1.0), (0.0, 0.0), (-0.5, -0.1)])
def test_what_lies_below_zero_has_no_logarithmic_scale(low: float, high: float) -> None:
    assert log_axis(low, high, "A", 4) is None


@pytest.mark.parametrize(("value", "text"), [(0.05, "50 mA"), (1.0, "1 A"), (0.0125, "12.5 mA"), (0.1, "100 mA")])
def test_limits_are_written_without_zeros_at_their_end(value: float, text: str) -> None:
    assert round_text(value, "A") == text.replace(" ", THIN)
