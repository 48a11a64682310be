"""One open recording with all that the user supplied for it: wiring, profile, datasheets; decoded by another process.

Knows nothing of windows. `poll` is called now and then and tells what is new.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

from app.analysis.names import DatasheetNames
from app.analysis.power.evidence import battery_claims
from app.analysis.tables.decode_process import DecodeJob, DecodeRun, start_decoding
from app.analysis.tables.progress import Progress, State
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import StoreReader
from app.analysis.wiring.power import power_to_text
from app.analysis.wiring.wiring import wiring_to_text
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.wire_profile import WireProfile, load_profile

TEXTS_KEPT = 4
"""The text in the editor, that which the recording was decoded by, and the shipped one that they are compared with."""


@dataclass(frozen=True, slots=True)
class ProfileText:
    """A wire profile as the user sees it: where it came from, and its text."""

    name: str
    text: str


def compiled(profile: ProfileText) -> WireProfile:
    """A profile's text compiled, once for all who look at the same text. Raises MaterialError; a text at fault is read each time."""
    return _compiled(_Source(profile.text, profile.name))


@dataclass(frozen=True, slots=True)
class _Source:
    """A text; what messages call it makes it no other."""

    text: str
    name: str = field(compare=False)


@functools.lru_cache(maxsize=TEXTS_KEPT)
def _compiled(source: _Source) -> WireProfile:
    return load_profile(source.text, source.name)


class Workspace:
    """A recording being decoded, or decoded; `snapshot` answers for what has come so far.

    Changing profile or wiring makes a new workspace of the same recording; `close` ends the decoder.
    Raises MaterialError for a profile that cannot be used and OSError where the cache cannot be written.
    """

    def __init__(
        self,
        path: Path,
        recording: LogicRecording,
        wiring: Wiring,
        timebase: Timebase,
        profile: ProfileText,
        datasheets: DatasheetSet,
        cache: Path | None = None,
    ) -> None:
        self.path = path
        self.recording = recording
        self.wiring = wiring
        self.timebase = timebase
        self.profile_text = profile
        self.profile: WireProfile = compiled(profile)
        self.names = DatasheetNames(datasheets)
        spi, uart = wiring_to_text(wiring, recording.channels)
        power = power_to_text(wiring, recording.analog_channels)
        claims = battery_claims(datasheets) if power else ()
        job = DecodeJob(path, tuple(spi), tuple(uart), profile.text, profile.name, timebase.rate_hz, tuple(power), claims)
        self._run: DecodeRun = start_decoding(job, self.profile, cache)
        self._tables = StoreReader(self.profile, self._run.folder)
        self.snapshot = Snapshot(self.profile, self._tables)
        self.progress = Progress(State.RUNNING, 0, recording.length, {})

    def poll(self) -> bool:
        """Look at the decoder; True where there is anything new to show."""
        progress = self._run.look()
        if progress == self.progress:
            return False
        self.progress = progress
        if progress.counts:
            self._tables.advance(progress.counts)
        return True

    @property
    def is_decoding(self) -> bool:
        return self.progress.state is State.RUNNING

    @property
    def error(self) -> str:
        """Why decoding ended early, for the user; empty where it did not."""
        if self.progress.state is not State.FAILED:
            return ""
        return self._run.error or "the decoder stopped without a word; open the recording again"

    def release(self) -> None:
        """Take no memory for the tables that were looked at, until they are looked at again: a long recording's fill a gigabyte."""
        self._tables.release()

    def stop_decoding(self) -> None:
        """End the decoder; what has come stays."""
        self._run.stop()

    def close(self) -> None:
        """End the decoder and let go of its files and the recording."""
        self._tables.close()
        self._run.close()
        self.recording.close()
