"""The packet pane: the list with its bars, marks, history and the ways to go through it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.analysis.packet_list.find import Search, matcher_of, parse_target
from app.analysis.packet_list.history import History
from app.analysis.packet_list.match import ConversationRows, Matcher, PacketRows
from app.analysis.packet_list.notes import Note, Notes, Place, open_notes, place_of
from app.analysis.packet_list.rows import Kind, kind_of, number_of
from app.analysis.packet_list.text import TimeStyle
from app.analysis.power.energies import Energies
from app.analysis.text.words import count_text
from app.desktop.models.packet_model import Decoded, ListSource, PacketModel
from app.desktop.selection import Record, Selection
from app.desktop.views.packet_actions import make_actions
from app.desktop.views.packet_bars import FindBar, LineBar
from app.desktop.views.packet_columns import PacketColumns, State
from app.desktop.views.packet_finder import PacketFinder
from app.desktop.views.packet_view import PacketView
from decoders.core.errors import FilterError

NOTHING_OPEN = "No recording is open.\nOpen one to see its packets here."
STILL_DECODING = "The recording is being decoded.\nPackets appear here as they are found."
NOTHING_FOUND = "No packets and no malformed frames were found.\nCheck which channel is wired to what, or whether the profile fits."
MOST_MARKED = 10_000
GO_TO_EXAMPLE = "41, f123 or 12.5 s"


class PacketTable(QWidget):
    """Shows a workspace's packets and speaks to other panes through the selection alone.

    `actions_by_name` are for menus. Call `refresh` when more was decoded.
    """

    def __init__(self, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("packets")
        self._selection = selection
        self._workspace: Decoded | None = None
        self._history: History[Record] = History()
        self._quiet = self._is_first = False
        self._last_row = -1
        self.model = PacketModel(self)
        self.view = PacketView(self.model, self)
        self.columns = PacketColumns(self.view, self.model, self.arrange)
        self._build()
        self._finder = PacketFinder(self)
        self._finder.found.connect(self._found)
        self._finder.looked.connect(lambda percent: self.find_bar.say(f"looked through {percent} %"))
        self._finder.missed.connect(lambda: self.find_bar.say("not found", wrong=True))
        self.actions_by_name = make_actions(self, {
            "find": self.find_bar.open, "find_next": self.find_next, "find_previous": lambda: self.find_next(backwards=True),
            "go_to": self._ask_where, "mark": self.mark, "comment": self._ask_comment, "time_reference": self.set_time_reference,
            "next_packet": lambda: self._walk(PacketRows()), "previous_packet": lambda: self._walk(PacketRows(), backwards=True),
            "next_in_conversation": self._converse, "previous_in_conversation": lambda: self._converse(backwards=True),
            "back": lambda: self._show_again(self._history.back()), "forward": lambda: self._show_again(self._history.forward()),
            "undo": lambda: self._undo(redo=False), "redo": lambda: self._undo(redo=True),
        })  # fmt: skip
        self.follow = QAction("Follow", self, checkable=True, toolTip="Keep the newest packet in sight")
        self.follow.toggled.connect(lambda on: self.view.scrollToBottom() if on else None)
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        bar = self.view.verticalScrollBar()
        bar.actionTriggered.connect(lambda _action: self.follow.setChecked(False))
        bar.rangeChanged.connect(lambda _least, most: bar.setValue(most) if self.follow.isChecked() else None)
        self.view.customContextMenuRequested.connect(self._open_menu)
        selection.record_changed.connect(self._on_record)
        self._tell()

    def _build(self) -> None:
        self.find_bar, self.line_bar = FindBar(self), LineBar("line", self)
        self.find_bar.wanted.connect(lambda: self._find(from_here=True))
        self.find_bar.again.connect(lambda backwards: self.find_next(backwards=backwards))
        self.find_bar.closed.connect(self._leave_find)
        self.line_bar.closed.connect(self.view.setFocus)
        self.line_bar.submitted.connect(self._submitted)
        self._empty = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setObjectName("packets-empty")
        self._offer = QPushButton(self)
        self._offer.setObjectName("packets-offer")
        self._offer.hide()
        page = QWidget(self)
        below = QVBoxLayout(page)
        below.addStretch(1)
        below.addWidget(self._empty)
        below.addWidget(self._offer, alignment=Qt.AlignmentFlag.AlignCenter)
        below.addStretch(1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(page)
        self._pages.addWidget(self.view)
        self._trouble = QLabel(self, wordWrap=True, margin=4)
        self._trouble.hide()
        self._trouble.setObjectName("packets-trouble")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.find_bar, self.line_bar, self._trouble, self._pages):
            layout.addWidget(widget)
        layout.setStretch(3, 1)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFocusProxy(self.view)

    # What is shown

    def show_workspace(self, workspace: Decoded | None, notes: Notes | None = None) -> None:
        """Show a recording or none; `notes` where they are kept elsewhere than in the user's data folder."""
        self._finder.stop()
        self._workspace, self._history, self._last_row = workspace, History(), -1
        source = None
        if workspace is not None:
            notes = open_notes(workspace.path) if notes is None else notes
            source = ListSource(workspace.snapshot, workspace.timebase, workspace.names, notes, workspace.wiring.streams)
        self._selection.select(None)
        self.model.show(source, finished=workspace is None or not workspace.is_decoding)
        self._tell()

    def refresh(self) -> None:
        """Show what was decoded since; the rows in sight stay where they are unless the newest are followed."""
        if self._workspace is None:
            return
        bar = self.view.verticalScrollBar()
        top = self.view.rowAt(0)
        code = int(self.model.rows.codes[top]) if self.model.rows is not None and top > 0 else None
        self.model.grow(finished=not self._workspace.is_decoding)
        moved = self.model.rows.row_of(code) if self.model.rows is not None and code is not None else None
        if moved is not None and moved != top:
            bar.setValue(moved)
        self._tell()
        if self.follow.isChecked():
            bar.setValue(bar.maximum())

    def supply_by(self, energies: Energies | None) -> None:
        """Where the energies of the open recording come from; their columns are offered where there can be any."""
        self.model.supply_by(energies)
        self.columns.offer_supply(is_wired=self.model.supplies.is_wired)

    def offer(self, action: QAction | None) -> None:
        """What to press while there is nothing to show."""
        self._offer.setVisible(action is not None)
        if action is not None:
            self._offer.setText(action.text())
            self._offer.clicked.connect(action.trigger)

    def arrange(self, chronological: bool, quiet: bool) -> None:  # noqa: FBT001  # as menus call it
        """Packets with their frames folded, or every frame in order of time; with link control frames or without."""
        self._finder.stop()
        record = self.current_record
        self.model.arrange(chronological=chronological, quiet=quiet)
        self._tell()
        if record is not None:
            self._choose(record)

    def column_state(self) -> State:
        """Columns, their widths and the arrangement in plain values."""
        return self.columns.state()

    def restore_column_state(self, state: Mapping[str, object]) -> None:
        """What `column_state` gave, perhaps long ago."""
        self.columns.restore(state)

    @property
    def current_record(self) -> Record | None:
        return self.model.record(self.view.currentIndex().row())

    def _tell(self) -> None:
        """The list, or what would fill it; the first row is chosen where nothing is."""
        has_rows = self.model.rowCount() > 0
        self._pages.setCurrentIndex(int(has_rows))
        if not has_rows:
            workspace = self._workspace
            self._empty.setText(NOTHING_OPEN if workspace is None else STILL_DECODING if workspace.is_decoding else NOTHING_FOUND)
        elif self._selection.record in {None, self.current_record} and not self.view.selectionModel().hasSelection():
            # A list that gets the focus has a current row already, which is not selected.
            self._is_first = self._selection.record is None
            self.view.go_to_row(max(0, self.view.currentIndex().row()))
            self._is_first = False
        for name in set(self.actions_by_name) - {"back", "forward", "undo", "redo"}:
            self.actions_by_name[name].setEnabled(has_rows)
        self._tell_ways()

    def _tell_ways(self) -> None:
        source = self.model.source
        self.actions_by_name["back"].setEnabled(self._history.can_go_back)
        self.actions_by_name["forward"].setEnabled(self._history.can_go_forward)
        self.actions_by_name["undo"].setEnabled(source is not None and source.notes.can_undo)
        self.actions_by_name["redo"].setEnabled(source is not None and source.notes.can_redo)
        self._complain(source.notes.problem if source else "")

    def _complain(self, text: str) -> None:
        """A line above the list, until something else is done."""
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))

    # Choosing

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row, before = current.row(), self._last_row
        self._last_row = row
        if self._quiet or row < 0:
            return
        record = self.model.record(row)
        if record is not None:
            self._history.visit(record, beside=abs(row - before) == 1)
        self._tell_ways()
        self._selection.select(record, is_first=self._is_first)
        self._selection.point(self.model.text(row).tick)

    def _on_record(self, record: Record | None) -> None:
        """Another pane chose a record."""
        if record is None or record == self.current_record:
            return
        self._history.visit(record)
        self._choose(record)

    def _choose(self, record: Record, *, unfold: bool = False) -> bool:
        """Make the row of a record current without choosing it for others."""
        row = self.model.row_of(record, unfold=unfold)
        if row is None:
            return False
        self._quiet = True
        self.view.go_to_row(row)
        self._quiet = False
        self._tell_ways()
        return True

    def _show_again(self, record: Record | None) -> None:
        if record is not None and self._choose(record, unfold=True):
            self._selection.select(record)

    # Going

    def _walk(self, matcher: Matcher, *, backwards: bool = False) -> None:
        """To the next row that matches, not round the end."""
        rows = self.model.rows
        found = Search(rows, matcher, self.view.currentIndex().row(), backwards=backwards, wraps=False).run() if rows else None
        if found is not None:
            self.view.go_to_row(found)

    def _converse(self, *, backwards: bool = False) -> None:
        packet = self._current_packet()
        if packet is not None and self._workspace is not None:
            self._walk(ConversationRows(self._workspace.snapshot, packet), backwards=backwards)

    def _current_packet(self) -> int | None:
        """The packet in the current row, or whose frame is."""
        row = self.view.currentIndex().row()
        if self.model.rows is None or self._workspace is None or row < 0:
            return None
        code = int(self.model.rows.codes[row])
        match kind_of(code):
            case Kind.PACKET:
                return number_of(code)
            case Kind.GAP:
                return None
            case _:
                return self._workspace.snapshot.packet_of_frame(number_of(code))

    def _ask_where(self) -> None:
        self.line_bar.ask("Go to", "", GO_TO_EXAMPLE)

    def go_to(self, text: str) -> None:
        """Go to a packet, frame or time as a person writes it. Raises FilterError where there is no such place."""
        if self._workspace is None or not self.model.rows:
            return
        target = parse_target(text, self._workspace.timebase)
        if target.layer == "time":
            self.view.go_to_row(self.model.rows.row_at(target.no))
            return
        if not 1 <= target.no <= (count := self._workspace.snapshot.count(target.layer)):
            raise FilterError(f"there are only {count_text(count, target.layer.removesuffix('s'))}", text)
        row = self.model.row_of(Record(target.layer, target.no), unfold=True)
        if row is None:
            raise FilterError("this frame is not shown", text, "show link control frames, from the menu of the headings")
        self.view.go_to_row(row)

    def _submitted(self, text: str) -> None:
        try:
            if self.line_bar.title.text() == "Go to":
                self.go_to(text)
            else:
                self.comment(text)
        except FilterError as error:
            self.line_bar.say(f"{error.what}; {error.remedy}" if error.remedy else error.what, wrong=True)
            return
        self.line_bar.leave()

    # Finding

    def find_next(self, *, backwards: bool = False) -> None:
        """The next hit for what the find bar holds."""
        if not self.find_bar.line.text():
            self.find_bar.open()
        else:
            self._find(backwards=backwards)

    def _find(self, *, backwards: bool = False, from_here: bool = False) -> None:
        """Look from the current row on, which itself counts while one is still writing."""
        self._finder.stop()
        rows, texts = self.model.rows, self.model.texts
        wanted = self.find_bar.line.text()
        if self._workspace is None or rows is None or texts is None or not wanted:
            self.find_bar.say("")
            return
        try:
            matcher = matcher_of(self.find_bar.look, wanted, self._workspace.snapshot, texts)
        except FilterError as error:
            self.find_bar.say(error.what if from_here else f"{error.what}; {error.remedy}", wrong=True)
            return
        row = self.view.currentIndex().row()
        self._finder.start(Search(rows, matcher, max(row - 1, -1) if from_here else row, backwards=backwards), len(rows))

    def _found(self, row: int, wrapped: bool) -> None:  # noqa: FBT001  # a signal's argument
        self.view.go_to_row(row)
        self.find_bar.say("went round the end" if wrapped else "")

    def _leave_find(self) -> None:
        self._finder.stop()
        self.view.setFocus()

    # Notes and the time reference

    def mark(self) -> None:
        """Mark the selected rows, or unmark them where all of them are."""
        if (selected := self.view.selected_count) > MOST_MARKED:
            self._complain(f"{count_text(selected, 'row')} are too many to mark; select {count_text(MOST_MARKED, 'row')} or fewer")
            return
        notes, places = self._noted_places()
        if notes is None:
            return
        marked = not all(notes.of(place).marked for place in places)
        notes.change({place: Note(marked, notes.of(place).comment) for place in places})
        self._notes_changed()

    def _ask_comment(self) -> None:
        record = self.current_record
        if record is not None:
            comment = self.model.note(self.view.currentIndex().row()).comment
            self.line_bar.ask(f"Comment on {record.layer.removesuffix('s')} {record.no}", comment, "empty to take it away")

    def comment(self, text: str) -> None:
        """Comment on the current row; an empty text takes the comment away."""
        notes, places = self._noted_places(current_only=True)
        if notes is not None:
            notes.change({place: Note(notes.of(place).marked, text.strip()) for place in places})
            self._notes_changed()

    def _noted_places(self, *, current_only: bool = False) -> tuple[Notes | None, list[Place]]:
        source, rows = self.model.source, self.model.rows
        if source is None or rows is None:
            return None, []
        chosen = [self.view.currentIndex().row()] if current_only else self.view.selected_rows(MOST_MARKED)
        places = [place_of(source.snapshot, int(rows.codes[row])) for row in chosen if row >= 0]
        return source.notes, [place for place in places if place is not None]

    def _undo(self, *, redo: bool) -> None:
        if self.model.source is not None:
            notes = self.model.source.notes
            (notes.redo if redo else notes.undo)()
            self._notes_changed()

    def _notes_changed(self) -> None:
        self.model.notes_changed()
        self._tell_ways()

    def set_time_reference(self) -> None:
        """Count times from the current row; once more on the same row counts from the start again."""
        row = self.view.currentIndex().row()
        if self.model.texts is None or row < 0:
            return
        tick = self.model.text(row).tick
        is_reference = self.model.time_style is TimeStyle.REFERENCE and self.model.texts.reference == tick
        self.model.count_times(TimeStyle.START if is_reference else TimeStyle.REFERENCE, tick)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        for name in ("mark", "comment", "time_reference"):
            menu.addAction(self.actions_by_name[name])
        menu.addSeparator()
        menu.addAction("Copy rows", self.view.copy)
        menu.addAction("Unfold all", lambda: self.view.unfold_all(unfolded=True))
        menu.addAction("Fold all", lambda: self.view.unfold_all(unfolded=False))
        menu.addSeparator()
        menu.addMenu(self.columns.menu)
        menu.popup(self.view.viewport().mapToGlobal(place))
