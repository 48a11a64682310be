"""The open recording as Qt sees it: opened, followed by a timer while the decoder works, closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy.ma  # noqa: F401  # numpy wants it for its first `unique`, which should not be when a recording is opened
from PySide6.QtCore import QObject, QTimer, Signal

from app.analysis.material import read_datasheets
from app.analysis.names import DatasheetNames
from app.analysis.opening import OpenRequest, open_workspace
from app.analysis.workspace import ProfileText, Workspace
from decoders.bus.wiring import Wiring
from decoders.core.errors import UserError
from decoders.datasheet.sheets import DatasheetSet

POLL_MS = 60
RELEASE_MS, CALM_MS = 20, 250
"""Between two times at which the window lets go of the tables' pages: while a recording grows it looks at all of them, later at a few."""
CALM_AFTER = 200
"""Times without growth after which it is done less often."""


class Session(QObject):
    """Holds at most one workspace.

    `opened` comes with each new workspace, also after a change of wiring or profile, and with None when it was closed; `grown`
    when more was decoded; `failed` carries a title and an explanation for the user.
    """

    opened = Signal(object)
    grown = Signal()
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace: Workspace | None = None
        self._request: OpenRequest | None = None
        self._datasheets = DatasheetSet()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._release_timer = QTimer(self)
        self._calm = 0
        self._release_timer.timeout.connect(self._release)
        # Told in a turn of its own: a recording that is in the cache has grown as soon as it is open.
        self._growth = QTimer(self)
        self._growth.setSingleShot(True)
        self._growth.timeout.connect(self._tell_growth)

    @property
    def names(self) -> DatasheetNames:
        """What the loaded datasheets call objects."""
        return DatasheetNames(self._datasheets)

    @property
    def request(self) -> OpenRequest | None:
        """What is open, and how it was asked for."""
        return self._request

    def open(self, request: OpenRequest) -> bool:
        """Open a recording instead of the one that is open; False where that failed, and then the old one stays."""
        try:
            workspace = open_workspace(request, self._datasheets)
        except (UserError, OSError) as error:
            self.failed.emit(f"{request.path.name} cannot be opened", str(error))
            return False
        self._replace(workspace, request)
        return True

    def rewire(self, wiring: Wiring) -> bool:
        """Decode the same recording with other wiring of its lines; its rails stay wired as they are."""
        if self._request is None or self.workspace is None:
            return False
        return self.open(self._request.with_wiring(replace(wiring, power=self.workspace.wiring.power)))

    def use_profile(self, profile: ProfileText) -> bool:
        """Decode the same recording by another profile."""
        return self._request is not None and self.open(self._request.with_profile(profile))

    def add_datasheets(self, paths: list[Path]) -> bool:
        """Explain objects by other datasheets; nothing is decoded again but the names."""
        try:
            self._datasheets = read_datasheets(paths)
        except UserError as error:
            self.failed.emit("The datasheet cannot be used", str(error))
            return False
        return self._request is None or self.open(self._request)

    def close(self) -> None:
        """Close what is open."""
        self._replace(None, None)

    def _replace(self, workspace: Workspace | None, request: OpenRequest | None) -> None:
        old, self.workspace = self.workspace, workspace
        self._request = request
        self.opened.emit(workspace)
        if old is not None:
            old.close()
        if workspace is not None:
            self._timer.start()
            self._release_soon()
            self._poll()
        else:
            self._timer.stop()
            self._release_timer.stop()

    def _poll(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        if workspace.poll():
            self._growth.start()
        if not workspace.is_decoding:
            self._timer.stop()

    def _release_soon(self) -> None:
        self._calm = 0
        self._release_timer.start(RELEASE_MS)

    def _release(self) -> None:
        self._calm += 1
        if self._calm == CALM_AFTER:
            self._release_timer.start(CALM_MS)
        if self.workspace is not None:
            self.workspace.release()

    def _tell_growth(self) -> None:
        self._release_soon()
        self.grown.emit()
        workspace = self.workspace
        if workspace is not None and workspace.error:
            self.failed.emit("The recording was decoded only in part", workspace.error)
