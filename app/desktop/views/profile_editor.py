"""An editor for wire profiles: line numbers, TOML told apart by weight instead of colour, and a mark on the line at fault."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from app.analysis.fit.profile_help import meaning_at
from app.desktop import theme
from app.desktop.views.profile_completion import WordCompletion

TOKENS = re.compile(r"""(?P<comment>#.*)|(?P<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<punctuation>[=\[\]{},])""")
HEADER = re.compile(r"\s*\[.*\]\s*(#.*)?$")
PLACEHOLDER = '"P"'
FAULT_SIGN = "✕"
FAULT_ALPHA = 40
GUTTER = 6
TAB_CHARACTERS = 4


class ProfileEditor(QPlainTextEdit):
    """The text of a profile; `save_wanted` comes with Ctrl+S, words that may stand at the text cursor with Ctrl+Space."""

    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("profile-editor")
        self.setAccessibleName("Wire profile")
        self.setFont(theme.mono_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(TAB_CHARACTERS * QFontMetrics(self.font()).horizontalAdvance(" "))
        self.setTabChangesFocus(True)
        self._theme = theme.current()
        self._highlighter = _Highlighter(self.document())
        self._numbers = _LineNumbers(self)
        self._faults: dict[int, str] = {}
        self._words = WordCompletion(self)
        self.blockCountChanged.connect(self._set_margin)
        self.updateRequest.connect(self._follow)
        self.cursorPositionChanged.connect(self._mark_lines)
        self._set_margin()

    def change_text(self, text: str) -> None:
        """Make it another text, as one step that can be undone, and go to where it begins to differ."""
        old = self.toPlainText()
        begin = next((at for at, (one, other) in enumerate(zip(old, text, strict=False)) if one != other), min(len(old), len(text)))
        shared = min(len(old), len(text)) - begin
        end = next((at for at in range(shared) if old[-1 - at] != text[-1 - at]), shared)
        if old == text:
            return
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.setPosition(_position(old, begin))
        cursor.setPosition(_position(old, len(old) - end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[begin : len(text) - end])
        cursor.endEditBlock()
        cursor.setPosition(_position(text, begin))
        self.setTextCursor(cursor)
        self.centerCursor()

    def show_line(self, line: int, key: str = "") -> None:
        """Bring a line, from 1, into view with the text cursor on it; a key that stands there, as the end of a path, is selected."""
        block = self.document().findBlockByNumber(line - 1)
        cursor = QTextCursor(block)
        word = re.sub(r"\[\d+\]$", "", key).rpartition(".")[2]
        found = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", block.text()) if word else None
        if found is not None:
            cursor.setPosition(block.position() + _position(block.text(), found.start()))
            cursor.setPosition(block.position() + _position(block.text(), found.end()), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.centerCursor()

    def mark_faults(self, faults: dict[int, str]) -> None:
        """Mark the lines, from 1, that something is wrong with; what it is comes up beside their numbers."""
        if faults != self._faults:
            self._faults = dict(faults)
            self._mark_lines()
            self._numbers.update()

    @property
    def fault_lines(self) -> list[int]:
        return sorted(self._faults)

    def fault_at(self, y: float) -> str:
        """What is wrong with the line at a height; nothing where all is well."""
        block = self.cursorForPosition(QPoint(0, round(y))).block()
        return self._faults.get(block.blockNumber() + 1, "")

    def event(self, event: QEvent) -> bool:
        # The window may have a Ctrl+S of its own: while the editor has the focus, the keys are the editor's.
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Save)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.matches(QKeySequence.StandardKey.Save):
            self.save_wanted.emit()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._words.offer()
        elif self._words.takes(event):
            event.ignore()
        else:
            super().keyPressEvent(event)
            self._words.follow()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.meaning_under(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def meaning_under(self, place: QPoint) -> str:
        """What the word at a place of the viewport means."""
        cursor = self.cursorForPosition(place)
        before = self.toPlainText().encode("utf-16-le")[: 2 * cursor.position()].decode("utf-16-le", "ignore")
        return meaning_at(self.toPlainText(), len(before))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        # Qt tells of a new theme a dozen times over.
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_highlighter") and self._theme is not theme.current():
            self._theme = theme.current()
            self._highlighter.rehighlight()
            self._mark_lines()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))

    def numbers_width(self) -> int:
        """What line numbers take, in pixels."""
        digits = max(3, len(str(self.blockCount())))
        return QFontMetrics(self.font()).horizontalAdvance("0") * (digits + 2) + 2 * GUTTER

    def paint_numbers(self, painter: QPainter, area: QRect) -> None:
        """Draw the numbers of the lines in view."""
        colors = theme.current()
        painter.fillRect(area, colors.color("panel"))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        height = QFontMetrics(self.font()).height()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > area.bottom():
                return
            number = block.blockNumber() + 1
            box = QRect(GUTTER, round(place.top()), self._numbers.width() - 2 * GUTTER, height)
            if number in self._faults:
                painter.setPen(colors.color("error"))
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft, FAULT_SIGN)
            painter.setPen(colors.color("error" if number in self._faults else "muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, str(number))
            block = block.next()

    def _set_margin(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    def _follow(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._numbers.scroll(0, scrolled)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def _mark_lines(self) -> None:
        """The line with the text cursor, and over it the lines at fault."""
        colors = theme.current()
        marks = [_whole_line(self.textCursor(), colors.color("panel"))]
        color = colors.color("error")
        color.setAlpha(FAULT_ALPHA)
        marks += [_whole_line(QTextCursor(self.document().findBlockByNumber(line - 1)), color) for line in self._faults]
        self.setExtraSelections(marks)


def _whole_line(cursor: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.cursor.clearSelection()
    mark.format.setBackground(color)
    mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    return mark


def _position(text: str, characters: int) -> int:
    """A place in a text as Qt counts it, in UTF-16 units."""
    return len(text[:characters].encode("utf-16-le")) // 2


class _LineNumbers(QWidget):
    """The strip at the left of the editor."""

    def __init__(self, editor: ProfileEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(self._editor.numbers_width(), 0)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._editor.fault_at(event.pos().y()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        self._editor.paint_numbers(QPainter(self), event.rect())


class _Highlighter(QSyntaxHighlighter):
    """Headers bold, comments and punctuation muted, placeholder provenances underlined with dots."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:  # noqa: N802  # Qt's name
        muted = QTextCharFormat()
        muted.setForeground(theme.current().color("muted"))
        if HEADER.match(text):
            bold = QTextCharFormat()
            bold.setFontWeight(QFont.Weight.Bold)
            self.setFormat(0, len(text), bold)
        for token in TOKENS.finditer(text):
            if token["string"]:
                if token["string"] == PLACEHOLDER:
                    self.setFormat(token.start(), token.end() - token.start(), _dotted())
            elif token["comment"] or not HEADER.match(text):
                self.setFormat(token.start(), token.end() - token.start(), muted)


def _dotted() -> QTextCharFormat:
    form = QTextCharFormat()
    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    form.setUnderlineColor(theme.current().color("edge"))
    return form
