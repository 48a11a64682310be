"""Recordings for the timeline, decoded in this process so that a test says how far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.analysis.names import DatasheetNames
from app.analysis.tables.activity import Activity, ActivityBuilder
from app.analysis.tables.filling import Filler
from app.analysis.tables.progress import Progress, State
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from app.analysis.wiring.wiring import wiring_from_names
from capture.formats.base import LogicRecording
from capture.formats.sigrok import open_sr
from capture.formats.stretches import cut
from decoders.bus.wiring import Wiring
from decoders.core.chunk import LogicChunk, Lost, Samples, Words
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.stack import Stack
from tests.helpers import story, umi

STORY = story.recording()


class InMemory:
    """Samples in memory as a recording, with a lost stretch where one is given, and analogue traces."""

    def __init__(
        self, words: Words, channels: Sequence[str], lost: tuple[int, int] | None = None,
        traces: Sequence[NDArray[np.float32]] = (), step: int = 1,
    ) -> None:  # fmt: skip
        self.name = "in memory"
        self.channels = tuple(channels)
        self.analog_channels = tuple(f"A{number}" for number in range(len(traces)))
        self.analog_steps = (step,) * len(traces)
        self.rate_hz: int | None = 1_000_000
        self.length: int | None = len(words)
        self.notes: tuple[str, ...] = ()
        self._words, self._lost, self._traces = words, lost, traces

    def chunks(self) -> Iterator[LogicChunk]:
        start, end = self._lost or (len(self._words), len(self._words))
        yield Samples(0, self._words[:start])
        if self._lost:
            yield Lost(start, end, "the buffer was full")
            yield Samples(end, self._words[end:])

    def window(self, start: int, end: int) -> list[LogicChunk]:
        parts = (cut(chunk, start, end) for chunk in self.chunks())
        return [part for part in parts if part.end > part.start]

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:
        yield from np.array_split(self._traces[channel], 3)

    def close(self) -> None: ...
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class Decoding:
    """A recording of which `decode` decodes more, with its activity."""

    def __init__(self, recording: LogicRecording, wiring: Wiring) -> None:
        profile = umi.shipped("reference-1")
        self.recording = recording
        self.wiring = wiring
        self.timebase = Timebase(recording.rate_hz or 1)
        self.names = DatasheetNames(DatasheetSet())
        self.store = Store(profile)
        self.snapshot = Snapshot(profile, self.store)
        self.progress = Progress(State.RUNNING, 0, recording.length, {})
        self._filler = Filler(profile, self.store)
        self._stack = Stack(profile, wiring, self.timebase.rate_hz)
        self._activity = ActivityBuilder()
        self._chunks = recording.chunks()

    def decode(self, chunks: int | None = None) -> Self:
        """So many chunks more, or all that are left."""
        while chunks is None or chunks > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._end()
                break
            self._add(self._activity.feed(chunk))
            for decoded in self._stack.feed(chunk):
                self._filler.add(decoded)
            self.progress = Progress(State.RUNNING, chunk.end, self.recording.length, {})
            chunks = None if chunks is None else chunks - 1
        return self

    def _end(self) -> None:
        self._add(self._activity.finish())
        for decoded in self._stack.finish():
            self._filler.add(decoded)
        self.progress = Progress(State.DONE, self.progress.tick, self.recording.length, {})

    def _add(self, rows: Activity) -> None:
        if len(rows.start):
            self.store.append("activity", {"start": rows.start, "word": rows.word, "toggled": rows.toggled})


def demo() -> Decoding:
    """The recording that is told by hand, of which nothing is decoded yet."""
    recording = open_sr(STORY)
    return Decoding(recording, wiring_from_names(recording.channels))
