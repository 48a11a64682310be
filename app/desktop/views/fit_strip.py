"""The strip that says how well a profile explains the recording: a bar of bytes, a few words, and the unexplained bytes by place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.analysis.fit.fit import Fit, Offsets, Standing, fit_text, percent, places_text, standing_text
from app.analysis.text.words import grouped
from app.desktop import theme

MARGIN = 8
BAR_HEIGHT = 10
HISTOGRAM_HEIGHT = 32
WORTH_NAMING = 0.6
"""A byte that so many stretches have at an offset is written below its bar."""
OFFSETS_TEXT = "Unexplained stretches laid over each other: how many are that long, and how many have the same byte there"
NONE_TEXT = "Open a recording to see how well this profile explains it."


class FitStrip(QWidget):
    """Draws a `Fit`, a `Standing` and `Offsets`; it computes nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("profile-fit")
        self.setAccessibleName("How well the profile fits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit: Fit | None = None
        self._standing: Standing | None = None
        self._offsets: Offsets | None = None
        self._streams: tuple[str, ...] = ()

    def show_fit(self, fit: Fit | None, streams: tuple[str, ...]) -> None:
        """Show what became of the bytes; `streams` are the names of the streams."""
        self._fit, self._streams = fit, streams
        self._say()

    def show_standing(self, standing: Standing | None) -> None:
        """Show how far the profile has come."""
        self._standing = standing
        self._say()

    def show_offsets(self, offsets: Offsets | None) -> None:
        """Show the unexplained stretches laid over each other; None where there are none."""
        self._offsets = offsets
        self.updateGeometry()
        self.update()

    @property
    def lines(self) -> list[str]:
        """What is written below the bar and above the histogram."""
        if self._fit is None:
            return [NONE_TEXT]
        places = places_text(self._fit, self._streams)
        caption = [OFFSETS_TEXT] if self._offsets is not None else []
        return [fit_text(self._fit), standing_text(self._standing), *([places] if places else []), *caption]

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        line = QFontMetricsF(self.font()).height() + 2
        below = HISTOGRAM_HEIGHT + QFontMetricsF(theme.small_font()).height() + MARGIN if self._offsets is not None else 0
        return QSize(400, round(len(self.lines) * line + BAR_HEIGHT + 2 * MARGIN + below))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        colors = theme.current()
        painter.fillRect(self.rect(), colors.color("panel"))
        top = self._paint_bar(painter, MARGIN)
        for number, text in enumerate(self.lines):
            painter.setPen(colors.color("text" if number == 0 else "muted"))
            metrics = QFontMetricsF(painter.font())
            width = self.width() - 2 * MARGIN
            place = QRectF(MARGIN, top, width, metrics.height() + 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))
            top += metrics.height() + 2
        if self._offsets is not None:
            self._paint_histogram(painter, self._offsets)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            text = self.tip_at(event.pos().x()) if event.pos().y() >= self._histogram_top else "\n".join(self.lines)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def tip_at(self, x: int) -> str:
        """What the histogram shows below a place."""
        if self._offsets is None:
            return ""
        at = int((x - MARGIN) // self._column_width)
        if not 0 <= at < self._columns or not self._offsets.bytes_there[at]:
            return ""
        there, agreeing = int(self._offsets.bytes_there[at]), int(self._offsets.agreeing[at])
        byte = int(self._offsets.commonest[at])
        return f"Offset {at} of the unexplained stretches: {byte:02X} in {grouped(agreeing)} of {grouped(there)}, {percent(agreeing / there)}"

    def _say(self) -> None:
        self.setAccessibleDescription("\n".join(self.lines))
        self.updateGeometry()
        self.update()

    @property
    def _histogram_top(self) -> float:
        return self.height() - HISTOGRAM_HEIGHT - QFontMetricsF(theme.small_font()).height() - MARGIN / 2

    @property
    def _column_width(self) -> float:
        return (self.width() - 2 * MARGIN) / self._columns

    @property
    def _columns(self) -> int:
        """As many offsets as there is room to name bytes at."""
        known = len(self._offsets.bytes_there) if self._offsets is not None else 1
        room = (self.width() - 2 * MARGIN) / (QFontMetricsF(theme.small_font()).horizontalAdvance("00") + 3)
        return max(1, min(known, int(room)))

    def _paint_bar(self, painter: QPainter, top: float) -> float:
        """Explained bytes filled, unexplained ones hatched; filler is in neither."""
        colors, fit = theme.current(), self._fit
        whole = QRectF(MARGIN, top, self.width() - 2 * MARGIN, BAR_HEIGHT)
        painter.fillRect(whole, colors.color("line"))
        if fit is not None and fit.explained is not None:
            filled = QRectF(whole.left(), top, whole.width() * fit.explained, BAR_HEIGHT)
            painter.fillRect(filled, colors.color("accent"))
            rest = QRectF(filled.right(), top, whole.right() - filled.right(), BAR_HEIGHT)
            painter.fillRect(rest, QBrush(colors.color("warning"), Qt.BrushStyle.BDiagPattern))
        return top + BAR_HEIGHT + MARGIN / 2

    def _paint_histogram(self, painter: QPainter, offsets: Offsets) -> None:
        """A bar for each offset, as high as there are stretches that long, filled as far as they have the same byte there."""
        colors = theme.current()
        painter.setFont(theme.small_font())
        metrics = QFontMetricsF(painter.font())
        most = max(1, int(offsets.bytes_there.max(initial=0)))
        bottom, width = self._histogram_top + HISTOGRAM_HEIGHT, self._column_width
        for at in range(self._columns):
            there, agreeing = int(offsets.bytes_there[at]), int(offsets.agreeing[at])
            left = MARGIN + at * width
            for amount, color in ((there, "line"), (agreeing, "edge")):
                height = HISTOGRAM_HEIGHT * amount / most
                painter.fillRect(QRectF(left, bottom - height, max(1.0, width - 1), height), colors.color(color))
            text = f"{int(offsets.commonest[at]):02X}" if there and agreeing >= WORTH_NAMING * there else "·"
            if metrics.horizontalAdvance(text) < width:
                painter.setPen(colors.color("muted"))
                painter.drawText(QRectF(left, bottom, width, metrics.height()), Qt.AlignmentFlag.AlignCenter, text)
