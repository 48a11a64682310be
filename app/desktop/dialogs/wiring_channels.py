"""The channels of a recording, a row each: first edges, role, ports and stream; roles can be dragged onto them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.analysis.text.words import clean, count_text
from app.analysis.wiring.channel_strip import shown_window, strip_of
from app.analysis.wiring.excerpt import Excerpt, Trace
from app.analysis.wiring.table import NOT_USED, ROLES, SPI_ROLES, UART_ROLES, WiringTable
from app.analysis.wiring.wiring import MAX_PORT
from app.analysis.wiring.words import ports_text
from app.desktop import theme
from app.desktop.dialogs.entry import ChoiceBox, EntryBox

ROLE_MIME = "application/x-umiscope-role"
ROLE_TEXTS = {
    NOT_USED: "not used",
    "sck": "sck, clock",
    "mosi": "mosi, host's data",
    "miso": "miso, device's data",
    "cs": "cs, select",
    "attn": "attn, attention",
    "ready": "ready",
    "rx": "rx, from the device",
    "tx": "tx, from the tool",
}
HEADINGS = ("Channel", "First edges", "Role", "Ports", "Stream")
_STRIP = QSize(260, 20)


class RoleChips(QWidget):
    """The roles to drag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        told = QLabel("Drag a role onto a channel, or choose it in the row:")
        told.setWordWrap(True)
        told.setMinimumWidth(120)
        layout.addWidget(told, 1)
        for role in ROLES[1:]:
            layout.addWidget(RoleChip(role), alignment=Qt.AlignmentFlag.AlignVCenter)


class RoleChip(QLabel):
    """One role, taken up with the mouse; the boxes in the rows do the same by key."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(role, parent)
        self._role = role
        self._pressed: QPoint | None = None
        self.setObjectName(f"role-{role}")
        self.setToolTip(f"{ROLE_TEXTS[role]}: drag it onto a channel")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setProperty("tone", "chip")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if self._pressed is None or (event.position().toPoint() - self._pressed).manhattanLength() < 4:
            return
        self._pressed = None
        drag = QDrag(self)
        drag.setMimeData(role_data(self._role))
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        self.render(picture)
        drag.setPixmap(picture)
        drag.exec(Qt.DropAction.CopyAction)


def role_data(role: str) -> QMimeData:
    """What a dragged role carries."""
    data = QMimeData()
    data.setData(ROLE_MIME, role.encode())
    return data


class ChannelGrid(QWidget):
    """Shows a table and tells what the user chooses for a channel; it changes nothing itself."""

    role_chosen = Signal(int, str)
    ports_entered = Signal(int, str)
    stream_entered = Signal(int, str)

    def __init__(self, table: WiringTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._over: int | None = None
        self._faulty: Collection[int] = ()
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(3)
        for column, heading in enumerate(HEADINGS):
            label = QLabel(heading)
            theme.tone(label, "muted")
            layout.addWidget(label, 0, column)
        layout.setColumnStretch(1, 1)
        used = [at for at, name in enumerate(table.channels) if name or table.rows[at].role]
        self._rows = {at: _Row(self, layout, line, at, table) for line, at in enumerate(used or range(len(table.channels)), 1)}

    def show_table(self, table: WiringTable, faulty: Collection[int]) -> None:
        """Show roles, ports and streams; the channels of problems are marked."""
        self._faulty = faulty
        streams = table.streams((*SPI_ROLES, *UART_ROLES))
        for row in self._rows.values():
            row.show_table(table, streams)
        self.update()

    def show_edges(self, excerpt: Excerpt) -> None:
        """Show the first edges of each channel."""
        window, traces = shown_window(excerpt), excerpt.traces
        for channel, row in self._rows.items():
            if channel < len(traces):
                row.strip.show_trace(traces[channel], window)

    def place_of(self, channel: int) -> QPoint:
        """The middle of a channel's row."""
        return self._rows[channel].strip.geometry().center()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current(self)
        for channel, row in self._rows.items():
            area = row.area(self.width())
            if channel == self._over:
                painter.fillRect(area, colors.color("selection"))
            if channel in self._faulty:
                painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), colors.color("error"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's name
        if event.mimeData().hasFormat(ROLE_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802  # Qt's name
        self._mark_over(self._channel_at(event.position().toPoint()))
        event.setAccepted(self._over is not None)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802  # Qt's name
        self._mark_over(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's name
        channel = self._channel_at(event.position().toPoint())
        self._mark_over(None)
        role = bytes(event.mimeData().data(ROLE_MIME).data()).decode()
        if channel is not None and role in ROLES:
            event.acceptProposedAction()
            self.role_chosen.emit(channel, role)

    def _channel_at(self, place: QPoint) -> int | None:
        return next((channel for channel, row in self._rows.items() if row.area(self.width()).contains(place)), None)

    def _mark_over(self, channel: int | None) -> None:
        if channel != self._over:
            self._over = channel
            self.update()


class _Row:
    """The widgets of one channel."""

    def __init__(self, grid: ChannelGrid, layout: QGridLayout, line: int, channel: int, table: WiringTable) -> None:
        self._channel = channel
        name = clean(table.channel_text(channel))
        self.name = QLabel(name)
        self.name.setFont(theme.mono_font())
        self.strip = EdgeStrip(name)
        self._role = ChoiceBox(f"Role of {name}", [(ROLE_TEXTS[role], role) for role in ROLES])
        self._role.setObjectName(f"role-of-{channel}")
        self._ports = EntryBox(f"Ports of {name}", ["all", *map(str, range(1, MAX_PORT + 1))])
        self._ports.setObjectName(f"ports-of-{channel}")
        self._ports.setToolTip("The port whose line this is, several such as 1, 2, or all that have none of their own")
        self._stream = EntryBox(f"Stream of {name}", [])
        self._stream.setObjectName(f"stream-of-{channel}")
        self._stream.setToolTip("The link that this line belongs to; two buses are two streams")
        for column, widget in enumerate((self.name, self.strip, self._role, self._ports, self._stream)):
            layout.addWidget(widget, line, column)
        for box, width in ((self._ports, 74), (self._stream, 84)):
            box.setMinimumContentsLength(3)
            box.setFixedWidth(width)
        self._role.chosen.connect(lambda role: grid.role_chosen.emit(channel, str(role)))
        self._ports.entered.connect(lambda text: grid.ports_entered.emit(channel, text))
        self._stream.entered.connect(lambda text: grid.stream_entered.emit(channel, text))

    def show_table(self, table: WiringTable, streams: Sequence[str]) -> None:
        row = table.rows[self._channel]
        self._role.show_value(row.role)
        self._ports.setEnabled(row.role in SPI_ROLES)
        self._ports.show_text(ports_text(row.ports) if row.role in SPI_ROLES else "")
        self._stream.setEnabled(row.role != NOT_USED)
        self._stream.show_text(row.stream if row.role else "", streams)

    def area(self, width: int) -> QRect:
        """The row's place in a grid of this width."""
        rect = self._role.geometry()
        return QRect(0, rect.top() - 1, width, rect.height() + 2)


class EdgeStrip(QWidget):
    """A channel's first edges, drawn once they are known."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._trace: Trace | None = None
        self._window = (0, 1)
        self.setMinimumSize(120, _STRIP.height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"First edges of {name}")

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return _STRIP

    def show_trace(self, trace: Trace, window: tuple[int, int]) -> None:
        self._trace, self._window = trace, window
        self.setToolTip(f"{count_text(len(trace.ticks), 'edge')} in the first busy stretch")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current(self)
        if self._trace is None:
            painter.setPen(colors.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, "reading…")
            return
        strip = strip_of(self._trace, self._window, max(1, self.width()))
        quiet = not strip.edges
        painter.setPen(colors.color("edge" if quiet else "text"))
        top, bottom = 3, self.height() - 4
        for x, (low, high) in enumerate(zip(strip.low.tolist(), strip.high.tolist(), strict=True)):
            painter.drawLine(x, top if high else bottom, x, bottom if low else top)
