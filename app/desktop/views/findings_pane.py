"""The findings pane: what was noticed, by time, of the severities and the code that one wants to see."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.analysis.panes.findings import FindingList, codes_by_weight, counts_text, signs_text
from app.analysis.panes.listing import Decoded
from app.analysis.text.words import grouped
from app.desktop.selection import Record, Selection
from app.desktop.views.record_table import RecordTable, go_to
from decoders.core.finding import Severity

MARGIN = 6
SHORTEST = 9
"""Characters of a choice that are always in view."""
SEVERITIES = (
    ("All severities", Severity.CHAT),
    ("i Notes and worse", Severity.NOTE),
    ("! Warnings and errors", Severity.WARNING),
    ("✕ Errors", Severity.ERROR),
)
ALL_CODES_TEXT = "All codes"
CLOSED_TEXT = "Open a recording to see what is worth noticing in it."
DECODING_TEXT = "No findings so far: the recording is still being decoded."
NONE_TEXT = "No findings: nothing in this recording is out of the ordinary."
NOTHING_TEXT = "No findings: no frame and no packet was found in this recording."
HIDDEN_TEXT = "No findings of this kind, but there are others."


class FindingsPane(QWidget):
    """Choosing a finding chooses its record, or points to its time where it is about no record.

    A record that is chosen elsewhere has its first finding shown. `open_action` is offered while no recording is open.
    """

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self.open_action: QAction | None = None
        self._show_all = QAction("Show all findings", self)
        self._show_all.triggered.connect(self._choose_all)
        self._recording: Decoded | None = None
        self._findings: FindingList | None = None
        self.severity = QComboBox(self)
        self.severity.setAccessibleName("Least severity")
        for text, severity in SEVERITIES:
            self.severity.addItem(text, severity)
        self.code = QComboBox(self)
        self.code.setAccessibleName("Code")
        for combo in (self.severity, self.code):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(SHORTEST)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.summary = QLabel(self)
        self.table = RecordTable("findings", "Findings", self)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        head.setSpacing(MARGIN)
        head.addWidget(self.severity, 2)
        head.addWidget(self.code, 3)
        head.addStretch(1)
        head.addWidget(self.summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table)
        self.severity.currentIndexChanged.connect(self._filter)
        self.code.currentIndexChanged.connect(self._filter)
        self.table.chosen.connect(self._go)
        selection.record_changed.connect(self._point_to)
        self.set_workspace(None)

    def set_workspace(self, recording: Decoded | None) -> None:
        """Look at another recording, or at none."""
        self._recording = recording
        self._findings = None if recording is None else FindingList(recording.snapshot, recording.timebase)
        self._list_codes({})
        if self._findings is not None:
            self._findings.least = self.severity.currentData()
        self.table.show_listing(self._findings)
        self.refresh()

    def refresh(self) -> None:
        """Take in what was decoded since."""
        counts = self._findings.counts() if self._findings is not None else {}
        self._list_codes(counts)
        self.table.refresh()
        self._summarise(counts)

    def _filter(self) -> None:
        if self._findings is None:
            return
        self._findings.least, self._findings.code = self.severity.currentData(), self.code.currentData()
        self.table.rebuild()
        self._summarise(self._findings.counts())

    def _summarise(self, counts: dict[str, int]) -> None:
        shown, total = self.table.row_count, sum(counts.values())
        self.summary.setText(signs_text(counts) if shown == total else f"{grouped(shown)} of {grouped(total)}")
        self.summary.setToolTip(counts_text(counts))
        self.summary.setAccessibleName(counts_text(counts))
        if self._recording is None:
            self.table.when_empty(CLOSED_TEXT, self.open_action)
        elif total:
            self.table.when_empty(HIDDEN_TEXT, self._show_all)
        else:
            none = NONE_TEXT if self._recording.snapshot.count("frames") else NOTHING_TEXT
            self.table.when_empty(DECODING_TEXT if self._recording.is_decoding else none)
        if self.table.current is None:
            self._point_to(self._selection.record)

    def _point_to(self, record: Record | None) -> None:
        """Show a finding about a record, if there is one; the one that is shown already stays."""
        if self._findings is None:
            return
        about = [] if record is None else self._findings.about(record.layer, record.no)
        if self.table.current not in about:
            self.table.show_number(about[0] if about else None)

    def _choose_all(self) -> None:
        self.severity.setCurrentIndex(0)
        self.code.setCurrentIndex(0)
        self.table.setFocus()

    def _list_codes(self, counts: dict[str, int]) -> None:
        """The codes that occur, with their numbers; the chosen one stays chosen, and stays in the list."""
        names = codes_by_weight(counts)
        if [self.code.itemData(at) for at in range(1, self.code.count())] != names or not self.code.count():
            chosen = self.code.currentData() if counts else None
            self.code.blockSignals(True)  # Qt's signature
            self.code.clear()
            self.code.addItem(ALL_CODES_TEXT, None)
            for name in names:
                self.code.addItem(name, name)
            self.code.setCurrentIndex(max(0, self.code.findData(chosen)) if chosen else 0)
            self.code.blockSignals(False)  # Qt's signature
        for at, name in enumerate(names, 1):
            self.code.setItemText(at, f"{name} ({grouped(counts[name])})")

    def _go(self, no: int) -> None:
        if self._findings is not None:
            go_to(self._selection, self._findings.target(no))
