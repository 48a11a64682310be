"""The devices pane: the star, and below it the same devices as a list."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from app.analysis.panes.device_list import DeviceList
from app.analysis.panes.devices import DeviceStatistics
from app.analysis.panes.listing import Decoded
from app.desktop.selection import Record, Selection
from app.desktop.views.device_star import EMPTY_TEXT, DeviceStar
from app.desktop.views.record_table import RecordTable
from decoders.core.span import Timebase

MARGIN = 6


class DevicesPane(QWidget):
    """Choosing a device chooses its last packet; a long recording is counted piece by piece between other events."""

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._recording: Decoded | None = None
        self._statistics: DeviceStatistics | None = None
        self._devices = DeviceList(Timebase(1))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.refresh)
        self.summary = QLabel(self)
        self.summary.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.star = DeviceStar(self)
        self.table = RecordTable("devices", "List of devices", self)
        self.table.empty_text = EMPTY_TEXT
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.star)
        splitter.addWidget(self.table)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.summary)
        layout.addWidget(splitter)
        self.star.chosen.connect(self._choose)
        self.table.chosen.connect(lambda no: self._choose(no - 1))

    def set_workspace(self, recording: Decoded | None) -> None:
        """Look at another recording, or at none."""
        self._timer.stop()
        self._recording = recording
        self._statistics = None if recording is None else DeviceStatistics(recording.snapshot, recording.wiring)
        self._devices = DeviceList(Timebase(1) if recording is None else recording.timebase)
        self.star.mark(None)
        self.table.show_listing(None if recording is None else self._devices)
        self.refresh()

    def refresh(self) -> None:
        """Count what was decoded since, as much of it as a moment allows."""
        if self._statistics is None or self._recording is None:
            self.star.show_devices([], Timebase(1))
            self.summary.setText("")
            return
        if self._statistics.grow():
            self._timer.start()
        self._devices.devices = self._statistics.devices()
        self.star.show_devices(self._devices.devices, self._recording.timebase)
        self.table.refresh()
        self.summary.setText(self._devices.summary())

    def _choose(self, at: int) -> None:
        self.star.mark(at)
        self.table.show_number(at + 1)
        packet = self._devices.devices[at].last_packet
        if packet is not None:
            self._selection.select(Record("packets", packet))
