"""From a file to a workspace: the recording, its wiring and its clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.analysis.decoding import timebase_of
from app.analysis.wiring.power import with_power
from app.analysis.wiring.stated import wiring_of
from app.analysis.workspace import ProfileText, Workspace
from capture.formats.base import LogicRecording
from capture.formats.opening import open_recording
from decoders.bus.wiring import Wiring
from decoders.core.errors import UsageError
from decoders.datasheet.sheets import DatasheetSet


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A recording to open; without wiring it or its channels' names decide, and nothing is wired where they say nothing.

    `power` are `--power` options; without them the names of the traces decide where the wiring has no rails.
    """

    path: Path
    profile: ProfileText
    wiring: Wiring | None = None
    rate_hz: int | None = None
    cache: Path | None = None
    power: tuple[str, ...] = ()

    def with_wiring(self, wiring: Wiring) -> OpenRequest:
        return replace(self, wiring=wiring)

    def with_profile(self, profile: ProfileText) -> OpenRequest:
        return replace(self, profile=profile)


def open_workspace(request: OpenRequest, datasheets: DatasheetSet) -> Workspace:
    """Open a recording and begin to decode it. Raises UserError for what the user can mend and OSError for a full cache."""
    recording = open_recording(request.path)
    try:
        wiring = request.wiring if request.wiring is not None else _stated_wiring(recording)
        wiring = with_power(wiring, request.power, recording.analog_channels)
        timebase = timebase_of(recording, request.rate_hz)
        return Workspace(request.path, recording, wiring, timebase, request.profile, datasheets, request.cache)
    except BaseException:
        recording.close()
        raise


def _stated_wiring(recording: LogicRecording) -> Wiring:
    try:
        return wiring_of(recording)
    except UsageError:
        return Wiring(spi=())
