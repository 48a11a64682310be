"""Energies of a recording that was decoded to its end in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.analysis.capture import Capture
from app.analysis.power.energies import Energies
from app.analysis.power.evidence import Evidence
from app.analysis.power.meter import Meter
from app.analysis.power.port_spans import SpanColumns

Values = NDArray[np.float32]


class RecordedTrace:
    """The samples of a trace, on disk since there may be more of them than memory; `finish` once they are all there."""

    def __init__(self, step: int) -> None:
        self.step = step
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `finish` closes it
        self._samples: Values = np.empty(0, np.float32)
        self._length = 0

    def append(self, samples: Values) -> None:
        """Add samples at the end."""
        self._file.write(np.ascontiguousarray(samples, np.float32).data)
        self._length += len(samples)

    def finish(self) -> None:
        """Let the samples be read; their map outlives the file."""
        self._file.flush()
        if self._length:
            self._samples = np.asarray(np.memmap(self._file, np.float32, "r", shape=(self._length,)))
        self._file.close()

    @property
    def end_tick(self) -> int:
        """The tick behind the last sample."""
        return len(self._samples) * self.step

    def between(self, start: int, end: int) -> Values:
        """The samples of ticks [start, end) as far as they are there; one of which any tick counts counts."""
        return self._samples[max(0, start // self.step) : max(0, -(-end // self.step))] if end > start else self._samples[:0]


class RecordedTraces:
    """Keeps the wired traces of a recording as they are read; `steps` are the ticks of a sample of each trace."""

    def __init__(self, steps: Sequence[int]) -> None:
        self._traces = [RecordedTrace(step) for step in steps]

    def add(self, trace: int, samples: Values) -> None:
        """The next samples of a trace."""
        self._traces[trace].append(samples)

    def finish(self) -> Sequence[RecordedTrace]:
        """All traces with what was kept of them."""
        for trace in self._traces:
            trace.finish()
        return self._traces


class CaptureSpans:
    """The spans of the records of a finished capture; its transfers and gaps are known from elsewhere."""

    def __init__(self, capture: Capture) -> None:
        self._columns = {
            "frames": capture.frame_spans(),
            "packets": capture.packet_spans(),
            "transactions": _transactions(capture),
        }

    def count(self, layer: str) -> int:
        return len(self._columns[layer].start) if layer in self._columns else 0

    def spans(self, layer: str, first: int, last: int) -> SpanColumns:
        columns, rows = self._columns[layer], slice(first, last)
        return SpanColumns(columns.start[rows], columns.end[rows], columns.stream[rows], columns.port[rows])


def energies_of_capture(capture: Capture, evidence: Evidence, traces: Sequence[RecordedTrace]) -> Energies:
    """What the records of a finished capture took."""
    meter = Meter(capture.wiring, capture.timebase, traces)
    for place in meter.places:
        transfers = evidence.transfers(place)
        meter.transfers[place].extend(transfers.start, transfers.end)
    if evidence.gaps:
        meter.gaps.extend(*np.array(evidence.gaps, np.int64).T)
    energies = Energies(meter, CaptureSpans(capture))
    energies.finish()
    return energies


def _transactions(capture: Capture) -> SpanColumns:
    """From the command to the response, on the port of the first of them."""
    packets = capture.packet_spans()
    opening = np.array([one.opening.no - 1 for one in capture.transactions], np.int64)
    start = np.array([one.opening.start for one in capture.transactions], np.int64)
    end = np.array([(one.response or one.opening).end for one in capture.transactions], np.int64)
    return SpanColumns(start, end, packets.stream[opening], packets.port[opening])
