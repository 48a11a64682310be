"""Decoding of a whole recording, also of one that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from app.analysis.decoding import ASSUMED_RATE_HZ, decode_recording, timebase_of
from capture.formats.base import LogicRecording
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.errors import RecordingError
from decoders.core.span import Timebase
from decoders.core.transfers import TransferBatch
from tests.decoders.bus.drawing import split
from tests.helpers.umi import HOST, METER, RATE_HZ, Bench, codes, dense, packet, shipped

REFERENCE = shipped("reference-1")


class Drawn:
    """A recording from chunks; `fault` is raised behind the last."""

    name = "drawn"
    channels: tuple[str, ...] = ()
    analog_channels: tuple[str, ...] = ()
    analog_steps: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, chunks: list[LogicChunk], rate_hz: int | None = RATE_HZ, length: int | None = None, fault: str = "") -> None:
        self.rate_hz, self.length = rate_hz, length
        self._chunks, self._fault = chunks, fault

    def chunks(self) -> Iterator[LogicChunk]:
        yield from self._chunks
        if self._fault:
            raise RecordingError(self._fault, "drawn.sr", "record it again")

    def window(self, start: int, end: int) -> list[LogicChunk]:
        raise AssertionError(f"nobody asked for ticks {start} to {end}")

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        raise AssertionError(f"nobody asked for trace {channel}")

    def close(self) -> None:
        self._chunks = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None, /) -> None:
        self.close()


def bench() -> Bench:
    drawn = Bench(REFERENCE)
    for counter in range(1, 5):
        numbers = {"counter": counter, "transaction": counter}
        drawn.data(1, (0, 1), packet(REFERENCE, "power.release", source=HOST, destination=METER, **numbers))
        drawn.data(1, (1, 0), packet(REFERENCE, "power.release", response=True, **numbers))
    return drawn


def test_the_clock_is_the_recording_s_unless_the_user_says_otherwise() -> None:
    recording: LogicRecording = Drawn([])
    assert timebase_of(recording) == Timebase(RATE_HZ)
    assert timebase_of(recording, 4_000_000) == Timebase(4_000_000)
    assert timebase_of(Drawn([], rate_hz=None)) == Timebase(ASSUMED_RATE_HZ)


def test_transfers_are_handed_on_with_their_numbers_and_progress_goes_to_the_end() -> None:
    drawn = bench()
    pieces = split(dense(drawn.wave.runs()), range(0, drawn.wave.now, 500))
    transfers: list[tuple[int, int]] = []
    ticks: list[int] = []

    def take(batch: TransferBatch, first_no: int) -> None:
        transfers.append((first_no, len(batch)))

    capture = decode_recording(Drawn(pieces), REFERENCE, drawn.wiring, Timebase(RATE_HZ), on_transfers=take, progress=ticks.append)
    assert capture.transfer_count == 8
    assert [first for first, _ in transfers] == [1 + sum(count for _, count in transfers[:at]) for at in range(len(transfers))]
    assert sum(count for _, count in transfers) == 8
    assert ticks == [piece.end for piece in pieces]
    assert (capture.last_tick, capture.fault, capture.packet_count, codes(capture)) == (drawn.wave.now, None, 8, [])


def test_payloads_are_checked_unless_the_caller_does_not_want_it() -> None:
    drawn = Bench(REFERENCE)
    drawn.data(1, (1, 0), packet(REFERENCE, "power.port_state", b"\x01\x02"))
    recording = Drawn(drawn.chunks())
    found = [
        codes(decode_recording(recording, REFERENCE, drawn.wiring, Timebase(RATE_HZ), check_payloads=checked))
        for checked in (True, False)
    ]
    assert found == [[("malformed-payload", 1)], []]


@pytest.mark.parametrize("length", [None, 90_000])
def test_a_damaged_recording_is_decoded_as_far_as_it_goes_and_the_rest_is_a_gap(length: int | None) -> None:
    drawn = bench()
    whole = dense(drawn.wave.runs())
    (good, _) = split(whole, [whole.end * 9 // 16])
    recording = Drawn([good], length=length, fault="the archive ends early")
    capture = decode_recording(recording, REFERENCE, drawn.wiring, Timebase(RATE_HZ))
    assert capture.fault is not None
    assert str(capture.fault) == "drawn.sr: the archive ends early; record it again"
    assert capture.gaps == [Lost(good.end, length or good.end, "the archive ends early")]
    assert capture.last_tick == good.end
    assert capture.packet_count == 4
    assert codes(capture) == [("cut-transfer", 5), ("gap", None)]


def test_what_a_damaged_recording_does_not_show_is_not_called_missing() -> None:
    drawn = Bench(REFERENCE)
    drawn.data(1, (0, 1), packet(REFERENCE, "power.release"))
    recording = Drawn(drawn.chunks(), length=9 * RATE_HZ, fault="the archive ends early")
    assert codes(decode_recording(recording, REFERENCE, drawn.wiring, Timebase(RATE_HZ))) == [("gap", None)]


def test_a_fault_before_the_first_sample_is_told_too() -> None:
    capture = decode_recording(Drawn([], fault="nothing is left"), REFERENCE, bench().wiring, Timebase(RATE_HZ))
    assert (str(capture.fault), capture.gaps) == ("drawn.sr: nothing is left; record it again", [Lost(0, 0, "nothing is left")])
