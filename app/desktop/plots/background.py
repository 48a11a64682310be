"""What the timeline reads beside the window: stretches of samples, and analogue traces from beginning to end."""

from __future__ import annotations

import time
from threading import Event

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance

from app.analysis.timeline.stretch import Stretch, Wanted, read_stretch
from app.analysis.timeline.timeline import Source
from app.analysis.timeline.traces import Trace
from decoders.core.errors import RecordingError

PUBLISH_S = 0.1


class Reader(QObject):
    """Reads for one timeline at a time, in a thread of its own; `stretch_read` carries a `Stretch`."""

    stretch_read = Signal(object)
    trace_grown = Signal()
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stretches = QThreadPool(self)
        self._stretches.setMaxThreadCount(1)
        self._traces = QThreadPool(self)
        self._traces.setMaxThreadCount(1)
        self._source: Source | None = None
        self._stop = Event()
        self._reading: Wanted | None = None
        self._next: Wanted | None = None
        self._finished.connect(self._done)

    def follow(self, source: Source | None, traces: list[Trace]) -> None:
        """Leave what was being read and read of another recording; its traces at once."""
        self._stop.set()
        self._stretches.waitForDone()
        self._traces.waitForDone()
        self._stop = Event()
        self._source, self._reading, self._next = source, None, None
        if source is not None and traces:
            self._traces.start(_TraceTask(self.trace_grown, source, traces, self._stop))

    @property
    def is_reading_traces(self) -> bool:
        """Whether there is more of the traces to come."""
        return self._traces.activeThreadCount() > 0

    def want(self, wanted: Wanted) -> None:
        """Read a stretch; of several that are wanted meanwhile only the last."""
        if self._source is None or (self._reading is not None and self._reading.covers(wanted)):
            return
        if self._reading is not None:
            self._next = wanted
            return
        self._reading = wanted
        self._stretches.start(_StretchTask(self._finished, self._source, wanted))

    def _done(self, stretch: Stretch) -> None:
        if self._reading is not stretch.wanted:
            # It is of a recording that was left meanwhile.
            return
        wanted, self._reading, self._next = self._next, None, None
        if wanted is not None and not stretch.wanted.covers(wanted):
            self.want(wanted)
        self.stretch_read.emit(stretch)


class _StretchTask(QRunnable):
    def __init__(self, finished: SignalInstance, source: Source, wanted: Wanted) -> None:
        super().__init__()
        self._finished, self._source, self._wanted = finished, source, wanted

    def run(self) -> None:
        source = self._source
        self._finished.emit(read_stretch(source.recording, source.wiring, source.timebase.rate_hz, self._wanted))


class _TraceTask(QRunnable):
    def __init__(self, grown: SignalInstance, source: Source, traces: list[Trace], stop: Event) -> None:
        super().__init__()
        self._grown, self._source, self._traces, self._stop = grown, source, traces, stop

    def run(self) -> None:
        for index, trace in enumerate(self._traces):
            try:
                self._read(index, trace)
            except RecordingError as fault:
                trace.fault = fault.what
            trace.publish()
            self._grown.emit()

    def _read(self, index: int, trace: Trace) -> None:
        published = time.monotonic()
        for samples in self._source.recording.analog_chunks(index):
            if self._stop.is_set():
                return
            trace.append(samples)
            if time.monotonic() - published >= PUBLISH_S:
                trace.publish()
                self._grown.emit()
                published = time.monotonic()
