"""The star of devices: each stream's host in the middle and its ports around it, drawn."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.analysis.panes.device_list import power_text, tip
from app.analysis.panes.devices import Device, star
from app.analysis.text.words import count_text, cropped
from app.desktop import theme
from decoders.core.span import Timebase

ROUNDING = 3
PADDING = 5
CLEARANCE = 3
"""Half of what is kept free between boxes."""
MAKER_CHARACTERS = 16
SIZES = (("high 12 V, 1 000 mA", 3), ("high 12 V, 900 mA", 3), ("Port 15 M", 2), ("Port 15", 1))
"""What a box is wide enough for, and its lines; the first that fits is taken."""
LEAST_HEIGHT = 84


class DeviceStar(QWidget):
    """Draws devices; `chosen` carries the place in the list of the one that was clicked or reached by the arrow keys."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("device-star")
        self.setAccessibleName("Devices")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(LEAST_HEIGHT)
        self._devices: list[Device] = []
        self._timebase = Timebase(1)
        self._current: int | None = None

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(420, 300)

    def show_devices(self, devices: list[Device], timebase: Timebase) -> None:
        """Show other devices, or the same with new numbers."""
        if devices != self._devices:
            self._devices, self._timebase = devices, timebase
            if self._current is not None and self._current >= len(devices):
                self._current = None
            self.update()

    def mark(self, at: int | None) -> None:
        """Show one device as the chosen one."""
        self._current = at
        self.update()

    def box_of(self, at: int) -> QRectF:
        """Where a device is drawn."""
        return self._boxes()[at]

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current()
        painter.fillRect(self.rect(), colors.color("window"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self._boxes()
        self._paint_links(painter, boxes)
        if self.hasFocus():
            painter.setPen(QPen(colors.color("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        for at, (device, box) in enumerate(zip(self._devices, boxes, strict=True)):
            self._paint_device(painter, device, box, is_current=at == self._current)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        self._choose(self._under(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps and self._devices:
            start = -1 if self._current is None and steps[key] > 0 else self._current or 0
            self._choose((start + steps[key]) % len(self._devices))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self._under(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), tip(self._devices[at], self._timebase), self)
            return True
        return super().event(event)

    def _choose(self, at: int | None) -> None:
        if at is not None:
            self.mark(at)
            self.chosen.emit(at)

    def _under(self, place: QPointF) -> int | None:
        return next((at for at, box in enumerate(self._boxes()) if box.contains(place)), None)

    def _streams(self) -> list[list[int]]:
        """The places in the list of each stream's devices, its host first."""
        numbers = sorted({device.stream_no for device in self._devices})
        return [[at for at, device in enumerate(self._devices) if device.stream_no == number] for number in numbers]

    def _boxes(self) -> list[QRectF]:
        """Streams side by side, ports on an ellipse that fills each stream's part of the widget."""
        boxes = [QRectF()] * len(self._devices)
        streams = self._streams()
        width = self.width() / max(1, len(streams))
        for column, members in enumerate(streams):
            part = QRectF(column * width, 0, width, self.height())
            for at, box in zip(members, _arranged(part, len(members) - 1), strict=True):
                boxes[at] = box
        return boxes

    def _paint_links(self, painter: QPainter, boxes: list[QRectF]) -> None:
        colors = theme.current()
        for members in self._streams():
            for at in members[1:]:
                heard = self._devices[at].last_seen is not None
                style = Qt.PenStyle.SolidLine if heard else Qt.PenStyle.DotLine
                painter.setPen(QPen(colors.color("edge"), 1, style))
                painter.drawLine(boxes[members[0]].center(), boxes[at].center())

    def _paint_device(self, painter: QPainter, device: Device, box: QRectF, *, is_current: bool) -> None:
        colors = theme.current()
        painter.setPen(QPen(colors.color("accent" if is_current else "edge"), 2 if is_current and self.hasFocus() else 1))
        painter.setBrush(colors.color("selection" if is_current else "panel"))
        painter.drawRoundedRect(box, ROUNDING, ROUNDING)
        font = theme.small_font()
        metrics = QFontMetricsF(font)
        inside = box.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        for line, (text, color) in enumerate(_lines(device)[: max(1, round(inside.height() / metrics.height()))]):
            font.setBold(line == 0)
            painter.setFont(font)
            painter.setPen(colors.color("selection_text" if is_current else color))
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
            place = QRectF(inside.left(), inside.top() + line * metrics.height(), inside.width(), metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)


def _arranged(part: QRectF, ports: int) -> list[QRectF]:
    """The boxes of a host and its ports with as many lines of text as they can have without lying over each other.

    What does not fit in a box is in its tooltip and in the list.
    """
    boxes: list[QRectF] = []
    for text, lines in SIZES:
        boxes = _around(part, ports, text, lines)
        roomy = [box.adjusted(-CLEARANCE, -CLEARANCE, CLEARANCE, CLEARANCE) for box in boxes]
        if not any(one.intersects(other) for one, other in itertools.combinations(roomy, 2)):
            break
    return boxes


def _around(part: QRectF, ports: int, text: str, lines: int) -> list[QRectF]:
    font = theme.small_font()
    font.setBold(True)
    metrics = QFontMetricsF(font)
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * PADDING + 2, lines * metrics.height() + 2 * PADDING)
    across = max(0.0, (part.width() - box.width()) / 2 - PADDING)
    down = max(0.0, (part.height() - box.height()) / 2 - PADDING)
    centers = [part.center() + QPointF(x * across, y * down) for x, y in [(0.0, 0.0), *star(ports)]]
    return [box.translated(center - box.center()) for center in centers]


def _lines(device: Device) -> list[tuple[str, str]]:
    """The lines of a box, the most telling first, each with the meaning of its colour."""
    title = device.title
    if device.last_seen is None:
        second = "silent"
    else:
        second = f"…{device.identity[-6:]}" if device.identity else cropped(device.maker or "no UMI ID yet", MAKER_CHARACTERS)
    third = power_text(device.power) or count_text(device.packets, "packet")
    return [(title, "text"), (second, "muted"), (third, "muted")]
