"""The devices pane: the star, and below it the same devices as a list."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from app.analysis.panes.device_list import DeviceList
from app.analysis.panes.devices import DeviceStatistics, place_of_sender
from app.analysis.panes.listing import Decoded
from app.analysis.power.energies import Energies
from app.desktop.selection import Record, Selection
from app.desktop.views.device_star import LEAST_HEIGHT, DeviceStar
from app.desktop.views.empty_note import EmptyNote
from app.desktop.views.record_table import RecordTable
from decoders.core.span import Timebase

MARGIN = 6
FIRST_ROWS = 4
"""Rows of the list that are in sight at first; the star takes what is left."""
CLOSED_TEXT = "Open a recording to see the host and the devices at its ports."
NONE_TEXT = "No link with ports is wired in this recording."


class DevicesPane(QWidget):
    """Choosing a device chooses its last packet; of a record that is chosen elsewhere the sender is shown.

    A long recording is counted piece by piece between other events. `open_action` is offered while no recording is open.
    """

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._is_choosing = False
        self.open_action: QAction | None = None
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
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.setObjectName("devices-splitter")
        self._splitter.addWidget(self.star)
        self._splitter.addWidget(self.table)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._has_shape = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.summary)
        layout.addWidget(self._splitter)
        self._note = EmptyNote(self)
        self.star.chosen.connect(self._choose)
        self.table.chosen.connect(lambda no: self._choose(no - 1))
        selection.record_changed.connect(self._point_to)

    def set_workspace(self, recording: Decoded | None, energies: Energies | None = None) -> None:
        """Look at another recording, or at none; `energies` tell what its ports took."""
        self._timer.stop()
        self._recording = recording
        self._statistics = None if recording is None else DeviceStatistics(recording.snapshot, recording.wiring)
        self._devices = DeviceList(Timebase(1) if recording is None else recording.timebase, energies)
        if self._statistics is not None:
            self._devices.devices = self._statistics.devices()
        self.star.mark(None)
        self.table.show_listing(None if recording is None else self._devices)
        self.refresh()

    def refresh(self) -> None:
        """Count what was decoded since, as much of it as a moment allows."""
        if self._statistics is None or self._recording is None:
            self.star.show_devices([], Timebase(1))
            self.summary.setText("")
            self._note.say(CLOSED_TEXT, self.open_action)
            return
        if self._statistics.grow():
            self._timer.start()
        self._devices.devices = self._statistics.devices()
        self.star.show_devices(self._devices.devices, self._recording.timebase)
        self.table.refresh()
        self.summary.setText(self._devices.summary())
        self._note.say("" if self._devices.devices else NONE_TEXT)
        if self.table.current is None:
            self._point_to(self._selection.record)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        # Only a pane that is laid out can share its height out.
        QTimer.singleShot(0, self, self._shape)

    def _shape(self) -> None:
        if not self._has_shape and self.isVisible() and self._recording is not None:
            self._has_shape = True
            header, row = self.table.horizontalHeader().sizeHint().height(), self.table.verticalHeader().defaultSectionSize()
            rows = header + FIRST_ROWS * row + 2 * self.table.frameWidth() + 2
            self._splitter.setSizes([max(LEAST_HEIGHT, self._splitter.height() - rows), rows])

    def _choose(self, at: int) -> None:
        self._mark(at)
        packet = self._devices.devices[at].last_packet
        if packet is not None:
            self._is_choosing = True
            self._selection.select(Record("packets", packet))
            self._is_choosing = False

    def _point_to(self, record: Record | None) -> None:
        """Show who sent a record."""
        if self._recording is not None and not self._is_choosing:
            snapshot = self._recording.snapshot
            self._mark(None if record is None else place_of_sender(snapshot, self._devices.devices, record.layer, record.no))

    def _mark(self, at: int | None) -> None:
        self.star.mark(at)
        self.table.show_number(None if at is None else at + 1)
