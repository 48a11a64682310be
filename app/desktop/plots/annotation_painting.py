"""How a strip of records is drawn: boxes that say what they hold, blocks where records are too narrow, and marks for faults."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from app.analysis.text.words import SIGNS, clean
from app.analysis.timeline.annotation_text import Label
from app.analysis.timeline.annotations import Drawn, StripKey, covered
from app.analysis.timeline.blocks import count_text, free_place
from app.analysis.timeline.faults import MARK_PIXELS
from app.analysis.timeline.timeline import Hit
from app.desktop.plots.images import bar_image, block_image
from app.desktop.plots.scene import Scene
from decoders.core.finding import Severity

BOX_MARGIN = 4
LEAST_LABEL = 14
BLOCK_SHARE = 0.3
STRIP_PIXELS = 3
LEAST_COUNT = "×2"
FAR = 10.0
"""Boxes are cut so far beyond the edges, where the painter would lose precision."""


def draw_strip(painter: QPainter, scene: Scene, key: StripKey, area: QRectF, stamps: dict[Severity, QPixmap]) -> None:
    """One layer of one port; `stamps` are the marks of this picture, made where they are missing."""
    drawn = scene.timeline.annotations.strip(key).drawn(scene.view)
    marks = scene.timeline.marks(key, scene.view)
    _blocks(painter, scene, drawn, area, [(mark.x, mark.x + MARK_PIXELS) for mark in marks])
    labelled: set[int] = set()
    for no, left, right in zip(drawn.no.tolist(), drawn.left.tolist(), drawn.right.tolist(), strict=True):
        label = scene.timeline.labels.label(key.layer, no) if right - left >= LEAST_LABEL else None
        if label is not None:
            labelled.add(round(left))
        _box(painter, scene, area, (left, right), label, chosen=Hit(key.layer, no) in scene.chosen)
    _chosen_narrow(painter, scene, key, area)
    for mark in marks:
        if round(mark.x) not in labelled:
            if mark.severity not in stamps:
                stamps[mark.severity] = _mark(painter, scene, mark.severity, area.height())
            painter.drawPixmap(QPointF(round(mark.x), area.top()), stamps[mark.severity])


def _blocks(painter: QPainter, scene: Scene, drawn: Drawn, area: QRectF, taken: list[tuple[float, float]]) -> None:
    """Shaded with how many records they hold, and exactly where these are along the bottom; a single one in full."""
    if not drawn.bar.any():
        return
    metrics, blocks, width = scene.fonts.small_metrics, drawn.blocks, scene.view.width
    color, single = scene.theme.color("edge"), blocks.count == 1
    shaded, full = (covered(blocks.left[which], blocks.right[which], width) for which in (~single, single))
    inside = QRectF(area.left(), area.top() + 2, area.width(), area.height() - 4)
    painter.drawImage(inside, block_image(shaded, full, BLOCK_SHARE, color))
    painter.setFont(scene.fonts.small)
    painter.setPen(scene.theme.color("text"))
    wide = np.flatnonzero(~single & (blocks.right - blocks.left >= metrics.horizontalAdvance(LEAST_COUNT) + 2 * BOX_MARGIN))
    for left, right, count in zip(
        blocks.left[wide].tolist(), blocks.right[wide].tolist(), blocks.count[wide].tolist(), strict=True
    ):
        text = count_text(count)
        needed = metrics.horizontalAdvance(text)
        place = free_place(max(left, 0.0) + BOX_MARGIN, min(right, area.width()) - BOX_MARGIN, needed, taken)
        if place is not None:
            label = QRectF(place - 1, inside.top() - 1, needed + 2, inside.height() - STRIP_PIXELS + 2)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
    below = QRectF(area.left(), area.bottom() - 2 - STRIP_PIXELS, area.width(), STRIP_PIXELS)
    painter.drawImage(below, bar_image(drawn.bar, 1, color))


def _box(painter: QPainter, scene: Scene, area: QRectF, ends: tuple[float, float], label: Label | None, *, chosen: bool) -> None:
    theme = scene.theme
    left, right = max(ends[0], -FAR), min(ends[1], area.width() + FAR)
    box = QRectF(round(left) + 0.5, area.top() + 1.5, max(1.0, round(right) - round(left) - 1.0), area.height() - 3)
    grave = _grave(label.severity if label else None)
    edge = theme.color(grave.name.lower()) if grave else theme.color("accent" if chosen else "edge")
    painter.setPen(QPen(edge, 2 if grave else 1))
    painter.setBrush(theme.color("selection" if chosen else "panel"))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if grave else box)
    if label is None:
        return
    inner = max(left, 0.0) + BOX_MARGIN
    room = min(right, area.width()) - BOX_MARGIN - inner
    painter.setFont(scene.fonts.small)
    if grave:
        sign = SIGNS[grave.name.lower()]
        needed = scene.fonts.small_metrics.horizontalAdvance(sign)
        # A sign that has no room beside a text still has to be seen.
        at = QRectF(inner - 1, area.top(), max(room, needed) + 4, area.height())
        painter.setPen(theme.color(grave.name.lower()))
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, sign)
        inner, room = inner + needed + BOX_MARGIN, room - needed - BOX_MARGIN
    text = fitting(scene, label.texts, room)
    if text:
        painter.setPen(theme.color("selection_text" if chosen else "text"))
        painter.drawText(QRectF(inner, area.top(), room + 2, area.height()), Qt.AlignmentFlag.AlignVCenter, text)


def _grave(severity: Severity | None) -> Severity | None:
    """A severity that is drawn."""
    return severity if severity is not None and severity >= Severity.WARNING else None


def fitting(scene: Scene, texts: tuple[str, ...], room: float) -> str:
    """The longest text that there is room for; none rather than a part of one."""
    cleaned = (clean(text) for text in texts)
    return next((text for text in cleaned if scene.fonts.small_metrics.horizontalAdvance(text) <= room), "")


def _chosen_narrow(painter: QPainter, scene: Scene, key: StripKey, area: QRectF) -> None:
    """What is chosen shows even where it is a part of a block."""
    for span in scene.chosen_spans.get(key, ()):
        left, right = scene.view.x_of(span.start), scene.view.x_of(span.end)
        if right - left < LEAST_LABEL and right >= -1 and left <= area.width():
            box = QRectF(round(left), area.top() + 1, max(2.0, round(right - left)), area.height() - 2)
            painter.fillRect(box, scene.theme.color("accent"))


def _mark(painter: QPainter, scene: Scene, severity: Severity, height: float) -> QPixmap:
    """The sign of a severity in a box of its colour, drawn once and stamped as often as it is needed."""
    scale = painter.device().devicePixelRatio()
    stamp = QPixmap(round(MARK_PIXELS * scale), round(height * scale))
    stamp.setDevicePixelRatio(scale)
    stamp.fill(Qt.GlobalColor.transparent)
    box = QRectF(0, 1, MARK_PIXELS - 2, height - 2)
    name = severity.name.lower()
    on_stamp = QPainter(stamp)
    on_stamp.fillRect(box, scene.theme.color("window"))
    on_stamp.setPen(QPen(scene.theme.color(name), 1))
    on_stamp.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    on_stamp.setFont(scene.fonts.small)
    on_stamp.drawText(box.translated(QPointF(0, -0.5)), Qt.AlignmentFlag.AlignCenter, SIGNS[name])
    on_stamp.end()
    return stamp
