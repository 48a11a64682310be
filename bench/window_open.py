"""How long the whole window holds its user up while a large recording is opened, decoded and scrolled, without a screen."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.analysis.material import profile_text, shipped_profiles
from app.analysis.tables.cache import decode_key, mark_used
from app.analysis.tables.progress import Progress, ProgressFile, State
from app.analysis.tables.schema import tables
from app.analysis.wiring.power import power_to_text, with_power
from app.analysis.wiring.stated import wiring_of
from app.analysis.wiring.wiring import wiring_to_text
from app.desktop import theme
from app.desktop.main_window import MainWindow
from app.desktop.recent import RecentFiles
from app.desktop.start import ANY_ID
from bench.process import ROOT
from bench.report import Row, digits, scaled
from bench.window_tables import FRAME_TICKS, LargeTables
from capture.formats.opening import open_recording
from decoders.identity import maker_of
from decoders.profile.wire_profile import load_profile

RECORDING = ROOT / "resources" / "demo" / "gas-meter.umi"
BEAT_MS = 2
OPENING_MS = 2000
PAGE_MS = 20
PAGES = 100
MOST_BLOCKED_MS = 100.0
HOW = "between two beats of a timer; packets are paged through and selected and the timeline is dragged all the while"


def write_cached(cache: Path, frames: int) -> None:
    """Tables of so many frames, as if decoding the demonstration recording had given them."""
    text = profile_text(shipped_profiles()[0])
    profile = load_profile(text.text, text.name)
    with open_recording(RECORDING) as recording:
        wiring = with_power(wiring_of(recording), [], recording.analog_channels)
        spi, uart = wiring_to_text(wiring, recording.channels)
        power = power_to_text(wiring, recording.analog_channels)
        key = decode_key(RECORDING, "|".join((*spi, *uart, *power)), profile.digest, recording.rate_hz or 0)
    folder = cache / f"{key}-written"
    folder.mkdir(parents=True)
    mark_used(folder)
    written = LargeTables(profile, folder)
    written.add(frames)
    counts = {name: written.snapshot.count(name) for name in tables(profile)}
    written.close()
    progress = ProgressFile(folder, list(counts), create=True)
    progress.publish(Progress(State.DONE, frames * FRAME_TICKS, frames * FRAME_TICKS, counts))
    progress.close()


def cached_rows(cache: Path, frames: int) -> Iterator[Row]:
    """The row for a window on tables that `write_cached` wrote."""
    yield _row(f"the window on {scaled(frames, ' frames')} from the cache: longest pause", longest_pauses(RECORDING, cache, frames))


def decoding_rows(recording: Path, cache: Path) -> Iterator[Row]:
    """The row for a window on a recording that is decoded meanwhile."""
    with open_recording(recording) as opened:
        samples = opened.length or 0
    pauses = longest_pauses(recording, cache, 1)
    yield _row(f"the window on {scaled(samples, ' samples')} that are decoded meanwhile: longest pause", pauses)


def longest_pauses(recording: Path, cache: Path, frames: int) -> tuple[float, float]:
    """Milliseconds while a recording is opened, and then while all of it is moved about in until it is decoded.

    At least so many `frames` have to turn up, or the figure is of something else.
    """
    application = QApplication.instance() or QApplication([])
    theme.apply(application, theme.LIGHT)  # type: ignore[arg-type]  # the instance is a QApplication
    with TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        window = MainWindow(settings, RecentFiles(Path(folder) / "recent.json"), cache)
        window.show()
        # As the program does when it starts.
        threading.Thread(target=maker_of, args=(ANY_ID,), daemon=True).start()
        _run_for(100)
        heart = Heart()
        QTimer.singleShot(0, lambda: window.open_file(recording))
        _run_for(OPENING_MS)
        opening = heart.lap()
        _move_about(window)
        moving = heart.lap()
        found = window.session.workspace.snapshot.count("frames") if window.session.workspace else 0
        window.close()
        _run_for(0)
    if found < frames:
        raise ValueError(f"{found} frames turned up, not {frames}")
    return opening, moving


class Heart:
    """Beats with the event loop and keeps the longest time that it missed."""

    def __init__(self) -> None:
        self._longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def lap(self) -> float:
        """The longest pause since the last lap, in milliseconds."""
        self._beat()
        longest, self._longest_ms = self._longest_ms, 0.0
        return longest

    def _beat(self) -> None:
        now = time.perf_counter()
        self._longest_ms = max(self._longest_ms, (now - self._last) * 1000)
        self._last = now


def _move_about(window: MainWindow) -> None:
    """Pages up and down, a packet selected now and then, the timeline dragged, until all is decoded."""
    page = 0
    while page < PAGES or (window.session.workspace is not None and window.session.workspace.is_decoding):
        _run_for(PAGE_MS)
        _step(window, page)
        page += 1


def _step(window: MainWindow, page: int) -> None:
    workspace = window.session.workspace
    packets = workspace.snapshot.count("packets") if workspace else 0
    if not packets:
        return
    bar = window.panes.packets.view.verticalScrollBar()
    bar.setValue(bar.maximum() * (page * 37 % PAGES) // PAGES)
    if page % 5 == 0:
        window.select_packet(1 + (packets - 1) * (page * 61 % PAGES) // PAGES)
    canvas = window.panes.timeline.canvas
    canvas.show_view(canvas.view.panned(30 if page % 20 < 10 else -30))


def _run_for(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _row(subject: str, pauses: tuple[float, float]) -> Row:
    opening, moving = pauses
    value = f"opening {digits(opening)} ms, then {digits(moving)} ms"
    return Row(subject, value, f"≤ {MOST_BLOCKED_MS:.0f} ms", max(pauses) <= MOST_BLOCKED_MS, HOW)
