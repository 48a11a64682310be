"""The bar under the menus: what is used all the time, one click away. Its icons are one family and take the theme's colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import qtawesome  # type: ignore[import-untyped]  # the package has no type marks
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QToolBar, QToolButton, QWidget

from app.desktop import theme
from app.desktop.shortcuts import with_keys

SEPARATOR = ""
ICON_PIXELS = 20
ENTRIES = (
    "open", SEPARATOR, "back", "forward", SEPARATOR, "find", "follow", SEPARATOR,
    "timeline_zoom_out", "timeline_zoom_in", "timeline_fit",
)  # fmt: skip
ICONS = {
    "open": "ph.folder-open",
    "back": "ph.arrow-left",
    "forward": "ph.arrow-right",
    "find": "ph.magnifying-glass",
    "follow": "ph.arrow-line-down",
    "timeline_zoom_out": "ph.minus",
    "timeline_zoom_in": "ph.plus",
    "timeline_fit": "ph.arrows-out-line-horizontal",
}
TIPS = {
    "open": "Open a recording…",
    "back": "Back to what was selected before",
    "forward": "Forward",
    "find": "Find…",
    "follow": "Keep the newest packet in sight",
    "timeline_zoom_out": "Show more of the timeline",
    "timeline_zoom_in": "Show the timeline in more detail",
    "timeline_fit": "Show the whole recording in the timeline",
}
WITH_WORDS = frozenset({"open", "find", "follow"})
"""Entries that say what they do beside their icon."""


class ToolBar(QToolBar):
    """Shows actions by their names; those of the timeline are its own, since their keys belong to the focused timeline."""

    def __init__(self, window: QMainWindow, actions: Mapping[str, QAction], timeline: Mapping[str, Callable[[], object]]) -> None:
        super().__init__("Tool bar", window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(ICON_PIXELS, ICON_PIXELS))
        self.actions_by_name = {name: self._action(name, actions, timeline) for name in ENTRIES if name != SEPARATOR}
        for name in ENTRIES:
            if name == SEPARATOR:
                self.addSeparator()
            else:
                self._add(name)
        self._add_source()
        self._restyle()
        window.addToolBar(self)

    def show_source(self, text: str, tip: str = "") -> None:
        """Say at the right end where the bits come from; nothing with an empty text."""
        self._source.setText(text)
        self._source.setToolTip(tip)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "actions_by_name"):
            self._restyle()

    def _restyle(self) -> None:
        """Draw the icons in the colours of the theme that is in force."""
        colors = theme.current(self)
        for name, action in self.actions_by_name.items():
            action.setIcon(qtawesome.icon(ICONS[name], color=colors.text, color_disabled=colors.edge, color_active=colors.text))

    def enable(self, *, timeline: bool) -> None:
        """Let the timeline be driven where there is one."""
        for name, action in self.actions_by_name.items():
            if name.startswith("timeline_") or name == "follow":
                action.setEnabled(timeline)

    def _action(self, name: str, actions: Mapping[str, QAction], timeline: Mapping[str, Callable[[], object]]) -> QAction:
        if name in actions:
            action = actions[name]
        else:
            action = QAction(self)
            action.triggered.connect(lambda _checked=False: timeline[name]())
        action.setToolTip(with_keys(TIPS[name], name))
        action.setIconVisibleInMenu(False)
        return action

    def _add_source(self) -> None:
        gap = QWidget(self)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self._source = QLabel(self)
        self._source.setObjectName("source")
        self._source.setTextFormat(Qt.TextFormat.PlainText)
        self._source.setContentsMargins(6, 0, 6, 0)
        self._source.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        theme.tone(self._source, "muted")
        self.addWidget(self._source)

    def _add(self, name: str) -> None:
        action = self.actions_by_name[name]
        self.addAction(action)
        button = self.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setObjectName(f"tool-{name}")
            button.setAccessibleName(TIPS[name].removesuffix("…"))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if name in WITH_WORDS:
                action.setIconText(action.text().split(" ")[0].removesuffix("…"))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
