"""How fast the packet list shows and scrolls a large recording while a decoder works beside it, in a window without a screen."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported

import numpy as np
from PySide6.QtWidgets import QApplication

from app.analysis.names import DatasheetNames
from app.analysis.packet_list.notes import Notes
from app.analysis.packet_list.rows import Rows
from app.analysis.tables.snapshot import Snapshot
from app.analysis.wiring.wiring import wiring_from_names
from app.desktop import theme
from app.desktop.selection import Selection
from app.desktop.views.packet_table import PacketTable
from bench.process import ROOT
from bench.progress import say
from bench.report import Row, digits, scaled
from bench.window_tables import LargeTables
from capture.formats.opening import open_recording
from decoders.bus.wiring import Wiring
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from decoders.profile.wire_profile import WireProfile, load_profile
from decoders.stack import Stack

T = TypeVar("T")
RATE_HZ = 4_000_000
PAGES = 100
NEW_FRAMES = 100_000
MOST_SHOW_S, MOST_PAGE_S, MOST_ROWS_S, MOST_GROW_S = 0.6, 0.04, 0.5, 0.1
PROFILE = ROOT / "resources" / "profiles" / "reference-1.toml"
BUSY = ROOT / "resources" / "demo" / "gas-meter.umi"


@dataclass(slots=True)
class Decoded:
    """A recording as the list wants it."""

    snapshot: Snapshot
    path: Path
    timebase: Timebase
    wiring: Wiring
    names: DatasheetNames
    is_decoding: bool


def list_rows(folder: Path, frames: int) -> Iterator[Row]:
    """The rows for a list of so many frames."""
    application = QApplication.instance() or QApplication([])
    theme.apply(application, theme.LIGHT)  # type: ignore[arg-type]  # the instance is a QApplication
    say(f"writing tables of {scaled(frames, ' frames')}")
    profile = load_profile(PROFILE.read_text(encoding="utf-8"), PROFILE.name)
    tables = LargeTables(profile, folder)
    tables.add(frames)
    say("showing and scrolling the packet list")
    yield _order(tables.snapshot, frames)
    pane = PacketTable(Selection())
    pane.resize(1280, 800)
    pane.show()
    pane.arrange(False, True)
    workspace = Decoded(tables.snapshot, folder, Timebase(RATE_HZ), Wiring(), DatasheetNames(DatasheetSet()), is_decoding=True)
    yield _shown(lambda: _show(pane, workspace), frames)
    with _decoder_beside():
        yield _pages(pane)
        yield _growth(pane, tables)
    pane.close()
    tables.close()


def _order(snapshot: Snapshot, frames: int) -> Row:
    took, rows = _seconds(lambda: Rows(snapshot, chronological=True, finished=True))
    memory = rows.codes.nbytes / len(rows)
    value = f"{digits(took * 1000)} ms, {memory:.0f} bytes a row"
    return Row(
        f"ordering {scaled(frames, ' frames')} and their packets by time", value, f"≤ {MOST_ROWS_S:.1f} s", took <= MOST_ROWS_S
    )


def _shown(show: Callable[[], None], frames: int) -> Row:
    took, _ = _seconds(show)
    subject = f"a packet list of {scaled(frames, ' frames')} from the cache: until it is drawn"
    return Row(subject, f"{digits(took * 1000)} ms", f"≤ {MOST_SHOW_S:.1f} s", took <= MOST_SHOW_S)


def _show(pane: PacketTable, workspace: Decoded) -> None:
    pane.show_workspace(workspace, Notes(None))
    while pane.model.is_behind:
        QApplication.processEvents()
    QApplication.processEvents()
    pane.view.viewport().repaint()


def _pages(pane: PacketTable) -> Row:
    """Pages here and there, which no memory of rows can help with."""
    bar = pane.view.verticalScrollBar()
    places = np.linspace(0, bar.maximum(), PAGES, dtype=int).tolist()
    times = [_seconds(partial(_turn, pane, place))[0] for place in places]
    value = f"median {digits(median(times) * 1000)} ms, worst {digits(max(times) * 1000)} ms"
    return Row(
        "a page of the packet list while a decoder works", value, f"≤ {MOST_PAGE_S * 1000:.0f} ms", median(times) <= MOST_PAGE_S
    )


def _turn(pane: PacketTable, place: int) -> None:
    pane.view.verticalScrollBar().setValue(place)
    pane.view.viewport().repaint()


def _growth(pane: PacketTable, tables: LargeTables) -> Row:
    times = []
    for _ in range(10):
        tables.add(NEW_FRAMES)
        times.append(_seconds(pane.refresh)[0])
    value = f"median {digits(median(times) * 1000)} ms"
    subject = f"{scaled(NEW_FRAMES, ' frames')} more in the same list"
    return Row(subject, value, f"≤ {MOST_GROW_S * 1000:.0f} ms", median(times) <= MOST_GROW_S)


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


@contextmanager
def _decoder_beside() -> Iterator[None]:
    """A process that decodes one recording again and again."""
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Event()
    process = spawn.Process(target=_decode_on_and_on, args=(started,), daemon=True)
    process.start()
    started.wait()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _decode_on_and_on(started: Event) -> None:
    profile = load_profile(PROFILE.read_text(encoding="utf-8"), PROFILE.name)
    started.set()
    while True:
        _decode(profile)


def _decode(profile: WireProfile) -> None:
    with open_recording(BUSY) as recording:
        stack = Stack(profile, wiring_from_names(recording.channels), RATE_HZ)
        for chunk in recording.chunks():
            for _ in stack.feed(chunk):
                pass
