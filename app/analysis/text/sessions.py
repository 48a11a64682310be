"""Security sessions as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.capture import Capture
from app.analysis.sessions import sessions_of
from app.analysis.text.page import Page
from app.analysis.text.table import Column, Table
from app.analysis.text.words import time_text
from decoders.security.session import SecuritySession

_ENDS = len("0019020000000001 ?")
_NOT_SEEN = "–"
_WIDE, _MEDIUM = 116, 86
"""The widths that all columns need, and those without the times that few sessions have."""


def session_lines(capture: Capture, page: Page) -> Iterator[str]:
    """All sessions in order of their first packets, below each the packets that established it where trees or bytes are wanted."""
    table = _SessionTable(capture, page)
    yield table.table.heading()
    for session in sessions_of(capture):
        yield table.row(session)
        if page.trees or page.dump:
            for no in filter(None, (session.command, session.response)):
                packet = capture.packet(no)
                tree = capture.packet_tree(packet) if page.trees else None
                yield from page.below(table.table.indent, tree, {"packet": packet.content})


class _SessionTable:
    """One line a session; a narrow page leaves out what matters less."""

    def __init__(self, capture: Capture, page: Page) -> None:
        self._timebase = capture.timebase
        time_width = len(time_text(capture.timebase.ns(capture.last_tick)))
        columns = [
            Column("Session", 8),
            Column("Initiator", _ENDS),
            Column("Responder", _ENDS),
            Column("Role", 4, right=True),
            Column("Established s", time_width, right=True),
            Column("Role ends s", time_width, right=True),
            Column("Closed s", time_width, right=True),
            Column("Packets", right=True),
            Column("Locked", right=True),
        ]
        hidden = set() if page.fits(_WIDE) else {"Role ends s", "Closed s"}
        hidden |= set() if page.fits(_MEDIUM) else {"Role"}
        self._columns = [column for column in columns if column.title not in hidden]
        self.table = Table(self._columns, page.width, page.paint)

    def row(self, session: SecuritySession) -> str:
        """A question mark stands behind devices of which nobody saw who began."""
        ends = [session.initiator, session.responder] if session.initiator else [f"{device} ?" for device in session.devices]
        cells = {
            "Session": session.id,
            "Initiator": ends[0] or "",
            "Responder": ends[1] or "",
            "Role": _NOT_SEEN if session.role is None else f"{session.role:X}",
            "Established s": self._time(session.established),
            "Role ends s": self._time(session.expires),
            "Closed s": self._time(session.closed),
            "Packets": str(session.packets),
            "Locked": str(session.locked),
        }
        return self.table.row([cells[column.title] for column in self._columns])

    def _time(self, tick: int | None) -> str:
        return _NOT_SEEN if tick is None else time_text(self._timebase.ns(tick))
