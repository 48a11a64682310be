"""Runs a search in slices between other events, so that the window never waits for it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from app.analysis.packet_list.find import Search

SLICE_S = 0.015


class PacketFinder(QObject):
    """One search at a time; `found` carries the row and whether the search went round the end, `looked` a percentage."""

    found = Signal(int, bool)
    looked = Signal(int)
    missed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search: Search | None = None
        self._rows = 1
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    @property
    def is_running(self) -> bool:
        return self._search is not None

    def start(self, search: Search, rows: int) -> None:
        """Look for something instead of what was looked for; `rows` is how many there are."""
        self._search, self._rows = search, max(rows, 1)
        self._timer.start()

    def stop(self) -> None:
        self._search = None
        self._timer.stop()

    def _step(self) -> None:
        search = self._search
        if search is None:
            return
        until = time.perf_counter() + SLICE_S
        while not search.is_done and time.perf_counter() < until:
            search.step()
        if not search.is_done:
            self.looked.emit(search.looked_at * 100 // self._rows)
            return
        self.stop()
        if search.found is None:
            self.missed.emit()
        else:
            self.found.emit(search.found, search.wrapped)
