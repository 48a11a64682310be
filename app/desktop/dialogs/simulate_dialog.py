"""What to simulate: a scenario, for how long, from which seed, with which faults, and where the recording is kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.analysis.simulating import LONGEST_S
from app.analysis.simulation_run import Order, fault_choices, place_for, scenario_choices
from app.analysis.text.words import SIGNS
from app.desktop import theme
from app.desktop.dialogs.entry import ChoiceBox

MOST_SEED = 2**31 - 1
IN_THE_CACHE = "In the cache, until its room is needed"
FILE_FILTER = "Session files (*.umi);;sigrok sessions (*.sr)"
SIZE = (620, 560)


class SimulateDialog(QDialog):
    """`ordered` carries the `Order`; an order that cannot be made is said here and nothing is told."""

    ordered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("simulate")
        self.setWindowTitle("Simulate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._scenarios = scenario_choices()
        self.scenario = ChoiceBox("Scenario", [(choice.name, choice) for choice in self._scenarios])
        self.scenario.setObjectName("scenario")
        self.scenario.currentIndexChanged.connect(self._show_scenario)
        self.description = QLabel()
        self.description.setWordWrap(True)
        theme.tone(self.description, "muted")
        self.seconds = QSpinBox(minimum=1, maximum=LONGEST_S, suffix=" s")
        self.seconds.setObjectName("seconds")
        self.seconds.setAccessibleName("How long")
        self.seed = QSpinBox(maximum=MOST_SEED)
        self.seed.setObjectName("seed")
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("Another seed gives another run; the same gives the same bytes")
        self.faults = _faults()
        self.path = QLineEdit(placeholderText=IN_THE_CACHE)
        self.path.setObjectName("path")
        self.path.setAccessibleName("Where the recording is kept")
        self._said = QLabel(wordWrap=True)
        self._said.setObjectName("said")
        theme.tone(self._said, "error")
        self._lay_out()
        self._show_scenario(0)

    @property
    def said(self) -> str:
        """What is wrong with the order."""
        return self._said.text()

    def _lay_out(self) -> None:
        choose = QPushButton("Choose…")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_path)
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(choose)
        form = QFormLayout()
        form.addRow("Scenario", self.scenario)
        form.addRow("", self.description)
        form.addRow("How long", self.seconds)
        form.addRow("Seed", self.seed)
        form.addRow("Faults", self.faults)
        form.addRow("Keep it", where)
        start, cancel = QPushButton("Simulate"), QPushButton("Cancel")
        start.setObjectName("start")
        start.setDefault(True)
        start.clicked.connect(self._order)
        cancel.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(self._said, 1)
        below.addWidget(cancel)
        below.addWidget(start)
        layout = QVBoxLayout(self)
        layout.addLayout(form, 1)
        layout.addLayout(below)
        self.resize(*SIZE)

    def _show_scenario(self, at: int) -> None:
        chosen = self._scenarios[at]
        self.description.setText(chosen.description)
        self.seconds.setValue(round(chosen.seconds))

    def _choose_path(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Keep the simulated recording", self.path.text(), FILE_FILTER)
        if name:
            self.path.setText(name)

    def _order(self) -> None:
        chosen = self._scenarios[self.scenario.currentIndex()]
        items = (self.faults.item(row) for row in range(self.faults.count()))
        faults = tuple(item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() is Qt.CheckState.Checked)
        text = self.path.text().strip()
        try:
            path = Path(text).expanduser() if text else place_for(chosen.name)
        except OSError as error:
            self._said.setText(f"{SIGNS['error']} {error}")
            return
        self.ordered.emit(Order(path, chosen.name, self.seconds.value(), self.seed.value(), faults))
        self.accept()


def _faults() -> QListWidget:
    """A list to tick, each fault with what it does."""
    widget = QListWidget()
    widget.setObjectName("faults")
    widget.setAccessibleName("Faults")
    widget.setWordWrap(True)
    for choice in fault_choices():
        item = QListWidgetItem(f"{choice.name} – {choice.description}", widget)
        item.setData(Qt.ItemDataRole.UserRole, choice.name)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
    return widget
