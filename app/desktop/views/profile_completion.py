"""The words that may stand at the text cursor, in a list below it; Enter takes one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from app.analysis.fit.profile_help import completions, place_at

WORD_ROLE = Qt.ItemDataRole.UserRole
POPUP_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Up, Qt.Key.Key_Down})
WIDEST = 560


class WordCompletion:
    """Offers words in an editor when it is asked to, and follows what is typed while the list is there."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        self._editor = editor
        self._model = QStandardItemModel(editor)
        self._completer = QCompleter(self._model, editor)
        self._completer.setWidget(editor)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._popup = QListView()
        self._popup.setObjectName("profile-words")
        self._popup.setAccessibleName("Words that may stand here")
        self._completer.setPopup(self._popup)
        self._completer.activated[QModelIndex].connect(self._take)  # type: ignore[index]  # the overload by type is not in the stubs

    @property
    def is_shown(self) -> bool:
        return self._popup.isVisible()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the list, which handles it after the editor has let it go."""
        return self.is_shown and event.key() in POPUP_KEYS

    def offer(self) -> None:
        """Show what may stand at the text cursor; nothing where any word may."""
        text, position = _before(self._editor.textCursor())
        words = completions(text, position)
        self._model.clear()
        for word, meaning in words:
            item = QStandardItem(f"{word}  –  {meaning}")
            item.setData(word, WORD_ROLE)
            item.setToolTip(meaning)
            self._model.appendRow(item)
        if not words:
            self._popup.hide()
            return
        area = self._editor.cursorRect()
        area.translate(self._editor.viewport().pos())
        area.setWidth(min(WIDEST, self._editor.width() - 20))
        self._completer.complete(area)
        self._popup.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def follow(self) -> None:
        """Something was typed or deleted: offer anew while the list is there."""
        if self.is_shown:
            self.offer()

    def _take(self, index: QModelIndex | QPersistentModelIndex) -> None:
        cursor = self._editor.textCursor()
        text, position = _before(cursor)
        typed = place_at(text, position).typed
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(typed))
        cursor.insertText(str(index.data(WORD_ROLE)))
        self._editor.setTextCursor(cursor)


def _before(cursor: QTextCursor) -> tuple[str, int]:
    """The whole text, and the text cursor's place in it in characters, which Qt counts in UTF-16 units."""
    text = cursor.document().toPlainText()
    units = text.encode("utf-16-le")[: 2 * cursor.position()]
    return text, len(units.decode("utf-16-le", "ignore"))
