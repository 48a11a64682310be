"""Which channel is which line: chosen by hand or proposed, and tried on the first stretch of the recording at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.analysis.decoding import ASSUMED_RATE_HZ
from app.analysis.text.words import SIGNS, clean
from app.analysis.wiring.check import Verdict, first_stretch, proposal_text, verdict
from app.analysis.wiring.excerpt import Excerpt
from app.analysis.wiring.problems import problems
from app.analysis.wiring.proposal import Proposal, propose, together
from app.analysis.wiring.score import link_scorer
from app.analysis.wiring.table import WiringTable, table_of
from app.analysis.wiring.words import ports_of
from app.desktop import theme
from app.desktop.dialogs.background import Background
from app.desktop.dialogs.wiring_channels import ChannelGrid, RoleChips
from app.desktop.dialogs.wiring_settings import SettingsGrid
from capture.formats.base import LogicRecording
from decoders.bus.wiring import Wiring
from decoders.core.errors import UsageError
from decoders.profile.wire_profile import WireProfile

CHECK_MS = 150
CHECKING = "Trying this on the first stretch…"
PROPOSING = "Looking at names, edges and checksums…"
NOTHING_FOUND = "No bus and no serial line can be made out. The recording may be too short or quiet; choose the roles by hand."


class WiringDialog(QDialog):
    """Edits a wiring of one recording; `chosen` carries it once it is accepted.

    `rate_hz` is given where the recording does not say its own. The recording is only read, in other threads too.
    """

    chosen = Signal(object)

    def __init__(
        self,
        recording: LogicRecording,
        wiring: Wiring,
        profile: WireProfile,
        rate_hz: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Wiring")
        self.setObjectName("wiring")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._recording, self._profile = recording, profile
        rate = recording.rate_hz or rate_hz
        self._rate_hz = rate or ASSUMED_RATE_HZ
        self._excerpt: Excerpt | None = None
        self._table = table_of(wiring, recording.channels, has_rate=rate is not None)
        self._reading = Background[Excerpt](self, self._take_excerpt, self._say_failed)
        self._proposing = Background[list[Proposal]](self, self._take_proposals, self._say_failed)
        self._checking = Background[Verdict](self, self._say_verdict, self._say_failed)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(CHECK_MS)
        self._debounce.timeout.connect(self._check)
        self._make_widgets()
        self._show_table(self._table)
        self._reading.start(lambda: first_stretch(recording))

    @property
    def table(self) -> WiringTable:
        """The present choice."""
        return self._table

    @property
    def said(self) -> str:
        """What the line below says of it."""
        return self._said.text()

    @property
    def is_busy(self) -> bool:
        """Whether it still reads, proposes or tries something."""
        return self._debounce.isActive() or any(work.is_busy for work in (self._reading, self._proposing, self._checking))

    def done(self, result: int) -> None:
        for work in (self._reading, self._proposing, self._checking):
            work.close()
        self._debounce.stop()
        super().done(result)
        if result == QDialog.DialogCode.Accepted:
            self.chosen.emit(self._table.wiring())

    def _make_widgets(self) -> None:
        self._channels = ChannelGrid(self._table)
        self._channels.role_chosen.connect(lambda channel, role: self._show_table(self._table.with_role(channel, role)))
        self._channels.ports_entered.connect(self._take_ports)
        self._channels.stream_entered.connect(lambda channel, name: self._show_table(self._table.with_stream(channel, name)))
        self._settings = SettingsGrid(self._table)
        self._settings.changed.connect(self._show_table)
        self._settings.complained.connect(lambda text: self._say(text, "error"))
        self._reasons = QLabel()
        self._reasons.setObjectName("reasons")
        self._said = QLabel()
        self._said.setObjectName("said")
        for label in (self._reasons, self._said):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reasons.setContentsMargins(6, 4, 6, 4)
        self._reasons.hide()
        self._propose = QPushButton("Propose")
        self._propose.setObjectName("propose")
        self._propose.setToolTip("Find the wiring from names, edges and checksums")
        self._propose.setAutoDefault(False)
        self._propose.clicked.connect(self._start_proposing)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Decode with this wiring")
        self._lay_out()

    def _lay_out(self) -> None:
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        for widget in (self._channels, self._settings, self._reasons):
            inner.addWidget(widget)
        inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(body)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        below = QHBoxLayout()
        below.addWidget(self._propose)
        below.addStretch(1)
        below.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(RoleChips())
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._said)
        layout.addLayout(below)
        wanted = body.sizeHint()
        self.resize(max(820, wanted.width() + 60), min(720, wanted.height() + 260))

    def _show_table(self, table: WiringTable) -> None:
        """Show another choice and say what is wrong with it, or try it."""
        self._table = table
        found = problems(table)
        self._channels.show_table(table, {channel for problem in found for channel in problem.channels})
        self._settings.show_table(table)
        self._ok.setEnabled(not found)
        self._debounce.stop()
        if found:
            grade = "error" if any(row.role for row in table.rows) else "note"
            self._say("\n".join(f"{SIGNS[grade]} {clean(problem.text)}" for problem in found), grade)
        elif self._excerpt is not None:
            self._say(CHECKING, "muted")
            self._debounce.start()

    def _check(self) -> None:
        excerpt, rate_hz, profile, wiring = self._excerpt, self._rate_hz, self._profile, self._table.wiring()
        if excerpt is not None:
            self._checking.start(lambda: verdict(excerpt, rate_hz, wiring, link_scorer(excerpt, rate_hz, profile)))

    def _start_proposing(self) -> None:
        recording, profile = self._recording, self._profile
        self._propose.setEnabled(False)
        self._say(PROPOSING, "muted")
        self._proposing.start(lambda: propose(recording, lambda excerpt, rate_hz: link_scorer(excerpt, rate_hz, profile)))

    def _take_ports(self, channel: int, text: str) -> None:
        try:
            self._show_table(self._table.with_ports(channel, ports_of(text)))
        except UsageError as error:
            self._show_table(self._table)
            self._debounce.stop()
            self._say(f"{SIGNS['error']} {error}.", "error")

    def _take_excerpt(self, excerpt: Excerpt) -> None:
        self._excerpt = excerpt
        self._channels.show_edges(excerpt)
        self._show_table(self._table)

    def _take_proposals(self, proposals: list[Proposal]) -> None:
        self._propose.setEnabled(True)
        said = [
            "\n".join((proposal_text(proposal, self._recording.channels), *(f"    {reason}" for reason in proposal.reasons)))
            for proposal in proposals
        ]
        self._reasons.setText(clean_lines("\n".join(said) or NOTHING_FOUND))
        self._reasons.show()
        if proposals:
            self._show_table(table_of(together(proposals), self._table.channels, has_rate=self._table.has_rate))
        else:
            self._show_table(self._table)
        QTimer.singleShot(0, self._reasons, lambda: self._scroll.ensureVisible(0, self._reasons.geometry().bottom()))

    def _say_verdict(self, found: Verdict) -> None:
        if not problems(self._table) and not self._debounce.isActive():
            self._say(
                f"{'✓' if found.is_good else SIGNS['warning']} {' '.join(found.sentences)}", "text" if found.is_good else "warning"
            )

    def _say_failed(self, text: str) -> None:
        self._propose.setEnabled(True)
        self._say(f"{SIGNS['error']} {text}.", "error")

    def _say(self, text: str, tone: str) -> None:
        self._said.setText(clean_lines(text))
        theme.tone(self._said, tone)


def clean_lines(text: str) -> str:
    """Several lines, each without what would steer their display."""
    return "\n".join(clean(line) for line in text.split("\n"))
