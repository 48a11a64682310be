"""Runs the stack over a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.analysis.capture import Capture
from app.analysis.power.evidence import BatteryClaim, Evidence
from app.analysis.power.recorded import RecordedTraces, energies_of_capture
from app.analysis.power.supply import supply_findings
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.chunk import LogicChunk, Lost
from decoders.core.errors import RecordingError
from decoders.core.span import Timebase
from decoders.core.transfers import TransferBatch
from decoders.profile.wire_profile import WireProfile
from decoders.stack import Decoded, Stack

ASSUMED_RATE_HZ = 1_000_000
"""Where a recording does not say how fast it was sampled; its notes say so."""

Progress = Callable[[int], None]
"""Called with the tick that decoding has reached."""


def no_progress(_tick: int) -> None:
    """For callers that show none."""


def no_transfers(_batch: TransferBatch, _first_no: int) -> None:
    """For callers that look at other layers only."""


def timebase_of(recording: LogicRecording, rate_hz: int | None = None) -> Timebase:
    """The clock of a recording; `rate_hz` where the user says what it is."""
    return Timebase(rate_hz or recording.rate_hz or ASSUMED_RATE_HZ)


def decode_recording(
    recording: LogicRecording,
    profile: WireProfile,
    wiring: Wiring,
    timebase: Timebase,
    *,
    on_transfers: Callable[[TransferBatch, int], None] = no_transfers,
    progress: Progress = no_progress,
    check_payloads: bool = True,
    claims: Sequence[BatteryClaim] = (),
) -> Capture:
    """Decode all of a recording; transfers are handed on as they come, with the number of their first, and not kept.

    Where traces are wired as a port's supply they are judged as well, by what datasheets claim too, and records have energies.

    A recording that is damaged on the way is decoded as far as it goes; the capture's `fault` then says what is wrong,
    and what could not be read is a gap.
    """
    # Whoever asks for packets reads their payloads anyway, and the capture checks them then.
    stack = Stack(profile, wiring, timebase.rate_hz, check_payloads=False)
    capture = Capture(profile, wiring, timebase, check_payloads=check_payloads)
    evidence = Evidence(profile, wiring, timebase.rate_hz, claims)

    def take(pieces: Iterator[Decoded]) -> None:
        for decoded in pieces:
            on_transfers(decoded.transfers, capture.transfer_count + 1)
            capture.add(decoded)
            capture.notice(evidence.add(decoded))

    for chunk in _good_part(recording, capture):
        capture.last_tick = chunk.end
        take(stack.feed(chunk))
        progress(chunk.end)
    if capture.fault is not None:
        end = max(capture.last_tick, recording.length or 0)
        take(stack.feed(Lost(capture.last_tick, end, capture.fault.what)))
    take(stack.finish())
    capture.finish()
    evidence.finish(capture.last_tick)
    _judge_supply(recording, capture, evidence)
    return capture


def _judge_supply(recording: LogicRecording, capture: Capture, evidence: Evidence) -> None:
    """Read the wired traces, judge them, and keep them for the energies of records."""
    traces = RecordedTraces(recording.analog_steps if capture.wiring.power else ())
    for findings in supply_findings(recording, capture.wiring, capture.timebase.rate_hz, evidence, traces.add):
        capture.notice(findings)
    if capture.wiring.power:
        capture.energies = energies_of_capture(capture, evidence, traces.finish())


def _good_part(recording: LogicRecording, capture: Capture) -> Iterator[LogicChunk]:
    try:
        yield from recording.chunks()
    except RecordingError as fault:
        capture.fault = fault
