"""How long the timeline takes to draw a frame: long traces, busy lanes and many records, in a window without a screen."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported, or it ends the interpreter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from app.analysis.names import DatasheetNames
from app.analysis.tables.activity import ActivityBuilder
from app.analysis.tables.progress import Progress, State
from app.analysis.tables.schema import tables
from app.analysis.tables.snapshot import Snapshot
from app.analysis.tables.store import Store
from app.analysis.timeline.stretch import MOST_VISIBLE
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Selection
from bench.process import ROOT
from bench.report import Row, digits, scaled
from decoders.bus.wiring import SpiPort, Wiring
from decoders.core.chunk import LogicChunk, Runs
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.wire_profile import load_profile
from decoders.stack import ALL_CODES

FRAME_MS = 16.0
WIDTH, HEIGHT = 1280, 480
LANES = 16
PORTS = 15
PACKET_TICKS = 300
EDGE_TICKS = 300
"""Between two edges of a lane, so that none shares a block of the activity table with the one before."""


class Recording:
    """Runs of logic words and one made-up trace as a recording."""

    def __init__(self, runs: Runs, samples: int, channels: int = LANES) -> None:
        self.name = "made up"
        self.channels = tuple(f"D{number}" for number in range(channels))
        self.analog_channels = ("current",) if samples else ()
        self.analog_steps = (1,) * len(self.analog_channels)
        self.rate_hz: int | None = 1_000_000
        self.length: int | None = runs.end
        self.notes: tuple[str, ...] = ()
        self._runs, self._samples = runs, samples

    def chunks(self) -> Iterator[LogicChunk]:
        yield self._runs

    def window(self, start: int, end: int) -> list[LogicChunk]:
        low = max(0, int(np.searchsorted(self._runs.ticks, start, "right")) - 1)
        high = int(np.searchsorted(self._runs.ticks, end))
        ticks = self._runs.ticks[low:high].copy()
        ticks[:1] = start
        return [Runs(start, end, ticks, self._runs.words[low:high])]

    def analog_chunks(self, channel: int) -> Iterator[NDArray[np.float32]]:  # noqa: ARG002 - there is one
        noise = np.random.default_rng(1).normal(size=1 << 20).astype(np.float32)
        for at in range(0, self._samples, len(noise)):
            yield noise[: self._samples - at]

    def close(self) -> None: ...
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class Source:
    """A recording with its activity table and nothing decoded."""

    def __init__(self, recording: Recording, wiring: Wiring) -> None:
        profile = load_profile((ROOT / "resources" / "profiles" / "reference-1.toml").read_text(encoding="utf-8"), "reference-1")
        store = self._store = Store(profile)
        self._types = tables(profile)
        builder = ActivityBuilder()
        for rows in (*(builder.feed(chunk) for chunk in recording.chunks()), builder.finish()):
            store.append("activity", {"start": rows.start, "word": rows.word, "toggled": rows.toggled})
        self.recording = recording
        self.wiring = wiring
        self.timebase = Timebase(recording.rate_hz or 1)
        self.names = DatasheetNames(DatasheetSet())
        self.snapshot = Snapshot(profile, store)
        self.progress = Progress(State.DONE, recording.length or 0, recording.length, {})

    def append(self, table: str, columns: dict[str, NDArray[Any]]) -> None:
        """Rows with the columns that matter; the others are 0."""
        count = len(next(iter(columns.values())))
        self._store.append(table, {name: np.zeros(count, dtype) for name, dtype in self._types[table].items()} | columns)


def rows(samples: int = 100_000_000, edges: int = 1_000_000, repeats: int = 60) -> list[Row]:
    """One row a figure; `samples` of the trace, `edges` of each lane, and as many packets."""
    application = QApplication.instance() or QApplication([])
    found = [trace_row(samples, repeats), lanes_row(edges, repeats), records_row(edges, repeats)]
    application.processEvents()
    return found


def trace_row(samples: int, repeats: int) -> Row:
    """Panning a trace, at the zoom that takes longest."""
    quiet = Runs(0, samples, np.zeros(1, np.int64), np.zeros(1, np.uint16))
    with shown(Recording(quiet, samples)) as view:
        trace = view.canvas.timeline.traces[0] if view.canvas.timeline else None
        while trace is not None and len(trace) < samples:
            QApplication.processEvents()
            time.sleep(0.01)
        slowest = max(panned_ms(view, ticks, repeats) for ticks in (samples, samples // 10, samples // 1000, 2000))
    return row(f"panning a trace of {scaled(samples, ' samples')}: a frame", slowest, "one analogue and 16 quiet lanes")


def lanes_row(edges: int, repeats: int) -> Row:
    """Panning 16 busy lanes, at the zoom that takes longest."""
    draw = np.random.default_rng(2)
    ticks = np.sort(draw.choice(edges * EDGE_TICKS, edges * LANES, replace=False)) + 1
    toggles = np.uint16(1) << draw.integers(0, LANES, len(ticks), np.uint16)
    words = np.bitwise_xor.accumulate(np.concatenate([np.zeros(1, np.uint16), toggles]))
    runs = Runs(0, int(ticks[-1]) + 2, np.concatenate([np.zeros(1, np.int64), ticks]), words)
    with shown(Recording(runs, 0)) as view:
        total = runs.end
        slowest = max(panned_ms(view, visible, repeats) for visible in (total, total // 10, MOST_VISIBLE - 1, 5000))
    return row(f"panning {LANES} lanes of {scaled(edges, ' edges')} each: a frame", slowest, "random edges")


def records_row(packets: int, repeats: int) -> Row:
    """Panning the packets of 15 ports, one in a hundred with an error, at the zoom that takes longest."""
    total = packets * PACKET_TICKS
    quiet = Runs(0, total, np.zeros(1, np.int64), np.zeros(1, np.uint32))
    wiring = Wiring(tuple(SpiPort(0, 1, 2, cs=2 + port, port=port) for port in range(1, PORTS + 1)))
    source = Source(Recording(quiet, 0, PORTS + 3), wiring)
    fill_packets(source, packets)
    with timeline_of(source) as view:
        while view.canvas.timeline is not None and view.canvas.timeline.refresh():
            pass
        zooms = (total, total // 10, total // 100, total // 1000, total // 10_000)
        slowest = max(panned_ms(view, visible, repeats) for visible in zooms)
    return row(f"panning {scaled(packets, ' packets')}: a frame", slowest, f"{PORTS} folded ports, an error in 100")


def fill_packets(source: Source, packets: int) -> None:
    """Packets in the tables, and their errors, without bytes."""
    draw = np.random.default_rng(3)
    start = np.arange(packets, dtype=np.int64) * PACKET_TICKS
    wanted = {"start": start, "end": start + PACKET_TICKS // 2, "port": draw.integers(1, PORTS + 1, packets)}
    source.append("packets", wanted | {"direction": draw.integers(0, 2, packets)})
    error = next(index for index, code in enumerate(ALL_CODES) if code.layer == "packets" and code.severity == Severity.ERROR)
    bad = np.arange(0, packets, 100)
    source.append("findings", {"start": start[bad], "end": start[bad], "code": np.full(len(bad), error), "record": bad + 1})


@contextmanager
def shown(recording: Recording) -> Iterator[TimelineView]:
    """A timeline of a recording on a screen that is not there."""
    with timeline_of(Source(recording, Wiring())) as view:
        yield view


@contextmanager
def timeline_of(source: Source) -> Iterator[TimelineView]:
    """The same with tables that are filled already."""
    view = TimelineView(Selection())
    view.resize(WIDTH, HEIGHT)
    view.show()
    view.set_workspace(source)
    yield view
    view.close_recording()
    view.close()


def panned_ms(view: TimelineView, visible: int, repeats: int) -> float:
    """The middle of the times that one step of a pan takes, drawn to the end, with the samples near by already read."""
    canvas = view.canvas
    middle = canvas.view.total // 2
    canvas.show_view(canvas.view.between(middle - visible // 2, middle - visible // 2 + visible))
    settle()
    taken = []
    for step in range(repeats):
        begin = time.perf_counter()
        canvas.show_view(canvas.view.panned(3 if step % 2 else -3))
        canvas.repaint()
        taken.append((time.perf_counter() - begin) * 1000)
    settle()
    return statistics.median(taken)


def settle() -> None:
    """Let what is read beside the window come in."""
    for _ in range(30):
        QApplication.processEvents()
        time.sleep(0.01)


def row(subject: str, milliseconds: float, how: str) -> Row:
    return Row(
        subject, f"{digits(milliseconds)} ms", f"≤ {FRAME_MS:.0f} ms", milliseconds <= FRAME_MS, f"{WIDTH} × {HEIGHT}, {how}"
    )
