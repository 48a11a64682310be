"""Rails that are read beside a drawn bus: off, without voltage, shared, or damaged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.analysis.capture import Capture
from app.analysis.decoding import decode_recording
from decoders.bus.wiring import PowerRail, Wiring
from decoders.core.chunk import LogicChunk
from decoders.core.errors import RecordingError
from decoders.core.span import Timebase
from tests.app.analysis.power.simulated import POWER_CODES
from tests.app.analysis.test_decoding import Drawn
from tests.helpers.umi import RATE_HZ, Bench, packet, shipped

REFERENCE = shipped("reference-1")
STEP = 100
"""Samples of 100 µs."""
RAIL = PowerRail(0, 1)
LIMITS_MA = {"off": 0, "low": 50}
Trace = NDArray[np.float32]


class WithTraces(Drawn):
    """A drawn recording with traces, which break off in the middle if they are `damaged`."""

    def __init__(self, chunks: list[LogicChunk], traces: list[Trace], *, damaged: bool = False) -> None:
        super().__init__(chunks)
        self.analog_channels = tuple(f"A{number}" for number in range(len(traces)))
        self.analog_steps = (STEP,) * len(traces)
        self.asked: list[int] = []
        self._traces, self._damaged = traces, damaged

    def analog_chunks(self, channel: int) -> Iterator[Trace]:
        self.asked.append(channel)
        half = len(self._traces[channel]) // 2
        yield self._traces[channel][:half]
        if self._damaged:
            raise RecordingError("the archive ends early", "drawn", "record again")
        yield self._traces[channel][half:]


class Supplied:
    """A bench whose port 1 has a 3 V rail; all is well with it at first."""

    def __init__(self) -> None:
        self.bench = Bench(REFERENCE)
        self._levels: list[tuple[int, float, float]] = [(0, 3.0, 1e-6)]

    def supply(self, volts: float, amps: float = 1e-6) -> None:
        """From now on."""
        self._levels.append((self.bench.wave.runs().end // STEP + 1, volts, amps))
        self.wait(1)

    def wait(self, milliseconds: int) -> None:
        self.bench.wave.wait(milliseconds * 1000)

    def idle(self) -> None:
        """A frame of the device's."""
        self.bench.frame(1, "idle", (1, 0))

    def tell(self, rail: str) -> None:
        """The host's notice."""
        layout = REFERENCE.frame_payloads["power"]
        self.bench.frame(1, "power", (0, 1), layout.write({"port": 1, "rail": rail, "limit_ma": LIMITS_MA[rail]}))

    def traces(self) -> list[Trace]:
        """Current and voltage."""
        ends = [start for start, _, _ in self._levels[1:]] + [self.bench.wave.runs().end // STEP]
        lengths = [end - start for end, (start, _, _) in zip(ends, self._levels, strict=True)]
        volts, amps = (np.repeat(np.array([one[of] for one in self._levels], np.float32), lengths) for of in (1, 2))
        return [amps, volts]

    def decode(self, *rails: PowerRail, damaged: bool = False) -> tuple[Capture, WithTraces]:
        recording = WithTraces(self.bench.chunks(), self.traces(), damaged=damaged)
        wiring = Wiring(self.bench.wiring.spi, power=rails)
        return decode_recording(recording, REFERENCE, wiring, Timebase(RATE_HZ)), recording

    def found(self, *rails: PowerRail, damaged: bool = False) -> list[tuple[str, int | None]]:
        """The findings about the supply."""
        findings = self.decode(*rails, damaged=damaged)[0].findings
        return [(one.code.name, one.record) for one in findings if one.code.name in POWER_CODES]


def test_a_frame_while_the_rail_has_no_voltage_is_told() -> None:
    port = Supplied()
    port.idle()
    port.supply(0)
    port.idle()
    port.idle()
    port.wait(1)
    port.supply(3)
    port.idle()
    assert port.found(RAIL) == [("unpowered-port", 2), ("unpowered-port", 3)]
    assert port.found(PowerRail(0)) == []


def test_what_the_host_says_and_what_the_voltage_says_is_told_once() -> None:
    port = Supplied()
    port.tell("off")
    port.supply(0)
    port.wait(100)
    port.idle()
    port.wait(1)
    port.supply(3)
    port.tell("low")
    port.idle()
    assert port.found(RAIL) == [("unpowered-port", 2)]
    assert port.found() == [("unpowered-port", 2)]


def test_a_device_that_powers_itself_needs_no_voltage() -> None:
    port = Supplied()
    port.bench.data(
        1, (1, 0), packet(REFERENCE, "power.request", {"class": "self", "current_ma": 0, "duration_s": 0}, transaction=1)
    )
    port.supply(0)
    port.idle()
    port.wait(1)
    port.supply(3)
    assert port.found(RAIL) == []


def test_a_rail_that_gives_way_while_nothing_is_said_has_a_dip() -> None:
    port = Supplied()
    port.idle()
    port.supply(2.5)
    port.wait(3)
    port.supply(3)
    port.idle()
    assert port.found(RAIL) == [("voltage-dip", None)]


def test_a_leak_is_found_by_the_voltage() -> None:
    port = Supplied()
    port.supply(0, 1e-5)
    port.wait(300)
    port.supply(3)
    port.wait(20)
    assert port.found(RAIL) == [("leakage", None)]
    assert port.found(PowerRail(0, 1, scale=0.4)) == []


def test_without_a_voltage_a_leak_is_found_by_the_host_s_notices() -> None:
    """The last second before the host speaks again is left out, since the port may be on again."""
    for seconds, expected in ((1.1, []), (1.3, [("leakage", None)])):
        port = Supplied()
        port.tell("low")
        port.tell("off")
        port.supply(0, 1e-5)
        port.wait(round(seconds * 1000))
        port.tell("low")
        assert port.found(PowerRail(0)) == expected


def test_the_time_in_which_a_rail_falls_and_rises_is_no_leak() -> None:
    port = Supplied()
    port.supply(0, 1e-2)
    port.wait(45)
    port.supply(0, 1e-6)
    port.wait(200)
    port.supply(0, 1e-2)
    port.wait(8)
    port.supply(3)
    port.wait(20)
    assert port.found(RAIL) == []


def test_a_trace_that_is_damaged_is_judged_as_far_as_it_goes() -> None:
    port = Supplied()
    port.supply(3, 0.06)
    port.wait(50)
    port.supply(3)
    port.wait(100)
    port.supply(3, 0.06)
    port.wait(50)
    port.supply(3)
    port.wait(10)
    assert port.found(RAIL) == [("over-current", None), ("over-current", None)]
    assert port.found(RAIL, damaged=True) == [("over-current", None)]


def test_a_voltage_of_two_rails_is_kept_once() -> None:
    port = Supplied()
    port.idle()
    port.wait(2)
    capture, recording = port.decode(RAIL, PowerRail(0, 1, 2))
    assert sorted(recording.asked) == [0, 0, 1, 1]
    assert capture.energies is not None
    found = capture.energies.of("frames", 1)
    assert found is not None
    assert found.base is None
    ticks = capture.frame(1).end - capture.frame(1).start
    assert (found.charge_nc, found.energy_nj) == (round(ticks * 1e-3), round(3 * ticks * 1e-3))


def test_traces_that_are_not_wired_are_not_read() -> None:
    port = Supplied()
    port.idle()
    capture, recording = port.decode()
    assert recording.asked == []
    assert capture.energies is None
