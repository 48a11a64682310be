"""The panes of one window, made and placed: packets in the middle, the timeline below, one column of tabs on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QTabWidget, QWidget

from app.analysis.workspace import Workspace
from app.desktop.plots.timeline_view import TimelineView
from app.desktop.selection import Selection
from app.desktop.views.detail_panes import DetailPanes
from app.desktop.views.devices_pane import DevicesPane
from app.desktop.views.findings_pane import FindingsPane
from app.desktop.views.packet_table import PacketTable
from app.desktop.views.transactions_pane import TransactionsPane

Area = Qt.DockWidgetArea


class Panes:
    """Every pane of a window; they know the selection and the workspace, not each other."""

    def __init__(self, window: QMainWindow, selection: Selection, start_page: QWidget) -> None:
        self.packets = PacketTable(selection)
        self.detail = DetailPanes(selection, window)
        self.timeline = TimelineView(selection)
        self.findings = FindingsPane(selection)
        self.transactions = TransactionsPane(selection)
        self.devices = DevicesPane(selection)
        self.middle = QStackedWidget(window)
        self.middle.addWidget(start_page)
        self.middle.addWidget(self.packets)
        window.setCentralWidget(self.middle)
        self._docks: dict[str, QDockWidget] = {}
        self._place(window)

    def show_workspace(self, workspace: Workspace | None) -> None:
        """Show a recording in every pane, or none; before an old one is closed."""
        self.packets.show_workspace(workspace)
        self.timeline.set_workspace(workspace)
        for pane in (self.detail, self.findings, self.transactions, self.devices):
            pane.set_workspace(workspace)
        self.middle.setCurrentIndex(0 if workspace is None else 1)

    def refresh(self) -> None:
        """Show what was decoded since."""
        for pane in (self.packets, self.timeline, self.findings, self.transactions, self.devices):
            pane.refresh()

    def bring_up(self, name: str) -> None:
        """Bring a pane to the front and give it the focus."""
        if name == "packets":
            self.packets.setFocus()
            return
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        dock.widget().setFocus()

    def dock(self, name: str) -> QDockWidget:
        """The frame of a pane, by its name."""
        return self._docks[name]

    @property
    def docks(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def _place(self, window: QMainWindow) -> None:
        window.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        window.setTabPosition(Area.RightDockWidgetArea, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        for name, title, widget, area in (
            ("tree", "Packet", self.detail.tree, Area.RightDockWidgetArea),
            ("bytes", "Bytes", self.detail.bytes, Area.RightDockWidgetArea),
            ("findings", "Findings", self.findings, Area.RightDockWidgetArea),
            ("transactions", "Transactions", self.transactions, Area.RightDockWidgetArea),
            ("devices", "Devices", self.devices, Area.RightDockWidgetArea),
            ("timeline", "Timeline", self.timeline, Area.BottomDockWidgetArea),
        ):
            dock = QDockWidget(title, window)
            dock.setObjectName(f"dock-{name}")
            dock.setWidget(widget)
            window.addDockWidget(area, dock)
            self._docks[name] = dock
        window.splitDockWidget(self._docks["tree"], self._docks["bytes"], Qt.Orientation.Vertical)
        window.splitDockWidget(self._docks["bytes"], self._docks["findings"], Qt.Orientation.Vertical)
        for name in ("transactions", "devices"):
            window.tabifyDockWidget(self._docks["findings"], self._docks[name])
        self._docks["findings"].raise_()

    def give_sizes(self, window: QMainWindow) -> None:
        """The first shape of a window: packets get two thirds of the width, the timeline a third of the height."""
        width, height = window.width(), window.height()
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        window.resizeDocks([self._docks["tree"]], [width * 2 // 5], horizontal)
        right = [self._docks[name] for name in ("tree", "bytes", "findings")]
        window.resizeDocks(right, [height * 4 // 10, height * 3 // 10, height * 3 // 10], vertical)
        window.resizeDocks([self._docks["timeline"]], [height * 3 // 10], vertical)
