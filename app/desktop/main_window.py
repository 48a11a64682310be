"""The main window: puts the panes together and hands on what the user does. It holds no logic of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMainWindow, QMenu, QMessageBox, QWidget

from app.analysis.fit.profile_files import ProfileChoices
from app.analysis.material import profile_text, shipped_profiles
from app.analysis.opening import OpenRequest
from app.analysis.simulation_run import STANDARD, Order, place_for
from app.analysis.text.status import cursor_text, missing_text, progress_text, source_text, status_text
from app.analysis.text.words import clean
from app.analysis.workspace import ProfileText, Workspace
from app.desktop import theme
from app.desktop.actions import build_menus
from app.desktop.dialogs.manual_viewer import ManualViewer
from app.desktop.dialogs.pasted_dialog import PastedDialog
from app.desktop.dialogs.shortcut_list import ShortcutList
from app.desktop.dialogs.simulate_dialog import SimulateDialog
from app.desktop.dialogs.simulation_progress import SimulationProgress
from app.desktop.dialogs.wiring_dialog import WiringDialog
from app.desktop.panes import Panes
from app.desktop.plots.timeline_keys import ZOOM
from app.desktop.recent import RecentFiles
from app.desktop.selection import Record, Selection
from app.desktop.session import Session
from app.desktop.toolbar import ToolBar
from app.desktop.views.start_page import DEMO, StartPage
from decoders.core.errors import UserError
from decoders.profile.wire_profile import load_profile

FILE_FILTER = "Recordings (*.umi *.sr);;All files (*)"
STATUS_MARGIN = 6
NEED_A_RECORDING = ("close", "wiring", "stop_decoding", "folded", "chronological", "expand_all")
DATASHEET_FILTER = "Datasheets (*.toml);;All files (*)"


class MainWindow(QMainWindow):
    """One recording in one window. `settings` keeps its shape; `cache` is where decodes go, None for the user's folder."""

    def __init__(self, settings: QSettings, recent: RecentFiles, cache: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle("UMIscope")
        self.setAcceptDrops(True)
        self._settings, self._recent, self._cache = settings, recent, cache
        self._has_shape = False
        self._has_first_columns = settings.value("columns") is None
        self._profile = profile_text(shipped_profiles()[0])
        self.session = Session(self)
        self.selection = Selection(self)
        self.start_page = StartPage(recent)
        self.panes = Panes(self, self.selection, self.start_page)
        self._status, self._progress, self._cursor = QLabel(), QLabel(), QLabel()
        for label in (self._status, self._progress, self._cursor):
            label.setContentsMargins(STATUS_MARGIN, 0, STATUS_MARGIN, 0)
        self._cursor.setFont(theme.mono_font())
        self.statusBar().addWidget(self._status, 1)
        self.statusBar().addPermanentWidget(self._progress)
        self.statusBar().addPermanentWidget(self._cursor)
        self.named_actions = build_menus(self, self._commands(), self.panes.packets.actions_by_name)
        self.toolbar = self._make_toolbar()
        # Everywhere but where a text or the timeline has the focus and an undo of its own.
        for name in ("undo", "redo"):
            self.named_actions[name].setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._fill_view_menu()
        self._add_recent_menu()
        self._connect()
        self.resize(1280, 800)
        self._restore()
        self.panes.workbench.remember_in(ProfileChoices(Path(settings.fileName()).with_name("profiles.json")))
        self._on_opened(None)

    def open_file(self, path: Path) -> bool:
        """Open a recording; False where it cannot be opened, and then the user was told, or where the user is asked first."""
        if self.panes.workbench.is_modified:
            self.panes.workbench.leave(lambda: self._open(path))
            return False
        return self._open(path)

    def _open(self, path: Path) -> bool:
        """Open a recording by the profile that it was read by last."""
        profile, trouble = self.panes.workbench.profile_for(path, self._profile)
        if not self.session.open(OpenRequest(path, profile, cache=self._cache)):
            return False
        self._profile = profile
        if trouble:
            self._tell_failure("The profile of this recording cannot be used", trouble)
        return True

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "open": self._ask_for_file,
            "open_demo": lambda: self.open_file(DEMO),
            "add_datasheets": self._ask_for_datasheets,
            "close": lambda: self.panes.workbench.leave(self.session.close),
            "quit": self.close,
            "folded": lambda: self._arrange(chronological=False),
            "chronological": lambda: self._arrange(chronological=True),
            "expand_all": self.panes.detail.tree.expandAll,
            "light": lambda: self._use_theme("light"),
            "dark": lambda: self._use_theme("dark"),
            "wiring": self._edit_wiring,
            "workbench": lambda: self.panes.bring_up("workbench"),
            "stop_decoding": self._stop_decoding,
            "simulate": self._ask_what_to_simulate,
            "decode_pasted": self._decode_pasted,
            "help": self._show_manual,
            "shortcuts": lambda: ShortcutList(self).open(),
            "about": self._tell_about,
        }

    def _make_toolbar(self) -> ToolBar:
        canvas = self.panes.timeline.canvas
        timeline: dict[str, Callable[[], object]] = {
            "timeline_zoom_out": lambda: canvas.zoom(1 / ZOOM),
            "timeline_zoom_in": lambda: canvas.zoom(ZOOM),
            "timeline_fit": canvas.fit,
        }
        return ToolBar(self, {**self.named_actions, "follow": self.panes.packets.follow}, timeline)

    def _connect(self) -> None:
        self.session.opened.connect(self._on_opened)
        self.session.grown.connect(self._on_grown)
        self.session.failed.connect(self._tell_failure)
        self.selection.cursor_changed.connect(self._show_cursor)
        self.selection.record_changed.connect(self._point_to)
        self.start_page.open_wanted.connect(self._ask_for_file)
        self.start_page.path_chosen.connect(self.open_file)
        self.start_page.simulate_wanted.connect(self._start_simulated_meter)
        self.panes.timeline.open_wanted.connect(self._ask_for_file)
        self.panes.banner.pressed.connect(self._open_again)
        self.panes.workbench.saved.connect(self._use_profile)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._bring_up_focus)
        self.panes.offer(self.named_actions["open"], self.named_actions["wiring"])

    def _on_opened(self, workspace: Workspace | None) -> None:
        self.panes.show_workspace(workspace)
        title = "UMIscope" if workspace is None else f"{workspace.path.name} – UMIscope"
        self.setWindowTitle(title)
        if workspace is not None:
            self._recent.add(workspace.path)
            if self._has_first_columns:
                self._has_first_columns = False
                # Only a list that is laid out has the width that it is going to have.
                QTimer.singleShot(0, self, lambda: self.panes.packets.columns.spare(self.panes.packets.width()))
            self.start_page.show_recent()
            if not workspace.wiring.spi and not workspace.wiring.uart:
                self._edit_wiring()
        for name in NEED_A_RECORDING:
            self.named_actions[name].setEnabled(workspace is not None)
        self.toolbar.enable(timeline=workspace is not None)
        if workspace is None:
            self.toolbar.show_source("")
        else:
            self.toolbar.show_source(source_text(workspace), clean(str(workspace.path)))
        self._on_grown()

    def _on_grown(self) -> None:
        workspace = self.session.workspace
        if workspace is None:
            self._status.setText("No recording is open")
            self._progress.setText("")
            self._cursor.setText("")
            self.panes.banner.say("")
            return
        self.panes.refresh()
        self._status.setText(status_text(workspace))
        self._progress.setText(progress_text(workspace))
        self.panes.banner.say(missing_text(workspace))
        self.named_actions["stop_decoding"].setEnabled(workspace.is_decoding)

    def _bring_up_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        self.panes.raise_around(now)

    def _point_to(self, record: Record | None) -> None:
        """The time cursor goes where the chosen record begins, whichever pane chose it."""
        if self.session.workspace is not None and record is not None:
            self.selection.point(int(self.session.workspace.snapshot.column(record.layer, "start")[record.no - 1]))

    def _show_cursor(self, tick: int) -> None:
        if self.session.workspace is not None:
            self._cursor.setText(cursor_text(self.session.workspace, tick))

    def _ask_for_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a recording", self._folder(), FILE_FILTER)
        if name:
            self.open_file(Path(name))

    def _folder(self) -> str:
        """Where the last recording lay."""
        paths = self._recent.paths()
        return str(paths[0].parent) if paths else ""

    def _ask_for_datasheets(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Add datasheets", self._folder(), DATASHEET_FILTER)
        if names:
            self.session.add_datasheets([Path(name) for name in names])

    def _edit_wiring(self) -> None:
        workspace = self.session.workspace
        if workspace is None:
            return
        request = self.session.request
        rate_hz = request.rate_hz if request is not None else None
        dialog = WiringDialog(workspace.recording, workspace.wiring, workspace.profile, rate_hz, self)
        dialog.chosen.connect(self.session.rewire)
        dialog.open()

    def _ask_what_to_simulate(self) -> None:
        dialog = SimulateDialog(self)
        dialog.ordered.connect(self.simulate)
        dialog.open()

    def _start_simulated_meter(self) -> None:
        try:
            self.simulate(Order(place_for(STANDARD)))
        except OSError as error:
            self._tell_failure("There is no place for a simulated recording", str(error))

    def simulate(self, order: Order) -> None:
        """Simulate beside the window, and open what comes of it."""
        try:
            progress = SimulationProgress(order, self)
        except UserError as error:
            self._tell_failure("This cannot be simulated", str(error))
            return
        progress.simulated.connect(self.open_file)
        progress.open()

    def _decode_pasted(self) -> None:
        workspace = self.session.workspace
        profile = workspace.profile if workspace is not None else load_profile(self._profile.text, self._profile.name)
        PastedDialog(profile, self.session.names, self).open()

    def _show_manual(self) -> None:
        viewer = self.findChild(ManualViewer)
        if viewer is None:
            ManualViewer(parent=self).show()
            return
        viewer.raise_()
        viewer.activateWindow()

    def _use_profile(self, profile: ProfileText) -> None:
        if self.session.use_profile(profile):
            self._profile = profile

    def _open_again(self) -> None:
        if self.session.request is not None:
            self.session.open(self.session.request)

    def _stop_decoding(self) -> None:
        if self.session.workspace is not None:
            self.session.workspace.stop_decoding()

    def _arrange(self, *, chronological: bool) -> None:
        self.panes.packets.arrange(chronological, False)
        self._tick_arrangement()

    def _tick_arrangement(self) -> None:
        """The list's own menu of columns changes the arrangement too."""
        chronological = self.panes.packets.model.chronological
        self.named_actions["folded"].setChecked(not chronological)
        self.named_actions["chronological"].setChecked(chronological)

    def _use_theme(self, name: str) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, theme.THEMES[name])
        self._settings.setValue("theme", name)
        for other in theme.THEMES:
            self.named_actions[other].setChecked(other == name)

    def _tell_failure(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "UMIscope", title, QMessageBox.StandardButton.Ok, self)
        box.setInformativeText(text)
        box.open()

    def _tell_about(self) -> None:
        QMessageBox.about(self, "About UMIscope", "A protocol analyser for UMI, the Universal Metering Interface.\nApache-2.0")

    def _fill_view_menu(self) -> None:
        menu = self.menuBar().findChild(QMenu, "menu-view")
        if menu is None:
            return
        menu.addSeparator()
        for dock in self.panes.docks:
            menu.addAction(dock.toggleViewAction())
        menu.addAction(self.toolbar.toggleViewAction())
        menu.addSeparator()
        menu.addMenu(self.panes.packets.columns.menu)
        menu.addSeparator()
        menu.addAction("Panes as at first", self._lay_out_anew)
        menu.aboutToShow.connect(self._tick_arrangement)

    def _add_recent_menu(self) -> None:
        menu = self.menuBar().findChild(QMenu, "menu-file")
        if menu is None:
            return
        recent = QMenu("Open recent", menu)
        recent.setObjectName("menu-recent")
        recent.setToolTipsVisible(True)
        recent.aboutToShow.connect(lambda: self._fill_recent_menu(recent))
        menu.insertMenu(self.named_actions["open_demo"], recent)

    def _fill_recent_menu(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._recent.paths():
            action = menu.addAction(clean(path.name).replace("&", "&&"), partial(self.open_file, path))
            action.setToolTip(clean(str(path)))
            action.setEnabled(path.is_file())
        if menu.isEmpty():
            menu.addAction("None so far").setEnabled(False)

    def _lay_out_anew(self) -> None:
        self.panes.stack(self)
        self.panes.give_sizes(self)

    def _restore(self) -> None:
        name = str(self._settings.value("theme", theme.current().name))
        self._use_theme(name if name in theme.THEMES else theme.current().name)
        geometry, state = self._settings.value("geometry"), self._settings.value("state")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            self.restoreGeometry(geometry)
            self._has_shape = self.restoreState(state)
        columns = self._settings.value("columns")
        if isinstance(columns, dict):
            self.panes.packets.restore_column_state(columns)
        self._tick_arrangement()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        if not self._has_shape:
            self._has_shape = True
            # Only a window that is laid out gives its panes the sizes it is asked for.
            QTimer.singleShot(0, self, lambda: self.panes.give_sizes(self))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        if self.panes.workbench.is_modified:
            event.ignore()
            self.panes.workbench.leave(self.close)
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("state", self.saveState())
        self._settings.setValue("columns", dict(self.panes.packets.column_state()))
        self.session.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's name
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.open_file(files[0])

    def select_packet(self, no: int) -> bool:
        """Select a packet by its number; False where there is none of it."""
        workspace = self.session.workspace
        if workspace is None or not 1 <= no <= workspace.snapshot.count("packets"):
            return False
        self.selection.select(Record("packets", no))
        return True
