"""The panes of one window, made and placed: packets in the middle, the timeline below, one column of tabs on the right."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.analysis.workspace import Workspace
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Selection
from app.desktop.views.banner import Banner
from app.desktop.views.detail_panes import DetailPanes
from app.desktop.views.devices_pane import DevicesPane
from app.desktop.views.findings_pane import FindingsPane
from app.desktop.views.packet_table import PacketTable
from app.desktop.views.profile_workbench import ProfileWorkbench
from app.desktop.views.transactions_pane import TransactionsPane

Area = Qt.DockWidgetArea
WORKBENCH_SHARE = 0.5
TREE_SHARE, BYTES_SHARE, TIMELINE_SHARE = 0.38, 0.27, 0.32
"""Parts of the window's height at first."""
TABS = {"transactions": "findings", "devices": "findings", "workbench": "timeline"}
"""Panes that lie behind another at first."""
BELOW = frozenset({"timeline", "workbench"})
RIGHT_SHARE = 0.315


class _Grows(Protocol):
    """A pane that shows what is being decoded."""

    def refresh(self) -> None: ...


class Panes:
    """Every pane of a window; they know the selection and the workspace, not each other."""

    def __init__(self, window: QMainWindow, selection: Selection, start_page: QWidget) -> None:
        self.packets = PacketTable(selection)
        self.detail = DetailPanes(selection, window)
        self.timeline = TimelineView(selection)
        self.findings = FindingsPane(selection)
        self.transactions = TransactionsPane(selection)
        self.devices = DevicesPane(selection)
        self.workbench = ProfileWorkbench()
        self.banner = Banner("Open again")
        self.middle = QStackedWidget(window)
        self.middle.addWidget(start_page)
        self.middle.addWidget(self._packets_under_banner())
        window.setCentralWidget(self.middle)
        self._window = window
        self._workspace: Workspace | None = None
        self._is_workbench_seen = self._is_workbench_fed = False
        self._docks: dict[str, QDockWidget] = {}
        self._to_refresh: list[_Grows] = []
        self._turn = QTimer(window)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._refresh_next)
        self.timeline.energies_grown.connect(self._show_energies)
        self._place(window)

    def offer(self, open_recording: QAction, wire: QAction) -> None:
        """What empty panes offer: a recording where there is none, its wiring where nothing comes to light."""
        self.packets.offer(wire)
        self.detail.wire_action = wire
        for pane in (self.detail, self.findings, self.transactions, self.devices):
            pane.open_action = open_recording

    def show_workspace(self, workspace: Workspace | None) -> None:
        """Show a recording in every pane, or none; before an old one is closed."""
        self._turn.stop()
        self.packets.show_workspace(workspace)
        self.timeline.set_workspace(workspace)
        energies = self.timeline.energies
        self.packets.supply_by(energies)
        for pane in (self.detail, self.transactions, self.devices):
            pane.set_workspace(workspace, energies)
        self.findings.set_workspace(workspace)
        self._workspace = workspace
        # Reading a profile takes a while; nobody waits for it who does not look at it. A text that was changed is kept.
        self._is_workbench_fed = self.workbench.is_changed or self._is_workbench_seen
        self.workbench.set_workspace(workspace if self._is_workbench_fed else None)
        was_closed = self.middle.currentIndex() == 0
        self.middle.setCurrentIndex(0 if workspace is None else 1)
        if was_closed and workspace is not None:
            self.packets.setFocus()

    def refresh(self) -> None:
        """Show what was decoded since: the packets now, each other pane in a turn of its own, so that no turn is long."""
        self.packets.refresh()
        others = (self.detail, self.timeline, self.findings, self.transactions, self.devices)
        self._to_refresh = [*others, *([self.workbench] if self._is_workbench_fed else [])]
        self._turn.start()

    def _show_energies(self) -> None:
        """More is known of what records took."""
        self.packets.model.supplies_grown()
        for table in (self.transactions.table, self.devices.table):
            table.make_anew()
        self.detail.refresh()

    def _refresh_next(self) -> None:
        pane = self._to_refresh.pop(0)
        if self._to_refresh:
            self._turn.start()
        pane.refresh()

    def bring_up(self, name: str) -> None:
        """Bring a pane to the front and give it the focus."""
        if name == "packets":
            self.packets.setFocus()
            return
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        if name == "workbench":
            height = round(self._window.height() * WORKBENCH_SHARE)
            # Only a tab that is laid out takes a size.
            QTimer.singleShot(0, dock, lambda: self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical))
            self.workbench.editor.setFocus()
        else:
            dock.widget().setFocus()

    def raise_around(self, widget: QWidget | None) -> None:
        """Bring up the pane that a widget is in, where it lies behind another: Qt gives the focus to hidden tabs too."""
        for dock in self._docks.values():
            if widget is not None and dock.isAncestorOf(widget) and self._window.tabifiedDockWidgets(dock):
                dock.raise_()

    def dock(self, name: str) -> QDockWidget:
        """The frame of a pane, by its name."""
        return self._docks[name]

    @property
    def docks(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def _place(self, window: QMainWindow) -> None:
        window.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        window.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        for name, title, widget in (
            ("tree", "Packet", self.detail.tree),
            ("bytes", "Bytes", self.detail.bytes),
            ("findings", "Findings", self.findings),
            ("transactions", "Transactions", self.transactions),
            ("devices", "Devices", self.devices),
            ("workbench", "Profile", _scrolled(self.workbench)),
            ("timeline", "Timeline", self.timeline),
        ):
            dock = QDockWidget(title, window)
            dock.setObjectName(f"dock-{name}")
            dock.setWidget(widget)
            self._docks[name] = dock
            dock.dockLocationChanged.connect(self._title_once)
            dock.topLevelChanged.connect(self._title_once)
            dock.visibilityChanged.connect(self._title_once)
        self._docks["workbench"].visibilityChanged.connect(self._fill_workbench)
        self.stack(window)

    def stack(self, window: QMainWindow) -> None:
        """Put every pane where it is at first."""
        for name, dock in self._docks.items():
            dock.setFloating(False)
            dock.show()
            window.addDockWidget(Area.BottomDockWidgetArea if name in BELOW else Area.RightDockWidgetArea, dock)
        window.splitDockWidget(self._docks["tree"], self._docks["bytes"], Qt.Orientation.Vertical)
        window.splitDockWidget(self._docks["bytes"], self._docks["findings"], Qt.Orientation.Vertical)
        for name, front in TABS.items():
            window.tabifyDockWidget(self._docks[front], self._docks[name])
            self._docks[front].raise_()
        self._title_once()

    def give_sizes(self, window: QMainWindow) -> None:
        """The first shape of a window: packets get two thirds of the width, the timeline a third of the height."""
        width, height = window.width(), window.height()
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        window.resizeDocks([self._docks["tree"]], [round(width * RIGHT_SHARE)], horizontal)
        heights = [round(height * TREE_SHARE), round(height * BYTES_SHARE)]
        right = [self._docks[name] for name in ("tree", "bytes", "findings")]
        window.resizeDocks(right, [*heights, height - sum(heights)], vertical)
        window.resizeDocks([self._docks["timeline"]], [round(height * TIMELINE_SHARE)], vertical)

    def _fill_workbench(self, visible: bool) -> None:  # noqa: FBT001  # a signal's argument
        # Qt calls the widgets of a hidden tab visible; only their dock knows better.
        self._is_workbench_seen = visible
        if visible and not self._is_workbench_fed:
            self._is_workbench_fed = True
            self.workbench.set_workspace(self._workspace)

    def _title_once(self) -> None:
        """A pane among tabs has its title on its tab and needs no second one."""
        for dock in self._docks.values():
            among_tabs = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if among_tabs != (dock.titleBarWidget() is not None):
                dock.setTitleBarWidget(QWidget(dock) if among_tabs else None)  # type: ignore[arg-type]  # None brings Qt's own back
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setDrawBase(False)

    def _packets_under_banner(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.packets, 1)
        return page


def _scrolled(widget: QWidget) -> QScrollArea:
    """A pane that needs more room than its dock has, with bars where it is too small."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFocusProxy(widget)
    area.setMinimumHeight(1)
    area.setWidget(widget)
    return area
