"""The decoder process: runs the stack over a recording and fills tables that the window maps while they grow.

It is spawned, knows no Qt, and ends soon after it is asked to stop.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.analysis.power.evidence import BatteryClaim, Evidence
from app.analysis.power.supply import supply_findings
from app.analysis.tables.activity import Activity, ActivityBuilder
from app.analysis.tables.cache import cache_folder, decode_key, hold, make_room, mark_used
from app.analysis.tables.filling import Filler
from app.analysis.tables.progress import Progress, ProgressFile, State
from app.analysis.tables.schema import tables
from app.analysis.tables.store import Store, are_complete
from app.analysis.wiring.power import with_power
from app.analysis.wiring.wiring import wiring_from_options
from capture.formats.base import LogicRecording
from capture.formats.opening import open_recording
from decoders.core.chunk import LogicChunk, Lost, Runs, Samples
from decoders.core.errors import RecordingError, UserError
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.stack import Decoded, Stack

PUBLISH_S = 0.05
PIECE_TICKS = 1 << 20
PIECE_RUNS = 1 << 16
"""Decoded between two looks at the stop word; a few tens of milliseconds' work where the bus is busy."""
ERROR_FILE = "error"


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """What to decode and how, in words that any process understands: wiring as options, the profile as text.

    `claims` are what datasheets say of devices on a battery.
    """

    recording: Path
    spi: tuple[str, ...]
    uart: tuple[str, ...]
    profile_text: str
    profile_name: str
    rate_hz: int
    power: tuple[str, ...] = ()
    claims: tuple[BatteryClaim, ...] = ()


class DecodeRun:
    """One decode, running or found in the cache: `folder` has its tables, `look` says how far it is."""

    def __init__(
        self, folder: Path, held: IO[bytes], profile: WireProfile, process: multiprocessing.process.BaseProcess | None
    ) -> None:
        self.folder = folder
        self._held = held
        self._process = process
        self._progress = ProgressFile(folder, list(tables(profile)))
        self._latest = Progress(State.RUNNING, 0, None, {})

    def look(self) -> Progress:
        """How far the decoder is now; a process that died without a word has failed."""
        self._latest = self._progress.look() or self._latest
        if self._latest.state is State.RUNNING and self._process is not None and not self._process.is_alive():
            self._latest = self._progress.look() or self._latest
            if self._latest.state is State.RUNNING:
                return Progress(State.FAILED, self._latest.tick, self._latest.total, self._latest.counts)
        return self._latest

    @property
    def error(self) -> str:
        """What went wrong, in the words of a UserError; empty where nothing did."""
        path = self.folder / ERROR_FILE
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def stop(self) -> None:
        """Ask the decoder to end; returns at once."""
        if self._process is not None:
            self._progress.stop()

    def close(self) -> None:
        """End the decoder and let go of the shared memory; returns at once, whatever the decoder is doing."""
        if self._process is not None:
            # What it has written is of no use to anybody any more, so that there is nothing to wait for.
            self._process.kill()
            self._process = None
        self._progress.close()
        self._held.close()


def start_decoding(job: DecodeJob, profile: WireProfile, root: Path | None = None) -> DecodeRun:
    """Take a finished decode from the cache, or start a process that makes it. Raises OSError where the cache cannot be written."""
    root = root or cache_folder()
    wiring = "|".join((*job.spi, *job.uart, *job.power, *map(repr, job.claims)))
    key = decode_key(job.recording, wiring, profile.digest, job.rate_hz)
    for found in sorted(root.glob(f"{key}-*")):
        if (held := _held_if_done(found, profile)) is not None:
            return DecodeRun(found, held, profile, None)
    folder = root / f"{key}-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    mark_used(folder)
    held = hold(folder)
    make_room(root, folder)
    ProgressFile(folder, list(tables(profile)), create=True).close()
    process = multiprocessing.get_context("spawn").Process(target=decode, args=(job, folder), daemon=True)
    process.start()
    return DecodeRun(folder, held, profile, process)


def _held_if_done(folder: Path, profile: WireProfile) -> IO[bytes] | None:
    """Hold a decode that is finished; it is looked at only once it is held, for another program may be deleting it."""
    try:
        held = hold(folder)
    except OSError:
        return None
    if not _is_done(folder, profile):
        held.close()
        return None
    mark_used(folder)
    return held


def _is_done(folder: Path, profile: WireProfile) -> bool:
    try:
        progress = ProgressFile(folder, list(tables(profile)))
    except OSError:
        return False
    found = progress.look()
    progress.close()
    return found is not None and found.state is State.DONE and are_complete(profile, folder, found.counts)


def decode(job: DecodeJob, folder: Path) -> None:
    """The process's work, from opening the recording to the last row."""
    profile = load_profile(job.profile_text, job.profile_name)
    progress = ProgressFile(folder, list(tables(profile)))
    store = Store(profile, folder)
    tick, total, state = 0, None, State.RUNNING
    try:
        with open_recording(job.recording) as recording:
            total = recording.length
            for tick in _fill(job, profile, store, recording, progress):  # the last one is kept
                if progress.stop_wanted:
                    state = State.STOPPED
                    break
                progress.publish(Progress(State.RUNNING, tick, total, store.flush()))
            else:
                state = State.DONE
    except (UserError, OSError) as error:
        (folder / ERROR_FILE).write_text(str(error), encoding="utf-8")
        state = State.FAILED
    progress.publish(Progress(state, tick, total, store.flush()))
    store.close()


def _fill(job: DecodeJob, profile: WireProfile, store: Store, recording: LogicRecording, progress: ProgressFile) -> Iterator[int]:
    """Decode everything; yields the tick reached whenever it is time to publish or to stop.

    A recording that is damaged on the way is decoded as far as it goes, and RecordingError is raised behind the last record.
    """
    wiring = wiring_from_options(job.spi, job.uart, recording.channels)
    if job.power:
        wiring = with_power(wiring, job.power, recording.analog_channels)
    stack = Stack(profile, wiring, job.rate_hz)
    evidence = Evidence(profile, wiring, job.rate_hz, job.claims)
    filler, activity = Filler(profile, store), ActivityBuilder()
    last, tick, fault = time.monotonic(), 0, None
    try:
        for piece in _pieces(recording.chunks()):
            _add_activity(store, activity.feed(piece))
            _add(filler, evidence, stack.feed(piece))
            tick = piece.end
            if time.monotonic() - last >= PUBLISH_S or progress.stop_wanted:
                yield tick
                last = time.monotonic()
    except RecordingError as damage:
        fault = damage
        lost = Lost(tick, max(tick, recording.length or 0), damage.what)
        _add_activity(store, activity.feed(lost))
        _add(filler, evidence, stack.feed(lost))
    _add(filler, evidence, stack.finish())
    _add_activity(store, activity.finish())
    evidence.finish(tick)
    for findings in supply_findings(recording, wiring, job.rate_hz, evidence):
        filler.add_findings(findings)
        yield tick
    yield tick
    if fault is not None:
        raise fault


def _pieces(chunks: Iterable[LogicChunk]) -> Iterator[LogicChunk]:
    """The same samples in chunks of no more than so much work."""
    for chunk in chunks:
        match chunk:
            case Samples(start, words):
                cuts = range(0, len(words), PIECE_TICKS)
                yield from (Samples(start + at, words[at : at + PIECE_TICKS]) for at in cuts)
            case Runs(end=end, ticks=ticks, words=words) if len(ticks) > PIECE_RUNS:
                starts = ticks[::PIECE_RUNS].tolist()
                for number, (start, until) in enumerate(itertools.pairwise([*starts, end])):
                    part = slice(number * PIECE_RUNS, (number + 1) * PIECE_RUNS)
                    yield Runs(start, until, ticks[part], words[part])
            case _:
                yield chunk


def _add(filler: Filler, evidence: Evidence, pieces: Iterable[Decoded]) -> None:
    for decoded in pieces:
        filler.add(decoded)
        filler.add_findings(evidence.add(decoded))


def _add_activity(store: Store, rows: Activity) -> None:
    if len(rows.start):
        store.append("activity", {"start": rows.start, "word": rows.word, "toggled": rows.toggled})
