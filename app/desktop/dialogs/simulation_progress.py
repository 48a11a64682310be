"""A simulation while it runs: how far it is, and how to end it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.analysis.simulation_run import Order, SimulationRun
from app.analysis.text.words import SIGNS, clean
from app.desktop import theme

LOOK_MS = 40
PARTS = 1000
WIDTH = 420


class SimulationProgress(QDialog):
    """Simulates what was ordered; `simulated` carries the file once it is there. Raises UserError for what is impossible at once."""

    simulated = Signal(object)

    def __init__(self, order: Order, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("simulation-progress")
        self.setWindowTitle("Simulate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._order = order
        self._run: SimulationRun | None = SimulationRun(order)
        self.said = QLabel(f"Simulating {clean(order.scenario)}…")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setRange(0, PARTS)
        self.bar.setAccessibleName("How much is simulated")
        self.button = QPushButton("Cancel")
        self.button.setObjectName("cancel")
        self.button.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.button)
        layout = QVBoxLayout(self)
        for part in (self.said, self.bar):
            layout.addWidget(part)
        layout.addLayout(below)
        self.setMinimumWidth(WIDTH)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def is_busy(self) -> bool:
        """Whether it still simulates."""
        return self._run is not None

    def done(self, result: int) -> None:
        self._end()
        super().done(result)

    def _look(self) -> None:
        if self._run is None:
            return
        stage = self._run.look()
        self.bar.setValue(round(stage.share * PARTS))
        if stage.error:
            self._end()
            self.said.setText(f"{SIGNS['error']} {stage.error}")
            theme.tone(self.said, "error")
            self.bar.hide()
            self.button.setText("Close")
        elif stage.is_done:
            self._end()
            self.simulated.emit(self._order.path)
            self.accept()

    def _end(self) -> None:
        self._timer.stop()
        if self._run is not None:
            self._run.close()
            self._run = None
